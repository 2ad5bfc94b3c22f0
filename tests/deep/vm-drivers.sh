#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Real drivers under load side by side: what they hold after a minute, on every kernel, and an hour in
# which nothing of theirs may be called lost or growing, on two kernels.
set -u
rc=0
for kernel in 5.10 6.1 6.12 7.2; do
	DRVMEM_VM_BUDGET=1000 tests/vm/run-kernel $kernel tests/deep/cases/30-drivers.sh || rc=1
done
for kernel in 6.12 7.2; do
	DRVMEM_VM_BUDGET=6500 tests/vm/run-kernel $kernel tests/deep/cases/37-drivers-hour.sh || rc=1
done
exit $rc
