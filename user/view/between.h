/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sites of a scope did in the window that ends with its snapshot: analysis/between.h of each. */
#ifndef DRVMEM_VIEW_BETWEEN_H
#define DRVMEM_VIEW_BETWEEN_H

#include "view/grid.h"
#include "view/scope.h"

/*
 * Columns: name (site), owner, cache, known, allocs, ends, and of aifo, aifi, aofi and aofo what is at least (aifo_min)
 * and at most (aifo_max), in objects: marked as bounds where they differ. known: "marks" (counted between two marks),
 * "exact" (min and max are the same), "ages" (but for what was allocated in one tick), "bounds". Sites that did something, the most AIFO first; at most top rows (0 = all), the
 * rest in "other (N)", then TOTAL. Mappings are left out. 0, -ENOMEM, or -EINVAL: something was sampled.
 */
DRVMEM_MUST_CHECK int drvmem_between__grid(const struct drvmem_scope *v, uint32_t top, struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_BETWEEN_H */
