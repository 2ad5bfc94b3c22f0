#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The whole of drvmem with AddressSanitizer and UBSan serves its contract and the hostile clients; at the end of each
# process nothing of its own memory is lost. The web process has no filter of system calls then: what looks for leaks needs more.
cd "$(dirname "$0")/../.." || exit 1
make -s asan >build/log/asan.log 2>&1 || { echo "not ok build - $(tail -n 1 build/log/asan.log)"; exit 1; }
DRVMEM=$(pwd)/build/asan/drvmem
export DRVMEM
export SANITIZED=1 CLIENTS=4000
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
sh tests/contract/serve.sh
a=$?
sh tests/deep/serve-hostile.sh 15
[ $? -eq 0 ] && [ $a -eq 0 ]
