#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The coverage ledger: K objects in the driver's own, never merged cache differ from what slabinfo
# says by no more than the free objects that CPUs and sheaves may keep; vmallocinfo has the driver's
# areas, byte for byte. Allocations that cannot be seen are not explained, and a session that is
# filtered by size compares nothing.
# only: 6.12
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=6000 AREAS=100 AREA=20000
load drvmem_test
CACHE=drvmem_test_ucache
active()
{
	awk -v c="$CACHE" '$1 == c { print $2 }' /proc/slabinfo
}
# Bytes of the driver's areas.
area_bytes()
{
	awk '/\[drvmem_test\]/ && / vmalloc/ { for (i = 1; i <= NF; i++) if ($i ~ /^pages=/) n += substr($i, 7) }
		END { print n * 4096 }' /proc/vmallocinfo
}
# row FILE NAME FIELD
row()
{
	jq -r --arg n "$2" "[.coverage.rows[] | select(.name == \$n) | .$3] | .[0]" "$1"
}
undo()
{
	ctl free ucache 0 direct
	ctl free cachebulk 0 direct
	ctl free vmalloc 0 direct
}
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc ucache $K 0
ctl alloc vmalloc $AREAS $AREA
END
BEFORE=$(active)
[ -n "$BEFORE" ] || fail "$CACHE is not in slabinfo"
traced out.json undo -- bash work.sh
MOVED=$(($(active) - BEFORE))
echo "$CACHE: slabinfo moved by $MOVED"
jq -c .coverage.summary out.json
jq -c --arg n "$CACHE" '.coverage.rows[] | select(.name == $n)' out.json
same "objects tracked in $CACHE" "$(row out.json "$CACHE" tracked)" $K
same "verdict of $CACHE" "$(row out.json "$CACHE" verdict)" explained
SLACK=$(row out.json "$CACHE" slack)
[ "$((MOVED - K))" -le "$SLACK" ] && [ "$((K - MOVED))" -le "$SLACK" ] ||
	fail "slabinfo moved by $MOVED, $K are live, at most $SLACK are kept"
[ "$SLACK" -lt $K ] || fail "a slack of $SLACK proves nothing of $K objects"

same "the driver's areas in vmallocinfo" "$(area_bytes)" \
	"$(jq '[.owners[] | select(.owner == "drvmem_test") | .allocators.vmalloc.held_bytes] | add' out.json)"
same "their bytes" "$(area_bytes)" $((AREAS * 20480))
jq -c '.coverage.rows[] | select(.name == "vmalloc")' out.json
[ "$(row out.json vmalloc kernel_now)" -ge $((AREAS * 20480)) ] || fail "the ledger lacks the areas"
same "verdict of pages" "$(row out.json page verdict)" "$(jq -r 'if [.meta.not_seen[] | select(test("^pages:"))] |
	length > 0 then "absent" else "not comparable" end' out.json)"
undo

# what has no event is missed by the trace, and the ledger says so
cat >bulk.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc cachebulk 12000 0
END
traced bulk.json undo -- bash bulk.sh
if jq -e '.meta.not_seen[] | select(startswith("objects allocated in bulk"))' bulk.json >/dev/null; then
	MISSED=$(jq '[.coverage.rows[] | select(.unit == "objects") | .unexplained] | max' bulk.json)
	echo "of 12000 objects allocated in bulk $MISSED are not explained"
	[ "$MISSED" -ge 4000 ] || fail "12000 objects that were not seen are explained: $(jq -c .coverage bulk.json)"
fi
undo

traced sized.json undo --min-size 100 -- bash work.sh
same "comparable" "$(jq .coverage.comparable sized.json)" false
same "verdict of $CACHE with a filter" "$(row sized.json "$CACHE" verdict)" "not comparable"
same "explained with a filter" "$(jq .coverage.caches_explained sized.json)" 0
undo
unload drvmem_test
exit 0
