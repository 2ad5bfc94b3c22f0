#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut: drvmem, its libraries and what starts it. It runs only with drvmem=TIME on the kernel's command line.

check() {
	require_binaries drvmem chroot || return 1
	return 0
}

depends() {
	return 0
}

install() {
	local tree=$initdir/usr/lib/drvmem/root d
	inst_multiple chroot mount mkdir cp cat rm ln kill sleep
	mkdir -p "$tree"
	for d in bin sbin lib lib64; do
		# as the directories of this system are merged
		[[ ! -L /$d ]] || { mkdir -p "$tree/usr/$d" && ln -sfn "usr/$d" "$tree/$d"; }
	done
	# a root of its own, with the libraries that drvmem needs
	$DRACUT_INSTALL -D "$tree" -l /usr/bin/drvmem
	inst_script /usr/share/drvmem/early/start /usr/lib/drvmem/start
	inst_script /usr/share/drvmem/early/mark /usr/lib/drvmem/mark
	inst_hook pre-udev 05 "$moddir/start.sh"
	inst_hook cleanup 05 "$moddir/mark.sh"
}
