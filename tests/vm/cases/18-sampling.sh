#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sampled sessions: all that was sampled is seen freed, the limit of --max-overhead is kept by
# sampling, and the live tests of sampling hold on this kernel. Estimates: 18-estimates.
# only: 7.2
# time: 420
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=6000 SIZE=200
load drvmem_test
cat >all.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kmalloc $K $SIZE
ctl free kmalloc 0 direct
END
undo()
{
	ctl free kmalloc 0 direct
}

# of FILE FIELD: at the call site of the driver's kmalloc
of()
{
	at_site "$1" drvmem_test "$(site_of kmalloc)" "$2"
}

traced freed.json undo --sample 16K -- bash all.sh
same "sampled" "$(jq .meta.sampled freed.json)" true
[ "$(of freed.json sampled_allocs)" -ge 20 ] || fail "only $(of freed.json sampled_allocs) sampled"
same "live after all were freed" "$(of freed.json live_objects) $(of freed.json live_bytes)" "0 0"
same "sampled and live after all were freed" "$(of freed.json sampled_live)" 0

# a limit that any tracing of an emulated machine is above: exact at first, then sampled, and it says so
"$DRVMEM" report -f json -o limit.json --max-overhead 1 --duration 6 2>limit.txt &
pid=$!
while kill -0 $pid 2>/dev/null; do
	ctl alloc kmalloc 500 $SIZE
	ctl free kmalloc 0 direct
done
wait $pid || fail "drvmem report --max-overhead ended with $?"
grep -q 'more than --max-overhead: sampling one point in 512K' limit.txt || fail "no word: $(cat limit.txt)"
same "epochs" "$(jq '[.meta.epochs[].sample_bytes]' limit.json | tr -d ' \n')" '[0,524288]'

"$DRVMEM" leaks --sample 64K --duration 1 >out.txt 2>err.txt
same "status of leaks --sample" $? 2

"$DRVMEM_TREE/build/tests/bpf/test_sampling" >live.txt || fail "$(cat live.txt)"
cat live.txt
! grep -q '^skip' live.txt || fail "the live test was skipped"
unload drvmem_test
exit 0
