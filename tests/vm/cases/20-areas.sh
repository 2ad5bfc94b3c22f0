#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Percpu and vmalloc memory of the test driver: K objects are exactly K, each its size on every
# possible CPU, or its pages; from the process and from a work item, and gone after they are freed.
# What vmap and ioremap make is no object. The live tests hold too.
# only: 5.10 6.12
# time: 240
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=200 SIZE=200 AREA=20000 LARGE=8388608
CPUS=$(getconf _NPROCESSORS_CONF)
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc percpu $K $SIZE
ctl alloc percpu $K $SIZE wq
ctl alloc vmalloc $K $AREA
ctl alloc vmalloc $K $AREA wq
# the array of its pages is an area of its own, the kernel's
ctl alloc vmalloc 3 $LARGE
END
undo()
{
	ctl free percpu 0 direct
	ctl free vmalloc 0 direct
}
# of FILE FIELD [ALLOCATOR]
of()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .allocators.${3:-percpu}.$2] | add" "$1"
}
traced out.json undo --walk verify -- bash work.sh
echo "stack_walks: $(jq -c .stack_walks out.json)"
same "walks that differ from the kernel's" "$(jq .stack_walks.mismatch out.json)" 0
same "objects" "$(of out.json live_objects)" $((2 * K))
same "bytes" "$(of out.json live_bytes)" $((2 * K * SIZE * CPUS))
same "held" "$(of out.json held_bytes)" $((2 * K * SIZE * CPUS))
same "objects at the driver's function" "$(at_site out.json drvmem_test '^alloc_percpu_kind[+]' live_objects)" $((2 * K))
same "unloaded caches of percpu" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .sites[] |
	select(.allocator == "percpu") | .cache] | unique | join(",")' out.json)" '"percpu"'
same "areas" "$(of out.json live_objects vmalloc)" $((2 * K + 3))
same "bytes of areas" "$(of out.json live_bytes vmalloc)" $((2 * K * 20480 + 3 * LARGE))
same "bytes held of areas" "$(of out.json held_bytes vmalloc)" $((2 * K * 20480 + 3 * LARGE))
same "areas at the driver's function" "$(at_site out.json drvmem_test '^alloc_vmalloc[+]' live_objects)" $((2 * K + 3))
undo

cat >frees.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc percpu $K $SIZE
ctl free percpu 0 direct
ctl alloc vmalloc $K $AREA
ctl free vmalloc 0 direct
END
traced freed.json undo -- bash frees.sh
same "allocations" "$(of freed.json allocs)" $K
same "frees" "$(of freed.json frees)" $K
same "live after all were freed" "$(of freed.json live_objects) $(of freed.json live_bytes)" "0 0"
same "areas taken and given back" "$(of freed.json allocs vmalloc) $(of freed.json frees vmalloc)" "$K $K"
same "areas left" "$(of freed.json live_objects vmalloc) $(of freed.json live_bytes vmalloc)" "0 0"
traced only.json undo -m drvmem_test -- bash frees.sh
same "frees in a session for the driver" "$(of only.json frees) $(of only.json live_objects)" "$K 0"

# in a timer only what is populated already can be had: each run ends at the first failure
cat >fail.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for i in 1 2 3; do
	printf 'alloc percpu 5000 16000 timer' >"\$DEBUGFS/\$MODULE/ctl"
done 2>/dev/null
END
undo
traced fail.json undo -- bash fail.sh
field percpu live
same "failures" "$(of fail.json failures)" 3
same "objects beside the failures" "$(of fail.json live_objects)" "$VALUE"
undo

# Not on 7.2: its tracepoints can be preempted before and after our program too, and of a task that
# waits inside one the others' page frees are missed by the thousand (the loss is told).
if [ "$DRVMEM_KVER" != 7.2 ]; then
	"$DRVMEM_TREE/build/tests/bpf/test_areas" >live.txt || fail "$(cat live.txt)"
	cat live.txt
fi
unload drvmem_test
exit 0
