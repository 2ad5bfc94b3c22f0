#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real drivers under load as in the case of this name in tests/vm, for an hour.
# devices: virtio-net,ahci,virtio-blk,xhci,hda
# time: 6000
exec "$DRVMEM_TREE/tests/vm/cases/30-drivers.sh" 3600 10s
