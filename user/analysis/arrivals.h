/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that come and go, drawn from what was recorded of them: a Poisson process at the recorded rate,
 * kinds by their share of the allocations, lifetimes from a histogram. The same seed gives the
 * same objects. Pure.
 */
#ifndef DRVMEM_ANALYSIS_ARRIVALS_H
#define DRVMEM_ANALYSIS_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"

#define DRVMEM_ARRIVAL_STAYS	UINT64_MAX

/* Objects of one size of one site, as recorded. */
struct drvmem_arrival_kind {
	uint64_t allocs;		/* 0: none is drawn */
	uint64_t live;			/* of them at the end */
	/*
	 * DRVMEM_LIFE_BUCKETS, of those that were freed: [0] in less than a jiffy (drawn evenly), [i] after 2^(i-1) to
	 * 2^i jiffies (drawn log-uniform).
	 */
	const uint64_t *life;
};

struct drvmem_arrival {
	uint64_t at_ns;
	uint64_t end_ns;		/* > at_ns; DRVMEM_ARRIVAL_STAYS: not before length_ns */
	uint32_t kind;
};

struct drvmem_arrival_end {
	uint64_t end_ns;
	uint32_t index;			/* of the arrival */
};

struct drvmem_arrivals {
	struct drvmem_arrival *v;	/* by time */
	uint32_t n;
	struct drvmem_arrival_end *end;	/* of those that end, by time */
	uint32_t nr_ends;
	uint64_t length_ns;		/* that was played: traced_ns, or until max was reached */
	bool cut;			/* max was reached */
};

/*
 * The share of a kind's objects that are kept for good. The recorded histogram has only those that were
 * freed in time; of the others some would have been. The share is such that the objects live at the
 * end of traced_ns are, on average, as many as recorded. 1 where no lifetime is known. By the time an
 * object of the histogram is alive at the end with the probability E[min(life, T)] / T.
 */
double drvmem_arrival__kept(const struct drvmem_arrival_kind *k, uint64_t traced_ns, uint32_t hz);
/* Average life of those that are freed, ns; 0: not known. */
double drvmem_arrival__mean_life(const struct drvmem_arrival_kind *k, uint32_t hz);
/*
 * At most max arrivals, 1 to 2^31. traced_ns, hz > 0. -EINVAL: no kind has allocations; -ERANGE: the sum of
 * allocations, or of a histogram, is too large; -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_arrivals(const struct drvmem_arrival_kind *kind, uint32_t n, uint64_t traced_ns,
				      uint32_t hz, uint64_t seed, uint32_t max, struct drvmem_arrivals *ret);
void drvmem_arrivals__deinit(struct drvmem_arrivals *a);

#endif /* DRVMEM_ANALYSIS_ARRIVALS_H */
