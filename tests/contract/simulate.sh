# SPDX-License-Identifier: GPL-2.0-or-later
# drvmem advise --simulate: no rights, no tracing; what is asked wrongly is told before anything runs.
. "$(dirname "$0")/../lib/contract.sh"

FILE=$(dirname "$0")/../data/distribution.txt
[ -r "$FILE" ] || { skip "simulate" "no $FILE"; finish; }

run advise --simulate "$FILE" --sizes 136,544 --depth 64
expect "a simulation" 0 ""
grep -q '^held, mean  *[0-9.]*Ki  *[0-9.]*Ki  *-[0-9.]*Ki$' "$TMP/out" && ok "what it would bring" ||
	not_ok "what it would bring" "$(head -n 8 "$TMP/out")"
grep -q 'with seed 1: [0-9]* events' "$TMP/out" && ok "seed and events" || not_ok "seed and events" "$(head -n 3 "$TMP/out")"
cp "$TMP/out" "$TMP/first"
run advise --simulate "$FILE" --sizes 136,544 --depth 64 --seed 1
cmp -s "$TMP/out" "$TMP/first" && ok "the same seed" || not_ok "the same seed" "another result"
run advise --simulate "$FILE" --sizes 136,544 --depth 64 --seed 2
cmp -s "$TMP/out" "$TMP/first" && not_ok "another seed" "the same result" || ok "another seed"
run advise --simulate "$FILE" --site mydrv_rx --limit 100 --reserve 5 -f json
if [ "$rc" -eq 0 ] && is_json "$TMP/out" && grep -q '^{"schema_version":1,"recorded":{"kernel":"6.12.95' "$TMP/out" &&
	grep -q '"sites":1,' "$TMP/out" && grep -q '"list_hits":null,"list_hits_reason":"' "$TMP/out"; then
	ok "json"
else
	not_ok "json" "status $rc: $(head -c 300 "$TMP/out" "$TMP/err")"
fi
run advise --simulate "$FILE" -m 'MYDRV*' --depth 1
expect "no owner" 2 "no call site of .* matches"
run advise --simulate "$FILE" -m kernel --depth 1 -f json
grep -q '"allocs":100000,' "$TMP/out" && ok "the kernel's own, asked for" || not_ok "the kernel's own, asked for" "status $rc"
run advise --simulate "$FILE" -m 'kernel:net*' --depth 1
expect "a part of the kernel" 0 ""
run advise --simulate "$FILE" --sizes 136 -o "$TMP/result"
[ "$rc" -eq 0 ] && [ ! -s "$TMP/out" ] && grep -q '^held, mean' "$TMP/result" && ok "a file" || not_ok "a file" "status $rc"
run advise --simulate "$FILE" --sizes 136 -o "$TMP/no/such/dir"
expect "a file that cannot be written" 5 "cannot write"

