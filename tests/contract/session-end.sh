# SPDX-License-Identifier: GPL-2.0-or-later
# How a recording ends: killed, it loses nothing that was complete; a full disk is told; what is redacted, and what
# advice needs, is as asked for.
. "$(dirname "$0")/../lib/contract.sh"

if ! can_trace; then
	skip "record" "cannot trace here ('drvmem doctor' says why)"
	finish
fi
same() { [ "$2" = "$3" ] && ok "$1" || not_ok "$1" "'$2' is not '$3'"; }

run record --advise -o "$TMP/advise" --interval 500ms --duration 1500ms
[ "$rc" -eq 0 ] && ok "record --advise" || not_ok "record --advise" "status $rc: $(tail -n 3 "$TMP/err")"
run advise "$TMP/advise" --min-time 1s -f json
[ "$rc" -eq 0 ] && is_json "$TMP/out" && ok "advice of a session" || not_ok "advice of a session" "status $rc: $(cat "$TMP/err")"
run advise "$TMP/advise"
[ "$rc" -eq 4 ] && ok "a session too short to judge" || not_ok "a session too short to judge" "status $rc"

# killed at any time: what was complete is there
"$DRVMEM" record -o "$TMP/killed" --interval 100ms --replace >/dev/null 2>"$TMP/killed.err" &
pid=$!
tries=0
until [ "$(sqlite3 -readonly "$TMP/killed" "SELECT count(*) FROM interval" 2>/dev/null || echo 0)" -ge 3 ] || [ $tries -ge 600 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
run report "$TMP/killed" -f json
expect "a session while it is written" 0 "was not ended"
run record -o "$TMP/killed" --replace --duration 1
expect "two recorders" 2 "another drvmem records into"
seen=$(sqlite3 -readonly "$TMP/killed" "SELECT count(*) FROM interval")
kill -9 $pid
wait $pid 2>/dev/null
run report "$TMP/killed" -f json
expect "a killed session" 0 "was not ended"
now=$(sqlite3 "$TMP/killed" "SELECT count(*) FROM interval")
[ "$now" -ge "$seen" ] && ok "its intervals are there" || not_ok "its intervals are there" "$now of $seen"

# a full disk
if unshare -m true 2>/dev/null; then
	mkdir "$TMP/small"
	unshare -m sh -c "mount -t tmpfs -o size=640k none '$TMP/small' || exit 99
		'$DRVMEM' record -o '$TMP/small/s' --interval 100ms --duration 1h --objects-every 1s; rc=\$?
		'$DRVMEM' report '$TMP/small/s' -f json >'$TMP/out' || rc=98
		exit \$rc" 2>"$TMP/err" </dev/null
	rc=$?
	if [ $rc -eq 99 ]; then
		skip "full disk" "cannot mount here"
	else
		[ $rc -eq 5 ] && grep -q "cannot record into" "$TMP/err" && is_json "$TMP/out" && ok "full disk" ||
			not_ok "full disk" "status $rc: $(tail -n 3 "$TMP/err" | tr '\n' ' ')"
	fi
else
	skip "full disk" "cannot unshare here"
fi

# addresses and the name of the host stay here
run record -o "$TMP/redacted" --redact --interval 200ms --duration 500ms
[ $rc -eq 0 ] && ok "record --redact" || not_ok "record --redact" "status $rc: $(cat "$TMP/err")"
same "no addresses" "$(sqlite3 "$TMP/redacted" "SELECT count(*) FROM site WHERE call_site != 0")" 0
same "no host" "$(sqlite3 "$TMP/redacted" "SELECT count(*) FROM session WHERE hostname IS NOT NULL")" 0
run report "$TMP/redacted"
expect "a redacted session" 0 ""
finish
