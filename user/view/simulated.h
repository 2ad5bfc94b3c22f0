/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulation (analysis/simulate.h) with the names and remarks that it needs to be read. Refers to all that it is given. */
#ifndef DRVMEM_VIEW_SIMULATED_H
#define DRVMEM_VIEW_SIMULATED_H

#include "analysis/simulate.h"
#include "view/grid.h"

#define DRVMEM_SIMULATED_NOTES	8u

struct drvmem_simulated_view {
	const struct drvmem_simulation *s;
	const struct drvmem_distribution *d;
	const struct drvmem_simulate_config *c;
	char note[DRVMEM_SIMULATED_NOTES][240];	/* what to know before the figures are believed */
	uint32_t nr_notes;
};

void drvmem_simulated_view_init(struct drvmem_simulated_view *v, const struct drvmem_simulation *s,
				const struct drvmem_distribution *d, const struct drvmem_simulate_config *c);
/* "kmalloc-256", "pages", a cache's name, "new-136". */
const char *drvmem_simulated_name(const struct drvmem_simulated_cache *c, char *buf, size_t size);
const char *drvmem_simulated_kind_name(enum drvmem_simulated_kind kind);	/* "kmalloc" */
const char *drvmem_simulated_level_name(enum drvmem_simulated_level level);	/* "held_bytes" */
/* Slabs taken in a second of the time played. */
double drvmem_simulated_refill_rate(const struct drvmem_simulation *s, const struct drvmem_simulated *r);
/* The caches of both, most held at the end first. -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_simulated_caches(const struct drvmem_simulated_view *v, struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_SIMULATED_H */
