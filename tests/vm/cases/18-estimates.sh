#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A sampled session against the test driver's own count: objects, bytes and allocations are estimated
# within 4 standard deviations (asked once more if not: 1 of 16,000 is not), the deviation being that
# of theory, and the error that is reported with them is that of theory too.
# time: 40
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

K=6000 SIZE=200 RATE=4096
load drvmem_test
cat >work.sh <<END
. "$DRVMEM_TREE/tests/vm/caselib.sh"
ctl alloc kmalloc $K $SIZE
END
undo()
{
	ctl free kmalloc 0 direct
}

# of FIELD: at the call site of the driver's kmalloc
of()
{
	at_site held.json drvmem_test "$(site_of kmalloc)" "$1"
}

# An object is kept with p = 1 - e^(-size/rate) and stands for 1/p: the variance of the sum is K (1/p - 1).
judge()
{
	jq -n -r --argjson k $K --argjson size $SIZE --argjson rate $RATE \
		--argjson objects "$(of live_objects)" --argjson bytes "$(of live_bytes)" --argjson allocs "$(of allocs)" \
		--argjson error "$(of live_objects_error)" --argjson bytes_error "$(of live_bytes_error)" '
		def abs: if . < 0 then -. else . end;
		(($k * (1 / (1 - ((- $size / $rate) | exp)) - 1)) | sqrt) as $sigma |
		[($objects - $k) / $sigma, ($bytes - $k * $size) / ($size * $sigma), ($allocs - $k) / $sigma] as $z |
		[$error / (1.96 * $sigma), $bytes_error / (1.96 * $sigma * $size)] as $e |
		"\(if ($z | all(abs < 4)) and ($e | all(. > 0.75 and . < 1.33)) then "good" else "off" end):" +
		" z of objects, bytes, allocations \($z | map(. * 100 | round / 100)); errors of theory \($e |
		map(. * 100 | round / 100)); sigma \($sigma | round)"'
}

for try in 1 2; do
	traced held.json undo --sample $RATE -- bash work.sh
	verdict=$(judge)
	echo "$(of live_objects) +- $(of live_objects_error) of $K, $(of sampled_live) kept: $verdict"
	undo
	case $verdict in good*) break ;; esac
	[ $try = 1 ] || fail "estimates are off twice: $verdict"
done
same "sampled" "$(jq .meta.sampled held.json)" true
same "sample distance" "$(jq '[.meta.epochs[].sample_bytes]' held.json | tr -d ' \n')" "[$RATE]"
unload drvmem_test
