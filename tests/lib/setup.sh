# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by ./run and ./check (POSIX sh, sourced): finds what is missing, installs it with
# apt on Debian and Ubuntu, builds. Needs no make, git, python or curl beforehand.

DRVMEM_LOG_DIR=build/log

say() { printf 'drvmem: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# One identifier of the distribution: debian, ubuntu, or what os-release says.
distro() {
	[ -r /etc/os-release ] || { echo unknown; return; }
	( . /etc/os-release; case " ${ID:-} ${ID_LIKE:-} " in
	  *" ubuntu "*) echo ubuntu ;; *" debian "*) echo debian ;; *) echo "${ID:-unknown}" ;; esac )
}

# Ubuntu's wrapper script named bpftool only prints advice: ask for its version, which
# begins with the name it was called by.
have_bpftool() {
	for b in "${BPFTOOL:-}" bpftool /usr/sbin/bpftool /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool; do
		[ -n "$b" ] && "$b" version 2>/dev/null | grep -q 'bpftool v[0-9]' && return 0
	done
	return 1
}

# A package of its own in Debian and in Ubuntu from 25.04 on; before, that name is provided by the script's package.
bpftool_package() {
	if [ "$(distro)" = ubuntu ] && ! LC_ALL=C apt-cache policy bpftool 2>/dev/null | grep -q 'Candidate: [0-9]'; then
		echo linux-tools-generic
	else
		echo bpftool
	fi
}

have_clang() {
	for c in "${BPF_CLANG:-}" clang-19 clang-18 clang-17 clang-16 clang-15 clang-14 clang; do
		[ -n "$c" ] && have "$c" && return 0
	done
	return 1
}

have_header() { # a header that gcc finds
	echo "#include <$1>" | gcc -E -xc - >/dev/null 2>&1
}

# Packages that are missing for a layer: build, unit, fuzz, pack, vm, deep.
missing() {
	m=
	have make || m="$m make"
	have gcc || m="$m gcc libc6-dev"
	have_clang || m="$m clang"
	if ! have_bpftool; then
		m="$m $(bpftool_package)"
	fi
	have_header bpf/libbpf.h || m="$m libbpf-dev"
	have_header libelf.h || m="$m libelf-dev"
	have_header elfutils/libdwfl.h || m="$m libdw-dev"
	have_header zlib.h || m="$m zlib1g-dev"
	have_header zstd.h || m="$m libzstd-dev"
	have_header sqlite3.h || m="$m libsqlite3-dev"
	have_header curses.h || m="$m libncurses-dev"
	have_header microhttpd.h || m="$m libmicrohttpd-dev"
	have_header gnutls/gnutls.h || m="$m libgnutls28-dev"
	have_header yaml.h || m="$m libyaml-dev"
	have_header seccomp.h || m="$m libseccomp-dev"
	have_header sys/capability.h || m="$m libcap-dev"
	have_header crypt.h || m="$m libcrypt-dev"
	case " $* " in *" unit "*)
		have_header cmocka.h || m="$m libcmocka-dev"
		# the sanitizers' runtime and python-free JSON and metric checks
		have promtool || m="$m prometheus"
		have jq || m="$m jq"
		have curl || m="$m curl"
		have openssl || m="$m openssl"
		have sqlite3 || m="$m sqlite3"
		have protoc || m="$m protobuf-compiler"
		have tmux || m="$m tmux"
		have node || m="$m nodejs"
		have chromium || m="$m chromium"
	esac
	case " $* " in *" vm "*)
		have qemu-system-x86_64 || m="$m qemu-system-x86"
		have busybox && busybox --list 2>/dev/null | grep -q '^mount$' || m="$m busybox-static"
		have depmod || m="$m kmod"
		have cpio || m="$m cpio"
		have xz || m="$m xz-utils"
		have zstd || m="$m zstd"
		have gcc-12 || m="$m gcc-12"
		have pahole || m="$m dwarves"
		have ip || m="$m iproute2"
		have dmsetup || m="$m dmsetup"
		have bc || m="$m bc"
		have flex || m="$m flex"
		have objdump || m="$m binutils"
	esac
	case " $* " in *" pack "*)
		have dpkg-buildpackage || m="$m dpkg-dev"
		have dh || m="$m debhelper"
		have lintian || m="$m lintian"
	esac
	# tests/deep/kernel, tests/deep/debian13.sh
	case " $* " in *" deep "*)
		have bison || m="$m bison"
		have debootstrap || [ -x /usr/sbin/debootstrap ] || m="$m debootstrap"
	esac
	echo "$m"
}

