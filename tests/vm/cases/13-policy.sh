#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Owner policies: what a library allocates for a driver is the driver's, the library's,
# or the outermost module's, as the session was asked.
# only: 5.10
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_testlib
load drvmem_testuser
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
MODULE=drvmem_testuser
ctl alloc lib 12 150
ctl alloc own 7 150
ctl alloc work 5 150
END
undo()
{
	for way in lib own work; do
		MODULE=drvmem_testuser ctl free $way 0
	done
}

# expect_owner POLICY USER LIB: objects of the driver and of the library
expect_owner()
{
	traced "$1.json" undo --owner "$1" -- bash work.sh
	same "$1: drvmem_testuser" "$(owned "$1.json" drvmem_testuser live_objects)" "$2"
	same "$1: drvmem_testlib" "$(owned "$1.json" drvmem_testlib live_objects)" "$3"
	undo
}

# work: the library's own work function, no driver on the stack
expect_owner driver 19 5
expect_owner direct 7 17
expect_owner innermost 7 17
expect_owner outermost 19 5

# a list of one's own: with no library, the module that calls kmalloc is the driver
traced nolib.json undo --library none_such -- bash work.sh
same "no library: drvmem_testlib" "$(owned nolib.json drvmem_testlib live_objects)" 17
undo
unload drvmem_testuser
unload drvmem_testlib
