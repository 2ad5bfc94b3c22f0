#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A hundred thousand sites and five hundred module instances, on eight virtual CPUs (sums for each
# site and CPU: 1.6 GB of maps). What an event costs needs no more than two.
set -u
rc=0
for case in tests/deep/cases/2*.sh; do
	cpus=8
	case $case in *-flat.sh | *-cost.sh) cpus=2 ;; esac
	DRVMEM_VM_CPUS=$cpus DRVMEM_VM_MEMORY=5120 DRVMEM_VM_BUDGET=1000 tests/vm/run-kernel 6.12 "$case" || rc=1
done
exit $rc
