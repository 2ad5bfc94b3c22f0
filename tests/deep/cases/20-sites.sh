#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A hundred thousand sites: that many stacks, each with figures of its own.
# time: 240
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

N=100000
load drvmem_test
"$DRVMEM" report --stacks full --max-sites 262144 --track-max 100000 --by stack --top 1 -m drvmem_test -o out.txt -- \
	bash -c ". \"$DRVMEM_TREE/tests/vm/caselib.sh\"; ctl churn paths $N 200 && date +%s%N >ended" || fail "drvmem report ended with $?"
echo "snapshot, report and end of the session: $((($(date +%s%N) - $(cat ended)) / 1000000)) ms (emulated: told, not judged)"
grep -E '^(loss|detail|stacks|own|memory|TOTAL|other)' out.txt
# "other (99999)" beside the one that is shown, and a few stacks of the driver itself
other=$(sed -n 's/^other (\([0-9]*\)).*/\1/p' out.txt)
lost=$(sed -n 's/^loss ≥\([0-9]*\).*/\1/p' out.txt)
[ "${other:-0}" -ge $((N - 1 - ${lost:-0})) ] || fail "$other stacks and ${lost:-0} events lost, $N were made"
grep -q 'without a site\|not kept' out.txt && fail "sites or stacks found no room"
unload drvmem_test
