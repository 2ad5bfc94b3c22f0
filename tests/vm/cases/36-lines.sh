#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# File and line of what the test driver keeps, from the .ko it was loaded from, which has debug
# information: with its sections in /sys, and after it went, by symbols. The addresses that are listed are
# objects that the driver frees afterwards. Another build's .ko is refused by name.
# only: 6.12
# time: 120
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

readelf -S "$DRVMEM_KMOD/drvmem_test.ko" | grep -q ' \.debug_info' || skip "drvmem_test.ko has no debug information"

# of FIELD: of the site that keeps
of()
{
	jq -r "[.outstanding[] | select(.owner == \"drvmem_test\" and (.site | test(\"^alloc_kzalloc[+]\")))][0].$1" leaks.json
}

# leaks OPTION... -- COMMAND...
leaks()
{
	"$DRVMEM" leaks -f json -o leaks.json -m drvmem_test --older 0 --max-loss 1000000 "$@"
	same "status" $? 1
}

# The line that was found is one of the driver's sources, where it calls the allocator.
check_line()
{
	local file line
	file=$(of file) line=$(of line)
	echo "$(of site): $file:$line, inlines $(of inlines)"
	[ -n "$line" ] && [ "$line" != null ] || fail "no line: $(jq -c .debug_files leaks.json)"
	sed -n "${line}p" "$DRVMEM_TREE/tests/kmod/${file##*/}" | grep -q 'kzalloc(' ||
		fail "no kzalloc() at $file:$line: $(sed -n "${line}p" "$DRVMEM_TREE/tests/kmod/${file##*/}")"
}

load drvmem_test
cat >keep.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kzalloc 7 200
END
leaks -a --max-addresses 3 --debug-dir "$DRVMEM_KMOD" -- bash keep.sh
check_line
same "objects" "$(of objects)" 7
same "addresses" "$(of 'addresses | length') $(of addresses_left_out)" "3 4"
same "of kernel memory" "$(of addresses | jq -r '[.[].address | test("^0xff[0-9a-f]{14}$")] | unique[]')" true
same "asked" "$(of addresses | jq '[.[].bytes] | unique[]')" 200
ctl free kzalloc 0 direct
unload drvmem_test

# gone before the end: no sections are left to go by
load drvmem_test leak_on_exit=1
cat >go.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kzalloc 7 200
unload drvmem_test
END
leaks --debug-dir "$DRVMEM_KMOD" -- bash go.sh
same "objects that are left" "$(of objects)" 7
check_line

load drvmem_test
mkdir other
objcopy --remove-section .note.gnu.build-id "$DRVMEM_KMOD/drvmem_test.ko" other/drvmem_test.ko
leaks --debug-dir other -- bash keep.sh
same "file" "$(of file)" null
same "refused" "$(jq -r '.debug_files[] | select(.image == "drvmem_test") | .file_reason' leaks.json)" \
	"debug file other/drvmem_test.ko is of another build"
ctl free kzalloc 0 direct
unload drvmem_test
