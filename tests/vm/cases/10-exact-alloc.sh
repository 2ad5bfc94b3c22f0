#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# K allocations through each slab path: exactly K objects and exactly the asked
# bytes under the test driver, while e1000e and nvme work at the same time.
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=73
SKBS=400
load drvmem_test
real_drivers
# something to read, not in memory any more
yes drvmem | dd of=/dev/nvme0n1 bs=64k count=16 iflag=fullblock 2>/dev/null
sync
echo 1 >/proc/sys/vm/drop_caches

# Builtins only: a process that starts here reads the root file system over the emulated
# bus, and each of its interrupts may hit a hook that takes 30 us under emulation.
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
exec 3</dev/nvme0n1
echo x >/dev/udp/10.0.2.2/9
read -r -u 3 -N 20000 data
for kind in $(echo $SLAB_KINDS); do
	size=200
	[ \$kind = large ] && size=20000
	ctl alloc \$kind $K \$size
done
ctl alloc skb $SKBS 200
END
undo()
{
	local kind
	for kind in $SLAB_KINDS skb; do
		ctl free "$kind" 0 direct
	done
	# another try finds nothing in memory that nvme would not have to read
	echo 1 >/proc/sys/vm/drop_caches
}
traced out.json undo -- bash work.sh

total=0
for kind in $SLAB_KINDS; do
	site=$(site_of "$kind")
	case $kind in
	mempool)
		same "$kind objects" "$(in_cache out.json drvmem_test '^drvmem_test_pool$' live_objects)" $K
		bytes=$(in_cache out.json drvmem_test '^drvmem_test_pool$' live_bytes) want=$((K * 136)) ;;
	mempoolk)
		bytes=$(jq '[.owners[] | select(.owner == "drvmem_test") | .sites[] |
			select((.site | test("^mempool_alloc")) and .cache == "kmalloc-256") |
			.live_bytes] | add' out.json)
		want=$((K * 256)) ;;
	kconst) bytes=$(at_site out.json drvmem_test "$site" live_bytes) want=$((K * 96)) ;;
	ucache) bytes=$(at_site out.json drvmem_test "$site" live_bytes) want=$((K * 184)) ;;
	# devres rounds before the kernel is asked: objects exact, held bytes those of the class
	devm) bytes=$(at_site out.json drvmem_test "$site" held_bytes) want=$((K * 256)) ;;
	*) bytes=$(at_site out.json drvmem_test "$site" live_bytes) want=$((K * $(size_of "$kind"))) ;;
	esac
	case $kind in
	mempool*) ;;
	*) same "$kind objects" "$(at_site out.json drvmem_test "$site" live_objects)" $K ;;
	esac
	same "$kind bytes" "$bytes" "$want"
	total=$((total + K))
done
# data blocks are exact (they are in the sum below); a head may come from the per-CPU cache
# of the network core from 7.2 on: 128 a CPU (net/core/skbuff.c: NAPI_SKB_CACHE_SIZE)
heads=$(in_cache out.json drvmem_test '^skbuff_head_cache$' live_objects)
case $DRVMEM_KVER in
5.* | 6.*) same "skb heads" "$heads" $SKBS ;;
*)
	least=$((SKBS - 128 * $(getconf _NPROCESSORS_CONF)))
	[ "$heads" -le $SKBS ] && [ "$heads" -ge $least ] ||
		fail "skb heads are $heads, should be $least to $SKBS" ;;
esac
total=$((total + SKBS + heads))
same "objects of the driver" "$(owned out.json drvmem_test live_objects)" $total
same "held by other sites" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .sites[] |
	select(.site | startswith("0x")) | .live_objects] | add // 0' out.json)" 0

# the real drivers worked meanwhile and are named
jq -e '[.owners[] | select(.owner == "e1000e" or .owner == "nvme" or .owner == "nvme_core") |
	.allocs] | add > 0' out.json >/dev/null || fail "neither e1000e nor nvme shows up"
jq -e '.owners[] | select(.owner == "drvmem_test") | .instance.load_seq > 0' out.json >/dev/null ||
	fail "no instance"
undo
unload drvmem_test
