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

# field KIND NAME: a count of the driver.
field()
{
	sed -n "s/^$1 .*\b$2=\([0-9-]*\).*/\1/p" "$DEBUGFS/$MODULE/ctl"
}

# expect KIND NAME VALUE
expect()
{
	local value
	value=$(field "$1" "$2")
	[ "$value" = "$3" ] || fail "$1 $2 is ${value:-missing}, should be $3"
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

kinds()
{
	sed -n 's/ allocated=.*//p' "$DEBUGFS/$MODULE/ctl"
}
