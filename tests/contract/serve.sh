# SPDX-License-Identifier: GPL-2.0-or-later
# The exporter, as a scraper and as a stranger see it. Waits are for conditions; ports are the kernel's choice.
. "$(dirname "$0")/../lib/contract.sh"

run serve --web.listen-address=nonsense
expect "address: nonsense" 2 "'nonsense' is no address to listen at"
run serve --web.listen-address=0.0.0.0:0
expect "address: everybody, unguarded" 2 "anybody could read"
run serve --web.systemd-socket
expect "systemd: no socket" 2 "handed over no socket"
run serve --web.telemetry-path=metrics
expect "path" 2 "is a path like /metrics"
echo 'nonsense: 1' >"$TMP/bad.yml"
run serve --web.config.file="$TMP/bad.yml"
expect "configuration: unknown key" 2 "'nonsense' is not known"
run serve --web.config.file="$TMP/none.yml"
expect "configuration: no file" 2 "cannot read the web configuration"
run serve -- true
expect "no command" 2 "serve runs no command"

can_trace || { skip "serve" "cannot trace here: drvmem doctor tells why"; finish; }
command -v curl >/dev/null && command -v promtool >/dev/null && command -v openssl >/dev/null ||
	{ skip "serve" "curl, openssl or promtool is missing"; finish; }

PID=
# start ARGS...: in the background; sets PID, and ADDR to where it listens
start() {
	: >"$TMP/log"
	"$DRVMEM" serve --interval 200ms "$@" >"$TMP/stdout" 2>"$TMP/log" </dev/null &
	PID=$!
	trap 'kill "$PID" 2>/dev/null; rm -rf "$TMP"' EXIT
	until_log 'msg"*[=:]"*ready'
	ADDR=$(sed -n 's/.* msg=listening address=//p' "$TMP/log" | head -n 1)
}
# until_log PATTERN: thirty seconds at most
until_log() {
	n=0
	until grep -q "$1" "$TMP/log" || [ $n -ge 300 ] || ! kill -0 "$PID" 2>/dev/null; do
		n=$((n + 1))
		sleep 0.1
	done
	grep -q "$1" "$TMP/log"
}
# until_code CODE CURL-ARGS...: ten seconds at most
until_code() {
	n=0 want=$1
	shift
	until [ "$(code "$@")" = "$want" ] || [ $n -ge 100 ]; do
		n=$((n + 1))
		sleep 0.1
	done
	[ "$(code "$@")" = "$want" ]
}
# a build with sanitizers (tests/deep/serve-sanitized.sh) tells there what it found, at the end too
clean_log() {
	[ -z "${SANITIZED:-}" ] && return
	grep -q 'Sanitizer\|runtime error' "$TMP/log" && not_ok "sanitizers: $1" "$(grep -m 5 -A 12 'Sanitizer\|runtime error' "$TMP/log")" ||
		ok "sanitizers: $1"
}
stop() {
	kill -TERM "$PID"
	wait "$PID"
	rc=$?
	clean_log "to the end"
}
get() { curl -gs -m 10 --path-as-is "$@"; }
code() { get -o /dev/null -w '%{http_code}' "$@"; }
# is NAME WANT GOT
is() { [ "$2" = "$3" ] && ok "$1" || not_ok "$1" "'$3' in place of '$2'"; }

# More CPUs than there can be samplers for: nobody asked for sampling, so that it starts without
echo 0-767 >"$TMP/possible"
if [ "$(id -u)" -eq 0 ] && unshare -m mount --bind "$TMP/possible" /sys/devices/system/cpu/possible 2>/dev/null; then
	cat >"$TMP/serve768" <<-END
	#!/bin/sh
	exec unshare -m sh -c 'mount --bind "\$0" /sys/devices/system/cpu/possible && exec "\$@"' "$TMP/possible" "$DRVMEM" "\$@"
	END
	chmod 755 "$TMP/serve768"
	real=$DRVMEM
	DRVMEM=$TMP/serve768
	start --web.listen-address=127.0.0.1:0
	until_code 200 "http://$ADDR/-/ready" && ok "768 possible CPUs: ready" ||
		not_ok "768 possible CPUs: ready" "$(tail -n 3 "$TMP/log")"
	is "768 possible CPUs: told once" 1 "$(grep -c 'sampling is not made for so many CPUs.*possible_cpus=768' "$TMP/log")"
	stop
	run serve --max-overhead 1 --web.listen-address=127.0.0.1:0
	expect "768 possible CPUs: sampling that was asked for" 3 "768 possible CPUs: sampling counts on up to 512"
	DRVMEM=$real
