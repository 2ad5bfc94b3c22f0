#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 'drvmem verify --faults' on a kernel that has fault injection (no Debian one): allocations of the test driver
# fail, and of nobody else; its error path, which forgets an object when the next cannot be had, is a leak of
# exactly those; what failed is told with its stack; every setting is as it was, also when drvmem is killed.
# only: debug
# time: 400
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

[ -d $DEBUGFS/failslab ] || skip "this kernel has no fault injection (CONFIG_FAILSLAB)"
[ -e $DEBUGFS/failslab/require-start ] || skip "failures cannot be limited to code here (CONFIG_FAULT_INJECTION_STACKTRACE_FILTER)"

# every setting of fault injection, as it is
settings()
{
	grep -r . $DEBUGFS/failslab $DEBUGFS/fail_page_alloc 2>/dev/null | sort
}

probability()
{
	read -r VALUE <$DEBUGFS/failslab/probability
	[ "$VALUE" = "$1" ]
}

# values that a restore has to bring back; nothing fails by them
echo 3 >$DEBUGFS/failslab/interval
echo 4096 >$DEBUGFS/failslab/space
echo 17 >$DEBUGFS/failslab/stacktrace-depth
settings >before
"$DRVMEM" doctor -f json -o doctor.json
same "doctor's fault injection" "$(jq -r '.features[] | select(.name == "fault_injection") | .state' doctor.json)" yes

# The module's init is over before failures begin; what it is told to take then fails. Counts are the
# driver's own, written down before it goes.
cat >pairs.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"
aimed()
{
	local start
	read -r start <$DEBUGFS/failslab/require-start
	[ \$((start)) != 0 ]
}
load drvmem_test
wait_until aimed
cat $DEBUGFS/failslab/require-start $DEBUGFS/failslab/require-end /sys/module/drvmem_test/sections/.text >range
for _ in {1..10}; do
	ctl pairs kmalloc 30 100
	read -rt 0.2 -u "\$IDLE"	# the log is read meanwhile
done
field kmalloc leaked; echo "\$VALUE" >leaked
field kmalloc failed; echo "\$VALUE" >failed
unload drvmem_test
END

# Lost frees leave objects too many: such a run proves nothing and is repeated.
for _ in 1 2 3; do
	"$DRVMEM" verify -f json -o pairs.json --reach off --track-max 200000 --max-loss 1000000 --faults slab:probability=20,interval=1 \
		drvmem_test -- bash pairs.sh
	status=$?
	jq -c '.verdict, .lost_frees, .faults.injected, [.faults.stacks[] | [.by, .count, .module_frame]]' pairs.json
	settings >after
	diff before after || fail "settings are not as they were"
	[ "$(jq .lost_frees pairs.json)" != 0 ] || break
	[ ! -d /sys/module/drvmem_test ] || unload drvmem_test
done
same "lost frees" "$(jq .lost_frees pairs.json)" 0
leaked=$(cat leaked) failed=$(cat failed)
[ "$leaked" -gt 0 ] && [ "$failed" -gt "$leaked" ] || fail "of 300 pairs $failed failed and $leaked leaked"
same "status" $status 1
same "verdict" "$(jq -r .verdict pairs.json)" leak
left='[.instances[0].leftovers[] | select(.site | test("^alloc_kmalloc[+]"))]'
same "left of the error path" "$(jq -r "$left | \"\\(map(.objects) | add) \\(map(.bytes) | add)\"" pairs.json)" \
	"$leaked $((leaked * 100))"
# what kmemleak keeps of each object is taken under the module's code too: it fails without a word in the log
[ "$(jq '.instances[0].kinds.slab.failed' pairs.json)" -ge "$failed" ] || fail "fewer failures than the driver's $failed"
same "records of the log that were lost" "$(jq .faults.lost_records pairs.json)" 0
same "stacks without the module" "$(jq '[.faults.stacks[] | select(.module_frame == null)] | length' pairs.json)" 0
same "where" "$(jq '[.faults.stacks[] | select(.module_frame | test("^alloc_kmalloc[+].*drvmem_test")) | .count] | add' pairs.json)" "$failed"
{ read -r lo; read -r hi; read -r text; } <range
[ $((lo)) -le $((text)) ] && [ $((hi)) -gt $((text)) ] || fail "$lo to $hi is not the module's code at $text"
same "as text" "$("$DRVMEM" verify --faults slab:times=1,probability=100 --max-loss 1000000 drvmem_test -- bash pairs.sh |
	grep -c '^failures injected: 1, into 1 load$')" 1

# ---- killed, alone and with its guard
load drvmem_test
"$DRVMEM" verify --faults slab,page:probability=7 drvmem_test >/dev/null 2>&1 &
pid=$!
wait_until probability 7
kill -9 $pid
wait $pid 2>/dev/null
restored()
{
	settings >after
	cmp -s before after
}
wait_until restored
"$DRVMEM" verify --faults slab:probability=7 drvmem_test >/dev/null 2>&1 &
pid=$!
wait_until probability 7
read -r _ _ guard < <(sed -n 2p /run/drvmem/settings)
kill -9 "$guard" $pid
wait $pid 2>/dev/null
probability 7 || fail "it is restored, though both were killed"
"$DRVMEM" restore || fail "drvmem restore ended with $?"
restored || { diff before after; fail "settings are not as they were"; }
unload drvmem_test
exit 0
