#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Ten million live objects on two CPUs that free each other's, and reports of as many at a hundred
# thousand sites of five hundred instances: no more than 1 s of CPU time for a snapshot and 2 s for
# a report, of three tries. Needs 5 GB of memory.
set -u
kb=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
if [ "$kb" -lt 5000000 ]; then
	echo "skip scale-10m - $((kb / 1024)) MiB available, 5 GB are needed"
	exit 0
fi
export DRVMEM_SCALE_OBJECTS=10000000 DRVMEM_SCALE_LIMITS=1
rc=0
build/tests/bpf/test_scale || rc=1
build/tests/bpf/test_report_scale || rc=1
exit $rc
