#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Prometheus server that scrapes several exporters: all are up, the owner that grew is found, no counter
# goes down. Judges counts; the limits of time are for machines that are busy otherwise. Usage: tests/prometheus/fleet.sh ['COMMAND that serves at 127.0.0.1:PORT']
# COMMAND is run by sh, once for each target, with the word PORT replaced. Needs $DRVMEM, prometheus, curl and jq.
# FLEET_GROWS names the owner that is to grow (default kernel, made to grow by a tmpfs full of files).
. "$(dirname "$0")/../lib/contract.sh"
serve=${1:-"exec $DRVMEM serve --interval 1s --max-overhead 100 --web.listen-address=127.0.0.1:PORT"}
grows=${FLEET_GROWS:-kernel}
TARGETS=3
pids=

for tool in prometheus curl jq; do
	command -v $tool >/dev/null 2>&1 || { skip "fleet" "$tool is not installed (apt-get install $tool)"; finish; }
done

[ -n "${1-}" ] || can_trace || { skip "fleet" "cannot trace here: drvmem doctor tells why"; finish; }

stop_all() {
	for p in $pids; do kill "$p" 2>/dev/null; done
	for p in $pids; do wait "$p" 2>/dev/null; done
	[ -z "${tmpfs-}" ] || umount "$tmpfs"
	rm -rf "$TMP"
}
trap stop_all EXIT

# free_port: a port on which nobody listens
port=$((20000 + $$ % 20000))
free_port() {
	port=$((port + 1))
	while curl -s -o /dev/null "http://127.0.0.1:$port/" || [ $? -ne 7 ]; do
		port=$((port + 1))
	done
}

# wait_for N COMMAND...: until it succeeds, asked N times, twice a second
LONG=180
wait_for() {
	left=$1
	shift
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.5
	done
}

# query PROMQL: the result, as JSON
query() { curl -s -G --data-urlencode "query=$1" "http://127.0.0.1:$server/api/v1/query" | jq -c '.data.result'; }
# number PROMQL: the value of the first series, or nothing
number() { query "$1" | jq -r '.[0].value[1] // empty'; }
# at_least PROMQL N
at_least() { [ "$(number "$1" | cut -d. -f1)" -ge "$2" ] 2>/dev/null; }

answers() { curl -s -o /dev/null -f "http://127.0.0.1:$1/metrics"; }

# all begin at once, then each is waited for
targets= ports=
for i in $(seq $TARGETS); do
	free_port
	sh -c "$(echo "$serve" | sed "s/PORT/$port/g")" >"$TMP/exporter.$port" 2>&1 </dev/null &
	pids="$pids $!"
	ports="$ports $port"
	targets="$targets${targets:+, }'127.0.0.1:$port'"
done
for port in $ports; do
	if ! wait_for $LONG answers "$port"; then
		not_ok "exporter" "it does not answer at $port: $(tail -n 2 "$TMP/exporter.$port" | tr '\n' ' ')"
		finish
	fi
done
ok "$TARGETS exporters answer"

free_port
server=$port
cat >"$TMP/prometheus.yml" <<CONFIG
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s}
rule_files: ['$(cd "$(dirname "$0")/../.." && pwd)/dist/prometheus/drvmem.rules.yml']
scrape_configs:
- job_name: drvmem
  static_configs: [{targets: [$targets]}]
CONFIG
prometheus --config.file="$TMP/prometheus.yml" --storage.tsdb.path="$TMP/tsdb" \
	--web.listen-address="127.0.0.1:$server" >"$TMP/server" 2>&1 </dev/null &
pids="$pids $!"
ready() { curl -s -o /dev/null -f "http://127.0.0.1:$server/-/ready"; }
wait_for $LONG ready || { not_ok "prometheus" "$(tail -n 2 "$TMP/server")"; finish; }

if wait_for $LONG at_least 'min(count_over_time(drvmem_build_info[1h]))' 5 && at_least 'count(drvmem_build_info)' $TARGETS; then
	ok "every target was scraped five times"
else
	not_ok "every target was scraped five times" "$(curl -s "http://127.0.0.1:$server/api/v1/targets" |
		jq -r '.data.activeTargets[].lastError' | tr '\n' ' ')"
	finish
fi

# something grows: inodes of a tmpfs of our own
if [ -z "${FLEET_GROWS-}" ]; then
	if mkdir "$TMP/grow" && mount -t tmpfs drvmem-fleet "$TMP/grow" 2>/dev/null; then
		tmpfs=$TMP/grow
		(cd "$tmpfs" && seq 20000 | xargs touch)
	else
		skip "the owner that grew" "no right to mount a tmpfs"
		grows=
	fi
fi
so_far=$(number 'min(count_over_time(drvmem_build_info[1h]))')
wait_for $LONG at_least 'min(count_over_time(drvmem_build_info[1h]))' $((so_far + 10)) ||
	not_ok "ten more scrapes" "only $(number 'min(count_over_time(drvmem_build_info[1h]))') in all"

wait_for $LONG at_least 'sum(up{job="drvmem"})' $TARGETS && ok "all targets are up" || not_ok "all targets are up" "$(query 'up')"
if [ -n "$grows" ]; then
	for i in $(query 'count by (instance) (drvmem_build_info)' | jq -r '.[].metric.instance'); do
		got=$(query "topk(1, sum by (module) (max_over_time(drvmem_module_live_bytes{instance=\"$i\"}[1h])
			- min_over_time(drvmem_module_live_bytes{instance=\"$i\"}[1h])))" | jq -r '.[0].metric.module')
		[ "$got" = "$grows" ] && ok "the owner that grew: $grows" || not_ok "the owner that grew" "$got, not $grows, at $i"
	done
fi
# resets() has no names in its result: they are kept in a label
query 'max by (counter) (resets(label_replace({__name__=~"(drvmem|process)_.*_total|drvmem_.*_(bucket|count)"},
	"counter", "$1", "__name__", "(.*)")[20m:1s]))' >"$TMP/resets"
n=$(jq length "$TMP/resets")
down=$(jq -r '.[] | select(.value[1] != "0") | .metric.counter' "$TMP/resets" | tr '\n' ' ')
if [ -n "$down" ]; then
	not_ok "no counter went down" "these did: $down"
elif [ "${n:-0}" -lt 10 ]; then
	not_ok "no counter went down" "only ${n:-0} counters"
else
	ok "no counter went down"
fi
n=$(number 'max(scrape_duration_seconds{job="drvmem"})')
echo "# $(jq length "$TMP/resets") counters; longest scrape: $n s; series of a target: $(number 'max(scrape_samples_scraped{job="drvmem"})')"
bad=$(curl -s "http://127.0.0.1:$server/api/v1/rules" | jq -r '.data.groups[].rules[] | select(.health == "err") | .name' | tr '\n' ' ')
[ -z "$bad" ] && ok "the server evaluates the rules" || not_ok "the server evaluates the rules" "$bad"
finish
