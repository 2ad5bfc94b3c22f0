// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/plan.h"

#include <errno.h>
#include <string.h>

#include "session/asked.h"

#define F510 (1u << DRVMEM_SLAB_5_10)
#define F61 (1u << DRVMEM_SLAB_6_1)
#define EITHER 0
#define LIGHT DRVMEM_PLAN_LIGHT
#define WALKS DRVMEM_PLAN_WALKS
#define GATED DRVMEM_PLAN_GATED
#define AGAIN DRVMEM_PLAN_AGAIN
#define POOLS DRVMEM_PLAN_POOLS
#define NOPROF DRVMEM_PLAN_POOLS_NOPROF
#define BY_PAGE DRVMEM_PLAN_MAP_PAGE
#define BY_PHYS DRVMEM_PLAN_MAP_PHYS
#define NEW DRVMEM_FEAT_DMA
#define MAPS DRVMEM_FEAT_DMA_MAPS
#define OLD DRVMEM_FEAT_DMA_HOOKS
#define IOVA DRVMEM_FEAT_DMA_IOVA
#define MEMPOOLS DRVMEM_FEAT_MEMPOOLS

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
	{ "dm_free_again", "kfree", "frees that were missed", F61, DRVMEM_FEAT_RECURSION_COUNT, true,
	  AGAIN },
	{ "dm_free_again", "kmem_cache_free", "frees that were missed", F61, DRVMEM_FEAT_RECURSION_COUNT,
	  true, AGAIN },
	{ "dm_bulk_free", "kmem_cache_free_bulk", "frees in bulk, kfree_rcu batches", F61,
	  DRVMEM_FEAT_BULK_FREES, true, EITHER },
	{ "dm_rcu_free", "kvfree_call_rcu", "objects given up by kfree_rcu", F61,
	  DRVMEM_FEAT_RCU_FREES, true, EITHER },
	{ "dm_percpu_free", "percpu_free_percpu", "percpu frees", F61, DRVMEM_FEAT_PERCPU, true, EITHER },
	{ "dm_vmalloc_remove", "remove_vm_area", "vmalloc frees", F61, DRVMEM_FEAT_VMALLOC_HOOKS, true,
	  EITHER },
	{ "dm_vmalloc_free", "free_vmap_area_noflush", "vmalloc frees", F61, DRVMEM_FEAT_VMALLOC, true,
	  EITHER },
	{ "dm_dma_free", "dma_free", "DMA buffers given back", F61, NEW, true, EITHER },
	{ "dm_dma_free", "dma_free_pages", "DMA buffers given back", F61, NEW, true, EITHER },
	{ "dm_dma_sgt_free", "dma_free_sgt", "DMA buffers given back", F61, NEW, true, EITHER },
	{ "dm_dma_x_free", "dma_free_attrs", "DMA buffers given back", F61, OLD, true, EITHER },
	{ "dm_dma_x_pgfree", "dma_free_pages", "DMA buffers given back", F61, OLD, true, EITHER },
	{ "dm_dma_x_sgfree", "dma_free_noncontiguous", "DMA buffers given back", F61, OLD, true, EITHER },
	{ "dm_unmap", "dma_unmap_page", "DMA mappings that end", F61, MAPS, true, BY_PAGE },
	{ "dm_unmap", "dma_unmap_resource", "DMA mappings that end", F61, MAPS, true, BY_PAGE },
	{ "dm_unmap", "dma_unmap_phys", "DMA mappings that end", F61, MAPS, true, BY_PHYS },
	{ "dm_unmap_sg", "dma_unmap_sg", "DMA mappings that end", F61, MAPS, true, EITHER },
	{ "dm_unmap_x", "dma_unmap_page_attrs", "DMA mappings that end", F61, OLD, true, EITHER },
	{ "dm_unmap_x_res", "dma_unmap_resource", "DMA mappings that end", F61, OLD, true, EITHER },
	{ "dm_unmap_x_sg", "dma_unmap_sg_attrs", "DMA mappings that end", F61, OLD, true, EITHER },
	{ "dm_iova_destroy", "dma_iova_destroy", "DMA mappings that end", F61, IOVA, true, EITHER },
	{ "dm_iova_free", "dma_iova_free", "DMA mappings that end", F61, IOVA, true, EITHER },
	{ "dm_iova_unlink", "dma_iova_unlink", "DMA mappings that end", F61, IOVA, true, EITHER },
	{ "dm_page_free", "mm_page_free", "page frees", F61, DRVMEM_FEAT_PAGES, true, EITHER },
	{ "dm_cache_destroy", "kmem_cache_destroy", "caches that come back under one address", F61,
	  DRVMEM_FEAT_CACHE_DESTROY, true, EITHER },
	{ "dm_krealloc", "krealloc", "objects that grow or shrink in their place", F61,
	  DRVMEM_FEAT_KREALLOC, true, EITHER },
	{ "dm_vrealloc", "vm_area_free_pages", "areas that give pages back and stay", F61,
	  DRVMEM_FEAT_VREALLOC, true, EITHER },
	{ "dm_moved", "zs_page_migrate", "pages that move", F61, DRVMEM_FEAT_MOVES, true, EITHER },
	{ "dm_moved_too", "balloon_page_migrate", "pages that move", F61, DRVMEM_FEAT_MOVES_TOO, true, EITHER },
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
	{ "dm_dma_alloc", "dma_alloc", "DMA buffers", F61, NEW, true, EITHER },
	{ "dm_dma_alloc", "dma_alloc_pages", "DMA buffers", F61, NEW, true, EITHER },
	{ "dm_dma_alloc", "dma_alloc_sgt_err", "DMA buffers that could not be had", F61, NEW, true, EITHER },
	{ "dm_dma_sgt", "dma_alloc_sgt", "DMA buffers", F61, NEW, true, EITHER },
	{ "dm_sync_cpu", "dma_sync_single_for_cpu", "DMA syncs", F61, MAPS, true, EITHER },
	{ "dm_sync_cpu", "dma_sync_sg_for_cpu", "DMA syncs", F61, MAPS, true, EITHER },
	{ "dm_sync_dev", "dma_sync_single_for_device", "DMA syncs", F61, MAPS, true, EITHER },
	{ "dm_sync_dev", "dma_sync_sg_for_device", "DMA syncs", F61, MAPS, true, EITHER },
	{ "dm_sync_x_cpu", "dma_sync_single_for_cpu", "DMA syncs", F61, OLD, true, EITHER },
	{ "dm_sync_x_cpusg", "dma_sync_sg_for_cpu", "DMA syncs", F61, OLD, true, EITHER },
	{ "dm_sync_x_dev", "dma_sync_single_for_device", "DMA syncs", F61, OLD, true, EITHER },
	{ "dm_sync_x_devsg", "dma_sync_sg_for_device", "DMA syncs", F61, OLD, true, EITHER },
	{ "dm_dma_x_alloc", "dma_alloc_attrs", "DMA buffers", F61, OLD, true, EITHER },
	{ "dm_dma_x_pages", "dma_alloc_pages", "DMA buffers", F61, OLD, true, EITHER },
	{ "dm_dma_x_sgt", "dma_alloc_noncontiguous", "DMA buffers", F61, OLD, true, EITHER },
	{ "dm_map", "dma_map_page", "DMA mappings", F61, MAPS, true, BY_PAGE },
	{ "dm_map", "dma_map_resource", "DMA mappings", F61, MAPS, true, BY_PAGE },
	{ "dm_map", "dma_map_phys", "DMA mappings", F61, MAPS, true, BY_PHYS },
	{ "dm_map_sg", "dma_map_sg", "DMA mappings", F61, MAPS, true, EITHER },
	{ "dm_map_sg", "dma_map_sg_err", "DMA mappings that failed", F61, MAPS, true, EITHER },
	{ "dm_iova_link", "dma_iova_link", "DMA mappings", F61, IOVA, true, EITHER },
	{ "dm_map_x", "dma_map_page_attrs", "DMA mappings", F61, OLD, true, EITHER },
	{ "dm_map_x_res", "dma_map_resource", "DMA mappings", F61, OLD, true, EITHER },
	{ "dm_map_x_sg", "dma_map_sg_attrs", "DMA mappings", F61, OLD, true, EITHER },
	{ "dm_map_x_sgtable", "dma_map_sgtable", "DMA mappings", F61, OLD, true, EITHER },
	{ "dm_page_alloc", "mm_page_alloc", "page allocations", F61, DRVMEM_FEAT_PAGES, true, EITHER },
	{ "dm_mempool_destroy", "mempool_destroy", "mempools that go", F61, MEMPOOLS, true, POOLS | NOPROF },
	{ "dm_mempool_exit", "mempool_exit", "mempools that go", F61, MEMPOOLS, true, POOLS | NOPROF },
	{ "dm_mempool_free", "mempool_free", "elements given back", F61, MEMPOOLS, true, POOLS | NOPROF },
	{ "dm_mempool_create", "mempool_create_node", "new mempools", F61, MEMPOOLS, true, POOLS },
	{ "dm_mempool_make", "mempool_create", "new mempools", F61, MEMPOOLS, true, POOLS },
	{ "dm_mempool_init", "mempool_init", "new mempools", F61, MEMPOOLS, true, POOLS },
	{ "dm_mempool_alloc", "mempool_alloc", "elements taken", F61, MEMPOOLS, true, POOLS },
	{ "dm_mempool_create", "mempool_create_node_noprof", "new mempools", F61, MEMPOOLS, true, NOPROF },
	{ "dm_mempool_init", "mempool_init_noprof", "new mempools", F61, MEMPOOLS, true, NOPROF },
	{ "dm_mempool_alloc", "mempool_alloc_noprof", "elements taken", F61, MEMPOOLS, true, NOPROF },
	{ "d5_vmalloc_remove", "remove_vm_area", "vmalloc frees", F510, DRVMEM_FEAT_VMALLOC_HOOKS, true,
	  EITHER },
	{ "d5_dma_x_free", "dma_free_attrs", "DMA buffers given back", F510, OLD, true, EITHER },
	{ "d5_dma_x_pgfree", "dma_free_pages", "DMA buffers given back", F510, OLD, true, EITHER },
	{ "d5_unmap_x", "dma_unmap_page_attrs", "DMA mappings that end", F510, OLD, true, EITHER },
	{ "d5_unmap_x_res", "dma_unmap_resource", "DMA mappings that end", F510, OLD, true, EITHER },
	{ "d5_unmap_x_sg", "dma_unmap_sg_attrs", "DMA mappings that end", F510, OLD, true, EITHER },
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
	{ "d5_moved", "move_to_new_page", "pages that move", F510, DRVMEM_FEAT_MOVES, true, EITHER },
	{ "d5_bulk_alloc", "kmem_cache_alloc_bulk", "allocations in bulk", F510,
	  DRVMEM_FEAT_BULK_ALLOCS, true, EITHER },
	{ "d5_kmalloc", "kmalloc", "allocations", F510, -1, false, EITHER },
	{ "d5_kmalloc_node", "kmalloc_node", "allocations", F510, -1, false, EITHER },
	{ "d5_cache_alloc", "kmem_cache_alloc", "allocations", F510, -1, false, EITHER },
	{ "d5_cache_node", "kmem_cache_alloc_node", "allocations", F510, -1, false, EITHER },
	{ "d5_vmalloc_exit", "alloc_vmap_area", "vmalloc allocations", F510, DRVMEM_FEAT_VMALLOC_HOOKS, true,
	  EITHER },
	{ "d5_sync_x_cpu", "dma_sync_single_for_cpu", "DMA syncs", F510, OLD, true, EITHER },
	{ "d5_sync_x_cpusg", "dma_sync_sg_for_cpu", "DMA syncs", F510, OLD, true, EITHER },
	{ "d5_sync_x_dev", "dma_sync_single_for_device", "DMA syncs", F510, OLD, true, EITHER },
	{ "d5_sync_x_devsg", "dma_sync_sg_for_device", "DMA syncs", F510, OLD, true, EITHER },
	{ "d5_dma_x_alloc", "dma_alloc_attrs", "DMA buffers", F510, OLD, true, EITHER },
	{ "d5_dma_x_pages", "dma_alloc_pages", "DMA buffers", F510, OLD, true, EITHER },
	{ "d5_map_x", "dma_map_page_attrs", "DMA mappings", F510, OLD, true, EITHER },
	{ "d5_map_x_res", "dma_map_resource", "DMA mappings", F510, OLD, true, EITHER },
	{ "d5_map_x_sg", "dma_map_sg_attrs", "DMA mappings", F510, OLD, true, EITHER },
	{ "d5_page_alloc", "mm_page_alloc", "page allocations", F510, DRVMEM_FEAT_PAGES, true, EITHER },
	{ "d5_percpu_alloc", "percpu_alloc_percpu", "percpu allocations", F510, DRVMEM_FEAT_PERCPU, true,
	  EITHER },
	{ "d5_percpu_fail", "percpu_alloc_percpu_fail", "percpu failures", F510, DRVMEM_FEAT_PERCPU, true,
	  EITHER },
	{ "d5_mempool_destroy", "mempool_destroy", "mempools that go", F510, MEMPOOLS, true, POOLS | NOPROF },
	{ "d5_mempool_exit", "mempool_exit", "mempools that go", F510, MEMPOOLS, true, POOLS | NOPROF },
	{ "d5_mempool_free", "mempool_free", "elements given back", F510, MEMPOOLS, true, POOLS | NOPROF },
	{ "d5_mempool_create", "mempool_create_node", "new mempools", F510, MEMPOOLS, true, POOLS },
	{ "d5_mempool_make", "mempool_create", "new mempools", F510, MEMPOOLS, true, POOLS },
	{ "d5_mempool_init", "mempool_init", "new mempools", F510, MEMPOOLS, true, POOLS },
	{ "d5_mempool_alloc", "mempool_alloc", "elements taken", F510, MEMPOOLS, true, POOLS },
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

	if ((form & POOLS) && probe->mempool_noprof)
		form ^= POOLS | NOPROF;
	form |= DRVMEM_PLAN_AGAIN | (probe->map_phys ? DRVMEM_PLAN_MAP_PHYS : DRVMEM_PLAN_MAP_PAGE);
	for (i = 0; i < sizeof(plan_progs) / sizeof(plan_progs[0]); i++) {
		const struct drvmem_plan_prog *prog = &plan_progs[i];
		bool usable;

		if (prog->kernels && !(prog->kernels & (1u << probe->form)))
			continue;
		if (prog->forms && !(prog->forms & form))
			continue;
		if ((form & DRVMEM_PLAN_NO_SLAB) && drvmem_asked__is_slab(prog))
			continue;
		usable = prog->needs < 0 || probe->f[prog->needs].st == DRVMEM_FEAT_YES;
		if (!usable && !prog->optional)
			return refuse(probe, prog, err);
		plan.p[plan.n].prog = prog;
		plan.p[plan.n].hook = prog->needs >= 0 && probe->func[prog->needs] ? probe->func[prog->needs] :
										     prog->hook;
		plan.p[plan.n].load = usable;
		plan.p[plan.n].attach = usable && !(prog->forms & AGAIN) && strcmp(prog->hook, "run");
		plan.p[plan.n].why_not = !usable ? probe->f[prog->needs].why :
					 prog->forms & AGAIN ? "not needed: next to nothing was missed" : NULL;
		plan.n++;
	}
	*ret = plan;
	return 0;
}
