#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Pools as such: the driver's own cache is what /proc/slabinfo says, and no more over what the
# session tracked than CPU slabs and sheaves can hold; its mempools have exactly what was taken from
# them, how low their reserve was, and its dma_pool the blocks in use, by sysfs too; the
# dma_pools of real drivers are the text of sysfs, read without drvmem; a page_pool has the pages that the
# session saw taken, says netlink where the kernel lists it, else it is absent with a reason.
# only: 6.12
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=500 RESERVE=4		# POOL_MIN_NR of the test driver
OWN=100			# POOLR_MAX: elements that its own function gives beyond the reserve
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_test
ctl alloc ucache $K 0
ctl alloc mempool 70 0
ctl free mempool 30 direct
ctl alloc mempoolk 20 0
ctl free mempoolk 0 direct
ctl alloc mempoolr $((OWN + 3)) 0
ctl free mempoolr 50 direct
ctl alloc dmapool 150 0
ctl alloc ppool 100 0
ctl free ppool 40 direct
END
undo()
{
	unload drvmem_test
}
# mempool FILE NAME FIELD: of the driver's mempool of that name.
mempool()
{
	jq --arg n "$2" "[.pools[] | select(.kind == \"mempool\" and .name == \$n and .owner == \"drvmem_test\") | .$3][0]" "$1"
}
# pool FILE NAME FIELD: of the driver's cache of that name.
pool()
{
	jq --arg n "$2" ".pools[] | select(.kind == \"kmem_cache\" and .name == \$n) | .$3" "$1"
}
# row NAME COLUMN: of slabinfo.
row()
{
	awk -v n="$1" -v c="$2" '$1 == n { print $c }' /proc/slabinfo
}

traced out.json undo --pools -- bash work.sh
jq -c '.pool_sources, .pool_notes' out.json
name=drvmem_test_ucache
jq -c --arg n $name '.pools[] | select(.name == $n)' out.json
same "capacity" "$(pool out.json $name capacity)" "$(row $name 3)"
same "in use" "$(pool out.json $name in_use)" "$(row $name 2)"
same "size" "$(pool out.json $name size_bytes)" "$(row $name 4)"
same "tracked" "$(pool out.json $name tracked)" "$K"
same "owner" "$(pool out.json $name owner)" '"drvmem_test"'
same "owner is a guess" "$(pool out.json $name owner_guess)" false
over=$(($(pool out.json $name in_use) - $(pool out.json $name tracked)))
{ [ $over -ge 0 ] && [ $over -le "$(pool out.json $name over_max)" ]; } ||
	fail "$over objects are in use that were not tracked, of $(pool out.json $name over_max) that may be"
same "held" "$(pool out.json $name held_bytes)" \
	$(($(awk -v n=$name '$1 == n { print $15 * $6 }' /proc/slabinfo) * $(getconf PAGESIZE)))

# made by the load, and by the first use: all that was taken and given back was seen
jq -c '.pools[] | select(.kind == "mempool" and .owner == "drvmem_test")' out.json
while IFS=$'\t' read -r name size in_use peak low dips requests; do
	same "$name: size" "$(mempool out.json "$name" size_bytes)" "$size"
	same "$name: reserve" "$(mempool out.json "$name" capacity)" $RESERVE
	same "$name: in use" "$(mempool out.json "$name" in_use)" "$in_use"
	[ "$DRVMEM_KVER" != 5.10 ] || peak=null	# its BPF has no fetch-and-add
	same "$name: peak" "$(mempool out.json "$name" peak)" "$peak"
	same "$name: low water" "$(mempool out.json "$name" low_water)" "$low"
	same "$name: dips" "$(mempool out.json "$name" dips)" "$dips"
	same "$name: requests" "$(mempool out.json "$name" requests)" "$requests"
	same "$name: failures" "$(mempool out.json "$name" failures)" 0
	same "$name: owner is a guess" "$(mempool out.json "$name" owner_guess)" false
done <<END
drvmem_test_pool	$(row drvmem_test_pool 4)	40	70	$RESERVE	0	70
kmalloc 256	256	0	20	$RESERVE	0	20
poolr_get	null	$((OWN + 3 - 50))	$((OWN + 3))	$((RESERVE - 3))	3	$((OWN + 3))
END
same "mempools of the driver" \
	"$(jq '[.pools[] | select(.kind == "mempool" and .owner == "drvmem_test")] | length' out.json)" 3

