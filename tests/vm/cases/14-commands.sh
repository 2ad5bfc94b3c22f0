#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The other ways of use on a kernel with modules: leaks, metrics, doctor, text.
# only: 5.10
# time: 150
set -u
. "$DRVMEM_TREE/tests/vm/caselib.sh"
. "$DRVMEM_TREE/tests/vm/tracelib.sh"

load drvmem_test
"$DRVMEM" doctor >doctor.txt || fail "doctor: exit $?"
"$DRVMEM" doctor -f json >doctor.json || fail "doctor -f json: exit $?"
jq -e . doctor.json >/dev/null || fail "doctor's JSON does not parse"

"$DRVMEM" leaks --older 0 -f json -o leaks.json -m drvmem_test -- \
	bash -c ". '$DRVMEM_TREE/tests/vm/caselib.sh'; ctl alloc kmalloc 21 100"
same "leaks' exit status" $? 1
grep -q 'alloc_kmalloc' leaks.json || fail "leaks does not name the site"
ctl free kmalloc 0 direct
# loss, frequent under emulation, is another case's business
"$DRVMEM" leaks --older 1h --max-loss 1000000 -m drvmem_test -- true >/dev/null
same "leaks' exit status, nothing that old" $? 0

"$DRVMEM" metrics --textfile drvmem.prom -- \
	bash -c ". '$DRVMEM_TREE/tests/vm/caselib.sh'; ctl alloc kmalloc 13 100" || fail "metrics: exit $?"
grep -qE '^drvmem_module_live_objects\{module="drvmem_test",allocator="slab"\} [1-9][0-9]*$' drvmem.prom ||
	fail "metrics: $(grep drvmem_test drvmem.prom | head -n 3)"
if command -v promtool >/dev/null; then
	promtool check metrics <drvmem.prom || fail "promtool does not like the metrics"
fi
ctl free kmalloc 0 direct

"$DRVMEM" report -m drvmem_test --by stack -- \
	bash -c ". '$DRVMEM_TREE/tests/vm/caselib.sh'; ctl alloc kmalloc 13 100" >report.txt ||
	fail "report: exit $?"
grep -q 'alloc_kmalloc' report.txt || fail "the report does not name the site"
"$DRVMEM" report -m no_such_module_* -- true >/dev/null 2>glob.err && fail "a glob without a match passed"
ctl free kmalloc 0 direct
unload drvmem_test
