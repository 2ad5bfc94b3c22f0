# SPDX-License-Identifier: GPL-2.0-or-later
# Help of every command: on stdout, status 0, at most 80 columns, with examples.
. "$(dirname "$0")/../lib/contract.sh"

too_wide() { awk 'length($0) > 80 { print NR ": " $0; exit }' "$1"; }

run --help
expect "help" 0 ""
for c in $COMMANDS; do
	if grep -q "^  $c " "$TMP/out"; then
		ok "help names $c"
	else
		not_ok "help names $c" "not listed"
	fi
done
[ -z "$(too_wide "$TMP/out")" ] && ok "help is narrow" || not_ok "help is narrow" "$(too_wide "$TMP/out")"
cp "$TMP/out" "$TMP/help"
for form in -h help; do
	run $form
	if [ "$rc" -eq 0 ] && cmp -s "$TMP/out" "$TMP/help"; then
		ok "$form is --help"
	else
		not_ok "$form is --help" "status $rc"
	fi
done

for c in $COMMANDS; do
	run "$c" --help
	expect "$c --help" 0 ""
	wide=$(too_wide "$TMP/out")
	[ -z "$wide" ] && ok "$c --help is narrow" || not_ok "$c --help is narrow" "$wide"
	n=$(sed -n '/^Examples:/,/^[A-Z]/p' "$TMP/out" | grep -c "drvmem $c")
	if [ "$n" -ge 2 ]; then
		ok "$c --help has examples"
	else
		not_ok "$c --help has examples" "found $n"
	fi
	grep -q '^Usage: drvmem ' "$TMP/out" && ok "$c --help has usage" ||
		not_ok "$c --help has usage" "no line 'Usage: drvmem'"
	grep -qi 'exit status' "$TMP/out" && ok "$c --help has exit codes" ||
		not_ok "$c --help has exit codes" "not there"
	cp "$TMP/out" "$TMP/help"
	run help "$c"
	if [ "$rc" -eq 0 ] && cmp -s "$TMP/out" "$TMP/help"; then
		ok "help $c is $c --help"
	else
		not_ok "help $c is $c --help" "status $rc, or another text"
	fi
	run "$c" -h
	cmp -s "$TMP/out" "$TMP/help" && ok "$c -h" || not_ok "$c -h" "another text"
done

# the options that the product promises
run report --help
for o in --by --sort --top --module --cache --site --min-size --max-size --duration --format \
	--output --alloc --owner --library --track-max --max-sites --max-loss --verbose; do
	grep -q -e "$o" "$TMP/out" && ok "report has $o" || not_ok "report has $o" "not in its help"
done
run leaks --help
for o in --older --fail-over --max-loss --addresses --lines --debug-dir --debuginfod junit sarif; do
	grep -q -e "$o" "$TMP/out" && ok "leaks has $o" || not_ok "leaks has $o" "not in its help"
done
finish