# What tests use where it can be had, and skip by name where not: the oldest and the newest clang that
# are supported (tests/bpf/clang.sh), beside the one that builds.
wanted() { # layers
	case " $* " in *" bpf "*)
		for c in clang-14 clang-19; do
			have "$c" || ! LC_ALL=C apt-cache policy "$c" 2>/dev/null | grep -q 'Candidate: [0-9]' || printf ' %s' "$c"
		done
	esac
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"
	elif have sudo && sudo -n true 2>/dev/null; then sudo "$@"
	elif have sudo && [ -t 0 ]; then sudo "$@"
	else return 126
	fi
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# A service that a package would start is none of a test's business.
no_services() {
	[ -e /usr/sbin/policy-rc.d ] && return 0
	printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null &&
		as_root chmod 755 /usr/sbin/policy-rc.d && DRVMEM_POLICY=1
}

services_again() {
	[ -n "${DRVMEM_POLICY:-}" ] && as_root rm -f /usr/sbin/policy-rc.d
	DRVMEM_POLICY=
}

# "118 MB to fetch, 527 MB on disk"; nothing where the package lists do not tell.
cost_of() { # packages...
	LC_ALL=C apt-get install --assume-no --no-install-recommends "$@" 2>/dev/null |
		sed -n 's/^Need to get \(.*\) of archives\./\1 to fetch/p; s/^After this operation, \(.*\) of .*/\1 on disk/p' |
		paste -sd, - | sed 's/,/, /'
}

install_packages() { # packages...
	log=$DRVMEM_LOG_DIR/install.log
	rm -f "$log"
	cost=$(cost_of "$@")
	if [ -z "$cost" ]; then
		say "refreshing the package lists"
		as_root apt-get update >>"$log" 2>&1
		cost=$(cost_of "$@")
	fi
	say "installing:$(printf ' %s' "$@")"
	say "that is ${cost:-of unknown size}; log $log"
	no_services
	if ! apt_install "$@" >>"$log" 2>&1; then
		say "refreshing the package lists"
		as_root apt-get update >>"$log" 2>&1
		if ! apt_install "$@" >>"$log" 2>&1; then
			services_again
			tail -n 5 "$log" >&2
			say "the installation failed; see $log"
			return 5
		fi
	fi
	services_again
}

# drvmem_setup LAYER...: everything these layers need is there afterwards, or an error says what is not.
# What they only want is there where that could be done.
drvmem_setup() {
	install_needed "$@" || return $?
	want_=$(wanted "$@")
	[ -n "$want_" ] && [ -z "${DRVMEM_NO_INSTALL:-}" ] && as_root true 2>/dev/null || return 0
	# shellcheck disable=SC2086 # a list of words
	install_packages $want_ || say "going on without$want_: the tests that use them are skipped"
}

install_needed() { # layers
	if ! mkdir -p "$DRVMEM_LOG_DIR" 2>/dev/null || ! [ -w "$DRVMEM_LOG_DIR" ]; then
		say "cannot write to $(pwd)/build: run this with sudo, or in a clone of your own"
		return 3
	fi
	need=$(missing "$@")
	[ -z "$need" ] && return 0
	if [ -n "${DRVMEM_NO_INSTALL:-}" ]; then
		say "missing:$need"
		say "DRVMEM_NO_INSTALL is set; install them with: apt-get install --no-install-recommends$need"
		return 3
	fi
	case $(distro) in
	debian | ubuntu) ;;
	*)
		say "missing:$need (names of Debian's packages)"
		say "this is not Debian or Ubuntu: install them with your package manager"
		return 3 ;;
	esac
	if ! as_root true; then
		say "missing:$need; not root, and no sudo that works here. As root:"
		say "  apt-get install --no-install-recommends$need"
		return 3
	fi
	# shellcheck disable=SC2086 # a list of words
	install_packages $need || return $?
	need=$(missing "$@")
	[ -z "$need" ] && return 0
	say "still missing after the installation:$need"
	return 5
}

# What root made in build/ belongs to the user who called sudo.
give_back() {
	[ -z "${SUDO_UID:-}" ] || [ "$(id -u)" -ne 0 ] ||
		chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" build
}

# drvmem_build TARGET...: as the calling user where sudo started us, so that build/ stays theirs.
drvmem_build() {
	log=$DRVMEM_LOG_DIR/build.log
	make -q "$@" >/dev/null 2>&1 && return 0
	set -- make -j"$(nproc 2>/dev/null || echo 1)" "$@"
	rm -f "$log"
	: >"$log" || return 5
	if [ -n "${SUDO_UID:-}" ] && [ "$(id -u)" -eq 0 ]; then
		give_back
		set -- setpriv --reuid "$SUDO_UID" --regid "${SUDO_GID:-$SUDO_UID}" --clear-groups "$@"
	fi
	say "building (log $log)"
	if ! "$@" >"$log" 2>&1; then
		grep -E ': error:|is missing|undefined reference|\*\*\*' "$log" | head -n 20 >&2
		say "the build failed; see $log"
		return 5
	fi
}
