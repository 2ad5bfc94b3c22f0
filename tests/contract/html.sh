# SPDX-License-Identifier: GPL-2.0-or-later
# The HTML report: what cannot be shown is refused; in a browser (chromium without a window, driven by
# node) the page complains of nothing, asks no network, sorts, and looks into windows of time.
. "$(dirname "$0")/../lib/contract.sh"

top=$(dirname "$0")/../..
for v in system baseline; do
	run report -f html --$v -- true
	expect "no --$v" 2 "--$v cannot be shown with -f html"
done

live=
if can_trace; then
	run report --duration 2s -f html -o "$TMP/live.html"
	expect "a page of a run" 0 ""
	grep -q '</html>' "$TMP/live.html" && live=$TMP/live.html
	run report -f html -o "$TMP/intervals.html" 200ms 3
	n=$(grep -c '^<!DOCTYPE html>' "$TMP/intervals.html")
	[ "$rc" -eq 0 ] && [ "$n" -eq 1 ] && ok "one page of all intervals" || not_ok "one page of all intervals" "status $rc, $n pages"
	# the start and three snapshots
	n=$(sed -n 's/.*"t_ms":\[\([^]]*\)\].*/\1/p' "$TMP/intervals.html" | tr , '\n' | wc -l)
	[ "$n" -eq 4 ] && ok "its points are the snapshots" || not_ok "its points are the snapshots" "$n points"
	# a recorded session: its intervals are the points, and this machine is not looked at
	run record -o "$TMP/run.drvmem" --interval 1h -- sh -c '"$0" mark one && "$0" mark "two <b>" && "$0" mark three' "$DRVMEM"
	if [ "$rc" -eq 0 ]; then
		run report -f html -o "$TMP/recorded.html" "$TMP/run.drvmem"
		n=$(sed -n 's/.*"t_ms":\[\([^]]*\)\].*/\1/p' "$TMP/recorded.html" | tr , '\n' | wc -l)
		[ "$rc" -eq 0 ] && [ "$n" -ge 3 ] && ok "a page of a recorded session" ||
			not_ok "a page of a recorded session" "status $rc, $n points: $(head -c 200 "$TMP/err")"
		grep -q 'mark 2: two &lt;b&gt;' "$TMP/recorded.html" && ok "it has the session's marks" ||
			not_ok "it has the session's marks" "none"
		! grep -q '<section id="sec-pools"\|<section id="sec-ram"' "$TMP/recorded.html" && ok "it says nothing of this machine" ||
			not_ok "it says nothing of this machine" "pools or RAM are in it"
	else
		not_ok "a recorded session" "status $rc: $(head -c 200 "$TMP/err")"
	fi
	run report -f html -m 'no_such_module*' -- true
	expect "a pattern that fits nothing" 2 "no_such_module"
else
	skip "live pages" "cannot trace here ('drvmem doctor' says why)"
fi

if ! command -v node >/dev/null 2>&1; then
	skip "in a browser" "node is missing (apt-get install nodejs)"
	finish
fi
node --check "$top/user/render/report.js" 2>"$TMP/err" && ok "the script is JavaScript" ||
	not_ok "the script is JavaScript" "$(head -c 200 "$TMP/err" | tr '\n' ' ')"
if ! command -v chromium >/dev/null 2>&1; then
	skip "in a browser" "chromium is missing (apt-get install chromium)"
	finish
fi

# the unit tests' page has neither style nor script: those of the tree are put into it
awk -v css="$top/user/render/report.css" -v js="$top/user/render/report.js" '
	{ print }
	/^<style>$/ { while ((getline line <css) > 0) print line }
	/^<script>$/ { while ((getline line <js) > 0) print line }' "$top/tests/data/golden/report.html" >"$TMP/fixed.html"
HOME=$TMP node "$top/tests/lib/html.js" "$TMP" "$TMP/fixed.html" $live 2>"$TMP/err" || {
	failed=1
	[ ! -s "$TMP/err" ] || not_ok "the browser's tests" "$(head -c 300 "$TMP/err" | tr '\n' ' ')"
}
finish
