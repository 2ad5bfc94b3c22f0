#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device taken from its driver through sysfs has the account of an unload: no DMA buffer or mapping
# is outstanding, and the module holds byte for byte what it held when it was loaded and had no
# device yet. Given back to the driver, it holds what it held before. Unloaded, it leaves nothing.
#
# But for snd_hda_intel: the kernel forgets three entries of /proc/asound at each unbind (card0, id, codec#0)
# and their names. snd_info_card_disconnect() clears card->proc_root, and snd_info_card_free(), which
# comes later, is to free what it points to (sound/core/info.c; stable 5.10 and 6.1 too). They are
# not let pass: drvmem must have the entries, and the bytes of names, that probes on the kernel's
# functions have seen made and not freed.
# devices: ahci,xhci,hda
# only: 6.12
# time: 420
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

# module:driver, the driver as in sysfs. To bind one takes 130,000 objects and gives most back: not all
# where more events get lost.
DRIVERS=(e1000e:e1000e nvme:nvme snd_hda_intel:snd_hda_intel)
[ "$DRVMEM_KVER" != 6.12 ] || DRIVERS+=(ahci:ahci xhci_pci:xhci_hcd)
MODULES=("${DRIVERS[@]%%:*}")
ENTRIES='(.site | test("^snd_info_create_entry[+]"))'
cat >work.sh <<WORK
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"
exec >&2	# stdout is the reports'
DRIVERS=(${DRIVERS[*]})
WORK
cat >>work.sh <<'WORK'
# give WHAT: bind or unbind all devices
give()
{
	local d
	for d in "${DRIVERS[@]}"; do
		echo "${ID[${d#*:}]}" >"/sys/bus/pci/drivers/${d#*:}/$1" || fail "cannot $1 ${ID[${d#*:}]}"
	done
}
# all is found that the devices have
in_use()
{
	local at=/sys/bus/pci/devices id
	compgen -G "$at/${ID[nvme]}/nvme/nvme*/nvme*n1" && find_interface e1000e || return 1
	compgen -G "$at/${ID[snd_hda_intel]}/sound/card*/pcm*p" || return 1
	id=${ID[ahci]:-}
	[ -z "$id" ] || compgen -G "$at/$id/ata*/host*/target*/*/block/*" || return 1
	id=${ID[xhci_hcd]:-}
	[ -z "$id" ] || compgen -G "$at/$id/usb*/*-*/*-*:*"
} >/dev/null
# Names in sysfs that were looked up stay in memory until the kernel is short of it; those that
# were used lately stay the first time.
forget_names()
{
	mark "$1-0"	# what is removed later than the call ends
	echo 2 >/proc/sys/vm/drop_caches
	echo 2 >/proc/sys/vm/drop_caches
	echo 2 >/proc/sys/vm/drop_caches
	mark "$1-1"	# ... and what waits for RCU
}
# entries NAME: those that the kernel has made and not freed, and the bytes of their names, under its name
entries()
{
	mark "$1"
	awk -v at="$1" '/ entry_made: .* name="/ { live[$NF]++ }
		/ entry_freed: .* name="/ { live[$NF]-- }
		END { for (e in live) { n += live[e]; b += live[e] * (length(e) - length("name=\"\"") + 1) } print at, n + 0, b + 0 }' \
		$TRACEFS/trace >>entries
}
take()
{
	give bind
	wait_until in_use
	ip link set "$IFACE" up
	wait_until carrier "$IFACE"
}
# No probe on a return: the stacks of 5.10 end there, and so the driver would not be found.
probe_entries()
{
	echo 'p:entry_made snd_info_create_entry name=+0(%di):string' >$TRACEFS/kprobe_events &&
		echo 'p:entry_freed snd_info_free_entry name=+0(+0(%di)):string' >>$TRACEFS/kprobe_events || fail "no probes"
	trace_start kprobes/entry_made kprobes/entry_freed
}
forget_entries()
{
	trace_stop
	echo >$TRACEFS/kprobe_events
}
# no packet of anybody's is on its way
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
declare -A ID
while read -r driver id; do
	ID[$driver]=$id
