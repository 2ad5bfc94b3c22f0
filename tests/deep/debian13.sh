#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian 13 as a whole, in a directory: the packages are built there from what Build-Depends names and nothing else,
# lintian finds no fault, they are installed, trace this kernel, and the unit and contract tests pass with its tools.
# Needs root, debootstrap and 4 GB; fetches 440 MB once, into ${DRVMEM_CACHE:-~/.cache/drvmem}/debian13.
cd "$(dirname "$0")/../.." || exit 2
suite=trixie
cache=${DRVMEM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drvmem}/debian13
PATH=$PATH:/usr/sbin:/sbin
failed=0
ok() { echo "ok $1"; }
not_ok() { echo "not ok $1 - $2"; failed=1; }
[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || { echo "skip debian13 - root, and the right to make mount namespaces, are needed"; exit 0; }
command -v debootstrap >/dev/null || { not_ok "debian13" "debootstrap is missing (apt-get install debootstrap)"; exit 1; }
work=$(mktemp -d -p "${TMPDIR:-/var/tmp}") && mkdir -p "$cache/base" "$cache/debs/partial" || exit 5
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' INT TERM
root=$work/root
version=$(sed -n 's/^VERSION *:= *//p' Makefile)
mirror=${DRVMEM_DEBIAN_MIRROR:-$(apt-get indextargets --no-release-info --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
	sed -n 's/^main //p' | grep -v security | head -n 1)}

# The mounts are of each command alone, so that nothing of this machine is below what is removed at the end.
in_root() { # script, run by sh in the source
	unshare -m sh -c 'mount --make-rprivate / && mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" &&
		mount --bind "$2" "$1/var/cache/apt/archives" || exit 9
		[ -d "$1/sys/kernel/tracing/events" ] || mount -t tracefs tracefs "$1/sys/kernel/tracing"
		exec env -i DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			chroot "$1" sh -c "cd /src/$3 2>/dev/null; $4"' sh "$root" "$cache/debs" "drvmem-$version" "$1" </dev/null
}
# step NAME SCRIPT: the rest makes no sense without it
step() {
	if in_root "$2" >"$work/log" 2>&1; then
		ok "$1"
	else
		tail -n 15 "$work/log"
		not_ok "$1" "see above"
		exit 1
	fi
}

if ! debootstrap --variant=minbase --cache-dir="$cache/base" "$suite" "$root" "$mirror" >"$work/log" 2>&1; then
	tail -n 5 "$work/log"
	not_ok "base system" "debootstrap cannot make one from $mirror"
	exit 1
fi
printf 'deb %s %s main\n' "$mirror" "$suite" >"$root/etc/apt/sources.list"
# how this machine reaches the mirror; what was fetched is kept
{ apt-config dump | grep -E '^Acquire::(Check-|Retries|https?::Proxy)'; echo 'APT::Install-Recommends "false"; APT::Keep-Downloaded-Packages "true";'; } \
	>"$root/etc/apt/apt.conf.d/90drvmem"
rm -f "$root/etc/apt/apt.conf.d/docker-clean"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
tree=$root/src/drvmem-$version
mkdir -p "$tree" && tar -c --exclude=./build --exclude=./.git --exclude=./.ci . | tar -x -C "$tree" && cp -a dist/debian "$tree/debian" || exit 5

step "Build-Depends can be installed" "apt-get update && apt-get build-dep -y ./"
step "they are enough for a source and the binary packages" "dpkg-buildpackage -us -uc -j$(nproc)"
step "lintian is installed" "apt-get install -y lintian"
in_root 'lintian --allow-root --fail-on error,warning --tag-display-limit 0 ../*.changes' >"$work/log" 2>&1 && ok "lintian finds no fault" ||
	not_ok "lintian finds no fault" "$(grep '^[EW]:' "$work/log" | head -n 5 | tr '\n' ' ')"
step "the packages can be installed" "apt-get install -y ../drvmem_*.deb ../drvmem-exporter_*.deb ../drvmem-initramfs_*.deb"
if build/drvmem doctor >/dev/null 2>&1; then
	step "the package traces this kernel" 'drvmem report --duration 2 -f json | grep -q schema_version'
else
	echo "skip the package traces this kernel - it cannot be traced (drvmem doctor)"
fi
in_root 'rm -rf build debian; ./check --unit --contract' >"$work/log" 2>&1 && ok "unit and contract tests: $(tail -n 1 "$work/log")" || {
	grep '^not ok' "$work/log"
	not_ok "unit and contract tests" "$(tail -n 1 "$work/log")"
}
in_root 'cat /etc/debian_version; gcc --version | head -n 1; cat build/bpf-compiler; build/drvmem version | grep libbpf; bpftool version | head -n 1' 2>&1 |
	sed 's/^/# /'
exit $failed
