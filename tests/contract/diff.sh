# SPDX-License-Identifier: GPL-2.0-or-later
# drvmem diff: what is refused, exit status, and that its totals are those of reports of the two sessions.
. "$(dirname "$0")/../lib/contract.sh"

run diff
expect "no session" 2 "two sessions are expected"
run diff "$TMP/a.drvmem"
expect "one session" 2 "two sessions are expected"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" "$TMP/c.drvmem"
expect "three sessions" 2 "two sessions are expected"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -- true
expect "a command" 2 "two sessions are expected"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem"
expect "no such file" 2 "there is no such file"
run diff a b -f speedscope
expect "no difference in speedscope" 2 "use -f pprof or -f folded"
run diff a b --pools -f folded
expect "no stacks of pools" 2 "--pools cannot be shown with -f folded"
run diff a b --pools --by site
expect "pools or sites" 2 "--pools compares pools"
run diff a b --tolerance lots
expect "no size" 2 "lots"

if ! can_trace; then
	skip "diff" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

# B leaves 391 open files behind, in a process that outlives the recording
run record -o "$TMP/a.drvmem" --interval 100ms -- true
expect "A is recorded" 0 ""
run record -o "$TMP/b.drvmem" --interval 100ms -- bash -c "sleep 0.3; $DRVMEM mark early >/dev/null; sleep 0.3"'; for i in {10..400}; do eval "exec $i</dev/null"; done; sleep 1000 & echo $! >'"$TMP/pid"
[ "$rc" -eq 0 ] && ok "B is recorded" || not_ok "B is recorded" "$(head -c 200 "$TMP/err")"
kill "$(cat "$TMP/pid")"

run diff "$TMP/a.drvmem" "$TMP/a.drvmem" -f json
if [ "$rc" -eq 0 ] && jq -e '.rows == [] and .findings == 0 and .total.change_bytes == 0' "$TMP/out" >/dev/null; then
	ok "nothing differs from itself"
else
	not_ok "nothing differs from itself" "status $rc: $(jq -c '.rows[0]' "$TMP/out" 2>&1 | head -c 300)"
fi

# totals JSON: live bytes, live objects, allocs of a report
totals() { jq -c '[.owners | (map(.live_bytes) | add), (map(.live_objects) | add), (map(.allocs) | add)]' "$1"; }
run report "$TMP/a.drvmem" -f json
a=$(totals "$TMP/out")
run report "$TMP/b.drvmem" -f json
b=$(totals "$TMP/out")
for by in owner site cache stack; do
	run diff "$TMP/a.drvmem" "$TMP/b.drvmem" --by $by -f json --tolerance 0 --tolerance-percent 0
	cp "$TMP/out" "$TMP/$by.json"
	got=$(jq -c '.total | [.a_bytes, .a_objects, .a_allocs], [.b_bytes, .b_objects, .b_allocs]' "$TMP/out" | tr '\n' ' ')
	[ "$got" = "$a $b " ] && ok "by $by: totals are the reports'" || not_ok "by $by: totals are the reports'" "$got not $a $b"
	if jq -e '[.rows[], .unchanged // empty] as $r | .total as $t | all("bytes", "objects", "allocs"; . as $k |
		([$r[]["a_" + $k]] | add) == $t["a_" + $k] and ([$r[]["b_" + $k]] | add) == $t["b_" + $k] and
		([$r[]["change_" + $k]] | add) == $t["change_" + $k] and
		$t["change_" + $k] == $t["b_" + $k] - $t["a_" + $k])' "$TMP/out" >/dev/null; then
		ok "by $by: rows add up"
	else
		not_ok "by $by: rows add up" "$(head -c 200 "$TMP/out")"
	fi
done
# less what may be lost while the machine is busy
n=$(jq '[.rows[] | select(.cache == "filp") | .b_objects] | add // 0' "$TMP/site.json")
[ "$n" -ge 300 ] && ok "the open files are found" || not_ok "the open files are found" "$n of 391"
jq -e '(.rows | length) > 0 and all(.rows[]; (.frames | length) > 1 and .frames[0] == .name)' "$TMP/stack.json" >/dev/null &&
	ok "stacks have frames" || not_ok "stacks have frames" "$(jq -c '.rows[0]' "$TMP/stack.json" | head -c 300)"
