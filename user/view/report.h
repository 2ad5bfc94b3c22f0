/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report table: owners (or sites, caches, stacks) with what they hold, take
 * and give back. Rows that are cut are summed into "other (N)", so that every
 * level adds up to its parent and the first level to the TOTAL row.
 */
#ifndef DRVMEM_VIEW_REPORT_H
#define DRVMEM_VIEW_REPORT_H

#include "view/grid.h"
#include "view/scope.h"

enum drvmem_by { DRVMEM_BY_OWNER = 0, DRVMEM_BY_SITE, DRVMEM_BY_CACHE, DRVMEM_BY_STACK,
		 DRVMEM_BY_DEVICE /* DMA buffers only */ };

/* Order of drvmem_sort_names. */
enum drvmem_sort {
	DRVMEM_SORT_LIVE = 0,
	DRVMEM_SORT_GROWTH,	/* Δ */
	DRVMEM_SORT_RATE,	/* allocs + frees in the interval */
	DRVMEM_SORT_PEAK,	/* rows without a peak of their own: live */
	DRVMEM_SORT_ALLOCS,
	DRVMEM_SORT_FREES,
	DRVMEM_SORT_OBJECTS,
	DRVMEM_SORT_WASTE,
	DRVMEM_SORT_FAILURES,
	DRVMEM_SORT_AGE,
	DRVMEM_SORT_MAPPED,
	DRVMEM_SORT_NAME,
	DRVMEM_NR_SORTS,
};

extern const char *const drvmem_by_names[];	/* NULL-terminated, for option tables */
extern const char *const drvmem_sort_names[];

struct drvmem_report_opts {
	enum drvmem_by by;
	enum drvmem_sort sort;
	uint32_t top;		/* rows of the first level; 0 = all, at every level */
};

/*
 * Columns: name, allocator, cache, live_bytes, delta_bytes, live_objects, allocs,
 * allocs_per_s, frees, frees_per_s, peak_bytes, bytes_per_alloc, waste_bytes,
 * failures, age_p50_ns; by site and stack also owner; where there are mappings, mappings and
 * mapped_bytes: of a row of mappings alone allocs, frees and ages are theirs; by device syncs. Depth:
 *   owner: owner > (kernel: component > function > cache | else: site)
 *   site:  site          cache: cache > owner          stack: site > frames
 * 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_report__build(struct drvmem_scope *v,
					   const struct drvmem_report_opts *o,
					   struct drvmem_grid **ret);

/*
 * The figures of a sum into the last row of a grid that has some of the columns above. total: the row adds up
 * what others hold, so that a loss makes it a lower bound.
 */
void drvmem_report__figures(struct drvmem_scope *v, const struct drvmem_sum *m, bool total, struct drvmem_grid *g);

#endif /* DRVMEM_VIEW_REPORT_H */
