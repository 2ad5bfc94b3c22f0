#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The exporter on a kernel with modules, by root and by nobody with four capabilities: what it kept of them still
# reads all, a driver's bytes are exact, and no counter goes down while modules come and go twenty times and
# a CPU goes and comes back. Killed, it leaves no BPF program, no map and no web process.
# only: 6.1
# time: 300
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"
. "$DRVMEM_TREE/tests/vm/driverlib.sh"

CAPS=+bpf,+perfmon,+syslog,+dac_read_search
NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs
	"--bounding-set=-all,$CAPS" "--inh-caps=-all,$CAPS" "--ambient-caps=-all,$CAPS")
SITE='module="drvmem_test",function="alloc_kmalloc",'
chmod 0777 .
: >counters

# ---- the exporter

log_says()
{
	kill -0 "$PID" 2>/dev/null || { cat log; fail "serve ended early: $(grep -v "^time=" log | head -n 1)"; }
	[[ $(<log) == *"$1"* ]]
}

# start [WRAPPER...]: sets PID and WEB. Every object, every site; tracing costs what it costs under emulation.
start()
{
	local TRIES=3000	# loading takes half a minute under emulation, and more on a busy host
	rm -f web.sock log
	: >counters
	: >log
	"$@" "$DRVMEM" serve --interval 300ms --max-overhead 100 --second-look on --metrics.max-callsites 4096 \
		--web.listen-address=unix:"$PWD/web.sock" >stdout 2>log &
	PID=$!
	wait_until log_says 'msg=ready'
	wait_until log_says 'msg="gave up'
	read -r WEB _ <"/proc/$PID/task/$PID/children"
	echo "$* $(grep -o 'kept=.*' log)"
}

scrape()
{
	curl -gsf -m 60 --unix-socket web.sock http://x/metrics >scraped || fail "a scrape was not answered: $(tail -n 1 log)"
	mapfile -t LINES <scraped
	awk '$1 ~ /^[a-z_]+_total([{]|$)/ { if (NR == FNR) before[$1] = $2; else if ($2 + 0 < before[$1] + 0) print $1, before[$1], $2 }' \
		counters scraped >down
	[ ! -s down ] || fail "a counter went down: $(head -n 1 down)"
	# what is not there any more counts on, too
	awk '!seen[$1]++' scraped counters >counters.new
	mv counters.new counters
}

