#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an event costs with a hundred sites and with a hundred thousand: told, not judged (it is a
# time). --max-overhead makes drvmem measure itself again after 30 s, when all sites are known.
# time: 900
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test
for n in 100 100000 100 100000; do
	cat >work.sh <<-END
	. "$DRVMEM_TREE/tests/vm/caselib.sh"
	while [ \$SECONDS -lt 36 ]; do
		ctl churn paths $n 200
	done
	END
	"$DRVMEM" report --stacks full --max-sites 262144 --track-max 100000 --max-overhead 100 --top 1 \
		-o "flat.$n" -- bash work.sh || fail "drvmem report ended with $?"
	echo "$n paths, $(grep -c . "flat.$n") lines: $(grep "^own cost" "flat.$n"); $(grep "^loss" "flat.$n")"
	sed -n '/^drvmem_test/,/^[a-z]/p' "flat.$n" | grep "other" | head -2
done
unload drvmem_test
exit 0