# bad NAME PATTERN ARGS...: refused with status 2
bad() {
	name=$1 says=$2
	shift 2
	run advise --simulate "$@"
	expect "$name" 2 "$says"
	[ "$(wc -l <"$TMP/err")" -ge 2 ] && ok "$name: remedy" || not_ok "$name: remedy" "$(cat "$TMP/err")"
}
bad "nothing is proposed" "nothing is proposed" "$FILE"
bad "beside a command" "--simulate cannot be used with a command" "$FILE" --depth 5 -- touch "$TMP/started"
[ ! -e "$TMP/started" ] && ok "the command is not started" || not_ok "the command is not started" "it ran"
bad "beside a duration" "--simulate cannot be used with --duration" "$FILE" --depth 5 --duration 5
bad "beside a size filter" "--simulate cannot be used with --min-size" "$FILE" --depth 5 --min-size 5
bad "an argument" "unexpected argument 'surplus'" "$FILE" --depth 5 surplus
bad "no such site" "no call site of .* matches" "$FILE" --depth 5 --site 'nobody*'
bad "a pattern that cannot be meant" "'\\[' is not a pattern" "$FILE" --depth 5 --site '['
bad "a reserve above the limit" "--reserve is more than --limit" "$FILE" --limit 5 --reserve 6
bad "a reserve without a limit" "--reserve needs --limit" "$FILE" --reserve 6
bad "a list above the limit" "--depth is more than --limit" "$FILE" --limit 5 --depth 6
bad "sizes in no order" "not ascending: 136 comes after 544" "$FILE" --sizes 544,136
bad "sizes twice" "not ascending" "$FILE" --sizes 544,544
bad "a size of nothing" "0 of --sizes" "$FILE" --sizes 0,544
bad "a size that is none" "'big' of --sizes is not a size" "$FILE" --sizes big
bad "a size above any slab" "no slab holds" "$FILE" --sizes 8M
bad "sizes that hold nothing" "no object fits --sizes" "$FILE" --sizes 8,16
bad "sizes of no kmalloc" "no call site that was chosen does one" "$FILE" --sizes 312 --site mydrv_open
bad "too few" "only 4 allocations were recorded" "$FILE" --depth 5 --site mydrv_ring
bad "a list too long" "would lie there" "$FILE" --depth 1000000 --reserve 1000000 --limit 1000000 --kernel -m '*'
bad "depth of nothing" "'--depth' must be between" "$FILE" --depth 0
bad "no such file" "cannot read '$TMP/none' \\(ENOENT\\)" "$TMP/none" --depth 5
bad "a form that it has not" "a simulation has no such form" "$FILE" --depth 5 -f html
for o in "--sizes 136" "--depth 5" "--limit 5" "--reserve 5"; do
	# shellcheck disable=SC2086 # two words
	run advise $o
	expect "${o%% *} without --simulate" 2 "--simulate is missing"
done

# texts
sed 's/^life 0 0 2000.*/life 0 many/' "$FILE" >"$TMP/life"
bad "a number that is none" "line $(grep -n '^life 0 many' "$TMP/life" | cut -d: -f1): 'life': 'many' is not a number" "$TMP/life" --depth 5
sed '/^size/d' "$FILE" >"$TMP/sizes"
bad "no sizes" "have no sizes" "$TMP/sizes" --depth 5
sed 1d "$FILE" >"$TMP/head"
bad "no distribution" "line 1: the first line is not 'drvmem distribution 1'" "$TMP/head" --depth 5
sed 's/ 1$/ 2/;1q' "$FILE" >"$TMP/version"
bad "another version" "only 1 is known" "$TMP/version" --depth 5
: >"$TMP/empty"
bad "an empty file" "line 1" "$TMP/empty" --depth 5
sed '/^site mydrv/,/^$/d' "$FILE" >"$TMP/kernel"
bad "only the kernel's own" "only call sites of the kernel's own" "$TMP/kernel" --depth 5
run advise --simulate "$TMP/kernel" --depth 5 --kernel
expect "--kernel" 0 ""

# one size is no error, and several for it are told
run advise --simulate "$FILE" --site mydrv_request --sizes 64,136
expect "one size" 0 ""
grep -q '^note: all objects are of one size' "$TMP/out" && grep -q '^note: no object takes --sizes 64' "$TMP/out" &&
	ok "one size is told" || not_ok "one size is told" "$(head -n 6 "$TMP/out")"

if ! can_trace; then
	skip "a distribution is recorded" "cannot trace here ('drvmem doctor' says why)"
	finish
fi
run advise -f distribution -o "$TMP/live" -- sh -c 'i=0; while [ $i -lt 30 ]; do i=$((i + 1)); ls -lR /proc/self >/dev/null 2>&1; done'
[ "$rc" -eq 0 ] && [ "$(head -n 1 "$TMP/live")" = "drvmem distribution 1" ] && grep -q '^size ' "$TMP/live" &&
	ok "a distribution is recorded" || not_ok "a distribution is recorded" "status $rc: $(head -c 300 "$TMP/err")"
run advise --simulate "$TMP/live" --kernel --depth 8 -f json
[ "$rc" -eq 0 ] && is_json "$TMP/out" && ok "and replayed" || not_ok "and replayed" "status $rc: $(head -c 300 "$TMP/err")"
finish
