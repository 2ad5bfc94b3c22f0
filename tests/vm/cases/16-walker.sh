#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Our own walk of stacks against the kernel's unwinder, allocation by allocation: every
# path of the test driver, modules that come and go, a network card and a disk at work.
# What our walk does not answer is left to the kernel; what it answers is the same.
# only: 6.1 7.2
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

real_drivers
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
exec 3</dev/nvme0n1
for round in 1 2 3; do
	echo x >/dev/udp/10.0.2.2/9
	read -r -u 3 -N 20000 data
	load drvmem_test
	for context in proc wq timer; do
		for kind in $(echo $SLAB_KINDS) percpu vmalloc skb; do
			size=200
			[ \$kind = large ] && size=20000
			# what may sleep is refused in a timer
			{ printf '%s' "alloc \$kind 50 \$size \$context" >$DEBUGFS/drvmem_test/ctl; } 2>/dev/null
		done
	done
	for kind in $(echo $SLAB_KINDS) percpu vmalloc skb; do
		ctl free \$kind 0 direct
	done
	unload drvmem_test
done
ls -lR /sys/devices >/dev/null
END

# walked FILE KEY: what the session says of its walks
walked()
{
	jq ".stack_walks.$2" "$1"
}

# nothing else in the matrix is without our own walk
case $(uname -r) in
5.10.*)
	"$DRVMEM" report --walk verify --duration 1 2>err.txt
	same "status of --walk verify" $? 3
	grep -q "nothing to compare.*BPF of this kernel cannot walk them" err.txt || fail "no reason: $(cat err.txt)"
	"$DRVMEM" report --stacks full --duration 1 2>err.txt
	same "status of --stacks full" $? 3
	grep -q "compare-and-swap" err.txt || fail "no reason: $(cat err.txt)"
	exit 0 ;;
esac
"$DRVMEM" report -f json -o out.json --walk verify --track-max 200000 -- bash work.sh ||
	fail "drvmem report ended with $?"
echo "stack_walks: $(jq -c .stack_walks out.json)"
same "who walked" "$(walked out.json by)" '"orc"'
same "walks that differ from the kernel's" "$(walked out.json mismatch)" 0
[ "$(walked out.json walked)" -ge 5000 ] || fail "only $(walked out.json walked) walks"
same "walks compared" "$(($(walked out.json checked) + $(walked out.json uncomparable)))" \
	"$(($(walked out.json walked) - $(walked out.json fallback)))"
[ $(($(walked out.json uncomparable) * 100)) -le "$(walked out.json walked)" ] ||
	fail "$(walked out.json uncomparable) of $(walked out.json walked) walks could not be compared"
[ $(($(walked out.json fallback) * 100)) -le "$(walked out.json walked)" ] ||
	fail "$(walked out.json fallback) of $(walked out.json walked) walks were left to the kernel"

# Every stack for itself: what comes by a timer and what comes by a work item share a call site
load drvmem_test
cat >contexts.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kmalloc 41 200 proc
ctl alloc kmalloc 42 200 wq
ctl alloc kmalloc 43 200 timer
END
undo()
{
	ctl free kmalloc 0 direct
}
traced full.json undo --stacks full -- bash contexts.sh
same "walks that differ" "$(walked full.json mismatch)" 0

# through FRAME: live objects of the call site whose stack has it
through()
{
	jq "[.owners[] | select(.owner == \"drvmem_test\") | .sites[] | select(.site | test(\"^alloc_kmalloc\\\\+\")) |
		select(.stack | map(test(\"^$1\\\\+\")) | any) | .live_objects] | add // 0" full.json
}
same "by the work item" "$(through work_function)" 42
same "by the timer" "$(through timer_function)" 43
same "by the process" "$(through vfs_write)" 41
undo

# The workloads of the bench, the driver's mappings too
mkdir -p out
"$DRVMEM_TREE/build/bench/bench" --verify --quick --output out || fail "bench --verify ended with $?: $(grep -m 1 WRONG out/verify.txt)"
same "workloads compared" "$(grep -cE '^(msg|skb|mix|eventfd|pipe|touch|dma) +[1-9]' out/verify.txt)" 7
unload drvmem_test
