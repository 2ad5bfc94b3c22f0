#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The real root is mounted and about to be changed to.
[ ! -x /usr/lib/drvmem/mark ] || /usr/lib/drvmem/mark
