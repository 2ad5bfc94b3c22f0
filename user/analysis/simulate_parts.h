/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of simulate.h share. Not for others. */
#ifndef DRVMEM_ANALYSIS_SIMULATE_PARTS_H
#define DRVMEM_ANALYSIS_SIMULATE_PARTS_H

#include "analysis/arrivals.h"
#include "analysis/simulate.h"

/* What is played: each size of each site is a kind of object. */
struct drvmem_simulate_kinds {
	struct drvmem_arrival_kind *arrival;
	uint32_t *asked;		/* bytes */
	uint32_t *site;			/* index into sites[] of the distribution */
	uint32_t n;
};

/* Where the kinds lie in a configuration. */
struct drvmem_simulate_plan {
	uint32_t *cache;		/* by kind, index into caches of the result */
	struct drvmem_simulate_config c;
};

/*
 * Fills cache[] of ret, and which one each kind lies in. unused: bit per size that nothing lies in. -ENOMEM;
 * -EINVAL: a size that no slab holds.
 */
DRVMEM_MUST_CHECK int drvmem_simulate_plan(const struct drvmem_distribution *d, const struct drvmem_simulate_kinds *k,
					   const struct drvmem_simulate_config *c, struct drvmem_simulate_plan *p,
					   struct drvmem_simulated *ret, uint32_t *ret_unused);
/* Plays the arrivals. -ENOMEM, -E2BIG. */
DRVMEM_MUST_CHECK int drvmem_simulate_play(const struct drvmem_simulate_plan *p, const struct drvmem_simulate_kinds *k,
					   const struct drvmem_arrivals *a, struct drvmem_simulated *ret);

#endif /* DRVMEM_ANALYSIS_SIMULATE_PARTS_H */
