#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a fleet builds on: the list of metrics, rules, runbook and dashboard agree with each other and with what
# drvmem writes. No rights are needed but for the last part.
. "$(dirname "$0")/../lib/contract.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
tsv=$root/dist/prometheus/metrics.tsv
rules=$root/dist/prometheus/drvmem.rules.yml
dash=$root/dist/grafana/drvmem.json
runbook=$root/doc/runbook.md

have() {
	command -v "$1" >/dev/null 2>&1 || { skip "$2" "$1 is not installed (apt-get install $3)"; return 1; }
}

# names_in FILE: metrics and recorded series that an expression (one a line) names
names_in() {
	sed -e 's/"[^"]*"//g' -e 's/{[^}]*}//g' "$1" |
		grep -oE '[a-z_]+:[a-z_]+:[a-z0-9]+|(drvmem|process)_[a-z_]+' | sort -u
}

grep -v '^#' "$tsv" | cut -f1 | sort >"$TMP/metrics"
sed -n 's/^  - record: //p' "$rules" | sort >"$TMP/recorded"
sed -n 's/^  - alert: //p' "$rules" >"$TMP/alerts"
# a histogram is named by its parts
awk -F'\t' '$2 == "histogram" { print $1 "_bucket"; print $1 "_sum"; print $1 "_count" }' "$tsv" |
	sort -u - "$TMP/metrics" "$TMP/recorded" >"$TMP/known"

# known_names NAME FILE
known_names() {
	names_in "$2" >"$TMP/names"
	bad=$(comm -23 "$TMP/names" "$TMP/known" | tr '\n' ' ')
	if [ ! -s "$TMP/names" ]; then
		not_ok "$1" "no names were found"
	elif [ -n "$bad" ]; then
		not_ok "$1" "nobody has $bad"
	else
		ok "$1"
	fi
}

bad=$(while read -r m; do grep -q "^| \`$m\` |" "$root/doc/metrics.md" || echo "$m"; done <"$TMP/metrics" | tr '\n' ' ')
[ -z "$bad" ] && ok "doc/metrics.md has every metric" || not_ok "doc/metrics.md has every metric" "not $bad"

# ---- rules
grep -v -E '^ *(#|-? ?(alert|record|name|summary|command|runbook|labels|for|interval|annotations|groups|rules):)' "$rules" \
	>"$TMP/exprs"
known_names "rules: every name exists" "$TMP/exprs"
if have promtool "rules: promtool" prometheus; then
	promtool check rules "$rules" >"$TMP/o" 2>&1 && ok "rules: promtool check" ||
		not_ok "rules: promtool check" "$(tr '\n' ' ' <"$TMP/o")"
	for t in "$root"/tests/prometheus/*.yml; do
		promtool test rules "$t" >"$TMP/o" 2>&1 && ok "rules: $(basename "$t")" ||
			not_ok "rules: $(basename "$t")" "$(head -c 600 "$TMP/o" | tr '\n' ' ')"
	done
fi
# of each alert a case in which it fires, and three at least in which it does not
cat "$root"/tests/prometheus/*.yml | awk '
	/^ *alertname:/ { name = $2 }
	/^ *exp_alerts: \[\]/ { silent[name]++ }
	/^ *exp_alerts:$/ { fires[name]++ }
	END { for (n in silent) if (silent[n] >= 3 && fires[n]) print n }' | sort >"$TMP/tested"
bad=$(sort "$TMP/alerts" | comm -23 - "$TMP/tested" | tr '\n' ' ')
[ -z "$bad" ] && ok "rules: each alert fires and is silent in a test" ||
	not_ok "rules: each alert fires and is silent in a test" "not so: $bad"

# ---- runbook: a section for each alert, none without one
grep '^## ' "$runbook" | cut -c4- >"$TMP/sections"
cmp -s "$TMP/alerts" "$TMP/sections" && ok "runbook: a section for each alert" ||
	not_ok "runbook: a section for each alert" "$(diff "$TMP/alerts" "$TMP/sections" | tr '\n' ' ')"
tr '\n' ' ' <"$runbook" | sed 's/## /\n## /g' | grep '^## ' >"$TMP/text"
bad=$(grep -v 'Next: `drvmem [^`]*`.*Silence: ' "$TMP/text" | cut -d' ' -f2 | tr '\n' ' ')
[ -z "$bad" ] && ok "runbook: next command and how to silence" ||
	not_ok "runbook: next command and how to silence" "missing in $bad"
# ---- every command that rules and runbook name exists, with these options
{
	sed -n 's/^ *command: "\(.*\)"/\1/p' "$rules"
	tr '\n' ' ' <"$runbook" | grep -oE '`drvmem [a-z][^`]*`' | tr -d '`'
} | sort -u >"$TMP/commands"
n=0
while read -r _ command rest; do
	n=$((n + 1))
	"$DRVMEM" "$command" --help >"$TMP/help" 2>&1 || { not_ok "command: drvmem $command" "there is none"; continue; }
	for word in $rest; do
		case $word in
		--*) grep -qE -e "^ +(-., |    )?${word%%=*}( |\$)" "$TMP/help" ;;
		-?) grep -qE -e "^ +$word, " "$TMP/help" ;;
		*) continue ;;
		esac || not_ok "command: drvmem $command $rest" "no option $word"
	done
done <"$TMP/commands"
[ "$n" -ge 9 ] && ok "commands of rules and runbook exist" || not_ok "commands of rules and runbook exist" "only $n found"
bad=$(sed -n 's/^ *command: "\(drvmem [a-z]*\).*/\1/p' "$rules" | wc -l)
[ "$bad" -eq "$(wc -l <"$TMP/alerts")" ] && ok "each alert names a command" ||
	not_ok "each alert names a command" "$bad of $(wc -l <"$TMP/alerts")"

