#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The exporter and 10,000 clients that mean no good, on TCP with and without TLS and on a unix socket: who asks as
# a scraper does is answered meanwhile, neither process grows, no file stays open. SECONDS of each attack (default 30).
cd "$(dirname "$0")/../.." || exit 1
DRVMEM=${DRVMEM:-$(pwd)/build/drvmem}
export DRVMEM
. tests/lib/contract.sh
T=${1:-30} N=${CLIENTS:-10000}
can_trace || { skip "hostile" "cannot trace here: drvmem doctor tells why"; finish; }
command -v curl >/dev/null && command -v openssl >/dev/null && command -v gcc >/dev/null ||
	{ skip "hostile" "curl, openssl or gcc is missing"; finish; }
hard=$(ulimit -Hn)
[ "$hard" = unlimited ] || [ "$hard" -ge $((N + 64)) ] || { skip "hostile" "only $hard open files may be had"; finish; }
gcc -O1 -g -o "$TMP/hostile" tests/lib/hostile.c || { not_ok "hostile" "tests/lib/hostile.c does not compile"; finish; }

PID= ATTACK=
cleanup() {
	[ -z "$ATTACK" ] || { kill -CONT "$ATTACK"; kill "$ATTACK"; } 2>/dev/null
	[ -z "$PID" ] || kill "$PID" 2>/dev/null
	rm -rf "$TMP"
}
trap cleanup EXIT
is_in_log() { grep -q "$1" "$TMP/log"; }
# until_true SECONDS CMD...
until_true() {
	left=$(($1 * 10))
	shift
	until "$@" || [ $left -le 0 ]; do
		left=$((left - 1))
		sleep 0.1
	done
	"$@"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=IP:127.0.0.1 -keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>"$TMP/openssl"
printf 'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n' >"$TMP/tls.yml"
: >"$TMP/plain.yml"

get() { curl -gs -m 20 --cacert "$TMP/cert.pem" "$@"; }
quiet() { get -f -o "$TMP/quiet" "$U2/metrics"; }	# at the other address
figure() { sed -n "s/^$1 //p" "$TMP/quiet"; }
rss() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; }
files() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
start() { # plain or tls
	: >"$TMP/log"
	"$DRVMEM" serve --interval 500ms --max-overhead 100 --web.listen-address=127.0.0.1:0 \
		--web.listen-address=127.0.0.1:0 --web.listen-address=unix:"$TMP/web.sock" --web.enable-profiles \
		--web.enable-api --web.config.file="$TMP/$1.yml" >"$TMP/stdout" 2>"$TMP/log" </dev/null &
	PID=$!
	until_true 60 is_in_log 'gave up what\|no capability was given up' || not_ok "ready" "$(tail -n 2 "$TMP/log")"
	WEB=$(pgrep -o -P "$PID")
	# shellcheck disable=SC2046 # two words
	set -- "$1" $(sed -n 's/.*address=127.0.0.1://p' "$TMP/log")
	P1=$2 P2=$3
	[ "$1" = tls ] && scheme=https || scheme=http
	U1=$scheme://127.0.0.1:$P1 U2=$scheme://127.0.0.1:$P2
}
is_calm() { quiet && [ "$(figure drvmem_web_connections)" -le 1 ]; }

