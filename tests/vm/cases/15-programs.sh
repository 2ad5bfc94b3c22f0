#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every BPF program loads and attaches, in each of its forms; the instruction counts are kept per
# kernel, and none may have grown (tests/vm/programs-gate).
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

"$DRVMEM_TREE/build/tests/bpf/test_programs" >programs.txt || fail "$(grep '^not ok' programs.txt | paste -sd ';')"
cp programs.txt "${OUT:-.}/programs.txt"
[ "$(grep -c ' attached$' programs.txt)" -ge 9 ] || fail "only $(grep -c ' attached$' programs.txt) programs attached"
"$DRVMEM_TREE/tests/vm/programs-gate" "$(cat "$DRVMEM_TREE/build/bpf-compiler")" programs.txt >gate.txt ||
	fail "$(cat gate.txt)"
