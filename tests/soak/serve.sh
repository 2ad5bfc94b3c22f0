#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The exporter for SECONDS (default 120) under allocations, with scrapes, hostile requests and reloads beside: both
# processes stay, no counter goes down, neither's own memory grows. Judges counts and sizes, not time.
. "$(dirname "$0")/../lib/contract.sh"
SECONDS_WANTED=${1:-120}
can_trace || { skip "soak" "cannot trace here: drvmem doctor tells why"; finish; }
command -v curl >/dev/null || { skip "soak" "curl is missing"; finish; }

cleanup() {
	kill "$LOAD" "$PID" 2>/dev/null
	rm -rf "$TMP"
}
"$DRVMEM" serve --interval 500ms --judge-every 15s --max-overhead 100 --web.listen-address=unix:"$TMP/web.sock" --web.enable-profiles --web.enable-api \
	>"$TMP/stdout" 2>"$TMP/log" </dev/null &
PID=$!
# files that come and go: dentries, inodes, pages
(while :; do
	mkdir -p "$TMP/load" && for i in 1 2 3 4 5 6 7 8 9; do : >"$TMP/load/$i"; done
	rm -rf "$TMP/load"
	sleep 0.05
done) &
LOAD=$!
trap cleanup EXIT
get() { curl -gs -m 20 --unix-socket "$TMP/web.sock" "$@"; }
n=0
until grep -q 'msg=ready' "$TMP/log" || [ $n -ge 600 ] || ! kill -0 "$PID"; do n=$((n + 1)); sleep 0.1; done
grep -q 'msg=ready' "$TMP/log" && ok "ready" || not_ok "ready" "$(tail -n 2 "$TMP/log")"
WEB=$(pgrep -o -P "$PID")
rss() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status" 2>/dev/null || echo 0; }

# counters FILE: name and labels, value
counters() { grep -E '^[a-z_]+_total(\{| )' "$1" | sed 's/ \([^ ]*\)$/\t\1/' | sort; }
get http://x/metrics >"$TMP/m" && counters "$TMP/m" >"$TMP/before"
scrapes=0 failed_scrapes=0 went_down=0 half=
end=$(($(date +%s) + SECONDS_WANTED))
while [ "$(date +%s)" -lt "$end" ]; do
	if get -f http://x/metrics >"$TMP/m"; then
		scrapes=$((scrapes + 1))
		counters "$TMP/m" >"$TMP/now"
		down=$(join -t "$(printf '\t')" "$TMP/before" "$TMP/now" | awk -F'\t' '$3 + 0 < $2 + 0' | head -n 1)
		[ -z "$down" ] || { went_down=$((went_down + 1)); echo "# $down"; }
		mv "$TMP/now" "$TMP/before"
	else
		failed_scrapes=$((failed_scrapes + 1))
	fi
	get -o /dev/null -H 'Accept: application/openmetrics-text' -H 'Accept-Encoding: gzip' http://x/metrics
	get -o /dev/null http://x/debug/pprof/heap
	get -o /dev/null http://x/api/v1/report
	get -o /dev/null -X DELETE 'http://x/%00%ff../x?collect[]=%0a'
	get -o /dev/null -H "X: $(head -c 33000 /dev/zero | tr '\0' a)" http://x/
	kill -HUP "$PID"
	# what both hold after a third of the time is what they need
	[ -n "$half" ] || [ "$(($(date +%s) + SECONDS_WANTED * 2 / 3))" -lt "$end" ] || half="$(rss "$PID") $(rss "$WEB")"
	sleep 0.5
done
echo "# $scrapes scrapes; resident kB of tracing and web process: ${half:-?}, then $(rss "$PID") $(rss "$WEB")"
[ "$scrapes" -ge 20 ] && ok "scraped" || not_ok "scraped" "$scrapes times"
[ "$failed_scrapes" -eq 0 ] && ok "every scrape was answered" || not_ok "every scrape was answered" "$failed_scrapes were not"
[ "$(get http://x/metrics | sed -n 's/^drvmem_last_leak_scan_timestamp_seconds \([0-9]*\).*/\1/p')" -gt 0 ] && ok "growth was judged" ||
	not_ok "growth was judged" "never"
[ "$went_down" -eq 0 ] && ok "no counter went down" || not_ok "no counter went down" "$went_down times"
kill -0 "$WEB" 2>/dev/null && ok "the web process lives" || not_ok "the web process lives" "$(grep -m 3 level=error "$TMP/log")"
# new call sites and modules may take some; a leak of each interval or request would take more
set -- ${half:-0 0}
[ "$(rss "$PID")" -le $(($1 + 16384)) ] && ok "the tracing process does not grow" ||
	not_ok "the tracing process does not grow" "$1 kB, then $(rss "$PID") kB"
[ "$(rss "$WEB")" -le $(($2 + 8192)) ] && ok "the web process does not grow" ||
	not_ok "the web process does not grow" "$2 kB, then $(rss "$WEB") kB"
kill -TERM "$PID"
wait "$PID"
rc=$?
[ "$rc" -eq 0 ] && ok "ended" || not_ok "ended" "status $rc"
finish
