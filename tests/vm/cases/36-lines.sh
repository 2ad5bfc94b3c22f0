#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# File and line of what the test driver keeps, from the .ko it was loaded from, which has debug
# information: with its sections in /sys, and after it went, by symbols. The addresses that are listed are
# objects that the driver frees afterwards. Another build's .ko is refused by name. A recorded session is looked at
# while the driver is loaded elsewhere: by build id and symbol, never by where it is now; addr2line says the same.
# only: 6.12
# time: 240
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

# recorded, then the driver is loaded again, at another address: the file knows the place by its symbol
load drvmem_test
"$DRVMEM" record -o moved.drvmem --interval 1s -m drvmem_test -- bash keep.sh 2>record.err ||
	fail "record ended with $?: $(tail -n 3 record.err)"
ctl free kzalloc 0 direct
unload drvmem_test
load drvmem_test
# at FORM: what the form says of the site that keeps, "file:line"
ko="$DRVMEM_KMOD/drvmem_test.ko"
"$DRVMEM" report moved.drvmem -m drvmem_test --debug-dir "$DRVMEM_KMOD" -f json -o moved.json || fail "report ended with $?"
site=$(jq -r '[.owners[].sites[] | select(.site | test("^alloc_kzalloc[+]"))][0].site' moved.json)
got=$(jq -r '[.owners[].sites[] | select(.site | test("^alloc_kzalloc[+]"))][0].inlines[-1] | "\(.file | split("/")[-1]):\(.line)"' moved.json)
offset=$((0x$(nm "$ko" | awk '$3 == "alloc_kzalloc" { print $1 }') + ${site##*+} - 1))
want=$(addr2line -i -e "$ko" -j .text "$(printf '0x%x' $offset)" | tail -n 1 | sed 's,.*/,,; s/ (.*//')
same "line by addr2line" "$got" "$want"
sed -n "${got##*:}p" "$DRVMEM_TREE/tests/kmod/${got%%:*}" | grep -q 'kzalloc(' || fail "no kzalloc() at $got"
same "file used" "$(jq -r '.debug_files[] | select(.image == "drvmem_test") | .file' moved.json)" "$ko"
# the kernel's own debug information is nowhere here: which build is wanted is said
same "build id of the kernel" "$(jq -r '.debug_files[] | select(.image == "vmlinux") | .build_id' moved.json)" \
	"$(sqlite3 -readonly moved.drvmem 'SELECT build_id FROM session')"
for form in leaks report; do
	case $form in
	leaks) set -- leaks moved.drvmem --older 0 ;;
	report) set -- report moved.drvmem --by site --top 0 ;;
	esac
	"$DRVMEM" "$@" -m drvmem_test --debug-dir "$DRVMEM_KMOD" >$form.txt 2>$form.err
	grep -q "${got%%:*}:${got##*:}" $form.txt || fail "$form does not name $got: $(head -c 600 $form.txt)"
	grep -q "^no lines of vmlinux" $form.txt || fail "$form does not say what it did not find"
done
"$DRVMEM" report moved.drvmem -m drvmem_test --debug-dir "$DRVMEM_KMOD" -f pprof -o moved.pb.gz || fail "pprof ended with $?"
gzip -dc moved.pb.gz | grep -aq "${got%%:*}" || fail "pprof does not name ${got%%:*}"
cp moved.drvmem "$OUT/moved.drvmem" 2>/dev/null
ctl free kzalloc 0 direct
unload drvmem_test
