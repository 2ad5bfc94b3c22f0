# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed beside the binary: manual pages and completions, each made from the option tables.
. "$(dirname "$0")/../lib/contract.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
DRVMEM=$(readlink -f "$DRVMEM")
export DRVMEM
have() { command -v "$1" >/dev/null 2>&1; }

run completion --pages
expect "pages are listed" 0 ""
cp "$TMP/out" "$TMP/pages"

# ---- the manual
mkdir "$TMP/man"
while read -r p; do
	"$DRVMEM" completion --man "$p" -o "$TMP/man/$p" || not_ok "$p" "not written"
done <"$TMP/pages"
awk -v name=drvmem-session -v section=5 -v summary=x -v date=2026-01-31 -v version=0 -v see='sqlite3 (1)' \
	-f "$root/dist/man/md2man.awk" "$root/doc/session-file.md" >"$TMP/man/drvmem-session.5"
if [ -e "$root/dist/prometheus/metrics.tsv" ]; then
	awk -v date=2026-01-31 -v version=0 -f "$root/dist/man/metrics2man.awk" "$root/dist/prometheus/metrics.tsv" \
		>"$TMP/man/drvmem-metrics.7"
	[ "$(grep -c '^\.B drvmem' "$TMP/man/drvmem-metrics.7")" -eq "$(grep -c '^drvmem' "$root/dist/prometheus/metrics.tsv")" ] &&
		ok "each metric has its entry" || not_ok "each metric has its entry" "another number of them"
else
	skip "drvmem-metrics.7" "dist/prometheus/metrics.tsv is not there"
fi
for f in "$TMP/man"/*; do
	p=${f##*/}
	if have groff; then
		groff -ww -man -Tutf8 "$f" >"$TMP/out" 2>"$TMP/err"
		[ -s "$TMP/out" ] && ! [ -s "$TMP/err" ] && ok "groff takes $p" || not_ok "groff takes $p" "$(head -n 1 "$TMP/err")"
	fi
	if have mandoc; then
		mandoc -Tlint -Wwarning "$f" >"$TMP/err" 2>&1 && ok "mandoc takes $p" || not_ok "mandoc takes $p" "$(head -n 1 "$TMP/err")"
	fi
	for s in NAME DESCRIPTION '"SEE ALSO"'; do
		grep -qx "\.SH $s" "$f" || not_ok "sections of $p" "no $s"
	done
