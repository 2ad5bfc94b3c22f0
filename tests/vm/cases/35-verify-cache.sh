#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 'drvmem verify': objects that a driver left in a cache of its own are a leak, of that cache, and the
# cache is destroyed. In a boot of its own: the kernel complains, and keeps the cache and its name.
# boot: 2
# only: 6.1
# time: 90
# expect-kernel: Objects remaining|WARNING: .*(kmem_cache_|__slab_err)
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

mkfifo never
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
exec 9<>never
load drvmem_test
ctl alloc ucache 20 0
ctl leak ucache 3
read -rt 3 -u 9	# its names are read meanwhile
unload drvmem_test
END
# once: the name of the cache is taken then
"$DRVMEM" verify -f json -o out.json --track-max 200000 --max-loss 1000000 --grace 3s drvmem_test -- bash work.sh
status=$?
jq -r '.instances[] | "\(.name): \(.verdict): \(.why)"' out.json
jq -c '.instances[].leftovers[] | [.class, .kind, .site, .cache, .cache_destroyed, .objects, .bytes]' out.json
lost=$(jq .lost_frees out.json)
[ "$lost" = 0 ] || skip "$lost frees were lost"
same "status" "$status" 1
same "left" "$(jq -c '[.instances[0].leftovers[] | select(.cache | test("ucache")) |
	[.class, .objects, .bytes, .cache_destroyed]]' out.json)" '[["leak",3,552,true]]'
same "verdict" "$(jq -r .verdict out.json)" leak
