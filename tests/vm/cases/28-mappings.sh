#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Mappings of the test driver: K of each kind are exactly K with their bytes, of its device or of
# their kind, apart from its memory; none is left after they are unmapped. One that is unmapped
# with another size is told, memory that is mapped several times counts as often.
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=60
load drvmem_test
# from here on it has the block that is mapped
ctl alloc mappage 1 64
ctl free mappage 0 direct
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc mapsingle $K 300
ctl alloc mapsingle $K 300 wq
ctl alloc mappage $K 5000
ctl alloc mapsg $K 8000
ctl alloc vmap $K 20000
ctl alloc vmap $K 20000 wq
ctl alloc ioremap $K 9000
END
undo()
{
	local kind
	for kind in mapsingle mappage mapsg vmap ioremap mapodd; do
		ctl free $kind 0 direct
	done
}
# of FILE KIND FIELD
of()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .mapped.$2.$3] | add // 0" "$1"
}
# map_at FILE FUNCTION FIELD
map_at()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .mapping_sites[] |
		select(.site | test(\"^$2[+]\")) | .$3] | add // 0" "$1"
}
traced out.json undo --walk verify -- bash work.sh
same "walks that differ from the kernel's" "$(jq .stack_walks.mismatch out.json)" 0
same "DMA mappings" "$(of out.json dma_map mappings)" $((4 * K))
same "their bytes" "$(of out.json dma_map mapped_bytes)" $((K * (600 + 5000 + 8000)))
same "of the device" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .mapping_sites[] |
	select(.device == "drvmem_test") | .mappings] | add' out.json)" $((4 * K))
same "by the driver's functions" "$(map_at out.json alloc_mapsingle mappings) $(map_at out.json alloc_mappage mappings) $(map_at out.json alloc_mapsg mappings)" \
	"$((2 * K)) $K $K"
same "vmaps" "$(of out.json vmap mappings) $(of out.json vmap mapped_bytes)" "$((2 * K)) $((2 * K * 20480))"
same "vmaps at the driver's function" "$(map_at out.json alloc_vmap mappings)" $((2 * K))
same "ioremaps" "$(of out.json ioremap mappings) $(of out.json ioremap mapped_bytes)" "$K $((K * 12288))"
same "all mappings" "$(jq '.owners[] | select(.owner == "drvmem_test") | .mappings' out.json)" $((7 * K))
# the lists of scattered ones, and what the kernel takes for an ioremap
same "memory beside" "$(jq '.owners[] | select(.owner == "drvmem_test") | .allocators | keys | join(",")' out.json)" '"slab"'
same "bytes of the lists" "$(at_site out.json drvmem_test '^alloc_mapsg[+]' live_bytes)" $((K * 4 * 32))
undo

cat >ends.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for kind in mapsingle mappage mapsg vmap ioremap; do
	ctl alloc \$kind $K 4000
	ctl free \$kind 20 oldest
	ctl free \$kind 0 wq
done
ctl alloc mapodd $K 4000
ctl free mapodd 0 direct
# at one place: each is a mapping
ctl alloc mappage 5 262144
ctl free mappage 3 direct
END
traced ends.json undo -- bash ends.sh
same "made and ended" "$(of ends.json dma_map maps) $(of ends.json dma_map unmaps)" "$((4 * K + 5)) $((4 * K + 3))"
same "left" "$(of ends.json dma_map mappings) $(of ends.json dma_map mapped_bytes)" "2 $((2 * 262144))"
same "ended with another size" "$(of ends.json dma_map size_mismatches)" $K
same "syncs" "$(jq -c '.device_syncs | map(select(.device == "drvmem_test")) | map([.for_cpu, .for_device])' ends.json)" \
	"[[$((K + 3)),$((K + 3))]]"
same "areas that map" "$(of ends.json vmap maps) $(of ends.json vmap unmaps) $(of ends.json vmap mappings)" "$K $K 0"
same "ioremaps" "$(of ends.json ioremap maps) $(of ends.json ioremap mappings)" "$K 0"
undo

# eight of one place are kept apart, more are told as lost
cat >cut.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc mappage 10 262144
END
"$DRVMEM" report -f json -o cut.json -- bash cut.sh || fail "report ended with $?"
same "of ten in one place" "$(of cut.json dma_map mappings) $(jq .loss.maps_cut cut.json)" "8 2"
undo
unload drvmem_test
exit 0
