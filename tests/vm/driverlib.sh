# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by the cases about real drivers and by the commands that they trace: finding devices,
# load on them, and reports from a known point of a command's life. Builtins where they can be.

TRIES=300	# of waiting for a condition, a fifth of a second or more each
exec {IDLE}<> <(:)	# never readable: to wait there starts no process, whose events would be traced

# For jq: what the kernel's core keeps for the next who asks, whosever that is. The page of which small
# buffers become parts; nodes of trees of ids, where one is needed as others have ids, too.
CORE='((.allocator == "page" and (.site | test("^(__)?napi_alloc_skb[+]|^skb_page_frag_refill[+]"))) or
	(.cache | IN("radix_tree_node", "maple_node")))'
# Heads of buffers come from and go to a list of each CPU (before 7.2 only those that NAPI asks for).
[ "${DRVMEM_KVER:-}" != 7.2 ] || CORE="($CORE or .cache == \"skbuff_head_cache\")"

# write_load FILE SECONDS: a script that loads all drivers, uses them side by side and leaves "finished".
write_load()
{
	cat >"$1" <<-WORK
		. "$DRVMEM_TREE/tests/vm/caselib.sh"
		. "$DRVMEM_TREE/tests/vm/driverlib.sh"
		rm -f finished
		load_drivers
		load_side_by_side $2
		: >finished
	WORK
}

# wait_until COMMAND...: until it succeeds; fails when it never does.
wait_until()
{
	local try
	for ((try = 0; try < TRIES; try++)); do
		"$@" && return
		read -r -t 0.2 -u "$IDLE"
	done
	fail "it never came to: $*"
}

# find_interface DRIVER: put the interface that it drives into $IFACE.
find_interface()
{
	for IFACE in /sys/class/net/*; do
		[ "$IFACE/device/driver" -ef "/sys/bus/pci/drivers/$1" ] ||
			[ "$IFACE/device/driver" -ef "/sys/bus/virtio/drivers/$1" ] || continue
		IFACE=${IFACE##*/}
		return 0
	done
	return 1
}

# find_disk PATTERN: put the disk whose place in /sys matches into $DISK.
find_disk()
{
	local disk
	# shellcheck disable=SC2053	# a pattern
	for disk in /sys/block/*; do
		[[ $(readlink -f "$disk") == $1 ]] || continue
		DISK=/dev/${disk##*/}
		[ ! -b "$DISK" ] || return 0
	done
	return 1
}

