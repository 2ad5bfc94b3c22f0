#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ten times down and up, with the MTU changed and packets both ways: the drivers of the network
# cards then hold byte for byte what they held after the first. The rings of e1000e are what its
# source says. What the kernel's core keeps for whoever asks next is listed apart.
#
# So are the entries of the kernel's table of memory models (net/core/xdp.c, 40 bytes each). A driver
# whose page_pool lives longer than its interface is up (virtio_net of 7.2: from probe to remove) gets
# one more at each up. Down only drops a user of the pool (xdp_unreg_mem_model); entries leave the table
# when the pool goes (mem_allocator_disconnect), all at once. They are not let pass: there are as many
# as the kernel's own tracepoints say, and none once the driver is gone.
# devices: virtio-net
# only: 6.12
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

# an earlier case may have left some
unload_drivers
DRIVERS=(e1000e virtio_net)
MODELS='(.site | test("^(__)?xdp_(rxq_info_)?reg_mem_model[+]"))'
cat >work.sh <<'WORK'
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
exec >&2	# stdout is the reports'
# models NAME: the entries of memory models that there are, by the kernel's own account
models()
{
	echo "$1 $(($(trace_lines ' mem_connect: ') - $(trace_lines ' mem_disconnect: ')))" >>models
}
no_models()
{
	[ "$(trace_lines ' mem_connect: ')" = "$(trace_lines ' mem_disconnect: ')" ]
}
rm -f models
trace_start xdp/mem_connect xdp/mem_disconnect
for driver in e1000e virtio_net; do
	modprobe $driver
	wait_until find_interface $driver
	ip link set "$IFACE" up
	wait_until carrier "$IFACE"
done
for ((cycle = 1; cycle <= 10; cycle++)); do
	address=10.0.2.15
	for driver in e1000e virtio_net; do
		find_interface $driver
		cycle_interface $address
		ping_gateway "$IFACE" 20
		address=10.0.2.16
	done
	case $cycle in 1 | 5 | 10)
		mark cycle-$cycle
		models cycle-$cycle
		;;
	esac
done
modprobe -r virtio_net
wait_until no_models	# a pool waits for its last page
mark removed
models removed
trace_stop
: >finished
WORK
undo()
{
	modprobe -r e1000e
	modprobe -r virtio_net
}
undo
judge()
{
	local cycle driver at
	for cycle in 1 5 10; do
		held "cycle-$cycle.json" "(($CORE or $MODELS) | not)" "${DRIVERS[@]}" >"cycle-$cycle"
		echo "cycle $cycle: $(held_sum <"cycle-$cycle"), kept by the core: $(held "cycle-$cycle.json" "$CORE" "${DRIVERS[@]}")"
	done
	cat cycle-1
	for cycle in 5 10; do
		diff cycle-1 "cycle-$cycle" || wrong "other memory is held after cycle $cycle than after the first"
	done
	for driver in "${DRIVERS[@]}"; do
		[ "$(grep -c "^..$driver\"" cycle-1)" -ge 5 ] || wrong "$driver holds nothing"
	done
	for at in cycle-1 cycle-5 cycle-10 removed; do
		held "$at.json" "$MODELS" virtio_net >models-held
		agree "entries of memory models at $at" "$(held_sum <models-held)" \
			"$(awk -v at=$at '$1 == at { print $2 " objects, " $2 * 40 " bytes" }' models)"
	done
	agree "entries of memory models without a driver" "$(sed -n 's/^removed //p' models)" 0
	agree "sites of drivers in what a received packet makes protocols take" "$(jq -c '[.owners[] |
		select(.owner == "e1000e" or .owner == "virtio_net") | .sites[] | select(.stack | any(startswith("__netif_receive_skb"))) |
		.site]' cycle-10.json)" "[]"
	# the tables of 256 descriptors, of 32 and of 16 bytes; one receive descriptor stays free
	agree "rings of e1000e" "$(jq -c '[.owners[] | select(.owner == "e1000e") | .sites[] | select(.allocator == "dma") |
		select(.live_objects > 0) | [.live_objects, .live_bytes]] | [(map(.[0]) | add), (map(.[1]) | add)]' cycle-10.json)" \
		"[2,$((256 * 32 + 256 * 16))]"
	agree "its receive buffers" "$(jq '[.owners[] | select(.owner == "e1000e") | .mapping_sites[] |
		select(.kind == "dma_map") | .mappings] | add' cycle-10.json)" 255
	[ "$(owned cycle-10.json e1000e frees)" -gt $((10 * 2 * 255)) ] || wrong "e1000e has freed less than its buffers"
}
undo
watched judge undo -m e1000e -m virtio_net -- bash work.sh
undo
exit 0
