#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The smallest build, and the static one: they link, run, and say what they were built without.
. "$(dirname "$0")/../lib/contract.sh"
cd "$(dirname "$0")/../.." || exit 1
make -s B="$TMP/min" WITH_HTTP=0 WITH_TUI=0 WITH_DWARF=0 "$TMP/min/drvmem" >"$TMP/log" 2>&1 && ok "smallest build" ||
	not_ok "smallest build" "$(tail -n 1 "$TMP/log")"
DRVMEM=$TMP/min/drvmem
run serve
expect "serve says that it is left out" 3 "built without an HTTP server"
make -s B="$TMP/static" static >"$TMP/log" 2>&1 && ok "static build" || not_ok "static build" "$(tail -n 1 "$TMP/log")"
DRVMEM=$TMP/static/drvmem-static
run version
expect "the static one runs" 0 ""
run serve
expect "and has no server" 3 "built without an HTTP server"
finish
