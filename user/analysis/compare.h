/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two snapshots, of one session or of different ones, boots or kernels, have in common and
 * what not. Change is always B less A, and the changes of all rows add up to that of the totals.
 * Mappings, memory that is counted elsewhere, have figures of their own and are in no other. Pure.
 *
 * Owners go together by type and name, whatever the load; caches by allocator and name; call sites
 * by owner, module, function, allocator and cache (or device), and then by their place in the
 * function: by its offset where both sides run the same build of the image, by their order where
 * not but both have equally many, and all as one where even these differ.
 */
#ifndef DRVMEM_ANALYSIS_COMPARE_H
#define DRVMEM_ANALYSIS_COMPARE_H

#include "model/arena.h"
#include "model/snapshot.h"

enum drvmem_compare_by { DRVMEM_COMPARE_OWNER = 0, DRVMEM_COMPARE_SITE, DRVMEM_COMPARE_CACHE, DRVMEM_COMPARE_STACK };

/* How the two sides of a row were found to be the same. */
enum drvmem_compare_match {
	DRVMEM_MATCH_NAME = 0,	/* there is nothing but names to go by */
	DRVMEM_MATCH_OFFSET,	/* the same place in the same build */
	DRVMEM_MATCH_ORDER,	/* the n-th place in the function of either: likely, not sure */
	DRVMEM_MATCH_MERGED,	/* all places in the function */
};

struct drvmem_compare_figures {
	int64_t live_bytes, live_objects, allocs, alloc_bytes;
	double live_bytes_var, live_objects_var, allocs_var;	/* of what was sampled */
	bool upper_bound;	/* some frees cannot be seen */
	int64_t maps, mapped_bytes;	/* live mappings */
	double maps_var, mapped_bytes_var;
	bool maps_upper;	/* the ends of some cannot be seen */
	uint32_t nr_sites, nr_maps;	/* of memory, of mappings: what of this applies */
};

/* One thing of one side; strings are of the snapshot, or outlive the comparison. */
struct drvmem_compare_item {
	enum drvmem_owner_type type;
	const char *owner;	/* NULL: of several */
	const char *name;	/* of the owner, function or cache */
	const char *module;	/* of the function, NULL = the kernel or not known */
	const char *cache;	/* or device; NULL */
	uint16_t allocator;	/* DRVMEM_NR_USES: several */
	uint64_t offset;	/* in the function; 0 = none */
	uint64_t ip;		/* return address of the call; 0 = several, or not known */
	struct drvmem_compare_figures f;
};

struct drvmem_compare_row {
	struct drvmem_compare_item key;		/* of A where A has it; its figures mean nothing */
	bool in_a, in_b;
	enum drvmem_compare_match match;
	uint64_t offset_b;			/* where B has it, if it does */
	uint64_t ip_a, ip_b;			/* its return address in either; 0 = not there, several, not known */
	uint32_t nr_a, nr_b;			/* places in it */
	struct drvmem_compare_figures a, b;
};

struct drvmem_compare {
	struct drvmem_compare_row *rows;
	uint32_t nr_rows;
	struct drvmem_compare_figures a, b;	/* totals */
	struct drvmem_arena *arena;		/* names that no snapshot has */
};

/* A snapshot, and the sites of it that are wanted. */
struct drvmem_compare_side {
	const struct drvmem_snapshot *s;
	const uint32_t *sites;
	uint32_t nr;
};

/* Rows in the order of their keys; by is not DRVMEM_COMPARE_STACK. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_compare__new(const struct drvmem_compare_side *a, const struct drvmem_compare_side *b,
					  enum drvmem_compare_by by, struct drvmem_compare **ret);
/*
 * The same of things made elsewhere; both arrays are sorted in place, and equal things are added
 * up. sa and sb: whose builds are compared; NULL where there are no offsets.
 */
DRVMEM_MUST_CHECK int drvmem_compare__join(struct drvmem_compare_item *a, uint32_t na, struct drvmem_compare_item *b,
					   uint32_t nb, const struct drvmem_snapshot *sa,
					   const struct drvmem_snapshot *sb, struct drvmem_compare **ret);
void drvmem_compare__free(struct drvmem_compare *c);
/* The figures of one call site, of memory or of mappings. */
struct drvmem_compare_figures drvmem_compare_figures__of(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t);
/* dst += src, every field. */
void drvmem_compare_figures__add(struct drvmem_compare_figures *dst, const struct drvmem_compare_figures *src);
/* B less A, and the variance of that. */
struct drvmem_compare_figures drvmem_compare__change(const struct drvmem_compare_figures *a,
						     const struct drvmem_compare_figures *b);
/* Nothing but variances differs. */
bool drvmem_compare__is_same(const struct drvmem_compare_row *r);

#endif /* DRVMEM_ANALYSIS_COMPARE_H */
