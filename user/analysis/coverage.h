/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The coverage ledger: what was traced since the start (allocations less frees) beside what the
 * kernel counts since then, the difference, and what can explain it. A verdict is about numbers
 * that exist: where one is missing, or was not meant to be the same, it says so instead.
 */
#ifndef DRVMEM_ANALYSIS_COVERAGE_H
#define DRVMEM_ANALYSIS_COVERAGE_H

#include "model/snapshot.h"

enum drvmem_verdict {
	DRVMEM_EXPLAINED = 0,	/* the difference lies within what is named below */
	DRVMEM_UNEXPLAINED,	/* by so much it does not */
	DRVMEM_NOT_COMPARABLE,	/* why */
	DRVMEM_NOT_THERE,	/* a side of it is absent */
	DRVMEM_NOT_ALLOWED,	/* the kernel's count is denied */
	DRVMEM_NR_VERDICTS,
};

enum drvmem_coverage_kind {
	DRVMEM_COVER_CACHE = 0,	/* objects; a kmem_cache, or all kmalloc caches of one size */
	DRVMEM_COVER_LARGE,	/* bytes, as all below; kmalloc from pages */
	DRVMEM_COVER_VMALLOC,
	DRVMEM_COVER_PERCPU,
	DRVMEM_COVER_PAGE,
	DRVMEM_COVER_DMA,
};

struct drvmem_coverage_row {
	const char *name;		/* as the kernel has it; "kmalloc-64" for all its types */
	enum drvmem_coverage_kind kind;
	int64_t tracked;		/* live and held: objects, or bytes */
	double tracked_error;		/* half of the 95 % interval where it is an estimate */
	uint64_t events;		/* traced allocations and frees */
	struct drvmem_u64 start, now;	/* the kernel's count */
	int64_t difference;		/* (now - start) - tracked; 0 unless both are there */
	/* what can explain it, in the unit of the row */
	struct drvmem_u64 slack;	/* free ones that the kernel counts as in use, at most, now */
	struct drvmem_u64 start_slack;	/* the same at the start */
	uint64_t moment;		/* moved while the readings were taken */
	uint64_t pending;		/* given up through RCU, perhaps still there */
	uint64_t inferred;		/* frees that were inferred: in tracked already */
	uint64_t older_gone;		/* vmalloc: freed areas that are older than the session */
	uint64_t older_needed;		/* taken from the session's count of older or lost frees */
	uint64_t unexplained;
	enum drvmem_verdict verdict;
	const char *why;		/* one sentence, or "" */
};

struct drvmem_coverage {
	struct drvmem_coverage_row *rows;	/* other allocators first, then caches, worst first */
	uint32_t nr_rows, nr_caches, nr_explained;	/* caches are rows too */
	const char *not_comparable;	/* why nothing is, or NULL */
	/*
	 * Frees of objects older than the session are counted for the whole of it, not for each cache:
	 * every row may take all of them, and together they must suffice.
	 */
	struct drvmem_u64 older, lost;	/* counted */
	uint64_t older_needed;		/* by all rows together */
	const struct drvmem_snapshot *s;	/* not owned */
	struct drvmem_arena *arena;
};

extern const char *const drvmem_verdict_names[DRVMEM_NR_VERDICTS];

/* NULL in *ret when the kernel's counts were not read. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_coverage__new(const struct drvmem_snapshot *s, struct drvmem_coverage **ret);
void drvmem_coverage__free(struct drvmem_coverage *c);
/* Size of a kmalloc cache of any type ("kmalloc-cg-1k": 1024), 0 for other names. */
uint64_t drvmem_kmalloc_size(const char *cache);

#endif /* DRVMEM_ANALYSIS_COVERAGE_H */
