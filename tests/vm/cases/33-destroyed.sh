#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A cache that is destroyed with objects left: they stay live, the report says that they are of a
# destroyed cache, and how many; nothing is said of a cache that went empty. In a boot of its own, for
# the cache and its name stay for good.
# boot: 2
# only: 6.1
# time: 100
# expect-kernel: Objects remaining|WARNING: .*(kmem_cache_|__slab_err)
# shellcheck disable=SC1091
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test2
MODULE=drvmem_test2
cat >empty.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
MODULE=drvmem_test2
ctl alloc ucache 40 0
ctl alloc ucachebulk 40 0
ctl free ucache 0 direct
ctl free ucachebulk 0 bulk
unload drvmem_test2
END
traced empty.json 'load drvmem_test2' -- bash empty.sh
same "objects of caches that went empty" "$(jq .destroyed_caches.live_objects empty.json)" 0

load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc ucache 100 0
ctl alloc ucachebulk 64 0
ctl leak ucache 3
ctl leak ucachebulk 4
unload drvmem_test
END
"$DRVMEM" report -m drvmem_test --by site -o out.txt -- bash work.sh || fail "drvmem report ended with $?"
cat out.txt
grep -q '^7 objects of destroyed caches, 1.3KiB: leaked' out.txt || fail "no word of the 7 objects"
exit 0
