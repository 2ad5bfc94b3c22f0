# SPDX-License-Identifier: GPL-2.0-or-later
# A machine that is short of something: disk, open files, memory, somebody who reads the log.
. "$(dirname "$0")/../lib/contract.sh"

can_trace || { skip "shortage" "cannot trace here: drvmem doctor tells why"; finish; }

# a textfile on a full disk: the collector goes on with the old one, and finds nothing half
if [ "$(id -u)" -eq 0 ] && mkdir "$TMP/disk" && unshare -m mount -t tmpfs none "$TMP/disk" 2>/dev/null; then
	# shellcheck disable=SC2016 # for the shell inside
	unshare -m sh -c 'mount -t tmpfs -o size=64k none "$2" && cd "$2" && echo old >m.prom &&
		{ dd if=/dev/zero of=fill bs=1k 2>/dev/null; "$1" metrics --duration 100ms --textfile m.prom 2>err.txt
		  echo "$?" "$(cat m.prom)" $(ls -A); }' sh "$DRVMEM" "$TMP/disk" >"$TMP/said" 2>"$TMP/err"
	[ "$(cat "$TMP/said")" = "5 old err.txt fill m.prom" ] && ok "a textfile on a full disk" ||
		not_ok "a textfile on a full disk" "$(cat "$TMP/said" "$TMP/err")"
else
	skip "a textfile on a full disk" "nothing can be mounted here"
fi

# a closed standard output is no other file, and what was not written is no success
"$DRVMEM" version >&- 2>"$TMP/err" </dev/null
rc=$?
[ "$rc" -eq 5 ] && grep -q EBADF "$TMP/err" && ok "stdout is closed" || not_ok "stdout is closed" "status $rc: $(cat "$TMP/err")"

"$DRVMEM" serve --web.listen-address=nonsense 2>&1 | grep -q 'no address to listen at' && command -v curl >/dev/null &&
	command -v prlimit >/dev/null && command -v perl >/dev/null || { skip "shortage, serve" "no serve, curl, perl or prlimit"; finish; }
(ulimit -n 40 && exec "$DRVMEM" serve --web.listen-address=unix:"$TMP/web.sock") >"$TMP/out" 2>"$TMP/err" </dev/null
rc=$?
expect "serve: too few files at the start" 3 'EMFILE'
grep -q 'ulimit -n 1024' "$TMP/err" && ok "serve: too few files: remedy" || not_ok "serve: too few files: remedy" "$(cat "$TMP/err")"
(ulimit -v 50000 && exec "$DRVMEM" serve --web.listen-address=unix:"$TMP/web.sock") >"$TMP/out" 2>"$TMP/err" </dev/null
rc=$?
grep -q 'ulimit -v' "$TMP/err" && { [ "$rc" -eq 5 ] || [ "$rc" -eq 3 ]; } && ok "serve: too little memory at the start" ||
	not_ok "serve: too little memory at the start" "status $rc: $(cat "$TMP/err")"

# one that runs: its log is a pipe
code() { curl -gs -m 10 -o /dev/null -w '%{http_code}' --unix-socket "$TMP/web.sock" "http://x$1"; }
# until_is WANT CMD...: a minute at most
until_is() {
	tries=0 want=$1
	shift
	until [ "$("$@")" = "$want" ] || [ $tries -ge 600 ]; do tries=$((tries + 1)); sleep 0.1; done
	[ "$("$@")" = "$want" ]
}
# a refusal at a time, until one is in the log
refused_again() { code /nobody >"$TMP/code"; grep -c -m 1 'path=/nobody' "$TMP/log"; }
lines() { grep -c "$1" "$TMP/log"; }

mkfifo "$TMP/fifo"
# a pipe of one page (F_SETPIPE_SZ) that nobody empties: the first line fills it, and nothing waits for it
perl -e 'open(F, "<", $ARGV[0]); fcntl(F, 1031, 4096); sleep 600' "$TMP/fifo" &
reader=$!
# MALLOC_MMAP_THRESHOLD_: what it needs is asked of the kernel each time
MALLOC_MMAP_THRESHOLD_=16384 "$DRVMEM" serve --interval 200ms --max-overhead 100 --web.enable-api --web.enable-profiles --web.listen-address=unix:"$TMP/web.sock" >"$TMP/out" 2>"$TMP/fifo" </dev/null &
PID=$!
trap 'kill "$PID" "$reader" 2>/dev/null; rm -rf "$TMP"' EXIT
until_is 200 code /-/ready || not_ok "serve: ready" "-"
i=0
long=$(head -c 8000 /dev/zero | tr '\0' '\1' | sed 's/\x01/%07/g' | head -c 15000)
while [ $i -lt 5 ]; do i=$((i + 1)); code "/$long" >"$TMP/code"; done
# it tries what rights it needs at the same time, for half a minute at most
[ "$(cat "$TMP/code")" = 404 ] && until_is 200 code /-/ready && ok "serve: a log that nobody reads" ||
	not_ok "serve: a log that nobody reads" "$(cat "$TMP/code") $(code /-/ready)"
