# SPDX-License-Identifier: GPL-2.0-or-later
# Ends of a live run: Ctrl-C, SIGTERM, commands, intervals, patterns. Needs to trace. A
# command starts when tracing is active, so it says when to send a signal: no sleeps.
. "$(dirname "$0")/../lib/contract.sh"

if ! can_trace; then
	skip "live" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

run report -- true
expect "a command" 0 ""
grep -q '^TOTAL' "$TMP/out" && ok "the report has a total" || not_ok "the report has a total" "none"
grep -Eq '^loss (0|≥|>=)' "$TMP/out" && ok "the report leads with the loss" ||
	not_ok "the report leads with the loss" "$(head -5 "$TMP/out")"
run report -- sh -c 'exit 7'
expect "a command that fails" 0 "ended with status 7"
run report -- "$TMP/nonexistent"
expect "a command that cannot start" 2 "cannot start"
run report -- sh -c 'kill -INT $PPID; kill -STOP $$'
expect "SIGINT finishes and prints" 0 ""
grep -q '^TOTAL' "$TMP/out" && ok "SIGINT: the report is whole" || not_ok "SIGINT: the report is whole" "no total"
run report -- sh -c 'kill -TERM $PPID; kill -STOP $$'
if [ "$rc" -eq 143 ] && grep -q '^TOTAL' "$TMP/out"; then
	ok "SIGTERM finishes, prints, 143"
else
	not_ok "SIGTERM finishes, prints, 143" "status $rc"
fi

run report 200ms 3
n=$(grep -c '^TOTAL' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$n" -eq 3 ] && ok "INTERVAL COUNT" || not_ok "INTERVAL COUNT" "status $rc, $n reports"
run report --duration 500ms 200ms
n=$(grep -c '^TOTAL' "$TMP/out")
[ "$n" -eq 3 ] && ok "INTERVAL and --duration" || not_ok "INTERVAL and --duration" "$n reports"
run report -f json 200ms 2
n=$(grep -c '^{"schema_version":1,.*}$' "$TMP/out")
[ "$n" -eq 2 ] && ok "one line of JSON a report" || not_ok "one line of JSON a report" "$n lines"

# the classes and the rest are MemTotal to the byte: no class is counted twice or left out
run report --system -f json 200ms 2
n=$(awk '{
	classes = total = rest = $0
	sub(/.*"classes":[{]/, "", classes); sub(/[}].*/, "", classes)
	sub(/.*"ram":[{]"total":/, "", total); sub(/.*"unaccounted":/, "", rest)
	n = split(classes, f, ","); sum = 0
	for (i = 1; i <= n; i++) if (split(f[i], kv, ":") == 2 && kv[2] ~ /^[0-9]+$/) sum += kv[2]
	if (sum > 0 && sum + rest + 0 == total + 0) ok++
} END { print ok + 0 }' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$n" -eq 2 ] && ok "--system adds up to MemTotal" ||
	not_ok "--system adds up to MemTotal" "status $rc, $n of 2 reports"
run report --system -- true
grep -q '^MemTotal ' "$TMP/out" && grep -q '^is a driver the cause?' "$TMP/out" && ok "--system as text" ||
	not_ok "--system as text" "status $rc"

run report -f json -o "$TMP/r.json" -- true
if [ "$rc" -eq 0 ] && [ ! -s "$TMP/out" ] && is_json "$TMP/r.json"; then
	ok "-f json -o FILE"
else
	not_ok "-f json -o FILE" "status $rc"
fi
run report -m no_such_module -- true
expect "a pattern that fits no owner" 2 "no owner matches 'no_such_module'"
run report --cache no_such_cache -- true
expect "a pattern that fits no cache" 2 "no cache matches"
run report -m kernel --by site --sort allocs -- true
expect "owner kernel" 0 ""
for by in owner site cache stack; do
	run report --by $by -- true
	grep -q '^TOTAL' "$TMP/out" && ok "--by $by" || not_ok "--by $by" "status $rc"
done

run report --pools -- true
expect "pools" 0 ""
n=$(grep -cE '^(kmem_cache|dma_pool|page_pool|mempool)( \([0-9]+\))? ' "$TMP/out")
[ "$n" -eq 4 ] && ok "every kind of pool has a row" || not_ok "every kind of pool has a row" "$n rows"
run report --pools -f json -o "$TMP/p.json" -- true
if is_json "$TMP/p.json" && grep -q '"pool_sources":.*"pools":\[' "$TMP/p.json"; then
	ok "pools as JSON"
else
	not_ok "pools as JSON" "status $rc"
fi
run report --pools --cache no_such_cache -- true
expect "a pattern that fits no pool" 2 "no cache matches"
run metrics --pools --duration 200ms
expect "pools as metrics" 0 ""

run leaks --older 0 -- true
case $rc in
0 | 1) ok "leaks" ;;
*) not_ok "leaks" "status $rc: $(cat "$TMP/err")" ;;
esac
run leaks --older 0 --fail-over 1G -- true
expect "leaks: less than what counts" 0 ""
run leaks --older 1h -- true
expect "leaks: nothing found" 0 ""
# a window between two marks, which the command sets itself
run leaks --marks --max-loss 1000000 -f json -- sh -c '"$DRVMEM" mark && "$DRVMEM" mark >/dev/null && "$DRVMEM" mark'
if [ "$rc" -le 1 ] && grep -q 'has all its marks' "$TMP/err" && grep -q '"closed":true,"aifi":{"objects":[1-9]' "$TMP/out"; then
	ok "leaks --marks"
