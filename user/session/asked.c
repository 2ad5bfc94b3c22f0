// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/asked.h"

#include <stdio.h>
#include <string.h>

static const struct {
	enum drvmem_feat feat;
	enum drvmem_allocator of;
} hooks[] = {
	{ DRVMEM_FEAT_PERCPU, DRVMEM_ALLOC_PERCPU },
	{ DRVMEM_FEAT_VMALLOC, DRVMEM_ALLOC_VMALLOC },
	{ DRVMEM_FEAT_VMALLOC_HOOKS, DRVMEM_ALLOC_VMALLOC },
	{ DRVMEM_FEAT_VREALLOC, DRVMEM_ALLOC_VMALLOC },
	{ DRVMEM_FEAT_PAGES, DRVMEM_ALLOC_PAGE },
	{ DRVMEM_FEAT_PAGES_BULK, DRVMEM_ALLOC_PAGE },
	{ DRVMEM_FEAT_MOVES, DRVMEM_ALLOC_PAGE },
	{ DRVMEM_FEAT_MOVES_TOO, DRVMEM_ALLOC_PAGE },
	{ DRVMEM_FEAT_DMA, DRVMEM_ALLOC_DMA },
	{ DRVMEM_FEAT_DMA_MAPS, DRVMEM_ALLOC_DMA },
	{ DRVMEM_FEAT_DMA_HOOKS, DRVMEM_ALLOC_DMA },
	{ DRVMEM_FEAT_DMA_IOVA, DRVMEM_ALLOC_DMA },
};

void drvmem_asked__apply(uint32_t bits, uint64_t max_size, uint64_t page_size, struct drvmem_probe *p)
{
	bool small = max_size && max_size < page_size;
	size_t i;

	for (i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		struct drvmem_feat_result *r = &p->f[hooks[i].feat];
		bool asked = drvmem_asked__has(bits, hooks[i].of);

		if (r->st != DRVMEM_FEAT_YES || (asked && !(small && hooks[i].of == DRVMEM_ALLOC_PAGE)))
			continue;
		r->st = DRVMEM_FEAT_NO;
		snprintf(r->why, sizeof(r->why), "%s", asked ? "blocks of pages are larger than --max-size" :
							       "not asked for (--alloc)");
	}
}

bool drvmem_asked__is_slab(const struct drvmem_plan_prog *prog)
{
	switch (prog->needs) {
	case -1:
		return strcmp(prog->hook, "run") != 0;
	case DRVMEM_FEAT_RCU_FREES:
	case DRVMEM_FEAT_BULK_FREES:
	case DRVMEM_FEAT_BULK_ALLOCS:
	case DRVMEM_FEAT_CACHE_DESTROY:
	case DRVMEM_FEAT_KREALLOC:
	case DRVMEM_FEAT_RECURSION_COUNT:	/* the second look at frees */
	case DRVMEM_FEAT_FENTRY:		/* 5.10: kmem_cache_free */
		return true;
	default:
		return false;
	}
}
