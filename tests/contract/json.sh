# SPDX-License-Identifier: GPL-2.0-or-later
# With -f json results are JSON on stdout and errors JSON on stderr, one line each.
. "$(dirname "$0")/../lib/contract.sh"

# json_error NAME STATUS ARGS...
json_error() {
	name=$1 want=$2
	shift 2
	run "$@"
	if [ "$rc" -ne "$want" ]; then
		not_ok "$name" "status $rc instead of $want"
	elif [ "$(wc -l <"$TMP/err")" -ne 1 ] || ! is_json "$TMP/err"; then
		not_ok "$name" "not one line of JSON: $(head -c 200 "$TMP/err")"
	elif ! grep -q "^{\"error\":{\"command\":\"$1\",\"what\":\"..*\"exit\":$want}}\$" "$TMP/err"; then
		not_ok "$name" "not the error object: $(cat "$TMP/err")"
	elif [ -s "$TMP/out" ]; then
		not_ok "$name" "data on stdout"
	else
		ok "$name"
	fi
}

for c in $COMMANDS; do
	json_error "$c: unknown option" 2 "$c" -f json --no-such-option
	json_error "$c: unknown option before the format" 2 "$c" --no-such-option --format=json
	json_error "$c: short form" 2 "$c" -fjson --no-such-option
done
json_error "quotes are escaped" 2 report -f json 'a"b\c'
json_error "control characters are escaped" 2 report -f json "$(printf 'a\001\033b')"
json_error "bytes that are no UTF-8" 2 report -f json "$(printf 'a\377\300b')"
json_error "a pattern that cannot be meant" 2 report -f json -m '['
json_error "a file that cannot be written" 5 version -f json -o "$TMP/no/such/dir"

run report --no-such-option -- prog -f json
if [ "$rc" -eq 2 ] && grep -q '^drvmem report: ' "$TMP/err"; then
	ok "a command's own -f is not ours"
else
	not_ok "a command's own -f is not ours" "$(cat "$TMP/err")"
fi
run version -f json
if [ "$rc" -eq 0 ] && is_json "$TMP/out" && grep -q '^{"schema_version":1,' "$TMP/out"; then
	ok "version"
else
	not_ok "version" "$(cat "$TMP/out" "$TMP/err")"
fi
run doctor -f json
if { [ "$rc" -eq 0 ] || [ "$rc" -eq 3 ]; } && is_json "$TMP/out" &&
	grep -q '"features":\[{"name":' "$TMP/out"; then
	ok "doctor"
else
	not_ok "doctor" "status $rc: $(head -c 200 "$TMP/out")"
fi
finish
