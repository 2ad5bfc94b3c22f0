# SPDX-License-Identifier: GPL-2.0-or-later
# Without rights: status 3, the cause and a remedy, as text and as JSON; doctor still tells.
. "$(dirname "$0")/../lib/contract.sh"

as_nobody=
if [ "$(id -u)" -eq 0 ]; then
	if ! command -v setpriv >/dev/null 2>&1; then
		skip "without rights" "root, and no setpriv to give it up (apt-get install util-linux)"
		finish
	fi
	as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --no-new-privs"
	chmod 755 "$TMP"
	cp "$DRVMEM" "$TMP/drvmem" && chmod 755 "$TMP/drvmem"
	DRVMEM=$TMP/drvmem
fi
run() {
	(cd / && $as_nobody "$DRVMEM" "$@") >"$TMP/out" 2>"$TMP/err" </dev/null
	rc=$?
}

run version
if [ "$rc" -ne 0 ]; then
	skip "without rights" "the binary cannot be run so: $(head -c 100 "$TMP/err")"
	finish
fi
ok "version needs no rights"
run doctor
if [ "$rc" -eq 0 ]; then
	skip "without rights" "this process may trace without any"
	finish
fi
if [ "$rc" -eq 3 ] && grep -q '^denied ' "$TMP/out" && grep -q '^drvmem doctor: ' "$TMP/err"; then
	ok "doctor"
else
	not_ok "doctor" "status $rc: $(head -c 200 "$TMP/err")"
fi
run doctor -f json
if [ "$rc" -eq 3 ] && is_json "$TMP/out" && is_json "$TMP/err" &&
	grep -q '"can_trace":false' "$TMP/out"; then
	ok "doctor -f json"
else
	not_ok "doctor -f json" "status $rc: $(head -c 200 "$TMP/out")"
fi
for c in report leaks metrics; do
	run "$c"
	expect "$c" 3 "^drvmem $c: "
	[ "$(wc -l <"$TMP/err")" -ge 2 ] && ok "$c: remedy" || not_ok "$c: remedy" "$(cat "$TMP/err")"
	run "$c" -f json
	if [ "$rc" -eq 3 ] && is_json "$TMP/err" && [ ! -s "$TMP/out" ]; then
		ok "$c -f json"
	else
		not_ok "$c -f json" "status $rc: $(head -c 200 "$TMP/err")"
	fi
	run "$c" -- touch "$TMP/started"
	expect "$c -- CMD" 3 ""
	[ ! -e "$TMP/started" ] && ok "$c: the command is not started" ||
		not_ok "$c: the command is not started" "it ran"
done
finish