# 100 pages that are in use; the pool takes 64 at once where the kernel can, and keeps what came back
case $DRVMEM_KVER in
5.10) taken=100 ;;
*) taken=128 ;;
esac
same "pages that were taken" "$(jq -c '[.owners[] | select(.owner == "drvmem_test") | .allocators.page | .live_objects, .live_bytes]' \
	out.json)" "[$taken,$((taken * $(getconf PAGESIZE)))]"
case $DRVMEM_KVER in
5.10 | 6.1) ;;
*)	same "pages by netlink" "$(jq -c '[.pools[] | select(.kind == "page_pool" and .device == null) | .capacity, .held_bytes, .in_use]' out.json)" \
		"[$taken,$((taken * $(getconf PAGESIZE))),null]" ;;
esac

# blocks are the pool's state: in no sum; what they lie in is the driver's DMA buffers
dev=$(jq -r '.pools[] | select(.kind == "dma_pool" and .name == "drvmem_test") | .device' out.json)
sysfs=$(find /sys/devices -path "*/$dev/pools" -type f)
cat "$sysfs"
same "blocks in use" "$(jq '.pools[] | select(.kind == "dma_pool" and .name == "drvmem_test") | .in_use' out.json)" 150
same "blocks by sysfs" "$(awk '$1 == "drvmem_test" { print $2 }' "$sysfs")" 150
pages=$(awk '$1 == "drvmem_test" { print $5 }' "$sysfs")
same "its DMA buffers" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .allocators.dma.live_bytes // 0] | add' out.json)" \
	$((pages * $(getconf PAGESIZE)))
undo
cat >pages.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_test
ctl alloc ppool 100 0
ctl free ppool 0 direct
unload drvmem_test
END
traced pages.json : -- bash pages.sh
same "pages when the page_pool is gone" "$(jq -c '[.owners[] | select(.owner == "drvmem_test") | .allocators.page |
	.allocs, .frees, .live_objects]' pages.json)" "[$taken,$taken,0]"

# the same text twice, by awk and by drvmem; I/O may come between: three tries
real_drivers
from_sysfs()
{
	find /sys/devices -name pools -type f | while read -r f; do
		awk -v d="$(basename "$(dirname "$f")")" 'NR > 1 {
			n = $0
			# mawk knows no {4}
			for (i = 0; i < 4; i++)
				sub(/[ \t]+[0-9]+[ \t]*$/, "", n)
			print d "|" n "|" $(NF-3) "|" $(NF-2) "|" $(NF-1) "|" $NF
		}' "$f"
	done | sort
}
from_drvmem()
{
	jq -r '.pools[] | select(.kind == "dma_pool") |
		"\(.device)|\(.name)|\(.in_use)|\(.capacity)|\(.size_bytes)|\(.pages)"' "$1" | sort
}
for try in 1 2 3; do
	"$DRVMEM" report --pools -f json -o dma.json -- true || fail "drvmem report ended with $?"
	from_sysfs >sysfs.txt
	from_drvmem dma.json >ours.txt
	cmp -s sysfs.txt ours.txt && break
	[ $try -lt 3 ] || fail "dma_pools differ: $(diff sysfs.txt ours.txt)"
done
cat ours.txt
grep -qE '[|](prp list|nvme descriptor) ' ours.txt || fail "no dma_pool of nvme"
same "owner of nvme's" "$(jq -r '[.pools[] | select(.kind == "dma_pool" and (.name | test("^(prp list|nvme descriptor) "))) |
	.owner] | unique | join(",")' dma.json)" nvme
same "waste that is not pages less blocks" "$(jq '[.pools[] | select(.kind == "dma_pool") |
	select(.waste_bytes != .held_bytes - .in_use * .size_bytes)] | length' dma.json)" 0

state=$(jq -r '.pool_sources[] | select(.kind == "page_pool") | .state' dma.json)
case $DRVMEM_KVER in
5.10 | 6.1) same "page_pools" "$state" absent
	jq -e '.pool_sources[] | select(.kind == "page_pool") | .why | length > 0' dma.json >/dev/null ||
		fail "no reason for absent page_pools" ;;
*) same "page_pools" "$state" ok ;;
esac

"$DRVMEM" report --pools -- true >text.txt || fail "text: $?"
cat text.txt
grep -q '^dma_pool (' text.txt || fail "no dma_pool in the table"
"$DRVMEM" metrics --pools --duration 1 >out.prom || fail "metrics: $?"
grep -q '^drvmem_pool_held_bytes{.*kind="dma_pool",module="nvme"}' out.prom || fail "no dma_pool in the metrics"
exit 0
