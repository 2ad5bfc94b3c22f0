# SPDX-License-Identifier: GPL-2.0-or-later
# `drvmem top` as its user has it: in a terminal of tmux, keys typed, the screen read back. Waits
# are for a text on the screen, with a limit. What needs no tracing comes first.
. "$(dirname "$0")/../lib/contract.sh"

run top </dev/null
expect "top: no terminal" 2 "needs a terminal"
grep -q -e '--batch' "$TMP/err" && ok "top: the remedy is --batch" || not_ok "top: the remedy is --batch" "not told"
run top --count 2
expect "top: --count without --batch" 2 "--count, --output and --format are for --batch"
run top --batch 1 2 -n 3
expect "top: COUNT twice" 2 "use one"
run top --batch -- true
expect "top: no command" 2 "follows no command"
run top --tab nothing
expect "top: an unknown tab" 2 "tab"

if ! can_trace; then
	skip "top" "cannot trace here ('drvmem doctor' says why)"
	finish
fi

run top --batch -n 2 300ms
n=$(grep -c '^  TOTAL ' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$n" -eq 2 ] && ok "--batch in a pipe" || not_ok "--batch in a pipe" "status $rc, $n tables"
tr '\n' ' ' <"$TMP/out" | grep -q 'RAM [0-9.]*[KMGT]i = user .* UNACCOUNTED .* free ' && ok "--batch has all RAM" ||
	not_ok "--batch has all RAM" "$(head -3 "$TMP/out")"
grep -q "$(printf '\033')" "$TMP/out" && not_ok "--batch is plain text" "escape sequences" || ok "--batch is plain text"
LC_ALL=C run top --batch -n 1 300ms --tab sites
LC_ALL=C grep -q '[^ -~]' "$TMP/out" && not_ok "--batch in the C locale" "not ASCII" || ok "--batch in the C locale"
run top --batch -n 2 300ms -f json
[ "$(grep -c '^{"schema_version":1,.*}$' "$TMP/out")" -eq 2 ] && ok "--batch -f json" || not_ok "--batch -f json" "status $rc"
run top --batch -n 1 300ms -m no_such_module
expect "top: a pattern that fits no owner" 2 "no owner matches"
run top --batch -n 1 300ms -o "$TMP/top.txt"
[ "$rc" -eq 0 ] && [ ! -s "$TMP/out" ] && grep -q TOTAL "$TMP/top.txt" && ok "--batch -o FILE" ||
	not_ok "--batch -o FILE" "status $rc"

# a recorded session in place of a live run
S=$TMP/s.drvmem
run record -o "$S" --interval 500ms -- sh -c "sleep 0.7; '$DRVMEM' mark one; sleep 0.7; '$DRVMEM' mark 'two words'; sleep 0.7"
[ "$rc" -eq 0 ] || not_ok "top FILE: a session" "status $rc: $(head -c 300 "$TMP/err")"
run top --batch -n 3 "$S"
n=$(grep -c '^  TOTAL ' "$TMP/out")
[ "$rc" -eq 0 ] && [ "$n" -eq 3 ] && ok "--batch FILE: its last moments" || not_ok "--batch FILE: its last moments" "status $rc, $n tables"
for tab in pools devices leaks timeline health; do
	run top --batch --tab $tab "$S"
	[ "$rc" -eq 0 ] && [ -s "$TMP/out" ] && ok "--tab $tab" || not_ok "--tab $tab" "status $rc"
done
run top --batch -f json "$S"
# the same total as the report of that moment
total() { sed 's/.*"totals\{0,1\}":{//; s/.*"live_bytes":\([0-9-]*\).*/\1/' "$1" | head -n 1; }
cp "$TMP/out" "$TMP/top.json"
run report -f json "$S"
is_json "$TMP/top.json" && [ -n "$(total "$TMP/out")" ] && [ "$(total "$TMP/out")" = "$(total "$TMP/top.json")" ] &&
	ok "top FILE and report FILE agree" || not_ok "top FILE and report FILE agree" "$(total "$TMP/top.json"), $(total "$TMP/out")"
run top --batch "$S" --window ..
expect "top FILE: no window" 2 "one moment"
run top "$S" </dev/null
expect "top FILE: no terminal" 2 "needs a terminal"

if ! command -v tmux >/dev/null 2>&1; then
	skip "top in a terminal" "tmux is missing"
	finish
fi
# a server of its own for each terminal: one that ends still answers for a moment
server=0
first=600	# tries of what is waited for in a terminal; fewer where one waited in vain
mux() { tmux -S "$TMP/tmux.$server" -f /dev/null "$@" 2>>"$TMP/mux.err"; }
trap 'mux kill-server; rm -rf "$TMP"' EXIT

# open COLS ROWS LOCALE ARGS...: a shell in a terminal, and top in it
open() {
	cols=$1 rows=$2 locale=$3
	shift 3
	mux kill-server
	server=$((server + 1)) patience=$first failures=0
	LC_ALL=C.UTF-8 mux -u new-session -d -x "$cols" -y "$rows" "env PS1='ready$ ' sh" || return 1
	mux set-option -g remain-on-exit on
	mux set-option -g set-clipboard on
	see 'ready\$' || return 1
	mux send-keys "cd '$TMP'; stty -a >before; export LC_ALL=$locale; '$DRVMEM' top $*; echo ended=\$?; stty -a >after" Enter
}
# until_screen COMMAND...: it holds of the screen in $TMP/screen within 30 s. Who waited in vain in a terminal waits a
# second for what comes after, soon not at all, and in other terminals five; nobody waits for a top that has ended.
until_screen() {
	[ "$failures" -lt 3 ] || return 1
	tries=0
	until mux capture-pane -p >"$TMP/screen" && "$@"; do
		tries=$((tries + 1))
		if [ "$tries" -ge "$patience" ] || ! mux has-session || { grep -q '^ended=' "$TMP/screen" && [ "$2" != '^checked' ]; }; then
			patience=20 first=100 failures=$((failures + 1))
			return 1
		fi
		sleep 0.05
	done
}
has_text() { grep -Eq -e "$1" "$TMP/screen"; }
has_lines() { [ "$(wc -l <"$TMP/screen")" -eq "$1" ] && tail -n 1 "$TMP/screen" | grep -q F10Quit; }
# see PATTERN: the screen shows it (grep -E)
see() { until_screen has_text "$1"; }
# fills ROWS: the screen has so many lines, and the keys on the last one
fills() { until_screen has_lines "$1"; }
# click COL ROW: both from 1
click() { mux send-keys -l "$(printf "\033[M \\$(printf %o $(($1 + 32)))\\$(printf %o $(($2 + 32)))\033[M#\\$(printf %o $(($1 + 32)))\\$(printf %o $(($2 + 32)))")"; }
press() { mux send-keys "$@"; }
# shows NAME PATTERN
shows() { see "$2" && ok "$1" || not_ok "$1" "no '$2' on the screen: $(tr -s ' \n' ' ' <"$TMP/screen" | head -c 600)"; }
# ends NAME STATUS: by itself, and the terminal is as it was
ends() {
	shows "$1" "^ended=$2"
	press "stty -a >after; echo checked" Enter
	# a shell that was not yet at its prompt may throw away what was typed
	see '^checked' || press "stty -a >after; echo checked" Enter
	see '^checked' && cmp -s "$TMP/before" "$TMP/after" && ok "$1: the terminal is as it was" ||
		not_ok "$1: the terminal is as it was" "$(diff "$TMP/before" "$TMP/after" | head -3)"
	now=$(mux display -p '#{alternate_on}#{cursor_flag}#{mouse_any_flag}')
	[ "$now" = 010 ] && ok "$1: the screen of before, with a cursor, without the mouse" ||
		not_ok "$1: the screen of before, with a cursor, without the mouse" "$now"
}

if ! open 80 24 C.UTF-8 500ms; then
	not_ok "top in a terminal" "no shell in tmux"
	finish
fi
shows "the first screen" '^  TOTAL .*i '
shows "the tab is told" '\[1 Modules\]'
shows "RAM in classes" 'RAM .* = user .* \+ cache'
shows "verdicts" 'VERDICT'
shows "the keys are told" 'F1Help.*F10Quit'
[ "$(mux display -p '#{alternate_on}')" = 1 ] && ok "the other screen" || not_ok "the other screen" "not used"
fills 24 && ok "24 lines" || not_ok "24 lines" "$(wc -l <"$TMP/screen")"
for tab in '2 Call sites' '3 Pools' '4 Devices' '5 Leaks' '6 Timeline' '7 Health'; do
	press "${tab%% *}"
	shows "tab $tab" "\\[$tab\\]"
done
shows "health tells the loss" '^(no )?loss'
press 2
shows "call sites" '▼.*|CALL SITE'
press Down Enter
shows "into a call site" 'stack, [0-9]+ sample'
shows "why is told" '[0-9]+ allocated, [0-9]+ freed'
press y
shows "the stack is copied" 'sent to the clipboard'
mux show-buffer >"$TMP/clip" && grep -q 'stack, [0-9]* sample' "$TMP/clip" && grep -q '+0x' "$TMP/clip" &&
	ok "tmux has the stack" || not_ok "tmux has the stack" "$(head -c 200 "$TMP/clip")"
press Escape
shows "Esc goes back" '^[0-9]+ rows  sort: LIVE'
press s n
shows "sorted by name" 'sort: CALL SITE|sorted by name'
press '\' 'alloc'
shows "filter" 'Filter: alloc_'
press Enter
shows "the filter is kept" 'filter: alloc'
press Escape
shows "Esc takes the filter back" 'filter: - '
press /
shows "search" 'Search: _'
press Escape m
shows "a mark" 'mark 1'
press w
shows "the window" 'inside: allocated since the last mark'
press a
shows "by allocator" 'LIVE +SLAB'
press a
# lines above it come and go (what was lost): where it is now
clicked() {
	has_text '\[6 Timeline\]' && return 0
	row=$(grep -n ' 6 Timeline' "$TMP/screen" | head -n 1 | cut -d : -f 1)
	click 60 "${row:-1}"
	return 1
}
until_screen clicked it
shows "a click on a tab" '\[6 Timeline\]'
press p
shows "paused" 'PAUSED'
press 1
shows "keys work while paused" '\[1 Modules\]'
press p
press '?'
shows "help" 'Esc leaves this page'
press Escape
shows "help goes" '^  TOTAL '
press S
shows "saved" 'saved to drvmem-top-.*\.json'
set -- "$TMP"/drvmem-top-*.json
is_json "$1" && ok "what was saved is JSON" || not_ok "what was saved is JSON" "$1"
press R
shows "a report is saved" 'saved to drvmem-top-.*\.html'
set -- "$TMP"/drvmem-top-*.html
head -c 15 "$1" | grep -qi '^<!doctype html' && ok "the report is HTML" || not_ok "the report is HTML" "$(head -c 80 "$1")"
# a storm of sizes, then one that stays
i=0
while [ $i -lt 40 ]; do
	mux resize-window -x $((60 + i * 3)) -y $((14 + i))
	i=$((i + 1))
done
mux resize-window -x 200 -y 60
shows "200 x 60 after a storm of sizes" '.{190}|AGE p50'
fills 60 && ok "60 lines, the keys on the last" || not_ok "60 lines, the keys on the last" "$(tail -n 2 "$TMP/screen")"
mux resize-window -x 30 -y 8
shows "too small is said" 'too small'
mux resize-window -x 80 -y 24
shows "and back" '\[1 Modules\].*7 Health'
press q
ends "q" 0

open 80 24 C 500ms
shows "in the C locale" '^> '
press 6
shows "the trend is ASCII" 'TREND'
LC_ALL=C grep -q '[^ -~]' "$TMP/screen" && not_ok "nothing but ASCII" "$(LC_ALL=C grep -n '[^ -~]' "$TMP/screen" | head -2)" ||
	ok "nothing but ASCII"
press C-c
ends "Ctrl-C" 0

open 80 24 C.UTF-8 500ms
shows "before SIGTERM" '^  TOTAL '
kill -TERM "$(pgrep -P "$(mux display -p '#{pane_pid}')")"
ends "SIGTERM" 143
open 80 24 C.UTF-8 500ms
shows "before SIGABRT" '^  TOTAL '
kill -ABRT "$(pgrep -P "$(mux display -p '#{pane_pid}')")"
ends "a crash" 134

open 120 30 C.UTF-8 "$S"
shows "top FILE" 'RECORDED '
press ,
shows "the moment before" 'RECORDED .*\([1-9][0-9]* of [0-9]*\)'
press , , , , , , , , ,
shows "as far as the first one" '\(1 of '
press ']'
shows "to a mark, with its text" 'mark 1 of 2 recorded, one'
press ']'
shows "to the next mark" 'mark 2 of 2 recorded, two words'
press ']'
shows "there is none behind" 'no mark behind this moment: 2 marks'
press , , , , , ,
shows "back to the first one" '\(1 of '
press .
shows "and forward" '\(2 of '
press 3
shows "pools of a recording" 'kmem_cache'
press q
ends "top FILE: q" 0

NO_COLOR=1 open 80 24 C.UTF-8 500ms
press 1
shows "NO_COLOR: the screen" '^  TOTAL '
mux capture-pane -pe >"$TMP/screen"
grep -q "$(printf '\033')\\[[0-9;]*3[0-7][;m]" "$TMP/screen" && not_ok "NO_COLOR" "colours" || ok "NO_COLOR"
press q
ends "F10 or q" 0
finish
