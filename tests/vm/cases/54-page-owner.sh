#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Beside the kernel's page_owner: the pages that the driver took in the session are to the byte what tracing
# says that it holds, nothing after they were freed, and of those from before what the baseline says. What
# other allocators took for it is in neither. Both of the kernel's files, of which the first is preferred.
# only: debug
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

STACKS=$DEBUGFS/page_owner_stacks
[ -r "$STACKS/show_stacks" ] || skip "this kernel has no page_owner, or it is off"
K=7
page=$(getconf PAGESIZE)
# one of each order from 0 to 3
blocks=$((K * (1 + 2 + 4 + 8) * page))

undo()
{
	local kind
	for kind in pages split compound exact pagesbulk dma large vmalloc kzalloc; do
		field $kind live
		[ "$VALUE" = 0 ] || ctl free $kind 0 direct
	done
}

# moved FILE FIELD: of the driver's row
moved()
{
	jq "[.page_owner[] | select(.owner == \"drvmem_test\") | .$2] | add // 0" "$1"
}

# before FILE FIELD: of the driver's row of the baseline
before()
{
	jq "[.baseline.owners[] | select(.owner == \"drvmem_test\") | .$2][0]" "$1"
}

# by_kernel FUNCTION: bytes of stacks that have it, without drvmem
by_kernel()
{
	awk -v f=" $1+" -v page="$page" '
	index($0, f) { mine = 1 }
	/^nr_base_pages/ { if (mine) n += $2; mine = 0 }
	END { print n * page }' "$STACKS/show_stacks"
}

cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for order in 0 1 2 3; do ctl alloc pages $K \$(($page << order)); done
# other allocators' pages
ctl alloc kzalloc 300 200
ctl alloc large 3 20000
ctl alloc vmalloc 3 20000
ctl alloc dma 3 8192
END
cat >parts.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
# blocks that were split, with another's reference, of which a part went back, taken in bulk
ctl alloc split 5 16384
ctl alloc compound 5 8192
ctl alloc exact 5 12288
ctl alloc pagesbulk 40 4096
ctl free split 2 direct
END
cat >nothing.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for order in 0 1 2 3; do ctl alloc pages $K \$(($page << order)); done
ctl free pages 0 direct
END
cat >older.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl free pages 0 direct
ctl alloc pages 2 8192
END

# compare SOURCE
compare()
{
	traced out.json undo --coverage -- bash work.sh
	jq -c '.page_owner, .baseline.page_owner' out.json
	same "source" "$(jq -r .baseline.page_owner.source out.json)" "$1"
	same "page_owner's bytes of the driver" "$(moved out.json since_bytes)" $blocks
	same "traced bytes of its pages" "$(moved out.json traced_bytes)" $blocks
	same "difference" "$(moved out.json difference_bytes)" 0
	same "its blocks by the kernel's list" "$(by_kernel alloc_page_block)" $blocks
	same "of its DMA buffers" "$(by_kernel alloc_dma)" $((3 * 2 * page))
	undo

	ctl alloc pages $K 16384
	traced older.json "undo; ctl alloc pages $K 16384" --coverage -- bash older.sh
	jq -c .page_owner older.json
	same "pages of before" "$(before older.json page_owner_bytes)" $((K * 4 * page))
	same "traced bytes since" "$(moved older.json traced_bytes)" $((2 * 2 * page))
}

load drvmem_test
traced parts.json undo --coverage -- bash parts.sh
jq -c .page_owner parts.json
same "bytes of parts" "$(moved parts.json since_bytes)" $(((3 * 4 + 5 * 2 + 5 * 3 + 40) * page))
same "difference of parts" "$(moved parts.json difference_bytes)" 0
undo

traced none.json undo --coverage -- bash nothing.sh
same "rows of the driver after the frees" \
	"$(jq '[.page_owner[] | select(.owner == "drvmem_test")] | length' none.json)" 0

compare show_stacks
# two sums of pages: those of before that were freed are in it
same "page_owner's bytes since" "$(moved older.json since_bytes)" $(((2 * 2 - K * 4) * page))
same "its blocks" "$(before older.json page_owner_blocks)" null
undo

# stacks of one page are hidden now: the records are read instead, which tell when
echo 2 >"$STACKS/count_threshold" || fail "the threshold cannot be set"
compare page_owner
echo 0 >"$STACKS/count_threshold"
same "page_owner's bytes since, by time" "$(moved older.json since_bytes)" $((2 * 2 * page))
same "its blocks" "$(before older.json page_owner_blocks)" $K

"$DRVMEM" report --coverage -o text -- true || fail "report ended with $?"
grep -q '^PAGES SINCE THE START\|^page_owner and tracing agree' text || fail "page_owner is not in --coverage: $(tail -5 text)"
"$DRVMEM" report --baseline -o text -- true || fail "report ended with $?"
grep '^page_owner ' text || fail "page_owner is not in --baseline"
undo
unload drvmem_test
exit 0
