#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How sites use memory, as a session that is to advise counts it: sizes, peaks, laps, what comes together and
# who asked, on this kernel too (tests/bpf/test_use.c).
# only: 7.2
# time: 120
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

"$DRVMEM_TREE/build/tests/bpf/test_use" >use.txt
cat use.txt
! grep '^not ok ' use.txt || fail "$(grep -m 1 '^not ok ' use.txt)"
[ "$(grep -c '^ok ' use.txt)" -ge 5 ] || fail "only $(grep -c '^ok ' use.txt) of its cases passed"
