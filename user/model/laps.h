/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The most objects that each site had at once, lap by lap of a session: what a depth is chosen
 * from. A session of unknown length merges two laps into one whenever there are too many.
 */
#ifndef DRVMEM_MODEL_LAPS_H
#define DRVMEM_MODEL_LAPS_H

#include <stdint.h>

#include "base/err.h"

#define DRVMEM_LAPS_MAX	1024u

struct drvmem_laps_site {
	uint32_t site;		/* id */
	uint32_t first;		/* lap that it was first seen in: none live before */
	uint32_t *most;		/* by lap, from 0 on; room for DRVMEM_LAPS_MAX */
};

struct drvmem_laps {
	struct drvmem_laps_site *v;	/* by site */
	uint32_t nr, cap;
	uint32_t nr_laps;	/* that are over */
	uint32_t merged;	/* laps of the session in one of these */
	uint32_t pending;	/* laps of the session in the one that is not over */
};

/* A session's lap ends: add the sites' figures, then close it. All 0 is an empty one. */
DRVMEM_MUST_CHECK int drvmem_laps__add(struct drvmem_laps *l, uint32_t site, uint64_t most);
void drvmem_laps__close(struct drvmem_laps *l);
void drvmem_laps__fini(struct drvmem_laps *l);

/* Laps in which a site had more than in any before. */
uint32_t drvmem_laps__rises(const struct drvmem_laps *l, uint32_t site);
/*
 * Of a site: the most of the laps that are over, and what was not exceeded in `percent` of 100 of them (0 <
 * percent <= 100; nearest rank). 0: it had none, or no lap is over.
 */
uint32_t drvmem_laps__quantile(const struct drvmem_laps *l, uint32_t site, double percent);

#endif /* DRVMEM_MODEL_LAPS_H */
