#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sampled sessions: the test driver's objects, which need their stacks walked, are estimated
# within 4 standard deviations (and asked once more if not), all that was sampled is seen freed,
# and the live tests of sampling hold on this kernel.
# only: 7.2
# time: 420
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=6000 SIZE=200
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kmalloc $K $SIZE
END
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

# near FILE FIELD TRUTH: within 4 standard deviations (the error is 1.96 of them)
near()
{
	jq -n --argjson got "$(of "$1" "$2")" --argjson error "$(of "$1" "$2_error")" --argjson truth "$3" \
		'(($got - $truth) | if . < 0 then -. else . end) < 4 * $error / 1.96'
}

for try in 1 2; do
	traced held.json undo --sample 16K -- bash work.sh
	echo "live: $(of held.json live_objects) +- $(of held.json live_objects_error) of $K," \
		"$(of held.json sampled_live) sampled"
	undo
	good=$(near held.json live_objects $K)$(near held.json live_bytes $((K * SIZE)))$(near held.json \
		allocs $K)
	[ "$good" = truetruetrue ] && break
	[ $try = 1 ] || fail "estimates are off twice: $(jq -c . held.json | head -c 2000)"
done
[ "$(of held.json sampled_live)" -ge 20 ] || fail "only $(of held.json sampled_live) sampled"
same "sampled" "$(jq .meta.sampled held.json)" true
same "sample distance" "$(jq '[.meta.epochs[].sample_bytes]' held.json | tr -d ' \n')" '[16384]'

traced freed.json undo --sample 16K -- bash all.sh
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

for bad in 0 1000 65M; do
	"$DRVMEM" report --sample $bad --duration 1 >out.txt 2>err.txt
	same "status of --sample $bad" $? 2
	grep -q -- "--sample" err.txt || fail "no reason for --sample $bad: $(cat err.txt)"
done
"$DRVMEM" leaks --sample 64K --duration 1 >out.txt 2>err.txt
same "status of leaks --sample" $? 2

"$DRVMEM_TREE/build/tests/bpf/test_sampling" >live.txt || fail "$(cat live.txt)"
cat live.txt
! grep -q '^skip' live.txt || fail "the live test was skipped"
unload drvmem_test
exit 0
