#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A driver under load is recorded for an hour, and the recorder killed ten times, at a random moment each; every other
# time it writes many files. Whatever it was at, each file has every interval that was complete, is whole, and adds up:
# files begin as the one before ended, and what they say of the driver is not more than it did. At first a recording in
# many files that is not killed, with the driver's own counts. Seconds and kills come from build/record-killed.
# time: 6800
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

read -r seconds kills <"$DRVMEM_TREE/build/record-killed" || { seconds=3600; kills=10; }
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

# sql FILE QUESTION: a file that is being made may have no answer yet
sql()
{
	sqlite3 -readonly "$1" "$2" 2>/dev/null
}

# files PREFIX: of one recording, in their order, into ${list[@]}
files()
{
	local f
	list=()
	for f in "$1"[.-]*; do
		case $f in *-wal | *-shm | *.err | *'*') ;; *) list+=("$f") ;; esac
	done
}

DRIVER="sum(allocs) FROM live WHERE owner = 'drvmem_test' AND site GLOB 'alloc_k[mz]alloc+*'"

# of_driver FILE: what it says of the two
of_driver()
{
	sql "$1" "SELECT ifnull((SELECT $DRIVER), 0)"
}

# count_driver: what the driver says it allocated by the two, into $driver
count_driver()
{
	field kmalloc allocated
	driver=${VALUE:-0}
	field kzalloc allocated
	driver=$((driver + ${VALUE:-0}))
}

# look_at FILE LAST: what a killed recorder left there
look_at()
{
	"$DRVMEM" report "$1" -f json -o look.json 2>look.err || fail "$1: $(cat look.err)"
	if [ "$2" = last ]; then
		grep -q "was not ended" look.err || fail "$1: that it was killed is not told"
	fi
	[ "$(sqlite3 "$1" "PRAGMA integrity_check")" = ok ] || fail "$1: it is damaged"
	same "$1: an interval without a gap" "$(sql "$1" "SELECT max(id) - count(*) FROM interval")" 0
	same "$1: frames" "$(sql "$1" "SELECT count(*) FROM frame")" "$(sql "$1" "SELECT count(*) FROM interval")"
	same "$1: sum of sites" "$(jq '[.owners[].sites[].allocs] | add' look.json)" "$(sql "$1" "SELECT sum(allocs) FROM live \
		WHERE allocator NOT IN ('dma_map', 'vmap', 'ioremap')")"
}

# round NUMBER [OPTION...]: record, kill, look
round()
{
	local i=$1 tries=0 seen newest begun after f before='' first
	shift
	count_driver
	begun=$driver
	"$DRVMEM" record -o "k$i.drvmem" --interval 300ms -m drvmem_test "$@" >/dev/null 2>"k$i.err" &
	pid=$!
	until files "k$i" && [ ${#list[@]} -gt 0 ] && [ "$(sql "${list[-1]}" "SELECT count(*) > 0 FROM interval")" = 1 ]; do
		tries=$((tries + 1))
		[ $tries -lt 1200 ] && kill -0 $pid 2>/dev/null || fail "no interval came: $(tail -n 3 "k$i.err")"
		sleep 0.1
	done
	sleep "$((seconds / kills + RANDOM % 2)).$((RANDOM % 1000))"
	files "k$i"
	newest=${list[-1]}
	seen=$(sql "$newest" "SELECT count(*) || ' ' || ifnull((SELECT $DRIVER), 0) FROM interval") || seen="0 0"
	sleep "0.$((RANDOM % 1000))"
	kill -9 $pid
	wait $pid 2>/dev/null
	count_driver
	after=$driver
	files "k$i"
	allocs=0
	for f in "${list[@]}"; do
		# a file that was begun just now may have no interval yet: then it says so, and all is in those before
		if [ "$f" != "$newest" ] && [ "$(sqlite3 "$f" "SELECT count(*) FROM interval" 2>/dev/null || echo 0)" = 0 ]; then
			"$DRVMEM" report "$f" >/dev/null 2>look.err
			grep -q "cannot read the session" look.err || fail "$f: $(cat look.err)"
			continue
		fi
		look_at "$f" "$([ "$f" = "${list[-1]}" ] && echo last)"
		first=$(sql "$f" "SELECT sum(live_objects) || ' ' || sum(live_bytes) || ' ' || sum(allocs) FROM series WHERE interval = 1")
		[ -z "$before" ] || same "$f: begins as the one before ended" "$first" "$before 0"
		before=$(sql "$f" "SELECT sum(live_objects) || ' ' || sum(live_bytes) FROM site_now")
		allocs=$((allocs + $(of_driver "$f")))
	done
	[ "$(sql "$newest" "SELECT count(*) FROM interval")" -ge "${seen%% *}" ] || fail "$newest: of ${seen%% *} intervals some are gone"
	[ "$(of_driver "$newest")" -ge "${seen##* }" ] || fail "$newest: what was recorded is gone"
	[ "$allocs" -le $((after - begun)) ] || fail "k$i: $allocs allocations, the driver made $((after - begun))"
	[ "$allocs" -gt 0 ] || fail "k$i: nothing was recorded"
	echo "round $i: ${#list[@]} files, $(sql "$newest" "SELECT count(*) FROM interval") intervals in the last (${seen%% *} seen)," \
		"$allocs of at most $((after - begun)) allocations"
	rm -f "${list[@]}"
}

# in many files: of what the driver allocated each has a part, and none is missing
cat >many.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for i in 1 2 3 4 5 6 7 8; do
	ctl alloc kmalloc 50 200
	ctl free kmalloc 20 direct
	sleep 0.7
done
END
for try in 1 2 3 4 5; do
	rm -f many-*
	"$DRVMEM" record -o many --rotate-every 1s --interval 300ms --second-look on -- bash many.sh 2>record.err ||
		fail "record of many files ended with $?: $(tail -n 3 record.err)"
	allocs=0 frees=0 lost=0 files=0
	for f in many-*.drvmem; do
		"$DRVMEM" report "$f" -f json -o many.json 2>many.err || fail "$f: $(cat many.err)"
		files=$((files + 1))
		lost=$((lost + $(loss many.json)))
		allocs=$((allocs + $(at_site many.json drvmem_test '^alloc_kmalloc[+]' allocs)))
		frees=$((frees + $(at_site many.json drvmem_test '^alloc_kmalloc[+]' frees)))
	done
	ctl free kmalloc 0 direct
	[ "$lost" -gt 0 ] || break
	echo "try $try: $lost events lost"
done
if [ "$lost" -eq 0 ]; then
	[ "$files" -gt 2 ] || fail "$files files"
	same "allocated, of $files files" "$allocs" 400
	same "freed, of $files files" "$frees" 160
	same "live in the last file" "$(at_site many.json drvmem_test '^alloc_kmalloc[+]' live_objects)" 240
	echo "many: $files files, $allocs allocations, $frees frees"
fi

bash load.sh &
load=$!
for ((i = 1; i <= kills; i++)); do
	if [ $((i % 2)) = 0 ]; then
		round $i --rotate-every 2s
	else
		round $i
	fi
done
touch stop
wait $load
unload drvmem_test
exit 0
