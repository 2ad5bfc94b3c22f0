#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The minute of 37-drivers-clean, for an hour.
# devices: virtio-net,ahci,virtio-blk,xhci,hda
# time: 6000
. "$DRVMEM_TREE/tests/vm/cases/37-drivers-clean.sh" 3600
