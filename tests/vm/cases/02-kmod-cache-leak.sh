#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An object leaked in a cache of one's own: the kernel itself complains when the
# cache is destroyed, and the rig notices. In a boot of its own, for the cache
# and its name stay for good.
# boot: 2
# expect-kernel: Objects remaining|WARNING: .*(kmem_cache_|__slab_err)
# shellcheck disable=SC1091
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"

load drvmem_test
ctl alloc ucache 100 0
ctl leak ucache 3
expect ucache leaked 3
expect ucache live 100
unload drvmem_test
