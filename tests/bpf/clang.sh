#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The oldest and the newest supported clang both build the BPF object, and what they build
# passes this kernel's verifier. The compilers that are not installed are skipped by name.
cd "$(dirname "$0")/../.." || exit 1
bad=0
for c in clang-14 clang-19; do
	if ! command -v "$c" >/dev/null 2>&1; then
		echo "skip $c - $c is not installed (apt-get install $c)"
		continue
	fi
	log=build/log/$c.log
	if ! make -j"$(nproc)" B="build/alt-$c" BPF_CLANG="$c" "build/alt-$c/tests/bpf/test_programs" >"$log" 2>&1; then
		echo "not ok $c - does not build, see $log"
		bad=1
	elif "build/alt-$c/tests/bpf/test_programs" >"build/results/programs-$c.txt" 2>&1; then
		echo "ok $c"
	else
		echo "not ok $c - $(tail -n 1 "build/results/programs-$c.txt")"
		bad=1
	fi
done
exit $bad
