// SPDX-License-Identifier: GPL-2.0-or-later
/* What functions of the kernel mean to a walk, under the names they have in several versions. */
#include "unit.h"

#include "symbol/ranges.h"

static void test_kinds(void **state)
{
	static const struct {
		const char *symbol;
		enum drvmem_range_kind kind;
	} rows[] = {
		/* slabs take their pages themselves, large kmallocs too */
		{ "allocate_slab", DRVMEM_RANGE_INNER }, { "new_slab", DRVMEM_RANGE_INNER },
		{ "kmalloc_order", DRVMEM_RANGE_INNER }, { "___kmalloc_large_node", DRVMEM_RANGE_INNER },
		{ "__kmalloc_large_node_noprof", DRVMEM_RANGE_INNER },
		{ "pcpu_populate_chunk", DRVMEM_RANGE_INNER },
		/* the page allocator of 5.10, 6.1, 6.12, 6.18 */
		{ "__alloc_pages_nodemask", DRVMEM_RANGE_PAGES }, { "alloc_pages_current", DRVMEM_RANGE_PAGES },
		{ "__alloc_pages", DRVMEM_RANGE_PAGES }, { "alloc_pages_mpol_noprof", DRVMEM_RANGE_PAGES },
		{ "__alloc_frozen_pages_noprof", DRVMEM_RANGE_PAGES },
		{ "get_free_pages_noprof", DRVMEM_RANGE_PAGES }, { "folio_alloc_noprof", DRVMEM_RANGE_PAGES },
		/* ... but not what it does when memory is short */
		{ "__alloc_pages_direct_compact", DRVMEM_RANGE_BARRIER },
		{ "try_to_free_pages", DRVMEM_RANGE_BARRIER },
		/* a vmalloc: its entries, what makes the area, what fills it */
		{ "vmalloc_noprof", DRVMEM_RANGE_VMALLOC }, { "vzalloc", DRVMEM_RANGE_VMALLOC },
		{ "__vmalloc_node_noprof", DRVMEM_RANGE_VMALLOC },
		{ "__vmalloc_node_range", DRVMEM_RANGE_VMAREA },
		{ "__vmalloc_node_range_noprof", DRVMEM_RANGE_VMAREA },
		{ "__vmalloc_area_node", DRVMEM_RANGE_VMARRAY },
		{ "dma_alloc_attrs", DRVMEM_RANGE_DMA }, { "dma_pool_alloc", DRVMEM_RANGE_DMA },
		{ "__dma_direct_alloc_pages.isra.0", DRVMEM_RANGE_DMA },
		{ "kvrealloc_node_align_noprof", DRVMEM_RANGE_RETRY }, { "vrealloc_node_align_noprof", DRVMEM_RANGE_VMALLOC },
		{ "dma_iova_link", DRVMEM_RANGE_DMA },
		{ "dma_map_page_attrs", DRVMEM_RANGE_DMA }, { "dma_unmap_page_attrs", DRVMEM_RANGE_NONE },
		/* what only maps is no vmalloc */
		{ "vmap", DRVMEM_RANGE_VMAP }, { "vmap_range", DRVMEM_RANGE_NONE },
		{ "ioremap_wc", DRVMEM_RANGE_IOREMAP }, { "iounmap", DRVMEM_RANGE_NONE },
		{ "filemap_alloc_folio_noprof", DRVMEM_RANGE_CACHE }, { "do_anonymous_page", DRVMEM_RANGE_CACHE },
		/* records about objects, of a kernel made for debugging */
		{ "__alloc_object", DRVMEM_RANGE_OVERHEAD }, { "create_object_percpu", DRVMEM_RANGE_OVERHEAD },
		{ "create_object.isra.0", DRVMEM_RANGE_OVERHEAD }, { "ovl_create_object", DRVMEM_RANGE_NONE },
		{ "kmemleak_alloc_percpu", DRVMEM_RANGE_OVERHEAD }, { "__set_page_owner", DRVMEM_RANGE_OVERHEAD },
		{ "pte_alloc_one", DRVMEM_RANGE_OVERHEAD }, { "__pmd_alloc", DRVMEM_RANGE_OVERHEAD },
		{ "mempool_alloc_noprof", DRVMEM_RANGE_RETRY }, { "mempool_create", DRVMEM_RANGE_NONE },
		/* what the network core takes in bulk is nobody's */
		{ "kmem_cache_alloc_bulk", DRVMEM_RANGE_ALLOCATOR },
		{ "kmem_cache_alloc_bulk_noprof", DRVMEM_RANGE_ALLOCATOR },
		{ "napi_skb_cache_get", DRVMEM_RANGE_SHARED }, { "__alloc_skb", DRVMEM_RANGE_SHARED },
		{ "__build_skb", DRVMEM_RANGE_NONE },
		{ "asm_sysvec_apic_timer_interrupt", DRVMEM_RANGE_BARRIER },
		/* what came in is the protocols', what the driver hands over was its own */
		{ "__netif_receive_skb_list_core", DRVMEM_RANGE_BARRIER },
		{ "__netif_receive_skb_core.constprop.0", DRVMEM_RANGE_BARRIER },
		{ "napi_gro_receive", DRVMEM_RANGE_NONE },
		/* drivers ask: nothing stands for them */
		{ "shmem_alloc_folio", DRVMEM_RANGE_NONE }, { "skb_page_frag_refill", DRVMEM_RANGE_RETRY },
		{ "anon_pipe_get_page", DRVMEM_RANGE_NONE }, { "", DRVMEM_RANGE_NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (drvmem_ranges__kind(rows[i].symbol) != rows[i].kind)
			fail_msg("%s is of kind %d, not %d", rows[i].symbol,
				 (int)drvmem_ranges__kind(rows[i].symbol), (int)rows[i].kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
