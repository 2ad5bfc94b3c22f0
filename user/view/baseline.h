/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was there before tracing, as tables: the parts of it with what has a named
 * owner, and the owners. Stands beside the traced figures, in none of them.
 */
#ifndef DRVMEM_VIEW_BASELINE_H
#define DRVMEM_VIEW_BASELINE_H

#include "model/baseline.h"
#include "view/grid.h"

/* Columns "name", "bytes", "named_bytes"; the last row is the total. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_baseline_view__parts(const struct drvmem_baseline *b,
						  struct drvmem_grid **ret);
/*
 * A row for each owner, of the kernel for each function or cache, most bytes first; top 0 = all,
 * else the rest is one row. Mappings have columns of their own. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_baseline_view__owners(const struct drvmem_baseline *b, uint32_t top,
						   struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_BASELINE_H */
