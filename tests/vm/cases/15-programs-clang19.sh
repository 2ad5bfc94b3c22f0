#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What clang 19 makes of the BPF programs passes the verifiers of the oldest kernel with the whole
# form and of the newest one; built by tests/bpf/clang.sh.
# only: 6.1
# time: 100
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

B=$DRVMEM_TREE/build/alt-clang-19
[ -x "$B/tests/bpf/test_programs" ] || skip "no build by clang 19: apt-get install clang-19, ./check --bpf"
same "compiler" "$(cat "$B/bpf-compiler")" "clang 19"
"$B/tests/bpf/test_programs" >programs.txt || fail "$(grep '^not ok' programs.txt | paste -sd ';')"
cp programs.txt "${OUT:-.}/programs-clang19.txt"
"$DRVMEM_TREE/tests/vm/programs-gate" "clang 19" programs.txt >gate.txt || fail "$(cat gate.txt)"
