/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory would do under another configuration: a recorded distribution played (analysis/arrivals.h)
 * against slabs (analysis/slabmodel.h) as they are today and as proposed, the same objects at the same
 * times. Bytes are those of slab pages. Pure.
 */
#ifndef DRVMEM_ANALYSIS_SIMULATE_H
#define DRVMEM_ANALYSIS_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/distribution.h"

#define DRVMEM_SIMULATE_SIZES	16u
#define DRVMEM_SIMULATE_EVENTS	2000000u	/* objects that come or go, at most */
#define DRVMEM_SIMULATE_DEPTH	1000000u
#define DRVMEM_SIMULATE_BEFOREHAND	(1u << 23)
#define DRVMEM_SIMULATE_MIN	100u		/* recorded allocations; fewer are no distribution */

/*
 * A configuration; all 0 is as it is. Sizes: a kmalloc gets a cache of its own of the smallest size that
 * holds it, larger ones stay as they are. depth: so many free objects taken beforehand, in front of each of
 * these caches (without sizes: of each cache in use); objects come from there first, and go back there
 * while it is not full. limit: so many objects at once, of all sizes together; what is beyond fails. reserve:
 * so many objects of each such cache, beside the limit, taken only when an allocation would
 * fail, and filled again before anything else is given back (mm/mempool.c: mempool_alloc(), mempool_free(); those
 * that may wait for an object do not fail there, which is not modelled).
 */
struct drvmem_simulate_config {
	uint32_t size[DRVMEM_SIMULATE_SIZES];	/* ascending, > 0 */
	uint32_t nr_sizes;
	uint64_t depth, limit, reserve;		/* 0 = none */
};

struct drvmem_simulate_in {
	const struct drvmem_distribution *d;
	const uint32_t *site;		/* indices of those that are played */
	uint32_t nr_sites;
	struct drvmem_simulate_config c;
	uint64_t seed;
	uint64_t max_events;		/* 2 to 2^32; 0 = DRVMEM_SIMULATE_EVENTS */
};

enum drvmem_simulated_level {
	DRVMEM_SIMULATED_OBJECTS = 0,	/* in use */
	DRVMEM_SIMULATED_ASKED,		/* bytes asked of them */
	DRVMEM_SIMULATED_WASTE,		/* what they take above that */
	DRVMEM_SIMULATED_SLACK,		/* of the slabs, what no object in use has */
	DRVMEM_SIMULATED_HELD,		/* asked + waste + slack: the slabs' pages */
	DRVMEM_NR_SIMULATED
};

struct drvmem_simulated_value {
	double mean;			/* over the time played */
	uint64_t peak, end;
};

enum drvmem_simulated_kind {
	DRVMEM_SIMULATED_KMALLOC = 0,	/* a size class */
	DRVMEM_SIMULATED_PAGES,		/* pages for each object: large kmallocs, blocks, areas, DMA buffers */
	DRVMEM_SIMULATED_CACHE,		/* a cache that there is */
	DRVMEM_SIMULATED_NEW,		/* one of the sizes proposed */
};

struct drvmem_simulated_cache {
	enum drvmem_simulated_kind kind;
	const char *name;		/* of CACHE, the distribution's; else NULL */
	uint32_t asked;			/* of CACHE, NEW: bytes that it was made for; else 0 */
	uint64_t size;			/* bytes that an object takes */
	uint32_t objects;		/* in a slab */
	uint64_t slab_bytes;
	bool pooled;			/* depth and reserve are in front of it */
	uint64_t allocs;		/* objects that were given out */
	uint64_t live;			/* at the end */
	uint64_t peak;			/* most at once */
	uint64_t slabs;			/* at the end */
	uint64_t slabs_peak;
	uint64_t refills;		/* slabs taken after the start */
};

/* Of one configuration. allocs = frees + live objects + failures. */
struct drvmem_simulated {
	struct drvmem_simulated_value level[DRVMEM_NR_SIMULATED];
	uint64_t allocs;		/* that were tried */
	uint64_t frees, failures;
	uint64_t refills_start;		/* slabs taken for depth and reserve before anything was */
	uint64_t refills, returned;	/* slabs taken, given back, after that */
	uint64_t list_hits, list_misses;	/* objects from the list of depth; past it */
	uint64_t reserve_hits;		/* objects that had failed without the reserve */
	uint64_t reserve_low;		/* fewest that the reserve of any cache had; 0 without one */
	struct drvmem_simulated_cache *cache;
	uint32_t nr_caches;
};

struct drvmem_simulation {
	struct drvmem_simulated today, proposed;
	uint64_t seed;
	uint64_t events, max_events;	/* objects that came and went */
	uint64_t traced_ns, played_ns;
	bool cut;			/* max_events was reached: played_ns is less than traced_ns */
	uint32_t sites;			/* that were played */
	uint32_t sizes;			/* distinct ones of these */
	uint32_t skipped;		/* of the sites: percpu and those without sizes */
	uint64_t recorded_allocs, recorded_live;	/* of the sizes that were played */
	uint64_t unsized;		/* allocations of the sites whose size was not recorded */
	uint64_t recorded_peak;		/* of one site exact; of several the sum of peaks, which is a bound; 0: not known */
	bool peak_bound;
	uint32_t unused_sizes;		/* bit per size of the configuration that no object took */
	bool kmalloc;			/* some site's */
};

/*
 * -EINVAL: the configuration contradicts itself; -ENODATA: less than DRVMEM_SIMULATE_MIN allocations with
 * sizes; -E2BIG: more than DRVMEM_SIMULATE_BEFOREHAND objects would be taken beforehand; -ERANGE: numbers too
 * large; -ENOMEM. After an error only what was recorded is in ret, and sites and skipped. To be freed in any case.
 */
DRVMEM_MUST_CHECK int drvmem_simulate(const struct drvmem_simulate_in *in, struct drvmem_simulation *ret);
void drvmem_simulation__deinit(struct drvmem_simulation *s);
/* Is this the name of one of kmalloc's caches? */
bool drvmem_simulate__is_kmalloc(const char *cache);

#endif /* DRVMEM_ANALYSIS_SIMULATE_H */
