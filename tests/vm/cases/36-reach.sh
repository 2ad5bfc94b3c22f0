#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who holds what: objects of the test driver that nothing refers to are lost, by kind and to the
# object; those that one word refers to, wherever it is, are not, and the word is named. In a boot with
# few cases: what sessions leave in the kernel's memory for a while hides some.
# boot: 2
# only: 7.2
# time: 600
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

mkfifo never
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
exec 9<>never
# Nothing holds these. A few are where objects were that others, which wait for RCU to be freed
# (trampolines of BPF programs), still point to: of a hundred they are few.
for kind in kzalloc kmalloc_node; do ctl alloc \$kind 200 200; ctl hold \$kind 0 nothing; done
ctl alloc large 10 20000; ctl hold large 0 nothing
ctl alloc pages 10 4096; ctl hold pages 0 ownpage
ctl alloc vmalloc 10 10000; ctl hold vmalloc 0 nothing
ctl alloc percpu 10 64; ctl hold percpu 0 nothing
ctl alloc ucache 30 0; ctl hold ucache 0 nothing
ctl errpath kvmalloc 10 3000
# the first of these is lost, the others with it
ctl alloc kcalloc 30 200; ctl hold kcalloc 0 lostlist
# one word holds each of these
ctl alloc kmemdup 20 200; ctl hold kmemdup 0 list
ctl alloc kstrdup 20 200; ctl hold kstrdup 0 interior
ctl alloc kasprintf 20 200; ctl hold kasprintf 0 percpu
ctl alloc krealloc 20 200; ctl hold krealloc 0 slab
ctl alloc kmalloc 20 200; ctl hold kmalloc 0 stack
ctl alloc cache 20 0
ctl alloc exact 10 8192
ctl alloc skb 20 500; ctl hold skb 0 queue
# freed in time, and just before
ctl alloc kconst 50 0
read -rt 6 -u 9
ctl free kconst 0 rcu
true
END
# of FUNCTION CLASS: of its sites
of()
{
	jq "[.outstanding[] | select(.owner == \"drvmem_test\" and (.site | test(\"^$1[+]\"))) | .reach.$2] | add" leaks.json
}
holder()
{
	jq -r "[.outstanding[] | select(.site | test(\"^$1[+]\"))][0].reach.holder" leaks.json
}

# by_chance WHY: a word that memory has kept of former times, in a stack or in a live object, holds some: the
# run proves nothing. What is called lost and is not has no such excuse.
by_chance()
{
	echo "try $try: $*"
	chance=$*
}

# The lost list; a word of one in the middle keeps those behind it.
check_list()
{
	local heads rest
	heads=$(of alloc_kcalloc definitely_lost)
	rest=$(($(of alloc_kcalloc indirectly_lost) + $(of alloc_kcalloc possibly_lost) + $(of alloc_kcalloc still_reachable)))
	same "objects of the lost list" $((heads + rest)) 30
	[ "$heads" -le 1 ] || fail "the lost list has $heads heads"
	[ "$heads" = 1 ] || by_chance "the head of the lost list is held by '$(holder alloc_kcalloc)'"
	[ "$(of alloc_kcalloc indirectly_lost)" -ge 1 ] || by_chance "of the lost list only the head is lost"
	echo "of the lost list: $(of alloc_kcalloc indirectly_lost) of 29 are lost with the head"
}

