#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drvmem_advice does what its README says, before and after, and gives all of it back: its own
# counts, the kernel's trace by call site, slabinfo, vmallocinfo, memory.stat and dma_pools in sysfs
# say so, and drvmem for what none of these shows: coherent buffers, mappings, mempools.
# only: deep
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

N=320		# ten times each of the 32 sizes of buffers
OBJECT_RULES="fit buffers bundle large pagemul occupancy unaccounted spread clean dmapool preinit"

# holds RULE OBJECTS BYTES
holds()
{
	adv_expect "$1" objects "$2"
	adv_expect "$1" bytes "$3"
}

# slab NAME COLUMN: of slabinfo, '' without such a cache.
slab()
{
	awk -v n="$1" -v c="$2" '$1 == n { print $c }' /proc/slabinfo
}

# at_least WHAT IS BOUND, at_most WHAT IS BOUND
at_least()
{
	[ "${2:-0}" -ge "$3" ] || fail "$1 is ${2:-nothing}, should be $3 or more"
}

at_most()
{
	[ "${2:-0}" -le "$3" ] || fail "$1 is $2, should be $3 or less"
}

# watch [CONDITION]: trace the module's own calls of the slab allocator.
watch()
{
	local base event
	base=0x$(awk '$1 == "drvmem_advice" { print substr($6, 3) }' /proc/modules)
	for event in kmalloc kmem_cache_alloc; do
		echo "call_site >= $base && call_site < $(printf '0x%x' $((base + 0x100000)))${1:+ && $1}" \
			>$TRACEFS/events/kmem/$event/filter || fail "no filter for $event"
	done
	trace_start kmem/kmalloc kmem/kmem_cache_alloc
}

# watched: end it. A line per site and sizes into ./sites: site asked given count.
watched()
{
	trace_stop
	awk '/call_site=/ {
		for (i = 1; i <= NF; i++) {
			split($i, f, /[=+]/)
			v[f[1]] = f[2]
		}
		n[v["call_site"] " " v["bytes_req"] " " v["bytes_alloc"]]++
	}
	END { for (k in n) print k, n[k] }' $TRACEFS/trace | sort >sites
	cat sites
}

# seen SITE ASKED GIVEN COUNT
seen()
{
	grep -qx "$1 $2 $3 $4" sites || fail "trace: not $1 $2 $3 $4 but $(grep "^$1 " sites)"
}

# mapped_areas SITE PAGES: of vmallocinfo.
mapped_areas()
{
	grep -c " $1+0x.* pages=$2 vmalloc" /proc/vmallocinfo
}

# The variants from kmalloc, and what each class makes of the sizes.
before_objects()
{
	watch
	adv run fit before $N
	holds fit $N $((N * 264))
	adv run buffers before $N
	holds buffers $N $((10 * (6 * 100 + 5 * 130 + 5 * 270 + 4 * 540 + 3 * 600 + 4 * 1100 + 3 * 1500 + 2 * 2100)))
	adv run bundle before $N
	holds bundle $((2 * N)) $((N * 256))
	adv run large before 20
	holds large 20 $((20 * 163840))
	adv run pagemul before 50
	holds pagemul 50 $((50 * 20000))
	adv run spread before 100
	holds spread 100 $((10 * (16 + 40 + 100 + 250 + 600 + 1500 + 4000 + 9000 + 24000 + 60000)))
	adv run clean before $N
	holds clean $N $((N * 256))
	adv run unaccounted before 1
	adv run unaccounted before $((N - 1))
	holds unaccounted $N $((N * 512))
	watched
	seen fit_before 264 512 $N
	while read -r size given weight; do
		seen buffers_before "$size" "$given" $((10 * weight))
	done <<-END
		100 128 6
		130 192 5
		270 512 5
		540 1024 4
		600 1024 3
		1100 2048 4
		1500 2048 3
		2100 4096 2
	END
	seen bundle_before_a 96 96 $N
	seen bundle_before_b 160 192 $N
	seen large_before 163840 262144 20
	seen pagemul_before 20000 32768 50
	seen spread_before 16 16 10
	seen spread_before 60000 65536 10
	seen clean_before 256 256 $N
	seen unaccounted_before 512 512 $N
	adv run dmapool before $N
	holds dmapool $N $((N * 192))
	adv_refuses run fit before 1
	adv_refuses run fit after 1
	adv_refuses run unaccounted after 1
	adv stop all
}

