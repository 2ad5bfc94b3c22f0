# SPDX-License-Identifier: GPL-2.0-or-later
# Profiles and CSV: what cannot be shown is refused, and readers that are not ours (protoc, jq, awk)
# understand the forms and find in them what the report says.
. "$(dirname "$0")/../lib/contract.sh"

data=$(dirname "$0")/../data

for f in folded speedscope pprof; do
	run report -f $f 200ms 2
	expect "$f: no INTERVAL" 2 "-f $f is one result"
	for v in system pools coverage baseline; do
		run report -f $f --$v -- true
		expect "$f: no --$v" 2 "--$v cannot be shown with -f $f"
	done
done
for v in system coverage baseline; do
	run report -f csv --$v -- true
	expect "csv: no --$v" 2 "--$v cannot be shown with -f csv"
done
run report -f pprof --weigh alloc_space -- true
expect "--weigh is of folded" 2 "--weigh goes with -f folded only"
run report --callers estimated -- true
expect "--callers is of profiles" 2 "--callers goes with profiles only"
run leaks -f pprof -- true
expect "leaks has no -f pprof" 2 "pprof"

# decode FILE: the message in $TMP/text, or a failure
decode() {
	protoc --proto_path="$data" --decode=Profile "$data/pprof.proto" <"$1" >"$TMP/text" 2>"$TMP/err"
}

