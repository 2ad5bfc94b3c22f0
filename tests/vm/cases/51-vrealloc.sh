#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Areas that vrealloc gives another size: K are K, with the pages that the kernel's list of areas
# (/proc/vmallocinfo) has of them: those that it gave back (7.2) are counted no more, those that it
# keeps (before) still are. None is left after they are freed.
# only: 7.2
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=40 PAGE=$(getconf PAGE_SIZE)
load drvmem_test
undo()
{
	ctl free vshrink 0 direct
	ctl free vgrow 0 direct
}
# listed REGEX: bytes of the pages in the kernel's list, of areas whose caller matches
listed()
{
	awk -v page="$PAGE" -v caller="$1" '$3 ~ caller { for (i = 4; i <= NF; i++)
		if ($i ~ /^pages=/) n += substr($i, 7) } END { print n * page }' /proc/vmallocinfo
}
# of FILE KIND FIELD
of()
{
	at_site "$1" drvmem_test "^alloc_$2[+]" "$3"
}
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc vshrink $K 20000
ctl alloc vshrink $K 20000 wq
ctl alloc vgrow $K 65536
END
# areas of other code that was called by the same functions
before=$(listed 'k?vrealloc')
traced out.json undo -- bash work.sh
! jq -e '.meta.not_seen[] | select(test("vrealloc"))' out.json || fail "a hook is not there"
same "areas that shrank" "$(of out.json vshrink live_objects)" $((2 * K))
same "their pages" "$(of out.json vshrink live_bytes)" "$(listed alloc_vshrink)"
same "areas that grew" "$(of out.json vgrow live_objects)" $K
same "their pages" "$(of out.json vgrow live_bytes)" "$(($(listed 'alloc_vgrow|k?vrealloc') - before))"
same "areas that grew, all of their size" "$(of out.json vgrow live_bytes)" $((K * 65536))
echo "bytes of $((2 * K)) areas that shrank to 20000: $(of out.json vshrink live_bytes)"
case $DRVMEM_KVER in
7.2) each=20480 ;;	# the pages that 20000 bytes need
5.10 | 6.1) each=40960 ;;	# of 40000
*) each=$(($(of out.json vshrink live_bytes) / (2 * K))) ;;
esac
same "each" "$(of out.json vshrink live_bytes)" $((2 * K * each))
undo
cat >frees.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for kind in vshrink vgrow; do
	ctl alloc \$kind $K 40000
	ctl free \$kind 10 oldest
	ctl free \$kind 0 wq
done
END
traced freed.json undo -- bash frees.sh
for kind in vshrink vgrow; do
	same "$kind: left" "$(of freed.json $kind live_objects) $(of freed.json $kind live_bytes)" "0 0"
	same "$kind: bytes that came and went" "$(of freed.json $kind alloc_bytes)" "$(of freed.json $kind free_bytes)"
done
traced sampled.json undo --sample 4K -- bash frees.sh
same "sampled and left" "$(of sampled.json vshrink live_objects) $(of sampled.json vshrink sampled_live)" "0 0"
unload drvmem_test
exit 0