else
	skip "768 possible CPUs" "no mount namespace of its own to be had here"
fi

start --web.listen-address=127.0.0.1:0 --web.listen-address=unix:"$TMP/web.sock" --web.enable-profiles --web.enable-api
U=http://$ADDR
until_code 200 "$U/-/ready" && ok "ready" || not_ok "ready" "$(tail -n 3 "$TMP/log")"
is "healthy" 200 "$(code "$U/-/healthy")"
get "$U/metrics" >"$TMP/m.prom"
promtool check metrics <"$TMP/m.prom" >"$TMP/lint" 2>&1 && ok "promtool" || not_ok "promtool" "$(head -n 3 "$TMP/lint")"
grep -q '^drvmem_module_live_bytes{module="kernel",allocator="slab"} [1-9]' "$TMP/m.prom" && ok "figures" ||
	not_ok "figures" "$(grep -m 3 live_bytes "$TMP/m.prom")"
get -H 'Accept: application/openmetrics-text;version=1.0.0' -D "$TMP/head" "$U/metrics" >"$TMP/m.om"
grep -qi '^content-type: application/openmetrics-text; version=1.0.0; charset=utf-8' "$TMP/head" &&
	[ "$(tail -n 1 "$TMP/m.om")" = '# EOF' ] && [ "$(grep -c '# EOF' "$TMP/m.om")" = 1 ] &&
	grep -q '^# TYPE drvmem_module_allocations counter' "$TMP/m.om" && ok "OpenMetrics" ||
	not_ok "OpenMetrics" "$(cat "$TMP/head"; tail -n 2 "$TMP/m.om")"
get -H 'Accept-Encoding: gzip' -D "$TMP/head" "$U/metrics" | gzip -t && grep -qi '^content-encoding: gzip' "$TMP/head" &&
	ok "gzip" || not_ok "gzip" "$(cat "$TMP/head")"
is "two requests of one connection" "200 200 1" \
	"$(curl -s -m 10 -o /dev/null -o /dev/null -w '%{http_code} ' "$U/-/healthy" "$U/-/healthy")$(
	   curl -sv -m 10 "$U/-/healthy" "$U/-/healthy" 2>&1 | grep -c 'Re-using existing')"
is "collect[]" 0 "$(get "$U/metrics?collect[]=web" | grep -c '^drvmem_module')"
is "exclude[]" 0 "$(get "$U/metrics?exclude[]=web" | grep -c '^drvmem_web')"
is "collect[] of nothing" 400 "$(code "$U/metrics?collect[]=nonsense")"
is "collect[] and exclude[]" 400 "$(code "$U/metrics?collect[]=web&exclude[]=modules")"
is "HEAD" 200 "$(code -I "$U/metrics")"
is "POST" 405 "$(code -d x "$U/metrics")"
is "path traversal" 404 "$(code "$U/../../etc/passwd")"
is "path traversal, escaped" 404 "$(code "$U/%2e%2e/%2e%2e/etc/passwd")"
grep -q 'level=warn .*status=404 .*path=/../../etc/passwd' "$TMP/log" && ok "a refusal is logged" ||
	not_ok "a refusal is logged" "$(tail -n 3 "$TMP/log")"
is "oversized header" 431 "$(code -H "X: $(head -c 40000 /dev/zero | tr '\0' a)" "$U/metrics")"
get "$U/debug/pprof/heap" | gzip -dc 2>/dev/null | protoc --decode_raw >"$TMP/raw" 2>/dev/null && [ -s "$TMP/raw" ] &&
	ok "profile" || not_ok "profile" "$(head -c 100 "$TMP/raw")"
get "$U/api/v1/report" >"$TMP/report.json"
is_json "$TMP/report.json" && grep -q '"owners"' "$TMP/report.json" && ok "api" || not_ok "api" "$(head -c 200 "$TMP/report.json")"
is "unix socket" 200 "$(code --unix-socket "$TMP/web.sock" http://x/metrics)"
grep -hE 'ffff[0-9a-f]{12}' "$TMP/m.prom" "$TMP/m.om" >"$TMP/addresses"
[ ! -s "$TMP/addresses" ] && ok "no addresses" || not_ok "no addresses" "$(head -n 1 "$TMP/addresses")"

SECCOMP=${SANITIZED:+0}
WEB=$(pgrep -o -P "$PID")	# the first child: others try what rights are needed
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
is "the web process has no rights" "0000000000000000 0000000000000000 1 ${SECCOMP:-2}" \
	"$(status "$WEB" CapPrm) $(status "$WEB" CapEff) $(status "$WEB" NoNewPrivs) $(status "$WEB" Seccomp)"
