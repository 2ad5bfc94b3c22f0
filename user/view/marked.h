/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sites did between two marks of a session: analysis/window.h of each, and of all. */
#ifndef DRVMEM_VIEW_MARKED_H
#define DRVMEM_VIEW_MARKED_H

#include "analysis/window.h"
#include "view/grid.h"
#include "view/scope.h"

/* Which window is meant. */
struct drvmem_marks_at {
	uint32_t gen;			/* generation; 0 = none */
	uint64_t from_ns, to_ns;	/* CLOCK_MONOTONIC; to: 0 = still open at the snapshot */
};

struct drvmem_marked_site {
	uint32_t site;			/* index into sites[] */
	struct drvmem_window_sums w;
};

struct drvmem_marked {
	struct drvmem_marks_at at;
	uint64_t ns;			/* how long it was */
	struct drvmem_marked_site *site;	/* that allocated or freed inside; most AIFO bytes first */
	uint32_t nr_sites;
	bool upper_bound;		/* of some of them ends cannot be seen */
	struct drvmem_window_sums total;	/* of all sites that the scope kept */
};

/* The snapshot must have gens. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_marked__new(const struct drvmem_scope *v, const struct drvmem_marks_at *at,
					 struct drvmem_marked **ret);
void drvmem_marked__free(struct drvmem_marked *m);
/*
 * Columns: name (site), owner, cache, and objects and bytes of aifo, aifi, aofi. At most top rows
 * (0 = all), the rest in "other (N)", then TOTAL.
 */
DRVMEM_MUST_CHECK int drvmem_marked__grid(const struct drvmem_scope *v, const struct drvmem_marked *m,
					  uint32_t top, struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_MARKED_H */
