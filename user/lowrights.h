/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives up the capabilities that tracing does not need once it runs. Which ones these are depends on the kernel and
 * on whose files they are: it is tried, in a child, and not known beforehand. Command layer.
 */
#ifndef DRVMEM_LOWRIGHTS_H
#define DRVMEM_LOWRIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * works: does everything still work that must? Called in a child for sets of capabilities, the smallest first, until
 * it says so for one; the process then keeps that one. *ret_kept: capabilities as bits. 0, or -errno: nothing was
 * given up.
 */
DRVMEM_MUST_CHECK int drvmem_lowrights__drop(bool (*works)(void *arg), void *arg, uint64_t *ret_kept);

#endif /* DRVMEM_LOWRIGHTS_H */