# find_pci DRIVER: put the bus id of the device that it drives into $BUSID.
find_pci()
{
	for BUSID in "/sys/bus/pci/drivers/$1"/????:*; do
		[ -e "$BUSID" ] || return 1
		BUSID=${BUSID##*/}
		return 0
	done
}

carrier()
{
	local up
	{ read -r up <"/sys/class/net/$1/carrier"; } 2>/dev/null && [ "$up" = 1 ]
}

# ping_gateway INTERFACE COUNT: packets both ways; the emulated network answers at this address.
ping_gateway()
{
	busybox ping -q -A -I "$1" -c "$2" -w 20 10.0.2.2 >/dev/null || fail "no answer through $1"
}

# cycle_interface ADDRESS: $IFACE down and up with another MTU, and back while it is up: new rings
# each time.
cycle_interface()
{
	ip -batch - <<-END || fail "$IFACE does not go down and up"
	link set $IFACE down mtu 9000
	link set $IFACE up
	link set $IFACE mtu 1500
	addr replace $1/24 dev $IFACE
	END
	wait_until carrier "$IFACE"
}

# In the traced command: waits for two more of the reports that drvmem writes to reports.json. The
# last of them began after this was called. Its number goes to the file "marks", with a name.
mark()
{
	local want i
	want=$(($(wc -l <reports.json) + 2))
	for i in 1 2; do
		: >stamp
		wait_until [ reports.json -nt stamp ]
	done
	wait_until enough_reports $want
	echo "$1 $want" >>marks
}

enough_reports()
{
	[ "$(wc -l <reports.json)" -ge "$1" ]
}

# watched JUDGE UNDO OPTION... -- COMMAND...: a session with reports all along, and NAME.json for each
# mark. The command makes the file "finished" when nothing failed; the function JUDGE looks at the
# figures. Lost events make figures differ, never agree: a run in which JUDGE found something wrong
# is undone and repeated when it lost any.
watched()
{
	local judge=$1 undo=$2 options=() try name number
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	for try in 1 2 3; do
		rm -f marks finished
		"$DRVMEM" report -f json --track-max 200000 ${options[@]+"${options[@]}"} 1 \
			-- "$@" >reports.json || fail "drvmem report ended with $?"
		[ -e finished ] || fail "the traced command ended early"
		while read -r name number; do
			sed -n "${number}p" reports.json >"$name.json"
		done <marks
		tail -n 1 reports.json >end.json
		WRONG=
		"$judge"
		echo "loss: $(jq -c .loss end.json)"
		[ -n "$WRONG" ] || return 0
		[ "$(loss end.json)" != 0 ] || fail "$WRONG"
		"$undo"
	done
	fail "$WRONG (and three runs lost events)"
}

# For JUDGE: wrong WHY; agree WHAT IS SHOULD.
wrong()
{
	echo "wrong: $*"
	WRONG=${WRONG:-$*}
}

agree()
{
	[ "$2" = "$3" ] || wrong "$1 is ${2:-nothing}, should be $3"
}

# held FILE FILTER OWNER...: what each of the owners' sites holds or has mapped, one a line: owner,
# allocator, cache or device, site, objects, bytes. FILTER is jq's.
held()
{
	local file=$1 filter=$2
	shift 2
	jq -c "[.owners[] | select(.owner | IN(\$ARGS.positional[])) | .owner as \$o | .sites[], .mapping_sites[] |
		{o: \$o, site, allocator: (.allocator // .kind), cache: (.cache // .device),
		n: (.live_objects // .mappings), b: (.live_bytes // .mapped_bytes)} | select(.n != 0 and $filter)] |
		group_by([.o, .allocator, .cache, .site]) | .[] |
		[.[0].o, .[0].allocator, .[0].cache, .[0].site, (map(.n) | add), (map(.b) | add)]" "$file" --args "$@"
}

# held_sum: of such lines of memory, its objects and bytes
held_sum()
{
	awk -F '[],]' '!/"(dma_map|vmap|ioremap)",/ { n += $(NF-2); b += $(NF-1) }
		END { print n + 0 " objects, " b + 0 " bytes" }'
}

# All drivers that the emulated devices have, and some that need no device. The kernel's own modprobe
# does not work in the guest: codecs and the like are asked for by name.
load_drivers()
{
	# in one process: to start one, and to read the list of modules, takes half a second of emulation each time
	modprobe -a nvme virtio_blk ahci sd_mod xhci_pci usb_storage usbhid hid_generic snd_hda_codec_generic \
		snd_hda_intel snd_pcm_oss e1000e virtio_net veth zram loop dm_mod || fail "modprobe failed"
}

# What load leaves behind, and all drivers.
unload_drivers()
{
	local module
	ip link del v0 2>/dev/null
	dmsetup remove --noudevsync drvmem_test 2>/dev/null
	losetup -d /dev/loop0 2>/dev/null
	[ ! -e /sys/block/zram0/reset ] || echo 1 >/sys/block/zram0/reset
	for module in dm_mod loop zram veth virtio_net e1000e snd_pcm_oss snd_hda_intel \
		snd_hda_codec_generic hid_generic usbhid usb_storage xhci_pci sd_mod ahci virtio_blk nvme; do
		modprobe -r $module || fail "$module cannot be unloaded"
	done
}

# load_side_by_side SECONDS: on all devices at once; each round is done at least once, and what it
# sets up is there in the end.
load_side_by_side()
{
	local pid
	PIDS=()
	MORE_UNTIL=$((SECONDS + $1))
	aside load_net e1000e 10.0.2.15
	aside load_net virtio_net 10.0.2.16
	aside load_disk '*/nvme*'
	aside load_disk '*/virtio*'
	aside load_disk '*/ata*'
	aside load_disk '*/usb*'
	aside load_sound
	aside load_veth
	aside load_zram
	aside load_mapper
	for pid in "${PIDS[@]}"; do
		wait "$pid" || fail "a load ended early"
	done
}

aside()
{
	"$@" &
	PIDS+=($!)
}

more()
{
	[ "$SECONDS" -lt "$MORE_UNTIL" ]
}

# new_rings ADDRESS: the interface with new rings, and packets through it both ways.
new_rings()
{
	(TRIES=40 cycle_interface "$1" && ping_gateway "$IFACE" 50)
}

load_net()
{
	local tries
	wait_until find_interface "$1"
	while
		# once in half an hour the emulated e1000e has no link after a change of its MTU, until the next
		for ((tries = 0; tries < 10; tries++)); do
			new_rings "$2" && break
			echo "$IFACE: again" >&2
		done
		[ $tries -lt 10 ] || fail "$IFACE does not work"
		more
	do :; done
}

load_disk()
{
	wait_until find_disk "$1"
	while
		dd if=/dev/zero of="$DISK" bs=64k count=32 oflag=direct 2>/dev/null || fail "cannot write $DISK"
		dd if="$DISK" of=/dev/null bs=64k count=64 2>/dev/null || fail "cannot read $DISK"
		more
	do :; done
}

load_sound()
{
	wait_until [ -c /dev/dsp ]
	while
		dd if=/dev/zero of=/dev/dsp bs=4k count=4 2>/dev/null || fail "no sound"
		more
	do :; done
}

load_veth()
{
	local i
	while
		ip link del v0 2>/dev/null
		ip link add v0 type veth peer name v1 || fail "no veth"
		ip link set v1 up
		ip link set v0 up
		ip addr add 10.9.0.1/24 dev v0
		ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:01 dev v0
		for ((i = 0; i < 200; i++)); do
			echo "$i" >/dev/udp/10.9.0.2/9
		done
		more
	do :; done
}

load_zram()
{
	while
		echo 1 >/sys/block/zram0/reset
		echo 16M >/sys/block/zram0/disksize || fail "no zram"
		dd if=/dev/urandom of=/dev/zram0 bs=64k count=32 oflag=direct 2>/dev/null || fail "cannot write zram0"
		more
	do :; done
}

# A file as a disk, and a mapped disk on it.
load_mapper()
{
	truncate -s 4M image
	while
		dmsetup remove --noudevsync drvmem_test 2>/dev/null
		losetup -d /dev/loop0 2>/dev/null
		losetup /dev/loop0 image || fail "no loop device"
		dmsetup create --noudevsync --noudevrules drvmem_test --table '0 8192 linear /dev/loop0 0' || fail "no mapped disk"
		wait_until [ -b /dev/dm-0 ]
		dd if=/dev/zero of=/dev/dm-0 bs=64k count=32 oflag=direct 2>/dev/null || fail "cannot write it"
		more
	do :; done
}
