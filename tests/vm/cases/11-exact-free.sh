#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Frees of every kind (direct, bulk, kfree_rcu, call_rcu), from process, workqueue and
# timer: exactly zero objects left, every allocation matched by a free, failures counted.
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test

# frees HOW: every kind that can be freed so; 40 of each
frees()
{
	local how=$1 kind size done=0
	cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for kind in $(echo $SLAB_KINDS) skb; do
	size=200
	[ \$kind = large ] && size=20000
	ctl alloc \$kind 40 \$size
	if { printf 'free %s 0 $how' \$kind >$DEBUGFS/drvmem_test/ctl; } 2>/dev/null; then
		echo \$kind >>freed.$how
	else
		ctl free \$kind 0 direct
	fi
done
ctl barrier
END
	rm -f "freed.$how"
	traced "$how.json" "rm -f freed.$how" -- bash work.sh
	[ -s "freed.$how" ] || fail "no kind can be freed by $how"
	same "$how: objects left" "$(owned "$how.json" drvmem_test live_objects)" 0
	same "$how: bytes left" "$(owned "$how.json" drvmem_test live_bytes)" 0
	same "$how: allocations without a free" \
		"$(($(owned "$how.json" drvmem_test allocs) - $(owned "$how.json" drvmem_test frees)))" 0
	same "$how: inferred" "$(at_site "$how.json" drvmem_test . inferred_frees)" 0
}

for how in direct bulk rcu callrcu; do
	frees $how
done

# contexts: the same counts from a workqueue and a timer
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kmalloc 31 200 wq
ctl alloc kmalloc 17 200 timer
ctl alloc kstrdup 11 60 wq
END
traced ctx.json 'ctl free kmalloc 0 direct; ctl free kstrdup 0 direct' -- bash work.sh
same "wq and timer objects" "$(at_site ctx.json drvmem_test '^alloc_kmalloc\+' live_objects)" 48
same "wq and timer bytes" "$(at_site ctx.json drvmem_test '^alloc_kmalloc\+' live_bytes)" 9600
same "wq kstrdup bytes" "$(at_site ctx.json drvmem_test '^alloc_kstrdup\+' live_bytes)" 660
ctl free kmalloc 0 direct
ctl free kstrdup 0 direct

# failures
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl fail kmalloc 7
END
traced fail.json : -- bash work.sh
same "failures" "$(owned fail.json drvmem_test failures)" 7
same "objects of failed allocations" "$(owned fail.json drvmem_test live_objects)" 0
unload drvmem_test
