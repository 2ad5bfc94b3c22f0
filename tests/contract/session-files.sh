# SPDX-License-Identifier: GPL-2.0-or-later
# A recording in many files: each is complete in itself, and together they have every event; a program that holds the
# file costs an interval and not the recording; what takes long says so on a terminal and nowhere else.
. "$(dirname "$0")/../lib/contract.sh"

same() { [ "$2" = "$3" ] && ok "$1" || not_ok "$1" "'$2' is not '$3'"; }
OLD=$(dirname "$0")/../data/session-5.10.drvmem

# a file that another program holds for longer than a second: that is waited for, and told on a terminal only
cp "$OLD" "$TMP/held.drvmem"
hold()	# FILE
{
	: >"$TMP/holds"
	mkfifo "$TMP/fifo"
	sqlite3 "$1" <"$TMP/fifo" >"$TMP/holds" 2>&1 &
	holder=$!
	exec 7>"$TMP/fifo"
	echo "BEGIN EXCLUSIVE; SELECT 'held';" >&7
	n=0
	until grep -q held "$TMP/holds" || [ $n -ge 500 ]; do
		n=$((n + 1))
		sleep 0.02
	done
}
let_go()
{
	exec 7>&-
	wait $holder
	rm -f "$TMP/fifo"
}
if command -v script >/dev/null; then
	hold "$TMP/held.drvmem"
	script -qec "'$DRVMEM' report '$TMP/held.drvmem' -f json -o '$TMP/out'" /dev/null </dev/null >"$TMP/tty" 2>&1 7>&- &
	asker=$!
	"$DRVMEM" report "$TMP/held.drvmem" -f json >"$TMP/out2" 2>"$TMP/err" 7>&- &
	plain=$!
	n=0
	until grep -q "reading held.drvmem" "$TMP/tty" || [ $n -ge 500 ]; do
		n=$((n + 1))
		sleep 0.02
	done
	let_go
	wait $asker
	wait $plain
	grep -q "drvmem: reading held.drvmem" "$TMP/tty" && ok "progress on a terminal" || not_ok "progress on a terminal" "$(cat "$TMP/tty")"
	is_json "$TMP/out" && ok "and the report, once it is let go" || not_ok "and the report, once it is let go" "$(cat "$TMP/tty")"
	is_json "$TMP/out2" && ! grep -q "reading" "$TMP/err" && ok "no progress without a terminal" ||
		not_ok "no progress without a terminal" "$(cat "$TMP/err")"
else
	skip "progress on a terminal" "no script(1)"
fi

if ! can_trace; then
	skip "record" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

# some files; what is not of this recording is left alone
mkdir "$TMP/d"
touch "$TMP/d/mem-20200101T000000Z.drvmem.bak" "$TMP/d/other-20200101T000000Z.drvmem"
echo "precious" >"$TMP/d/mem-20200101T000000Z.drvmem"
cat >"$TMP/work.sh" <<END
n=0
while [ \$(ls "$TMP"/d/mem-2*.drvmem | wc -l) -lt 5 ] && [ \$n -lt 3000 ]; do
	ls /proc/self >/dev/null
	sleep 0.02
	n=\$((n + 1))
done
END
run record -o "$TMP/d/mem" --interval 200ms --rotate-every 1s -- sh "$TMP/work.sh"
[ "$rc" -eq 0 ] && ok "record many files" || not_ok "record many files" "status $rc: $(tail -n 3 "$TMP/err")"
files=$(find "$TMP/d" -name 'mem-2*Z.drvmem' ! -name 'mem-2020*' | sort)
[ "$(echo "$files" | wc -l)" -ge 3 ] && ok "there are many" || not_ok "there are many" "$(ls "$TMP/d")"
[ -z "$(find "$TMP/d" -name '*-wal' -o -name '*-shm')" ] && ok "each is one file" || not_ok "each is one file" "$(ls "$TMP/d")"
allocs=0 frees=0 before=
for f in $files; do
	mkdir -p "$TMP/alone"
	cp "$f" "$TMP/alone/s"
	run report "$TMP/alone/s" -f json
	[ "$rc" -eq 0 ] && [ ! -s "$TMP/err" ] || not_ok "a file alone" "status $rc: $(cat "$TMP/err")"
	cp "$TMP/out" "$TMP/last.json"
	allocs=$((allocs + $(jq '[.owners[].sites[].allocs] | add' "$TMP/out")))
	frees=$((frees + $(jq '[.owners[].sites[].frees] | add' "$TMP/out")))
	same "allocations of a file by SQL" "$(sqlite3 -readonly "$f" "SELECT sum(allocs) FROM live WHERE allocator NOT IN ('dma_map', 'vmap', 'ioremap')")" \
		"$(jq '[.owners[].allocs] | add' "$TMP/out")"
	# it begins with what the one before ended with: all of it held, nothing of it allocated here
	first=$(sqlite3 -readonly "$f" "SELECT sum(live_objects) || ' ' || sum(live_bytes) || ' ' || sum(allocs) FROM series WHERE interval = 1")
	[ -z "$before" ] || same "a file begins as the one before ended" "$first" "$before 0"
	before=$(sqlite3 -readonly "$f" "SELECT sum(live_objects) || ' ' || sum(live_bytes) FROM site_now")
	[ -z "${second:-}" ] || grep -q "this continues a recording" "$TMP/out" || not_ok "that it continues is told" "$f"
	second=yes
