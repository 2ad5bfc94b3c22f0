#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kernel symbols hidden from everybody: stacks are left to the kernel's unwinder, and of a module
# that comes during the session every object is still counted, no more and no less.
# only: 6.12
# time: 60
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

[ "$DRVMEM_KVER" != 5.10 ] || skip "drvmem has no walk of its own here, whatever is hidden"
read -r was </proc/sys/kernel/kptr_restrict
trap 'echo "$was" >/proc/sys/kernel/kptr_restrict' EXIT
echo 2 >/proc/sys/kernel/kptr_restrict || fail "kernel.kptr_restrict cannot be set"
read -r address _ </proc/kallsyms
same "the first address in kallsyms" "$address" 0000000000000000

K=73
# kasprintf and skb are asked for by the kernel's code, for the driver: its stack has to tell
KINDS="kmalloc kzalloc kmalloc_node kcalloc kmemdup kstrdup kasprintf krealloc cache ucache large skb"
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_test
for kind in $KINDS; do
	size=200
	[ \$kind = large ] && size=20000
	ctl alloc \$kind $K \$size
done
END
undo()
{
	local kind
	for kind in $KINDS; do
		ctl free "$kind" 0 direct
	done
	unload drvmem_test
}
traced out.json undo -- bash work.sh
echo "stack_walks: $(jq -c .stack_walks out.json)"
jq -c '[.owners[] | select(.owner == "drvmem_test") | .sites[] | [.site, .cache, .live_objects, .live_bytes]]' out.json
same "who walked" "$(jq -r .stack_walks.by out.json)" kernel
same "why" "$(jq -r .stack_walks.why out.json)" "kernel symbols are hidden"
[ "$(jq .stack_walks.walked out.json)" -ge $K ] || fail "only $(jq .stack_walks.walked out.json) stacks were walked"
# sites of the driver that hold anything, by the jq condition $1: their number, objects and bytes
held()
{
	jq -c "[.owners[] | select(.owner == \"drvmem_test\") | .sites[] | select(.live_objects > 0) | select($1)] |
		[length, (map(.live_objects) | add), (map(.live_bytes) | add)]" out.json
}
in_text='(.site | startswith("[drvmem_test]+"))'
same "kmalloc and its like" "$(held "$in_text and .cache == \"kmalloc-256\"")" "[7,$((7 * K)),$((7 * K * 200))]"
same "each of them" "$(jq -c "[.owners[] | select(.owner == \"drvmem_test\") | .sites[] | select($in_text) | .live_objects |
	select(. > 0)] | unique" out.json)" "[$K]"
same "ucache" "$(held '.cache == "drvmem_test_ucache"')" "[1,$K,$((K * 184))]"
same "large" "$(held "$in_text and .cache == \"kmalloc-large-32k\"")" "[1,$K,$((K * 20000))]"
same "all of the driver's own calls" "$(held "$in_text" | cut -d , -f 1,2)" "[10,$((10 * K))"
same "kasprintf" "$(held '.cache == "kmalloc-256" and .live_bytes == 200 * .live_objects and ('"$in_text"' | not)')" \
	"[1,$K,$((K * 200))]"
# from 7.2 on a head may come from the network core's cache: 10-exact-alloc
heads=$(held '.cache == "skbuff_head_cache"' | cut -d , -f 2)
case $DRVMEM_KVER in
5.* | 6.*) same "skb heads" "$heads" $K ;;
*) [ "$heads" != null ] && [ "$heads" -le $K ] || fail "skb heads are $heads of $K" ;;
esac
"$DRVMEM" report --walk verify --duration 1 >out.txt 2>err.txt
same "status of --walk verify" $? 3
grep -q "nothing to compare.*kernel symbols are hidden" err.txt || fail "no reason: $(cat err.txt)"
undo
