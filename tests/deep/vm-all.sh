#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every case on every kernel, those too that `./check` runs on some.
# limit: 36000
set -u
rc=0
for kernel in 5.10 6.1 6.12 7.2; do
	# shellcheck disable=SC2046	# names of ours
	DRVMEM_VM_ALL=1 DRVMEM_VM_BUDGET=5000 tests/vm/run-kernel $kernel $(grep -l '^# only:' tests/vm/cases/*.sh) || rc=1
done
exit $rc
