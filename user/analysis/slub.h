/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What SLUB makes of a size: how much room an object takes, how many lie in a slab of how many
 * pages, and which size class a kmalloc gets. The kernel's own arithmetic (mm/slub.c:
 * calculate_sizes(), calculate_order(); mm/slab_common.c: calculate_alignment(),
 * setup_kmalloc_cache_index_table()), for the versions that are supported. Without slub_debug. Pure.
 */
#ifndef DRVMEM_ANALYSIS_SLUB_H
#define DRVMEM_ANALYSIS_SLUB_H

#include <stdbool.h>
#include <stdint.h>

#include "model/slub.h"

/* Of a cache, as kmem_cache_create() gets it. */
struct drvmem_slub_cache {
	uint32_t object_size, align;	/* align 0: of a word */
	bool hwcache_align;		/* SLAB_HWCACHE_ALIGN */
	bool pointer_outside;		/* a constructor, or SLAB_TYPESAFE_BY_RCU without a place for the pointer */
};

struct drvmem_slub_layout {
	uint32_t size;			/* that one object takes */
	uint32_t align;
	uint32_t order;			/* of a slab's pages */
	uint32_t objects;		/* in a slab */
	uint32_t slack;			/* bytes of a slab that no object has */
};

/*
 * release: LINUX_VERSION_CODE. cpus: present ones; ids: possible ones. Limits of the command line as by
 * default: the caller changes them where /proc/cmdline does.
 */
void drvmem_slub_rules(uint32_t release, uint32_t page_size, uint32_t cpus, uint32_t ids, uint32_t cache_line,
		       struct drvmem_slub_rules *ret);
/* The layout of a cache. False: no slab can hold such an object. */
bool drvmem_slub(const struct drvmem_slub_rules *r, const struct drvmem_slub_cache *c, struct drvmem_slub_layout *ret);

#define DRVMEM_SLUB_CLASSES 17u

/*
 * Bytes that a kmalloc of so many, 1 at least, takes: of its size class, or of whole pages above the largest one
 * (*ret_pages). 0: more than kmalloc gives.
 */
uint32_t drvmem_slub__kmalloc(const struct drvmem_slub_rules *r, uint64_t bytes, bool *ret_pages);
/* The size classes, ascending; how many there are. */
uint32_t drvmem_slub__classes(const struct drvmem_slub_rules *r, uint32_t ret[DRVMEM_SLUB_CLASSES]);

#endif /* DRVMEM_ANALYSIS_SLUB_H */