done
have groff || skip "groff takes the pages" "groff is not installed (package groff-base)"
have mandoc || skip "mandoc takes the pages" "mandoc is not installed"
if have groff && have man; then
	man --warnings -E UTF-8 -l -Z "$TMP"/man/* >/dev/null 2>"$TMP/err"
	[ -s "$TMP/err" ] && not_ok "man takes the pages" "$(head -n 1 "$TMP/err")" || ok "man takes the pages"
else
	skip "man takes the pages" "man is not installed (package man-db)"
fi

# text of a page as it can be copied
plain() { sed -e 's/\\f[BRI]//g' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\(dq/"/g' -e 's/\\(ti/~/g' -e 's/\\(ha/^/g' -e 's/\\(ga/`/g' -e 's/\\e/\\/g' "$1"; }

# Every drvmem of an example is taken by the option parser: --help behind its options ends it well.
takes() { # the example
	printf '%s\n' "$1" | sed 's/^source <(\(.*\))$/\1/; s/ && /\n/g; s/ [|&>] */\n/g' | grep '^drvmem ' |
		sed 's/ -- .*//; s/^drvmem //' >"$TMP/parts"
	[ -s "$TMP/parts" ] || { echo "no drvmem in it" >"$TMP/err"; return 1; }
	while read -r part; do
		eval "set -- $part"
		"$DRVMEM" "$@" --help >"$TMP/out" 2>"$TMP/err" </dev/null && grep -q '^Usage: drvmem ' "$TMP/out" || return 1
	done <"$TMP/parts"
}
while read -r p; do
	c=${p#drvmem-}
	c=${c%.8}
	plain "$TMP/man/$p" >"$TMP/plain"
	awk '/^\.SH / { on = $2 == "EXAMPLES" } on && sub(/^\.B /, "")' "$TMP/plain" >"$TMP/examples"
	while read -r e; do
		[ -n "$e" ] || continue
		takes "$e" && ok "$p: $e" || not_ok "$p: $e" "$(head -n 1 "$TMP/err")"
	done <"$TMP/examples"
	[ "$p" != drvmem.8 ] || continue
	[ "$(wc -l <"$TMP/examples")" -ge 2 ] && ok "$p has examples" || not_ok "$p has examples" "$(wc -l <"$TMP/examples")"
	missing=
	"$DRVMEM" "$c" --help | sed -n 's/^  \(-., \|    \)--\([a-z.-]*\).*/\2/p' >"$TMP/options"
	while read -r o; do
		grep -qF -e "--$o" "$TMP/plain" || missing="$missing --$o"
	done <"$TMP/options"
	[ -s "$TMP/options" ] && [ -z "$missing" ] && ok "$p has every option" || not_ok "$p has every option" "lacks:$missing"
	# and no option that there is not
	strange=$(sed -n '/^\.SH OPTIONS/,/^\.SH "EXIT/p' "$TMP/plain" | sed -n '/^\.TP/{n;s/.*--\([a-z.-]*\).*/\1/p;}' | grep -vxFf "$TMP/options")
	[ -z "$strange" ] && ok "$p has no other" || not_ok "$p has no other" "$strange"
done <"$TMP/pages"
run completion --man drvmem-nothing.8
expect "a page that there is not" 2 "there is no page"
run completion tcsh
expect "a shell that is not known" 2 "bash, zsh, fish"
run completion
expect "no shell" 2 "one of SHELL"
run completion bash --pages
expect "two things at once" 2 "one of SHELL"

# ---- completions
mkdir "$TMP/comp"
for s in bash:drvmem zsh:_drvmem fish:drvmem.fish; do
	"$DRVMEM" completion "${s%%:*}" >"$TMP/comp/${s##*:}" || not_ok "${s%%:*} script" "not written"
done
touch "$TMP/a session" "$TMP/other"

# judge SHELL LINE EXPECTED: $got are the candidates, space separated
judge() { [ "$got" = "$3" ] && ok "$1: $2" || not_ok "$1: $2" "gave '$got', not '$3'"; }

if have bash; then
	cat >"$TMP/complete.bash" <<'B'
source "$1"
_drvmem_modules() { printf '%s\n' e1000e nvme nvme_core; }
_drvmem_caches() { printf '%s\n' kmalloc-64 kmalloc-128; }
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_drvmem
(IFS='|'; echo "${COMPREPLY[*]}")
B
	in_bash() { # EXPECTED WORDS...
		want=$1
		shift
		got=$(cd "$TMP" && bash --norc "$TMP/complete.bash" "$TMP/comp/drvmem" "$@" 2>&1)
		judge bash "$*" "$want"
	}
	in_bash 'report|record|restore' drvmem re
	in_bash '--format' drvmem report --form
	in_bash 'json' drvmem report -f js
	in_bash 'json' drvmem report --format = js
	in_bash 'nvme|nvme_core' drvmem verify nv
	in_bash 'e1000e,nvme|e1000e,nvme_core' drvmem report -m e1000e,nv
	in_bash 'kmalloc-128' drvmem leaks --cache kmalloc-1
	in_bash 'a session' drvmem report a
	in_bash 'other' drvmem record -o ot
	in_bash 'man' drvmem leaks --debug-dir ma
	in_bash 'bash|zsh|fish' drvmem completion ""
	in_bash 'leaks' drvmem help le
	in_bash 'other' drvmem report -- cat ot
	in_bash '' drvmem nonsense ""
	in_bash '' drvmem report --top ""
	got=$(bash --norc "$TMP/complete.bash" "$TMP/comp/drvmem" drvmem "" | tr '|' '\n' | sort | tr '\n' ' ')
	judge bash "all commands" "$({ sed -n 's/^drvmem-\(.*\)\.8$/\1/p' "$TMP/pages"; echo help; } | sort | tr '\n' ' ')"
else
	skip "bash completion" "bash is not installed"
fi

if have fish; then
	cat >"$TMP/complete.fish" <<'F'
source $argv[1]
function __drvmem_modules; printf '%s\n' e1000e nvme; end
function __drvmem_caches; printf '%s\n' kmalloc-64; end
complete -C $argv[2] | string replace -r '\t.*' ''
F
	in_fish() { # EXPECTED LINE
		got=$(cd "$TMP" && HOME=$TMP fish --no-config "$TMP/complete.fish" "$TMP/comp/drvmem.fish" "$2" 2>&1 | sort | paste -sd '|' -)
		judge fish "$2" "$1"
	}
	in_fish 'record|report|restore' 'drvmem re'
	in_fish '--format' 'drvmem report --form'
	in_fish 'json' 'drvmem report -f js'
	in_fish 'e1000e|nvme' 'drvmem verify '
	in_fish 'kmalloc-64' 'drvmem leaks --cache '
	in_fish 'leaks' 'drvmem help le'
	in_fish 'bash|fish|zsh' 'drvmem completion '
	in_fish 'other' 'drvmem record -o ot'
else
	skip "fish completion" "fish is not installed (package fish)"
fi

if have zsh; then
	cat >"$TMP/complete.zsh" <<'Z'
# a zsh of its own shows $3 when the key is pressed behind $2
zmodload zsh/zpty
zpty z TERM=dumb zsh -f -i
zpty -w z "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -D -u; setopt auto_list no_list_ambiguous no_beep; LISTMAX=1000; cd $4; print REA''DY"
zpty -r -m z out '*READY*' || exit 1
zpty -w -n z "$2"$'\t'
zpty -r -m z out "*$3*"
Z
	in_zsh() { # LINE PATTERN
		timeout 20 zsh -f "$TMP/complete.zsh" "$TMP/comp" "$1" "$2" "$TMP" >/dev/null 2>&1 &&
			ok "zsh: $1" || not_ok "zsh: $1" "'$2' was not shown in 20 s"
	}
	in_zsh 'drvmem re' restore
	in_zsh 'drvmem report --format ' speedscope
	in_zsh 'drvmem report --se' second-look
	in_zsh 'drvmem record -o ot' other
	in_zsh 'drvmem report -- cat ot' other
	in_zsh 'drvmem completion b' bash
else
	skip "zsh completion" "zsh is not installed (package zsh)"
fi

# ---- make install, and what the packages take of it
if ! have make || [ "$DRVMEM" != "$root/build/drvmem" ] || ! make -q -C "$root" all >/dev/null 2>&1; then
	skip "make install" "needs make, and build/drvmem as it is built now"
	finish
fi
make -s -C "$root" install DESTDIR="$TMP/dest" PREFIX=/usr >"$TMP/out" 2>&1 && ok "make install" ||
	not_ok "make install" "$(tail -n 1 "$TMP/out")"
cat "$root"/dist/debian/*.install | while read -r f; do
	set -- "$TMP/dest/"$f
	[ -e "$1" ] || echo "$f"
done >"$TMP/err"
[ -s "$TMP/err" ] && not_ok "dist/debian installs what there is" "not there: $(tr '\n' ' ' <"$TMP/err")" ||
	ok "dist/debian installs what there is"
grep -rl /usr/local "$TMP/dest/usr/lib" "$TMP/dest/usr/share/drvmem" 2>/dev/null | grep -v '\.json$' >"$TMP/err"
[ -s "$TMP/err" ] && not_ok "units name what was installed" "$(head -n 1 "$TMP/err")" || ok "units name what was installed"
for f in "$TMP"/dest/usr/share/initramfs-tools/hooks/drvmem "$TMP"/dest/usr/lib/dracut/modules.d/95drvmem/*.sh "$TMP"/dest/usr/share/drvmem/early/*; do
	[ -x "$f" ] && sh -n "$f" 2>"$TMP/err" || not_ok "scripts of the initramfs" "${f##*/}: $(head -n 1 "$TMP/err")"
done
make -s -C "$root" uninstall DESTDIR="$TMP/dest" PREFIX=/usr >"$TMP/out" 2>&1
left=$(find "$TMP/dest" ! -type d)
[ -z "$left" ] && ok "make uninstall leaves nothing" || not_ok "make uninstall leaves nothing" "$left"
finish
