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
run diff a b --tolerance lots
expect "no size" 2 "lots"

if ! can_trace; then
	skip "diff" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

# B leaves 391 open files behind, in a process that outlives the recording
run record -o "$TMP/a.drvmem" --interval 100ms -- true
expect "A is recorded" 0 ""
run record -o "$TMP/b.drvmem" --interval 100ms -- bash -c 'for i in {10..400}; do eval "exec $i</dev/null"; done; sleep 1000 & echo $! >'"$TMP/pid"
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
for by in owner site cache; do
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

run diff "$TMP/b.drvmem@nonsense" "$TMP/b.drvmem"
expect "a moment that is not there" 2 "nonsense"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -m no_such_module
expect "a pattern that fits no owner of either" 2 "no owner matches"
run diff "$TMP/a.drvmem" "$TMP/b.drvmem" -o "$TMP/no/such/dir"
expect "a file that cannot be written" 5 "cannot write"
finish