# attack NAME HOST PORT KIND...: for T seconds; scrapes of the same address meanwhile
attack() {
	name=$1 host=$2 port=$3
	shift 3
	until_true 70 is_calm
	before="$(files "$PID") $(files "$WEB") $(rss "$PID") $(rss "$WEB")"
	kept_before=$(kernel_kb)
	"$TMP/hostile" "$host" "$port" "$N" "$T" "$@" >"$TMP/hostile.out" 2>&1 &
	ATTACK=$!
	sleep 2	# the attack is under way
	good=0 bad=0 worst=0 stopped= most=0
	end=$(($(date +%s) + T - 3))
	while [ "$(date +%s)" -lt "$end" ]; do
		began=$(date +%s)
		if [ "$host" = unix ]; then	# where a full queue is an error at once: as a proxy, again
			get --retry 5 --retry-connrefused --retry-all-errors --retry-delay 1 -f -o "$TMP/scrape" --unix-socket "$port" http://x/metrics
		else
			get -f -o "$TMP/scrape" "$U1/metrics"
		fi && good=$((good + 1)) || bad=$((bad + 1))
		took=$(($(date +%s) - began))
		[ $took -le $worst ] || worst=$took
		now=$(rss "$WEB")
		[ "${now:-0}" -le $most ] || most=$now
		# the whole crowd is suspended in the middle of whatever it does, for the last third
		if [ -z "$stopped" ] && [ "$(date +%s)" -ge $((end - T / 3)) ]; then
			kill -STOP "$ATTACK"
			stopped=yes
		fi
		sleep 0.2
	done
	# what was never read must not stay in the kernel when its connection is closed: it was a quarter of a GiB
	kept=$(kernel_kb)
	is_running "$WEB" && quiet && ok "$name: another address is served" || not_ok "$name: another address is served" "$(tail -n 2 "$TMP/log")"
	kill -CONT "$ATTACK" 2>/dev/null
	wait "$ATTACK"
	ATTACK=
	echo "# $name: $(cat "$TMP/hostile.out"); $good scrapes were answered, $bad not, the slowest took $worst s; web process $most kB at most, the kernel $kept kB"
	grep -q '^[1-9][0-9]* connections' "$TMP/hostile.out" && ok "$name: there was an attack" || not_ok "$name: there was an attack" "$(cat "$TMP/hostile.out")"
	[ "$good" -ge 3 ] && [ "$good" -gt "$bad" ] && ok "$name: scrapes are answered" || not_ok "$name: scrapes are answered" "$good were, $bad not"
	[ "$kept" -le $((kept_before + 65536)) ] && ok "$name: the kernel's part is bounded" || not_ok "$name: the kernel's part is bounded" "$kept_before kB, then $kept kB"
	until_true 70 is_calm && ok "$name: all places are free again" || not_ok "$name: all places are free again" "$(figure drvmem_web_connections) are taken"
	# shellcheck disable=SC2086 # words
	set -- $before
	until_true 10 same_files "$1" "$2" && ok "$name: no file stays open" ||
		not_ok "$name: no file stays open" "$1 and $2 before, $(files "$PID") and $(files "$WEB") after"
	# 64 answers at once may be held, and what malloc keeps of them; sanitizers keep what was freed, 256 MiB of it
	room=${SANITIZED:+327680}
	[ "$most" -le $(($4 + ${room:-49152})) ] && ok "$name: the web process is bounded" || not_ok "$name: the web process is bounded" "$4 kB, then $most kB"
	[ "$(rss "$PID")" -le $(($3 + ${room:-16384})) ] && ok "$name: the tracing process does not notice" || not_ok "$name: the tracing process does not notice" "$3 kB, then $(rss "$PID") kB"
	[ "$(figure drvmem_web_connections_ended_total.*crowded..)" -gt 0 ] && ok "$name: who was thrown out is counted" || not_ok "$name: who was thrown out is counted" "none"
	is_fresh && ok "$name: figures are fresh" || not_ok "$name: figures are fresh" "$(figure drvmem_snapshot_age_seconds) s"
}
# the tracing one keeps the last document of each of four kinds, and may read a file right now
kernel_kb() { sed -n 's/^TCP:.* mem \([0-9]*\)/\1/p' /proc/net/sockstat | awk '{ print $1 * 4 }'; }
same_files() { [ "$(files "$PID")" -le "$(($1 + 4))" ] && [ "$(files "$WEB")" -le "$2" ]; }
is_gone() { ! [ -e "/proc/$1" ]; }
is_running() { kill -0 "$1" 2>/dev/null; }
is_fresh() { quiet && figure drvmem_snapshot_age_seconds | awk '{ exit !($1 < 5) }'; }

ALL="silent header drip body getbody expect getexpect chunked getchunked flood floodread slow heap report half halfheader halfsilent tls garbage reset"
start plain
# shellcheck disable=SC2086 # words
{
	attack "all kinds" 127.0.0.1 "$P1" $ALL
	attack "all kinds, unix socket" unix "$TMP/web.sock" $ALL
	attack "floods" 127.0.0.1,127.0.0.2 "$P1" flood floodread
	attack "who never reads" 127.0.0.1,127.0.0.2 "$P1" slow heap report reset
}
# one that dies again and again: connections do not hang until it is back
deaths=0
until is_in_log 'web process ended' && [ $deaths -ge 4 ]; do
	n=0
	until WEB=$(pgrep -o -P "$PID") || [ $n -ge 200 ]; do n=$((n + 1)); sleep 0.1; done
	[ -n "$WEB" ] || break
	kill -KILL "$WEB"
	deaths=$((deaths + 1))
	until_true 5 is_gone "$WEB"
done
sleep 1
began=$(date +%s)
get -o /dev/null "$U1/metrics"
rc=$? took=$(($(date +%s) - began))
[ "$rc" -ne 28 ] && [ $took -le 5 ] && ok "nobody hangs while there is no web process" || not_ok "nobody hangs while there is no web process" "status $rc after $took s"
until_true 90 quiet && ok "the web process comes back" || not_ok "the web process comes back" "$(tail -n 2 "$TMP/log")"
kill -TERM "$PID"
wait "$PID"
rc=$?
[ "$rc" -eq 0 ] && ok "ended" || not_ok "ended" "status $rc"

no_findings() {
	[ -z "${SANITIZED:-}" ] && return
	grep -q 'Sanitizer\|runtime error' "$TMP/log" && not_ok "sanitizers: $1" "$(grep -m 5 -A 12 'Sanitizer\|runtime error' "$TMP/log")" ||
		ok "sanitizers: $1"
}
no_findings "plain"
start tls
# shellcheck disable=SC2086 # words
attack "handshakes that stop" 127.0.0.1 "$P1" tls silent garbage halfsilent
kill -TERM "$PID"
wait "$PID"
rc=$?
[ "$rc" -eq 0 ] && ok "ended, TLS" || not_ok "ended, TLS" "status $rc"
no_findings "TLS"
PID=
finish
