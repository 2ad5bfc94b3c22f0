#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real drivers in one guest, loaded and put under load side by side for a minute: nothing that they
# took is called lost, and none of their sites surely grows.
# devices: virtio-net,ahci,virtio-blk,xhci,hda
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
# Reading it takes seconds in an emulated machine: once. Each new file that is opened may make the driver
# of the guest's root grow (9p keeps a handle with each cached inode); that is no driver under load.
jq -r 'def n: . // 0;
	[.outstanding[] | select(.owner | IN("kernel", "drvmem") | not)] as $drivers |
	[.outstanding[] | select(.verdict == "growing" and .confidence == "high")] as $growing |
	[$growing[] | select(.owner | test("^(9p|9pnet|overlay|netfs|fscache)$") | not)] as $grown |
	[.reach.definitely_lost + .reach.indirectly_lost, ($grown | length), ([$drivers[].reach.still_reachable | n] | add)],
	"loss: \(.loss | tostring)", "reach: \(.reach | tostring)",
	"\(.outstanding | length) sites, \(.outstanding | length - ($drivers | length)) of them no driver'"'"'s",
	(.outstanding[] | select(.reach.definitely_lost + .reach.indirectly_lost > 0) | "lost: \(tostring)"),
	($growing[] | "grows: \(tostring)") | if type == "array" then join(" ") else . end' out.json >told || fail "cannot read out.json"
cat told
read -r lost growing held <told
# it did look at the drivers' objects
[ "$held" -ge 1000 ] || fail "fewer than 1000 objects of drivers were found to be held"
same "objects called lost" "$lost" 0
same "sites that surely grow" "$growing" 0
