#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every BPF program loads and attaches; the instruction counts are kept per kernel.
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

"$DRVMEM_TREE/build/tests/bpf/test_programs" >programs.txt || fail "$(tail -n 1 programs.txt)"
cp programs.txt "${OUT:-.}/programs.txt"
[ "$(grep -c ' attached$' programs.txt)" -ge 9 ] || fail "only $(grep -c ' attached$' programs.txt) programs attached"

# The gate against growing cost: instructions, never time. A quarter more than doc/programs.md has
# for this kernel is a failure. Another clang's programs may have half as many again (clang 14's
# dm_page_free has 44 % more than clang 19's): of them only twice as many is one.
recorded=$(sed -n 's/.*compiler: \(clang [0-9]*\)[.].*/\1/p' "$DRVMEM_TREE/doc/programs.md")
[ -n "$recorded" ] || fail "doc/programs.md does not tell its compiler"
limit=1.25
[ "$recorded" = "$(cat "$DRVMEM_TREE/build/bpf-compiler")" ] || limit=2
echo "limit: $limit times what $recorded made"
kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
awk -v kernel="$kernel" -v limit=$limit '
FNR == NR {
	n = split($0, f, " *[|] *")
	if (f[2] == "program") {
		for (i = 4; i < n; i++) if (f[i] == kernel) column = i
	} else if (column) {
		was[f[2]] = f[column] + 0
	}
	next
}
$2 == "program" && was[$3] && $6 + 0 > was[$3] * limit {
	printf "%s has %d instructions, %d are recorded\n", $3, $6, was[$3]
	bad = 1
}
$2 == "program" && was[$3] { known++ }
END {
	if (known < 9) { printf "doc/programs.md knows %d of these programs on %s\n", known, kernel; bad = 1 }
	exit bad
}' "$DRVMEM_TREE/doc/programs.md" programs.txt >gate.txt || fail "$(cat gate.txt)"
