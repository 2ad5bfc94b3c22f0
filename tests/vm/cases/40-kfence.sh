#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 'drvmem verify --kfence': errors of the test driver that KFENCE reports are the module's, in the verdict; its
# sample interval is restored, also when drvmem is killed, and when its guard is too.
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
	"$DRVMEM" verify -f json -o "$file" --reach off --track-max 200000 --max-loss 1000000 --grace 2s "$@"
	got=$?
	case $want in
	*" $got "*) ;;
	*) [ ! -e "$file" ] || jq -c '.memory_errors, .instances[].leftovers' "$file"
		fail "$file: status $got, should be one of$want" ;;
	esac
}

[ -e $INTERVAL ] || skip "this kernel has no KFENCE"
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

exit 0