done <ids
for d in "${DRIVERS[@]}"; do
	modprobe "${d%%:*}"
done
rm -f entries
probe_entries
entries loaded
take
entries bound
give unbind
forget_names unbound
entries unbound
take
entries again
for d in "${DRIVERS[@]}"; do
	modprobe -r "${d%%:*}" || fail "${d%%:*} cannot be unloaded"
done
forget_names unloaded
entries unloaded
forget_entries
: >finished
WORK
undo()
{
	local d
	echo 1 >/sys/bus/pci/drivers_autoprobe
	for d in "${DRIVERS[@]}"; do
		modprobe -r "${d%%:*}"
	done
	echo 0 >/sys/bus/pci/drivers_autoprobe
}

# what an earlier case left loaded may have entries too
unload_drivers
# Which device is whose, and the modules that disks and sound want are there.
modprobe -a sd_mod snd_hda_codec_generic
for d in "${DRIVERS[@]}"; do
	modprobe "${d%%:*}"
	wait_until find_pci "${d#*:}"
	echo "${d#*:} $BUSID" >>ids
done
undo
# dma FILE: DMA buffers, their bytes, mappings, their bytes, of each device that has any
dma()
{
	jq -r '[.owners[] | (.sites[] | select(.allocator == "dma") | [.cache, .live_objects, .live_bytes, 0, 0]),
		(.mapping_sites[] | select(.kind == "dma_map") | [.device, 0, 0, .mappings, .mapped_bytes])] |
		group_by(.[0]) | .[] | "\(.[0][0]) \([(.[] | .[1:])] | transpose | map(add) | join(" "))"' "$1"
}
# of FILE NAME: what the line that begins with the name says, else nothing
of()
{
	sed -n "s/^$2 //p" "$1"
}
judge()
{
	local d module id at n bytes
	for at in loaded bound unbound again unloaded; do
		held "$at.json" "(($CORE or $ENTRIES) | not)" "${MODULES[@]}" >"$at.all"
		# of two calls: the entries', and their names'
		held "$at.json" "$ENTRIES" snd_hda_intel | jq -sc 'group_by(.[3]) | map([(map(.[4]) | add), (map(.[5]) | add)])' >"$at.entries"
		dma "$at.json" >"$at.dma"
	done
	jq -r '.owners[] | "\(.owner) \(.instance.unloaded_at != null)"' unloaded.json >gone
	while read -r at n bytes; do
		echo "entries of sound at $at: $(cat "$at.entries"); by the kernel $n, with $bytes bytes of names"
		jq -e --argjson n "$n" --argjson b "$bytes" '(if $n == 0 then . == [] else
			length == 2 and all(.[0] == $n) and any(.[1] == $b) end)' "$at.entries" >/dev/null ||
			wrong "$n entries of sound with $bytes bytes of names at $at are $(cat "$at.entries")"
	done <entries
	for d in "${DRIVERS[@]}"; do
		module=${d%%:*}
		id=$(of ids "${d#*:}")
		for at in loaded bound unbound again unloaded; do
			grep "^..$module\"" "$at.all" >"$at"
			echo "$module $at: $(held_sum <"$at"); DMA buffers, bytes, mappings, bytes of $id: $(of "$at.dma" "$id")"
		done
		diff loaded unbound || wrong "$module holds other memory after it lost its device than before it had one"
		diff bound again || wrong "$module holds other memory of the same device the second time"
		[ ! -s unloaded ] || wrong "$module is unloaded and left: $(cat unloaded)"
		[ "$(wc -l <bound)" -gt "$(wc -l <loaded)" ] || wrong "$module took no memory for its device"
		agree "what $module left of $id" "$(of unbound.dma "$id")" "0 0 0 0"
		agree "what $module has of $id" "$(of again.dma "$id")" "$(of bound.dma "$id")"
		[[ $(of bound.dma "$id") == [1-9]* ]] || wrong "$module: no DMA buffers of $id"
		agree "$module is unloaded" "$(of gone "$module")" true
	done
}
watched judge undo "${MODULES[@]/#/-m}" -- bash work.sh
undo
echo 1 >/sys/bus/pci/drivers_autoprobe
echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6
exit 0
