#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Blocks of pages of the test driver: whole, split and given back page by page, compound, with
# another's reference, cut to size; of orders 0 to 3, from the process, a work item and a timer.
# K are exactly K and their bytes, 0 after they are freed, by whom and in which order ever; pages
# that slab, large kmalloc, vmalloc and percpu take are theirs. The free memory moves as much.
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=20
KINDS="pages split compound shared"
OTHERS="kmalloc large ucache vmalloc percpu"
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for context in proc wq timer; do
	for kind in $KINDS; do
		for size in 4096 8192 16384 32768; do
			ctl alloc \$kind $K \$size \$context
		done
	done
	ctl alloc exact $K 20000 \$context
done
END
cat >others.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for kind in $OTHERS; do
	ctl alloc \$kind 200 10000
done
END
undo()
{
	local kind
	for kind in $KINDS exact $OTHERS; do
		ctl free "$kind" 0 direct
	done
}
# of FILE FIELD: pages of the driver
of()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .allocators.page.$2] | add // 0" "$1"
}
OBJECTS=$((3 * K * (4 * 4 + 1)))
BYTES=$((3 * K * (4 * (4096 + 8192 + 16384 + 32768) + 20480)))
traced out.json undo --walk verify -- bash work.sh
echo "stack_walks: $(jq -c .stack_walks out.json)"
same "walks that differ from the kernel's" "$(jq .stack_walks.mismatch out.json)" 0
[ "$(jq -r .stack_walks.by out.json)" = kernel ] ||
	same "walks that were compared, of those there were" \
		"$(jq '.stack_walks | .checked > 0 and .checked + .uncomparable + .fallback == .walked' out.json)" true
same "blocks" "$(of out.json live_objects)" $OBJECTS
same "bytes" "$(of out.json live_bytes)" $BYTES
same "bytes held" "$(of out.json held_bytes)" $BYTES
same "split blocks" "$(at_site out.json drvmem_test '^alloc_split[+]' live_objects)" $((3 * K * 4))
same "blocks of order 3, the cut ones too" "$(in_cache out.json drvmem_test '^order-3$' live_objects)" $((5 * 3 * K))
undo

cat >frees.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
bash work.sh
for kind in $KINDS exact; do
	ctl free \$kind 30 oldest
	ctl free \$kind 30 wq
	ctl free \$kind 0 direct
done
END
traced freed.json undo -- bash frees.sh
same "blocks taken" "$(of freed.json allocs)" $OBJECTS
same "blocks given back" "$(of freed.json frees)" $OBJECTS
same "left" "$(of freed.json live_objects) $(of freed.json live_bytes)" "0 0"
same "inferred" "$(of freed.json inferred)" 0

# what a block gave back is others' then, who give it back too
cat >holes.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc exact 400 20000
for i in 1 2 3; do
	dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null
done
END
traced holes.json undo -- bash holes.sh
same "blocks with pages given back" "$(of holes.json live_objects)" 400
same "their bytes, after others used those pages" "$(of holes.json live_bytes)" $((400 * 20480))
undo

# pages of other allocators' objects are no blocks of the driver's
undo
traced others.json undo -- bash others.sh
same "blocks beside objects of other allocators" "$(of others.json allocs)" 0
undo

# What the kernel says: 64 MiB more, in blocks of order 3. Free are also the pages in the lists of
# the CPUs, which its sum leaves out.
cat >free-memory.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
free_pages()
{
	local name value _
	FREE=0
	echo 1 >/proc/sys/vm/stat_refresh
	while read -r name value _; do
		case \$name in nr_free_pages | count:) FREE=\$((FREE + value)) ;; esac
	done </proc/zoneinfo
}
free_pages
free_pages
was=\$FREE
ctl alloc pages 2048 32768
free_pages
echo "\$((was - FREE))" >moved
END
# Others on the machine may take some too: then again.
for try in 1 2 3; do
	traced memory.json undo -- bash free-memory.sh
	MOVED=$(($(cat moved) * 4096 - $(of memory.json live_bytes)))
	echo "free pages: $(cat moved) fewer, the ledger: $(($(of memory.json live_bytes) / 4096)) more"
	undo
	[ "${MOVED#-}" -le 2097152 ] && break
	[ $try -lt 3 ] || fail "the free memory moved otherwise, by $MOVED bytes"
done
unload drvmem_test
exit 0
