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
# "FILENAME BUILD_ID" of each mapping, sorted
mappings() {
	awk '
	/^string_table: / { s = $0; sub(/^string_table: "/, "", s); sub(/"$/, "", s); text[strings++] = s }
	/ [{]$/ { in_it = 0 }
	/^mapping [{]/ { in_it = 1; n++ }
	in_it && /^  filename: / { file[n] = $2 }
	in_it && /^  build_id: / { build[n] = $2 }
	END { for (i = 1; i <= n; i++) print text[file[i]], text[build[i]] }' "$TMP/text" | sort
}
# values of the label KEY, sorted, each once
labels() {
	awk -v key="$1" '
	/^string_table: / { s = $0; sub(/^string_table: "/, "", s); sub(/"$/, "", s); text[strings++] = s }
	/^    key: / { k[++n] = $2 }
	/^    str: / { v[n] = $2 }
	END { for (i = 1; i <= n; i++) if (text[k[i]] == key) print text[v[i]] }' "$TMP/text" | sort -u
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
	mappings | grep -q '^\[kernel.kallsyms\] fedcba9876543210fedcba9876543210fedcba98$' && ok "build id of the kernel" ||
		not_ok "build id of the kernel" "$(mappings | tr '\n' ' ')"
	got="$(labels device | tr '\n' ' ')$(labels module | grep -c 'e1000e#7') $(labels allocator | tr '\n' ' ')"
	[ "$got" = "0000:00:1f.6 1 dma percpu slab " ] || [ "$got" = "0000:00:1f.6 1 dma slab " ] &&
		ok "labels: device, module, allocator" || not_ok "labels: device, module, allocator" "$got"
	# mappings are memory that is counted elsewhere: said, and in no sample
	grep -q '^string_table: "not in it: 60 live mappings (dma_map) of 90000 bytes, ' "$TMP/text" &&
		! labels site | grep -q e1000_tx_map && ok "mappings are told, and in no sample" ||
		not_ok "mappings are told, and in no sample" "$(grep 'not in it' "$TMP/text")"
else
	not_ok "protoc reads the golden" "$(head -c 200 "$TMP/err")"
fi

# lines that were looked up: of what was inlined first, then of the function itself
if decode "$data/golden/profile-lines.pb"; then
	got=$(awk '/^location [{]/ { n = 0; l = "" } /^    line: / { l = l " " $2; n++ } /^[}]/ && n == 2 { print l }' "$TMP/text")
	[ "$got" = " 41 7301" ] && grep -q '^  has_inline_frames: true$' "$TMP/text" && [ "$(sums | wc -w)" -eq 4 ] &&
		ok "protoc reads lines" || not_ok "protoc reads lines" "$got"
else
	not_ok "protoc reads lines" "$(head -c 200 "$TMP/err")"
fi

# a session of another machine: each mapping has the build id of its module, and totals are the same in every form
cp "$data/session-5.10.drvmem" "$TMP/old.drvmem"
run report "$TMP/old.drvmem" -f pprof
gzip -dc <"$TMP/out" >"$TMP/p.pb" && decode "$TMP/p.pb"
want=$(sqlite3 -readonly "$TMP/old.drvmem" "SELECT '[' || name || '] ' || build_id FROM instance WHERE build_id != ''
	UNION SELECT '[kernel.kallsyms] ' || build_id FROM session")
got=$(mappings | while read -r m; do
	echo "$want" | grep -Fxq "$m" || echo "$m"
done)
[ -z "$got" ] && [ "$(mappings | wc -l)" -ge 2 ] && mappings | grep -q '^\[drvmem_test\] ' && ok "build ids of modules" ||
	not_ok "build ids of modules" "$got of $(mappings | wc -l)"

# agree NAME FILE ARGS...: allocs, their bytes, live objects and bytes of one moment in every form, to the byte
agree() {
	name=$1
	shift
	run report "$@" -f json
	want=$(jq -r '.owners | "\(map(.allocs) | add) \(map(.alloc_bytes) | add) \(map(.live_objects) | add) \(map(.live_bytes) | add)"' "$TMP/out")
	short=$(echo "$want" | cut -d' ' -f1,3,4)
	same "$name: sites of json" "$(jq -r '[.owners[].sites[] | select(.allocator)] | "\(map(.allocs) | add) \(map(.alloc_bytes) | add) \(map(.live_objects) | add) \(map(.live_bytes) | add)"' "$TMP/out")" "$want"
	run report "$@" -f pprof
	gzip -dc <"$TMP/out" >"$TMP/p.pb" && decode "$TMP/p.pb"
	same "$name: pprof" "$(sums)" "$want"
	got=
	for w in alloc_objects alloc_space inuse_objects inuse_space; do
		run report "$@" -f folded --weigh $w
		got="$got${got:+ }$(sum_folded "$TMP/out")"
	done
	same "$name: folded" "$got" "$want"
	run report "$@" -f speedscope
	same "$name: speedscope" "$(jq -r '[.profiles[] | .endValue + (.name | if test("without") then capture("without (?<n>-[0-9]+)").n | tonumber else 0 end)] | join(" ")' "$TMP/out")" "$want"
	for by in owner site cache stack; do
		run report "$@" -f csv --by $by
		same "$name: csv by $by" "$(awk -F, '{ sub(/\r$/, ""); gsub(/"([^"]|"")*"/, "q") }
			NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
			$col["row"] == "total" { print $col["allocs"], $col["live_objects"], $col["live_bytes"] }' "$TMP/out")" "$short"
	done
	run report "$@" -f html
	sed -n 's/.*<script type="application\/json" id="data">//p' "$TMP/out" | sed 's/<\/script>.*//' >"$TMP/data.json"
	same "$name: html" "$(jq -r '(.site_columns | [index("allocs"), index("live_objects"), index("live_bytes")]) as $c |
		(.live_bytes) as $l | .sites | "\(map(.[$c[0]]) | add) \(map(.[$c[1]]) | add) \(map(.[$c[2]]) | add) \($l)"' "$TMP/data.json" 2>&1)" \
		"$short ${want##* }"
	# text rounds: no further off than half of its last digit
	run report "$@" --top 0
	awk -v want="${want##* }" '/^TOTAL / {
		for (i = 2; i <= NF && $i !~ /[0-9]/; i++)
			;
		v = $i; gsub(/[^0-9.KMG]/, "", v)
		unit = v ~ /K/ ? 1024 : v ~ /M/ ? 1048576 : v ~ /G/ ? 1073741824 : 1
		off = v * unit - want
		exit !(off <= unit * 0.05001 && -off <= unit * 0.05001) }' "$TMP/out" && ok "$name: text" ||
		not_ok "$name: text" "$(grep '^TOTAL' "$TMP/out" | cut -c1-120), not ${want##* }"
}
same() { [ "$2" = "$3" ] && ok "$1" || not_ok "$1" "'$2' is not '$3'"; }
agree "5.10, its end" "$TMP/old.drvmem"
agree "5.10, at a mark" "$TMP/old.drvmem" --at allocated

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
agree "recorded" "$TMP/s.drvmem"
for callers in known estimated; do
	got=
	for w in alloc_objects alloc_space inuse_objects inuse_space; do
		run report "$TMP/s.drvmem" -f folded --weigh $w --callers $callers
		got="$got${got:+ }$(sum_folded "$TMP/out")"
	done
	[ "$got" = "$want" ] && ok "recorded: folded is the report, callers $callers" ||
		not_ok "recorded: folded is the report, callers $callers" "$got not $want"
done
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
