#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh KVER KMOD-DIR BOOT CASE... - run cases; in the guest, by run-kernel.
#
# A case is an executable file of cases/. It ends with 0 (passed), 77 (skipped)
# or anything else (failed); why is the last line it wrote to stderr. Comments
# at its top say how to run it:
#   # time: SEC             the most it takes on an idle host, default 60; it is ended after twice that
#   # devices: LIST         emulated devices beside e1000e and nvme, for run-kernel
#   # boot: N               which boot it belongs to, default 1
#   # expect-kernel: REGEX  a line the kernel's log must get (may repeat)
# It finds DRVMEM_TREE, DRVMEM_KMOD (the directory of the test drivers) and
# DRVMEM_KVER in its environment, and starts in a scratch directory.
set -u
. "$(dirname "$0")/lib.sh"

export DRVMEM_TREE=$VM_TREE DRVMEM_KVER=$1 DRVMEM_KMOD=$2
BOOT=$3
shift 3

header()
{
	sed -n "1,25s/^# $2: *//p" "$1"
}

# kernel_log NAME: the kernel's log since the case NAME began.
kernel_log()
{
	dmesg | sed -n "/drvmem-case: $1 begins\$/,\$p"
}

# judge_log NAME FILE: say what is wrong with the kernel's log, if anything.
judge_log()
{
	local log expected regex
	log=$(kernel_log "$1")
	mapfile -t expected < <(header "$2" expect-kernel)
	for regex in ${expected[@]+"${expected[@]}"}; do
		printf '%s\n' "$regex" >>"$OUT/expected"
		grep -qE -e "$regex" <<<"$log" || echo "the kernel did not say: $regex"
	done
	vm_complaints ${expected[@]+"${expected[@]}"} <<<"$log" | sed 's/^/kernel: /'
}

# A case that failed half way leaves its drivers loaded, to the next one's harm.
unload_drivers()
{
	local module
	for module in drvmem_advice drvmem_testuser drvmem_testlib drvmem_test2 drvmem_test; do
		[ ! -d /sys/module/$module ] || rmmod $module
	done
}

run_case()
{
	local file=$1 name limit status why start=$SECONDS
	name=${file##*/}
	name=${name%.sh}
	limit=$(header "$file" time)
	# a guard against hanging: a busy host delays a case, and does not fail it
	limit=$((2 * ${limit:-60}))
	echo "drvmem-case: $name begins" >/dev/kmsg
	echo "$name" >"$OUT/current"
	mkdir -p "/tmp/case-$name"
	(cd "/tmp/case-$name" && exec timeout -k 5 "$limit" "$file") \
		>"$OUT/$name.out" 2>"$OUT/$name.err"
	status=$?
	unload_drivers
	if [ $status = 77 ]; then
		# what it expects of the kernel does not come then
		echo "skip $name - $(tail -n 1 "$OUT/$name.err")"
		return
	fi
	why=$(judge_log "$name" "$file" | head -n 1)
	case $status in
	0) ;;
	124 | 137) why="time limit of $limit s" ;;
	*) why=$(tail -n 1 "$OUT/$name.err"); why="${why:-no reason given} (exit status $status)" ;;
	esac
	if [ -z "$why" ]; then
		echo "ok $name"
	else
		echo "not ok $name - $why"
		tail -n 20 "$OUT/$name.out" "$OUT/$name.err" | sed 's/^/#   /'
	fi
	echo "# $name: $((SECONDS - start)) s"
}

rm -f "$OUT/expected" "$OUT/current"
for file; do
	boot=$(header "$file" boot)
	[ "${boot:-1}" != "$BOOT" ] || run_case "$file"
done
rm -f "$OUT/current"
