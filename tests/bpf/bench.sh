# SPDX-License-Identifier: GPL-2.0-or-later
# What the bench measures and counts judge: each walk of each of its workloads is the same as by the kernel's
# unwinder, and the recursion guard takes no more than 200 of a million events of a mix of system calls. And what the
# table of peers is made of: drvmem as a process, another tool, one that is missing, one that ends.
cd "$(dirname "$0")/../.." || exit 2
bench=build/bench/bench
[ -x $bench ] || { echo "not ok bench - $bench was not built (make bpf-tests)"; exit 1; }
work=$(mktemp -d) || exit 5
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
rc=0

$bench --verify --quick --output "$work" >"$work/out" 2>&1
status=$?
sed 's/^/# /' "$work/out"
# 3: no rights, one CPU
[ $status -ne 3 ] || { echo "skip bench - it cannot measure here: $(tail -n 1 "$work/out")"; exit 0; }
if [ $status -ne 0 ]; then
	echo "not ok verify - it ended with $status: $(grep -m 1 WRONG "$work/out")"
	rc=1
elif [ "$(grep -cE '^(msg|skb|mix|eventfd|pipe|touch) +[1-9]' "$work/verify.txt")" -ne 6 ]; then
	echo "not ok verify - not every workload is in its table"
	rc=1
else
	echo "ok verify"
fi

# the longer run: until the second look sees what was missed, misses are lost
if tests/bench/misses "$work" >"$work/tries"; then
	cat "$work/tries"
	echo "ok misses"
else
	echo "not ok misses - $(tail -n 1 "$work/tries")"
	rc=1
fi

printf '#!/bin/sh\necho "$*" >%s/given\nexec sleep 600\n' "$work" >"$work/memstrack"
printf '#!/bin/sh\nexit 0\n' >"$work/ends"
chmod +x "$work/memstrack" "$work/ends"
DRVMEM=${DRVMEM:-build/drvmem} MEMLEAK=$work/nowhere BPFTRACE=$work/ends PERF=$work/nowhere MEMSTRACK=$work/memstrack \
	$bench --peers --quick --rounds 1 --work msg --output "$work" >"$work/out" 2>&1
status=$?
sed 's/^/# /' "$work/out"
# workload, tool, slowdown and quartiles, ns and quartiles, lost, RSS, maps, % walks, % frames
figures=$(grep -cE '^msg +drvmem( --(stacks full|sample 512K))? +([0-9]+\.[0-9]{2}) +[0-9.]+-[0-9.]+ +-?[0-9]+ +-?[0-9]+--?[0-9]+ +[0-9]+ +[1-9][0-9.]+ +[1-9][0-9.]+ ' \
	"$work/peers.txt")
if [ $status -ne 0 ]; then
	echo "not ok peers - it ended with $status"
	rc=1
elif [ "$figures" -ne 3 ]; then
	echo "not ok peers - drvmem's three modes have $figures whole rows"
	rc=1
elif ! grep -q "^msg *bcc memleak *not measured: no program $work/nowhere" "$work/peers.txt" ||
	! grep -q '^msg *bpftrace *not measured: it ended by itself' "$work/peers.txt"; then
	echo "not ok peers - what is missing, or ends, is not named"
	rc=1
elif [ "$(cat "$work/given" 2>/dev/null)" != "--notui --report module_summary" ] ||
	! grep -qE '^msg +memstrack \(pages\) +[0-9]+\.' "$work/peers.txt"; then
	echo "not ok peers - memstrack was not measured, or started with: $(cat "$work/given")"
	rc=1
else
	echo "ok peers"
fi
exit $rc
