#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What slab does without an event. Objects of an own cache, merged or not, taken in bulk from the
# process, a work item and a timer: K are exactly K and their bytes, 0 after the frees, however they
# are freed; the same of pages. Objects that krealloc lets grow or shrink in their place have the bytes asked last. The
# socket buffers that the network core takes in bulk are the kernel's, never a driver's.
# only: 6.1
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=333
load drvmem_test
undo()
{
	local kind
	for kind in cachebulk ucachebulk pagesbulk kgrow kshrink; do
		ctl free $kind 0 direct
	done
}
# site_of_kind KIND FIELD FILE
of()
{
	case $1 in
	cachebulk) at_site "$3" drvmem_test '^alloc_many_cache[+]' "$2" ;;
	pagesbulk) at_site "$3" drvmem_test '^alloc_many_pages[+]' "$2" ;;
	ucachebulk) at_site "$3" drvmem_test '^alloc_many_ucache[+]' "$2" ;;
	*) at_site "$3" drvmem_test "^alloc_$1[+]" "$2" ;;
	esac
}

cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for context in proc wq timer; do
	ctl alloc cachebulk $K 0 \$context
	ctl alloc ucachebulk $K 0 \$context
	ctl alloc pagesbulk $K 0 \$context
	for size in 64 240 8000 16384; do
		ctl alloc kgrow $K \$size \$context
	done
	for size in 200 20000; do
		ctl alloc kshrink $K \$size \$context
	done
done
END
traced out.json undo -- bash work.sh
! jq -e '.meta.not_seen[] | select(test("in bulk|krealloc"))' out.json || fail "a hook is not there"
same "objects taken in bulk" "$(of cachebulk live_objects out.json)" $((3 * K))
same "their bytes" "$(of cachebulk live_bytes out.json)" $((3 * K * 200))
same "objects of the own cache" "$(of ucachebulk live_objects out.json)" $((3 * K))
same "their bytes" "$(of ucachebulk live_bytes out.json)" $((3 * K * 184))
same "their events" "$(of ucachebulk allocs out.json)" $((3 * K))
same "the cache's objects" "$(in_cache out.json drvmem_test '^drvmem_test_ucache$' live_objects)" $((3 * K))
same "pages" "$(of pagesbulk live_objects out.json) $(of pagesbulk live_bytes out.json)" \
	"$((3 * K)) $((3 * K * 4096))"
# in place: as many allocations as objects, so none has moved
same "objects that grew" "$(of kgrow live_objects out.json)" $((3 * K * 4))
same "allocations of them" "$(of kgrow allocs out.json)" $((3 * K * 4))
same "bytes of objects that grew" "$(of kgrow live_bytes out.json)" $((3 * K * (64 + 240 + 8000 + 16384)))
same "objects that shrank" "$(of kshrink live_objects out.json)" $((3 * K * 2))
same "allocations of them" "$(of kshrink allocs out.json)" $((3 * K * 2))
same "bytes of objects that shrank" "$(of kshrink live_bytes out.json)" $((3 * K * 20200))
same "the module's live bytes" "$(owned out.json drvmem_test live_bytes)" \
	$((3 * K * (200 + 184 + 4096 + 64 + 240 + 8000 + 16384 + 20200)))
undo

# freed one by one, in bulk, by RCU callbacks, in a work item, the oldest first
cat >frees.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for how in direct bulk callrcu wq oldest; do
	for kind in cachebulk ucachebulk; do
		ctl alloc \$kind $K 0
		ctl free \$kind 0 \$how
	done
done
for how in direct wq oldest; do
	ctl alloc pagesbulk $K 0
	ctl free pagesbulk 0 \$how
done
ctl churn ucachebulk $K 0
for size in 64 240 8000 16384; do
	ctl alloc kgrow $K \$size
	ctl alloc kshrink $K \$size
done
ctl free kgrow 0 bulk
ctl free kshrink 100 rcu
ctl free kshrink 0 direct
ctl barrier
END
traced freed.json undo -- bash frees.sh
for kind in cachebulk ucachebulk pagesbulk; do
	same "$kind: left" "$(of $kind live_objects freed.json) $(of $kind live_bytes freed.json)" "0 0"
	same "$kind: inferred" "$(of $kind inferred_frees freed.json)" 0
done
same "pages taken and given back" "$(of pagesbulk allocs freed.json) $(of pagesbulk frees freed.json)" \
	"$((3 * K)) $((3 * K))"
same "taken" "$(of cachebulk allocs freed.json) $(of ucachebulk allocs freed.json)" "$((5 * K)) $((6 * K))"
same "given back" "$(of cachebulk frees freed.json) $(of ucachebulk frees freed.json)" "$((5 * K)) $((6 * K))"
for kind in kgrow kshrink; do
	same "$kind: left" "$(of $kind live_objects freed.json) $(of $kind live_bytes freed.json)" "0 0"
	same "$kind: bytes that came and went" "$(of $kind alloc_bytes freed.json)" \
		"$(of $kind free_bytes freed.json)"
done

# one driver only, and sampled
traced only.json undo -m drvmem_test -- bash work.sh
same "pages, the driver's only" "$(of pagesbulk live_objects only.json)" $((3 * K))
same "objects, the driver's only" "$(of cachebulk live_objects only.json) $(of ucachebulk live_objects only.json)" \
	"$((3 * K)) $((3 * K))"
undo
traced sampled.json undo --sample 4K -- bash frees.sh
same "sampled and left" "$(of ucachebulk live_objects sampled.json) $(of ucachebulk sampled_live sampled.json)" "0 0"
same "pages sampled and left" "$(of pagesbulk live_objects sampled.json) $(of pagesbulk sampled_live sampled.json)" "0 0"
[ "$(of ucachebulk sampled_allocs sampled.json)" -ge 10 ] ||
	fail "of $((6 * K)) objects $(of ucachebulk sampled_allocs sampled.json) were sampled"

# The per-CPU cache of socket buffers, where there is one: a card that receives.
real_drivers
cat >net.sh <<END
for i in 1 2 3 4 5 6 7 8; do
	echo x >/dev/udp/10.0.2.2/9
	echo x >/dev/udp/127.0.0.1/9
done 2>/dev/null
END
traced net.json : -- bash net.sh
# sites_in_bulk FILTER: objects at the places where the core takes socket buffers in bulk
in_bulk()
{
	jq "[.owners[] | select($1) | .sites[] | select(.site | test(\"^napi_skb_cache_get\")) | .allocs] | add // 0" net.json
}
echo "socket buffers taken in bulk: $(in_bulk 'true'), the kernel's: $(in_bulk '.owner == "kernel"')"
same "of a driver" "$(in_bulk '.type == "module"')" 0
unload drvmem_test
exit 0
