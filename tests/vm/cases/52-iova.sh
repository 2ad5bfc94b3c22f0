#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# DMA mappings by ranges of a device's addresses (dma_iova_link, 6.16), behind an IOMMU. Of the test
# driver K are exactly K with what is linked, none after their end; of nvme, whose requests
# are mapped so, as many as were linked, and none while it has nothing to do.
# only: deep
# boot: 3
# devices: iommu
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

grep -q ' dma_iova_link$' /proc/kallsyms || skip "this kernel has no dma_iova_link"
K=50
for DEVICE in /sys/bus/pci/devices/*; do
	read -r class <"$DEVICE/class"
	[[ $class != 0x0200* ]] || break
done
[ -e "$DEVICE/iommu_group" ] || fail "the network card is not behind an IOMMU"
DEVICE=${DEVICE##*/}
load drvmem_test iova_device="$DEVICE"
ctl alloc mappage 1 64	# from here on it has the block that is mapped
ctl free mappage 0 direct
undo()
{
	ctl free iova 0 direct
	ctl free iovapart 0 direct
}
# of FILE FIELD [OWNER]
of()
{
	jq "[.owners[] | select(.owner == \"${3:-drvmem_test}\") | .mapped.dma_map.$2] | add // 0" "$1"
}
# map_at FILE FUNCTION FIELD
map_at()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .mapping_sites[] |
		select(.site | test(\"^$2[+]\")) | .$3] | add // 0" "$1"
}
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc iova $K 65536
ctl alloc iova $K 20480 wq
ctl alloc iovapart $K 65536
END
traced out.json undo -- bash work.sh
! jq -e '.meta.not_seen[] | select(test("dma_iova"))' out.json || fail "a hook is not there"
same "mappings" "$(of out.json mappings)" $((3 * K))
same "what is linked" "$(of out.json mapped_bytes)" $((K * (65536 + 20480 + 4096)))
same "of the device" "$(jq --arg d "$DEVICE" '[.owners[] | select(.owner == "drvmem_test") | .mapping_sites[] |
	select(.device == $d) | .mappings] | add' out.json)" $((3 * K))
same "by the driver's function" "$(map_at out.json '(alloc_iova|link_iova)' mappings)" $((3 * K))
undo
cat >ends.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for kind in iova iovapart; do
	ctl alloc \$kind $K 65536
	ctl free \$kind 20 oldest
	ctl free \$kind 0 wq
done
END
traced ends.json undo -- bash ends.sh
same "made and ended" "$(of ends.json maps) $(of ends.json unmaps)" "$((2 * K)) $((2 * K))"
same "left" "$(of ends.json mappings) $(of ends.json mapped_bytes)" "0 0"
traced sampled.json undo --sample 16K -- bash ends.sh
same "sampled and left" "$(of sampled.json mappings) $(of sampled.json mapped_bytes)" "0 0"
unload drvmem_test

# requests of a disk: read past the page cache, 64 KiB at a time
modprobe nvme || fail "no nvme"
wait_until find_disk '*/nvme/*'
printf 'p:iova_link dma_iova_link\np:iova_destroy dma_iova_destroy\n' >>$TRACEFS/kprobe_events
echo 1 >$TRACEFS/events/kprobes/enable
cat >disk.sh <<END
dd if=$DISK of=/dev/null bs=64k count=64 iflag=direct 2>dd.txt
END
calls()
{
	awk -v name="iova_$1" '$1 == name { print $2 }' $TRACEFS/kprobe_profile
}
linked=$(calls link) destroyed=$(calls destroy)
traced disk.json : -- bash disk.sh
linked=$(($(calls link) - linked)) destroyed=$(($(calls destroy) - destroyed))
echo "the disk's requests: $linked links, $destroyed ranges; $(jq -c '[.owners[] | select(.mapped.dma_map) |
	{owner, maps: .mapped.dma_map.maps, unmaps: .mapped.dma_map.unmaps, left: .mapped.dma_map.mappings}]' disk.json)"
echo 0 >$TRACEFS/events/kprobes/enable
: >$TRACEFS/kprobe_events
[ "$destroyed" -ge 64 ] || fail "of 64 requests $destroyed were mapped so"
same "ranges of the disk" "$(jq '[.owners[] | .mapping_sites[]? | select(.site | test("dma_map_direct|blk_|rq_dma")) | .maps] | add // 0' disk.json)" "$destroyed"
same "mappings left" "$(jq '[.owners[] | .mapping_sites[]? | select(.site | test("blk_|rq_dma")) | .mappings] | add // 0' disk.json)" 0
modprobe -r nvme
exit 0
