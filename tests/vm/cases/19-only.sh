#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A session for one driver tracks that driver's objects only, and these exactly: loaded before
# the session and during it, through a library module, freed by kfree, in bulk and by RCU; what
# others allocate and free never comes into the table.
# only: 7.2
# time: 250
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=300
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for kind in $(echo $SLAB_KINDS); do
	size=200
	[ \$kind = large ] && size=20000
	ctl alloc \$kind $K \$size
done
exec 3<<<"others work too"
END
undo()
{
	local kind
	for kind in $SLAB_KINDS; do
		ctl free "$kind" 0 direct
	done
}
objects()
{
	jq '[.owners[] | select(.owner == "drvmem_test") | .sites[] | {site, cache, live_objects, live_bytes}] | sort' "$1"
}
traced all.json undo -- bash work.sh
undo
traced only.json undo -m drvmem_test -- bash work.sh
same "objects of the driver, with and without the others" "$(objects only.json)" "$(objects all.json)"
same "owners_only" "$(jq .meta.owners_only only.json)" true
same "unmatched frees" "$(jq .unmatched_frees only.json)" null
# some whose stack could not be had would be kept: there were none
same "objects in the table" "$(jq .meta.table.live only.json)" "$(owned only.json drvmem_test live_objects)"
[ "$(jq .meta.table.live all.json)" -gt "$(jq .meta.table.live only.json)" ] ||
	fail "others held nothing: the comparison says nothing"

cat >frees.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
ctl alloc kmalloc $K 200
ctl free kmalloc $K direct
ctl alloc ucache $K 200
ctl free ucache $K bulk
ctl alloc kmalloc $K 300
ctl free kmalloc $K rcu
END
undo
traced freed.json undo -m 'drvmem_t*' -- bash frees.sh
same "allocations" "$(at_site freed.json drvmem_test '^alloc_(kmalloc|ucache)[+]' allocs)" $((3 * K))
echo "its other sites: $(jq -c '[.owners[] | select(.owner == "drvmem_test") | .sites[] |
	select(.site | test("^alloc_(kmalloc|ucache)[+]") | not) | {site, allocs, frees, stack}]' freed.json)"
same "live after all were freed" "$(owned freed.json drvmem_test live_objects)" 0
same "frees" "$(owned freed.json drvmem_test frees)" "$(owned freed.json drvmem_test allocs)"
unload drvmem_test

# nobody is there yet, then a second load: its init allocates
cat >later.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_test
ctl alloc kmalloc $K 200
END
gone()
{
	unload drvmem_test
}
traced later.json gone -m drvmem_test -- bash later.sh
same "objects of a driver that came later" "$(at_site later.json drvmem_test "$(site_of kmalloc)" live_objects)" $K
gone
traced later-all.json gone -- bash later.sh
# But for the nodes of ids (kernfs): whether a load needs a new one depends on the ids before it.
sites_of()
{
	jq -c '[.owners[] | select(.owner == "drvmem_test") | .sites[] | select(.cache != "radix_tree_node") |
		{site, allocator, cache, live_objects}] | sort | .[]' "$1"
}
diff <(sites_of later.json) <(sites_of later-all.json) || fail "it allocated otherwise"
same "sites of its load and work" "$(($(sites_of later.json | wc -l) > 10))" 1
gone
exit 0
