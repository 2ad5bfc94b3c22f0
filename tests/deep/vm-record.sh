#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An hour of recording a driver under load, killed ten times at random. Arguments: other seconds, kills, kernel.
set -u
mkdir -p build
echo "${1:-3600} ${2:-10}" >build/record-killed
DRVMEM_VM_BUDGET=7000 tests/vm/run-kernel "${3:-6.12}" tests/deep/cases/50-record-killed.sh
rc=$?
rm -f build/record-killed
exit $rc
