# SPDX-License-Identifier: GPL-2.0-or-later
# tests/lib/setup.sh: what tests only want is installed where the index has it and that may be done, and is no
# reason to end where not. Nothing is installed here: the index and the installation are made up.
. "$(dirname "$0")/../lib/contract.sh"
. "$(dirname "$0")/../lib/setup.sh"

DRVMEM_LOG_DIR=$TMP
INDEX="clang-14 clang-19" INSTALLED="" INSTALLS=yes
missing() { :; }	# nothing that is needed
have() { case " $INSTALLED " in *" $1 "*) return 0 ;; esac; return 1; }
mkdir "$TMP/bin"
cat >"$TMP/bin/apt-cache" <<'END'
#!/bin/sh
# policy PACKAGE
case " $INDEX " in *" $2 "*) version=1:19.1.7-3 ;; *) version='(none)' ;; esac
printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "$2" "$version"
END
chmod 755 "$TMP/bin/apt-cache"
PATH=$TMP/bin:$PATH
export INDEX
install_packages() {
	echo "$*" >"$TMP/installed"
	[ "$INSTALLS" = yes ]
}
as_root() { [ -z "${NO_ROOT:-}" ] && "$@"; }
# is NAME WANT LAYER...: drvmem_setup succeeds, and installs WANT
is() {
	name=$1 want=$2
	shift 2
	: >"$TMP/installed"
	drvmem_setup "$@" 2>"$TMP/err"
	rc=$?
	got=$(cat "$TMP/installed")
	[ "$rc" -eq 0 ] && [ "$got" = "$want" ] && ok "$name" || not_ok "$name" "status $rc, '$got' in place of '$want': $(cat "$TMP/err")"
}

is "both compilers for the layer that tests them" "clang-14 clang-19" build bpf
is "none for the others" "" build unit vm
INSTALLED=clang-14
is "one is there" "clang-19" build bpf
INDEX=clang-14
is "the index has no other" "" build bpf
INSTALLED="" INDEX="clang-14 clang-19" INSTALLS=no
is "an installation that fails" "clang-14 clang-19" build bpf
grep -q 'going on without clang-14 clang-19' "$TMP/err" && ok "and is told" || not_ok "and is told" "$(cat "$TMP/err")"
INSTALLS=yes
NO_ROOT=1
is "no rights to install" "" build bpf
NO_ROOT=
DRVMEM_NO_INSTALL=1
is "installing is forbidden" "" build bpf
finish
