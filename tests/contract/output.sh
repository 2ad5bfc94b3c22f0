# SPDX-License-Identifier: GPL-2.0-or-later
# Results arrive whole or the status says so: full disk, closed pipe, files replaced at once.
. "$(dirname "$0")/../lib/contract.sh"

# to FILE ARGS...: run with stdout there
to() {
	"$DRVMEM" "$2" $3 >"$1" 2>"$TMP/err" </dev/null
	rc=$?
	: >"$TMP/out"
}

if [ -c /dev/full ]; then
	for c in $COMMANDS; do
		to /dev/full "$c" --help
		expect "$c --help on a full disk" 5 "cannot write to standard output \\(ENOSPC\\)"
	done
	to /dev/full version
	expect "version on a full disk" 5 "ENOSPC"
	to /dev/full doctor
	expect "doctor on a full disk" 5 "ENOSPC"
	to /dev/full --help
	expect "help on a full disk" 5 ""
	run version -o /dev/full
	expect "-o on a full disk" 5 "cannot write '/dev/full' \\(ENOSPC\\)"
	[ -c /dev/full ] && ok "a device is not replaced" || not_ok "a device is not replaced" "/dev/full is gone"
else
	skip "full disk" "no /dev/full here"
fi

# a pipe that nobody reads: opened for both, so that opening does not wait, then the reader ends
mkfifo "$TMP/pipe"
exec 3<>"$TMP/pipe" 4>"$TMP/pipe" 3>&-
"$DRVMEM" version >&4 2>"$TMP/err"
rc=$?
: >"$TMP/out"
expect "closed pipe" 5 "EPIPE"
exec 4>&-
"$DRVMEM" version >&- 2>"$TMP/err"
rc=$?
expect "no stdout at all" 5 "EBADF"

run version -o "$TMP/v"
if [ "$rc" -eq 0 ] && [ ! -s "$TMP/out" ] && grep -q '^drvmem' "$TMP/v"; then
	ok "-o FILE"
else
	not_ok "-o FILE" "status $rc"
fi
[ "$(ls "$TMP" | grep -c '^v')" -eq 1 ] && ok "no temporary file is left" ||
	not_ok "no temporary file is left" "$(ls "$TMP")"
ln -s v "$TMP/link"
run version -f json -o "$TMP/link"
if [ -L "$TMP/link" ] && grep -q '^{' "$TMP/v"; then
	ok "a symbolic link stays one"
else
	not_ok "a symbolic link stays one" "status $rc"
fi
run version -o "$TMP"
expect "-o DIRECTORY" 5 "EISDIR"
run version -o "$TMP/no/such/dir"
expect "-o in no directory" 5 "ENOENT"
run version -o "$TMP/v/under"
expect "-o below a file" 5 "ENOTDIR"
echo precious >"$TMP/kept"
run version --no-such-option -o "$TMP/kept"
[ "$(cat "$TMP/kept")" = precious ] && ok "an error leaves the file alone" ||
	not_ok "an error leaves the file alone" "it was changed"
# seen before an hour of tracing, not after
run report --duration 1h -o "$TMP/no/such/dir"
expect "a bad file is seen before tracing" 5 "cannot write"
run metrics --duration 1h --textfile "$TMP"
expect "a bad textfile is seen before tracing" 5 "EISDIR"
finish