done
live=$(jq '[.owners[].live_objects] | add' "$TMP/last.json")
# every object that lives was allocated in one of the files and freed in none: no event is between two of them
same "allocations less frees, of all files, are what lives at the end" $((allocs - frees)) "$live"
run leaks "$(echo "$files" | tail -n 1)" -f json
[ "$rc" -le 1 ] && is_json "$TMP/out" && ok "leaks of the last file" || not_ok "leaks of the last file" "status $rc"

# a program that holds the file: its interval is skipped and told, the recording goes on
"$DRVMEM" record -o "$TMP/held2" --interval 200ms >/dev/null 2>"$TMP/held2.err" &
pid=$!
n=0
until [ "$(sqlite3 -readonly "$TMP/held2" "SELECT count(*) FROM interval" 2>/dev/null || echo 0)" -ge 2 ] || [ $n -ge 600 ]; do
	n=$((n + 1))
	sleep 0.05
done
hold "$TMP/held2"
n=0
until grep -q "this interval is skipped" "$TMP/held2.err" || [ $n -ge 600 ]; do
	n=$((n + 1))
	sleep 0.05
done
let_go
mkdir "$TMP/ro"
cp "$TMP/held2" "$TMP/held2-wal" "$TMP/ro"	# as a killed one would be, to be looked at below
seen=$(sqlite3 -readonly "$TMP/held2" "SELECT max(id) FROM interval")
n=0
until [ "$(sqlite3 -readonly "$TMP/held2" "SELECT max(id) FROM interval")" -gt "$seen" ] || [ $n -ge 600 ]; do
	n=$((n + 1))
	sleep 0.05
done
kill -INT $pid
wait $pid
rc=$?
cp "$TMP/held2.err" "$TMP/err"
expect "a recording that others held up" 0 "intervals were skipped"
run report "$TMP/held2" -f json
expect "that intervals are missing is told" 0 "intervals are missing in"
same "and counted" "$(sqlite3 -readonly "$TMP/held2" "SELECT value > 0 FROM setting WHERE name = 'skipped'")" 1

# on a medium that cannot be written to: without the log beside it, which is told
if unshare -m true 2>/dev/null; then
	unshare -m sh -c "mount --bind '$TMP/ro' '$TMP/ro' && mount -o remount,ro,bind '$TMP/ro' || exit 99
		'$DRVMEM' report '$TMP/ro/held2' -f json" >"$TMP/out" 2>"$TMP/err"
	rc=$?
	if [ $rc -eq 99 ]; then
		skip "a read-only medium" "cannot mount here"
	else
		expect "a read-only medium" 0 "the log beside"
		is_json "$TMP/out" && ok "its report" || not_ok "its report" "$(head -c 200 "$TMP/out")"
	fi
else
	skip "a read-only medium" "cannot unshare here"
fi

cp "$OLD" "$TMP/d/mem-20200102T000000Z.drvmem"
run record -o "$TMP/d/mem.drvmem" --keep 2 --rotate-every 1h --duration 300ms --interval 200ms
[ "$rc" -eq 0 ] && ok "record and keep two" || not_ok "record and keep two" "status $rc: $(tail -n 3 "$TMP/err")"
same "two are kept, of the newest" "$(find "$TMP/d" -name 'mem-2*Z.drvmem' ! -name 'mem-20200101*' | wc -l)" 2
[ ! -e "$TMP/d/mem-20200102T000000Z.drvmem" ] && ok "an old session goes" || not_ok "an old session goes" "it is there"
grep -qx precious "$TMP/d/mem-20200101T000000Z.drvmem" && [ -e "$TMP/d/mem-20200101T000000Z.drvmem.bak" ] &&
	[ -e "$TMP/d/other-20200101T000000Z.drvmem" ] && ok "what is no session stays" || not_ok "what is no session stays" "$(ls "$TMP/d")"
grep -q "stays: it cannot be deleted" "$TMP/err" && ok "that it stays is told" || not_ok "that it stays is told" "$(cat "$TMP/err")"
finish