until_log 'gave up what tracing needs no more' && ok "rights are given up" || not_ok "rights are given up" "$(cat "$TMP/log")"
# CAP_SYSLOG (34), CAP_DAC_READ_SEARCH (2), and on old kernels CAP_BPF (39), CAP_PERFMON (38); of root CAP_KILL (5),
# CAP_SETGID (6), CAP_SETUID (7), for the web process: nothing else
is "nothing beyond what tracing needs" 0 "$((0x$(status "$PID" CapPrm) & ~(1 << 34 | 1 << 2 | 1 << 39 | 1 << 38 | 1 << 5 | 1 << 6 | 1 << 7)))"

# more strangers who say nothing than there are places: who asks is heard
cat >"$TMP/strangers.js" <<'J'
const net = require('net'), [, , port, n] = process.argv;
for (let i = 0; i < n; i++) { const s = net.connect(port, '127.0.0.1', () => s.write('GET /metrics HTTP/1.1\r\nX: ')); s.on('error', () => 0); }
setTimeout(() => process.exit(0), 20000);
J
if command -v node >/dev/null; then
	node "$TMP/strangers.js" "${ADDR##*:}" 2000 &
	strangers=$!
	n=0
	until [ "$(get --unix-socket "$TMP/web.sock" http://x/metrics | sed -n 's/^drvmem_web_connections //p')" -ge 64 ] || [ $n -ge 50 ]; do
		n=$((n + 1))
		sleep 0.1
	done
	until_code 200 "$U/metrics" && ok "a scrape among 2,000 silent connections" ||
		not_ok "a scrape among 2,000 silent connections" "$(tail -n 3 "$TMP/log")"
	kill "$strangers" 2>/dev/null
	wait "$strangers" 2>/dev/null
else
	skip "a scrape among 2,000 silent connections" "nodejs is missing"
fi

kill -KILL "$WEB"
until_log 'the web process serves again' && until_code 200 "$U/-/ready" && ok "the web process comes back" ||
	not_ok "the web process comes back" "$(tail -n 3 "$TMP/log")"
WEB=$(pgrep -o -P "$PID")
[ "$(id -u)" -ne 0 ] || is "and is nobody again" "65534 0000000000000000 ${SECCOMP:-2}" \
	"$(status "$WEB" Uid | cut -f1) $(status "$WEB" CapPrm) $(status "$WEB" Seccomp)" 
stop
is "ended by SIGTERM" 0 "$rc"
[ ! -e "$TMP/web.sock" ] && ok "its socket is gone" || not_ok "its socket is gone" "$TMP/web.sock"

# sockets of systemd
if command -v systemd-socket-activate >/dev/null; then
	: >"$TMP/log"
	systemd-socket-activate -l "$TMP/activated.sock" "$DRVMEM" serve --interval 200ms >"$TMP/stdout" 2>"$TMP/log" </dev/null &
	PID=$!
	n=0
	until [ -S "$TMP/activated.sock" ] || [ $n -ge 100 ]; do n=$((n + 1)); sleep 0.1; done
	until_code 200 --unix-socket "$TMP/activated.sock" http://x/metrics && ok "socket activation" ||
		not_ok "socket activation" "$(tail -n 3 "$TMP/log")"
	stop
	[ -S "$TMP/activated.sock" ] && ok "systemd's socket stays" || not_ok "systemd's socket stays" "gone"
else
	skip "socket activation" "systemd-socket-activate is missing"
