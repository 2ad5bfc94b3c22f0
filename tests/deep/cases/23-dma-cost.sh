#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a DMA mapping costs, beside an empty program on the same event: told, not judged (a time).
# only: 6.12 7.2
# time: 400
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test
mkdir -p out
"$DRVMEM_TREE/build/bench/bench" --dma --quick --output out || fail "bench ended with $?"
"$DRVMEM_TREE/build/bench/bench" --cost --live 10000 --quick --output out || fail "bench ended with $?"
unload drvmem_test
exit 0
