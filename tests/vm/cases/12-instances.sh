#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Modules by instance: a reloaded module, another module in its place, and memory
# taken by init functions go to the right owner each time.
# only: 6.1
# time: 120
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_test hold=5,300
ctl alloc kmalloc 20 100
ctl leak kmalloc 20
unload drvmem_test
load drvmem_test2
MODULE=drvmem_test2 ctl alloc kmalloc 9 100
load drvmem_test
ctl alloc kmalloc 30 100
END
undo() { rmmod drvmem_test drvmem_test2; }
traced out.json undo -- bash work.sh

n=$(jq '[.owners[] | select(.owner == "drvmem_test")] | length' out.json)
same "instances of drvmem_test" "$n" 2
first='[.owners[] | select(.owner == "drvmem_test")] | sort_by(.instance.load_seq) | .[0]'
second='[.owners[] | select(.owner == "drvmem_test")] | sort_by(.instance.load_seq) | .[1]'
# by cache, not by name: a module that comes and goes faster than its symbols can be read
# keeps its objects, under "[drvmem_test]+0x..."
at='[.sites[] | select(.cache == "kmalloc-128" and .live_bytes == 100 * .live_objects) | .live_objects] | add // 0'
# (what its debugfs files and device took may still wait for RCU)
same "left by the first, of 100 bytes" "$(jq "$first | $at" out.json)" 20
same "held by the second" "$(jq "$second | $at" out.json)" 30
same "held by drvmem_test2" "$(jq "[.owners[] | select(.owner == \"drvmem_test2\")] | .[0] | $at" out.json)" 9
jq -e "$first | .instance.unloaded_at != null" out.json >/dev/null || fail "the first is not unloaded"
jq -e "$second | .instance.unloaded_at == null" out.json >/dev/null || fail "the second is unloaded"
# init text: freed by now, its allocations (freed on exit) were the module's all the same
init='[.sites[] | select(.cache == "kmalloc-512" and .size_hist[9] == 5)]'
same "allocations of the init function" "$(jq "$first | $init | map(.allocs) | add // 0" out.json)" 5
same "frees of them" "$(jq "$first | $init | map(.frees) | add // 0" out.json)" 5
undo
