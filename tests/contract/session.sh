# SPDX-License-Identifier: GPL-2.0-or-later
# drvmem record, and what reads its file: totals agree however they are asked for, foreign files are told.
. "$(dirname "$0")/../lib/contract.sh"

S=$TMP/s.drvmem

# what is typed wrongly
run record --duration 1
expect "record without a file" 2 "there is no file to record into"
run record -o "$TMP/no/such/dir/s" --duration 1
expect "a directory that is not there" 5 "cannot create"
run record -o "$S" --interval 10ms
expect "an interval too short" 2 "interval"
run record -o "$S" 5
expect "an argument too many" 2 "unexpected argument '5'"
run record -o "$S" --generations --sample 512K
expect "generations need every object" 2 "--generations needs every object"
run report --at 12:30
expect "a time without a file" 2 "of a recorded session"
run report "$TMP/nothing.drvmem"
expect "no such file" 2 "there is no such file"
echo "this is no session, but long enough for somebody to look at it closely" >"$TMP/text.drvmem"
run report "$TMP/text.drvmem"
expect "a text" 5 "no SQLite database"
run record -o "$TMP/text.drvmem" --replace --duration 1
expect "a text is not replaced" 2 "no session of drvmem"
grep -q "this is no session" "$TMP/text.drvmem" && ok "it is as it was" || not_ok "it is as it was" "it changed"
run mark 1 "a text that nobody waits for"
expect "a mark for no session" 2 "process 1 is no session"
run mark 1 two three
expect "a mark with two texts" 2 "one text"

# a session that a guest of Linux 5.10 recorded (tests/vm/cases/49-record.sh): without rights, on any machine
OLD=$(dirname "$0")/../data/session-5.10.drvmem
same() { [ "$2" = "$3" ] && ok "$1" || not_ok "$1" "'$2' is not '$3'"; }
cp "$OLD" "$TMP/old.drvmem"
run report "$TMP/old.drvmem" -f json
same "a session of 5.10: kernel" "$(jq -r .meta.kernel "$TMP/out" | cut -d. -f1-2)" "5.10"
drv='.owners[] | select(.owner == "drvmem_test") | .sites[] | select(.site | test("^alloc_k[mz]alloc[+]"))'
same "a session of 5.10: live" "$(jq "[$drv | .live_objects] | add" "$TMP/out")" 240
run report "$TMP/old.drvmem" --at allocated -f json
same "a session of 5.10: at a mark" "$(jq "[$drv | .live_objects] | add" "$TMP/out")" 300
run leaks "$TMP/old.drvmem" --older 0 -m drvmem_test -f json
same "a session of 5.10: outstanding" \
	"$(jq '[.outstanding[] | select(.site | test("^alloc_k[mz]alloc[+]")) | .objects] | add' "$TMP/out")" 240
run report "$TMP/old.drvmem" -f html -o "$TMP/old.html"
[ "$rc" -eq 0 ] && grep -q drvmem_test "$TMP/old.html" && ok "a session of 5.10: page" || not_ok "a session of 5.10: page" "status $rc"
# its format is the first: what came later was not recorded, which is said, and is no zero
same "a session of 5.10: version" "$(sqlite3 -readonly "$TMP/old.drvmem" "PRAGMA user_version")" 1
run report "$TMP/old.drvmem" --system
expect "a session of the first version: no machine" 2 "were not recorded"
run report "$TMP/old.drvmem" --baseline
[ "$rc" -eq 0 ] && grep -q "it was not recorded" "$TMP/out" && ok "a session of the first version: no baseline" ||
	not_ok "a session of the first version: no baseline" "status $rc"
