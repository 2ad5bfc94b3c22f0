#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Ten million live objects on two CPUs that free each other's. Needs 5 GB of memory.
set -u
kb=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
if [ "$kb" -lt 5000000 ]; then
	echo "skip scale-10m - $((kb / 1024)) MiB available, 5 GB are needed"
	exit 0
fi
DRVMEM_SCALE_OBJECTS=10000000 exec build/tests/bpf/test_scale
