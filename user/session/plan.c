// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/plan.h"

#include <errno.h>
#include <string.h>

#define F510 (1u << DRVMEM_SLAB_5_10)
#define F61 (1u << DRVMEM_SLAB_6_1)
#define EITHER 0
#define LIGHT DRVMEM_PLAN_LIGHT
#define WALKS DRVMEM_PLAN_WALKS
#define GATED DRVMEM_PLAN_GATED

static const struct drvmem_plan_prog plan_progs[] = {
	/* module events first: a module that loads while we attach must be known to the hooks */
	{ "dm_mod_load", "module_load", "know a module before its init runs", 0,
	  DRVMEM_FEAT_MODULE_EVENTS, true, EITHER },
	{ "dm_mod_free", "module_free", "end an instance before its text goes", 0,
	  DRVMEM_FEAT_MODULE_EVENTS, true, EITHER },
	{ "dm_mod_seed", "run", "find the modules that are loaded already", 0,
	  DRVMEM_FEAT_MODULE_LIST, true, EITHER },
	{ "dm_self", "run", "drvmem's own tgid and the kernel's clock", 0, -1, false, EITHER },
	{ "dm_peek", "run", "read words of the kernel's data", 0, -1, false, EITHER },
	/* frees before allocations: an object must not be seen born and miss its end */
	{ "dm_kfree", "kfree", "frees", F61, -1, false, LIGHT | WALKS },
	{ "dm_kfree_gated", "kfree", "frees", F61, -1, false, GATED },
	{ "dm_cache_free", "kmem_cache_free", "frees", F61, -1, false, LIGHT | WALKS },
	{ "dm_cache_free_gated", "kmem_cache_free", "frees", F61, -1, false, GATED },
	{ "dm_bulk_free", "kmem_cache_free_bulk", "frees in bulk, kfree_rcu batches", F61,
	  DRVMEM_FEAT_BULK_FREES, true, EITHER },
	{ "dm_rcu_free", "kvfree_call_rcu", "objects given up by kfree_rcu", F61,
	  DRVMEM_FEAT_RCU_FREES, true, EITHER },
	{ "dm_percpu_free", "percpu_free_percpu", "percpu frees", F61, DRVMEM_FEAT_PERCPU, true, EITHER },
	{ "dm_vmalloc_remove", "remove_vm_area", "vmalloc frees", F61, DRVMEM_FEAT_VMALLOC_HOOKS, true,
	  EITHER },
	{ "dm_vmalloc_free", "free_vmap_area_noflush", "vmalloc frees", F61, DRVMEM_FEAT_VMALLOC, true,
	  EITHER },
	{ "dm_dma_free", "dma_free", "DMA buffers given back", F61, DRVMEM_FEAT_DMA, true, EITHER },
	{ "dm_dma_pages_f", "dma_free_pages", "DMA buffers given back", F61, DRVMEM_FEAT_DMA, true, EITHER },
	{ "dm_dma_sgt_free", "dma_free_sgt", "DMA buffers given back", F61, DRVMEM_FEAT_DMA, true, EITHER },
	{ "dm_page_free", "mm_page_free", "page frees", F61, DRVMEM_FEAT_PAGES, true, EITHER },
	{ "dm_cache_destroy", "kmem_cache_destroy", "caches that come back under one address", F61,
	  DRVMEM_FEAT_CACHE_DESTROY, true, EITHER },
	{ "dm_krealloc", "krealloc", "objects that grow or shrink in their place", F61,
	  DRVMEM_FEAT_KREALLOC, true, EITHER },
	{ "dm_bulk_alloc", "kmem_cache_alloc_bulk", "allocations in bulk", F61,
	  DRVMEM_FEAT_BULK_ALLOCS, true, EITHER },
	{ "dm_pages_before", "alloc_pages_bulk", "pages taken in bulk", F61, DRVMEM_FEAT_PAGES_BULK, true,
	  EITHER },
	{ "dm_pages_bulk", "alloc_pages_bulk", "pages taken in bulk", F61, DRVMEM_FEAT_PAGES_BULK, true,
	  EITHER },
	{ "dm_kmalloc", "kmalloc", "allocations", F61, -1, false, LIGHT },
	{ "dm_cache_alloc", "kmem_cache_alloc", "allocations", F61, -1, false, LIGHT },
	{ "dm_kmalloc_walk", "kmalloc", "allocations", F61, -1, false, WALKS },
	{ "dm_cache_alloc_walk", "kmem_cache_alloc", "allocations", F61, -1, false, WALKS },
	{ "dm_kmalloc_gated", "kmalloc", "allocations", F61, -1, false, GATED },
	{ "dm_cache_alloc_gated", "kmem_cache_alloc", "allocations", F61, -1, false, GATED },
	{ "dm_percpu_alloc", "percpu_alloc_percpu", "percpu allocations", F61, DRVMEM_FEAT_PERCPU, true,
	  EITHER },
	{ "dm_percpu_fail", "percpu_alloc_percpu_fail", "percpu failures", F61, DRVMEM_FEAT_PERCPU, true,
	  EITHER },
	{ "dm_vmalloc_exit", "alloc_vmap_area", "vmalloc allocations", F61, DRVMEM_FEAT_VMALLOC_HOOKS, true,
	  EITHER },
	{ "dm_vmalloc", "alloc_vmap_area", "vmalloc allocations", F61, DRVMEM_FEAT_VMALLOC, true,
	  EITHER },
	{ "dm_dma_alloc", "dma_alloc", "DMA buffers", F61, DRVMEM_FEAT_DMA, true, EITHER },
	{ "dm_dma_pages", "dma_alloc_pages", "DMA buffers", F61, DRVMEM_FEAT_DMA, true, EITHER },
	{ "dm_dma_sgt", "dma_alloc_sgt", "DMA buffers", F61, DRVMEM_FEAT_DMA, true, EITHER },
	{ "dm_page_alloc", "mm_page_alloc", "page allocations", F61, DRVMEM_FEAT_PAGES, true, EITHER },
	{ "d5_vmalloc_remove", "remove_vm_area", "vmalloc frees", F510, DRVMEM_FEAT_VMALLOC_HOOKS, true,
	  EITHER },
	{ "d5_page_free", "mm_page_free", "page frees", F510, DRVMEM_FEAT_PAGES, true, EITHER },
	{ "d5_percpu_free", "percpu_free_percpu", "percpu frees", F510, DRVMEM_FEAT_PERCPU, true, EITHER },
	{ "d5_kfree", "kfree", "frees", F510, -1, false, EITHER },
	{ "d5_cache_free", "kmem_cache_free", "frees (the tracepoint comes too late)", F510,
	  DRVMEM_FEAT_FENTRY, false, EITHER },
	{ "d5_bulk_free", "kmem_cache_free_bulk", "frees in bulk, kfree_rcu batches", F510,
	  DRVMEM_FEAT_BULK_FREES, true, EITHER },
	{ "d5_rcu_free", "kvfree_call_rcu", "objects given up by kfree_rcu", F510,
	  DRVMEM_FEAT_RCU_FREES, true, EITHER },
	{ "d5_cache_destroy", "kmem_cache_destroy", "caches that come back under one address", F510,
	  DRVMEM_FEAT_CACHE_DESTROY, true, EITHER },
	{ "d5_krealloc", "krealloc", "objects that grow or shrink in their place", F510,
	  DRVMEM_FEAT_KREALLOC, true, EITHER },
	{ "d5_bulk_alloc", "kmem_cache_alloc_bulk", "allocations in bulk", F510,
	  DRVMEM_FEAT_BULK_ALLOCS, true, EITHER },
	{ "d5_kmalloc", "kmalloc", "allocations", F510, -1, false, EITHER },
	{ "d5_kmalloc_node", "kmalloc_node", "allocations", F510, -1, false, EITHER },
	{ "d5_cache_alloc", "kmem_cache_alloc", "allocations", F510, -1, false, EITHER },
	{ "d5_cache_node", "kmem_cache_alloc_node", "allocations", F510, -1, false, EITHER },
	{ "d5_vmalloc_exit", "alloc_vmap_area", "vmalloc allocations", F510, DRVMEM_FEAT_VMALLOC_HOOKS, true,
	  EITHER },
	{ "d5_page_alloc", "mm_page_alloc", "page allocations", F510, DRVMEM_FEAT_PAGES, true, EITHER },
	{ "d5_percpu_alloc", "percpu_alloc_percpu", "percpu allocations", F510, DRVMEM_FEAT_PERCPU, true,
	  EITHER },
	{ "d5_percpu_fail", "percpu_alloc_percpu_fail", "percpu failures", F510, DRVMEM_FEAT_PERCPU, true,
	  EITHER },
};

