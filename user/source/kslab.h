/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which slab object an address lies in, and whether that object is free: from struct slab and
 * struct kmem_cache in the kernel's memory (mm/slub.c). What is read of a cache is kept.
 */
#ifndef DRVMEM_SOURCE_KSLAB_H
#define DRVMEM_SOURCE_KSLAB_H

#include "source/kpages.h"

struct drvmem_kcache {
	uint64_t addr;			/* struct kmem_cache */
	uint64_t random;		/* of the free pointers; with no_free_test nothing */
	uint32_t size;			/* of a cell */
	uint32_t offset;		/* of the free pointer in it, behind the guard that debugging puts in front */
	uint32_t object_end;		/* in the cell: where the object ends */
	bool free_outside;		/* the free pointer is behind the object */
	bool constructed;		/* what a constructor made of an object stays when it is free */
	bool no_free_test;		/* what looks like a free pointer does not tell that the object is free */
	char name[32];
};

struct drvmem_kslab {
	const struct drvmem_kmem *k;
	struct drvmem_kmem_port *p;
	const uint8_t *kind;
	struct drvmem_kcache **cache;	/* hash by address */
	uint32_t nr, slots;
};

struct drvmem_kcell {
	const struct drvmem_kcache *cache;
	uint64_t pa;			/* of its first byte */
};

DRVMEM_MUST_CHECK int drvmem_kslab__init(struct drvmem_kslab *s, const struct drvmem_kmem *k,
					 struct drvmem_kmem_port *p, const uint8_t *kind);
void drvmem_kslab__deinit(struct drvmem_kslab *s);
/* False: the page is no slab's, or what it says of its cache makes no sense. */
bool drvmem_kslab__cell(struct drvmem_kslab *s, uint64_t pa, struct drvmem_kcell *ret);
/* The struct kmem_cache at an address. NULL: there is none. */
const struct drvmem_kcache *drvmem_kslab__cache(struct drvmem_kslab *s, uint64_t addr);
/*
 * The cell's free pointer decodes to nothing, or to a cell of the same slab: chance makes that of
 * a live object once in 2^50. An object that was taken without being zeroed may still have it, so that
 * caches that never zero (SLAB_TYPESAFE_BY_RCU, a constructor, poison) are not told by it.
 */
bool drvmem_kslab__is_free(struct drvmem_kslab *s, const struct drvmem_kcell *cell);

#endif /* DRVMEM_SOURCE_KSLAB_H */
