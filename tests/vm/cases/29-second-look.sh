#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With a second program behind those of frees nothing is counted twice: K objects freed in every way
# are K frees, none is left, none is inferred; in a session for the driver and in a sampled one too.
# only: deep
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=300 SIZE=200
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for how in direct wq bulk rcu callrcu; do
	ctl alloc kmalloc $K $SIZE
	ctl free kmalloc 0 \$how
done
for how in direct bulk callrcu; do
	ctl alloc ucache $K 0
	ctl free ucache 0 \$how
done
ctl alloc large 20 20000
ctl free large 0 direct
ctl alloc kmalloc 10 $SIZE
ctl barrier
END
undo()
{
	ctl free kmalloc 0 direct
}
traced out.json undo --second-look on -- bash work.sh
echo "seen at the second look: $(jq .loss.made_up out.json)"
same "allocations" "$(owned out.json drvmem_test allocs)" $((8 * K + 30))
same "frees" "$(owned out.json drvmem_test frees)" $((8 * K + 20))
same "left" "$(owned out.json drvmem_test live_objects) $(owned out.json drvmem_test live_bytes)" "10 $((10 * SIZE))"
same "inferred" "$(owned out.json drvmem_test inferred_frees)" 0
undo
traced only.json undo --second-look on -m drvmem_test -- bash work.sh
same "in a session for the driver" \
	"$(owned only.json drvmem_test allocs) $(owned only.json drvmem_test frees)" "$((8 * K + 30)) $((8 * K + 20))"
undo
# each free of a sampled object is one
traced sampled.json undo --second-look on --sample 1K -- bash work.sh
jq -e '[.owners[] | select(.owner == "drvmem_test") | .allocs >= .frees and .live_objects >= 0] | all' \
	sampled.json >/dev/null || fail "more frees than allocations: $(jq -c '[.owners[] |
		select(.owner == "drvmem_test") | {allocs, frees, live_objects}]' sampled.json)"
undo
"$DRVMEM" report --second-look on --verbose -o verbose.txt -- true || fail "report ended with $?"
unload drvmem_test
exit 0
