/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools of two moments beside each other, of one machine or of two: by kind, name and device; those
 * that share all three are added up. A number that one side has not is missing in the change too;
 * a pool that one side has not is "new" or "gone", and holds nothing there.
 */
#ifndef DRVMEM_VIEW_DIFFED_POOLS_H
#define DRVMEM_VIEW_DIFFED_POOLS_H

#include "model/pools.h"
#include "view/diffed.h"
#include "view/grid.h"

struct drvmem_diffed_pools {
	/*
	 * Columns: name, kind, device, owner, what (new, gone, grew, shrank, "same" held bytes), finding ("over": held
	 * bytes grew beyond the tolerances), a_held_bytes, b_held_bytes, change_held_bytes, then so in_use and capacity.
	 * Pools of which nothing changed are left out; the largest change of held bytes first. There is no sum: what
	 * one pool holds may lie in another.
	 */
	struct drvmem_grid *g;
	uint32_t nr, nr_changed, nr_findings;	/* pools compared, of them those with changes and those over the tolerance; shown or not */
	const char *notes[2 * (DRVMEM_POOL_NOTES + DRVMEM_NR_POOL_KINDS)];	/* sentences on what was not read, or when */
	uint32_t nr_notes;
	struct drvmem_arena *arena;
};

/*
 * At most top rows (0 = all); the tolerances are o's. A kind of pools that one side could not read is left out of
 * both. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_diffed_pools__new(const struct drvmem_pools *a, const struct drvmem_pools *b,
					       const struct drvmem_diffed_opts *o, uint32_t top,
					       struct drvmem_diffed_pools **ret);
void drvmem_diffed_pools__free(struct drvmem_diffed_pools *p);

#endif /* DRVMEM_VIEW_DIFFED_POOLS_H */
