# SPDX-License-Identifier: GPL-2.0-or-later
# What the bench measures and counts judge: each walk of each of its workloads is the same as by the kernel's
# unwinder, and the recursion guard takes no more than 200 of a million events of a mix of system calls.
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
exit $rc
