/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classes of objects by who holds them (definitions.md), from the words that two passes over the
 * kernel's memory found. An object is lost only if nothing held it in both passes, and nobody wrote
 * to it in between: a pointer that a CPU had in a register comes back to memory. Pure.
 */
#ifndef DRVMEM_ANALYSIS_REACH_H
#define DRVMEM_ANALYSIS_REACH_H

#include "base/err.h"
#include "model/reach.h"

/* Both passes are over the same nr objects. ret has room for nr. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_reach__judge(const struct drvmem_reach_pass *first,
					  const struct drvmem_reach_pass *last,
					  struct drvmem_reach_verdict *ret);
/* "definitely lost", "still reachable", ... */
const char *drvmem_reach__name(enum drvmem_reach_class class);

#endif /* DRVMEM_ANALYSIS_REACH_H */
