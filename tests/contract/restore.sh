# SPDX-License-Identifier: GPL-2.0-or-later
# Settings of the kernel that a run changes are restored, whoever dies: on files below a directory of
# the test's own, where the kernel has its. Waits are for conditions.
. "$(dirname "$0")/../lib/contract.sh"

ROOT=$TMP/root
INTERVAL=$ROOT/sys/module/kfence/parameters/sample_interval
STATE=$ROOT/run/drvmem/settings
KMSG=$ROOT/dev/kmsg
DRVMEM_SYSROOT=$ROOT
export DRVMEM_SYSROOT INTERVAL STATE KMSG DRVMEM TMP
mkdir -p "${INTERVAL%/*}" "$ROOT/run" "$ROOT/dev" "$ROOT/sys/kernel/debug/failslab"
echo 0 >"$INTERVAL"
: >"$KMSG"

# is NAME FILE VALUE
is() {
	[ "$(cat "$2")" = "$3" ] && ok "$1" || not_ok "$1" "$2 is '$(cat "$2")', should be '$3'"
}

# until_is FILE VALUE: waits for it, ten seconds at most
until_is() {
	n=0
	until [ "$(cat "$1")" = "$2" ] || [ $n -ge 100 ]; do
		n=$((n + 1))
		sleep 0.1
	done
	[ "$(cat "$1")" = "$2" ]
}

run restore
expect "restore: nothing is left" 0 "nothing is left to restore"
run restore -f json
[ "$rc" -eq 0 ] && is_json "$TMP/out" && grep -q '"restored":\[\]' "$TMP/out" && ok "restore: nothing, as JSON" ||
	not_ok "restore: nothing, as JSON" "$(cat "$TMP/out")"

# what a run left that died with its guard
mkdir "${STATE%/*}"
state() {
	(umask 077 && printf 'drvmem settings 1\npid\t1\t1\n%bend\n' "$1" >"$STATE")
}
echo 0x1000 >"$ROOT/sys/kernel/debug/failslab/require-start"
echo 55 >"$ROOT/sys/kernel/debug/failslab/probability"
echo 10 >"$INTERVAL"
state 'failslab/probability\t3\t0\nfailslab/require-start\t0x0\t\nkfence/sample_interval\t100\t\n'
run restore
expect "restore" 0 ""
grep -q '^failslab/require-start  *0x0' "$TMP/out" && ok "restore: it is told" || not_ok "restore: it is told" "$(cat "$TMP/out")"
is "restore: probability" "$ROOT/sys/kernel/debug/failslab/probability" 3
is "restore: range" "$ROOT/sys/kernel/debug/failslab/require-start" 0x0
is "restore: KFENCE" "$INTERVAL" 100
[ ! -e "$STATE" ] && ok "restore: the state is gone" || not_ok "restore: the state is gone" "$STATE"
state 'failslab/none\t3\t\nkfence/sample_interval\t0\t\n'
run restore
expect "restore: one cannot be" 5 "cannot restore .*/failslab/none \\(ENOENT\\)"
is "restore: the other is" "$INTERVAL" 0
[ -e "$STATE" ] && ok "restore: the state stays" || not_ok "restore: the state stays" "gone"
state '../etc/passwd\t3\t\n'
run restore
expect "restore: no setting of ours" 5 "is no state of settings"
state ''
chmod 666 "$STATE"
run restore
expect "restore: a state that others can write to" 3 "is not this user's alone"
rm -f "$STATE"

run verify x --faults memory
expect "faults: what can fail" 2 "what can fail is slab and page"
run verify x --faults slab:probability=0
expect "faults: numbers" 2 "probability=1..100"
run verify --device x --faults slab
expect "faults: not of a device" 2 "exclude each other"
run verify x --kfence-interval 10parsecs
expect "kfence: interval" 2 "10parsecs"

if ! can_trace; then
	skip "restore: runs" "cannot trace here ('drvmem doctor' says why)"
	finish
