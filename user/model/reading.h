/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel itself counts at one moment: slab objects, vmalloc areas, meminfo. Plain data,
 * immutable once filled by source/reading; shared by the snapshots of a session, so it counts
 * its references. Says nothing of owners: it is compared with what was traced (analysis/coverage).
 */
#ifndef DRVMEM_MODEL_READING_H
#define DRVMEM_MODEL_READING_H

#include <stdint.h>

#include "model/avail.h"
#include "model/meminfo.h"

/* One row of /proc/slabinfo. A merged cache is one row, under its first name. */
struct drvmem_slab_reading {
	char name[64];
	uint64_t active, total;		/* objects; active: with those free ones that CPUs keep */
	uint64_t objs_per_slab, slab_bytes;	/* slab_bytes: of all its slabs */
	struct drvmem_u64 cpu_partial;	/* /sys/kernel/slab/NAME: free objects a CPU may keep beside */
	struct drvmem_u64 sheaf_capacity;	/* the same: objects of a sheaf (6.18); absent: no sheaves */
};

/* A vmalloc area that has memory of its own (vmap and ioremap map what others hold). */
struct drvmem_area_reading {
	uint64_t id;			/* hash of address, size and caller */
	uint64_t pages;
};

struct drvmem_reading {
	unsigned int refs;
	enum drvmem_avail slabs_st, areas_st;
	struct drvmem_slab_reading *slabs;	/* by name */
	uint32_t nr_slabs;
	struct drvmem_area_reading *areas;	/* by id */
	uint32_t nr_areas;
	uint64_t area_pages;		/* of areas[] */
	uint64_t mapping_bytes;		/* of vmap, ioremap and others without memory of their own */
	struct drvmem_u64 mem[DRVMEM_NR_MEM];
	struct drvmem_u64 vm[DRVMEM_NR_VM];
	uint32_t nr_cpus, nr_nodes;	/* online */
	uint64_t kfence_ms;		/* an object at most so often goes to KFENCE's pool; 0 = off */
	bool cpu_slabs;			/* kmem_cache.cpu_slab: a slab for each CPU (before 7.x) */
	bool partial_counts_slabs;	/* kmem_cache.cpu_partial_slabs (5.16) */
};

/* Empty, one reference. NULL on ENOMEM. */
struct drvmem_reading *drvmem_reading__new(void);
struct drvmem_reading *drvmem_reading__ref(struct drvmem_reading *r);
/* NULL is nothing. */
void drvmem_reading__unref(struct drvmem_reading *r);
/* Puts rows and areas in order: call once after they are filled. */
void drvmem_reading__seal(struct drvmem_reading *r);
/* Pages of areas that are in a and not in b. */
uint64_t drvmem_reading__areas_gone(const struct drvmem_reading *a, const struct drvmem_reading *b);
/* Free objects that CPUs and nodes may keep of a cache, which the kernel counts as in use. */
struct drvmem_u64 drvmem_reading__slack(const struct drvmem_reading *r,
					const struct drvmem_slab_reading *s);

#endif /* DRVMEM_MODEL_READING_H */