after_objects()
{
	watch
	adv run fit after $N
	holds fit $N $((N * 264))
	adv run buffers after $N 2112 136 600
	adv run bundle after $N
	holds bundle $N $((N * 256))
	adv run large after 20
	adv run pagemul after 50
	holds pagemul 50 $((50 * 20000))
	adv run spread after 100
	adv run unaccounted after $N
	adv run preinit after 3
	holds preinit 1 $((3 << 20))
	watched
	seen fit_after 264 264 $N
	seen buffers_after 136 136 110
	seen buffers_after 600 600 120
	seen buffers_after 2112 2112 90
	seen bundle_after 256 256 $N
	seen spread_after_small 250 256 10
	seen spread_after_medium 4000 4096 10
	seen unaccounted_after 512 512 $N
	! grep -E '^(large|pagemul|preinit|spread_after_big)' sites || fail "these are no kmallocs"
	same "size of fit's cache" "$(slab drvmem_advice_fit 4)" 264
	at_least "objects of fit's cache" "$(slab drvmem_advice_fit 2)" $N
	at_least "objects of buffers' cache" "$(slab drvmem_advice_buf_600 2)" 120
	same "large areas" "$(mapped_areas large_after 40)" 20
	same "spread areas" "$(mapped_areas spread_after_big 15)" 10
	same "preinit areas" "$(mapped_areas preinit_after 768)" 1
	adv run dmapool after $N
	pools=$(find /sys/devices -path '*/drvmem_advice/pools')
	same "blocks in use" "$(awk '$1 == "drvmem_advice" { print $2, $4 }' "$pools")" "$N 192"
	adv stop all
	[ ! -e "$pools" ] || fail "the dma_pool stayed"
	! grep '^drvmem_advice' /proc/slabinfo || fail "a cache stayed"
	! grep -E '(large|spread|preinit)_after' /proc/vmallocinfo || fail "an area stayed"
	adv run fit before $N 1100
	holds fit $N $((N * 1100))
	adv stop fit
	adv run fit after $N 1100
	same "size of fit's cache" "$(slab drvmem_advice_fit 4)" 1104
	adv stop fit
}

# A slab stays for each object that does; objects of a CPU's slabs count as in use in slabinfo.
occupancy()
{
	local many=12800	# of which 1/32 stay, of 256 bytes
	adv run occupancy before $many
	holds occupancy $((many / 32)) $((many * 8))
	before=$(slab drvmem_advice_occ_before 3)
	adv stop occupancy
	adv run occupancy after $many
	holds occupancy $((many / 32)) $((many * 8))
	after=$(slab drvmem_advice_occ_after 3)
	adv stop occupancy
	at_least "capacity before" "$before" $((many / 3))
	at_least "capacity after" "$after" $((many / 32))
	at_most "capacity after" "$after" $((many / 32 + 256))
}

# In a group of its own, as the root of them is not accounted.
accounting()
{
	local group=/sys/fs/cgroup/advice was now
	[ -w /sys/fs/cgroup/cgroup.subtree_control ] || fail "no control groups to see it in"
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control || fail "no memory controller"
	mkdir $group
	echo $$ >$group/cgroup.procs
	was=$(awk '$1 == "slab_unreclaimable" { print $2 }' $group/memory.stat)
	adv run unaccounted before 8000
	now=$(awk '$1 == "slab_unreclaimable" { print $2 }' $group/memory.stat)
	at_most "charged before" $((now - was)) $((8000 * 512 / 4))
	adv stop unaccounted
	adv run unaccounted after 8000
	now=$(awk '$1 == "slab_unreclaimable" { print $2 }' $group/memory.stat)
	# less than all: the processes of this script are in the group too, and come and go
	at_least "charged after" $((now - was)) $((8000 * 512 * 9 / 10))
	adv stop unaccounted
	now=$(awk '$1 == "slab_unreclaimable" { print $2 }' $group/memory.stat)
	at_most "charged when freed" $((now - was)) $((8000 * 512 / 4))
	echo $$ >/sys/fs/cgroup/cgroup.procs
	rmdir $group
}

churn()
{
	echo 8192 >$TRACEFS/buffer_size_kb
	watch
	adv run churn before 400
	adv_expect churn running 1
	adv_refuses run churn before 1
	adv wait churn
	adv_expect churn running 0
	adv_expect churn failed 0
	adv_field churn loops
	watched
	at_least "churn's loops" "$VALUE" 10
	seen churn_before 512 512 $((16 * VALUE))
	adv stop churn
	watch
	adv run churn after 200
	holds churn 16 $((16 * 512))
	adv wait churn
	watched
	adv_field churn loops
	at_least "churn's loops" "$VALUE" 10
	seen churn_after 512 512 16
	# ends at once, long before its time
	adv stop churn
	holds churn 0 0
	adv run churn before 60000
	adv stop churn
	adv_expect churn running 0
	echo 1408 >$TRACEFS/buffer_size_kb
}

atomic()
{
	watch "ptr == 0"
	adv run atomic before 50
	watched
	adv_expect atomic failed 50
	seen atomic_before 65536 65536 50
	holds atomic 0 0
	adv stop atomic
	adv run atomic after 50
	adv_expect atomic failed 0
	adv_expect atomic loops 50
	holds atomic 4 $((4 * 65536))
	adv stop atomic
}