check_lost()
{
	local all=0 found=0 function nr bytes n rest
	while read -r function nr bytes; do
		n=$(of "$function" definitely_lost)
		echo "$function: ${n:-none} of $nr lost"
		all=$((all + nr))
		found=$((found + ${n:-0}))
		# what is not must be accounted for
		rest=$(($(of "$function" possibly_lost) + $(of "$function" indirectly_lost) + $(of "$function" still_reachable)))
		same "objects of $function" $((n + rest)) "$nr"
		same "bytes of $function" "$(jq "[.outstanding[] | select(.owner == \"drvmem_test\" and (.site | test(\"^$function[+]\"))) | .bytes] | add" leaks.json)" "$bytes"
		[ $((${n:-0} * 2)) -ge "$nr" ] || by_chance "$function: ${n:-none} of $nr are called definitely lost"
	done <<-END
	alloc_kzalloc 200 40000
	alloc_kmalloc_node 200 40000
	alloc_large 10 200000
	alloc_page_block 10 40960
	alloc_vmalloc 10 122880
	alloc_percpu_kind 10 $((640 * $(nproc --all)))
	alloc_ucache 30 5520
	alloc_kvmalloc 10 30000
	END
	echo "found: $found of $all"
	[ $((found * 100)) -ge $((all * 95)) ] || by_chance "$found of $all are called definitely lost"
}

check_held()
{
	local function nr text stale=''
	while read -r function nr text; do
		same "$function definitely lost" "$(of "$function" definitely_lost)" 0
		same "$function indirectly lost" "$(of "$function" indirectly_lost)" 0
		same "$function held" "$(of "$function" still_reachable)" "$nr"
		[[ $(holder "$function") =~ $text ]] || stale="$stale$function by '$(holder "$function")', not $text; "
	done <<-END
	alloc_kmemdup 20 alloc_kmemdup
	alloc_kstrdup 20 interior.*drvmem_test
	kasprintf 20 per-CPU
	alloc_krealloc 20 hold_check
	alloc_kmalloc 20 drvmem_hold
	alloc_cache 20 drvmem_test
	alloc_exact 10 drvmem_test
	END
	# A word of former times, in the stack of somebody who sleeps, may name one or two of them first, and does so
	# in every run of a boot, since their addresses come again. Never is one of these lost.
	echo "named by others: ${stale:-none}"
	[ "$(grep -o ';' <<<"$stale" | wc -l)" -le 2 ] || by_chance "$stale"
	# heads too, of which some are of a list of the CPU, and then the kernel's
	same "buffers in a socket's queue that are lost" "$(jq '[.outstanding[] | select(.stack | tostring | test("alloc_skb_kind")) |
		.reach.definitely_lost + .reach.indirectly_lost] | add' leaks.json)" 0
	[ "$(jq '[.outstanding[] | select(.stack | tostring | test("alloc_skb_kind")) | .reach.still_reachable] | add' leaks.json)" -ge 20 ] ||
		fail "not even the data of 20 buffers in a socket's queue is held"
	same "freed just before" "$(of alloc_kconst definitely_lost)" null
	# nothing of anybody else's is lost
	same "others' objects that are lost" \
		"$(jq '[.outstanding[] | select(.owner != "drvmem_test") | .reach.definitely_lost + .reach.indirectly_lost] | add // 0' leaks.json)" 0
}

# three COMMAND...: runs it until a run was lucky, three times at most. The command puts into $lost the events that
# its run lost: such runs prove nothing either, and three of them leave the rest out.
three()
{
	local runs=0 why
	for try in 1 2 3 4 5; do
		chance=''
		"$@"
		if [ "$lost" -eq 0 ]; then
			[ -n "$chance" ] || return 0
			why=$chance
			runs=$((runs + 1))
		fi
		[ $runs -lt 3 ] && [ $((try - runs)) -lt 3 ] || break
	done
	[ $runs -gt 0 ] || skip "$lost events lost in each of $try tries"
	fail "$runs runs, none lucky: $why"
}

find_leaks()
{
	load drvmem_test
	"$DRVMEM" leaks -f json -o leaks.json --older 2s --reach on --max-loss 1000000 -- bash work.sh
	status=$?
	count_lost leaks.json
	if [ "$lost" -eq 0 ]; then
		jq -c '.reach' leaks.json
		jq -r '.outstanding[] | "\(.owner) \(.site) \(.cache) \(.objects): \(.reach | tostring)"' leaks.json
		same "status" $status 1
		check_held
		check_lost
		check_list
	fi
	unload drvmem_test
}
three find_leaks

# What a module leaves: socket buffers that nobody holds are in nobody's custody.
cat >load.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
load drvmem_test
ctl alloc kzalloc 400 200; ctl leak kzalloc 0
ctl alloc skb 200 500; ctl leak skb 0
unload drvmem_test
END
# left CONDITION: objects that are lost, and so no one's. The module is gone before its names are read.
left()
{
	jq "[.instances[].leftovers[] | select(.class == \"leak\" and ($1)) | .lost] | add // 0" left.json
}

find_left()
{
	local n
	"$DRVMEM" verify drvmem_test --reach on --grace 4s -f json -o left.json --max-loss 1000000 -- bash load.sh
	status=$?
	count_lost left.json
	[ "$lost" -eq 0 ] || return 0
	jq -c '.verdict, .reach' left.json
	jq -r '.instances[].leftovers[] | "\(.class) \(.custody) \(.site) \(.cache): \(.lost) of \(.objects) lost, \(.holder_objects) held by \(.holder)"' left.json
	same "status" $status 1
	same "verdict" "$(jq -r .verdict left.json)" leak
	n=$(left '.cache == "kmalloc-256"')
	[ "$n" -ge 380 ] || by_chance "of 400 kmallocs $n are lost"
	# a CPU may have kept up to 64 heads of before the session, which hold their data (net/core/skbuff.c: NAPI_SKB_CACHE_SIZE)
	n=$(left '.site | test("alloc_skb|kmalloc_reserve")')
	[ "$n" -ge 258 ] || by_chance "of 200 buffers, heads and data, $n are lost"
}
three find_left
exit 0
