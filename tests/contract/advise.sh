# SPDX-License-Identifier: GPL-2.0-or-later
# drvmem advise: what is typed wrongly, what is too short to judge, forms and exit status.
. "$(dirname "$0")/../lib/contract.sh"

run advise --help
expect "help" 0 ""
for o in --kernel --fail-on --min-saving --min-saving-percent --min-objects --min-rate --pair-percent --max-sizes \
	--large --init-bytes --min-time --duration --module --top html; do
	grep -q -e "$o" "$TMP/out" && ok "advise has $o" || not_ok "advise has $o" "not in its help"
done

# thresholds that contradict, seen before an hour of tracing
run advise --duration 1h --min-time 2h
expect "nothing would be judged" 2 "--duration is shorter than --min-time"
run advise --duration 2s
expect "shorter than the default --min-time" 2 "--duration is shorter than --min-time"
run advise --duration 1h --large 8M
expect "a large block less than a large one" 2 "--large is more than --init-bytes"
run advise --duration 1h --large 5M --init-bytes 5119K
expect "by little" 2 "--large is more than --init-bytes"
if [ "$(wc -l <"$TMP/err")" -ge 2 ] && grep -q '^  ' "$TMP/err"; then
	ok "errors have a remedy"
else
	not_ok "errors have a remedy" "$(cat "$TMP/err")"
fi

# values out of range: OPTION VALUE WORDS
while read -r o v words; do
	run advise "$o" "$v"
	expect "$o $v" 2 "$words"
done <<LIST
--max-sizes 0 between 1 and 16
--max-sizes 17 between 1 and 16
--max-sites 0 must be between 1
--min-saving-percent 101 between 0 and 100
--pair-percent 0 between 1 and 100
--pair-percent 101 between 1 and 100
--min-objects 0 must be between 1
--min-rate 0 must be between 1
--min-saving 4parsecs 4parsecs
--large many many
--min-time soon soon
--fail-on fatal never, low, medium, high
--format junit text, json, html
--top many many
--module e1000[ is not a pattern
LIST
run advise 5
expect "an interval" 2 "unexpected argument '5'"
run advise --duration 5 -- true
expect "duration beside a command" 2 "--duration cannot be used with a command"
run advise --sample 512K
expect "a sample is not enough" 2 "--sample"
run advise -o "$TMP/no/such/dir" --duration 1h
expect "a bad file is seen before tracing" 5 "cannot write"

if ! can_trace; then
	skip "advise live" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

run advise -- true
if [ "$rc" -eq 4 ] && grep -q '^Too short to judge: .* 5.0s are needed' "$TMP/out"; then
	ok "too short to judge"
else
	not_ok "too short to judge" "status $rc: $(tail -n 2 "$TMP/out")"
fi
run advise -f json --fail-on low -- true
if [ "$rc" -eq 4 ] && is_json "$TMP/out" && grep -q '"too_short":true,"min_time_ns":5000000000,.*"findings":\[\]' "$TMP/out"; then
	ok "too short, as JSON"
else
	not_ok "too short, as JSON" "status $rc: $(head -c 200 "$TMP/err")"
fi
run advise -f html -- true
if [ "$rc" -eq 4 ] && grep -q '<p>Too short to judge: no advice.</p>' "$TMP/out"; then
	ok "too short, as HTML"
else
	not_ok "too short, as HTML" "status $rc"
fi
run advise --min-time 0 -m no_such_module -- true
expect "a pattern that fits nothing" 2 "no owner matches 'no_such_module'"
run advise --min-time 0 --cache no_such_cache -- true
expect "a pattern that fits no cache" 2 "no cache matches"
run advise -- "$TMP/nonexistent"
expect "a command that cannot start" 2 "cannot start"

# short, and every threshold as low as it goes: of the kernel's own sites something always fits badly
low="--kernel --min-time 0 --min-saving 0 --min-saving-percent 0 --min-objects 1 --min-rate 1 --max-loss 1000000"
work='for i in 1 2 3; do ls -lR /proc/self /sys/kernel >/dev/null 2>&1; done'
run advise $low -- sh -c "$work"
expect "findings alone are no error" 0 ""
grep -Eq '^([0-9]+ findings?; |No change needed)' "$TMP/out" && ok "as text" || not_ok "as text" "$(tail -n 3 "$TMP/out")"
grep -Eq '^[0-9]+ rules asked of [0-9]+ call sites and [0-9]+ pools' "$TMP/out" && ok "what was asked is told" ||
	not_ok "what was asked is told" "$(tail -n 3 "$TMP/out")"

# --fail-on is by the most severe finding: the document says what the status must be
for level in never low medium high; do
	run advise $low -f json --fail-on $level -o "$TMP/a.json" -- sh -c "$work"
	case $level in
	low) want='"severity":"(low|medium|high)"' ;;
	medium) want='"severity":"(medium|high)"' ;;
	high) want='"severity":"high"' ;;
	never) want='no finding is ever enough' ;;
	esac
	grep -Eq "$want" "$TMP/a.json" && want=1 || want=0
	if [ "$rc" -eq "$want" ] && is_json "$TMP/a.json" && [ ! -s "$TMP/out" ]; then
		ok "--fail-on $level"
	else
		not_ok "--fail-on $level" "status $rc instead of $want: $(head -c 200 "$TMP/err")"
	fi
done
if grep -q '"severity":' "$TMP/a.json" && grep -q '"sites":\[{"owner":' "$TMP/a.json"; then
	ok "findings as JSON"
else
	not_ok "findings as JSON" "none: $(head -c 300 "$TMP/a.json")"
fi
if command -v jq >/dev/null 2>&1; then
	jq -e '(.findings | length > 0) and (.saved_bytes == ([.findings[].saving.bytes_at_peak // 0] | add)) and
		all(.findings[]; (.thresholds | length > 0) and (.measured | length > 0) and (.action | length > 0) and
			(.confidence == "high") == (.doubt == "") and
			(.saving == null or (.saving.then_peak.low <= .saving.then_peak.likely and
				.saving.then_peak.likely <= .saving.then_peak.high))) and
		(.rules_asked | . >= 11 and . <= 17) and .too_short == false' "$TMP/a.json" >/dev/null &&
		ok "what each finding has" || not_ok "what each finding has" "$(jq -c '.findings[0]' "$TMP/a.json")"
fi

run advise $low -f html -o "$TMP/a.html" -- sh -c "$work"
if [ "$rc" -eq 0 ] && [ ! -s "$TMP/out" ] && head -n 1 "$TMP/a.html" | grep -q '^<!DOCTYPE html>$' &&
	tail -n 1 "$TMP/a.html" | grep -q '^</body></html>$'; then
	ok "a page of HTML"
else
	not_ok "a page of HTML" "status $rc"
fi
n=$(grep -c '<h3>' "$TMP/a.html")
[ "$n" -gt 0 ] && [ "$n" -eq "$(grep -c '^<table class="finding">$' "$TMP/a.html")" ] && ok "a table for each finding" ||
	not_ok "a table for each finding" "$n findings"
grep -Eqi '<script|src=|href=|url\(|https?:' "$TMP/a.html" && not_ok "the page asks for nothing" "it does" ||
	ok "the page asks for nothing"

run advise --min-time 0 -- sh -c 'kill -INT $PPID; kill -STOP $$'
expect "SIGINT finishes and prints" 0 ""
grep -q 'rules asked of' "$TMP/out" && ok "SIGINT: the advice is whole" || not_ok "SIGINT: the advice is whole" "$(tail -n 2 "$TMP/out")"
finish
