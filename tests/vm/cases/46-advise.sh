#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 'drvmem advise' says of a driver that does everything badly, and of the same driver when it does as
# advised: each rule finds its own, and is silent afterwards; and where bytes are predicted the kernel's own
# counts of the driver that was changed are within 5 % of them.
# only: 6.1
# time: 400
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

PAGE=4096
load drvmem_advice
mkfifo never

# advised FILE COMMAND...: what is advised while the driver does these, each a command to adv. An emulated
# machine is slow: what comes often there does not elsewhere.
advised()
{
	local file=$1 variant=${1%.json} try
	shift
	{
		echo ". '$DRVMEM_TREE/tests/vm/caselib.sh'; exec 9<>never"
		printf 'adv %s\n' "$@"
		# as requests of a process come: now and then
		echo "for i in 1 2 3 4 5 6 7 8; do adv run unaccounted $variant 300; adv run uncharged $variant 300; read -rt 0.3 -u 9; done"
		echo 'read -rt 5 -u 9; true'
	} >work.sh
	for try in 1 2 3; do
		"$DRVMEM" advise -f json -o "$file" -m drvmem_advice --second-look on --min-rate 100 -- bash work.sh ||
			fail "drvmem advise ended with $?"
		count_lost "$file"
		[ "$lost" -gt 0 ] || break
		echo "try $try: $lost events lost"
		adv stop all
	done
	[ "$lost" -eq 0 ] || skip "$lost events lost in each of $try tries"
	jq -r '.findings[] | "\(.rule) at \(.subject) [\(.severity), \(.confidence)]: \(.why); \(.action); \(.saving | tostring)"' "$file"
}
# findings FILE: "rule function" of each
findings()
{
	jq -r '.findings[] | "\(.rule) \(.subject | sub("[+].*"; "") | sub("(?<=bundle_before)_[ab]"; ""))"' "$1" | sort
}
# of RULE FIELD: of what was said before
of()
{
	jq -r "[.findings[] | select(.rule == \"$1\")][0].$2" before.json
}
# near WHAT MEASURED PREDICTED: within 5 % of it
near()
{
	echo "$1: measured $2, predicted $3"
	[ $(($2 * 100)) -ge $(($3 * 95)) ] && [ $(($2 * 100)) -le $(($3 * 105)) ] ||
		fail "$1: measured $2, predicted $3"
}
# slab_bytes CACHE: of its slabs, by the kernel
slab_bytes()
{
	awk -v c="$1" -v p=$PAGE '$1 == c { print $15 * $6 * p }' /proc/slabinfo
}

# pairs are looked for in all of the first events
advised before.json "run bundle before 5000" "stop bundle" "run bundle before 5000" "stop bundle" \
	"run clean before 12000" "run spread before 2000" "run fit before 12000" "run buffers before 16000" "run dmapool before 2000" \
	"run pagemul before 500" "run large before 20" "run reserve before 2000" "run dips before 100" "run atomic before 50" \
	"run occupancy before 50000" "run merged before 8000" "run aligned before 12000" \
	"run churn before 4000" "run mapchurn before 4000" "run vmapchurn before 4000" "wait churn" "wait mapchurn" "wait vmapchurn"
MODULE=drvmem_advice
field dips loops
adv stop all
# 8 elements for 10 ms, and no longer than the driver itself saw
jq '.findings[] | select(.subject | startswith("dips_before")) | .measured[] | select(.name == "longest_dip").value' before.json >longest
echo "longest dip: $(cat longest) ns, as the driver saw it at most $VALUE us"
{ [ "$(cat longest)" -ge 10000000 ] && [ "$(cat longest)" -le $((VALUE * 1000)) ]; } || fail "the longest dip is none of that"
findings before.json >found
cat >expected <<END
alignment aligned_before
atomic-fail atomic_before
atomic-fail atomic_fill
buffer-sizes buffers_before
bundle bundle_before
churn churn_before
dma-pool dmapool_before
large-block large_before
map-churn mapchurn_before
map-churn vmapchurn_before
merged-cache merged_before
occupancy drvmem_advice_occ_before
page-multiple pagemul_before
page-multiple spread_before
reserve dips_before
reserve reserve_before
size-fit fit_before
size-spread spread_before
unaccounted unaccounted_before
unaccounted uncharged_before
END
diff expected found || fail "other findings than those"

