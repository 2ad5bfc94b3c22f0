#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a machine of two NUMA nodes: what 'drvmem advise' says of memory that is not at the node of the driver's
# device, or of the CPU that asks, and that it is silent when it is.
# only: 5.10
# boot: 3
# devices: numa
# time: 120
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

same "nodes" "$(cd /sys/devices/system/node && echo node*)" "node0 node1"
mkfifo never

# advised FILE COMMAND: what is advised while the driver does this, a command to adv
advised()
{
	printf '%s\n' ". '$DRVMEM_TREE/tests/vm/caselib.sh'; exec 9<>never; adv $2; read -rt 6 -u 9; true" >work.sh
	"$DRVMEM" advise -f json -o "$1" -m drvmem_advice -- bash work.sh 2>err || fail "drvmem advise ended with $?: $(cat err)"
	cat err
	count_lost "$1"
	[ "$lost" -eq 0 ] || skip "$lost events lost"
	jq -r '.findings[] | "\(.rule) at \(.subject) [\(.severity), \(.confidence)]: \(.why); \(.action)"' "$1"
	MODULE=drvmem_advice
	# "run RULE ...": its blocks on the node that it names, by the kernel's own word
	field "$(cut -d ' ' -f 2 <<<"$2")" loops
	there=$VALUE
	same "findings of $2" "$(jq -r '.findings[] | "\(.rule) \(.subject | sub("[+].*"; ""))"' "$1")" "$3"
	adv stop all
}
# of FILE NAME: a figure of the finding
of()
{
	jq -r ".findings[0].measured[] | select(.name == \"$2\").value" "$1"
}

# 512 blocks: 2 MiB. The allocator gives what it has: a few may be elsewhere, but which is known.
bytes=$((512 * 4096))
load drvmem_advice device_node=1
advised device.json "run numa before 512" "numa-remote numa_before"
same "live bytes" "$(of device.json live_bytes)" $bytes
same "far bytes" "$(of device.json far_bytes)" $((bytes - there * 4096))
same "of no known node" "$(of device.json bytes_of_unknown_node)" 0
same "on node" "$(of device.json memory_node)" 0
same "device at node" "$(of device.json device_node)" 1
advised device-after.json "run numa after 512" ''
unload drvmem_advice

# no device says where it should be: by who asked, which is CPU 0
load drvmem_advice
advised cpu.json "run numacpu before 512" "numa-remote numacpu_before"
same "far bytes" "$(of cpu.json far_bytes)" $((there * 4096))
same "on node" "$(of cpu.json memory_node)" 1
same "CPUs of node" "$(of cpu.json cpu_node)" 0
advised cpu-after.json "run numacpu after 512" ''
unload drvmem_advice
