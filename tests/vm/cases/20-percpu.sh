#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Percpu memory of the test driver: K objects are exactly K, each its size on every possible CPU,
# from the process and from a work item, and gone after they are freed; the live test holds too.
# time: 90
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=200 SIZE=200
CPUS=$(getconf _NPROCESSORS_CONF)
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc percpu $K $SIZE
ctl alloc percpu $K $SIZE wq
END
undo()
{
	ctl free percpu 0 direct
}
# of FILE FIELD
of()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .allocators.percpu.$2] | add" "$1"
}
traced out.json undo -- bash work.sh
same "objects" "$(of out.json live_objects)" $((2 * K))
same "bytes" "$(of out.json live_bytes)" $((2 * K * SIZE * CPUS))
same "held" "$(of out.json held_bytes)" $((2 * K * SIZE * CPUS))
same "objects at the driver's function" "$(at_site out.json drvmem_test '^alloc_percpu_kind[+]' live_objects)" $((2 * K))
same "unloaded caches of percpu" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .sites[] |
	select(.allocator == "percpu") | .cache] | unique | join(",")' out.json)" '"percpu"'
undo

cat >frees.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc percpu $K $SIZE
ctl free percpu 0 direct
END
traced freed.json undo -- bash frees.sh
same "allocations" "$(of freed.json allocs)" $K
same "frees" "$(of freed.json frees)" $K
same "live after all were freed" "$(of freed.json live_objects) $(of freed.json live_bytes)" "0 0"
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

"$DRVMEM_TREE/build/tests/bpf/test_percpu" >live.txt || fail "$(cat live.txt)"
cat live.txt
unload drvmem_test
exit 0
