# SPDX-License-Identifier: GPL-2.0-or-later
# The HTML report: what cannot be shown is refused; in a browser (chromium without a window, driven by
# node) the page complains of nothing, asks no network, sorts, and looks into windows of time.
. "$(dirname "$0")/../lib/contract.sh"

top=$(dirname "$0")/../..
for v in system baseline; do
	run report -f html --$v -- true
	expect "no --$v" 2 "--$v cannot be shown with -f html"
done

# An address of the kernel's: with 0x, or 16 digits of its half that are no part of a build id.
address='0x[0-9a-fA-F]{8,}|(^|[^0-9a-fA-F])ffff[0-9a-f]{12}([^0-9a-fA-F]|$)'
echo 'at 0xffffffff81000000' | grep -qE "$address" && echo '(ffff888012345678)' | grep -qE "$address" &&
	! echo 'e8ffff0123456789abcdef' | grep -qE "$address" && ok "an address would be seen" || not_ok "an address would be seen" "the pattern"

# section ID FILE: of a page
section() { awk -v id="<section id=\"sec-$1\"" 'index($0, id) { on = 1 } on { print } on && /<\/section>/ { exit }' "$2"; }

# names_no_host WHAT FILE: neither where hosts are named nor in the head of the report
names_no_host() {
	if grep -q '<dt>host</dt><dd>(hidden)' "$2" && ! grep -qE "<dt>host</dt><dd>[^(]|host $(hostname) |<title>drvmem: $(hostname)," "$2"; then
		ok "$1: no host's name"
	else
		not_ok "$1: no host's name" "$(grep -oE '<dt>host</dt><dd>[^<]*|<title>[^<]*' "$2" | tr '\n' ' ')"
	fi
}

live=
if can_trace; then
	# for advice, and without what tells the machine; the rules judge from 5 s on, which go by beside the next tests
	"$DRVMEM" record --advise --redact -o "$TMP/advised.drvmem" --interval 1h -- sleep 6 >/dev/null 2>&1 </dev/null &
	advised=$!
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
		section pools "$TMP/recorded.html" | grep -q 'data-k="name" class="d1">' && ok "it has the session's pools" ||
			not_ok "it has the session's pools" "$(section pools "$TMP/recorded.html" | head -c 300)"
		section caches "$TMP/recorded.html" | grep -q '<td data-k="name">TOTAL' && ok "it has the session's caches" ||
			not_ok "it has the session's caches" "$(section caches "$TMP/recorded.html" | head -c 300)"
		section ram "$TMP/recorded.html" | grep -q '<table id="ram"\|All of RAM is not in this session' && ok "of RAM it shows or says why not" ||
			not_ok "of RAM it shows or says why not" "$(section ram "$TMP/recorded.html" | head -c 300)"
		section advice "$TMP/recorded.html" | grep -q 'not recorded for advice.*<code>drvmem record --advise' &&
			ok "without --advise it says how advice would be in it" ||
			not_ok "without --advise it says how advice would be in it" "$(section advice "$TMP/recorded.html" | head -c 300)"
		grep -q 'card-growing"><h2>[^<]*</h2><p class="value">[0-9]' "$TMP/recorded.html" && ok "growth is judged" ||
			not_ok "growth is judged" "$(grep -o 'card-growing.*' "$TMP/recorded.html" | head -c 300)"
	else
		not_ok "a recorded session" "status $rc: $(head -c 200 "$TMP/err")"
	fi
	wait "$advised"
	run advise -m kernel -f json "$TMP/advised.drvmem"
	n=$(jq '.findings | length' "$TMP/out")
	run report -f html -m kernel -o "$TMP/advised.html" "$TMP/advised.drvmem"
	m=$(section advice "$TMP/advised.html" | grep -c '<table class="finding">')
	[ "$rc" -eq 0 ] && [ -n "$n" ] && [ "$m" -eq "$n" ] && section advice "$TMP/advised.html" | grep -q 'finding\|No change needed' &&
		ok "advice is that of drvmem advise" || not_ok "advice is that of drvmem advise" "status $rc, $m findings instead of $n"
	names_no_host "a page of a redacted session" "$TMP/advised.html"
	run report -f html --redact --duration 100ms -o "$TMP/redacted.html"
	names_no_host "a page without the host's name" "$TMP/redacted.html"
	run report --redact -- true
	expect "--redact of another form" 2 "--redact goes with -f html only"
	# a comparison
	run diff -f json "$TMP/run.drvmem" "$TMP/advised.drvmem"
	total=$(jq -c '.total | [.a_bytes, .b_bytes, .change_bytes]' "$TMP/out")
	run diff -f html --redact -o "$TMP/diff.html" "$TMP/run.drvmem" "$TMP/advised.drvmem"
	sed -n 's/.*id="data">\(.*\)<\/script>.*/\1/p' "$TMP/diff.html" >"$TMP/data"
	got=$(jq -c '[.a.live_bytes, .b.live_bytes, .change_bytes]' "$TMP/data")
	[ "$rc" -le 1 ] && [ -n "$total" ] && [ "$got" = "$total" ] && ok "a page of a comparison: the totals of -f json" ||
		not_ok "a page of a comparison: the totals of -f json" "status $rc, $got instead of $total"
	got=$(jq -c '[.diff_stacks | (map(.[0]) | add), (map(.[1]) | add)] + [.change_bytes]' "$TMP/data")
	[ "$got" = "$total" ] && ok "its stacks add up to them" || not_ok "its stacks add up to them" "$got instead of $total"
	names_no_host "a page of a comparison" "$TMP/diff.html"
	run diff --redact "$TMP/run.drvmem" "$TMP/advised.drvmem"
	expect "--redact of a comparison as text" 2 "--redact goes with -f html only"
	n=$(grep -lE "$address" "$TMP"/*.html)
	[ -z "$n" ] && ok "no page has an address of the kernel" || not_ok "no page has an address of the kernel" "$n: $(grep -ohE "$address" "$TMP"/*.html | head -3)"
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

# the unit tests' pages have neither style nor script: those of the tree are put into them
dress() {
	awk -v css="$top/user/render/report.css" -v js="$top/user/render/report.js" '
	{ print }
	/^<style>$/ { while ((getline line <css) > 0) print line }
	/^<script>$/ { while ((getline line <js) > 0) print line }' "$top/tests/data/golden/$1"
}
dress report.html >"$TMP/fixed.html"
dress diff.html >"$TMP/compared.html"
HOME=$TMP node "$top/tests/lib/html.js" "$TMP" "$TMP/fixed.html" "$TMP/compared.html" $live 2>"$TMP/err" || {
	failed=1
	[ ! -s "$TMP/err" ] || not_ok "the browser's tests" "$(head -c 300 "$TMP/err" | tr '\n' ' ')"
}
finish
