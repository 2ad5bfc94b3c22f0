# SPDX-License-Identifier: GPL-2.0-or-later
# Hidden kernel symbols: tracing goes on, and what is dearer or not known without them is told.
. "$(dirname "$0")/../lib/contract.sh"

if [ "$(id -u)" -ne 0 ] || ! command -v setpriv >/dev/null 2>&1; then
	skip "hidden symbols" "needs root, and setpriv to give up CAP_SYSLOG (apt-get install util-linux)"
	finish
fi
can_trace || { skip "hidden symbols" "cannot trace here: drvmem doctor tells why"; finish; }
hidden="setpriv --bounding-set=-syslog"
if [ "$($hidden head -c 16 /proc/kallsyms 2>/dev/null)" != 0000000000000000 ]; then
	skip "hidden symbols" "the kernel shows them without CAP_SYSLOG too"
	finish
fi
run() {
	$hidden "$DRVMEM" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	rc=$?
}
# says NAME PATTERN: the last run succeeded, and PATTERN (grep -E) is in its data
says() {
	if [ "$rc" -eq 0 ] && grep -Eq -e "$2" "$TMP/out"; then
		ok "$1"
	else
		not_ok "$1" "status $rc, no '$2': $(head -c 300 "$TMP/err")"
	fi
}

run doctor
says "doctor: symbols" '^denied +kallsyms '
# what our own walk needs beside the symbols may be missing here too
"$DRVMEM" doctor >"$TMP/seen"
if grep -q '^yes  *orc ' "$TMP/seen"; then
	says "doctor: walks" '^denied +orc '
	grep -A 3 '^denied  *orc ' "$TMP/out" >"$TMP/orc"
	grep -q 'why  kernel symbols are hidden' "$TMP/orc" && ok "doctor: why" || not_ok "doctor: why" "$(cat "$TMP/orc")"
	grep -q 'cost 3 microseconds instead of 0.1 for each allocation' "$TMP/orc" && ok "doctor: cost" ||
		not_ok "doctor: cost" "$(cat "$TMP/orc")"
	grep -q 'fix .*CAP_SYSLOG' "$TMP/orc" && ok "doctor: fix" || not_ok "doctor: fix" "$(cat "$TMP/orc")"
	why="kernel symbols are hidden"
	run report --walk verify --duration 1
	expect "walks that cannot be compared" 3 "--walk verify has nothing to compare with the kernel's unwinder: $why"
	grep -q '^  leave it out' "$TMP/err" && ok "walks that cannot be compared: remedy" ||
		not_ok "walks that cannot be compared: remedy" "$(cat "$TMP/err")"
	[ -s "$TMP/out" ] && not_ok "walks that cannot be compared: no report" "$(head -n 3 "$TMP/out")" ||
		ok "walks that cannot be compared: no report"
else
	why=
	skip "walks" "drvmem has no walk of its own here: drvmem doctor tells why"
fi

# full stacks need each allocation's stack walked
if grep -q '^yes  *cmpxchg ' "$TMP/seen"; then
	run report --stacks full --duration 1
	says "report: whose walks, and why" "^stacks walked [0-9.]+k? by the kernel's unwinder: $why"
	run report --stacks full --duration 1 -f json
	says "report -f json" '"by":"kernel"'
	if command -v jq >/dev/null 2>&1; then
		jq -e '.stack_walks.walked > 0 and ([.owners[].allocs] | add) > 0 and .stack_walks.mismatch == 0' "$TMP/out" >/dev/null &&
			ok "report traces" || not_ok "report traces" "$(jq -c .stack_walks "$TMP/out")"
	fi
fi
finish