run report "$TMP/old.drvmem" -f json
same "a session of the first version: null" "$(jq .baseline "$TMP/out")" null
cp "$OLD" "$TMP/newer.drvmem"
sqlite3 "$TMP/newer.drvmem" "PRAGMA user_version = 99"
run report "$TMP/newer.drvmem"
expect "a newer format" 5 "written by a newer drvmem"
run record -o "$TMP/x" --keep 3 --duration 1
expect "--keep of one file" 2 "--keep is of a recording in many files"
run record -o "$TMP/x" --rotate-every 1h --advise --duration 1
expect "advice in many files" 2 "cannot be recorded in many files"
# the same file, cut: an error, or what is left
size=$(stat -c %s "$OLD")
for part in 10 30 50 70 90 99; do
	head -c $((size * part / 100)) "$OLD" >"$TMP/cut.drvmem"
	run report "$TMP/cut.drvmem" -f json
	[ "$rc" -eq 5 ] && grep -q "cannot read the session" "$TMP/err" || { [ "$rc" -eq 0 ] && is_json "$TMP/out"; } &&
		ok "cut to $part %" || not_ok "cut to $part %" "status $rc: $(head -c 200 "$TMP/err")"
done

if ! can_trace; then
	skip "record" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

cat >"$TMP/work.sh" <<END
i=0
while [ \$i -lt 3 ]; do
	find /proc/self/ >/dev/null 2>&1
	$DRVMEM mark "round \$i" >/dev/null || exit 9
	i=\$((i + 1))
done
END
run record -o "$S" --generations --interval 200ms -- sh "$TMP/work.sh"
[ "$rc" -eq 0 ] && ok "record a command" || not_ok "record a command" "status $rc: $(tail -n 3 "$TMP/err")"
[ "$(stat -c %a "$S")" = 600 ] && ok "for its owner only" || not_ok "for its owner only" "$(stat -c %a "$S")"
[ ! -e "$S-wal" ] && ok "one file" || not_ok "one file" "a log is left"
run record -o "$S" --duration 1
expect "not over another session" 2 "there is a session in"

sql() { sqlite3 -readonly "$S" "$1"; }
same "marks" "$(sql "SELECT group_concat(text) FROM mark")" "round 0,round 1,round 2"
[ "$(sql "SELECT count(*) FROM interval")" -ge 3 ] && ok "a mark begins an interval" ||
	not_ok "a mark begins an interval" "$(sql "SELECT count(*) FROM interval") intervals"

# the same figure, whoever is asked
run report "$S" -f json
expect "report of a session" 0 ""
is_json "$TMP/out" && ok "report of a session is JSON" || not_ok "report of a session is JSON" "$(head -c 300 "$TMP/out")"
cp "$TMP/out" "$TMP/report.json"
live=$(jq '[.owners[].live_bytes] | add' "$TMP/report.json")
same "live bytes by SQL" "$(sql "SELECT sum(live_bytes) FROM live WHERE allocator NOT IN ('dma_map', 'vmap', 'ioremap')")" "$live"
same "allocations by SQL" "$(sql "SELECT sum(allocs) FROM live WHERE allocator NOT IN ('dma_map', 'vmap', 'ioremap')")" \
	"$(jq '[.owners[].allocs] | add' "$TMP/report.json")"
same "live bytes by the series" "$live" "$(sql "SELECT sum(live_bytes) FROM series s JOIN allocator a ON a.id = s.allocator
	WHERE a.name NOT IN ('dma_map', 'vmap', 'ioremap') AND interval = (SELECT max(interval) FROM series
	WHERE owner = s.owner AND allocator = s.allocator)")"
run report "$S" -f json
same "twice the same" "$(cksum <"$TMP/out")" "$(cksum <"$TMP/report.json")"
run report "$S" --window "round 0..round 2"
expect "a window between marks" 0 ""
run report "$S" --window "round 0..round 2" --inside -f json
[ "$rc" -eq 0 ] && same "its allocations, inside" "$(jq '[.between[-1] | .allocs == .aifo_min + .aifi_max and .allocs == .aifo_max + .aifi_min] | all' "$TMP/out")" true ||
	not_ok "its allocations, inside" "status $rc: $(cat "$TMP/err")"
# between marks that follow each other it was counted
run report "$S" --window "round 0..round 1" --inside -f json
same "exact between two marks" "$(jq -c '[.between[] | .known == "marks" and .aifo_min == .aifo_max and .aofi_min == .aofi_max] | [all, length > 3]' "$TMP/out")" \
	"[true,true]"
