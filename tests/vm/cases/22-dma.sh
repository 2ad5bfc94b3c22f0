#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# DMA buffers of the test driver's device: K are exactly K and their bytes, of that device, holding
# the pages that they took, which are nobody's blocks beside; 0 after they are freed. A real device
# has buffers and mappings under its bus id, and none when its driver is gone.
# only: 5.10
# time: 260
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=50 SIZE=5000
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc dma $K $SIZE
ctl alloc dma $K 20000 wq
END
undo()
{
	ctl free dma 0 direct
}
# of FILE ALLOCATOR FIELD
of()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .allocators.$2.$3] | add // 0" "$1"
}
traced out.json undo --walk verify -- bash work.sh
echo "stack_walks: $(jq -c .stack_walks out.json)"
same "walks that differ from the kernel's" "$(jq .stack_walks.mismatch out.json)" 0
same "buffers" "$(of out.json dma live_objects)" $((2 * K))
same "bytes" "$(of out.json dma live_bytes)" $((K * (SIZE + 20000)))
same "bytes held" "$(of out.json dma held_bytes)" $((K * (8192 + 32768)))
same "blocks of pages beside" "$(of out.json page live_objects)" 0
same "buffers of the device" "$(in_cache out.json drvmem_test '^drvmem_test$' live_objects)" $((2 * K))
same "buffers at the driver's function" "$(at_site out.json drvmem_test '^alloc_dma[+]' live_objects)" $((2 * K))
undo
cat >frees.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc dma $K $SIZE
ctl free dma 20 oldest
ctl free dma 0 wq
END
traced freed.json undo -- bash frees.sh
same "taken and given back" "$(of freed.json dma allocs) $(of freed.json dma frees)" "$K $K"
same "left" "$(of freed.json dma live_objects) $(of freed.json dma live_bytes)" "0 0"
unload drvmem_test

# a real device: its buffers have its bus id
real_drivers
modprobe -r e1000e
cat >nic.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
real_drivers
END
gone()
{
	modprobe -r e1000e
}
traced nic.json gone -- bash nic.sh
jq -c '[.owners[] | select(.owner == "e1000e") | .sites[], .mapping_sites[] |
	select(.allocator == "dma" or .kind == "dma_map") |
	{site, cache, device, live_objects, live_bytes, mappings, mapped_bytes}]' nic.json
jq -e '[.owners[] | select(.owner == "e1000e") | .sites[] | select(.allocator == "dma")] |
	length > 0 and all(.cache | test("^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7]$"))' nic.json >/dev/null ||
	fail "e1000e has no buffers of a device"
jq -e '[.owners[] | select(.owner == "e1000e") | .mapping_sites[] | select(.kind == "dma_map")] |
	(map(.mappings) | add) > 200 and
	all(.device | test("^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7]$"))' nic.json >/dev/null ||
	fail "e1000e has not mapped its receive buffers"
gone
"$DRVMEM" report --by device -o nic.txt -- bash nic.sh || fail "report --by device ended with $?"
cat nic.txt
grep -qE '^0000:[0-9a-f:.]+ +dma,dma_map ' nic.txt || fail "no device in the table"
gone
cat >>nic.sh <<END
modprobe -r e1000e
END
traced gone.json true -- bash nic.sh
same "buffers and mappings of a driver that is gone" \
	"$(jq '[.owners[] | select(.owner == "e1000e") | .allocators.dma.live_objects, .mapped.dma_map.mappings] | add' gone.json)" 0
exit 0
