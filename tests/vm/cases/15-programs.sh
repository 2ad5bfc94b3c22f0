#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every BPF program loads and attaches; the instruction counts are kept per kernel.
# time: 60
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

"$DRVMEM_TREE/build/tests/bpf/test_programs" >programs.txt || fail "$(tail -n 1 programs.txt)"
cp programs.txt "${OUT:-.}/programs.txt"
[ "$(grep -c ' attached$' programs.txt)" -ge 9 ] || fail "only $(grep -c ' attached$' programs.txt) programs attached"