run report "$S" --window "..round 2" --inside -f csv
same "bounds are marked" "$(awk -F, 'NR > 1 && $10 != $11 && ($10 > $11 || !(/aifo_min>=/ && /aifo_max<=/))' "$TMP/out" | head -n 3)" ""
[ "$rc" -eq 0 ] || not_ok "bounds as CSV" "status $rc: $(cat "$TMP/err")"
same "the columns of bounds" "$(head -n 1 "$TMP/out" | cut -d, -f 10,11)" "aifo_min,aifo_max"
run report "$S" --inside --pools
expect "two views" 2 "views of their own"
run report "$S" --inside --sample 64K
expect "inside of a sample" 2 "recorded session"
run report "$S" --at "+1h"
expect "later than the end is the end" 0 ""
run report "$S" --at "@1000"
expect "before the start" 2 "before the first interval"
run report "$S" --at "nonsense"
expect "no time" 2 "no time, and no mark"
run report "$S" --window "round 2..round 0"
expect "a window the wrong way round" 2 "no interval lies between"
run report "$S" --duration 5
expect "nothing to trace" 2 "cannot be used with a recorded session"
run report "$S" --pools -f json
[ "$rc" -eq 0 ] && is_json "$TMP/out" && ok "pools of a session" || not_ok "pools of a session" "status $rc: $(cat "$TMP/err")"
run advise "$S"
expect "advice of a session without sizes" 2 "not recorded for advice"
run report "$S" --system -f json
[ "$rc" -eq 0 ] && is_json "$TMP/out" && ok "the machine of a session" || not_ok "the machine of a session" "status $rc: $(cat "$TMP/err")"
same "all RAM by SQL" "$(jq .system.ram.total "$TMP/out")" "$(sql "SELECT MemTotal FROM system ORDER BY id DESC LIMIT 1")"
same "free RAM by SQL" "$(jq .system.ram.classes.free "$TMP/out")" "$(sql "SELECT MemFree FROM system ORDER BY id DESC LIMIT 1")"
same "classes and what is unaccounted are all RAM" \
	"$(jq '.system.ram | .total == .sum + .unaccounted and .sum == ([.classes[] | numbers] | add)' "$TMP/out")" true
same "free blocks by SQL" "$(jq '[.system.fragmentation[].free_blocks[]] | add' "$TMP/out")" "$(sql "SELECT sum(free_0 + free_1 + free_2 +
	free_3 + free_4 + free_5 + free_6 + free_7 + free_8 + free_9 + free_10 + free_11 + free_12 + free_13 + free_14 + free_15)
	FROM zone WHERE interval = (SELECT max(id) FROM system)")"
run report "$S" --system
expect "the machine of a session, as text" 0 ""
grep -q "^unaccounted" "$TMP/out" && ok "what is unaccounted" || not_ok "what is unaccounted" "$(head -c 300 "$TMP/out")"
run report "$S" --baseline
expect "what was there before a session" 0 ""
grep -q "^BEFORE TRACING" "$TMP/out" && ok "its table" || not_ok "its table" "$(tail -n 3 "$TMP/out")"
same "what was there before, by SQL" "$(jq .baseline.bytes "$TMP/report.json")" \
	"$(sql "SELECT ifnull(slab_bytes, 0) + ifnull(vmalloc_bytes, 0) + ifnull(percpu_bytes, 0) + ifnull(images_bytes, 0) FROM baseline")"
same "its owners by SQL" "$(jq '.baseline.owners | length' "$TMP/report.json")" "$(sql "SELECT count(*) FROM baseline_owner")"
run leaks "$S" -f json
[ "$rc" -le 1 ] && is_json "$TMP/out" && ok "leaks of a session" || not_ok "leaks of a session" "status $rc: $(cat "$TMP/err")"
same "without a scan nothing is lost" "$(jq '[.outstanding[] | select(.reach.definitely_lost // 0 > 0)] | length' "$TMP/out")" 0
run leaks "$S" --reach on
expect "no scan of the past" 2 "does not have who held its objects"

