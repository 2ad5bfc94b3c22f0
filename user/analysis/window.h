/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a site did in one generation, that is between two marks: its objects by whether they were
 * allocated and freed inside or outside of it. Exact, since each event counts for the generation
 * that it fell into. Pure.
 */
#ifndef DRVMEM_ANALYSIS_WINDOW_H
#define DRVMEM_ANALYSIS_WINDOW_H

#include <stdint.h>

#include "model/snapshot.h"

/* Objects, and the bytes that they asked for. */
struct drvmem_tally {
	uint64_t objects, bytes;
};

struct drvmem_window_sums {
	struct drvmem_tally aifi;	/* allocated inside, freed inside */
	struct drvmem_tally aifo;	/* allocated inside, freed later or live */
	struct drvmem_tally later;	/* of these, freed by now */
	struct drvmem_tally aofi;	/* allocated outside, freed inside */
	struct drvmem_tally aofo;	/* allocated outside (in the session), freed outside or live */
};

/* s must be of a session with marks, and gen one of its last DRVMEM_GENS_KEPT generations. */
void drvmem_window(const struct drvmem_snapshot *s, uint32_t site, uint32_t gen, struct drvmem_window_sums *ret);
void drvmem_window__add(struct drvmem_window_sums *dst, const struct drvmem_window_sums *src);

#endif /* DRVMEM_ANALYSIS_WINDOW_H */
