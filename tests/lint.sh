#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Checks what the compiler cannot: who may include whom (doc: "Layer rules"), sizes of
# functions and files, licence lines, and that stdout stays data.
# Usage: tests/lint.sh [ROOT]. Prints file:line: offence; exit 1 when there is any.
set -u
LC_ALL=C
export LC_ALL
root=${1:-$(dirname "$0")/..}
cd "$root" || exit 2
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT INT TERM

MAX_FUNCTION=80
MAX_MAIN=60
MAX_FILE=700
MAX_CMD=150

c_files() {
	for d in "$@"; do
		[ -d "$d" ] && find "$d" -name '*.[ch]' ! -name '*.skel.h' ! -name '*.mod.c'
	done | sort
}

# Layers of user/ that a layer may include; base and its own are always allowed.
allowed() {
	case $1 in
	base | model | probe) echo ;;
	session) echo probe ;;
	source) echo "session model" ;;
	symbol | store | analysis) echo model ;;
	view) echo "model analysis" ;;
	render) echo view ;;
	tui | serve) echo "view render" ;;
	*) echo "?" ;;
	esac
}

check_includes() {
	for dir in user/*/; do
		[ -d "$dir" ] || continue
		layer=$(basename "$dir")
		ok=$(allowed "$layer")
		if [ "$ok" = "?" ]; then
			echo "$dir:1: layer without a rule in tests/lint.sh"
			continue
		fi
		c_files "$dir" | while read -r f; do
			awk -v layer="$layer" -v ok=" $ok $layer base drvmem " -v f="$f" '
			/^[ \t]*#[ \t]*include[ \t]+"/ {
				split($0, q, "\"")
				if (split(q[2], p, "/") > 1) {
					if (!index(ok, " " p[1] " "))
						print f ":" NR ": " layer " may not include " q[2]
				} else if (q[2] !~ /\.skel\.h$/)
					print f ":" NR ": write \"" layer "/" q[2] "\" or a layer below"
			}' "$f"
		done
	done
}

# libbpf in probe/, session/ and one file of source/; each skeleton's type in one .c only.
check_libbpf() {
	c_files user | while read -r f; do
		case $f in
		user/probe/* | user/session/*) continue ;;
		esac
		grep -nE '^[ 	]*#[ 	]*include[ 	]+<bpf/' "$f" | sed "s|^|$f:|"
	done | awk -F: '
		$1 ~ /^user\/source\// { if (!($1 in seen)) { seen[$1]; n++ } if (n == 1) next }
		{ print $1 ":" $2 ": libbpf is not visible here" }'
	c_files user | while read -r f; do
		grep -oE '#[ 	]*include[ 	]+"[^"]*\.skel\.h"' "$f" | sed "s|^|$f:|"
	done | awk -F'"' 'seen[$2]++ { sub(/:.*/, "", $1); print $1 ":1: a skeleton belongs to one file only" }'
}

check_sizes() {
	c_files user bpf tests | while read -r f; do
		awk -v f="$f" -v fn="$MAX_FUNCTION" -v mn="$MAX_MAIN" -v max="$MAX_FILE" '
		/^\{/ { start = NR; name = head; next }
		/^\}/ && start {
			limit = name ~ /(^|[ \t*])main\(/ ? mn : fn
			if (NR - start - 1 > limit)
				printf "%s:%d: function of %d lines (limit %d): %s\n", f, start,
					NR - start - 1, limit, name
			start = 0
		}
		# the line that names the function: at column 0, before the brace
		/^[A-Za-z_].*\(/ { head = $0 }
		END { if (NR > max) printf "%s:%d: file of %d lines (limit %d)\n", f, NR, NR, max }
		' "$f"
	done
	for f in user/cmd_*.c; do
		[ -f "$f" ] || continue
		n=$(wc -l <"$f")
		[ "$n" -le "$MAX_CMD" ] || echo "$f:$n: a command composes: $n lines (limit $MAX_CMD)"
	done
}

check_spdx() {
	{
		find user bpf include vmlinux tests dist -type f 2>/dev/null |
			grep -E '\.([ch]|sh|py|awk)$|/(Makefile|Kbuild)$' | grep -v '^tests/data/'
		# scripts without a suffix
		find tests -type f -perm -u+x ! -name '*.*' 2>/dev/null
		ls run check Makefile .ci/run 2>/dev/null
	} | sort -u | while read -r f; do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: ' ||
			echo "$f:1: no SPDX-License-Identifier line"
	done
}

check_stdout() {
	c_files user | while read -r f; do
		case $f in
		user/render/* | user/base/opt.c | user/main.c) continue ;;
		esac
		# comments of one line are taken out; a comment block starts its lines with " *"
		sed -e 's|/\*.*\*/||' -e 's|//.*||' "$f" | awk -v f="$f" '
		/^[ \t]*\*/ { next }
		/(^|[^A-Za-z0-9_])v?(printf|puts|putchar)[ \t]*\(/ ||
		/f(printf|puts|putc|write)[ \t]*\((.*[^A-Za-z0-9_])?stdout/ {
			sub(/^[ \t]*/, ""); print f ":" NR ": stdout is for render/: " $0
		}'
	done
}

# The pure layers: no clock, no environment, no descriptors.
check_pure() {
	c_files user/model user/analysis user/view user/render | while read -r f; do
		grep -nE '(^|[^A-Za-z0-9_])(getenv|clock_gettime|gettimeofday|time|open|openat|fopen)[ 	]*\(' \
			"$f" | sed "s|^\([0-9]*\):[ 	]*|$f:\1: not in a pure layer: |"
	done
}

{
	check_includes
	check_libbpf
	check_sizes
	check_spdx
	check_stdout
	check_pure
} >"$out"

if [ -s "$out" ]; then
	cat "$out"
	echo "lint: $(wc -l <"$out") offences" >&2
	exit 1
fi
echo "lint: clean" >&2
