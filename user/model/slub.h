/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How SLUB of a kernel chooses: what its layouts follow from (analysis/slub.h). Plain data. */
#ifndef DRVMEM_MODEL_SLUB_H
#define DRVMEM_MODEL_SLUB_H

#include <stdbool.h>
#include <stdint.h>

struct drvmem_slub_rules {
	uint32_t page_size;
	uint32_t word;			/* bytes of a pointer */
	uint32_t cache_line;		/* of SLAB_HWCACHE_ALIGN */
	uint32_t min_order, max_order;	/* slab_min_order, slab_max_order of the command line */
	uint32_t min_objects;		/* slab_min_objects, or by number of CPUs */
	uint32_t kmalloc_min;		/* smallest size class: 8 on x86 */
	bool by_fraction;		/* from 6.7 on: the waste is given way before the number of objects */
};

#endif /* DRVMEM_MODEL_SLUB_H */
