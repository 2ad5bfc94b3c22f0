#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Before udev loads the first driver.
[ ! -x /usr/lib/drvmem/start ] || /usr/lib/drvmem/start
