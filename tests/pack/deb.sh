# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages are built in a copy of the tree, lintian finds no fault, and they hold what they should.
# What was built is left in build/deb. By itself the quick way: the compiler does not optimise, and the BPF objects, whose
# flags are the same in every build, are those of build/ if they are current. With --full as they would be shipped.
cd "$(dirname "$0")/../.." || exit 2
full=
[ "${1:-}" != --full ] || full=1
work=$(mktemp -d) || exit 5
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failed=0
ok() { echo "ok $1"; }
not_ok() { echo "not ok $1 - $2"; failed=1; }
for t in dpkg-buildpackage dh lintian; do
	command -v "$t" >/dev/null || { echo "skip packages - $t is missing (packages dpkg-dev debhelper lintian)"; exit 0; }
done

tree=$work/drvmem-$(sed -n 's/^VERSION *:= *//p' Makefile)
mkdir "$tree" && tar -c --exclude=./build --exclude=./.git --exclude=./.ci . | tar -x -C "$tree" && cp -a "$tree/dist/debian" "$tree/debian" ||
	exit 5
bpf="build/drvmem.bpf.o build/drvmem.skel.h build/devres.skel.h build/scan.skel.h"
options="parallel=$(nproc) nocheck"
if [ -z "$full" ]; then
	options="$options noopt noautodbgsym"
	export DEB_CFLAGS_STRIP=-g
	# shellcheck disable=SC2086 # a list of names
	! make -q $bpf >/dev/null 2>&1 || { mkdir "$tree/build" && cp -pr build/bpf build/bpf-compiler $bpf "$tree/build/"; } || exit 5
fi
# -d: what is missing the compiler tells; a build machine that has bpftool from elsewhere is good enough here. -nc: a copy is clean
if ! (cd "$tree" && DEB_BUILD_OPTIONS=$options dpkg-buildpackage -us -uc -b -d -nc) >"$work/log" 2>&1; then
	tail -n 15 "$work/log"
	not_ok "packages are built" "see above"
	exit 1
fi
ok "packages are built"
lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$work"/*.changes >"$work/lintian" 2>&1
rc=$?
if [ "$rc" -eq 0 ] && ! grep -q '^[EW]:' "$work/lintian"; then
	ok "lintian finds no error and warns of nothing"
else
	cat "$work/lintian"
	not_ok "lintian finds no error and warns of nothing" "$(grep -c '^[EW]:' "$work/lintian") of them"
fi
rm -rf build/deb && mkdir -p build/deb && cp "$work"/*.deb build/deb/

holds() { # package path
	if dpkg -c "$work/$1"_*.deb | awk -v f="./$2" '$6 == f { n++ } END { exit !n }'; then ok "$1 holds $2"; else not_ok "$1 holds $2" "not there"; fi
}
for f in usr/bin/drvmem usr/share/man/man8/drvmem.8.gz usr/share/man/man8/drvmem-leaks.8.gz usr/share/man/man5/drvmem-session.5.gz \
	usr/share/bash-completion/completions/drvmem usr/share/zsh/vendor-completions/_drvmem \
	usr/share/fish/vendor_completions.d/drvmem.fish; do
	holds drvmem "$f"
done
for f in usr/share/initramfs-tools/hooks/drvmem usr/lib/dracut/modules.d/95drvmem/module-setup.sh usr/share/drvmem/early/start; do
	holds drvmem-initramfs "$f"
done
units=0
for u in dist/systemd/drvmem-exporter.* dist/systemd/drvmem-textfile.*; do
	[ -e "$u" ] || continue
	units=$((units + 1))
	dpkg -c "$work"/drvmem-exporter_*.deb | grep "/lib/systemd/system/${u##*/}\$" >/dev/null && ok "drvmem-exporter holds ${u##*/}" ||
		not_ok "drvmem-exporter holds ${u##*/}" "not there"
done
if [ "$units" -eq 0 ]; then
	echo "skip drvmem-exporter - dist/systemd has no unit of it"
else
	# a package that starts a tracer when it is installed surprises
	dpkg -I "$work"/drvmem-exporter_*.deb postinst >"$work/postinst" 2>/dev/null
	if grep -q 'deb-systemd-invoke.*start' "$work/postinst" ||
		[ "$(grep -c 'deb-systemd-helper enable' "$work/postinst")" -ne "$(grep -c debian-installed "$work/postinst")" ]; then
		not_ok "nothing is started by installation" "the postinst does"
	else
		ok "nothing is started by installation"
	fi
fi
dpkg -x "$work"/drvmem_*.deb "$work/root"
"$work/root/usr/bin/drvmem" version >/dev/null && ok "what is packaged runs" || not_ok "what is packaged runs" "see above"
grep -rqs /usr/local "$work/root/usr/lib/systemd" "$work/root/lib/systemd" && not_ok "units name the package's paths" "/usr/local is in one" ||
	ok "units name the package's paths"
dpkg -I "$work"/drvmem_*.deb control | grep '^Depends:.*libbpf' >/dev/null && ok "libraries are depended on" ||
	not_ok "libraries are depended on" "$(dpkg -I "$work"/drvmem_*.deb control | grep '^Depends')"
cp "$work/log" build/deb/build.log
exit $failed