sizes=$(of buffer-sizes action | sed 's/.*SIZE = //' | grep -o '[0-9]* (' | tr -d '(\n')
advised after.json "run bundle after 5000" "stop bundle" "run bundle after 5000" "stop bundle" \
	"run clean before 12000" "run fit after 12000" "run buffers after 16000 $sizes" "run dmapool after 2000" \
	"run pagemul after 500" "run large after 20" "run reserve after 2000" "run dips after 100" "run atomic after 50" \
	"run occupancy after 50000" "run merged after 8000" "run aligned after 12000" \
	"run churn after 4000" "run mapchurn after 4000" "run vmapchurn after 4000" "wait churn" "wait mapchurn" "wait vmapchurn"
# what makes the memory short for the others stays what it is
same "what is said of the driver as advised" "$(findings after.json)" "atomic-fail atomic_fill"

near "fit: the cache's slabs" "$(slab_bytes drvmem_advice_fit)" "$(of size-fit saving.then_now.likely)"
sum=0
for size in $sizes; do sum=$((sum + $(slab_bytes "drvmem_advice_buf_$size"))); done
near "buffers: the slabs of $sizes" $sum "$(of buffer-sizes saving.then_now.likely)"
pages=$(cat /sys/devices/platform/drvmem_advice*/pools | awk '/drvmem/ { n += $5 } END { print n }')
near "dmapool: the pool's pages" $((pages * PAGE)) "$(of dma-pool saving.then_now.likely)"
near "aligned: the cache's slabs" "$(slab_bytes drvmem_advice_aligned_after)" "$(of alignment saving.then_now.likely)"
near "occupancy: the cache's slabs" "$(slab_bytes drvmem_advice_occ_after)" "$(of occupancy saving.then_now.likely)"
adv stop all
"$DRVMEM" report -f json -o pages.json -m drvmem_advice -- \
	bash -c ". '$DRVMEM_TREE/tests/vm/caselib.sh'; adv run pagemul after 500; adv run large after 20"
near "pagemul and large: held bytes" "$(owned pages.json drvmem_advice held_bytes)" \
	$(($(of page-multiple saving.then_now.likely) + $(of large-block saving.then_now.likely)))
adv stop all
unload drvmem_advice

# What is taken when a module starts, and what modules held at each stage.
cat >load.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
exec 9<>never
load drvmem_advice preinit_mb=8
adv run clean before 4096
read -rt 6 -u 9
unload drvmem_advice
load drvmem_advice preinit_mb=8
read -rt 4 -u 9
true
END
for try in 1 2 3; do
	"$DRVMEM" advise -f json -o init.json -m drvmem_advice --second-look on -- bash load.sh || fail "drvmem advise ended with $?"
	unload drvmem_advice
	count_lost init.json
	[ "$lost" -gt 0 ] || break
done
[ "$lost" -eq 0 ] || skip "$lost events lost in each of $try tries"
same "what is said of what it takes at its start" "$(findings init.json)" "init-block preinit_before"
jq -c '.modules[]' init.json
mib=$((1 << 20))
same "loads" "$(jq '.modules | length' init.json)" 2
same "8 MiB at the start" "$(jq ".modules[0].init_bytes >= 8 * $mib" init.json)" true
same "1 MiB more at work" "$(jq ".modules[0].steady_bytes >= 8.5 * $mib" init.json)" true
same "nothing after it" "$(jq '.modules[0].after_bytes' init.json)" 0
same "no end of the second" "$(jq '.modules[1].after_bytes' init.json)" null
exit 0
