#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The oldest and the newest supported clang both build the BPF objects, and what they build passes this
# kernel's verifier and traces; none of the programs has grown (tests/vm/programs-gate, where
# doc/programs.md has this kernel). The builds stay for a case of the VMs. Compilers that are not
# installed are skipped by name.
# limit: 400
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/log build/results
bad=0
not_ok() { # NAME WHY
	echo "not ok $1 - $2"
	bad=1
}
# build COMPILER: build/alt-COMPILER, which is the build itself where that is by the same one
build() {
	if [ "$(cat build/bpf-compiler 2>/dev/null)" = "$(echo "$1" | tr - ' ')" ]; then
		rm -rf "build/alt-$1" && ln -s . "build/alt-$1" && set -- "$1" build
	else
		[ ! -L "build/alt-$1" ] || rm "build/alt-$1"
		set -- "$1" "build/alt-$1"
	fi
	make -j"$(nproc)" B="$2" BPF_CLANG="$1" "$2/drvmem" "$2/tests/bpf/test_programs" >"build/log/$1.log" 2>&1
}

# judge COMPILER: what it built
judge() {
	B=build/alt-$1
	programs=build/results/programs-$1.txt
	"$B/tests/bpf/test_programs" >"$programs" 2>&1 || { not_ok "$1" "$(grep '^not ok' "$programs" | tail -n 1)"; return; }
	tests/vm/programs-gate "$(cat "$B/bpf-compiler")" "$programs" >build/results/gate.txt
	case $? in
	0) ok="no program larger than it may be" ;;
	2) ok=$(cat build/results/gate.txt) ;;
	*) not_ok "$1" "$(paste -sd';' build/results/gate.txt)"; return ;;
	esac
	"$B/drvmem" report -f json --duration 1 -o build/results/traced.json 2>build/results/traced.err ||
		{ not_ok "$1" "does not trace: $(head -n 1 build/results/traced.err)"; return; }
	grep -q '"allocs":[1-9]' build/results/traced.json || { not_ok "$1" "saw no allocation in a second"; return; }
	echo "# $1: $ok"
	echo "ok $1"
}

for c in clang-14 clang-19; do
	if ! command -v "$c" >/dev/null 2>&1; then
		echo "skip $c - $c is not installed (apt-get install $c)"
	elif ! build "$c"; then
		not_ok "$c" "does not build, see build/log/$c.log"
	else
		judge "$c"
	fi
done
exit $bad
