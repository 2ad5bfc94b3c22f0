#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A hundred thousand sites and five hundred module instances, on eight virtual CPUs (sums for each
# site and CPU: 1.6 GB of maps). What an event costs needs no more than two; the bench on two kernels.
# limit: 14400
set -u
rc=0
for case in tests/deep/cases/2*.sh; do
	cpus=8 kernels=6.12 budget=1000
	case $case in
	*-flat.sh | *-cost.sh) cpus=2 ;;
	*-bench.sh) cpus=2 kernels="6.1 7.2" budget=2000 ;;
	esac
	for kernel in $kernels; do
		DRVMEM_VM_CPUS=$cpus DRVMEM_VM_MEMORY=5120 DRVMEM_VM_BUDGET=$budget tests/vm/run-kernel "$kernel" "$case" || rc=1
	done
done
exit $rc
