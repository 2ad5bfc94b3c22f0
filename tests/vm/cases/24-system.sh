#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# report --system: classes and what is left over are MemTotal to the byte, nothing that is missing
# is a zero, and 64 MiB of pages that the test driver took before tracing began are unaccounted.
# only: 6.12
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

BLOCKS=1024 SIZE=65536		# order 4: 64 MiB
HELD=$((BLOCKS * SIZE))
MARGIN=$((4 << 20))

# reading FILE: RAM now, in bytes; counters of single CPUs are folded first, where that is allowed.
reading()
{
	cat /proc/sys/vm/stat_refresh >/dev/null 2>&1
	"$DRVMEM" report --system --duration 1 -f json -o "$1" || fail "drvmem report --system ended with $?"
	same "what the classes and the rest of $1 are short of MemTotal" \
		"$(jq '.system.ram | .total - ([.classes[] | numbers] | add) - .unaccounted' "$1")" 0
	same "MemTotal of $1" "$(jq .system.ram.total "$1")" \
		$(($(awk '$1 == "MemTotal:" {print $2}' /proc/meminfo) * 1024))
	same "figures of $1 that are missing without a reason" \
		"$(jq '.system.ram.classes as $c | [$c | to_entries[] | select(.value == null) |
			select($c[.key + "_reason"] == null)] | length' "$1")" 0
}

# rest FILE: what is unaccounted
rest()
{
	jq .system.ram.unaccounted "$1"
}

# near WHAT IS SHOULD
near()
{
	echo "$1: $2, expected $3"
	if [ $(($2 - $3)) -gt $MARGIN ] || [ $(($3 - $2)) -gt $MARGIN ]; then
		fail "$1 is $2, should be about $3"
	fi
}

load drvmem_test
reading warm.json
reading before.json
ctl alloc pages $BLOCKS $SIZE
expect pages live $BLOCKS
reading held.json
near "rise of unaccounted by the driver's pages" $(($(rest held.json) - $(rest before.json))) $HELD
ctl free pages 0 direct
reading after.json
near "unaccounted after they were freed" "$(rest after.json)" "$(rest before.json)"

jq -c '.system.ram' after.json
same "images of modules" "$(jq '.system.ram.classes.module_image > 0' after.json)" true
same "zones" "$(jq '.system.fragmentation | length > 0' after.json)" true
same "orders nobody can use" "$(jq '[.system.fragmentation[] | select(.free_bytes > 0) | .unusable_index[0]] | max' after.json)" 0
same "pageblocks" "$(jq '[.system.pageblocks[].unmovable] | add > 0' after.json)" true
same "faults" "$(jq '.system.events.pgfault > 0' after.json)" true
same "stacks in VmallocUsed" "$(jq .system.ram.vmap_stack after.json)" true
case $DRVMEM_KVER in
5.10) same "secondary page tables" "$(jq .system.ram.classes.secondary_page_tables after.json)" null ;;
*) same "secondary page tables" "$(jq '.system.ram.classes.secondary_page_tables | type' after.json)" '"number"' ;;
esac

# where pages are traced, those taken in the session have their class
if [ "$(jq .system.ram.classes.page_direct after.json)" != null ]; then
	cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc pages $BLOCKS $SIZE
END
	"$DRVMEM" report --system -f json -o traced.json -- bash work.sh || fail "drvmem report ended with $?"
	near "pages of drivers" "$(jq .system.ram.classes.page_direct traced.json)" $HELD
	near "unaccounted beside them" "$(rest traced.json)" "$(rest after.json)"
	ctl free pages 0 direct
fi
unload drvmem_test
exit 0
