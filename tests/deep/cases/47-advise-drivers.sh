#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 'drvmem advise' says of real drivers under load, the network cards with changing MTU, and nvme with
# other queues the second time. It says nothing that doc/advice-on-drivers.md does not explain.
# devices: virtio-net,ahci,virtio-blk,xhci,hda
# time: 400
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

LOAD=${1:-40}	# seconds
# advised FILE: of all drivers while they are loaded and used
advised()
{
	rm -f finished
	"$DRVMEM" advise -f json -o "$1" --track-max 200000 --second-look on --min-rate 1000 -- bash work.sh ||
		fail "drvmem advise ended with $?"
	[ -e finished ] || fail "the load ended early"
	echo "loss: $(jq -c .loss.total "$1"), sites asked: $(jq .sites_asked "$1"), pools: $(jq .pools_asked "$1")"
	jq -c '.modules[] | [.name, .init_bytes, .steady_bytes, .peak_bytes]' "$1"
	jq -r '.findings[] | "\(.rule) \(.owner) \(.subject) (\(.kind)) [\(.severity), \(.confidence)]: \(.why) | \(.action) | \(.saving | tostring)"' "$1"
	jq -r '.findings[] | "\(.rule) \(.owner) \(.subject | sub("[+].*"; ""))"' "$1" >>said
	unload_drivers
}

write_load work.sh "$LOAD"
advised first.json
sed -i 's/^load_drivers$/modprobe nvme io_queue_depth=64 poll_queues=1\nload_drivers/' work.sh
advised second.json
sort -u said | while read -r rule owner site; do
	grep -q "^| \`$rule\` | \`$owner\` | \`$site\`" "$DRVMEM_TREE/doc/advice-on-drivers.md" ||
		echo "$rule $owner $site"
done >new
[ ! -s new ] || { cat new; fail "these are not explained in doc/advice-on-drivers.md"; }
exit 0
