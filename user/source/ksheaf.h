/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Free slab objects in arrays (mm/slub.c: sheaves, 6.18 and later): one that is freed to a CPU's
 * array gets no free pointer, so that its own memory does not tell. Arrays whose objects wait for
 * RCU are left out: these may still be read. What was found of a cache is kept as a hint where to
 * look; what is told is read anew each time. One thread at a time.
 */
#ifndef DRVMEM_SOURCE_KSHEAF_H
#define DRVMEM_SOURCE_KSHEAF_H

#include "source/kslab.h"

struct drvmem_ksheaf_set;

struct drvmem_ksheaves {
	const struct drvmem_kmem *k;
	struct drvmem_kmem_port *p;
	struct drvmem_ksheaf_set *set;	/* by cache that was asked about, in that order */
	uint32_t nr, cap;
	uint32_t cap_spots;		/* of all sets */
	uint64_t began_ns, spent_ns;	/* since init; with looking for arrays */
};

void drvmem_ksheaf__init(struct drvmem_ksheaves *s, const struct drvmem_kmem *k, struct drvmem_kmem_port *p);
void drvmem_ksheaf__deinit(struct drvmem_ksheaves *s);
/*
 * The cell is free: it lies in an array below its count, now. False: it does not, or cannot be told. The
 * cell's cache must live as long as s.
 */
bool drvmem_ksheaf__has(struct drvmem_ksheaves *s, const struct drvmem_kcell *cell);
/*
 * The cell is one of the cache's arrays now, in whatever state: what it has in objects[] is free, waits for
 * RCU, or is what the array had before. False: it is none, or cannot be told.
 */
bool drvmem_ksheaf__is_array(struct drvmem_ksheaves *s, const struct drvmem_kcell *cell,
			     const struct drvmem_kcache *cache);
/* Memory that it takes. */
uint64_t drvmem_ksheaf__bytes(const struct drvmem_ksheaves *s);

#endif /* DRVMEM_SOURCE_KSHEAF_H */
