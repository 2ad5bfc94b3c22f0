#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory that was there before the session: K vmalloc areas and the image of the test driver, exactly,
# and in no traced figure; nothing after it was unloaded. What ioremap maps is in the mappings only.
# only: 6.12
# time: 120
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=150 AREA=20000 PAGES=5
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
load drvmem_test
ctl alloc vmalloc $K $AREA
size=$(cat /sys/module/drvmem_test/coresize)
"$DRVMEM" report --duration 1 -f json -o before.json || fail "report ended with $?"
jq -c '.baseline | del(.owners)' before.json
same "bytes of areas" "$(of before.json drvmem_test vmalloc_bytes)" $((K * PAGES * page))
same "areas" "$(of before.json drvmem_test areas)" $K
same "bytes by the kernel's list" "$(areas drvmem_test vmalloc)" $((K * PAGES * page))
same "image" "$(of before.json drvmem_test image_bytes)" "$size"
same "bytes of the owner" "$(of before.json drvmem_test bytes)" $((K * PAGES * page + size + $(of before.json drvmem_test slab_bytes)))
same "traced areas of the owner" "$(jq '[.owners[] | select(.owner == "drvmem_test") | .allocators.vmalloc.live_bytes // 0] | add // 0' before.json)" 0
same "lines not read" "$(jq .baseline.lines_skipped before.json)" 0

# the real driver: by the kernel's list, ioremap added to nothing
io=$(areas e1000e ioremap)
[ "$io" -gt 0 ] || fail "e1000e has no ioremap area: $(grep -c e1000e /proc/vmallocinfo) lines name it"
same "ioremap of e1000e" "$(of before.json e1000e ioremap_bytes)" "$io"
same "vmalloc of e1000e" "$(of before.json e1000e vmalloc_bytes)" "$(areas e1000e vmalloc)"
same "bytes of e1000e" "$(of before.json e1000e bytes)" \
	"$(jq '[.baseline.owners[] | select(.owner == "e1000e") | .image_bytes + .vmalloc_bytes + .slab_bytes][0]' before.json)"
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

ctl free vmalloc 0 direct
unload drvmem_test
"$DRVMEM" report --duration 1 -f json -o after.json || fail "report ended with $?"
same "rows after the unload" "$(of after.json drvmem_test bytes)" null
exit 0
