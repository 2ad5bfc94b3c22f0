#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 'drvmem verify' of a module that is removed by force while it is in use: what it left is told as of any
# other unload, and a load that gave everything back is no leak. Socket buffers are in custody: heads, and
# data, which 5.10 says that the driver itself allocated. In a boot of its own: who has its
# file open may never close it, for the code behind it is gone.
# boot: 2
# only: 5.10
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

mkfifo never
exec 9<>never
# Holds the driver's file, and with it a reference to the module, as long as the machine runs.
cat >holder.sh <<END
exec 9<>never 7<$DEBUGFS/drvmem_test/ctl
: >held
while :; do read -r -t 1000 -u 9; done
END
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
exec 9<>never
for leaks in 4 0; do
	rm -f held
	load drvmem_test
	setsid bash holder.sh </dev/null >/dev/null 2>&1 &
	until [ -e held ]; do read -r -t 0.1 -u 9; done
	ctl alloc kmalloc 20 100
	ctl alloc vmalloc 3 8192
	ctl alloc skb 5 500
	[ \$leaks = 0 ] || ctl leak skb 2
	[ \$leaks = 0 ] || ctl leak kmalloc \$leaks
	[ \$leaks = 0 ] || ctl leak vmalloc 1
	read -r -t 3 -u 9	# its names are read meanwhile
	! rmmod drvmem_test 2>/dev/null || fail "it was not in use"
	rmmod -f drvmem_test || fail "it cannot be removed by force"
	[ ! -d /sys/module/drvmem_test ] || fail "it is still there"
done
: >finished
END
for try in 1 2 3 4; do
	rm -f finished
	"$DRVMEM" verify -f json -o out.json --reach off --track-max 200000 --max-loss 1000000 --grace 3s drvmem_test -- bash work.sh
	status=$?
	jq -r '.instances[] | "\(.name): \(.verdict): \(.why)"' out.json
	jq -c '.instances[].leftovers[] | [.class, .kind, .site, .objects, .bytes]' out.json
	[ -e finished ] || fail "the work ended early"
	lost=$(jq .lost_frees out.json)
	[ "$lost" != 0 ] || break
	[ $try -lt 4 ] || skip "four runs lost frees"
done
same "status" "$status" 1
same "verdicts" "$(jq -r '[.instances[].verdict | sub("in custody"; "clean")] | join(",")' out.json)" leak,clean
same "left of the first" "$(jq -c '[.instances[0].leftovers[] | select(.class == "leak") |
	[(.site | sub("[+].*"; "")), .objects, .bytes]] | sort' out.json)" '[["alloc_kmalloc",4,400],["alloc_vmalloc",1,8192]]'
same "data of socket buffers in custody" "$(jq '[.instances[0].leftovers[] | select(.custody == "socket buffers" and
	.cache != "skbuff_head_cache") | .objects] | add // 0' out.json)" 2
same "forced, says the kernel" $(($(cat /proc/sys/kernel/tainted) >> 3 & 1)) 1