# ---- dashboard
if have jq "dashboard" jq; then
	jq -r '.. | .expr? // empty' "$dash" | sed -e 's/\$__rate_interval/5m/g' -e 's/"\$[a-z]*"/".*"/g' >"$TMP/exprs"
	jq -r '.templating.list[].query.query' "$dash" | sed 's/"\$[a-z]*"/".*"/g' >"$TMP/queries"
	known_names "dashboard: every name exists" "$TMP/exprs"
	known_names "dashboard: every name in variables exists" "$TMP/queries"
	jq -e '.schemaVersion >= 36 and ([.templating.list[].name] == ["job","instance","module"])
		and ([.panels[].id] | length == (unique | length))
		and ([.panels[] | select(.type != "row") | .targets | length] | min > 0)' "$dash" >/dev/null &&
		ok "dashboard: variables and panels" || not_ok "dashboard: variables and panels" "see $dash"
	if have promtool "dashboard: expressions" prometheus; then
		awk 'BEGIN { print "groups:\n- name: d\n  rules:" }
			{ gsub("\047", "\047\047"); printf "  - record: d:e%d:x\n    expr: \047%s\047\n", NR, $0 }' "$TMP/exprs" >"$TMP/d.yml"
		promtool check rules "$TMP/d.yml" >"$TMP/o" 2>&1 && ok "dashboard: promtool reads each expression" ||
			not_ok "dashboard: promtool reads each expression" "$(tr '\n' ' ' <"$TMP/o")"
	fi
fi

# ---- what is written is in the list, with this type, help and these labels
# as_tsv FILE: name, type, labels, help of each family of a text exposition
as_tsv() {
	awk '
	/^# HELP / { name = $3; help = substr($0, length($3) + 9); next }
	/^# TYPE / { type = $4; told = 0; next }
	!told {
		told = 1; l = ""
		if (match($0, /{/)) {
			l = substr($0, RSTART + 1); gsub(/="([^"\\]|\\.)*"/, "", l); sub(/}.*/, "", l); sub(/(,|^)le$/, "", l)
		}
		print name "\t" type "\t" l "\t" help
	}' "$1"
}
run metrics --help
expect "metrics --help" 0 ""
if can_trace; then
	# what a killed run left
	: >"$TMP/m.prom.drvmem-a1B2c3"
	touch -d '1 hour ago' "$TMP/m.prom.drvmem-a1B2c3"
	run metrics --textfile "$TMP/m.prom" --pools --metrics.max-callsites 20 --metrics.ages -- true
	expect "metrics of everything" 0 ""
	[ "$(ls "$TMP" | grep -c '^m\.prom')" -eq 1 ] && ok "leftovers of a killed run are cleaned" ||
		not_ok "leftovers of a killed run are cleaned" "$(ls "$TMP" | tr '\n' ' ')"
	as_tsv "$TMP/m.prom" | sort >"$TMP/written"
	grep -v '^#' "$tsv" | awk -F'\t' -v OFS='\t' '{ print $1, $2 == "info" ? "gauge" : $2, $3, $6 }' | sort >"$TMP/listed"
	bad=$(comm -23 "$TMP/written" "$TMP/listed" | cut -f1 | tr '\n' ' ')
	if [ "$(wc -l <"$TMP/written")" -lt 30 ]; then
		not_ok "what is written is in the list" "only $(wc -l <"$TMP/written") families"
	elif [ -n "$bad" ]; then
		not_ok "what is written is in the list" "other, or not in it: $bad"
	else
		ok "what is written is in the list"
	fi
	grep -qE '0x[0-9a-f]{6}|ffffffff[0-9a-f]{8}' "$TMP/m.prom" && not_ok "no address is written" "$(grep -m1 -E '0x[0-9a-f]{6}' "$TMP/m.prom")" ||
		ok "no address is written"
	n=$(grep -vc '^#' "$TMP/m.prom")
	[ "$n" -le 3000 ] && ok "at most 3000 series" || not_ok "at most 3000 series" "$n"
	if command -v promtool >/dev/null 2>&1; then
		promtool check metrics <"$TMP/m.prom" >"$TMP/o" 2>&1 && ok "promtool check metrics" ||
			not_ok "promtool check metrics" "$(head -3 "$TMP/o" | tr '\n' ' ')"
	fi
	run metrics --exposition openmetrics -- true
	expect "OpenMetrics" 0 ""
	[ "$(tail -n 1 "$TMP/out")" = "# EOF" ] && grep -q '^# UNIT drvmem_module_allocated_bytes bytes$' "$TMP/out" &&
		ok "OpenMetrics has units and an end" || not_ok "OpenMetrics has units and an end" "$(tail -n 1 "$TMP/out")"
else
	skip "what is written" "no right to trace here"
fi
finish
