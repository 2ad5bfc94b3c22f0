# SPDX-License-Identifier: GPL-2.0-or-later
# tests/vm/programs-gate: what it lets through and what not, by a table of three made-up programs.
. "$(dirname "$0")/../lib/contract.sh"
GATE=$(dirname "$0")/../vm/programs-gate

cat >"$TMP/doc.md" <<'END'
(`./check --vm`); compiler: clang 14. A change here is a change of cost.

| program | hook | 6.1 | 7.2 | 6.18 without modules |
|---|---|---|---|---|
| a | kfree | 1000 / 2000 | 900 / - | 800 / 1000 |
| b | run |  | 11 / 8 |  |

Load and attach, ms: 6.1 5.
END
# gate NAME STATUS SAYS COMPILER KERNEL "NAME INSNS VERIFIED"...
gate() {
	name=$1 want=$2 says=$3 compiler=$4
	echo "# kernel $5" >"$TMP/programs"
	shift 5
	for p; do
		# shellcheck disable=SC2086 # a list of words
		printf '# program %-16s hook insns %5u verified %6u attached\n' $p >>"$TMP/programs"
	done
	sh "$GATE" "$compiler" "$TMP/programs" "$TMP/doc.md" >"$TMP/said" 2>&1
	rc=$?
	[ "$rc" = "$want" ] && [ "$(paste -sd';' "$TMP/said")" = "$says" ] && ok "$name" ||
		not_ok "$name" "status $rc: $(paste -sd';' "$TMP/said")"
}

gate "as recorded" 0 "" "clang 14" 6.1 "a 1000 2000"
gate "a twentieth more" 0 "" "clang 14" 6.1 "a 1052 2510"
gate "more than that" 1 "a has 1053 instructions, 1000 are recorded" "clang 14" 6.1 "a 1053 2000"
gate "more for the verifier" 1 "the verifier walks 2511 instructions of a, 2000 are recorded" "clang 14" 6.1 "a 1000 2511"
gate "less" 0 "" "clang 14" 6.1 "a 500 20"
gate "another compiler" 0 "" "clang 19" 6.1 "a 2000 9000"
gate "twice as many of another compiler" 1 "a has 2001 instructions, 1000 are recorded" "clang 19" 6.1 "a 2001 9000"
gate "one that is not listed" 1 "c (5 instructions) is not in the table for 6.1" "clang 14" 6.1 "a 1000 2000" "c 5 1"
gate "one of another kernel" 1 "b (11 instructions) is not in the table for 6.1" "clang 19" 6.1 "a 1000 2000" "b 11 8"
gate "one that was not loaded" 1 "b is in the table for 7.2, and was not loaded" "clang 14" 7.2 "a 900 99999" "b 0 0"
gate "a verifier that told nothing then" 0 "" "clang 14" 7.2 "a 900 99999" "b 13 8"
gate "a kernel without modules" 1 "a has 900 instructions, 800 are recorded" "clang 14" "6.18 without modules" "a 900 1000"
gate "a kernel that is not in the table" 2 "the table has no column 6.18" "clang 14" 6.18 "a 800 1000"
finish
