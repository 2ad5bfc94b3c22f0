/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot as a view sees it: the sites a filter kept, ordered by owner, with
 * what changed since the previous snapshot, and the sum of any group of sites.
 * Refers to the snapshot, which must outlive it; owns everything else.
 */
#ifndef DRVMEM_VIEW_SCOPE_H
#define DRVMEM_VIEW_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/coverage.h"
#include "base/err.h"
#include "model/delta.h"
#include "model/filter.h"
#include "model/owners.h"
#include "model/places.h"
#include "model/snapshot.h"

#define DRVMEM_CACHE_SEVERAL	-1

/* Figures of one group of sites. All of definitions.md; nothing here is rounded. */
struct drvmem_sum {
	struct drvmem_counts c;
	struct drvmem_change d;
	struct drvmem_counts map;	/* of mappings, which are in nothing else here */
	struct drvmem_change map_d;
	uint32_t nr_sites, nr_maps;	/* sites; those of mappings among them */
	struct drvmem_u64 peak_bytes;	/* of one counter, never a sum: absent for other groups */
	bool peak_sampled;
	int64_t waste_bytes;		/* held - live of objects whose cache is known; of what was sampled never below 0 */
	enum drvmem_avail waste_st;
	double waste_var;		/* of sampled objects, bytes^2; an upper bound */
	bool waste_partial;		/* some objects have an unknown cache: held is short */
	struct drvmem_u64 age_p50_ns;	/* lower median; absent without objects; of mappings where all sites are */
	bool upper_bound;		/* holds a cache whose frees cannot all be seen */
	uint32_t allocators;		/* bit per enum drvmem_allocator, mappings too */
	int32_t cache;			/* the only cache, or DRVMEM_CACHE_SEVERAL */
};

struct drvmem_owner_slice {
	uint16_t owner;			/* index into instances[] */
	bool whole;			/* no site of the owner was filtered out */
	uint32_t first, nr;		/* slice of by_owner[] */
};

/* An age and how many objects have it. */
struct drvmem_aged {
	uint64_t age_ns;
	double n;
};

struct drvmem_pools;
struct drvmem_inside;

struct drvmem_scope {
	const struct drvmem_snapshot *s;
	struct drvmem_delta *delta;
	struct drvmem_coverage *coverage;	/* of the whole snapshot; NULL = not read */
	struct drvmem_arena *arena;
	const char **owner_name;	/* [nr_instances] "e1000e#7" */
	uint32_t *by_owner;		/* kept sites, ordered by owner */
	uint32_t nr_kept;
	struct drvmem_owner_slice *owners;
	uint32_t nr_owners;
	uint32_t *stacks;		/* all stacks: by site, most sampled first */
	uint64_t *ages;			/* scratch, [nr_objects] */
	struct drvmem_aged *aged;	/* scratch, [nr_objects]; NULL unless objects were sampled */
	bool lossy;			/* something was lost: totals are lower bounds */
	int64_t destroyed_objects, destroyed_bytes;	/* live, of kept sites whose cache was destroyed */
	struct drvmem_places *places;	/* of call sites and stacks, if they were looked up; owned */
	const struct drvmem_pools *pools;	/* pools as such, where they were asked for; not owned */
	const struct drvmem_inside *inside;	/* what is known of the window since prev beside; NULL = nothing; not owned */
};

/* prev may be NULL, f may be NULL. 0, -ENOMEM, or -EINVAL: the snapshot refers outside its arrays. */
DRVMEM_MUST_CHECK int drvmem_scope__new(const struct drvmem_snapshot *prev,
					const struct drvmem_snapshot *cur,
					const struct drvmem_filter *f, struct drvmem_scope **ret);
void drvmem_scope__free(struct drvmem_scope *v);
/* Sum over sites[0..n) (indices); its peak is that of the site when n == 1, else absent. */
void drvmem_scope__sum(struct drvmem_scope *v, const uint32_t *sites, uint32_t n,
		       struct drvmem_sum *ret);
/* Some frees of the site's cache cannot be seen: what is live is at most so much. */
/* Variance of what the sampled objects of a site waste, bytes^2; an upper bound. */
double drvmem_scope__waste_var(const struct drvmem_scope *v, uint32_t site);
bool drvmem_scope__is_upper(const struct drvmem_scope *v, uint32_t site);
/* Some site that was kept is of mappings. */
bool drvmem_scope__has_maps(const struct drvmem_scope *v);
/* "drv.c:123" of a return address, as whoever wrote it would look at it; false: not known, buf is "". */
bool drvmem_scope__place(const struct drvmem_scope *v, uint64_t ip, char *buf, size_t size);
/* Slice of an owner (index into instances[]); NULL when none of its sites was kept. */
const struct drvmem_owner_slice *drvmem_scope__owner(const struct drvmem_scope *v, uint16_t owner);
/* Sum of an owner; its peak is the owner's own when the owner is whole. */
void drvmem_scope__owner_sum(struct drvmem_scope *v, const struct drvmem_owner_slice *o,
			     struct drvmem_sum *ret);
/* Slice of stacks[] that belongs to a site. */
void drvmem_scope__stacks(const struct drvmem_scope *v, uint32_t site, uint32_t *ret_first,
			  uint32_t *ret_nr);
/* Lower median of ages[0..n); reorders them. n > 0. */
uint64_t drvmem_ages_p50(uint64_t *ages, uint32_t n);
/* The same of ages that stand for several objects each: the first one that at least half are no older than. */
uint64_t drvmem_aged_p50(struct drvmem_aged *aged, uint32_t n);

#endif /* DRVMEM_VIEW_SCOPE_H */