# figure SERIES: its value, or that of all that begin so, in the last scrape, into $VALUE
figure()
{
	local line
	VALUE=0
	for line in "${LINES[@]}"; do
		[[ $line != "$1"* ]] || VALUE=$((VALUE + ${line##* }))
	done
}

dropped()
{
	figure 'drvmem_events_dropped_total{'
	DROPPED=$VALUE
}

# there OBJECTS: the next figures have so many objects of the driver's site, or events were lost meanwhile
there()
{
	local before=$DROPPED
	scrape
	dropped
	figure "drvmem_callsite_live_objects{$SITE"
	[ "$VALUE" = "$1" ] || [ "$DROPPED" != "$before" ]
}

# exact OBJECTS SIZE
exact()
{
	wait_until there "$1"
	[ "$VALUE" = "$1" ] || return 1
	figure "drvmem_callsite_live_bytes{$SITE"
	same "bytes of $1 objects of $2" "$VALUE" $(($1 * $2))
}

# ---- what it finds

# look_exactly: 1 when events were lost, and figures may differ
look_exactly()
{
	local allocations gone
	scrape
	dropped
	figure 'drvmem_module_unloads_total{module="drvmem_test"}'
	gone=$VALUE
	load drvmem_test
	ctl alloc kmalloc 300 700
	exact 300 700 || return 1
	figure 'drvmem_module_live_bytes{module="drvmem_test",allocator="slab"}'
	[ "$VALUE" -ge $((300 * 700)) ] || fail "the module holds $VALUE bytes"
	ctl free kmalloc 100 direct
	exact 200 700 || return 1
	ctl free kmalloc 0 direct
	exact 0 700 || return 1
	allocated
	allocations=$VALUE
	unload drvmem_test
	wait_until unloads $((gone + 1))
	load drvmem_test
	ctl alloc kmalloc 50 700
	exact 50 700 || return 1
	allocated
	[ "$VALUE" -ge $((allocations + 50)) ] || fail "$VALUE allocations after a reload, $allocations before"
	unload drvmem_test
	wait_until unloads $((gone + 2))
	balance
}

figures_are_exact()
{
	local try
	for try in 1 2 3; do
		! look_exactly || return 0
		echo "try $try: $DROPPED events lost"
		rmmod drvmem_test
	done
	skip "$try tries lost events"
}

unloads()
{
	scrape
	figure 'drvmem_module_unloads_total{module="drvmem_test"}'
	[ "$VALUE" -ge "$1" ]
}

# Twenty times a driver comes, takes memory as it is loaded and on demand, and goes.
storm()
{
	local i allocations
	scrape
	dropped
	local lost=$DROPPED
	figure 'drvmem_module_allocations_total{module="drvmem_test",'
	allocations=$VALUE
	figure 'drvmem_module_unloads_total{module="drvmem_test"}'
	local gone=$VALUE
	for ((i = 0; i < 20; i++)); do
		load drvmem_test hold=25,300
		ctl alloc kmalloc 20 700
		unload drvmem_test
		[ $((i % 5)) != 0 ] || scrape
	done
	wait_until unloads $((gone + 20))
	same "unloads" "$VALUE" $((gone + 20))
	dropped
	lost=$((DROPPED - lost))
	figure 'drvmem_module_allocations_total{module="drvmem_test",'
	allocations=$((VALUE - allocations))
	echo "storm: $allocations allocations, $lost events lost"
	[ "$allocations" -ge $((20 * 45 - lost)) ] || fail "$allocations allocations of 20 times 45, $lost lost"
	balance
}

# What was allocated and not freed is live.
balance()
{
	local allocations frees
	figure 'drvmem_module_allocations_total{module="drvmem_test",allocator="slab"}'
	allocations=$VALUE
	figure 'drvmem_module_frees_total{module="drvmem_test",allocator="slab"}'
	frees=$VALUE
	figure 'drvmem_module_rcu_pending_objects{module="drvmem_test",allocator="slab"}'
	frees=$((frees + VALUE))
	figure 'drvmem_module_live_objects{module="drvmem_test",allocator="slab"}'
	same "live objects of $allocations allocations, $frees frees" "$VALUE" $((allocations - frees))
}

# round: allocations that the driver counts, too
round()
{
	ctl alloc kmalloc 50 700
	ctl free kmalloc 0 direct
}

allocated()
{
	scrape
	dropped
	figure 'drvmem_module_allocations_total{module="drvmem_test",allocator="slab"}'
}

# Five times the other CPU goes and comes back while the driver allocates: nothing is missed that is not counted.
hotplug()
{
	local cpu=/sys/devices/system/cpu/cpu1/online before lost worker counted i
	[ -w $cpu ] || fail "there is no CPU to take away"
	load drvmem_test
	round
	settle
	before=$VALUE
	lost=$DROPPED
	field kmalloc allocated
	counted=$VALUE
	rm -f enough
	(while [ ! -e enough ]; do round; done) &
	worker=$!
	for i in 1 2 3 4 5; do
		echo 0 >$cpu || fail "the CPU does not go"
		echo 1 >$cpu || fail "the CPU does not come back"
		scrape
	done
	: >enough
	wait $worker
	field kmalloc allocated
	counted=$((VALUE - counted))
	settle
	lost=$((DROPPED - lost))
	before=$((VALUE - before))
	echo "hotplug: $before allocations of $counted, $lost events lost"
	[ "$counted" -ge 250 ] || fail "the driver allocated $counted times only"
	[ $before -le $counted ] && [ $before -ge $((counted - lost)) ] || fail "$before allocations of $counted, $lost lost"
	balance
	unload drvmem_test
}

# settle: figures read after now, twice the same
settle()
{
	local last=
	while allocated; [ "$VALUE" != "$last" ]; do
		last=$VALUE
		read -r -t 1 -u "$IDLE"
	done
}

# ---- what is there when it has ended

bpf_objects()
{
	echo "$(bpftool prog show | grep -c '^[0-9]*: ') programs, $(bpftool map show | grep -c '^[0-9]*: ') maps"
}

nothing_left()
{
	[ ! -d "/proc/$WEB" ] && [ "$(bpf_objects)" = "$BEFORE" ]
}

capabilities()
{
	sed -n 's/^CapPrm:[[:space:]]*//p' "/proc/$1/status"
}

BEFORE=$(bpf_objects)
echo "before: $BEFORE"

start
echo "while it runs: $(bpf_objects)"
same "capabilities of the web process" "$(capabilities "$WEB")" 0000000000000000
figures_are_exact
storm
cp scraped "$OUT/serve-root.prom"
if command -v promtool >/dev/null; then
	promtool check metrics <scraped || fail "promtool does not like the metrics"
fi
kill -TERM $PID
wait $PID
same "status after SIGTERM" $? 0
wait_until nothing_left
[ ! -e web.sock ] || fail "the socket is still there"

# Maps count against the limit of locked memory before 5.11 alone.
if [ "$DRVMEM_KVER" = 5.10 ]; then
	prlimit --memlock=65536 "${NOBODY[@]}" "$DRVMEM" serve --web.listen-address=unix:"$PWD/web.sock" 2>refused
	same "status with little locked memory" $? 3
	grep -q 'LimitMEMLOCK=infinity' refused || fail "little locked memory: $(cat refused)"
	nothing_left || fail "what was refused left $(bpf_objects)"
	start prlimit --memlock=536870912 "${NOBODY[@]}"
else
	start prlimit --memlock=65536 "${NOBODY[@]}"
fi
figures_are_exact
hotplug
cp scraped "$OUT/serve-nobody.prom"
# all of CAP_SYSLOG, CAP_DAC_READ_SEARCH and what BPF asks for at every look before 5.19
case $DRVMEM_KVER in 5.10) most=$((1 << 34 | 1 << 2 | 1 << 39 | 1 << 38)) ;; *) most=$((1 << 34 | 1 << 2)) ;; esac
same "capabilities beyond what is needed" $((0x$(capabilities $PID) & ~most)) 0
kill -KILL $PID
wait $PID 2>/dev/null
wait_until nothing_left
exit 0
