#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Real drivers under load side by side for an hour, in which nothing of theirs may be called lost or growing.
# limit: 15000
set -u
rc=0
for kernel in 6.12 7.2; do
	DRVMEM_VM_BUDGET=6500 tests/vm/run-kernel $kernel tests/deep/cases/30-drivers.sh || rc=1
done
exit $rc