# Sums of the four values, one line; every index is checked to be there.
sums() {
	awk '
	/^string_table: / { strings++ }
	/^location [{]/ { locations++ }
	/^function [{]/ { functions++ }
	/^mapping [{]/ { mappings++ }
	/^sample [{]/ { i = 0 }
	/^  value: / { sum[i++] += $2; if (i > 4) bad = "more than 4 values" }
	/^  location_id: / { if ($2 > max_l) max_l = $2 }
	/^    (key|str): |^  (name|system_name|filename|build_id|type|unit): |^(comment|default_sample_type): / {
		if ($2 > max_s) max_s = $2 }
	/^    function_id: / { if ($2 > max_f) max_f = $2 }
	/^  mapping_id: / { if ($2 > max_m) max_m = $2 }
	/^  address: / { if ($2 >= (mappings + 1) * 4294967296) bad = "an address that is made up nowhere" }
	/^[0-9]+[:{ ]|^ +[0-9]+[:{ ]/ { bad = "a field that the format has not: " $0 }
	END {
		if (max_l > locations || max_s >= strings || max_f > functions || max_m > mappings)
			bad = "an index that is nowhere"
		if (bad) print bad
		else printf "%.0f %.0f %.0f %.0f\n", sum[0], sum[1], sum[2], sum[3]
	}' "$TMP/text"
}
sum_folded() { awk '{ s += $NF } END { printf "%.0f\n", s }' "$1"; }

# the same snapshot in both forms, as the unit tests rendered it
if decode "$data/golden/profile.pb"; then
	set -- $(sums)
	want="$(sum_folded "$data/golden/profile-allocs.folded") $(sum_folded "$data/golden/profile.folded")"
	[ "${1-} ${4-}" = "$want" ] && ok "pprof and folded agree to the byte" ||
		not_ok "pprof and folded agree to the byte" "pprof $*, folded $want"
	# 32 bytes below 0 are no weight, and told in the name
	want=$(jq -r '[.profiles[] | .weights | add] | "\(.[0]) \(.[3] - 32)"' "$data/golden/profile.speedscope.json")
	[ "${1-} ${4-}" = "$want" ] && ok "pprof and speedscope agree to the byte" ||
		not_ok "pprof and speedscope agree to the byte" "pprof $*, speedscope $want"
	grep -q '^string_table: "e1000e#7"$' "$TMP/text" && grep -q '^  memory_start: 4294967296$' "$TMP/text" &&
		ok "protoc reads names and mappings" || not_ok "protoc reads names and mappings" "$(head -c 200 "$TMP/text")"
else
	not_ok "protoc reads the golden" "$(head -c 200 "$TMP/err")"
fi

if ! can_trace; then
	skip "profiles" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

# a command that leaves memory behind, in a process that outlives it
held='sleep 1000 9</dev/null >/dev/null 2>&1 & echo $! >'"$TMP/pid"
release() { kill "$(cat "$TMP/pid")"; }

run report -f pprof -o "$TMP/p.pb.gz" -- sh -c "$held"
release
if [ "$rc" -eq 0 ] && gzip -dc "$TMP/p.pb.gz" >"$TMP/p.pb" && decode "$TMP/p.pb"; then
	ok "pprof is gzip and a message"
	got=$(sums)
	set -- $got
	[ $# -eq 4 ] && [ "$1" -gt 0 ] && [ "$2" -ge "$1" ] && [ "$3" -le "$1" ] && [ "$4" -gt 0 ] &&
		ok "pprof: all indices lead somewhere, values fit together" ||
		not_ok "pprof: all indices lead somewhere, values fit together" "$got"
	[ "$(grep -c '^sample_type ' "$TMP/text")" -eq 4 ] && ok "pprof: four values" || not_ok "pprof: four values" "$got"
	n=$(grep -c '^string_table: "loss: ' "$TMP/text")
	[ "$n" -eq 1 ] && ok "pprof: the loss is told" || not_ok "pprof: the loss is told" "$n times"
else
	not_ok "pprof is gzip and a message" "status $rc: $(head -c 200 "$TMP/err")"
fi

run report -f speedscope -o "$TMP/p.json" -- sh -c "$held"
release
# each sample has a weight, each index a frame, and the end is the sum
if [ "$rc" -eq 0 ] && jq -e '(.shared.frames | length) as $n |
	(.["$schema"] == "https://www.speedscope.app/file-format-schema.json") and (.profiles | length) == 4 and
	([.profiles[] | .type == "sampled" and (.samples | length) == (.weights | length) and
	  (.weights | add // 0) == .endValue and ([.samples[][] | . >= 0 and . < $n] | all)] | all) and
	.profiles[3].endValue > 0 and ([.shared.frames[].name | type == "string"] | all)' "$TMP/p.json" >/dev/null; then
	ok "speedscope holds together"
else
	not_ok "speedscope holds together" "status $rc: $(head -c 200 "$TMP/err" "$TMP/p.json")"
fi

for w in inuse_space inuse_objects alloc_space alloc_objects; do
	run report -f folded --weigh $w -- sh -c "$held"
	release
	if [ "$rc" -eq 0 ] && [ "$(sum_folded "$TMP/out")" -gt 0 ] && ! grep -Evq '^[^;]+(;[^;]+)+ -?[0-9]+$' "$TMP/out"; then
		ok "folded: $w"
	else
		not_ok "folded: $w" "status $rc: $(grep -Ev '^[^;]+(;[^;]+)+ -?[0-9]+$' "$TMP/out" | head -1)"
	fi
done
run report -f folded --weigh alloc_objects --stacks full -- true
if [ "$rc" -eq 0 ] && [ -s "$TMP/out" ] && ! grep -q '\[callers ' "$TMP/out"; then
	ok "full stacks leave no caller open"
else
	not_ok "full stacks leave no caller open" "status $rc: $(grep '\[callers ' "$TMP/out" | head -1)"
fi
run report -f folded --callers estimated -- true
[ "$rc" -eq 0 ] && ! grep -q '\[callers differ\]' "$TMP/out" && ok "--callers estimated" ||
	not_ok "--callers estimated" "status $rc"

# one interval of one session in every form: the same totals, to the byte
run record -o "$TMP/s.drvmem" --interval 100ms -- sh -c "$held"
release
run report "$TMP/s.drvmem" -f json
want=$(jq -r '.owners | "\(map(.allocs) | add) \(map(.alloc_bytes) | add) \(map(.live_objects) | add) \(map(.live_bytes) | add)"' "$TMP/out")
run report "$TMP/s.drvmem" -f pprof
gzip -dc <"$TMP/out" >"$TMP/p.pb" && decode "$TMP/p.pb"
got=$(sums)
[ "$rc" -eq 0 ] && [ "$got" = "$want" ] && ok "recorded: pprof is the report" || not_ok "recorded: pprof is the report" "$got not $want"
for callers in known estimated; do
	got=
	for w in alloc_objects alloc_space inuse_objects inuse_space; do
		run report "$TMP/s.drvmem" -f folded --weigh $w --callers $callers
		got="$got${got:+ }$(sum_folded "$TMP/out")"
	done
	[ "$got" = "$want" ] && ok "recorded: folded is the report, callers $callers" ||
		not_ok "recorded: folded is the report, callers $callers" "$got not $want"
done
run report "$TMP/s.drvmem" -f speedscope
# what is below 0 is left out there, and told
got=$(jq -r '[.profiles[] | .endValue + (.name | if test("without") then capture("without (?<n>-[0-9]+)").n | tonumber else 0 end)] |
	"\(.[0]) \(.[1]) \(.[2]) \(.[3])"' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$got" = "$want" ] && ok "recorded: speedscope is the report" ||
	not_ok "recorded: speedscope is the report" "$got not $want"

# rows of the first level add up to the total; every record has as many fields as there are names
run report -f csv --by site --top 5 -- sh -c "$held"
release
got=$(awk -F, '{ sub(/\r$/, ""); gsub(/"([^"]|"")*"/, "q") }
	NR == 1 { n = NF; for (i = 1; i <= NF; i++) col[$i] = i; next }
	NF != n { bad = "a record of " NF " fields, not " n }
	$col["row"] == "total" { total = $col["allocs"]; next }
	$col["level"] == 0 && $col["row"] != "frame" { sum += $col["allocs"] }
	END {
		if (bad == "" && (sum != total || !total)) bad = sum " is not " total
		print bad == "" ? "good" : bad
	}' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$got" = good ] && ok "csv adds up" || not_ok "csv adds up" "status $rc: $got"
run report -f csv 200ms 3
n=$(grep -c '^taken_at,' "$TMP/out") t=$(grep -c ',total,' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$n" -eq 1 ] && [ "$t" -eq 3 ] && ok "csv: one line of names for all intervals" ||
	not_ok "csv: one line of names for all intervals" "status $rc, $n and $t"
run report -f csv --pools -- true
[ "$rc" -eq 0 ] && grep -q '^[0-9]*,data,0,kmem_cache' "$TMP/out" && ok "csv: pools" || not_ok "csv: pools" "status $rc"
finish
