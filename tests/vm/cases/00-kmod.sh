#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The test driver itself: every kind, every way to free, and the counts; with
# the kernel's own trace as the witness that it allocates what it says.
# time: 100
# Arguments of ctl are names and numbers.
# shellcheck disable=SC1091,SC2086
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

KMALLOC_KINDS="kmalloc kzalloc kconst kmalloc_node kcalloc kmemdup kstrdup kasprintf krealloc kgrow kshrink"
CACHE_KINDS="cache cachebulk ucache ucachebulk"
NO_TIMER_KINDS="kvmalloc vmalloc dma vmap ioremap mempoolr dmapool ppool vshrink vgrow"

# Put into $SIZE what to ask of a kind, and into $BYTES what counts as live.
size_of()
{
	SIZE=200
	[ "$1" != large ] || SIZE=20000
	BYTES=$SIZE
	case $1 in
	kconst) BYTES=96 ;;
	ucache | ucachebulk) BYTES=184 ;;
	mempool) BYTES=136 ;;
	mempoolk) BYTES=256 ;;
	mempoolr) BYTES=176 ;;
	dmapool) BYTES=192 ;;
	pages | split | compound | shared | exact | pagesbulk | ppool | vmap | ioremap) BYTES=$PAGE_SIZE ;;
	percpu) BYTES=$((200 * CPUS)) ;;
	esac
}

# every_kind: alloc, look, free a part, look, free all.
every_kind()
{
	local kind
	for kind in $KINDS; do
		size_of "$kind"
		ctl alloc "$kind" 70 "$SIZE"
		expect "$kind" live 70
		expect "$kind" live_bytes $((70 * BYTES))
		ctl free "$kind" 20 direct
		expect "$kind" freed 20
		ctl free "$kind" 0 direct
		expect "$kind" live_bytes 0
		ctl churn "$kind" 100 "$SIZE"
		expect "$kind" allocated 170
		expect "$kind" live 0
		expect "$kind" failed 0
	done
}

every_context()
{
	local kind
	for kind in $KINDS; do
		size_of "$kind"
		ctl alloc "$kind" 5 "$SIZE" wq
		expect "$kind" live 5
		case " $NO_TIMER_KINDS " in
		*" $kind "*) ctl_refuses alloc "$kind" 5 200 timer ;;
		*) ctl alloc "$kind" 5 "$SIZE" timer
			expect "$kind" live 10 ;;
		esac
		ctl free "$kind" 0 direct
	done
}

every_free()
{
	local kind how
	for kind in $KMALLOC_KINDS $CACHE_KINDS large; do
		size_of "$kind"
		for how in bulk callrcu rcu rcu1; do
			case "$how $CACHE_KINDS " in
			rcu*" $kind "*) ctl_refuses free "$kind" 0 $how; continue ;;
			esac
			ctl alloc "$kind" 200 "$SIZE"
			ctl free "$kind" 0 "$how"
		done
	done
	for kind in mempool mempoolk; do
		ctl alloc "$kind" 20 0
		ctl free "$kind" 0 callrcu
	done
	ctl barrier
	for kind in $KINDS; do
		expect "$kind" live 0
		expect "$kind" live_bytes 0
	done
}

failures()
{
	local kind
	for kind in kmalloc kzalloc kmalloc_node kcalloc large kvmalloc skb vmalloc dma; do
		ctl fail "$kind" 3
		expect "$kind" failed 3
		expect "$kind" live 0
	done
	ctl_refuses fail kstrdup 1
}

refusals()
{
	ctl_refuses alloc nonsense 1 100
	ctl_refuses alloc kmalloc 1
	ctl_refuses alloc kmalloc 1 0
	ctl_refuses alloc kmalloc 100000 8
	ctl_refuses free kmalloc 1 direct
	ctl_refuses leak devm 0
	ctl_refuses free kmalloc 0 nonsense
	ctl alloc kmalloc 1 16
	ctl_refuses free kmalloc 1 rcu
	ctl free kmalloc 1 direct
}

# The kernel's trace of a command: as many events as objects, from this module.
witness()
{
	local kind events=kmem/kmalloc
	[ ! -d $TRACEFS/events/kmem/kmalloc_node ] || events="$events kmem/kmalloc_node"
	for kind in kmalloc kzalloc kconst kmalloc_node kcalloc kmemdup kstrdup large; do
		# shellcheck disable=SC2086
		trace_start $events
		size_of $kind
		ctl alloc $kind 40 "$SIZE"
		trace_stop
		same "traced $kind" "$(trace_lines "kmalloc.*call_site=alloc_$kind\+.*drvmem_test\]")" 40
		same "all traced with $kind" "$(trace_lines 'call_site=.*drvmem_test\]')" 40
		ctl free $kind 0 direct
	done
	for kind in cache ucache; do
		trace_start kmem/kmem_cache_alloc kmem/kmem_cache_free
		ctl alloc $kind 40 0
		ctl free $kind 0 direct
		trace_stop
		same "traced $kind" "$(trace_lines "kmem_cache_alloc.*call_site=alloc_$kind\+")" 40
		same "traced free of $kind" "$(trace_lines "kmem_cache_free.*call_site=free_$kind\+")" 40
	done
	trace_start kmem/kmalloc
	ctl fail kmalloc 7
	trace_stop
	same "traced failures" "$(trace_lines 'call_site=alloc_kmalloc.*bytes_req=1099511627776')" 7
}

# /proc/slabinfo counts objects in per-CPU lists as in use: no exact match.
slabinfo()
{
	local before after
	[ -r /proc/slabinfo ] || return 0
	ctl alloc ucache 1000 0
	before=$(awk '$1 == "drvmem_test_ucache" { print $2, $4 }' /proc/slabinfo)
	same "size of ucache" "${before#* }" 184
	[ "${before% *}" -ge 1000 ] || fail "slabinfo has $before, live are 1000"
	ctl free ucache 0 direct
	echo 1 >/sys/kernel/slab/drvmem_test_ucache/shrink
	after=$(awk '$1 == "drvmem_test_ucache" { print $2 }' /proc/slabinfo)
	[ "$after" -lt "${before% *}" ] || fail "slabinfo went from $before to $after"
}

PAGE_SIZE=$(getconf PAGE_SIZE)
CPUS=$(getconf _NPROCESSORS_CONF)
load drvmem_test hold=3,100
read_kinds
KINDS=${KINDS/ iova iovapart/}	# of a device behind an IOMMU: 52-iova
every_kind
unload drvmem_test
load drvmem_test
every_context
every_free
refusals
unload drvmem_test
load drvmem_test
failures
witness
slabinfo
ctl alloc kmalloc 10 100
ctl leak kmalloc 4
expect kmalloc leaked 4
expect kmalloc live $((4 + 6))
# everything but the leak is freed on unload, caches and pools go without a word
for kind in $KINDS; do
	size_of "$kind"
	ctl alloc "$kind" 33 "$SIZE"
done
unload drvmem_test
[ ! -e /sys/kernel/slab/drvmem_test_ucache ] || fail "a cache stayed"
load drvmem_test leak_on_exit=1 hold=3,100
ctl alloc kmalloc 10 100
ctl alloc cache 10 0
unload drvmem_test
