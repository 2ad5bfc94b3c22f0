// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A trailing '*' is a prefix. Compiler suffixes (.part.0, .isra.0, .cold) do not matter. */
struct pattern {
	const char *name;
	enum drvmem_range_kind kind;
};

static const struct pattern patterns[] = {
	/* x86 and arm64 entry from an interrupt or exception */
	{ "asm_common_interrupt", DRVMEM_RANGE_BARRIER },
	{ "common_interrupt", DRVMEM_RANGE_BARRIER },
	{ "asm_sysvec_*", DRVMEM_RANGE_BARRIER },
	{ "sysvec_*", DRVMEM_RANGE_BARRIER },
	{ "asm_exc_*", DRVMEM_RANGE_BARRIER },
	{ "exc_page_fault", DRVMEM_RANGE_BARRIER },
	{ "irq_entries_start", DRVMEM_RANGE_BARRIER },
	{ "el1_irq", DRVMEM_RANGE_BARRIER },
	{ "el1h_64_irq*", DRVMEM_RANGE_BARRIER },
	{ "el1h_64_fiq*", DRVMEM_RANGE_BARRIER },
	{ "el0t_64_irq*", DRVMEM_RANGE_BARRIER },
	{ "call_on_irq_stack", DRVMEM_RANGE_BARRIER },
	/* softirq: runs on whatever task is there */
	{ "irq_exit_rcu", DRVMEM_RANGE_BARRIER },
	{ "__irq_exit_rcu", DRVMEM_RANGE_BARRIER },
	{ "irq_exit", DRVMEM_RANGE_BARRIER },
	{ "do_softirq", DRVMEM_RANGE_BARRIER },
	{ "__do_softirq", DRVMEM_RANGE_BARRIER },
	{ "do_softirq_own_stack", DRVMEM_RANGE_BARRIER },
	{ "handle_softirqs", DRVMEM_RANGE_BARRIER },
	/* a received packet goes up: what protocols take for it is not the network card's */
	{ "__netif_receive_skb*", DRVMEM_RANGE_BARRIER },
	/* reclaim: whoever waits for memory did not ask for what is freed or written back */
	{ "try_to_free_pages", DRVMEM_RANGE_BARRIER },
	{ "do_try_to_free_pages", DRVMEM_RANGE_BARRIER },
	{ "shrink_node", DRVMEM_RANGE_BARRIER },
	{ "shrink_slab", DRVMEM_RANGE_BARRIER },
	{ "do_shrink_slab", DRVMEM_RANGE_BARRIER },
	{ "__alloc_pages_direct_compact", DRVMEM_RANGE_BARRIER },
	{ "out_of_memory", DRVMEM_RANGE_BARRIER },
	{ "__schedule", DRVMEM_RANGE_BARRIER },
	/* what the allocators take for themselves */
	{ "allocate_slab", DRVMEM_RANGE_INNER },
	{ "alloc_slab_page", DRVMEM_RANGE_INNER },
	{ "new_slab", DRVMEM_RANGE_INNER },
	{ "___slab_alloc", DRVMEM_RANGE_INNER },
	{ "alloc_slab_obj_exts", DRVMEM_RANGE_OVERHEAD },
	{ "memcg_alloc_page_obj_cgroups", DRVMEM_RANGE_OVERHEAD },
	{ "memcg_alloc_slab_cgroups", DRVMEM_RANGE_OVERHEAD },
	{ "__memcg_slab_post_alloc_hook", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_from_new_slab", DRVMEM_RANGE_OVERHEAD },
	{ "__alloc_empty_sheaf", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_empty_sheaf", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_full_sheaf", DRVMEM_RANGE_OVERHEAD },
	{ "__pcs_replace_empty_main", DRVMEM_RANGE_OVERHEAD },
	{ "__pcs_replace_full_main", DRVMEM_RANGE_OVERHEAD },
	{ "refill_sheaf", DRVMEM_RANGE_OVERHEAD },
	{ "refill_objects", DRVMEM_RANGE_OVERHEAD },
	{ "add_ptr_to_bulk_krc_lock", DRVMEM_RANGE_OVERHEAD },
	{ "kvfree_call_rcu", DRVMEM_RANGE_OVERHEAD },
	{ "__kfree_rcu_sheaf", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_vmap_area", DRVMEM_RANGE_OVERHEAD },
	{ "__get_vm_area_node", DRVMEM_RANGE_OVERHEAD },
	{ "preload_this_cpu_lock", DRVMEM_RANGE_OVERHEAD },
	{ "pcpu_populate_chunk", DRVMEM_RANGE_INNER },
	{ "pcpu_alloc_pages", DRVMEM_RANGE_INNER },
	{ "pcpu_create_chunk", DRVMEM_RANGE_INNER },
	{ "pcpu_alloc_chunk", DRVMEM_RANGE_OVERHEAD },
	{ "pcpu_mem_zalloc", DRVMEM_RANGE_OVERHEAD },
	{ "cache_random_seq_create", DRVMEM_RANGE_OVERHEAD },
	{ "init_cache_random_seq", DRVMEM_RANGE_OVERHEAD },
	{ "stack_depot_save*", DRVMEM_RANGE_OVERHEAD },
	{ "__stack_depot_save*", DRVMEM_RANGE_OVERHEAD },
	/* ... what is kept about each object for debugging: mm/kmemleak.c, mm/page_owner.c */
	{ "__alloc_object", DRVMEM_RANGE_OVERHEAD },
	{ "mem_pool_alloc", DRVMEM_RANGE_OVERHEAD },
	{ "create_object", DRVMEM_RANGE_OVERHEAD },
	{ "create_object_p*", DRVMEM_RANGE_OVERHEAD },
	{ "__create_object", DRVMEM_RANGE_OVERHEAD },
	{ "kmemleak_*", DRVMEM_RANGE_OVERHEAD },
	{ "__set_page_owner", DRVMEM_RANGE_OVERHEAD },
	/* page tables, the kernel's own and of processes */
	{ "pte_alloc_one*", DRVMEM_RANGE_OVERHEAD },
	{ "__pte_alloc*", DRVMEM_RANGE_OVERHEAD },
	{ "__pmd_alloc*", DRVMEM_RANGE_OVERHEAD },
	{ "__pud_alloc*", DRVMEM_RANGE_OVERHEAD },
	{ "__p4d_alloc*", DRVMEM_RANGE_OVERHEAD },
	{ "pgd_alloc", DRVMEM_RANGE_OVERHEAD },
	{ "_pgd_alloc", DRVMEM_RANGE_OVERHEAD },
	{ "pagetable_alloc*", DRVMEM_RANGE_OVERHEAD },
	/* ... of the direct map when its attributes change, and of IOMMUs */
	{ "__change_page_attr_set_clr", DRVMEM_RANGE_OVERHEAD },
	{ "__cpa_process_fault", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_pte_page", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_pmd_page", DRVMEM_RANGE_OVERHEAD },
	{ "populate_pmd", DRVMEM_RANGE_OVERHEAD },
	{ "spp_getpage", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_low_pages", DRVMEM_RANGE_OVERHEAD },
	{ "iommu_alloc_page*", DRVMEM_RANGE_OVERHEAD },
	{ "iommu_v1_map_pages", DRVMEM_RANGE_OVERHEAD },
	{ "iommu_v2_map_pages", DRVMEM_RANGE_OVERHEAD },
	{ "amd_iommu_map", DRVMEM_RANGE_OVERHEAD },
	{ "alloc_pgtable_page", DRVMEM_RANGE_OVERHEAD },
	{ "pfn_to_dma_pte", DRVMEM_RANGE_OVERHEAD },
	{ "iommu_context_addr", DRVMEM_RANGE_OVERHEAD },
	{ "intel_pasid_*", DRVMEM_RANGE_OVERHEAD },
	/* pages that whoever refills shares with others */
	{ "__page_frag_cache_refill", DRVMEM_RANGE_OVERHEAD },
	{ "__page_frag_refill_align", DRVMEM_RANGE_OVERHEAD },
	{ "page_frag_alloc*", DRVMEM_RANGE_OVERHEAD },
	{ "__page_frag_alloc*", DRVMEM_RANGE_OVERHEAD },
	/* the page allocator, see bpf/page.bpf.h; large kmallocs are slab's */
	{ "__traceiter_mm_page_alloc", DRVMEM_RANGE_PAGES },
	{ "__alloc_pages*", DRVMEM_RANGE_PAGES },
	{ "__alloc_frozen_pages*", DRVMEM_RANGE_PAGES },
	{ "alloc_frozen_pages*", DRVMEM_RANGE_PAGES },
	{ "alloc_pages*", DRVMEM_RANGE_PAGES },
	{ "alloc_page_interleave", DRVMEM_RANGE_PAGES },
	{ "__get_free_pages*", DRVMEM_RANGE_PAGES },
	{ "get_free_pages*", DRVMEM_RANGE_PAGES },
	{ "get_zeroed_page*", DRVMEM_RANGE_PAGES },
	{ "make_alloc_exact", DRVMEM_RANGE_PAGES },
	{ "__folio_alloc*", DRVMEM_RANGE_PAGES },
	{ "folio_alloc", DRVMEM_RANGE_PAGES },
	{ "folio_alloc_noprof", DRVMEM_RANGE_PAGES },
	{ "folio_alloc_mpol*", DRVMEM_RANGE_PAGES },
	{ "vma_alloc_folio*", DRVMEM_RANGE_PAGES },
	{ "atomic_pool_expand", DRVMEM_RANGE_OVERHEAD },
	{ "dma_map_*", DRVMEM_RANGE_DMA },
	{ "__dma_map_*", DRVMEM_RANGE_DMA },
	{ "dma_alloc_*", DRVMEM_RANGE_DMA },
	{ "dma_iova_*", DRVMEM_RANGE_DMA },
	{ "__dma_alloc_*", DRVMEM_RANGE_DMA },
	{ "dmam_alloc_*", DRVMEM_RANGE_DMA },
	{ "dma_direct_alloc*", DRVMEM_RANGE_DMA },
	{ "dma_pool_alloc", DRVMEM_RANGE_DMA },	/* what its blocks lie in */
	{ "__dma_direct_alloc*", DRVMEM_RANGE_DMA },
	{ "dma_common_alloc_*", DRVMEM_RANGE_DMA },
	{ "alloc_single_sgt", DRVMEM_RANGE_DMA },
	{ "xen_swiotlb_alloc_*", DRVMEM_RANGE_DMA },
	{ "iommu_dma_alloc*", DRVMEM_RANGE_DMA },
	{ "__iommu_dma_alloc*", DRVMEM_RANGE_DMA },
	{ "kmalloc_order*", DRVMEM_RANGE_INNER },
	{ "kmalloc_large*", DRVMEM_RANGE_INNER },
	{ "__kmalloc_large*", DRVMEM_RANGE_INNER },
	{ "___kmalloc_large*", DRVMEM_RANGE_INNER },
	/* of processes and files, where the flags do not say so: pinned for long, migrated */
	{ "handle_mm_fault", DRVMEM_RANGE_CACHE },
	{ "__handle_mm_fault", DRVMEM_RANGE_CACHE },
	{ "handle_pte_fault", DRVMEM_RANGE_CACHE },
	{ "do_anonymous_page", DRVMEM_RANGE_CACHE },
	{ "anon_alloc_folio", DRVMEM_RANGE_CACHE },
	{ "alloc_anon_folio", DRVMEM_RANGE_CACHE },
	{ "folio_prealloc", DRVMEM_RANGE_CACHE },
	{ "do_fault", DRVMEM_RANGE_CACHE },
	{ "do_cow_fault", DRVMEM_RANGE_CACHE },
	{ "do_wp_page", DRVMEM_RANGE_CACHE },
	{ "wp_page_copy", DRVMEM_RANGE_CACHE },
	{ "do_swap_page", DRVMEM_RANGE_CACHE },
	{ "do_huge_pmd_anonymous_page", DRVMEM_RANGE_CACHE },
	{ "vma_alloc_anon_folio_pmd", DRVMEM_RANGE_CACHE },
	{ "copy_page_range", DRVMEM_RANGE_CACHE },
	{ "copy_pte_range", DRVMEM_RANGE_CACHE },
	{ "mfill_atomic_*", DRVMEM_RANGE_CACHE },
	{ "__read_swap_cache_async", DRVMEM_RANGE_CACHE },
	{ "swap_cache_alloc_folio", DRVMEM_RANGE_CACHE },
	{ "migrate_pages*", DRVMEM_RANGE_CACHE },
	{ "alloc_migration_target*", DRVMEM_RANGE_CACHE },
	{ "alloc_misplaced_dst_*", DRVMEM_RANGE_CACHE },
	{ "alloc_demote_*", DRVMEM_RANGE_CACHE },
	{ "filemap_get_pages", DRVMEM_RANGE_CACHE },
	{ "generic_file_buffered_read", DRVMEM_RANGE_CACHE },
	{ "readahead_expand", DRVMEM_RANGE_CACHE },
	{ "__page_cache_alloc", DRVMEM_RANGE_CACHE },
	{ "filemap_alloc_folio*", DRVMEM_RANGE_CACHE },
	{ "pagecache_get_page", DRVMEM_RANGE_CACHE },
	{ "__filemap_get_folio*", DRVMEM_RANGE_CACHE },
	{ "page_cache_ra_*", DRVMEM_RANGE_CACHE },
	{ "__do_page_cache_readahead", DRVMEM_RANGE_CACHE },
	{ "do_read_cache_*", DRVMEM_RANGE_CACHE },
	/* vmalloc and what only maps, see bpf/area.bpf.h */
	{ "__vmalloc_area_node", DRVMEM_RANGE_VMARRAY },
	{ "__vmalloc_node_range*", DRVMEM_RANGE_VMAREA },
	{ "vm_area_alloc_pages", DRVMEM_RANGE_VMALLOC },
	{ "__vmalloc_node*", DRVMEM_RANGE_VMALLOC },
	{ "__vmalloc", DRVMEM_RANGE_VMALLOC },
	{ "__vmalloc_noprof", DRVMEM_RANGE_VMALLOC },
	{ "__vmalloc_array*", DRVMEM_RANGE_VMALLOC },
	{ "vmalloc", DRVMEM_RANGE_VMALLOC },
	{ "vmalloc_noprof", DRVMEM_RANGE_VMALLOC },
	{ "vmalloc_node*", DRVMEM_RANGE_VMALLOC },
	{ "vmalloc_user*", DRVMEM_RANGE_VMALLOC },
	{ "vmalloc_32*", DRVMEM_RANGE_VMALLOC },
	{ "vmalloc_huge*", DRVMEM_RANGE_VMALLOC },
	{ "vmalloc_array*", DRVMEM_RANGE_VMALLOC },
	{ "vzalloc*", DRVMEM_RANGE_VMALLOC },
	{ "vcalloc*", DRVMEM_RANGE_VMALLOC },
	{ "__vcalloc*", DRVMEM_RANGE_VMALLOC },
	{ "vrealloc*", DRVMEM_RANGE_VMALLOC },
	{ "vmap", DRVMEM_RANGE_VMAP },
	{ "vmap_pfn", DRVMEM_RANGE_VMAP },
	{ "ioremap*", DRVMEM_RANGE_IOREMAP },
	{ "__ioremap_*", DRVMEM_RANGE_IOREMAP },
	{ "generic_ioremap_prot", DRVMEM_RANGE_IOREMAP },
	{ "memremap", DRVMEM_RANGE_IOREMAP },
	{ "devm_ioremap*", DRVMEM_RANGE_IOREMAP },
	{ "__devm_ioremap*", DRVMEM_RANGE_IOREMAP },
	{ "devm_memremap", DRVMEM_RANGE_IOREMAP },
	{ "of_iomap", DRVMEM_RANGE_IOREMAP },
	{ "pci_iomap*", DRVMEM_RANGE_IOREMAP },
	{ "pcim_iomap*", DRVMEM_RANGE_IOREMAP },
	{ "__pci_ioremap_*", DRVMEM_RANGE_IOREMAP },
	{ "pci_ioremap_*", DRVMEM_RANGE_IOREMAP },
	{ "get_vm_area_caller", DRVMEM_RANGE_ALLOCATOR },
	{ "__get_vm_area_caller", DRVMEM_RANGE_ALLOCATOR },
	/* the percpu allocator */
	{ "pcpu_alloc", DRVMEM_RANGE_ALLOCATOR },
	{ "pcpu_alloc_noprof", DRVMEM_RANGE_ALLOCATOR },
	{ "__alloc_percpu", DRVMEM_RANGE_ALLOCATOR },
	{ "__alloc_percpu_gfp", DRVMEM_RANGE_ALLOCATOR },
	{ "__alloc_reserved_percpu", DRVMEM_RANGE_ALLOCATOR },
	/* objects in bulk, see bpf/unseen.bpf.h; the network core's per-CPU cache of socket buffers */
	{ "kmem_cache_alloc_bulk*", DRVMEM_RANGE_ALLOCATOR },
	{ "napi_skb_cache_get*", DRVMEM_RANGE_SHARED },
	{ "__alloc_skb", DRVMEM_RANGE_SHARED },
	{ "napi_alloc_skb", DRVMEM_RANGE_SHARED },
	{ "__napi_alloc_skb", DRVMEM_RANGE_SHARED },
	{ "napi_build_skb", DRVMEM_RANGE_SHARED },
	{ "__napi_build_skb", DRVMEM_RANGE_SHARED },
	/* kmalloc itself, see bpf/slab.bpf.c */
	{ "__kmalloc", DRVMEM_RANGE_KMALLOC },
	{ "__kmalloc_noprof", DRVMEM_RANGE_KMALLOC },
	{ "__kmalloc_node", DRVMEM_RANGE_KMALLOC },
	{ "__kmalloc_node_noprof", DRVMEM_RANGE_KMALLOC },
	{ "__kmalloc_node_track_caller", DRVMEM_RANGE_KMALLOC },
	{ "__kmalloc_node_track_caller_noprof", DRVMEM_RANGE_KMALLOC },
	{ "__do_kmalloc_node", DRVMEM_RANGE_KMALLOC },
	/* a failure here is tried again, as vmalloc or smaller */
	{ "kvmalloc_node", DRVMEM_RANGE_RETRY },
	{ "__kvmalloc_node*", DRVMEM_RANGE_RETRY },
	{ "kvrealloc*", DRVMEM_RANGE_RETRY },
	{ "alloc_skb_with_frags", DRVMEM_RANGE_RETRY },
	{ "skb_page_frag_refill", DRVMEM_RANGE_RETRY },
	{ "mempool_alloc", DRVMEM_RANGE_RETRY },
	{ "mempool_alloc_noprof", DRVMEM_RANGE_RETRY },
	{ "mempool_alloc_slab", DRVMEM_RANGE_RETRY },
	{ "mempool_kmalloc", DRVMEM_RANGE_RETRY },
	{ "mempool_alloc_pages", DRVMEM_RANGE_RETRY },
	{ "blk_mq_alloc_rqs", DRVMEM_RANGE_RETRY },
	{ "blk_mq_alloc_map_and_rqs", DRVMEM_RANGE_RETRY },
	{ "packet_set_ring", DRVMEM_RANGE_RETRY },
	{ "alloc_one_pg_vec_page", DRVMEM_RANGE_RETRY },
};

enum drvmem_range_kind drvmem_ranges__kind(const char *symbol)
{
	size_t len = strcspn(symbol, "."), i;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const char *p = patterns[i].name;
		size_t n = strlen(p);

		if (p[n - 1] == '*' ? !strncmp(symbol, p, n - 1) :
				      n == len && !strncmp(symbol, p, n))
			return patterns[i].kind;
	}
	return DRVMEM_RANGE_NONE;
}

int drvmem_ranges__make(const struct drvmem_symtab *t, struct drvmem_range **ret, uint32_t *ret_n)
{
	size_t i, count = drvmem_symtab__count(t);
	struct drvmem_range *r = calloc(DRVMEM_STATIC_RANGES, sizeof(*r));
	uint32_t n = 0;

	if (!r)
		return -ENOMEM;
	for (i = 0; i < count && n < DRVMEM_STATIC_RANGES - 1; i++) {
		const struct drvmem_sym *s = drvmem_symtab__at(t, i);
		enum drvmem_range_kind kind;
		uint64_t end;

		if (s->module || s->pseudo)
			continue;
		kind = drvmem_ranges__kind(s->name);
		end = kind ? drvmem_symtab__end(t, s) : 0;
		if (!kind || end <= s->addr)
			continue;
		if (n && r[n - 1].hi >= s->addr) {
			/* aliases of one address, or the next function of the same kind */
			if (r[n - 1].kind == kind && end > r[n - 1].hi)
				r[n - 1].hi = end;
			if (r[n - 1].kind == kind || s->addr < r[n - 1].hi)
				continue;
		}
		r[n++] = (struct drvmem_range){ .lo = s->addr, .hi = end, .kind = (uint16_t)kind };
	}
	*ret = r;
	*ret_n = n;
	return 0;
}