preinit()
{
	same "preinit areas" "$(mapped_areas preinit_before 512)" 1
	holds preinit 4 $((5 << 20))
	adv_refuses run preinit after 1
	adv stop preinit
	holds preinit 0 0
	same "preinit areas" "$(mapped_areas preinit_before 512)" 0
	adv_refuses run preinit before 1
}

refusals()
{
	local rule
	adv_refuses run
	adv_refuses nonsense fit before 1
	adv_refuses run nonsense before 1
	for rule in $OBJECT_RULES churn mapchurn reserve atomic; do
		adv_refuses run "$rule" before 0
		adv_refuses run "$rule" between 1
		adv_refuses run "$rule" after
		adv_refuses run "$rule" before x
		adv_refuses run "$rule" before 99999999
		adv_refuses run "$rule" after 99999999
		adv_refuses run "$rule" before 1 2 3
		adv_refuses stop "$rule"
		adv_refuses stop "$rule" 1
		holds "$rule" 0 0
	done
	adv_refuses run fit before 1 0
	adv_refuses run fit after 1 100000
	adv_refuses run buffers after 1
	adv_refuses run buffers after 1 100 200
	adv_refuses run buffers after 1 2100 2100
	adv_refuses run buffers after 1 1 2 3 4 5 6 7 8 2100
	adv_refuses run clean after 1
	adv_refuses wait fit
	adv_refuses run fit before 1 2 3 4 5 6 7 8 9 10 11 12 13 14
}

# run_all VARIANT: every rule once; what holds memory holds it at the end.
cat >run_all.sh <<'END'
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_advice preinit_mb=2
for rule in fit bundle pagemul occupancy unaccounted spread dmapool; do
	adv run $rule "$1" 64
done
if [ "$1" = before ]; then
	adv run clean before 64
	adv run buffers before 64
else
	adv run buffers after 64 2100
fi
adv run large "$1" 8
adv run reserve "$1" 40
adv run atomic "$1" 5
adv run mapchurn "$1" 50
adv wait mapchurn
[ -z "${2:-}" ] || unload drvmem_advice
END

undo()
{
	[ ! -d /sys/module/drvmem_advice ] || unload drvmem_advice
}

# of_mempool CAPACITY FIELD: of the module's one of that size
of_mempool()
{
	jq "[.pools[] | select(.kind == \"mempool\" and .owner == \"drvmem_advice\" and .capacity == $1) | .$2][0]" out.json
}

# at SITE FIELD
at()
{
	at_site out.json drvmem_advice "^$1[+]" "$2"
}

mapped_at()
{
	jq "[.owners[] | select(.owner == \"drvmem_advice\") | .mapping_sites[] | select(.site | test(\"^$1[+]\")) |
		.maps] | add // 0" out.json
}

# What the kernel has no file for.
by_drvmem()
{
	traced out.json undo --pools -- bash run_all.sh before
	adv_field mapchurn loops
	same "mappings made" "$(mapped_at mapchurn_before)" $((8 * VALUE))
	same "coherent buffers" "$(at dmapool_before live_objects) $(at dmapool_before held_bytes)" "64 $((64 * 4096))"
	same "preinit" "$(at preinit_before live_objects)" 1
	same "reserve's low water" "$(of_mempool 40 low_water)" 40
	same "reserve's dips" "$(of_mempool 40 dips)" 0
	same "large blocks" "$(at large_before held_bytes)" $((8 * 262144))
	same "failures" "$(at atomic_before failures)" 5
	undo
	traced out.json undo --pools -- bash run_all.sh after
	adv_field mapchurn loops
	at_least "loops without a mapping" "$VALUE" 3
	same "mappings made" "$(mapped_at mapchurn_after)" 8
	same "coherent buffers" "$(at dmapool_after live_objects)" $(((64 + 20) / 21))
	same "pages" "$(at pagemul_after held_bytes)" $((64 * 20480))
	same "large blocks" "$(at large_after held_bytes)" $((8 * 163840))
	same "reserve's low water" "$(of_mempool 16 low_water)" 16
	undo
	for variant in before after; do
		traced out.json undo -- bash run_all.sh $variant unload
		same "what stayed of $variant" "$(jq -c '[.owners[] | select(.owner == "drvmem_advice") | .sites[] |
			select(.live_objects > 0) | {site, cache, live_objects}]' out.json)" '[]'
	done
}

load drvmem_advice preinit_mb=2 preinit_kmalloc_mb=3
preinit
before_objects
after_objects
occupancy
accounting
churn
atomic
refusals
unload drvmem_advice
by_drvmem
# it can go at any time
load drvmem_advice
adv run fit after 100
adv run dmapool after 100
adv run churn before 60000
adv run mapchurn after 60000
unload drvmem_advice
! grep '^drvmem_advice' /proc/slabinfo || fail "a cache stayed after the module"
load drvmem_advice
unload drvmem_advice
! { insmod "$DRVMEM_KMOD/drvmem_advice.ko" preinit_mb=100000; } 2>/dev/null || fail "it took 100,000 MiB"