jq -e 'all(.rows[]; .match == "offset" or .match == "name")' "$TMP/site.json" >/dev/null &&
	ok "one build goes by offsets" || not_ok "one build goes by offsets" "$(jq -c '[.rows[].match] | unique' "$TMP/site.json")"
jq -e '.findings == ([.rows[] | select(.change_bytes > 0)] | length)' "$TMP/site.json" >/dev/null &&
	ok "without a tolerance all growth is found" || not_ok "without a tolerance all growth is found" "$(jq .findings "$TMP/site.json")"

# the largest growth is a finding up to its own size; what others do meanwhile does not matter so
set -- "$TMP/a.drvmem" "$TMP/b.drvmem"
most=$(jq '[.rows[].change_bytes] | max // 0' "$TMP/site.json")
if [ "$most" -le 0 ]; then
	set -- "$TMP/b.drvmem" "$TMP/a.drvmem"
	most=$(jq '[.rows[].change_bytes] | min // 0 | -.' "$TMP/site.json")
fi
run diff "$@" --by site --tolerance $((most - 1)) --tolerance-percent 0
[ "$rc" -eq 1 ] && grep -q '^TOTAL ' "$TMP/out" && grep -q '^[1-9][0-9]* of ' "$TMP/out" && ok "growth is a finding" ||
	not_ok "growth is a finding" "status $rc, $most bytes: $(tail -n 1 "$TMP/out")"
run diff "$@" --by site --tolerance "$most" --tolerance-percent 0
expect "no more than the tolerance is none" 0 ""
run diff "$TMP/b.drvmem" "$TMP/a.drvmem" -f csv
case $rc in 0 | 1) head -n 1 "$TMP/out" | grep -q '^taken_at,row,level,name,' && ok "csv" || not_ok "csv" "$(head -n 1 "$TMP/out")" ;;
*) not_ok "csv" "status $rc" ;; esac