# the examples of the documentation
sed -n '/^```sql/,/^```/p' "$(dirname "$0")/../../doc/session-file.md" | sed '/^```/d' >"$TMP/doc.sql"
if [ -s "$TMP/doc.sql" ] && sqlite3 -readonly -bail "$S" <"$TMP/doc.sql" >"$TMP/out" 2>"$TMP/err" && grep -q "|round 1$" "$TMP/out"; then
	ok "examples of doc/session-file.md"
else
	not_ok "examples of doc/session-file.md" "$(cat "$TMP/err")"
fi

# comparisons
run diff "$S"
expect "one session only" 2 "two sessions are expected"
run diff "$S" "$TMP/nothing.drvmem"
expect "diff with no file" 2 "there is no such file"
run diff "$S" "$S@no such moment"
expect "diff at no moment" 2 "no time, and no mark"
run diff "$S" "$S" -f json
[ "$rc" -eq 0 ] && same "a session is equal to itself" "$(jq '.total.change_bytes' "$TMP/out")" 0 ||
	not_ok "a session is equal to itself" "status $rc: $(cat "$TMP/err")"
run diff "$S@round 0" "$S" -f json --by site
[ "$rc" -le 1 ] && same "what changed is what the reports differ by" "$(jq '.total.change_bytes' "$TMP/out")" \
	$((live - $("$DRVMEM" report "$S" --at "round 0" -f json 2>/dev/null | jq '[.owners[].live_bytes] | add'))) ||
	not_ok "what changed is what the reports differ by" "status $rc: $(cat "$TMP/err")"

# of a sample nothing is judged by ages, and every view says so
N=$TMP/sampled.drvmem
run record -o "$N" --sample 4K -- sh -c '"$0" mark one; find /proc/self/ >/dev/null 2>&1; "$0" mark two' "$DRVMEM"
[ "$rc" -eq 0 ] && ok "record a sample" || not_ok "record a sample" "status $rc: $(tail -n 3 "$TMP/err")"
run report "$N" -f json
same "the session is sampled" "$(jq .meta.sampled "$TMP/out")" true
words="ages of single objects are not known"
for form in text json sarif junit; do
	run leaks "$N" -f $form
	expect "leaks of a sample, $form" 2 "$words"
done
grep -q "drvmem record without --sample" "$TMP/err" && ok "leaks of a sample: the remedy" || not_ok "leaks of a sample: the remedy" "$(cat "$TMP/err")"
run leaks "$N" --window "one..+1h"
expect "leaks of a window of a sample" 2 "$words"
run report "$N" -f html -o "$TMP/sampled.html"
[ "$rc" -eq 0 ] && grep -q "Sampled: $words" "$TMP/sampled.html" && ok "html of a sample: why no growth" ||
	not_ok "html of a sample: why no growth" "status $rc: $(cat "$TMP/err")"
said="sampled: .* estimates \(one point in 4.0Ki bytes from the start\)"
for form in csv folded; do
	run report "$N" -f $form
	[ "$rc" -eq 0 ] && grep -Eq "$said" "$TMP/err" && ok "$form of a sample: since when" || not_ok "$form of a sample: since when" "$(cat "$TMP/err")"
done
run report "$N" -f speedscope
grep -q 'one point in 4.0Ki bytes from the start' "$TMP/out" && grep -q 'inuse_space [0-9]* ± [0-9]' "$TMP/out" && ok "speedscope of a sample: errors" ||
	not_ok "speedscope of a sample: errors" "$(head -c 300 "$TMP/out")"
run diff "$N" "$N"
grep -Eq "A was sampled: .*one point in 4.0Ki bytes from the start" "$TMP/out" && ok "diff of samples: since when" || not_ok "diff of samples: since when" "$(head -n 5 "$TMP/out")"
run top --batch -n 1 --tab leaks "$N"
[ "$rc" -eq 0 ] && grep -q "Sampled: $words" "$TMP/out" && ! grep -q TOTAL "$TMP/out" && ok "top of a sample: no leaks told" ||
	not_ok "top of a sample: no leaks told" "status $rc: $(tail -n 3 "$TMP/out")"

finish
