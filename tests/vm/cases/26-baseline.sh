#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory that was there before the session: K vmalloc areas, the image and the devres list of the test
# driver, exactly, and in no traced figure; nothing after it was unloaded. What ioremap maps is in the
# mappings only.
# only: 6.12
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=150 AREA=20000 PAGES=5
D=37 MANAGED=300	# devm_kmalloc() for the driver's device
page=$(getconf PAGESIZE)

# of FILE OWNER FIELD: of the baseline's row of a module; null when it has none
of()
{
	jq --arg o "$2" "[.baseline.owners[] | select(.owner == \$o and .type == \"module\") | .$3][0]" "$1"
}

# areas MODULE FLAG: bytes of the module's areas with this flag, by the kernel's own list: of
# vmalloc those of their pages, else the address space
areas()
{
	awk -v m="[$1]" -v flag="$2" -v page="$page" '
	{
		mine = kind = pages = 0
		for (i = 3; i <= NF; i++) {
			if ($i == m) mine = 1
			if ($i == flag) kind = 1
			if ($i ~ /^pages=/) pages = substr($i, 7)
		}
		if (mine && kind) sum += flag == "vmalloc" ? pages * page : $2
	}
	END { print sum + 0 }' /proc/vmallocinfo
}

real_drivers
load drvmem_test bind=1
ctl alloc vmalloc $K $AREA
ctl alloc devm $D $MANAGED
size=$(cat /sys/module/drvmem_test/coresize)
"$DRVMEM" report --duration 1 --baseline -f json -o before.json || fail "report ended with $?"
jq -c '.baseline | del(.owners)' before.json
same "bytes of areas" "$(of before.json drvmem_test vmalloc_bytes)" $((K * PAGES * page))
same "areas" "$(of before.json drvmem_test areas)" $K
same "bytes by the kernel's list" "$(areas drvmem_test vmalloc)" $((K * PAGES * page))
same "image" "$(of before.json drvmem_test image_bytes)" "$size"

# devres: a node is its data behind a header, struct devres of drivers/base/devres.c, which begins with
# the links, the release function and, where the kernel keeps them, name and size; 7.x has two functions
# more. These are the offsets of the data as the drivers see them.
case $(uname -r) in
5.*) managed=null ;;
6.*) managed=$((D * (40 + MANAGED))) ;;
*) managed=$((D * (56 + MANAGED))) ;;
esac
jq -c '.baseline.devres | del(.devices)' before.json
same "nodes" "$(of before.json drvmem_test devres_count)" $D
same "bytes of nodes" "$(of before.json drvmem_test devres_bytes)" "$managed"
same "the device" "$(jq -c '[.baseline.devres.devices[] | select(.owner == "drvmem_test") | .device, .driver, .count]' before.json)" \
	"[\"drvmem_test\",\"drvmem_test\",$D]"
same "devices by sysfs" "$(jq .baseline.devres.devices_seen before.json)" "$(find /sys/devices -name uevent | wc -l)"
same "devices left out" "$(jq .baseline.devres.devices_left_out before.json)" 0
same "nodes in rows and of devices without a driver" \
	"$(jq '.baseline | ([.owners[].devres_count] | add) + .devres.unbound_count' before.json)" \
	"$(jq .baseline.devres.count before.json)"
same "nodes by device" "$(jq '[.baseline.devres.devices[].count] | add' before.json)" "$(jq .baseline.devres.count before.json)"
same "objects traced of the owner's slab" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .allocators.slab.live_objects // 0] | add // 0' before.json)" 0

same "bytes of the owner" "$(of before.json drvmem_test bytes)" \
	$((K * PAGES * page + size + $(of before.json drvmem_test slab_bytes) + ${managed/null/0}))
same "traced areas of the owner" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .allocators.vmalloc.live_bytes // 0] | add // 0' before.json)" 0
same "lines not read" "$(jq .baseline.lines_skipped before.json)" 0

# the real driver: by the kernel's list, ioremap added to nothing
io=$(areas e1000e ioremap)
[ "$io" -gt 0 ] || fail "e1000e has no ioremap area: $(grep -c e1000e /proc/vmallocinfo) lines name it"
same "ioremap of e1000e" "$(of before.json e1000e ioremap_bytes)" "$io"
same "vmalloc of e1000e" "$(of before.json e1000e vmalloc_bytes)" "$(areas e1000e vmalloc)"
same "bytes of e1000e" "$(of before.json e1000e bytes)" \
	"$(jq '[.baseline.owners[] | select(.owner == "e1000e") | .image_bytes + .vmalloc_bytes + .slab_bytes + (.devres_bytes // 0)][0]' before.json)"
same "image of e1000e" "$(of before.json e1000e image_bytes)" "$(cat /sys/module/e1000e/coresize)"

# parts: images lie in areas that are told apart, or the report would count them twice
images=$(jq .baseline.parts.images.named_bytes before.json)
[ "$(jq .baseline.image_area_bytes before.json)" -ge "$images" ] ||
	fail "areas of images $(jq .baseline.image_area_bytes before.json), images $images"
same "named within the whole" "$(jq '.baseline | .named_bytes <= .bytes' before.json)" true
same "kernel stacks are found" "$(jq '.baseline.kernel_stack_bytes > 0' before.json)" true

"$DRVMEM" report --duration 1 --baseline --top 0 -o before.txt || fail "report ended with $?"
head -n 1 before.txt
head -n 1 before.txt | grep -q 'before tracing: .* of .* named' || fail "the first line is '$(head -n 1 before.txt)'"
grep -q '^drvmem_test ' before.txt || fail "drvmem_test is not in the table"
grep '^devres lists ' before.txt || fail "nothing is said of devres lists"

ctl free vmalloc 0 direct
unload drvmem_test
"$DRVMEM" report --duration 1 --baseline -f json -o after.json || fail "report ended with $?"
same "rows after the unload" "$(of after.json drvmem_test bytes)" null
same "nodes that are gone" "$(($(jq .baseline.devres.count before.json) - $(jq .baseline.devres.count after.json)))" $D
same "its device" "$(jq '[.baseline.devres.devices[] | select(.device == "drvmem_test")] | length' after.json)" 0
exit 0
