#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Frees of every kind (direct, bulk, kfree_rcu, call_rcu, by a work item, the oldest first), from process, workqueue and
# timer: exactly zero objects left, every allocation matched by a free, failures counted.
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test

# every kind in each way that it can be freed so, 40 of each, in one session
HOWS="direct bulk rcu callrcu wq oldest"
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
for how in $HOWS; do
	for kind in $(echo $SLAB_KINDS) skb; do
		size=200
		[ \$kind = large ] && size=20000
		ctl alloc \$kind 40 \$size
		if { printf 'free %s 0 %s' \$kind \$how >$DEBUGFS/drvmem_test/ctl; } 2>/dev/null; then
			echo \$kind >>freed.\$how
		else
			ctl free \$kind 0 direct
		fi
	done
	ctl barrier
done
END
traced frees.json "rm -f freed.*" -- bash work.sh
for how in $HOWS; do
	[ -s "freed.$how" ] || fail "no kind can be freed by $how"
done
same "objects left" "$(owned frees.json drvmem_test live_objects)" 0
same "bytes left" "$(owned frees.json drvmem_test live_bytes)" 0
same "sites with objects left" \
	"$(jq '[.owners[] | select(.owner == "drvmem_test") | .sites[] | select(.live_objects != 0)] | length' frees.json)" 0
same "allocations without a free" \
	"$(($(owned frees.json drvmem_test allocs) - $(owned frees.json drvmem_test frees)))" 0
same "inferred" "$(at_site frees.json drvmem_test . inferred_frees)" 0

# contexts: the same counts from a workqueue and a timer; and failures
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kmalloc 31 200 wq
ctl alloc kmalloc 17 200 timer
ctl alloc kstrdup 11 60 wq
ctl fail kzalloc 7
END
traced ctx.json 'ctl free kmalloc 0 direct; ctl free kstrdup 0 direct' -- bash work.sh
same "wq and timer objects" "$(at_site ctx.json drvmem_test '^alloc_kmalloc\+' live_objects)" 48
same "wq and timer bytes" "$(at_site ctx.json drvmem_test '^alloc_kmalloc\+' live_bytes)" 9600
same "wq kstrdup bytes" "$(at_site ctx.json drvmem_test '^alloc_kstrdup\+' live_bytes)" 660
ctl free kmalloc 0 direct
ctl free kstrdup 0 direct

# failures of a kind that nothing else is taken of
same "failures" "$(owned ctx.json drvmem_test failures)" 7
same "objects of failed allocations" "$(at_site ctx.json drvmem_test '^alloc_kzalloc\+' live_objects)" 0
unload drvmem_test
