#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real drivers in one guest, loaded and put under load side by side: each module holds memory of
# the kinds that it is known to take, also where a library module takes it on its behalf, and each
# device has its DMA buffers, and has mapped what it was given to move.
# devices: virtio-net,ahci,virtio-blk,xhci,hda
# only: deep
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

LOAD=${1:-10}	# seconds; each device is used once at least

# PCI devices that have DMA buffers, by driver as in sysfs
PCI=(e1000e nvme ahci xhci_hcd snd_hda_intel)
# module:kind,...
MODULES="e1000e:slab,dma virtio_net:slab,page nvme:slab,dma ahci:slab,dma sd_mod:slab virtio_blk:slab,page
	xhci_pci:slab,dma usb_storage:slab usbhid:slab snd_hda_intel:slab,dma veth:slab,percpu
	zram:slab,vmalloc,page loop:slab dm_mod:slab,percpu"
# library module:driver, for which it took memory
LIBRARIES="nvme_core:nvme libata:ahci scsi_mod:ahci usbcore:xhci_pci xhci_hcd:xhci_pci snd:snd_hda_intel
	snd_pcm:snd_hda_intel"

write_load work.sh "$LOAD"
# what is there does not depend on an event that was lost: told, and bounded
"$DRVMEM" report -f json -o out.json --track-max 200000 -- bash work.sh || fail "drvmem report ended with $?"
[ -e finished ] || fail "the load ended early"
for driver in "${PCI[@]}"; do
	find_pci "$driver" && echo "$driver $BUSID"
done >ids
cat ids
echo "loss: $(jq -c .loss out.json)"
jq -e '.loss.ppm < 20000' out.json >/dev/null || fail "more than one event of fifty was lost"

jq -r '.owners[] | .owner as $o | .allocators | to_entries[] |
	[$o, .key, .value.allocs, .value.live_objects, .value.live_bytes] | @tsv' out.json >kinds
jq -r '[.owners[].sites[] | select(.innermost != null)] | group_by([.innermost, .driver]) | .[] |
	[.[0].innermost, .[0].driver, (map(.allocs) | add), (map(.live_objects) | add), (map(.live_bytes) | add)] |
	@tsv' out.json >libraries
jq -r '[.owners[] | (.sites[] | select(.allocator == "dma") | [.cache, "dma", .allocs, .live_objects, .live_bytes]),
	(.mapping_sites[] | select(.kind == "dma_map") | [.device, .kind, .maps, .mappings, .mapped_bytes])] |
	group_by(.[:2]) | .[] | [.[0][0], .[0][1], (map(.[2]) | add), (map(.[3]) | add), (map(.[4]) | add)] | @tsv' \
	out.json >devices

# holds FILE A B: bytes are live there, by its first two columns
holds()
{
	local a b allocs objects bytes
	while read -r a b allocs objects bytes; do
		[ "$a $b" != "$2 $3" ] || [ "$bytes" -le 0 ] || { echo "$a $b: $allocs taken, $objects held, $bytes bytes"; return 0; }
	done <"$1"
	return 1
}
missing=
for m in $MODULES; do
	kinds=${m#*:}
	for kind in ${kinds//,/ }; do
		holds kinds "${m%%:*}" "$kind" || missing="$missing ${m%%:*}/$kind"
	done
done
for l in $LIBRARIES; do
	holds libraries "${l%%:*}" "${l#*:}" || missing="$missing ${l%%:*}-for-${l#*:}"
done
while read -r driver id; do
	holds devices "$id" dma || missing="$missing $driver/$id"
	# streams are mapped while they run; sound has a buffer for good
	grep -q "^$id	dma_map	[1-9]" devices || [ "$driver" = snd_hda_intel ] || missing="$missing $driver/$id/dma_map"
done <ids
# 2 MiB were written that cannot be compressed: the pages are zram's, not those of the module that
# packs them (all are, but events get lost)
zram=$(awk '$1 == "zram" && $2 == "page" { print $5 }' kinds)
[ "${zram:-0}" -ge $((24 * 65536)) ] || missing="$missing zram/page:${zram:-0}-of-$((32 * 65536))-bytes"
same "devices" "$(wc -l <ids)" ${#PCI[@]}
[ -z "$missing" ] || { cat kinds libraries devices; fail "no memory of:$missing"; }
unload_drivers
exit 0
