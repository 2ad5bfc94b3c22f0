/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of pools: kinds, and below each its pools, most held bytes first. A sum over
 * pools one of which has no figure is no sum, and missing.
 */
#ifndef DRVMEM_VIEW_POOLS_H
#define DRVMEM_VIEW_POOLS_H

#include "model/pools.h"
#include "view/grid.h"

/*
 * Columns: name, owner, device, size_bytes, capacity, in_use, tracked, peak, held_bytes,
 * waste_bytes, refills, failures. top: pools of each kind (0 = all), the rest in "other (N)".
 * 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_pools__grid(const struct drvmem_pools *p, uint32_t top,
					 struct drvmem_grid **ret);
/* Why a number of a pool is absent, one sentence; key as in the grid and doc/json.md. */
const char *drvmem_pools__why(const struct drvmem_pool *k, const char *key);

#endif /* DRVMEM_VIEW_POOLS_H */