cat "$TMP/fifo" >"$TMP/log" &
cat=$!
kill "$reader"
trap 'kill "$PID" "$cat" 2>/dev/null; rm -rf "$TMP"' EXIT
until_is 1 refused_again || not_ok "serve: the log is read again" "$(lines .)"
code "/$long" >"$TMP/code"
until_is 1 lines 'path="/.u0007' || not_ok "serve: a long path is logged" "$(lines .)"
longest=$(awk '{ if (length > n) n = length } END { print n + 0 }' "$TMP/log")
[ "$longest" -gt 400 ] && [ "$longest" -lt 4096 ] && ok "serve: lines of the log have an end" || not_ok "serve: lines of the log have an end" "$longest characters"
if prlimit --pid "$PID" --nofile=3: 2>"$TMP/err"; then
	until_is 1 lines 'documents could not be passed on.*EMFILE' && until_is 503 code /-/ready && ok "serve: no more files" ||
		not_ok "serve: no more files" "$(grep component=trace "$TMP/log" | tail -n 3)"
	prlimit --pid "$PID" --nofile=1024:
	until_is 200 code /-/ready && ok "serve: files again" || not_ok "serve: files again" "$(grep component=trace "$TMP/log" | tail -n 3)"
	prlimit --pid "$PID" --as=1000000:
	until_is 1 lines 'figures could not be read.*ENOMEM.*ulimit -v' && until_is 503 code /-/ready && ok "serve: no more memory" ||
		not_ok "serve: no more memory" "$(grep component=trace "$TMP/log" | tail -n 3)"
	prlimit --pid "$PID" --as=unlimited:
	until_is 200 code /-/ready && ok "serve: memory again" || not_ok "serve: memory again" "$(grep component=trace "$TMP/log" | tail -n 3)"
	grep -q 'lines_lost_so_far=[1-9]' "$TMP/log" && ok "serve: lost lines are counted" || not_ok "serve: lost lines are counted" "$(tail -n 2 "$TMP/log")"
	[ "$(lines level=error)" -eq 2 ] && ok "serve: each is told once" || not_ok "serve: each is told once" "$(grep level=error "$TMP/log")"
else
	skip "serve: no more files" "$(cat "$TMP/err")"
fi
kill "$cat"
wait "$cat" 2>/dev/null
code /nobody-logs-this >"$TMP/code"
[ "$(cat "$TMP/code")" = 404 ] && [ "$(code /-/ready)" = 200 ] && ok "serve: a log that broke" || not_ok "serve: a log that broke" "$(cat "$TMP/code")"
kill -TERM "$PID"
wait "$PID"
rc=$?
[ "$rc" -eq 0 ] && ok "serve: ended" || not_ok "serve: ended" "status $rc"

# a table too small for what lives: what it did not take is counted, and told where the figures are
"$DRVMEM" serve --interval 200ms --track-max 1 --max-sites 16 --max-overhead 100 --web.listen-address=unix:"$TMP/web.sock" >"$TMP/out" 2>"$TMP/log" </dev/null &
PID=$!
trap 'kill "$PID" 2>/dev/null; rm -rf "$TMP"' EXIT
until_is 200 code /-/ready || not_ok "serve, small: ready" "$(tail -n 2 "$TMP/log")"
mkdir "$TMP/many" && (cd "$TMP/many" && seq 20000 | xargs touch)
full() { curl -gs -m 10 --unix-socket "$TMP/web.sock" http://x/metrics >"$TMP/m" && grep -cE '^drvmem_events_dropped_total\{reason="map_full"\} [1-9]' "$TMP/m"; }
until_is 1 full && ok "serve, small: a full table is counted" || not_ok "serve, small: a full table is counted" "$(grep dropped "$TMP/m")"
[ "$(code /-/ready)" = 200 ] && ok "serve, small: goes on" || not_ok "serve, small: goes on" "$(tail -n 2 "$TMP/log")"
kill -TERM "$PID"
wait "$PID"
rc=$?
[ "$rc" -eq 0 ] && ok "serve, small: ended" || not_ok "serve, small: ended" "status $rc"
finish
