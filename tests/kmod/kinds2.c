// SPDX-License-Identifier: GPL-2.0-or-later
/* The other half of drvmem_test2, see ctl2.c. */
#include "kinds.c"
