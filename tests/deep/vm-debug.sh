#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# On a kernel built here, which has kmemleak, allocation profiling and fault injection: the cases that are
# for it alone, and those that its debugging could disturb.
set -u
cd tests/vm/cases || exit 1
# shellcheck disable=SC2046	# names of ours
set -- $(ls 00-*.sh 01-*.sh 24-*.sh 27-*.sh 34-*.sh 35-verify.sh 36-reach.sh; grep -l '^# only:.*debug' -- *.sh)
cd ../../.. || exit 1
for case; do
	shift
	set -- "$@" "tests/vm/cases/$case"
done
# There a module that leaves memory stays itself, and some leave it in a loop.
DRVMEM_VM_ALL=1 DRVMEM_VM_MEMORY=3072 DRVMEM_VM_BUDGET=5000 exec tests/vm/run-kernel debug "$@"
