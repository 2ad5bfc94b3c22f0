# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by the cases: talking to the test drivers, and ending a case.

DEBUGFS=/sys/kernel/debug
TRACEFS=/sys/kernel/tracing
MODULE=drvmem_test	# the one ctl, field and friends talk to

fail()
{
	echo "$*" >&2
	exit 1
}

skip()
{
	echo "$*" >&2
	exit 77
}

# load MODULE [PARAM=VALUE...]
load()
{
	local module=$1
	shift
	insmod "$DRVMEM_KMOD/$module.ko" "$@" || fail "insmod $module $* failed"
}

unload()
{
	rmmod "$1" || fail "rmmod $1 failed"
}

# ctl COMMAND...: one command in one write, which must succeed. printf is a
# builtin: no process is started on the way.
ctl()
{
	printf '%s' "$*" >"$DEBUGFS/$MODULE/ctl" || fail "ctl: '$*' failed"
}

# ctl_refuses COMMAND...: one that must not.
ctl_refuses()
{
	! { printf '%s' "$*" >"$DEBUGFS/$MODULE/ctl"; } 2>/dev/null || fail "ctl: '$*' was accepted"
}

# field KIND NAME: put a count of the driver into $VALUE ('' if there is none).
# Builtins only: starting a process takes an emulated machine a third of a second.
field()
{
	local lines line
	VALUE=''
	mapfile -t lines <"$DEBUGFS/$MODULE/ctl" || fail "cannot read $MODULE's ctl"
	for line in "${lines[@]}"; do
		[[ $line == "$1 "* && $line =~ " $2="([0-9]+) ]] || continue
		VALUE=${BASH_REMATCH[1]}
		return
	done
}

# expect KIND NAME VALUE
expect()
{
	field "$1" "$2"
	[ "$VALUE" = "$3" ] || fail "$1 $2 is ${VALUE:-missing}, should be $3"
}

# adv COMMAND...: one command to drvmem_advice, which must succeed.
adv()
{
	local MODULE=drvmem_advice
	ctl "$@"
}

# adv_refuses COMMAND...: one that must not.
adv_refuses()
{
	local MODULE=drvmem_advice
	ctl_refuses "$@"
}

# adv_field RULE NAME: a count of drvmem_advice into $VALUE.
adv_field()
{
	local MODULE=drvmem_advice
	field "$@"
}

# adv_expect RULE NAME VALUE
adv_expect()
{
	local MODULE=drvmem_advice
	expect "$@"
}

# same WHAT IS SHOULD
same()
{
	[ "$2" = "$3" ] || fail "$1 is ${2:-nothing}, should be $3"
}

# trace_start EVENT... (system/event); trace_lines REGEX counts what came since.
trace_start()
{
	local event
	echo 0 >$TRACEFS/tracing_on
	: >$TRACEFS/trace
	for event; do
		echo 1 >"$TRACEFS/events/$event/enable" || fail "no event $event"
	done
	echo 1 >$TRACEFS/tracing_on
}

trace_lines()
{
	grep -cE -e "$1" $TRACEFS/trace
}

trace_stop()
{
	echo 0 >$TRACEFS/tracing_on
	echo 0 >$TRACEFS/events/enable
}

# Put the names of all kinds into $KINDS.
read_kinds()
{
	local lines line
	KINDS=''
	mapfile -t lines <"$DEBUGFS/$MODULE/ctl" || fail "cannot read $MODULE's ctl"
	for line in "${lines[@]}"; do
		[[ $line != *" allocated="* ]] || KINDS="$KINDS ${line%% *}"
	done
}

# real_drivers: e1000e and nvme loaded, the card up.
real_drivers()
{
	local i
	modprobe nvme 2>/dev/null
	modprobe e1000e 2>/dev/null
	for i in /sys/class/net/*; do
		[ "$(basename "$(readlink -f "$i/device/driver" 2>/dev/null)")" = e1000e ] || continue
		ip link set "${i##*/}" up
		ip addr add 10.0.2.15/24 dev "${i##*/}" 2>/dev/null
	done
	return 0
}
