# SPDX-License-Identifier: GPL-2.0-or-later
# Recording from the initramfs on, without one: dist/early/start in a mount namespace of its own, then /run moves
# below a new root, as at the change to the real root, and the recording goes on and ends there.
cd "$(dirname "$0")/../.." || exit 2
: "${DRVMEM:?DRVMEM must name the binary}"
if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
	echo "skip early recording - root, and the right to make mount namespaces, are needed"
	exit 0
fi
"$DRVMEM" doctor >/dev/null 2>&1 || { echo "skip early recording - drvmem cannot trace here (drvmem doctor)"; exit 0; }
work=$(mktemp -d) || exit 5
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# what the hooks put into the initramfs
tree=$work/tree
mkdir -p "$tree/usr/bin" "$work/new/run" "$work/new/proc"
for d in bin sbin lib lib64; do
	[ ! -L "/$d" ] || { mkdir -p "$tree/usr/$d" && ln -s "usr/$d" "$tree/$d"; }
done
cp "$DRVMEM" "$tree/usr/bin/drvmem"
ldd "$DRVMEM" | sed -n 's/.*\(=> \|^[[:space:]]\)\(\/[^ ]*\) (.*/\2/p' | while read -r l; do
	mkdir -p "$tree${l%/*}" && cp -L "$l" "$tree$l"
done

cat >"$work/inside" <<'I'
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mount --bind "$1/cmdline" /proc/cmdline || exit 9
DRVMEM_TREE=$1/tree sh dist/early/start
[ -e /run/drvmem/early.pid ] || exit 10
kill -0 "$(cat /run/drvmem/early.pid)" || exit 11
sh dist/early/mark
# the paths of the initramfs are gone from here on
mount --move /run "$1/new/run" || exit 12
run=$1/new/run
pid=$(cat "$run/drvmem/early.pid")
i=0
while kill -0 "$pid" 2>/dev/null && [ $i -lt 300 ]; do
	sleep 0.1
	i=$((i + 1))
done
cp "$run"/drvmem/early.* "$1/"
grep -c " $run/drvmem/root" /proc/self/mountinfo >"$1/left"
:
I
failed=0
ok() { echo "ok $1"; }
not_ok() { echo "not ok $1 - $2"; failed=1; }

echo "quiet drvmem=5s splash" >"$work/cmdline"
unshare -m sh "$work/inside" "$work" >"$work/out" 2>&1
rc=$?
[ "$rc" -eq 0 ] && ok "it runs across the change" || not_ok "it runs across the change" "step $rc: $(tail -n 1 "$work/out")"
[ "$(cat "$work/left")" = 0 ] && ok "its root is unmounted at the end" ||
	not_ok "its root is unmounted at the end" "$(cat "$work/left") mounts are left; $(cat "$work/early.log")"
[ -s "$work/early.drvmem" ] && ! [ -e "$work/early.drvmem-wal" ] && ok "the session is complete" ||
	not_ok "the session is complete" "$(cat "$work/early.log" 2>/dev/null; ls "$work" | tr '\n' ' ')"
"$DRVMEM" report -f json --window 'initramfs: tracing is on..' "$work/early.drvmem" >"$work/json" 2>"$work/err" &&
	grep -q '"schema_version":1' "$work/json" && ok "its first mark is from before the drivers" ||
	not_ok "its first mark is from before the drivers" "$(head -n 1 "$work/err")"
"$DRVMEM" report --window 'the real root..' "$work/early.drvmem" >/dev/null 2>"$work/err" && ok "the change is marked" ||
	not_ok "the change is marked" "$(head -n 1 "$work/err")"

echo "quiet splash" >"$work/cmdline"
rm -f "$work"/early.*
unshare -m sh "$work/inside" "$work" >"$work/out" 2>&1
[ $? -eq 10 ] && ok "without drvmem= nothing runs" || not_ok "without drvmem= nothing runs" "it did"
exit $failed
