#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 'drvmem verify --kfence': errors of the test driver that KFENCE reports are the module's, in the verdict; its
# sample interval is restored, also when drvmem is killed, and when its guard is too. Where the kernel has no
# fault injection '--faults' says which part is missing; on files of the case's own it aims at the module.
# only: 6.12
# time: 300
# expect-kernel: BUG: KFENCE: use-after-free read in read_after_free
# expect-kernel: BUG: KFENCE: (memory corruption|out-of-bounds write) in write_beyond
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

INTERVAL=/sys/module/kfence/parameters/sample_interval
STATE=/run/drvmem/settings

interval()
{
	read -r VALUE <"$INTERVAL"
	[ "$VALUE" = "$1" ]
}

# verified FILE STATUS... -- OPTION...
verified()
{
	local file=$1 want='' got
	shift
	while [ "$1" != -- ]; do
		want="$want $1 "
		shift
	done
	shift
	"$DRVMEM" verify -f json -o "$file" --track-max 200000 --max-loss 1000000 --grace 2s "$@"
	got=$?
	case $want in
	*" $got "*) ;;
	*) [ ! -e "$file" ] || jq -c '.memory_errors, .instances[].leftovers' "$file"
		fail "$file: status $got, should be one of$want" ;;
	esac
}

# ---- what this kernel has not
if [ ! -d $DEBUGFS/failslab ]; then
	"$DRVMEM" verify drvmem_test --faults slab,page -- touch started 2>err
	same "status of --faults" $? 3
	for part in FAULT_INJECTION FAILSLAB FAIL_PAGE_ALLOC FAULT_INJECTION_DEBUG_FS FAULT_INJECTION_STACKTRACE_FILTER; do
		grep -q "CONFIG_$part" err || fail "CONFIG_$part is not named: $(cat err)"
	done
	[ ! -e started ] || fail "the command was started"
	"$DRVMEM" doctor -f json -o doctor.json
	same "doctor's fault injection" "$(jq -r '.features[] | select(.name == "fault_injection") | .state' doctor.json)" no
fi
if [ ! -e $INTERVAL ]; then
	"$DRVMEM" verify drvmem_test --kfence -- true 2>err
	same "status of --kfence" $? 3
	grep -q "no KFENCE" err || fail "$(cat err)"
	skip "this kernel has no KFENCE"
fi
same "KFENCE's interval at boot" "$(cat $INTERVAL)" 0
"$DRVMEM" doctor -f json -o doctor.json
same "doctor's KFENCE" "$(jq -r '[(.features[] | select(.name == "kfence") | .state), .machine.kfence_interval_ms] | map(tostring) | join(",")' doctor.json)" no,0

# ---- errors of the driver, and none of its own
cat >errors.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
cat $INTERVAL >during
load drvmem_test
ctl misuse afterfree 2 guarded
ctl misuse beyond 1 guarded
unload drvmem_test
END
verified errors.json 1 -- --kfence --kfence-interval 5ms drvmem_test -- bash errors.sh
jq -c '.verdict, .memory_errors' errors.json
same "interval meanwhile" "$(cat during)" 5
same "interval after it" "$(cat $INTERVAL)" 0
same "interval in the result" "$(jq .kfence_interval_ms errors.json)" 5
# in a whole guest something may leak as well
case $(jq -r .verdict errors.json) in
"memory error" | leak) ;;
*) fail "the verdict is $(jq -r .verdict errors.json)" ;;
esac
[ "$(jq .memory_errors.named errors.json)" -ge 3 ] || fail "fewer than three reports name it"
same "reads after free" "$(jq '[.memory_errors.reports[] | select(.what == "use-after-free read" and .by == "KFENCE" and
	(.where | test("^read_after_free\\+.* \\[drvmem_test\\]$")) and .names_module) | .count] | add >= 2' errors.json)" true
same "writes beyond" "$(jq '[.memory_errors.reports[] | select((.where | test("^write_beyond\\+")) and .names_module) | .count] | add >= 1' errors.json)" true
"$DRVMEM" verify --kfence --grace 2s drvmem_test -- bash errors.sh >errors.txt
same "status, as text" $? 1
cat errors.txt
grep -q '^  KFENCE: use-after-free read in read_after_free+0x[0-9a-f]* \[drvmem_test\]' errors.txt || fail "no line of evidence"

cat >clean.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_test
ctl churn kmalloc 100 40
unload drvmem_test
END
verified clean.json 0 4 -- --kfence drvmem_test -- bash clean.sh
same "reports of a clean load" "$(jq -c '[.memory_errors.named, .memory_errors.others]' clean.json)" "[0,0]"

# ---- killed, alone and with its guard
"$DRVMEM" verify --kfence drvmem_test >/dev/null 2>&1 &
pid=$!
wait_until interval 10
kill -9 $pid
wait $pid 2>/dev/null
wait_until interval 0
"$DRVMEM" verify --kfence drvmem_test >/dev/null 2>&1 &
pid=$!
wait_until interval 10
read -r _ _ guard < <(sed -n 2p $STATE)
kill -9 "$guard" $pid
wait $pid 2>/dev/null
same "interval when both are killed" "$(cat $INTERVAL)" 10
"$DRVMEM" verify --kfence drvmem_test -- true 2>err
same "status of another run" $? 3
grep -q "drvmem restore" err || fail "$(cat err)"
"$DRVMEM" restore || fail "drvmem restore ended with $?"
same "interval restored" "$(cat $INTERVAL)" 0
[ ! -e $STATE ] || fail "$STATE stays"

# ---- faults, on files of its own: aimed at the module's code while it is there, and restored
root=$PWD/root
faults=$root/sys/kernel/debug/failslab
mkdir -p "$faults" "$root/run" "$root/dev"
: >"$root/dev/kmsg"
for f in probability=0 interval=1 times=1 space=0 verbose=2 verbose_ratelimit_interval_ms=0 task-filter=N \
	stacktrace-depth=32 require-start=0x0 require-end=0xffffffffffffffff reject-start=0x0 reject-end=0x0 \
	ignore-gfp-wait=N cache-filter=N; do
	echo "${f#*=}" >"$faults/${f%%=*}"
done
probability()
{
	read -r VALUE <"$faults/probability"
	[ "$VALUE" = "$1" ]
}
load drvmem_test
text=$(cat /sys/module/drvmem_test/sections/.text)
DRVMEM_SYSROOT=$root "$DRVMEM" verify --faults slab:probability=30,times=-1 --max-loss 1000000 drvmem_test >/dev/null 2>&1 &
pid=$!
wait_until probability 30
same "times" "$(cat "$faults/times")" -1
start=$(cat "$faults/require-start") end=$(cat "$faults/require-end")
[ $((start)) -le $((text)) ] && [ $((end)) -gt $((text)) ] || fail "$start to $end is not the module's code at $text"
unload drvmem_test
wait_until probability 0
wait $pid
same "range restored" "$(cat "$faults/require-start") $(cat "$faults/require-end") $(cat "$faults/times")" \
	"0x0 0xffffffffffffffff 1"
load drvmem_test
DRVMEM_SYSROOT=$root "$DRVMEM" verify --faults slab drvmem_test >/dev/null 2>&1 &
pid=$!
wait_until probability 10
kill -9 $pid
wait $pid 2>/dev/null
restored()
{
	probability 0 && [ ! -e "$root$STATE" ]
}
wait_until restored
same "range restored after a kill" "$(cat "$faults/require-start") $(cat "$faults/require-end")" "0x0 0xffffffffffffffff"
unload drvmem_test
exit 0
