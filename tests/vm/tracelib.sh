# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by the cases that use drvmem itself: a traced command, and questions to
# the JSON it leaves behind. A run whose own loss counter is not 0 proves nothing: it is
# undone and repeated, at most five times; a machine so busy that all lose some decides nothing. Nothing here
# depends on time.

DRVMEM=$DRVMEM_TREE/build/drvmem
[ -x "$DRVMEM" ] || fail "$DRVMEM is not built"

# loss FILE: events this session should have seen and did not.
loss()
{
	jq .loss.total "$1"
}

# count_lost FILE: events that the run of a report lost into $lost; the case fails where there is no report.
count_lost()
{
	lost=$(loss "$1") && [[ $lost =~ ^[0-9]+$ ]] || fail "there is no report in $1: drvmem did not run"
}

# traced FILE UNDO [OPTION...] -- COMMAND...: report -f json of exactly the command's life.
# UNDO is a shell command that brings the driver back to where it was. Under emulation, where a
# program takes as long as a softirq, frees are missed too often to wait for it: the second look
# is there from the start. --walk verify is left out on 5.10, where drvmem has no walk to compare
# and refuses it (16-walker).
traced()
{
	local file=$1 undo=$2 options=() try
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	case "$DRVMEM_KVER ${options[*]-}" in
	"5.10 "*"--walk verify"*)
		local kept=() word
		for word in "${options[@]}"; do
			case $word in --walk | verify) ;; *) kept+=("$word") ;; esac
		done
		options=(${kept[@]+"${kept[@]}"}) ;;
	esac
	for try in 1 2 3 4 5 6; do
		"$DRVMEM" report -f json -o "$file" --track-max 200000 \
			--second-look on ${options[@]+"${options[@]}"} \
			-- "$@" || fail "drvmem report ended with $?"
		[ "$(loss "$file")" = 0 ] && return 0
		echo "try $try: loss $(jq -c .loss "$file")"
		eval "$undo"
	done
	skip "$try runs lost events: $(jq -c .loss "$file")"
}

# owned FILE OWNER FIELD: the sum of a field over the owner's instances.
owned()
{
	jq --arg o "$2" "[.owners[] | select(.owner == \$o) | .$3] | add // 0" "$1"
}

# at_site FILE OWNER REGEX FIELD: the sum over the owner's sites whose name matches.
at_site()
{
	jq --arg o "$2" --arg r "$3" \
		"[.owners[] | select(.owner == \$o) | .sites[] | select(.site | test(\$r)) | .$4] | add // 0" \
		"$1"
}

# in_cache FILE OWNER REGEX FIELD: the sum over the owner's sites whose cache matches.
in_cache()
{
	jq --arg o "$2" --arg r "$3" \
		"[.owners[] | select(.owner == \$o) | .sites[] | select(.cache | test(\$r)) | .$4] | add // 0" \
		"$1"
}

# The kinds of the test driver that are slab objects seen one by one.
SLAB_KINDS="kmalloc kzalloc kconst kmalloc_node kcalloc kmemdup kstrdup kasprintf kvmalloc krealloc
	devm cache ucache mempool mempoolk large"

# Where a kind's objects come from, as drvmem names it.
site_of()
{
	case $1 in
	kasprintf) echo '^k(v)?asprintf\+' ;;
	mempool | mempoolk) echo '^mempool_alloc(_noprof)?\+' ;;
	*) echo "^alloc_$1\\+" ;;
	esac
}

size_of()
{
	[ "$1" = large ] && echo 20000 || echo 200
}
