#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Five hundred instances of a module, each of which leaks one object: as many owners.
# time: 900
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

N=500	# at half a second each under emulation
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for i in \$(seq $N); do
	load drvmem_test
	ctl alloc kmalloc 1 200
	ctl leak kmalloc 1
	unload drvmem_test
done
date +%s%N >ended
END
"$DRVMEM" report -f json -o out.json --max-sites 131072 -m drvmem_test -- bash work.sh || fail "drvmem report ended with $?"
echo "snapshot, report and end of the session: $((($(date +%s%N) - $(cat ended)) / 1000000)) ms (emulated: told, not judged)"
echo "loss: $(jq -c .loss out.json)"
same "instances" "$(jq '[.owners[] | select(.owner == "drvmem_test")] | length' out.json)" $N
lost=$(loss out.json)
holding=$(jq '[.owners[] | select(.owner == "drvmem_test" and .live_bytes == 200)] | length' out.json)
[ "$holding" -ge $((N - lost)) ] || fail "$holding of $N instances hold their object, $lost events were lost"
same "instances without a place" "$(jq .loss.module_full out.json)" 0
