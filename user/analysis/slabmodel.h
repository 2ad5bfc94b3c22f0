/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slabs of one cache as objects come and go, by number: which slab an object lies in, and when
 * the cache takes a slab and gives one back. As SLUB does on one node (mm/slub.c):
 *
 * - an object comes from the first slab of the node's partial list (get_partial_node()), and from a new one
 *   only where the list is empty (___slab_alloc(), new_slab());
 * - a full slab that gets an object back goes to the end of the list (__slab_free(), add_partial() with
 *   DEACTIVATE_TO_TAIL);
 * - a slab whose objects are all free goes back to the page allocator when the list has min_partial slabs,
 *   itself counted if it is there, and stays otherwise (__slab_free()); min_partial is half of log2 of the object's size, 5 to 10
 *   (do_kmem_cache_create(); kmem_cache_open() before 6.12).
 *
 * Not modelled: what CPUs keep for themselves (the slab each allocates from, its list of partial ones, from 6.18
 * on sheaves, which hold back objects up to their capacity), several nodes, random freelists,
 * shrinking, slab_debug, and objects of others: kmalloc's caches are everybody's, here they are empty
 * at the start and have only the objects that are played. Pure.
 */
#ifndef DRVMEM_ANALYSIS_SLABMODEL_H
#define DRVMEM_ANALYSIS_SLABMODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define DRVMEM_SLABMODEL_NONE	UINT32_MAX

struct drvmem_slabmodel_slab {
	uint32_t inuse;
	uint32_t prev, next;		/* of the partial list; next also of the slabs that are gone */
	bool partial;			/* it is on the list */
};

struct drvmem_slabmodel {
	uint32_t objects;		/* in a slab */
	uint32_t min_partial;
	struct drvmem_slabmodel_slab *slab;
	uint32_t nr, cap;		/* of slab[], those that are gone too */
	uint32_t head, tail, nr_partial;
	uint32_t gone;			/* list of slabs that are gone, to be used again */
	uint64_t slabs;			/* that the cache has */
	uint64_t taken, returned;
};

/* size: that an object takes. pages: the page allocator serves each object by itself, nothing is kept. */
void drvmem_slabmodel_init(struct drvmem_slabmodel *m, uint32_t size, uint32_t objects, bool pages);
void drvmem_slabmodel__deinit(struct drvmem_slabmodel *m);
/* An object: *ret_slab is where it lies. -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_slabmodel__take(struct drvmem_slabmodel *m, uint32_t *ret_slab);
/* It goes back to its slab. */
void drvmem_slabmodel__give(struct drvmem_slabmodel *m, uint32_t slab);

#endif /* DRVMEM_ANALYSIS_SLABMODEL_H */
