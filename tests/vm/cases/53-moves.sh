#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Pages that compaction moves: zram's stay zram's, as many as its pool says that it has, none twice
# and none where it was; none is left after it is reset.
# only: 7.2
# time: 240
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

modprobe zram num_devices=1 || skip "no zram"
# moves FUNCTION: how often it ran since the probe was set
watch_moves()
{
	printf 'p:moves_zs %s\n' "$(awk '$3 == "zs_page_migrate" { print ($4 ? substr($4, 2, length($4) - 2) ":" : "") $3 }' \
		/proc/kallsyms)" >>$TRACEFS/kprobe_events || fail "no probe"
	echo 1 >$TRACEFS/events/kprobes/moves_zs/enable
}
moves()
{
	awk '$1 == "moves_zs" { print $2 }' $TRACEFS/kprobe_profile
}
used()	# bytes of the pool's pages
{
	awk '{ print $3 }' /sys/block/zram0/mm_stat
}
# of FILE FIELD
of()
{
	jq "[.owners[] | select(.owner == \"zram\" or .owner == \"zsmalloc\") | .allocators.page.$2] | add // 0" "$1"
}
undo()
{
	echo 1 >/sys/block/zram0/reset
	echo 16M >/sys/block/zram0/disksize
}
echo 16M >/sys/block/zram0/disksize || fail "no zram"
watch_moves
# what cannot be compressed, and text that can
cat >fill.sh <<END
dd if=/dev/urandom of=/dev/zram0 bs=64k count=48 oflag=direct 2>/dev/null
dd if=/proc/kallsyms bs=64k count=32 iflag=fullblock 2>/dev/null | dd of=/dev/zram0 bs=64k seek=64 oflag=direct 2>/dev/null
END
cat >work.sh <<END
. fill.sh
echo 1 >/proc/sys/vm/compact_memory
END
was=$(moves)
traced out.json undo -- bash work.sh
! jq -e '.meta.not_seen[] | select(test("moves"))' out.json || fail "a hook is not there"
echo "pages moved: $(($(moves) - was)); of the pool $(used), counted $(of out.json live_bytes); $(jq -c '[.owners[] |
	select(.owner == "zram") | .allocators | to_entries[] | {key, live: .value.live_bytes}]' out.json)"
[ "$(($(moves) - was))" -gt 0 ] || skip "compaction moved no page of zram"
same "bytes of the pool's pages" "$(of out.json live_bytes)" "$(used)"
undo
cat >again.sh <<END
. fill.sh
echo 1 >/proc/sys/vm/compact_memory
echo 1 >/sys/block/zram0/reset
END
traced freed.json : -- bash again.sh
same "left after a reset" "$(of freed.json live_objects) $(of freed.json live_bytes)" "0 0"
same "pages that came and went" "$(of freed.json allocs)" "$(of freed.json frees)"
echo 0 >$TRACEFS/events/kprobes/moves_zs/enable
: >$TRACEFS/kprobe_events
modprobe -r zram
exit 0
