#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Beside the kernel's own account: what /proc/allocinfo says that the driver's code took in the session is
# what tracing says that it holds, to the byte. Two differences are known: of a vmalloc the array of its
# pages, which is the kernel's, is the caller's for allocinfo; percpu memory of the boot's chunk is no one's.
# only: debug
# time: 200
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

[ -r /proc/allocinfo ] || skip "this kernel has no allocinfo"
load drvmem_test
undo()
{
	local kind
	for kind in kzalloc kmalloc_node kcalloc large ucache pages exact vmalloc; do
		field $kind live
		[ "$VALUE" = 0 ] || ctl free $kind 0 direct
	done
}
# moved FILE FIELD
moved()
{
	jq "[.allocinfo[] | select(.owner == \"drvmem_test\") | .$2] | add // 0" "$1"
}
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kzalloc 300 200
ctl alloc kmalloc_node 100 1000
ctl alloc kcalloc 50 3000
ctl alloc large 10 20000
ctl alloc ucache 100 0
ctl alloc pages 20 16384
ctl free kcalloc 20 direct
END
traced out.json undo -- bash work.sh
jq -c .allocinfo out.json
same "allocinfo's bytes of the driver" "$(moved out.json since_bytes)" "$(moved out.json traced_bytes)"
# what it must be at least: 256, 1024, 4096, 32768, an object of the cache, 16384
[ "$(moved out.json since_bytes)" -ge $((300 * 256 + 100 * 1024 + 30 * 4096 + 10 * 32768 + 100 * 184 + 20 * 16384)) ] ||
	fail "allocinfo has $(moved out.json since_bytes) bytes of the driver's"
undo
cat >areas.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc vmalloc 50 20000
END
traced areas.json undo -- bash areas.sh
jq -c .allocinfo areas.json
# five pages: an array of 40 bytes, in 64
same "difference of 50 areas" "$(moved areas.json difference_bytes)" $((-50 * 64))
undo
unload drvmem_test

# the same file tells of modules that were there before
load drvmem_test hold=100,1000
"$DRVMEM" report --baseline --duration 1 -f json -o before.json || fail "drvmem report ended with $?"
of=$(jq '[.baseline.owners[] | select(.owner == "drvmem_test") | .allocinfo_bytes] | add' before.json)
[ "${of:-0}" -ge $((100 * 1024)) ] || fail "of the driver's 100 KiB of before the session allocinfo_bytes is ${of:-nothing}"
unload drvmem_test
exit 0
