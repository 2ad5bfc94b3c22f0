# SPDX-License-Identifier: GPL-2.0-or-later
# The forms of `drvmem leaks` that other programs read: what they say agrees with the exit status.
. "$(dirname "$0")/../lib/contract.sh"

run leaks -f yaml
expect "leaks: unknown format" 2 "yaml"
for c in report metrics doctor version; do
	run "$c" -f sarif
	expect "$c has no -f sarif" 2 "sarif"
done
run leaks --debug-dir "$TMP/no/such/dir" -- true
if [ "$rc" -eq 3 ] && grep -q 'built without' "$TMP/err"; then
	skip "a debug directory that is not there" "built without libdw"
else
	expect "a debug directory that is not there" 2 "cannot read --debug-dir .*ENOENT"
fi

if ! can_trace; then
	skip "forms" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

# a command that leaves an open file behind, in a process that outlives it: something is outstanding
held='sleep 1000 9</dev/null >/dev/null 2>&1 & echo $! >'"$TMP/pid"
release() { kill "$(cat "$TMP/pid")"; }

is_xml() {
	if command -v xmllint >/dev/null 2>&1; then
		xmllint --noout "$1" >"$TMP/lint" 2>&1
	else	# the unit tests check it strictly
		head -n 1 "$1" | grep -q '^<?xml version="1.0"' && tail -n 1 "$1" | grep -q '^</testsuites>$'
	fi
}
count() { grep -o "$1" "$2" | wc -l; }

run leaks --older 0 -f junit -- sh -c "$held"
release
n=$(count '<testcase ' "$TMP/out")
if [ "$rc" -eq 1 ] && is_xml "$TMP/out" && [ "$n" -gt 0 ] && [ "$(count '<failure ' "$TMP/out")" -eq "$n" ]; then
	ok "junit: findings are failures"
else
	not_ok "junit: findings are failures" "status $rc, $n cases: $(head -c 200 "$TMP/err")"
fi
run leaks --older 0 --fail-over 1G -f junit -- sh -c "$held"
release
if [ "$rc" -eq 0 ] && is_xml "$TMP/out" && grep -q 'failures="0"' "$TMP/out" && ! grep -q '<failure' "$TMP/out"; then
	ok "junit: less than what counts"
else
	not_ok "junit: less than what counts" "status $rc"
fi
run leaks --older 1h -f junit -- true
if [ "$rc" -eq 0 ] && is_xml "$TMP/out" && grep -q 'tests="1" failures="0"' "$TMP/out"; then
	ok "junit: a clean run passes"
else
	not_ok "junit: a clean run passes" "status $rc"
fi

if ! command -v jq >/dev/null 2>&1; then
	skip "sarif" "no jq"
	finish
