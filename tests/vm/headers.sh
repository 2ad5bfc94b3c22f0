# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's header packages expect to be installed in / of a system of their own
# suite. These functions make them usable where fetch unpacked them, on the
# suite that happens to be running. Sourced by fetch.

# What build tools linked against a newer C library need, and pahole for BTF.
HEADERS_LOADER_PACKAGES='libc6 libelf1t64 zlib1g libzstd1 pahole libdw1t64 libbpf1
	liblzma5 libbz2-1.0'

# headers_relocate DIR RELEASE FINAL: symbolic links inside are relative, the
# top Makefile names /usr/src absolutely (and KBUILD_OUTPUT since 6.18).
headers_relocate()
{
	sed -i -E "s#(^include |KBUILD_OUTPUT=)(/[^ ]*)?/usr/src/linux-headers#\1$3/usr/src/linux-headers#" \
		"$1/usr/src/linux-headers-$2/Makefile"
}

# The programs of linux-kbuild that this system's C library cannot run.
headers_foreign_tools()
{
	local have need file
	have=$(getconf GNU_LIBC_VERSION)
	have=${have##* }
	find "$1"/usr/lib/linux-kbuild-* -type f -perm -u+x | while read -r file; do
		[ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || continue
		need=$(objdump -T "$file" 2>/dev/null | grep -oE 'GLIBC_2\.[0-9]+' |
			sed s/GLIBC_// | sort -V | tail -n 1)
		[ "$(printf '%s\n' "$need" "$have" | sort -V | tail -n 1)" = "$have" ] ||
			echo "$file"
	done
}

headers_need_loader()
{
	[ -n "$(headers_foreign_tools "$1")" ]
}

# headers_wrap_one FILE FINAL-FILE FINAL: run FILE.elf through the unpacked loader.
headers_wrap_one()
{
	mv "$1" "$1.elf"
	cat >"$1" <<-WRAP
	#!/bin/sh
	exec '$3/host-tools/usr/lib64/ld-linux-x86-64.so.2' --library-path \\
		'$3/host-tools/usr/lib/x86_64-linux-gnu' '$2.elf' "\$@"
	WRAP
	chmod +x "$1"
}

# headers_wrap_tools DIR FINAL
headers_wrap_tools()
{
	local file
	headers_foreign_tools "$1" | while read -r file; do
		headers_wrap_one "$file" "$2${file#"$1"}" "$2"
	done
	file=$1/host-tools/usr/bin/pahole
	[ ! -x "$file" ] || headers_wrap_one "$file" "$2${file#"$1"}" "$2"
}
