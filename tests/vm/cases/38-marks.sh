#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Between two marks: what the test driver allocated and freed inside and outside, of each kind exactly.
# only: 5.10
# time: 120
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test
# KIND SIZE: 40 before, in the window 15 of them go and 30 come, of which 10 go at once and 6 after it
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
kinds="kzalloc:200 ucache:0 large:20000 pages:4096 vmalloc:12288 percpu:64 split:8192"
each() { for k in \$kinds; do "\$@" \${k%:*} \${k#*:}; done; }
before() { ctl alloc \$1 40 \$2; }
inside() { ctl free \$1 15 oldest; ctl alloc \$1 30 \$2; ctl free \$1 10 direct; }
after() { ctl alloc \$1 3 \$2; ctl free \$1 9 direct; }
each before
"$DRVMEM" mark -o /dev/null
each inside
"$DRVMEM" mark -o /dev/null
each after
END
for try in 1 2 3; do
	"$DRVMEM" leaks -m drvmem_test -f json -o leaks.json --marks --reach off --max-loss 1000000 -- bash work.sh
	status=$?
	count_lost leaks.json
	[ "$lost" -gt 0 ] || break
	unload drvmem_test
	load drvmem_test
done
[ "$lost" -eq 0 ] || skip "$lost events lost in each of $try tries"
jq -c '.marks | del(.sites)' leaks.json
jq -r '.marks.sites[] | "\(.site) \(.cache) \(.aifi) \(.aifo) \(.aofi) \(.aofo)"' leaks.json
same "status" $status 1
same "closed" "$(jq .marks.closed leaks.json)" true

# of FUNCTION CLASS: objects and bytes
of()
{
	jq -r "[.marks.sites[] | select(.site | test(\"^$1[+]\")) | .$2] |
		\"\(map(.objects) | add) \(map(.bytes) | add)\"" leaks.json
}
while read -r function size; do
	same "$function allocated and freed inside" "$(of "$function" aifi)" "10 $((10 * size))"
	same "$function allocated inside" "$(of "$function" aifo)" "20 $((20 * size))"
	same "$function freed inside" "$(of "$function" aofi)" "15 $((15 * size))"
	same "$function outside" "$(of "$function" aofo)" "28 $((28 * size))"
	# of the 20 the last 6 went after the window; the 3 that came then went first
	same "$function outstanding" "$(jq -r "[.outstanding[] | select(.site | test(\"^$function[+]\")) |
		\"\(.objects) \(.bytes)\"][0]" leaks.json)" "14 $((14 * size))"
done <<END
alloc_kzalloc 200
alloc_ucache 184
alloc_large 20000
alloc_page_block 4096
alloc_vmalloc 12288
alloc_percpu_kind $((64 * $(nproc)))
alloc_split 8192
END
exit 0
