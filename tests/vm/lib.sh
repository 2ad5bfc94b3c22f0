# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shared by the scripts of this directory: where things are kept, how they
# talk. Sourced, never run.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
VM_TREE=$(cd "$VM_DIR/../.." && pwd -P)

# Kernels and test drivers are hundreds of megabytes and do not belong to one
# build directory: `make clean` must not cost a download.
VM_CACHE=${DRVMEM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drvmem}/vm

# The kernels the project promises to work on: oldest, two in between, newest.
VM_KERNELS="5.10 6.1 6.12 7.2"

# One that tests/deep/kernel builds, with what Debian's kernels leave out: oracles, injected failures.
VM_BUILT=debug

# A directory of each, and a link KVER to the one in use.
VM_KDIRS=$VM_CACHE/kernels

vm_say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

vm_die()
{
	vm_say "$@"
	exit 1
}

vm_known()
{
	case " $VM_KERNELS $VM_BUILT " in
	*" $1 "*) return 0 ;;
	esac
	vm_die "unknown kernel '$1' (known: $VM_KERNELS $VM_BUILT)"
}

# The comment at the top of the script is its help text.
vm_usage()
{
	sed -n '4,${/^#/!q;s/^# \{0,1\}//p}' "$0"
}

# Refuse early, with all missing commands in one message.
vm_need()
{
	local tool missing=
	for tool; do
		command -v "$tool" >/dev/null || missing="$missing $tool"
	done
	[ -z "$missing" ] || vm_die "missing commands:$missing"
}

# The compiler for kernels and their modules: KMOD_CC, gcc-12, gcc.
vm_compiler()
{
	local cc
	for cc in "${KMOD_CC:-gcc-12}" gcc; do
		! command -v "$cc" >/dev/null || { echo "$cc"; return; }
	done
	vm_die "no compiler (gcc-12 or gcc)"
}

# vm_manifest KDIR KEY: one field of what fetch recorded about a kernel.
vm_manifest()
{
	sed -n "s/^$2=//p" "$1/drvmem.manifest"
}

# Lines of a kernel log that fail a run unless they were announced.
VM_COMPLAINTS='WARNING:|BUG:? |Oops|general protection|possible recursive|possible circular'
VM_COMPLAINTS="$VM_COMPLAINTS|unable to handle|Kernel panic|self-detected stall|detected stalls"
VM_COMPLAINTS="$VM_COMPLAINTS|blocked for more than|corruption|UBSAN:|Bad page|use-after-free"
VM_COMPLAINTS="$VM_COMPLAINTS|Objects remaining|scheduling while atomic|refcount_t:"

# Where allocations are profiled the kernel says so of a module that leaves memory, which is what cases
# make modules do.
VM_LEFTOVER='alloc_tag_module_unload\+'

# vm_complaints REGEX...: the complaints on stdin that no REGEX announced.
vm_complaints()
{
	local line regex
	while IFS= read -r line; do
		for regex in "$VM_LEFTOVER" "$@"; do
			[[ ! $line =~ $regex ]] || continue 2
		done
		printf '%s\n' "${line%$'\r'}"
	done < <(grep -aE -e "$VM_COMPLAINTS")
}
