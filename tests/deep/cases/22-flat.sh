#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an event costs with a hundred sites and with a hundred thousand: told, not judged (it is a
# time). --max-overhead makes drvmem measure itself again after 30 s, when all sites are known.
# time: 400
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
	"$DRVMEM" report -f json --stacks full --max-sites 262144 --track-max 100000 --max-overhead 100 -o "flat.$n.json" \
		-- bash work.sh || fail "drvmem report ended with $?"
	echo "$n paths: $(jq '[.owners[] | select(.owner == "drvmem_test") | .sites[]] | length' "flat.$n.json") sites," \
		"$(jq .own_cost.ns_per_event "flat.$n.json") ns an event of $(jq .own_cost.measured_runs "flat.$n.json") runs"
done
unload drvmem_test
exit 0