else
	not_ok "leaks --marks" "status $rc: $(head -c 300 "$TMP/err")"
fi
"$DRVMEM" leaks --marks --max-loss 1000000 -f json >"$TMP/out" 2>"$TMP/err" &
pid=$!
until ls -l /proc/$pid/fd 2>/dev/null | grep -q memfd:drvmem-marks; do [ -d /proc/$pid/fd ] || break; done
while [ -e /proc/$pid/fd/1 ]; do kill -USR1 $pid 2>/dev/null; done
wait $pid
rc=$?
[ "$rc" -le 1 ] && grep -q '"closed":true' "$TMP/out" && ok "SIGUSR1 is a mark" ||
	not_ok "SIGUSR1 is a mark" "status $rc: $(head -c 300 "$TMP/err")"
run leaks --marks --max-loss 1000000 -- "$DRVMEM" mark -o "$TMP/mark"
[ "$rc" -le 1 ] && grep -q '^from the mark on (' "$TMP/out" && ok "one mark" || not_ok "one mark" "status $rc"
run leaks --marks -- true
expect "no mark" 2 "no mark came while drvmem traced"
# another drvmem may be at work here
if ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q memfd:drvmem-marks; then
	skip "mark: no session" "there is one of somebody else's"
else
	run mark
	expect "mark: no session" 2 "no session of drvmem takes marks"
fi
run mark $$
expect "mark: no session there" 2 "process $$ is no session"
run mark 1 2 3
expect "mark: no process" 2 "number of one process"
# two sessions, one in the other's command: which is meant must be said
run leaks --marks -f json -- "$DRVMEM" leaks --marks -f json -o "$TMP/inner.json" -- \
	sh -c '"$DRVMEM" mark -o /dev/null; unset DRVMEM_SESSION; "$DRVMEM" mark'
if grep -q 'several sessions take marks' "$TMP/err" && grep -q '"closed":false' "$TMP/inner.json"; then
	ok "two sessions that take marks"
else
	not_ok "two sessions that take marks" "status $rc: $(head -c 300 "$TMP/err")"
fi

if [ -e /proc/modules ]; then
	run verify drvmem_no_such_module --timeout 300ms --max-loss 1000000
	expect "verify: a module that never comes" 2 "no module 'drvmem_no_such_module' was loaded"
	run verify drvmem_no_such_module -- true
	expect "verify: a command that does not load it" 2 "no module 'drvmem_no_such_module' was loaded"
	run verify drvmem_no_such_module -- "$TMP/nonexistent"
	expect "verify: a command that cannot start" 2 "cannot start"
else
	run verify drvmem_no_such_module -- touch "$TMP/started"
	expect "verify: no modules here" 3 "this kernel has no loadable modules"
	[ ! -e "$TMP/started" ] && ok "verify: the command is not started" ||
		not_ok "verify: the command is not started" "it ran"
fi
# a device that has a driver, and a name on one bus only
device=
for d in /sys/bus/*/devices/*/driver; do
	[ -e "$d" ] || continue
	d=${d%/driver}
	set -- /sys/bus/*/devices/"${d##*/}"
	[ $# -ne 1 ] || { device=${d##*/}; break; }
done
if [ -n "$device" ]; then
	run verify --device "$device" -f json -- true
	if [ "$rc" -eq 4 ] && is_json "$TMP/out" && grep -q '"verdict":"not unbound"' "$TMP/out"; then
		ok "verify: a device that stays bound"
	else
		not_ok "verify: a device that stays bound" "$device: status $rc: $(head -c 200 "$TMP/err")"
	fi
	run verify --device "$device" --timeout 300ms
	[ "$rc" -eq 4 ] && grep -q ": not unbound  (driver " "$TMP/out" && ok "verify: --timeout" ||
		not_ok "verify: --timeout" "$device: status $rc: $(head -c 200 "$TMP/err")"
	run verify --device "$device" -- sh -c 'kill -TERM $PPID; kill -STOP $$'
	[ "$rc" -eq 143 ] && grep -q ": not unbound" "$TMP/out" && ok "verify: SIGTERM finishes, prints, 143" ||
		not_ok "verify: SIGTERM finishes, prints, 143" "status $rc"
	run verify --device "$device" -- "$TMP/nonexistent"
	expect "verify: a device, and a command that cannot start" 2 "cannot start"
else
	skip "verify --device" "no device here has a driver"
fi
run metrics --textfile "$TMP/m.prom" -- true
if [ "$rc" -eq 0 ] && grep -q '^drvmem_build_info{' "$TMP/m.prom" && [ ! -s "$TMP/out" ]; then
	ok "metrics --textfile"
else
	not_ok "metrics --textfile" "status $rc"
fi
case $(ls -l "$TMP/m.prom") in
-rw-r--r--*) ok "the textfile can be read by all" ;;
*) not_ok "the textfile can be read by all" "$(ls -l "$TMP/m.prom")" ;;
esac
if command -v promtool >/dev/null 2>&1; then
	promtool check metrics <"$TMP/m.prom" >"$TMP/lint" 2>&1 && ok "promtool" ||
		not_ok "promtool" "$(head -3 "$TMP/lint" | tr '\n' ' ')"
else
	skip "promtool" "not installed (apt-get install prometheus)"
fi

LC_ALL=C; export LC_ALL
run report -- true
LC_ALL=C grep -q '[^ -~]' "$TMP/out" && not_ok "LANG=C is ASCII" "$(LC_ALL=C grep -n '[^ -~]' "$TMP/out" | head -1)" ||
	ok "LANG=C is ASCII"
finish
