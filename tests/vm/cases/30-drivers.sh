#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real drivers in one guest, loaded and put under load side by side for a minute. Nothing that they took
# is called lost, and none of their sites surely grows. Each module holds memory of the kinds that it is
# known to take, also where a library module takes it on its behalf, and each device has its DMA buffers,
# and has mapped what it was given to move.
# devices: virtio-net,ahci,virtio-blk,xhci,hda
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

LOAD=${1:-60}	# seconds; each device is used once at least

# PCI devices that have DMA buffers, by driver as in sysfs
PCI=(e1000e nvme ahci xhci_hcd snd_hda_intel)
# module:kind,...
MODULES="e1000e:slab,dma virtio_net:slab,page nvme:slab,dma ahci:slab,dma sd_mod:slab virtio_blk:slab,page
	xhci_pci:slab,dma usb_storage:slab usbhid:slab snd_hda_intel:slab,dma veth:slab,percpu
	zram:slab,vmalloc,page loop:slab dm_mod:slab,percpu"
# library module:driver, for which it took memory
LIBRARIES="nvme_core:nvme libata:ahci scsi_mod:ahci usbcore:xhci_pci xhci_hcd:xhci_pci snd:snd_hda_intel
	snd_pcm:snd_hda_intel"

# of what an earlier case left loaded nothing would be seen
unload_drivers
write_load work.sh "$LOAD"
"$DRVMEM" record -o load --reach --objects-every 0 --interval "${2:-2s}" --track-max 200000 -- bash work.sh ||
	fail "drvmem record ended with $?"
[ -e finished ] || fail "the load ended early"
for driver in "${PCI[@]}"; do
	find_pci "$driver" && echo "$driver $BUSID"
done >ids
cat ids
"$DRVMEM" leaks load --reach on -f json -o out.json --max-loss 1000000
status=$?
[ "$status" -le 1 ] || fail "drvmem leaks ended with $status"
# what is there does not depend on an event that was lost: told, and bounded
echo "loss: $(jq -c .loss out.json)"
jq -e '.loss.ppm < 20000' out.json >/dev/null || fail "more than one event of fifty was lost"

# Reading it takes seconds in an emulated machine: once. Each new file that is opened may make the driver
# of the guest's root grow (9p keeps a handle with each cached inode); that is no driver under load.
# virtio_net of 7.2 does grow at one site: 31-updown counts what it gathers there until it is unloaded.
jq -r --arg kver "$DRVMEM_KVER" 'def n: . // 0;
	[.outstanding[] | select(.owner | IN("kernel", "drvmem") | not)] as $drivers |
	[.outstanding[] | select(.verdict == "growing" and .confidence == "high")] as $growing |
	[$growing[] | select(.owner | test("^(9p|9pnet|overlay|netfs|fscache)$") | not) |
		select($kver == "7.2" and .owner == "virtio_net" and (.site // "" | test("^__xdp_reg_mem_model[+]")) | not)] as $grown |
	[.reach.definitely_lost + .reach.indirectly_lost, ($grown | length), ([$drivers[].reach.still_reachable | n] | add)],
	"reach: \(.reach | tostring)",
	"\(.outstanding | length) sites, \(.outstanding | length - ($drivers | length)) of them no driver'"'"'s",
	(.outstanding[] | select(.reach.definitely_lost + .reach.indirectly_lost > 0) | "lost: \(tostring)"),
	($growing[] | "grows: \(tostring)") | if type == "array" then join(" ") else . end' out.json >told || fail "cannot read out.json"
cat told
read -r lost growing held <told
# it did look at the drivers' objects
[ "$held" -ge 1000 ] || fail "fewer than 1000 objects of drivers were found to be held"
same "objects called lost" "$lost" 0
same "sites that surely grow" "$growing" 0

"$DRVMEM" report load -f json -o report.json || fail "drvmem report ended with $?"
jq -r '.owners[] | .owner as $o | .allocators | to_entries[] |
	[$o, .key, .value.allocs, .value.live_objects, .value.live_bytes] | @tsv' report.json >kinds
jq -r '[.owners[].sites[] | select(.innermost != null)] | group_by([.innermost, .driver]) | .[] |
	[.[0].innermost, .[0].driver, (map(.allocs) | add), (map(.live_objects) | add), (map(.live_bytes) | add)] |
	@tsv' report.json >libraries
jq -r '[.owners[] | (.sites[] | select(.allocator == "dma") | [.cache, "dma", .allocs, .live_objects, .live_bytes]),
	(.mapping_sites[] | select(.kind == "dma_map") | [.device, .kind, .maps, .mappings, .mapped_bytes])] |
	group_by(.[:2]) | .[] | [.[0][0], .[0][1], (map(.[2]) | add), (map(.[3]) | add), (map(.[4]) | add)] | @tsv' \
	report.json >devices

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