_Static_assert(sizeof(plan_progs) / sizeof(plan_progs[0]) <= DRVMEM_PLAN_MAX, "plan fits");

static int refuse(const struct drvmem_probe *probe, const struct drvmem_plan_prog *prog,
		  struct drvmem_err *err)
{
	const struct drvmem_feat_result *r = &probe->f[prog->needs];

	drvmem_err__set(err, -ENOTSUP, DRVMEM_EXIT_CANNOT_RUN, "cannot attach '%s' to %s: %s",
			prog->name, prog->hook, r->why);
	drvmem_err__remedy(err, "%s", drvmem_feat_descs[prog->needs].remedy);
	return -ENOTSUP;
}

int drvmem_plan__make(const struct drvmem_probe *probe, unsigned int form, struct drvmem_plan *ret,
		      struct drvmem_err *err)
{
	struct drvmem_plan plan = { .hash = probe->form == DRVMEM_SLAB_5_10 };
	uint32_t i;

	for (i = 0; i < sizeof(plan_progs) / sizeof(plan_progs[0]); i++) {
		const struct drvmem_plan_prog *prog = &plan_progs[i];
		bool usable;

		if (prog->kernels && !(prog->kernels & (1u << probe->form)))
			continue;
		if (prog->forms && !(prog->forms & form))
			continue;
		usable = prog->needs < 0 || probe->f[prog->needs].st == DRVMEM_FEAT_YES;
		if (!usable && !prog->optional)
			return refuse(probe, prog, err);
		plan.p[plan.n].prog = prog;
		plan.p[plan.n].hook = prog->needs >= 0 && probe->func[prog->needs] ? probe->func[prog->needs] :
										     prog->hook;
		plan.p[plan.n].load = usable;
		plan.p[plan.n].attach = usable && strcmp(prog->hook, "run");
		plan.p[plan.n].why_not = usable ? NULL : probe->f[prog->needs].why;
		plan.n++;
	}
	*ret = plan;
	return 0;
}
