#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the bench measures on a kernel with modules. Its times are told, not judged (emulation: only
# ratios mean something); its counts are: walks that differ, walks left to the kernel's unwinder,
# events missed. The tables are left in the output directory, 24-bench/.
# only: 6.1 7.2
# time: 900
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

bench=$DRVMEM_TREE/build/bench/bench
tables=$OUT/24-bench
mkdir -p "$tables" || fail "cannot make $tables"
load drvmem_test
"$bench" --verify --quick --output "$tables" || fail "bench --verify ended with $?: $(grep -m 1 WRONG "$tables/verify.txt")"
same "workloads compared" "$(grep -cE '^(msg|skb|mix|eventfd|pipe|touch|dma) +[1-9]' "$tables/verify.txt")" 7
"$bench" --walk --quick --rounds 2 --output "$tables" || fail "bench --walk ended with $?"
# of both its workloads
same "walks of the table that did not differ" "$(grep -cE ' compared [0-9]+, different 0;' "$tables/walk.txt")" 2
"$bench" --sampled --quick --rounds 2 --live 10000 --output "$tables" || fail "bench --sampled ended with $?"
"$DRVMEM_TREE/tests/bench/misses" "$tables" --quick --rounds 15 >tries || fail "$(tail -n 1 tries)"
cat tries
unload drvmem_test
exit 0
