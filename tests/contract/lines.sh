# SPDX-License-Identifier: GPL-2.0-or-later
# File and line of a session that another machine recorded: a debug file with the build id of its driver, made here,
# is found, every form names the line that addr2line names, and what is not found is told with its build id.
. "$(dirname "$0")/../lib/contract.sh"

S=$TMP/old.drvmem
cp "$(dirname "$0")/../data/session-5.10.drvmem" "$S"
same() { [ "$2" = "$3" ] && ok "$1" || not_ok "$1" "'$2' is not '$3'"; }

run report "$S" --lines -f json
if [ "$rc" -eq 3 ]; then
	skip "lines" "built without libdw"
	finish
fi
ID=$(sqlite3 -readonly "$S" "SELECT build_id FROM instance WHERE name = 'drvmem_test'")
KERNEL=$(sqlite3 -readonly "$S" "SELECT build_id FROM session")
same "builds that are not here are named" \
	"$(jq -r '[.debug_files[] | select(.image == "drvmem_test" or .image == "vmlinux") | "\(.image) \(.build_id)"] | sort | join(" ")' "$TMP/out")" \
	"drvmem_test $ID vmlinux $KERNEL"
jq -e '[.owners[].sites[] | .file, .line] | all(. == null)' "$TMP/out" >/dev/null && ok "nothing is made up" ||
	not_ok "nothing is made up" "$(jq -c '[.owners[].sites[].file] | unique' "$TMP/out")"
run report "$S" --lines
grep -q "^no lines of drvmem_test.*$ID" "$TMP/out" && grep -q -e "--debug-dir DIR" "$TMP/out" && ok "and what to do" ||
	not_ok "and what to do" "$(tail -n 3 "$TMP/out")"
run report "$S" --debug-dir "$TMP/no/such"
expect "no such directory" 2 "cannot read --debug-dir"
run report "$S" --vmlinux "$TMP/no/such"
expect "no such vmlinux" 2 "cannot read --vmlinux"
for f in folded html; do
	run report "$S" --lines -f $f -o "$TMP/o"
	expect "no lines in $f" 2 "--lines cannot be shown with -f $f"
done
run diff "$S" "$S" --lines
expect "lines are of sites" 2 "use --by site or -f pprof"

# a driver of that build id, whose function has a statement for every few bytes
SITE=$("$DRVMEM" report "$S" -f json | jq -r '
	[.owners[] | select(.owner == "drvmem_test") | .sites[] | .site | select(test("^alloc_kzalloc[+]"))][0]')
{
	echo "int x;"
	echo "void alloc_kzalloc(void)"
	echo "{"
	awk 'BEGIN { for (i = 0; i < 400; i++) print "\t*(volatile int *)&x = " i ";" }'
	echo "}"
} >"$TMP/kinds.c"
mkdir "$TMP/ko"
(cd "$TMP" && gcc -g -O0 -ffreestanding -fno-pie -mcmodel=kernel -c kinds.c -o kinds.o &&
	ld -r --build-id=0x"$ID" -o ko/drvmem_test.ko kinds.o) || not_ok "a driver" "cannot build one"
at=$(($(printf '%d' "0x$(nm "$TMP/ko/drvmem_test.ko" | awk '$3 == "alloc_kzalloc" { print $1 }')") + ${SITE##*+} - 1))
LINE=$(addr2line -e "$TMP/ko/drvmem_test.ko" -j .text "$(printf '0x%x' $at)" | sed 's/.*://')
[ "${LINE:-0}" -gt 4 ] && ok "addr2line knows $SITE" || not_ok "addr2line knows $SITE" "'$LINE'"

pick='select(.site == "'$SITE'") | "\(.file | split("/")[-1]):\(.line)"'
run report "$S" --debug-dir "$TMP/ko" -f json
same "report, json" "$(jq -r "[.owners[].sites[] | $pick] | unique[]" "$TMP/out")" "kinds.c:$LINE"
same "the file that was used" "$(jq -r '.debug_files[] | select(.image == "drvmem_test") | .file' "$TMP/out")" "$TMP/ko/drvmem_test.ko"
run report "$S" --debug-dir "$TMP/ko/drvmem_test.ko" --by site --top 0
grep -F "$SITE " "$TMP/out" | grep -q "/kinds.c:$LINE " && ok "report, text" || not_ok "report, text" "$(grep -F "$SITE" "$TMP/out")"
run report "$S" --debug-dir "$TMP/ko" --by site --top 0 -f csv
grep -F "$SITE," "$TMP/out" | grep -q "/kinds.c:$LINE," && ok "report, csv" || not_ok "report, csv" "$(grep -F "$SITE" "$TMP/out")"
run leaks "$S" --older 0 --debug-dir "$TMP/ko" -f json
same "leaks, json" "$(jq -r "[.outstanding[] | $pick] | unique[]" "$TMP/out")" "kinds.c:$LINE"
run diff "$S@allocated" "$S" --by site --debug-dir "$TMP/ko" -f json
same "diff, json" "$(jq -r '[.rows[] | select(.name == "'"$SITE"'") | .place | split("/")[-1]] | unique[]' "$TMP/out")" "kinds.c:$LINE"
run report "$S" --debug-dir "$TMP/ko" -f pprof
data=$(dirname "$0")/../data
gzip -dc <"$TMP/out" | protoc --proto_path="$data" --decode=Profile "$data/pprof.proto" >"$TMP/text"
grep -q "^    line: $LINE\$" "$TMP/text" && grep -q '^string_table: ".*/kinds.c"$' "$TMP/text" && grep -q "^string_table: \"$ID\"\$" "$TMP/text" &&
	ok "pprof" || not_ok "pprof" "$(grep -c '    line: ' "$TMP/text") lines"
grep -q "^string_table: \"no lines of vmlinux (build $KERNEL)" "$TMP/text" && ok "pprof says what it did not find" ||
	not_ok "pprof says what it did not find" "$(grep 'no lines' "$TMP/text")"
run report "$S" --debug-dir "$TMP/ko" -f speedscope
jq -e '[.shared.frames[] | select(.name == "alloc_kzalloc") | .file | split("/")[-1]] | unique == ["kinds.c"]' "$TMP/out" >/dev/null &&
	ok "speedscope" || not_ok "speedscope" "$(jq -c '[.shared.frames[] | select(.name == "alloc_kzalloc")]' "$TMP/out")"
# the same name, another build
(cd "$TMP" && ld -r --build-id=0x00"${ID#??}" -o ko/drvmem_test.ko kinds.o)
run report "$S" --debug-dir "$TMP/ko" -f json
same "another build is refused" "$(jq -r '.debug_files[] | select(.image == "drvmem_test") | .file_reason' "$TMP/out")" \
	"debug file $TMP/ko/drvmem_test.ko is of another build"

if can_trace; then
	run record --redact -o "$TMP/redacted.drvmem" --interval 100ms -- true
	run report "$TMP/redacted.drvmem" --lines
	expect "a session without addresses" 2 "no addresses of its call sites"
else
	skip "a session without addresses" "cannot trace here ('drvmem doctor' says why)"
fi
finish