sums=$(jq -c '[.total.a_bytes, .total.b_bytes]' "$TMP/owner.json")
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -f folded --tolerance 1G
got=$(awk '{ b += $NF; a += $(NF - 1) } END { printf "[%.0f,%.0f]", a, b }' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$got" = "$sums" ] && ok "folded has both totals" || not_ok "folded has both totals" "$got not $sums"

# the difference as pprof reads it: signed, what is A's marked as pprof marks it
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -f pprof --tolerance 1G
data=$(dirname "$0")/../data
if [ "$rc" -eq 0 ] && gzip -dc <"$TMP/out" | protoc --proto_path="$data" --decode=Profile "$data/pprof.proto" >"$TMP/text"; then
	base=$(awk '/^string_table: / { if ($2 == "\"pprof::base\"") print n + 0; n++ }' "$TMP/text")
	got=$(awk -v base="$base" '
		function flush() { for (i in v) if (is_base) a -= v[i]; else b += v[i]; delete v; is_base = 0; n = 0 }
		/^sample [{]/ { flush() }
		/^  value: / { if (n++ == 3) v[0] = $2 }
		/^    key: / { if ($2 == base) is_base = 1 }
		END { flush(); printf "[%.0f,%.0f]", a, b }' "$TMP/text")
	[ "$got" = "$sums" ] && ok "pprof has both totals" || not_ok "pprof has both totals" "$got not $sums"
else
	not_ok "pprof has both totals" "status $rc: $(head -c 200 "$TMP/err")"
fi
# csv: the rows of the table and its total
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -f csv --top 3 --tolerance 1G
got=$(awk -F, '{ sub(/\r$/, ""); gsub(/"([^"]|"")*"/, "q") }
	NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
	$col["row"] == "total" { printf "[%s,%s]", $col["a_bytes"], $col["b_bytes"]; next }
	{ a += $col["a_bytes"]; b += $col["b_bytes"] }
	END { printf "[%.0f,%.0f]", a, b }' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$got" = "$sums$sums" ] && ok "csv has both totals, and its rows do" ||
	not_ok "csv has both totals, and its rows do" "$got not $sums"

# pools: figures are those of the two reports, and the largest growth is a finding up to its own size
held() { jq -c "[.pools[] | select(.name == \"$2\" and .kind == \"kmem_cache\") | .held_bytes]" "$1"; }
run report "$TMP/a.drvmem" --pools -f json
cp "$TMP/out" "$TMP/a.pools"
run report "$TMP/b.drvmem" --pools -f json
cp "$TMP/out" "$TMP/b.pools"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" --pools -f json
set -- "$TMP/a.drvmem" "$TMP/b.drvmem"
most=$(jq '[.pools[].change_held_bytes // 0] | max // 0' "$TMP/out")
if [ "$most" -gt 0 ]; then
	[ "$rc" -eq 1 ] && ok "growth of pools is found" || not_ok "growth of pools is found" "status $rc"
	name=$(jq -r "[.pools[] | select(.kind == \"kmem_cache\")][0].name" "$TMP/out")
	got=$(jq -c "[.pools[] | select(.name == \"$name\" and .kind == \"kmem_cache\")] | [.[].a_held_bytes], [.[].b_held_bytes]" "$TMP/out" | tr '\n' ' ')
	want="$(held "$TMP/a.pools" "$name") $(held "$TMP/b.pools" "$name") "
	[ "$got" = "$want" ] && ok "pools are the reports'" || not_ok "pools are the reports'" "$name: $got not $want"
	run diff "$@" --pools --tolerance $((most - 1))
	[ "$rc" -eq 1 ] && ok "pools: over the tolerance" || not_ok "pools: over the tolerance" "status $rc"
	run diff "$@" --pools --tolerance "$most"
	expect "pools: no more than the tolerance" 0 ""
else
	skip "growth of pools" "no pool grew between the two sessions"
fi
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" --pools -f csv
case $rc in 0 | 1) head -n 1 "$TMP/out" | grep -q '^taken_at,row,level,name,kind,' && ok "csv of pools" ||
	not_ok "csv of pools" "$(head -n 1 "$TMP/out")" ;;
*) not_ok "csv of pools" "status $rc" ;; esac

# windows of one session: what became more in each is the difference of the reports at their ends
first=$(sqlite3 -readonly "$TMP/b.drvmem" "SELECT text FROM mark WHERE text = 'early'")
run diff "$TMP/b.drvmem@..early" "$TMP/b.drvmem@early.." -f json
got=$(jq -c '.total.b_bytes' "$TMP/out")
want=$(($("$DRVMEM" report "$TMP/b.drvmem" -f json 2>/dev/null | jq '[.owners[].live_bytes] | add') - \
	$("$DRVMEM" report "$TMP/b.drvmem" --at early -f json 2>/dev/null | jq '[.owners[].live_bytes] | add')))
[ "$first" = early ] && [ "$rc" -le 1 ] && [ "$got" = "$want" ] && ok "a window is what became more in it" ||
	not_ok "a window is what became more in it" "status $rc, mark '$first': $got not $want"
run diff "$TMP/b.drvmem@early.." "$TMP/b.drvmem@early.." -f json
[ "$rc" -eq 0 ] && jq -e '.total.change_bytes == 0 and .total.a_bytes == '"$want" "$TMP/out" >/dev/null &&
	ok "a window is equal to itself" || not_ok "a window is equal to itself" "status $rc"
run diff "$TMP/b.drvmem@early" "$TMP/b.drvmem@early.."
expect "a moment and a window" 2 "two windows"
run diff "$TMP/b.drvmem@early.." live
expect "a window and now" 2 "two windows"
run diff "$TMP/b.drvmem@early.." "$TMP/b.drvmem@early.." --pools
expect "windows of pools" 2 "windows of them cannot be compared"

run diff "$TMP/b.drvmem@nonsense" "$TMP/b.drvmem"
expect "a moment that is not there" 2 "nonsense"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -m no_such_module
expect "a pattern that fits no owner of either" 2 "no owner matches"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -o "$TMP/no/such/dir"
expect "a file that cannot be written" 5 "cannot write"
finish
