/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools of two moments beside each other, of one machine or of two: by kind, name and device; those
 * that share all three are added up. A number that one side has not is missing in the change too;
 * a pool that one side has not is "new" or "gone", and holds nothing there.
 */
#ifndef DRVMEM_VIEW_DIFFED_POOLS_H
#define DRVMEM_VIEW_DIFFED_POOLS_H

#include "model/pools.h"
#include "view/grid.h"

/*
 * Columns: name, kind, device, owner, what (new, gone, grew, shrank, "same" held bytes), a_held_bytes,
 * b_held_bytes, change_held_bytes, then so in_use and capacity. Pools of which nothing changed are left out;
 * the largest change of held bytes first, at most top (0 = all). 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_diffed__pools(const struct drvmem_pools *a, const struct drvmem_pools *b, uint32_t top,
					   struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_DIFFED_POOLS_H */
