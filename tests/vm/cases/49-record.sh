#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A driver under load is recorded for a minute; ten times at a random moment what is on the disk is taken as a
# kill would leave it, and at last the recorder is killed: the file has every interval that was complete, and
# what it says of the driver adds up. Then a whole recording: its report is that of the driver's own counts, marks name moments, and a leak is found in it.
# only: 5.10
# time: 400
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test
cat >load.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
while [ ! -e stop ]; do
	ctl alloc kmalloc 200 200
	ctl free kmalloc 0 direct
	ctl alloc kzalloc 20 100
	ctl free kzalloc 0 direct
done
END


# look FILE: its report, and that it adds up
look()
{
	"$DRVMEM" report "$1" -f json -o "$1.json" 2>"$1.err" || fail "$1: $(cat "$1.err")"
	grep -q "was not ended" "$1.err" || fail "$1: that it was killed is not told"
	same "$1: intervals without a gap, each with its frame" "$(sqlite3 -readonly "$1" "SELECT max(id) - count(*), count(*) -
		(SELECT count(*) FROM frame) FROM interval")" "0|0"
	same "$1: sum of sites" "$(jq '[.owners[].sites[].allocs] | add' "$1.json")" "$(jq '[.owners[].allocs] | add' "$1.json")"
	echo "$1: $(jq -c '[.meta.duration_s, ([.owners[] | select(.owner == "drvmem_test") | .allocs] | add), .loss.total]' "$1.json")"
}

bash load.sh &
load=$!
"$DRVMEM" record -o killed --interval 300ms -m drvmem_test >/dev/null 2>killed.err &
pid=$!
tries=0
until "$DRVMEM" report killed -f json -o seen.json 2>/dev/null; do
	tries=$((tries + 1))
	[ $tries -lt 1200 ] && kill -0 $pid 2>/dev/null || fail "no interval came: $(tail -n 3 killed.err)"
	sleep 0.1
done
before=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	sleep "5.$((RANDOM % 10))"
	# what is on the disk at a random moment is what a kill leaves
	kill -STOP $pid
	cp killed "copy$i"
	[ ! -e killed-wal ] || cp killed-wal "copy$i-wal"
	complete=$(sqlite3 -readonly killed "SELECT count(*) FROM interval")
	kill -CONT $pid
	look "copy$i"
	# up to the last interval that was complete
	[ -z "$complete" ] || same "copy $i: intervals" "$(sqlite3 -readonly "copy$i" "SELECT count(*) FROM interval")" "$complete"
	# the live one, later: nothing of the copy's may be missing in it
	now=$(jq '[.owners[].allocs] | add' "copy$i.json")
	[ "$now" -ge "$before" ] || fail "copy $i: $now allocations after $before"
	before=$now
done
"$DRVMEM" report killed -f json -o seen.json 2>/dev/null || fail "no report while it is written"
kill -9 $pid
wait $pid 2>/dev/null
look killed
[ "$(jq '[.owners[].allocs] | add' killed.json)" -ge "$(jq '[.owners[].allocs] | add' seen.json)" ] ||
	fail "an interval that was there is gone"
touch stop
wait $load

cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kmalloc 300 200
"$DRVMEM" mark allocated || exit 9
ctl free kmalloc 100 direct
ctl alloc kzalloc 40 100
"$DRVMEM" mark 'all done' || exit 9
END
undo()
{
	ctl free kmalloc 0 direct
	ctl free kzalloc 0 direct
}
for try in 1 2 3 4 5; do
	"$DRVMEM" record -o whole --replace --interval 1s --second-look on -- bash work.sh 2>record.err ||
		fail "record ended with $?: $(tail -n 3 record.err)"
	"$DRVMEM" report whole -f json -o whole.json || fail "no report of a whole session"
	count_lost whole.json
	undo
	[ "$lost" -gt 0 ] || break
	echo "try $try: $lost events lost"
done
[ "$lost" -eq 0 ] || skip "$lost events lost in each of $try tries"
same "live at the end" "$(at_site whole.json drvmem_test '^alloc_k[mz]alloc[+]' live_objects)" 240
"$DRVMEM" report whole --at allocated -f json -o then.json || fail "no report of a mark"
same "live at the mark" "$(at_site then.json drvmem_test '^alloc_k[mz]alloc[+]' live_objects)" 300
"$DRVMEM" diff whole@allocated whole -m drvmem_test --by site -f json -o diff.json
same "status of a diff with growth" $? 1
same "what grew" "$(jq '[.rows[] | select(.name | test("alloc_kzalloc")) | .change_objects] | add' diff.json)" 40
same "what shrank" "$(jq '[.rows[] | select(.name | test("alloc_kmalloc$|alloc_kmalloc[^_]")) | .change_objects] | add' diff.json)" -100
"$DRVMEM" report whole --window allocated.. --inside -m drvmem_test -f json -o inside.json || fail "no window"
same "allocated inside, live" "$(jq '[.between[] | select(.name | test("^alloc_kzalloc[+]")) | .aifo_min, .aifo_max] | join(" ")' -r inside.json)" "40 40"
same "allocated outside, freed inside" "$(jq '[.between[] | select(.name | test("^alloc_kmalloc[+]")) | .aofi_min, .aofi_max] | join(" ")' -r inside.json)" "100 100"
"$DRVMEM" leaks whole --older 0 -m drvmem_test -f json -o leaks.json
same "status of leaks" $? 1
same "outstanding" "$(jq '[.outstanding[] | select(.site | test("^alloc_k[mz]alloc[+]")) | .objects] | add' leaks.json)" 240

# a recording that looks at its end who holds what: what nobody does is lost, and stays so in the file
cat >lose.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kcalloc 60 200
ctl leak kcalloc 0
ctl alloc kmemdup 20 200
ctl hold kmemdup 0 list
END
"$DRVMEM" record -o judged --reach --interval 1s --second-look on -- bash lose.sh 2>record.err ||
	fail "record --reach ended with $?: $(tail -n 3 record.err)"
"$DRVMEM" leaks judged --older 0 -m drvmem_test --reach on -f json -o judged.json 2>judged.err
same "status of leaks that are lost" $? 1
of()
{
	jq "[.outstanding[] | select(.site | test(\"^$1[+]\")) | .reach.$2] | add // 0" judged.json
}
jq -c '.reach, [.outstanding[] | {site, objects, reach}]' judged.json
[ "$(of alloc_kcalloc definitely_lost)" -gt 0 ] || fail "of 60 objects that nobody holds none is lost"
same "held ones that are called lost" $(($(of alloc_kmemdup definitely_lost) + $(of alloc_kmemdup indirectly_lost))) 0
ctl free kmemdup 0 direct
cp whole "$OUT/session.drvmem" 2>/dev/null
unload drvmem_test
exit 0