fi
device=
for d in /sys/bus/*/devices/*/driver; do
	[ -e "$d" ] || continue
	d=${d%/driver}
	set -- /sys/bus/*/devices/"${d##*/}"
	[ $# -ne 1 ] || { device=${d##*/}; break; }
done
if [ -z "$device" ]; then
	skip "restore: runs" "no device here has a driver"
	finish
fi

# ---- a run that ends
run verify --device "$device" --kfence -f json -- sh -c '
	cat "$INTERVAL" >"$TMP/during"
	echo "3,1,1,-;BUG: KFENCE: invalid free in f+0x1/0x2 [drvmem_nobody]" >>"$KMSG"'
[ "$rc" -eq 4 ] && is_json "$TMP/out" && ok "kfence: a run" || not_ok "kfence: a run" "status $rc: $(head -c 300 "$TMP/err")"
is "kfence: on meanwhile" "$TMP/during" 10
is "kfence: off again" "$INTERVAL" 0
grep -q '"memory_errors":{"named":0,"others":1,.*"where":"f+0x1 \[drvmem_nobody\]".*"kfence_interval_ms":10' "$TMP/out" &&
	ok "kfence: the report is told" || not_ok "kfence: the report is told" "$(grep -o '"memory_errors.*' "$TMP/out" | head -c 300)"
run verify --device "$device" --kfence --kfence-interval 1s -- "$TMP/nonexistent"
expect "kfence: a command that cannot start" 2 "cannot start"
is "kfence: off after an error" "$INTERVAL" 0
[ ! -e "$STATE" ] && ok "kfence: no state is left" || not_ok "kfence: no state is left" "$STATE"

# ---- one at a time
run verify --device "$device" --kfence -- sh -c '
	"$DRVMEM" verify --device "$1" --kfence -- true >"$TMP/second" 2>&1; echo $? >>"$TMP/second"
	"$DRVMEM" restore >"$TMP/third" 2>&1; echo $? >>"$TMP/third"
	cat "$INTERVAL" >"$TMP/during"' sh "$device"
grep -q "another run has settings of the kernel changed (process [1-9]" "$TMP/second" && [ "$(tail -n 1 "$TMP/second")" = 3 ] &&
	ok "a second run is refused" || not_ok "a second run is refused" "$(cat "$TMP/second")"
grep -q "another run has settings" "$TMP/third" && [ "$(tail -n 1 "$TMP/third")" = 3 ] &&
	ok "restore while one runs is refused" || not_ok "restore while one runs is refused" "$(cat "$TMP/third")"
is "neither changes anything" "$TMP/during" 10

# ---- killed, alone and with its guard
run verify --device "$device" --kfence -- sh -c 'cat "$INTERVAL" >"$TMP/during"; kill -9 $PPID'
[ "$rc" -eq 137 ] && ok "killed" || not_ok "killed" "status $rc"
is "killed: it was on" "$TMP/during" 10
until_is "$INTERVAL" 0 && ok "killed: the guard restores" || not_ok "killed: the guard restores" "$(cat "$INTERVAL")"
n=0
while [ -e "$STATE" ] && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.1; done
[ ! -e "$STATE" ] && ok "killed: no state is left" || not_ok "killed: no state is left" "$STATE"
run verify --device "$device" --kfence -- sh -c 'kill -9 $(sed -n "s/^pid\t[0-9]*\t//p" "$STATE") $PPID'
[ "$rc" -eq 137 ] && ok "both killed" || not_ok "both killed" "status $rc"
is "both killed: it is still on" "$INTERVAL" 10
run verify --device "$device" --kfence -- true
expect "both killed: another run is refused" 3 "drvmem restore"
run restore
expect "both killed: restore" 0 ""
is "both killed: off again" "$INTERVAL" 0
run verify --device "$device" --kfence -- true
[ "$rc" -eq 4 ] && ok "and the next one runs" || not_ok "and the next one runs" "status $rc: $(head -c 300 "$TMP/err")"

# ---- what is not there
rm "$KMSG"
run verify --device "$device" --kfence -- true
expect "kfence: without the log" 3 "cannot read the kernel's log"
run verify --device "$device" -- true
[ "$rc" -eq 4 ] && grep -q "log cannot be read (ENOENT)" "$TMP/out" && ok "without --kfence that is told" ||
	not_ok "without --kfence that is told" "status $rc"
: >"$KMSG"
rm "$INTERVAL" && mkdir "$INTERVAL"
run verify --device "$device" --kfence -- touch "$TMP/started"
expect "kfence: an interval that cannot be read" 3 "sample_interval"
rmdir "$INTERVAL"
# one that root may read and nobody may write
ln -s /proc/sys/kernel/ostype "$INTERVAL"
run verify --device "$device" --kfence -- touch "$TMP/started"
expect "kfence: an interval that cannot be written" 3 "cannot set .*sample_interval to 10 \\(E"
[ ! -e "$STATE" ] && ok "kfence: no state is left of that" || not_ok "kfence: no state is left of that" "$STATE"
rm "$INTERVAL"
run verify --device "$device" --kfence -- touch "$TMP/started"
expect "kfence: a kernel without" 3 "no KFENCE"
[ ! -e "$TMP/started" ] && ok "kfence: the command is not started" || not_ok "kfence: the command is not started" "it ran"
finish
