#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 'drvmem verify --faults' and '--kfence' where the kernel has neither: which part is missing is named, and nothing
# is started. On files of the case's own in place of the kernel's failures are aimed at the module's code
# while it is there, and every setting is restored, also when drvmem is killed.
# only: 5.10
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

STATE=/run/drvmem/settings

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
if [ ! -e /sys/module/kfence/parameters/sample_interval ]; then
	"$DRVMEM" verify drvmem_test --kfence -- touch started 2>err
	same "status of --kfence" $? 3
	grep -q "no KFENCE" err || fail "$(cat err)"
	[ ! -e started ] || fail "the command was started"
fi

# ---- on files of its own: aimed at the module's code while it is there, and restored
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
