/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many objects of which sizes call sites took, and how long these lived: recorded by a session,
 * or written by hand (source/distribution.h has the form). What a simulation replays. Plain data,
 * strings owned by the arena.
 */
#ifndef DRVMEM_MODEL_DISTRIBUTION_H
#define DRVMEM_MODEL_DISTRIBUTION_H

#include <stdint.h>

#include "drvmem/abi.h"
#include "model/arena.h"
#include "model/slub.h"

/* Objects of one asked size of a site. */
struct drvmem_distribution_size {
	uint32_t bytes;
	uint64_t allocs, live;
	uint64_t peak;			/* most at once; 0 = not known */
};

struct drvmem_distribution_site {
	const char *site, *owner;
	const char *cache;		/* "kmalloc-256"; "" = not of a slab */
	uint16_t allocator;		/* enum drvmem_allocator */
	uint64_t allocs, frees, live;	/* objects; live: at the end */
	uint64_t peak;			/* most at once; 0 = not known */
	uint64_t life[DRVMEM_LIFE_BUCKETS];	/* freed objects by log2 of the jiffies lived; 0 = less than one */
	uint32_t first_size, nr_sizes;	/* slice of sizes[] */
};

struct drvmem_distribution {
	const char *kernel;		/* "6.12.95"; "" = not told */
	struct drvmem_slub_rules slub;
	uint32_t hz;
	uint64_t traced_ns;
	struct drvmem_distribution_site *sites;
	uint32_t nr_sites;
	struct drvmem_distribution_size *sizes;
	uint32_t nr_sizes;
	struct drvmem_arena *arena;
};

/* An empty one, or NULL on ENOMEM. */
struct drvmem_distribution *drvmem_distribution__new(void);
void drvmem_distribution__free(struct drvmem_distribution *d);

#endif /* DRVMEM_MODEL_DISTRIBUTION_H */
