# SPDX-License-Identifier: GPL-2.0-or-later
# What containers hide or refuse, made without a container: the error names the cause, and the remedy is one for
# whoever started the container.
. "$(dirname "$0")/../lib/contract.sh"
LIB=$(cd "$(dirname "$0")/../lib" && pwd)

[ "$(id -u)" -eq 0 ] && can_trace || { skip "containers" "needs root, and a machine where tracing works"; finish; }
commands=report
"$DRVMEM" serve --web.listen-address=nonsense 2>&1 | grep -q 'no address to listen at' && commands="report serve"

# inside WRAPPER...: each command in it, with what it needs to end soon; results in C.out, C.err, and C.rc
inside() {
	for c in $commands; do
		args="--duration 100ms"
		[ "$c" = report ] || args="$args --web.listen-address=unix:$TMP/web.sock"
		# shellcheck disable=SC2086 # words
		"$@" "$DRVMEM" $c $args >"$TMP/out" 2>"$TMP/err" </dev/null
		rc=$?
		# what serve logs before is no part of the error
		grep -v '^time=' "$TMP/err" >"$TMP/$c.err"
		echo "$rc" >"$TMP/$c.rc"
		mv "$TMP/out" "$TMP/$c.out"
	done
}
# refused NAME CAUSE REMEDY: each command ended with 3, and said so; a remedy is the line after
refused() {
	for c in $commands; do
		rc=$(cat "$TMP/$c.rc")
		mv "$TMP/$c.out" "$TMP/out"
		mv "$TMP/$c.err" "$TMP/err"
		expect "$c: $1" 3 "^drvmem $c: .*$2"
		sed -n '2,$p' "$TMP/err" | grep -q -e "$3" && ok "$c: $1: remedy" || not_ok "$c: $1: remedy" "$(cat "$TMP/err")"
	done
}
# mounted SCRIPT: a shell that mounts it in a mount namespace of its own, and becomes the command
mounted() {
	script=$1
	shift
	unshare -m sh -c "$script && exec \"\$@\"" sh "$@"
}

if unshare -Ur true 2>/dev/null; then
	inside unshare -Ur
	refused "a user namespace" 'user namespace' 'podman run'
else
	skip "a user namespace" "cannot be made here"
fi
if setpriv --bounding-set=-bpf,-perfmon,-sys_admin true 2>/dev/null; then
	inside setpriv --bounding-set=-bpf,-perfmon,-sys_admin --inh-caps=-bpf,-perfmon,-sys_admin
	refused "without CAP_BPF and CAP_PERFMON" 'missing: CAP_BPF, CAP_PERFMON' '--cap-add PERFMON'
else
	skip "without CAP_BPF" "setpriv cannot give it up"
fi
if command -v perl >/dev/null && perl "$LIB/no-bpf.pl" 1 true; then
	inside perl "$LIB/no-bpf.pl" 1
	refused "bpf(2) is refused" 'a seccomp filter refuses bpf' 'seccomp=unconfined'
	inside perl "$LIB/no-bpf.pl" 38
	refused "bpf(2) is hidden" 'ENOSYS.*seccomp filter hides it' 'seccomp=unconfined'
else
	skip "bpf(2) is refused" "no perl, or no filters for it"
fi
if ! unshare -m mount -t tmpfs none /sys 2>/dev/null; then
	skip "masked files" "nothing can be mounted here"
	finish
fi
inside mounted 'mount -t tmpfs none /sys'
refused "without /sys" '/sys/kernel/btf/vmlinux is masked, or sysfs is not mounted' '-v /sys:/sys:ro'
inside mounted 'mount -t tmpfs none /sys/kernel/btf'
refused "without /sys/kernel/btf" '/sys/kernel/btf/vmlinux is masked' '-v /sys:/sys:ro'
inside mounted 'mount --bind /dev/null /sys/kernel/btf/vmlinux'
refused "vmlinux masked" '/sys/kernel/btf/vmlinux is masked' '-v /sys:/sys:ro'
inside mounted 'mount -t tmpfs none /sys/devices/system'
refused "without the list of CPUs" 'how many CPUs there can be is not known' '-v /sys:/sys:ro'
case $commands in *serve*)
	commands=serve
	inside mounted 'mount -t tmpfs none /proc'
	refused "without /proc" '/proc/self/exe cannot be run' 'mount -t proc'
esac
# what does no harm: another PID namespace with its own /proc, a /sys to read only, no tracefs
commands=report
inside unshare -pfm --mount-proc sh -c 'mount -o remount,ro,bind /sys && { mount -t tmpfs none /sys/kernel/tracing 2>/dev/null || :; }
	exec "$@"' sh
[ "$(cat "$TMP/report.rc")" -eq 0 ] && grep -q . "$TMP/report.out" && ok "PID namespace, /sys to read only, no tracefs" ||
	not_ok "PID namespace, /sys to read only, no tracefs" "$(cat "$TMP/report.err")"
finish
