# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's page_owner, from a debugfs that is made here, in a mount namespace: what is missing says why and is
# null, never 0; what is there is compared with tracing.
. "$(dirname "$0")/../lib/contract.sh"
DATA=$(cd "$(dirname "$0")/../data" && pwd)

[ "$(id -u)" -eq 0 ] && can_trace || { skip "page_owner" "needs root, and a machine where tracing works"; finish; }
command -v jq >/dev/null || { skip "page_owner" "no jq"; finish; }
[ -d /sys/kernel/debug ] && unshare -m true 2>/dev/null || { skip "page_owner" "no mount namespace, or no debugfs"; finish; }

D=/sys/kernel/debug
# in_tree SCRIPT ARGS...: the script fills $D, then drvmem with these arguments
in_tree() {
	script=$1
	shift
	unshare -m sh -c "mount -t tmpfs none $D && mkdir $D/page_owner_stacks && $script && exec \"\$@\"" \
		sh "$DRVMEM" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	rc=$?
}
# same NAME GOT WANTED
same() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "'$2' instead of '$3'"; fi
}
q() { jq -r "$1" "$TMP/out"; }

in_tree true report --coverage -f json -- true
same "nothing there" "$rc $(q '.baseline | [.page_owner, .page_owner_reason] | tostring')" \
	'0 [null,"debugfs is not mounted at /sys/kernel/debug"]'
same "nothing there: nothing compared" "$(q 'has("page_owner")')" false
in_tree "echo hello >$D/page_owner" report --coverage -f json -- true
same "none that is known" "$(q '.baseline.page_owner_reason')" "the file has a form that is not known"
if setpriv --bounding-set=-dac_override,-dac_read_search true 2>/dev/null; then
	in_tree "echo >$D/page_owner && chmod 0 $D/page_owner && set -- setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search \"\$@\"" \
		report --coverage -f json -- true
	same "denied" "$(q '.baseline | [.page_owner, .page_owner_reason] | tostring')" '[null,"permission denied"]'
else
	skip "denied" "setpriv cannot give up the right"
fi

S=$D/page_owner_stacks/show_stacks
# ended by Ctrl-C, as most are: what it reads then is read to its end
in_tree "cp $DATA/page_owner_stacks-6.12.txt $S" report --coverage -f json -- sh -c "sed 's/nr_base_pages: 45/nr_base_pages: 50/' $DATA/page_owner_stacks-6.12.txt >$S; kill -INT \$PPID; kill -STOP \$\$"
same "stacks" "$(q '.baseline.page_owner.source')" show_stacks
same "pages of before" "$(q '.baseline.owners[] | select(.owner == "drvmem_test") | .page_owner_bytes')" $((59 * 4096))
same "blocks are not told" "$(q '.baseline.owners[] | select(.owner == "drvmem_test") | .page_owner_blocks')" null
same "pages since" "$(q '.page_owner[] | select(.owner == "drvmem_test") | [.since_bytes, .traced_bytes, .difference_bytes] | tostring')" \
	'[20480,0,-20480]'
in_tree "cp $DATA/page_owner_stacks-6.12.txt $S" report --coverage -- sh -c "rm $S"
grep -q '^pages beside page_owner: -: debugfs is not mounted' "$TMP/out" && ok "gone meanwhile, as text" ||
	not_ok "gone meanwhile, as text" "status $rc: $(tail -3 "$TMP/out")"

R=$D/page_owner
in_tree "cp $DATA/page_owner-6.12.txt $R" report --baseline -f json -- sh -c "sed -n '/via order 3.*99-sample/,/^\$/p' $DATA/page_owner-6.12.txt | sed 's/ts [0-9]* ns/ts 99999999999 ns/' >$R"
same "records" "$(q '.baseline.page_owner | [.source, .records, .records_skipped] | tostring')" '["page_owner",17,0]'
same "blocks of before" "$(q '.baseline.owners[] | select(.owner == "drvmem_test") | .page_owner_blocks')" 8
same "taken since, by time" "$(q '.page_owner[] | select(.owner == "drvmem_test") | .since_bytes')" $((8 * 4096))
in_tree "head -c 5000 $DATA/page_owner-6.12.txt >$R" report --baseline -f json -- true
same "cut short" "$(q '.baseline.page_owner.records_skipped')" 1
same "nothing since" "$(q '[.page_owner[] | select(.owner == "drvmem_test")]')" "[]"
finish
