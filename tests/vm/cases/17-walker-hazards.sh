#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What changes stacks under our walk: replaced return addresses (kretprobes, the function
# graph tracer), trampolines of other BPF programs' hooks, the function tracer. Our walk must
# leave such stacks to the kernel's unwinder, never read them wrongly.
# only: 6.12
# time: 400
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

T=/sys/kernel/tracing
[ -e $T/trace ] || mount -t tracefs tracefs $T || fail "no tracefs"
# what a failure left on would disturb the cases that follow
trap 'echo nop >$T/current_tracer; echo 0 >$T/events/kprobes/enable; echo >$T/kprobe_events; echo >$T/set_graph_function; echo >$T/set_ftrace_filter' EXIT
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for round in 1 2 3 4; do
	ctl alloc kasprintf 200 200
	ctl alloc skb 200 200
	ctl free kasprintf 0 direct
	ctl free skb 0 direct
done
END

# walks_with WHAT: a verified run; its numbers in $WALKED, $FALLBACK
walks_with()
{
	"$DRVMEM" report -f json -o out.json --walk "$WALK" --track-max 200000 -- bash work.sh ||
		fail "$1: drvmem report ended with $?"
	echo "$1: $(jq -c .stack_walks out.json)"
	same "$1: walks that differ" "$(jq .stack_walks.mismatch out.json)" 0
	WALKED=$(jq .stack_walks.walked out.json) FALLBACK=$(jq .stack_walks.fallback out.json)
	[ "$WALKED" -ge 2000 ] || fail "$1: only $WALKED walks"
}

WALK=verify
[ "$DRVMEM_KVER" != 5.10 ] || WALK=auto
walks_with "nothing"
if [ "$(jq -r .stack_walks.by out.json)" = kernel ]; then
	unload drvmem_test
	exit 0	# 5.10: nothing to disturb
fi
[ "$FALLBACK" -le $((WALKED / 100)) ] || fail "nothing is in the way, and $FALLBACK of $WALKED were left"

# kretprobes on functions that are on the stack of every allocation
echo 'r:drvmem1 full_proxy_write' >$T/kprobe_events 2>/dev/null
echo 'r:drvmem2 vfs_write' >>$T/kprobe_events || fail "no kretprobe"
echo 1 >$T/events/kprobes/enable
walks_with "kretprobes"
[ "$FALLBACK" -ge $((WALKED / 4)) ] || fail "kretprobes: only $FALLBACK of $WALKED were left to the kernel"
echo 0 >$T/events/kprobes/enable
echo >$T/kprobe_events

# the same functions under the function graph tracer
if echo vfs_write >$T/set_graph_function && echo function_graph >$T/current_tracer; then
	walks_with "function_graph"
	echo nop >$T/current_tracer
	echo >$T/set_graph_function
fi

# the function tracer returns before the function runs: it is on no stack
if echo 'vfs_*' >$T/set_ftrace_filter && echo function >$T/current_tracer; then
	walks_with "function"
	[ "$FALLBACK" -le $((WALKED / 100)) ] || fail "function tracer: $FALLBACK of $WALKED were left"
	echo nop >$T/current_tracer
	echo >$T/set_ftrace_filter
fi

walks_with "nothing again"
[ "$FALLBACK" -le $((WALKED / 100)) ] || fail "nothing is in the way again, and $FALLBACK of $WALKED were left"
unload drvmem_test
