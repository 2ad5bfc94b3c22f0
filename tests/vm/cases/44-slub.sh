#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What drvmem knows of SLUB's arithmetic, against every cache of this kernel.
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

load drvmem_test
ctl alloc cache 1 0
"$DRVMEM_TREE/build/tests/bpf/test_slub" >out || fail "$(grep '^not ok' out)"
cat out
grep -q '^ok every_cache_is_as_predicted' out || skip "$(grep '^skip' out)"
