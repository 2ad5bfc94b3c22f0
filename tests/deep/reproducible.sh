# SPDX-License-Identifier: GPL-2.0-or-later
# Two builds, in two directories at two times, make the same bytes, and no path of the builder is in them.
cd "$(dirname "$0")/../.." || exit 2
work=$(mktemp -d) || exit 5
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1700000000)
export SOURCE_DATE_EPOCH

build() { # directory
	mkdir -p "$1" && tar -c --exclude=./build --exclude=./.git . | tar -x -C "$1" &&
		make -s -C "$1" -j"$(nproc)" all man completions >"$work/log" 2>&1
}
for d in "$work/one" "$work/a/place/that/is/deeper"; do
	if ! build "$d"; then
		tail -n 5 "$work/log"
		echo "not ok build in $d - see above"
		exit 1
	fi
done
failed=0
a=$work/one/build b=$work/a/place/that/is/deeper/build
for f in drvmem drvmem.bpf.o $(cd "$a" && ls man/* completions/*); do
	if cmp -s "$a/$f" "$b/$f"; then
		echo "ok $f is the same"
	else
		echo "not ok $f is the same - $(cmp "$a/$f" "$b/$f" 2>&1)"
		failed=1
	fi
done
for f in drvmem drvmem.bpf.o; do
	n=$(grep -ac "$work" "$a/$f")
	[ "$n" -eq 0 ] && echo "ok $f names no directory of the builder" ||
		{ echo "not ok $f names no directory of the builder - $n lines do"; failed=1; }
done
exit $failed
