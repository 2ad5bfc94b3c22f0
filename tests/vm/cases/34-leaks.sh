#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 'drvmem leaks' says of five sites of the test driver: one keeps an object of twenty each time,
# one only as it warms up, one until it is flushed, one keeps none, one has more and more as the load
# grows, and none when that ends. The first surely grows, no other
# does, and what it keeps is listed with its bytes.
# only: 6.12
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

ROUNDS=60 SIZE=200
load drvmem_test
mkfifo never
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
exec 9<>never
for ((i = 0; i < $ROUNDS; i++)); do
	ctl alloc kzalloc 20 $SIZE
	ctl free kzalloc 19 direct
	ctl alloc kcalloc 20 $SIZE
	ctl free kcalloc \$((i < 8 ? 17 : 20)) direct
	ctl alloc ucache 5 0
	((i % 15 != 14)) || ctl free ucache 0 direct
	ctl alloc kmemdup 20 $SIZE
	ctl free kmemdup 20 direct
	ctl free kasprintf 0 direct
	ctl alloc kasprintf \$((4 + 2 * i)) $SIZE
	read -rt 0.5 -u 9
done
ctl free kasprintf 0 direct
read -rt 3 -u 9
true
END
undo()
{
	ctl free kzalloc 0 direct
	ctl free kcalloc 0 direct
}
# of FUNCTION FIELD: of its site
of()
{
	jq -r "[.outstanding[] | select(.owner == \"drvmem_test\" and (.site | test(\"^$1[+]\")))][0].$2" leaks.json
}

# An emulated machine may lose as many events as are kept in the last third of the time: then drvmem must
# not be sure, and is asked again.
for try in 1 2 3; do
	"$DRVMEM" leaks -f json -o leaks.json -m drvmem_test --max-loss 1000000 -- bash work.sh
	same "status" $? 1
	undo
	count_lost leaks.json
	[ "$lost" -ge $((ROUNDS / 4)) ] || break
	[ "$lost" -lt $ROUNDS ] || [ "$(of alloc_kzalloc confidence)" = low ] || fail "sure, with $lost events lost"
done
[ "$lost" -lt $((ROUNDS / 4)) ] || skip "$lost events lost in each of $try tries"
echo "lost: $lost"
jq -r '.outstanding[] | "\(.site): \(.verdict), \(.confidence): \(.why)"' leaks.json
same "verdict" "$(of alloc_kzalloc verdict) $(of alloc_kzalloc confidence)" "growing high"
same "objects, bytes" "$(of alloc_kzalloc objects) $(of alloc_kzalloc bytes)" "$ROUNDS $((ROUNDS * SIZE))"
same "sites that surely grow" "$(jq .total.growing leaks.json)" 1
same "warm-up" "$(of alloc_kcalloc verdict) $(of alloc_kcalloc objects)" "warm-up 24"
case $(of alloc_ucache verdict) in
null | sawtooth | warm-up | quiet) ;;
*) fail "flushed now and then: $(of alloc_ucache verdict)" ;;
esac
same "what grew with the load" "$(of kasprintf objects)" null
same "what keeps none" "$(of alloc_kmemdup objects)" null
unload drvmem_test
