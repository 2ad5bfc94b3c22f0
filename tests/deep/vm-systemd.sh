#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The units under a live systemd, this system's, which is PID 1 of an emulated machine: what `make install` installs
# is enabled, started, asked, reloaded, killed and stopped. Arguments: kernels (6.12 5.10).
set -u
cd "$(dirname "$0")/../.." || exit 2
[ -x /lib/systemd/systemd ] || { echo "skip systemd - this system has none"; exit 0; }
[ $# -gt 0 ] || set -- 6.12 5.10
rc=0
for kernel; do
	out=$(pwd)/build/vm/systemd-$kernel
	rm -rf "$out" && mkdir -p "$out/image" || exit 5
	tests/vm/fetch "$kernel" || { echo "not ok systemd-$kernel - the kernel is not available"; rc=1; continue; }
	make -s install DESTDIR="$out/image" >"$out/install.log" 2>&1 ||
		{ echo "not ok systemd-$kernel - make install: $(tail -n 1 "$out/install.log")"; rc=1; continue; }
	cp tests/deep/systemd/* "$out/"
	tests/vm/vmrun -k "$(tests/vm/fetch --path "$kernel")" -o "$out" -d e1000e,nvme -c 2 -t 1800 -- \
		bash prepare >"$out/results"
	status=$?
	sed -E "s#^(ok|not ok|skip) #\1 systemd-$kernel/#" "$out/results"
	[ $status = 0 ] || { echo "not ok systemd-$kernel/machine - vmrun ended with $status, see $out/console"; rc=1; }
	! grep -q '^not ok ' "$out/results" || rc=1
done
exit $rc
