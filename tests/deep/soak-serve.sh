#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An hour of the exporter: tests/soak/serve.sh.
cd "$(dirname "$0")/../.." || exit 1
DRVMEM=$(pwd)/build/drvmem
export DRVMEM
exec sh tests/soak/serve.sh 3600
