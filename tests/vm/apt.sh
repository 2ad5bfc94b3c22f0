# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian packages without installing any: an apt whose lists, sources and status are its own, and
# dpkg -x. Sourced by fetch and by what builds kernels from source.
#
# Environment: DRVMEM_DEBIAN_MIRROR (default: the mirror this system's apt uses).

# $(NAME) in single quotes is apt's.
# shellcheck disable=SC2016

APT_ROOT=$VM_CACHE/apt

# One download at a time, until apt_unlock or the end of the process.
apt_lock()
{
	mkdir -p "$APT_ROOT"
	exec 9>"$VM_CACHE/lock"
	flock -n 9 || { vm_say "waiting for another fetch"; flock 9; }
}

apt_unlock()
{
	exec 9>&-
}

mirror_uri()
{
	local format='$(LABEL) $(COMPONENT) $(REPO_URI)' uri
	if [ -n "${DRVMEM_DEBIAN_MIRROR:-}" ]; then
		echo "$DRVMEM_DEBIAN_MIRROR"
		return
	fi
	uri=$(apt-get indextargets --format "$format" 'Created-By: Packages' |
		sed -n 's/^Debian main //p' | head -n 1)
	# Without downloaded lists (a fresh container) labels are unknown: take
	# the first archive that is not the security one.
	[ -n "$uri" ] || uri=$(apt-get indextargets --no-release-info \
		--format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's/^main //p' | grep -v security | head -n 1)
	[ -n "$uri" ] || vm_die "cannot tell the Debian mirror from apt's sources;" \
		"set DRVMEM_DEBIAN_MIRROR"
	echo "$uri"
}

# One apt directory per suite: a package name then has one meaning, and a suite
# that cannot be reached does not hurt the others.
apt_setup()
{
	local dir=$APT_ROOT/$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	local options='arch=amd64' uri
	uri=$(mirror_uri) || exit 1
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	: >"$dir/status"
	[ ! -e "$keyring" ] || options="$options signed-by=$keyring"
	echo "deb [$options] $uri $1 main" >"$dir/sources.list"
	# Sandbox user: apt's own user cannot enter a cache below root's home.
	# Valid-Until: suites of the past are not signed again.
	cat >"$dir/apt.conf" <<-CONF
	Dir::Etc::sourcelist "$dir/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	Dir::State "$dir";
	Dir::State::lists "$dir/lists";
	Dir::State::status "$dir/status";
	Dir::State::extended_states "$dir/extended_states";
	Dir::Cache "$dir";
	APT::Architecture "amd64";
	#clear APT::Architectures;
	APT::Architectures:: "amd64";
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::Retries "3";
	Acquire::Check-Valid-Until "false";
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	CONF
	vm_say "$1: reading the package index"
	apt_do "$1" apt-get -qq update -o APT::Update::Error-Mode=any >&2 || {
		vm_say "$1: cannot read the package index"
		return 1
	}
}

# apt_do SUITE apt-get|apt-cache ARG...
apt_do()
{
	local suite=$1 tool=$2
	shift 2
	"$tool" -c "$APT_ROOT/$suite/apt.conf" "$@"
}

# unpack SUITE DIR PACKAGE...
unpack()
{
	local suite=$1 dir=$2 deb
	shift 2
	mkdir -p "$dir" "$dir.debs"
	(cd "$dir.debs" && apt_do "$suite" apt-get -qq download "$@" >&2) || return 1
	for deb in "$dir.debs"/*.deb; do
		dpkg -x "$deb" "$dir" || return 1
	done
	rm -rf "$dir.debs"
}
