#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real drivers in one guest, loaded and put under load side by side for a minute: nothing that they
# took is called lost, and none of their sites surely grows.
# devices: virtio-net,ahci,virtio-blk,xhci,hda
# only: 6.12
# time: 240
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

LOAD=${1:-60}	# seconds

write_load work.sh "$LOAD"
"$DRVMEM" leaks --reach on -f json -o out.json --track-max 200000 --max-loss 1000000 -- bash work.sh
status=$?
[ "$status" -le 1 ] || fail "drvmem leaks ended with $status"
[ -e finished ] || fail "the load ended early"
echo "loss: $(jq -c .loss out.json)"
echo "reach: $(jq -c .reach out.json)"
jq -r '.outstanding[] | "\(.owner) \(.site) \(.cache) \(.objects): \(.verdict), \(.confidence); \(.reach | {definitely_lost, indirectly_lost, possibly_lost, still_reachable, maybe_freed_unseen, holder} | tostring)"' out.json >sites
grep -v '"definitely_lost":0,"indirectly_lost":0' sites
echo "$(wc -l <sites) sites, $(grep -c '^kernel ' sites) of them the kernel's"
# it did look at the drivers' objects
[ "$(jq '[.outstanding[] | select(.owner != "kernel" and .owner != "drvmem") | .reach.still_reachable] | add' out.json)" -ge 1000 ] ||
	fail "fewer than 1000 objects of drivers were found to be held"
jq -r '.outstanding[] | select(.verdict == "growing" and .confidence == "high") | tojson' out.json
same "objects called lost" "$(jq '.reach.definitely_lost + .reach.indirectly_lost' out.json)" 0
same "sites that surely grow" "$(jq .total.growing out.json)" 0