fi
run leaks --older 0 -f sarif -o "$TMP/s.sarif" -- sh -c "$held"
release
if [ "$rc" -eq 1 ] && [ ! -s "$TMP/out" ] && jq -e '
	.version == "2.1.0" and (."$schema" | test("sarif-schema-2.1.0.json$")) and (.runs | length == 1) and
	(.runs[0] | (.tool.driver | .name == "drvmem" and (.version | length > 0) and (.rules | length >= 6) and
			all(.rules[]; (.help.text | length > 0) and (.id | test("^[a-z-]+$")))) and
		.invocations[0].executionSuccessful and .invocations[0].exitCode == 1 and
		(.results | length > 0)) and
	(.runs[0].tool.driver.rules as $rules | all(.runs[0].results[];
		.ruleId == $rules[.ruleIndex].id and (.level | IN("error", "warning", "note")) and
		(.message.text | length > 0) and (.locations | length == 1) and
		(.properties | .objects > 0 and .bytes >= 0) and
		((.stacks // []) | length == (unique | length))))' "$TMP/s.sarif" >/dev/null; then
	ok "sarif: findings"
else
	not_ok "sarif: findings" "status $rc: $(head -c 300 "$TMP/s.sarif")"
fi
jq -e 'any(.runs[0].results[]; .partialFingerprints."drvmemSite/v1" | test("^[0-9a-f]{16}$"))' "$TMP/s.sarif" >/dev/null &&
	ok "sarif: fingerprints" || not_ok "sarif: fingerprints" "none"
run leaks --older 1h -f sarif -- true
if [ "$rc" -eq 0 ] && jq -e '.runs[0] | .results == [] and .invocations[0].exitCode == 0' "$TMP/out" >/dev/null; then
	ok "sarif: a clean run"
else
	not_ok "sarif: a clean run" "status $rc"
fi

# addresses only when asked for, and not too many
run leaks --older 0 -f json -- sh -c "$held"
release
grep -q '"addresses' "$TMP/out" && not_ok "no addresses unasked" "they are there" || ok "no addresses unasked"
run leaks --older 0 -a --max-addresses 2 -f json -- sh -c "$held"
release
jq -e '(.outstanding | length > 0) and all(.outstanding[]; (.addresses | length <= 2 and length > 0) and
	(.addresses | length) + .addresses_left_out == .objects)' "$TMP/out" >/dev/null &&
	ok "addresses are bounded, the rest is counted" || not_ok "addresses are bounded, the rest is counted" "$(head -c 200 "$TMP/err")"
run leaks --older 0 -a --max-addresses 1 -- sh -c "$held"
release
grep -Eq '^    0x[0-9a-f]{16}  [0-9]+ bytes  ' "$TMP/out" && ok "addresses as text" ||
	not_ok "addresses as text" "$(tail -n 3 "$TMP/out")"

# the Ctrl-C that ends the tracing does not end the scan of the memory; one that comes in the scan does
run leaks --older 0 --reach on --max-loss 1000000 -f json -- sh -c "$held; kill -INT \$PPID; kill -STOP \$\$"
release
if jq -e '.reach == null and .reach_reason != "the scan was interrupted"' "$TMP/out" >/dev/null; then
	# what was traced is judged without, and what was asked for is told
	grep -q 'who holds the objects is not known' "$TMP/err" && ok "--reach where memory cannot be read" ||
		not_ok "--reach where memory cannot be read" "status $rc: $(head -c 200 "$TMP/err")"
	skip "--reach and Ctrl-C" "$(head -n 1 "$TMP/err")"
else
	jq -e '(.reach.reader | length > 0) and .reach.gap_ns >= 3e9' "$TMP/out" >/dev/null && [ "$rc" -le 1 ] &&
		ok "Ctrl-C of the trace, and --reach" ||
		not_ok "Ctrl-C of the trace, and --reach" "status $rc: $(head -c 200 "$TMP/err")"
	# of sockets that a forgotten process holds, and of whatever else is the kernel's, nothing is lost (now and
	# then one is held by a word that has no name)
	sockets='bash -c "for i in $(seq -s " " 20); do exec {fd}<>/dev/udp/127.0.0.1/9; done; exec sleep 1000" >/dev/null 2>&1 &
		echo $! >'"$TMP/pid"'; until [ "$(find /proc/$!/fd -lname "socket:*" 2>/dev/null | wc -l)" -ge 20 ]; do :; done'
	# memory is read by BPF where /proc/kcore is refused: here it is
	cat >"$TMP/refuse.c" <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <errno.h>
		#include <stdarg.h>
		#include <string.h>
		int open(const char *path, int flags, ...)
		{
			va_list args;
			int mode;

			va_start(args, flags);
			mode = va_arg(args, int);
			va_end(args);
			if (strcmp(path, "/proc/kcore"))
				return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open"))(path, flags, mode);
			errno = EPERM;
			return -1;
		}
	END
	${CC:-gcc} -shared -fPIC -o "$TMP/refuse.so" "$TMP/refuse.c" -ldl && export LD_PRELOAD="$TMP/refuse.so"
	run leaks --older 0 --reach on --max-loss 1000000 -f json -- sh -c "$sockets"
	unset LD_PRELOAD
	release
	if jq -e '.reach_reason // "" | test("BPF does not serve")' "$TMP/out" >/dev/null && ! uname -r | grep -Eq '^([7-9]|6\.|5\.1[7-9])'; then
		skip "/proc/kcore is refused" "5.17 and later read memory by BPF"
	else
		jq -e '.reach.reader == "BPF"' "$TMP/out" >/dev/null && ok "/proc/kcore is refused" ||
			not_ok "/proc/kcore is refused" "$(jq -c '.reach, .reach_reason' "$TMP/out")"
		jq -e '.reach.definitely_lost + .reach.indirectly_lost == 0 and
			([.outstanding[] | select(.cache | test("^UDP")) | .reach.still_reachable] | add) >= 15' "$TMP/out" >/dev/null &&
			ok "sockets of a forgotten process are reachable, and nothing is lost" ||
			not_ok "sockets of a forgotten process are reachable, and nothing is lost" \
				"$(jq -c '.reach, [.outstanding[] | select(.cache | test("^UDP"))]' "$TMP/out")"
	fi
	for sig in INT:1 TERM:143; do
		printf 'while [ -d /proc/%s ] && [ "$(ls /proc/%s/task | wc -l)" -lt 2 ]; do :; done\nkill -%s $1\n' '$1' '$1' "${sig%:*}" >"$TMP/hit"
		run leaks --older 0 --reach on --max-loss 1000000 -f json -- sh -c "$held; sh $TMP/hit \$PPID >/dev/null 2>&1 &"
		release
		[ "$rc" -eq "${sig#*:}" ] && jq -e '.reach == null and .reach_reason == "the scan was interrupted"' \
			"$TMP/out" >/dev/null && ok "SIG${sig%:*} in the scan" ||
			not_ok "SIG${sig%:*} in the scan" "status $rc: $(jq -c '.reach, .reach_reason' "$TMP/out")"
	done
fi

run leaks --older 0 --lines -f json -- sh -c "$held"
release
if [ "$rc" -eq 3 ] && grep -q 'built without' "$TMP/err"; then
	skip "lines" "built without libdw"
elif jq -e '(.debug_files | length > 0) and all(.debug_files[]; .file != null or (.file_reason | length > 0)) and
	all(.outstanding[]; .file != null or (.file_reason | length > 0))' "$TMP/out" >/dev/null; then
	ok "lines, or why there are none"
else
	not_ok "lines, or why there are none" "status $rc: $(head -c 200 "$TMP/err")"
fi
run leaks --debuginfod --older 0 -f json -- sh -c "$held"
release
if [ "$rc" -ne 3 ] && [ -z "${DEBUGINFOD_URLS:-}" ]; then
	jq -e 'all(.debug_files[]; .file != null or (.file_reason | test("DEBUGINFOD_URLS names no server|has no build id")))' \
		"$TMP/out" >/dev/null && ok "no server is named" || not_ok "no server is named" "$(jq -c .debug_files "$TMP/out")"
fi
finish
