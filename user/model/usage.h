/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How sites use memory, of a session that is to advise (drvmem/use.h): sizes, who asked, what follows
 * what. Part of a snapshot. Plain data; free() of the struct frees all.
 */
#ifndef DRVMEM_MODEL_USAGE_H
#define DRVMEM_MODEL_USAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Objects of one asked size of a site. */
struct drvmem_usage_size {
	uint32_t site;			/* index into sites[] of the snapshot */
	uint32_t bytes;
	uint64_t allocs;
	int64_t live;
	uint64_t peak;			/* most that were live at once; 0 where peaks are not exact */
};

struct drvmem_usage_site {
	int64_t live;			/* objects */
	uint64_t peak;			/* most at once; 0 where peaks are not exact */
	uint64_t unsized;		/* allocations whose size had no place: not in sizes */
	uint64_t waited, atomic;	/* allocations that may wait, that may not; the rest was not told */
	uint64_t failed_atomic;		/* failures of those */
	uint64_t by_user;		/* of those that may wait: for a process, which is not charged */
	uint64_t paired_allocs, paired_ends;	/* events that were looked at for pairs */
	uint64_t remaps_new, remaps_again;	/* mappings of followed addresses: first, again */
	bool remaps_cut;		/* some addresses had no place */
	uint32_t first_size, nr_sizes;	/* slice of sizes[], ascending */
};

/* One site's event right after another's, by one task in one jiffy. */
struct drvmem_usage_pair {
	uint32_t before, site;		/* indices into sites[] */
	bool ends;			/* of ends; else of allocations */
	uint64_t count;
};

struct drvmem_usage {
	struct drvmem_usage_site *site;	/* by index into sites[] */
	struct drvmem_usage_size *sizes;
	struct drvmem_usage_pair *pairs;	/* in the order of drvmem_usage__cmp_pair(), each once */
	uint32_t nr_sizes, nr_pairs;
};

/* Two struct drvmem_usage_pair, for qsort() and bsearch(): by site before, site, allocations before ends. */
int drvmem_usage__cmp_pair(const void *a, const void *b);
void drvmem_usage__free(struct drvmem_usage *u);

#endif /* DRVMEM_MODEL_USAGE_H */