fi
unit=$(dirname "$0")/../../dist/systemd/drvmem-exporter.service
if command -v systemd-analyze >/dev/null; then
	score=$(systemd-analyze security --offline=true "$unit" 2>/dev/null | sed -n 's/.*exposure level for .*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
	[ "${score:-99}" -le 30 ] && ok "the unit is hardened" || not_ok "the unit is hardened" "exposure $score tenths"
else
	skip "the unit is hardened" "systemd-analyze is missing"
fi

# passwords and TLS
HASH=$(perl -e 'print crypt("sesame", q($2y$04$abcdefghijklmnopqrstuu))')
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=IP:127.0.0.1 -keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>"$TMP/openssl" ||
	not_ok "certificate" "$(tail -n 1 "$TMP/openssl")"
{
	printf 'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  min_version: TLS13\n'
	printf 'basic_auth_users:\n  alice: %s\n' "$HASH"
	printf 'http_server_config:\n  headers:\n    X-Frame-Options: deny\n'
} >"$TMP/web.yml"
promtool check web-config "$TMP/web.yml" >"$TMP/lint" 2>&1 && ok "configuration: promtool" ||
	not_ok "configuration: promtool" "$(cat "$TMP/lint")"
start --web.listen-address=0.0.0.0:0 --web.config.file="$TMP/web.yml" --log.format=json
ADDR=127.0.0.1:$(sed -n 's/.*"address":"[^"]*:\([0-9]*\)".*/\1/p' "$TMP/log" | head -n 1)
U=https://$ADDR C="--cacert $TMP/cert.pem"
# shellcheck disable=SC2086 # words
{
	is "no password" 401 "$(code $C "$U/metrics")"
	is "wrong password" 401 "$(code $C -u alice:guess "$U/metrics")"
	is "right password" 200 "$(code $C -u alice:sesame "$U/-/healthy")"
	is "old TLS" 000 "$(code $C --tls-max 1.2 -u alice:sesame "$U/-/healthy")"
	is "no TLS" 000 "$(code "http://$ADDR/-/healthy")"
	get $C -u alice:sesame -D - -o /dev/null "$U/-/healthy" | grep -qi '^x-frame-options: deny' && ok "headers" || not_ok "headers" "-"
}
grep '"status":"401"' "$TMP/log" | head -n 1 >"$TMP/line"
[ -s "$TMP/line" ] && is_json "$TMP/line" && ok "a wrong password is logged" || not_ok "a wrong password is logged" "$(tail -n 2 "$TMP/log")"
grep -q sesame "$TMP/log" && not_ok "no password is logged" "it is" || ok "no password is logged"
# another password, and one that cannot be
sed "s|alice: .*|bob: $HASH|" "$TMP/web.yml" >"$TMP/new.yml"
mv "$TMP/new.yml" "$TMP/web.yml"
kill -HUP "$PID"
# shellcheck disable=SC2086
until_code 200 $C -u bob:sesame "$U/-/healthy" && is "who is not in it any more" 401 "$(code $C -u alice:sesame "$U/-/healthy")" ||
	not_ok "a new configuration" "$(tail -n 2 "$TMP/log")"
# one without a guard, where others can reach it
: >"$TMP/web.yml"
n=0
until grep -q 'neither passwords nor TLS' "$TMP/log" || [ $n -ge 100 ]; do n=$((n + 1)); sleep 0.1; done
# shellcheck disable=SC2086
is "an empty one opens nothing" 401 "$(code $C "$U/-/healthy")"
echo 'nonsense: 1' >"$TMP/web.yml"
n=0
until grep -q 'the old one stays' "$TMP/log" || [ $n -ge 100 ]; do n=$((n + 1)); sleep 0.1; done
# shellcheck disable=SC2086
is "one that cannot be leaves the old one" 200 "$(code $C -u bob:sesame "$U/-/healthy")"
# certificates of clients
ca() { # NAME: a certificate authority
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
		-addext basicConstraints=critical,CA:TRUE -keyout "$TMP/$1.key" -out "$TMP/$1.pem" 2>"$TMP/openssl"
}
client() { # NAME CA USAGE
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$TMP/$1.key" \
		-out "$TMP/$1.csr" 2>"$TMP/openssl" && echo "extendedKeyUsage=$3" >"$TMP/ext" &&
		openssl x509 -req -in "$TMP/$1.csr" -CA "$TMP/$2.pem" -CAkey "$TMP/$2.key" -CAcreateserial -days 2 \
			-extfile "$TMP/ext" -out "$TMP/$1.pem" 2>"$TMP/openssl"
}
ca ours && ca theirs && client good ours clientAuth && client stranger theirs clientAuth && client server ours serverAuth ||
	not_ok "certificates" "$(tail -n 1 "$TMP/openssl")"
printf 'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  client_ca_file: ours.pem\n  client_auth_type: RequireAndVerifyClientCert\n' \
	>"$TMP/web.yml"
with() { code --cacert "$TMP/cert.pem" --cert "$TMP/$1.pem" --key "$TMP/$1.key" "$U/-/healthy"; }
if until_code 403 --cacert "$TMP/cert.pem" "$U/-/healthy"; then
	ok "no certificate of a client"
	is "a client's certificate" 200 "$(with good)"
	is "one of another authority" 403 "$(with stranger)"
	is "one of a server" 403 "$(with server)"
else
	not_ok "no certificate of a client" "$(tail -n 2 "$TMP/log")"
fi
clean_log "to the death of one"
WEB=$(pgrep -o -P "$PID")
kill -KILL "$PID"
n=0
while [ -e "/proc/$WEB" ] && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.1; done
[ ! -e "/proc/$WEB" ] && ok "the web process ends with the other" || not_ok "the web process ends with the other" "$WEB"
wait "$PID" 2>/dev/null
finish
