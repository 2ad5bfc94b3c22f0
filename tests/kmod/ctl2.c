// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drvmem_test again under another name: a module with the same code, that may
 * come to lie where the first one was.
 */
#include "ctl.c"
