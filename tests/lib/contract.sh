# SPDX-License-Identifier: GPL-2.0-or-later
# For tests of the command line (POSIX sh, sourced). $DRVMEM is the binary. Each test
# prints "ok NAME", "not ok NAME - why" or "skip NAME - why"; finish gives the status.

: "${DRVMEM:?DRVMEM must name the binary}"
TMP=$(mktemp -d) || exit 5
trap 'rm -rf "$TMP"' EXIT
trap 'exit 1' INT TERM
failed=0

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1 - $2"; failed=1; }
skip() { echo "skip $1 - $2"; }
finish() { exit "$failed"; }

# run ARGS...: status in $rc, output in $TMP/out and $TMP/err
run() {
	"$DRVMEM" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	rc=$?
}

# expect NAME STATUS PATTERN: the last run ended so, said PATTERN (grep -E) on stderr, all
# of its data is on stdout, and it gave no data when it failed
expect() {
	if [ "$rc" -ne "$2" ]; then
		not_ok "$1" "status $rc instead of $2: $(head -c 300 "$TMP/err" | tr '\n' ' ')"
	elif [ -n "$3" ] && ! grep -Eq -e "$3" "$TMP/err"; then
		not_ok "$1" "stderr lacks '$3': $(head -c 300 "$TMP/err" | tr '\n' ' ')"
	elif [ "$2" -ge 2 ] && [ "$2" -le 5 ] && [ -s "$TMP/out" ]; then
		not_ok "$1" "data on stdout in spite of the error"
	else
		ok "$1"
	fi
}

# is_json FILE: one well-formed document; without a tool to tell, only its shape
is_json() {
	if command -v jq >/dev/null 2>&1; then
		jq -e . "$1" >/dev/null 2>&1
	elif command -v python3 >/dev/null 2>&1; then
		python3 -m json.tool "$1" >/dev/null 2>&1
	else
		grep -q '^{.*}$' "$1"
	fi
}

can_trace() { "$DRVMEM" doctor >/dev/null 2>&1; }

COMMANDS="report top record diff leaks verify advise metrics doctor restore completion version"
