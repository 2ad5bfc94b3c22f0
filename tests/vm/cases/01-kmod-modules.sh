#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two test drivers of the same code side by side, the library and its user, and
# the real drivers of the emulated devices: all load, work and unload.
# shellcheck disable=SC1091,SC2034
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

twins()
{
	load drvmem_test
	load drvmem_test2
	ctl alloc kmalloc 10 100
	MODULE=drvmem_test2
	ctl alloc kmalloc 20 100
	expect kmalloc live 20
	grep -qx "module drvmem_test2" "$DEBUGFS"/drvmem_test2/ctl || fail "wrong name in ctl"
	MODULE=drvmem_test
	expect kmalloc live 10
	unload drvmem_test
	MODULE=drvmem_test2
	expect kmalloc live 20
	unload drvmem_test2
}

library()
{
	local via
	MODULE=drvmem_testuser
	load drvmem_testlib
	load drvmem_testuser
	for via in own lib callback work; do
		ctl alloc $via 10 100
		expect $via live 10
		expect $via live_bytes 1000
		ctl free $via 4
		ctl leak $via 1
		expect $via leaked 1
		expect $via live 6
	done
	unload drvmem_testuser
	unload drvmem_testlib
}

real_drivers()
{
	local i
	modprobe e1000e || fail "modprobe e1000e"
	modprobe nvme || fail "modprobe nvme"
	for ((i = 0; i < 100; i++)); do
		[ ! -b /dev/nvme0n1 ] || break
		sleep 0.1
	done
	[ -b /dev/nvme0n1 ] || fail "no nvme disk"
	dd if=/dev/nvme0n1 of=/dev/null bs=64k count=8 2>/dev/null || fail "cannot read the disk"
	ls -d /sys/bus/pci/drivers/e1000e/0000:* >/dev/null || fail "e1000e has no device"
	rmmod nvme || fail "rmmod nvme"
	rmmod e1000e || fail "rmmod e1000e"
}

twins
library
real_drivers
