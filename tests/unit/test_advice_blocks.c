// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on pages, DMA and mappings: what raises each, with its figures, and what just does not. */
#include "advicefixture.h"

static uint32_t large(struct world *w)
{
	return cache(w, "kmalloc-large-32k", DRVMEM_CLASS_LARGE, 32768);
}

static uint32_t huge(struct world *w)
{
	return cache(w, "kmalloc-large-128k", DRVMEM_CLASS_LARGE, 131072);
}

/* ---- page-multiple: 5 pages in 8 */

static void page_multiple(void **state)
{
	struct world w = world();
	const struct drvmem_advice_finding *f;

	(void)state;
	plain(&w, DRVMEM_ALLOC_SLAB, large(&w), "drv_ring+0x1", 20000, 300, 100, 200);
	f = only(&w, "page-multiple");
	assert_true(f->has_saving);
	assert_int_equal(f->held_now, 100 * 32768);
	assert_int_equal(f->held_peak, 200 * 32768);
	says_bytes(&f->then_now, 100 * 20480, 100 * 20480, 100 * 20480);
	says_bytes(&f->then_peak, 200 * 20480, 200 * 20480, 200 * 20480);
	assert_int_equal(f->severity, DRVMEM_LEVEL_MEDIUM);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_MEDIUM);
	assert_string_equal(f->doubt, "200 are not many");
	says(f, "live_blocks", 100);
	says(f, "peak_blocks", 200);
	says(f, "largest", 20000);
	says_threshold(f, "min_saving", 64 * KIB);
	assert_string_equal(f->why, "100 blocks of up to 20000 bytes (at most 200 at once), which kmalloc rounds up to a power "
			    "of two of pages");
	assert_non_null(strstr(f->action, "alloc_pages_exact(size, gfp) and free_pages_exact(), or kvmalloc()"));
	done(&w);
}

static void page_multiple_thresholds(void **state)
{
	struct world w = world();

	(void)state;
	plain(&w, DRVMEM_ALLOC_SLAB, large(&w), "drv_ring+0x1", 20000, 300, 100, 200);
	w.o.min_saving = 200 * 12288;
	only(&w, "page-multiple");
	w.o.min_saving++;
	expect_none(&w);
	w.o.min_saving = 0;
	w.o.min_saving_percent = 37;	/* of 8 pages 3 */
	only(&w, "page-multiple");
	w.o.min_saving_percent = 38;
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	/* a power of two of pages, and whatever ends on its last one */
	w.u->sizes[0].bytes = 28673;
	expect_none(&w);
	w.u->sizes[0].bytes = 28672;
	only(&w, "page-multiple");
	/* no exact peaks: what is live */
	w.u->sizes[0].peak = 0;
	assert_int_equal(only(&w, "page-multiple")->held_peak, 100 * 32768);
	w.u->sizes[0].live = 0;
	expect_none(&w);
	w.u->sizes[0].live = 100;
	w.s->caches[0].kind = DRVMEM_CLASS_KMALLOC;
	expect_none(&w);
	done(&w);
}

/* A ring of 5 pages in 8: what is held is known of the live ones. */
static void page_multiple_of_dma(void **state)
{
	struct world w = world();
	struct drvmem_counts *n;
	const struct drvmem_advice_finding *f;

	(void)state;
	plain(&w, DRVMEM_ALLOC_DMA, cache(&w, "0000:00:03.0", DRVMEM_CLASS_DMA, 32768), "drv_ring+0x1", 20480, 10, 10, 10);
	n = &w.s->sites[0].c;
	f = only(&w, "page-multiple");
	assert_true(f->has_saving);
	assert_int_equal(f->held_now, 10 * 32768);
	assert_int_equal(f->held_peak, 10 * 32768);
	says_bytes(&f->then_now, 10 * 20480, 10 * 20480, 10 * 32768);
	says_bytes(&f->then_peak, 10 * 20480, 10 * 20480, 10 * 32768);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	says(f, "live_blocks", 10);
	says(f, "asked_bytes", 10 * 20480);
	says_threshold(f, "min_saving", 64 * KIB);
	assert_string_equal(f->why, "10 coherent buffers of device 0000:00:03.0 ask for 204800 bytes and hold 327680: pages come in "
			    "powers of two");
	w.o.min_saving = 10 * 12288;
	only(&w, "page-multiple");
	w.o.min_saving++;
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	n->held_bytes = 2 * MIB;
	assert_int_equal(only(&w, "page-multiple")->severity, DRVMEM_LEVEL_MEDIUM);
	n->held_bytes = 10 * 32768;
	/* what is less than a page is for a pool */
	n->live_bytes = 10 * 4096;
	only(&w, "page-multiple");
	n->live_bytes--;
	expect_none(&w);
	n->live_bytes = -1;
	expect_none(&w);
	n->live_bytes = 10 * 20480;
	n->held_bytes = -1;
	expect_none(&w);
	n->held_bytes = 10 * 32768;
	w.u->site[0].live = 0;
	expect_none(&w);
	w.u->site[0].live = 10;
	plain(&w, DRVMEM_ALLOC_DMA, cache(&w, "0000:00:04.0", DRVMEM_CLASS_DMA, 32768), "drv_ring+0x1", 20480, 1, 1, 1);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	expect_none(&w);
	done(&w);
}

/* ---- large-block */

static struct world blocks(uint64_t ended)
{
	struct world w = world();

	w.o.large_bytes = 64 * KIB;
	plain(&w, DRVMEM_ALLOC_SLAB, huge(&w), "drv_fw+0x1", 70000, 10 + ended, 10, 12);
	return w;
}

static void large_block(void **state)
{
	struct world w = blocks(2);
	const struct drvmem_advice_finding *f = only(&w, "large-block");

	(void)state;
	assert_true(f->has_saving);
	assert_int_equal(f->held_now, 10 * 131072);
	assert_int_equal(f->held_peak, 12 * 131072);
	says_bytes(&f->then_now, 10 * 73728, 10 * 73728, 10 * 73728);
	says_bytes(&f->then_peak, 12 * 73728, 12 * 73728, 12 * 73728);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_LOW);
	assert_string_equal(f->doubt, "12 only");
	says(f, "live_blocks", 10);
	says(f, "peak_blocks", 12);
	says(f, "largest", 70000);
	says_threshold(f, "large_bytes", 64 * KIB);
	assert_non_null(strstr(f->why, "10 long-lived blocks of up to 70000 bytes, of adjacent pages"));
	assert_non_null(strstr(f->action, "kvmalloc(size, GFP_KERNEL) and kvfree()"));
	/* whole pages already: no bytes are saved, the block is still large */
	w.u->sizes[0].bytes = 131072;
	f = only(&w, "large-block");
	assert_false(f->has_saving);
	done(&w);
}

static void large_block_thresholds(void **state)
{
	struct world w = blocks(2);

	(void)state;
	w.o.large_bytes = 70000;
	only(&w, "large-block");
	w.o.large_bytes = 70001;
	only(&w, "page-multiple");
	w.o.large_bytes = 64 * KIB;
	fix_stack(w.s, 0, "mempool_kmalloc+0x1", 1);	/* a reserve is to lie there */
	expect_none(&w);
	w.s->stacks[0].frame[0] = "drv_fw+0x1";
	only(&w, "large-block");
	w.u->sizes[0].live = 0;
	expect_none(&w);
	done(&w);
	/* the middle one of those that ended lived [4.1, 8.2) s, [8.2, 16.4) s; fewer than 30 tell nothing */
	w = blocks(30);
	life(&w, 0, 11);
	expect_none(&w);
	life(&w, 0, 12);
	only(&w, "large-block");
	w.s->sites[0].c.life_hist[11] = w.s->sites[0].c.life_hist[12] = 15;
	expect_none(&w);
	w.s->sites[0].c.life_hist[12]++;
	only(&w, "large-block");
	done(&w);
	w = blocks(29);
	life(&w, 0, 1);
	only(&w, "large-block");
	w.s->sites[0].c.life_hist[1]++;
	expect_none(&w);
	w.s->meta.hz = 0;	/* ticks of no known length */
	only(&w, "large-block");
	done(&w);
}

/* Blocks of the page allocator take what was asked for; they are as adjacent. */
static void large_block_of_pages(void **state)
{
	struct world w = world();
	const struct drvmem_advice_finding *f;

	(void)state;
	w.o.large_bytes = 64 * KIB;
	site(&w, w.drv, DRVMEM_ALLOC_PAGE, cache(&w, "order-5", DRVMEM_CLASS_PAGES, 131072), "drv_buf+0x1", 30, 2, 131072, 28);
	size(&w, 32768, 3, 3, 3);	/* not large */
	size(&w, 65536, 10, 8, 10);
	size(&w, 131072, 9, -1, 4);
	f = only(&w, "large-block");
	assert_false(f->has_saving);
	assert_int_equal(f->held_now, 8 * 65536);
	assert_int_equal(f->held_peak, 10 * 65536 + 4 * 131072);
	says(f, "live_blocks", 8);
	says(f, "peak_blocks", 14);
	says(f, "largest", 131072);
	w.u->sizes[1].live = 0;
	expect_none(&w);
	w.u->sizes[1].live = 1;
	only(&w, "large-block");
	w.s->sites[0].allocator = DRVMEM_ALLOC_VMALLOC;	/* not adjacent */
	expect_none(&w);
	done(&w);
}

/* ---- init-block */

#define LOADED	(20 * FIX_S)	/* on the clock of the fixture, which runs from 5 s to 65 s */

static uint64_t age_of(const struct world *w, uint64_t born_ns)
{
	return w->s->meta.taken_ns - born_ns;
}

static struct world starting(void)
{
	struct world w = world();

	w.s->instances[w.drv].loaded_ns = LOADED;
	plain(&w, DRVMEM_ALLOC_VMALLOC, cache(&w, "vmalloc", DRVMEM_CLASS_VMALLOC, 0), "drv_init+0x1", MIB, 6, 6, 6);
	fix_object(w.s, age_of(&w, LOADED), MIB, 0);
	fix_object(w.s, age_of(&w, LOADED + FIX_S), MIB, 0);
	fix_object(w.s, age_of(&w, LOADED + FIX_S), MIB, 0);
	fix_object(w.s, age_of(&w, LOADED + 2 * FIX_S), MIB, 0);
	fix_object(w.s, age_of(&w, LOADED + 2 * FIX_S + 1), MIB, 0);	/* later */
	fix_object(w.s, age_of(&w, LOADED), MIB, DRVMEM_F_RCU_PENDING);	/* given up */
	return w;
}

static void init_block(void **state)
{
	struct world w = starting();
	const struct drvmem_advice_finding *f = only(&w, "init-block");

	(void)state;
	assert_false(f->has_saving);
	assert_int_equal(f->held_now, 4 * MIB);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "bytes_at_start", 4 * MIB);
	says(f, "objects_at_start", 4);
	says_threshold(f, "init_bytes", 4 * MIB);
	assert_non_null(strstr(f->why, "4194304 bytes in 4 objects were taken while the driver started"));
	assert_non_null(strstr(f->action, "allocate when the device is opened"));
	w.o.init_bytes++;
	expect_none(&w);
	w.o.init_bytes--;
	w.s->objects[3].age_ns--;
	expect_none(&w);
	w.s->objects[3].age_ns++;
	/* it was there before the session: when it started is not known */
	w.s->instances[w.drv].loaded_ns = 0;
	expect_none(&w);
	w.s->instances[w.drv].loaded_ns = LOADED;
	w.s->sites[0].allocator = DRVMEM_MAP_VMAP;	/* no memory of its own */
	expect_none(&w);
	w.s->sites[0].allocator = DRVMEM_ALLOC_VMALLOC;
	/* one call, two sites: together they are enough */
	plain(&w, DRVMEM_ALLOC_VMALLOC, 0, "drv_init+0x1", MIB, 1, 1, 1);
	fix_object(w.s, age_of(&w, LOADED), 2 * MIB, 0);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	w.o.init_bytes = 6 * MIB;
	f = only(&w, "init-block");
	assert_int_equal(f->held_now, 6 * MIB);
	says(f, "objects_at_start", 5);
	done(&w);
}

/* ---- dma-pool: 16 blocks of 256 bytes in a page, each has one */

static uint32_t device(struct world *w)
{
	return cache(w, "0000:00:03.0", DRVMEM_CLASS_DMA, 4096);
}

static void dma_pool(void **state)
{
	struct world w = world();
	const struct drvmem_advice_finding *f;

	(void)state;
	plain(&w, DRVMEM_ALLOC_DMA, device(&w), "drv_desc+0x1", 250, 200, 100, 130);
	f = only(&w, "dma-pool");
	assert_true(f->has_saving);
	assert_int_equal(f->held_now, 100 * 4096);
	assert_int_equal(f->held_peak, 130 * 4096);
	says_bytes(&f->then_now, 7 * 4096, 7 * 4096, 7 * 4096);
	says_bytes(&f->then_peak, 9 * 4096, 9 * 4096, 9 * 4096);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_MEDIUM);
	says(f, "live_blocks", 100);
	says(f, "peak_blocks", 130);
	says(f, "asked", 250);
	says(f, "blocks_per_page", 16);
	says_threshold(f, "min_saving", 64 * KIB);
	assert_string_equal(f->why, "100 coherent blocks of 250 bytes of device 0000:00:03.0, a page each");
	assert_non_null(strstr(f->action, "dma_pool_create(\"NAME\", dev, 256, ALIGN, 0) and dma_pool_alloc(): 16 blocks in a page"));
	w.o.min_saving = 121 * 4096;
	only(&w, "dma-pool");
	w.o.min_saving++;
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	w.u->site[0].peak = 1600;	/* whole pages of them */
	f = only(&w, "dma-pool");
	says_bytes(&f->then_peak, 100 * 4096, 100 * 4096, 100 * 4096);
	assert_int_equal(f->severity, DRVMEM_LEVEL_MEDIUM);
	w.u->site[0].live = w.u->sizes[0].live = 96;
	f = only(&w, "dma-pool");
	says_bytes(&f->then_now, 6 * 4096, 6 * 4096, 6 * 4096);
	done(&w);
}

static void dma_pool_thresholds(void **state)
{
	struct world w = world();

	(void)state;
	plain(&w, DRVMEM_ALLOC_DMA, device(&w), "drv_desc+0x1", 250, 16, 0, 16);
	w.o.min_saving = 0;
	only(&w, "dma-pool");
	w.u->site[0].peak = 15;
	expect_none(&w);
	w.u->site[0].peak = 1000;
	w.u->sizes[0].bytes = 2048;	/* two in a page */
	only(&w, "dma-pool");
	w.u->sizes[0].bytes = 2049;
	expect_none(&w);
	w.u->sizes[0].bytes = 0;
	expect_none(&w);
	w.u->sizes[0].bytes = 250;
	/* nine of ten have that size: so many are counted */
	w.u->sizes[0].allocs = 900;
	size(&w, 300, 100, 0, 100);
	says(only(&w, "dma-pool"), "peak_blocks", 900);
	w.u->sizes[1].allocs = 101;
	expect_none(&w);
	w.u->sizes[1].allocs = 1;
	/* the same call for another device is another site: which of both is not told */
	site(&w, w.drv, DRVMEM_ALLOC_DMA, cache(&w, "0000:00:04.0", DRVMEM_CLASS_DMA, 4096), "drv_desc+0x1", 9, 0, 250, 9);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	expect_none(&w);
	w.s->sites[1].call_site++;
	only(&w, "dma-pool");
	w.s->sites[0].allocator = DRVMEM_ALLOC_PAGE;
	expect_none(&w);
	done(&w);
}

/* ---- map-churn */

static struct world mapping(uint16_t kind, uint64_t n)
{
	struct world w = world();
	uint32_t in = cache(&w, "0000:00:03.0", kind == DRVMEM_MAP_DMA ? DRVMEM_CLASS_DEVICE : DRVMEM_CLASS_VMAP, 0);

	plain(&w, kind, in, "drv_tx+0x1", 1500, n + 40, 40, 64);
	life(&w, 0, 2);	/* up to 16 ms */
	w.u->site[0].remaps_new = 100;
	w.u->site[0].remaps_again = 900;
	return w;
}

static void map_churn_of_dma(void **state)
{
	struct world w = mapping(DRVMEM_MAP_DMA, 60000);
	const struct drvmem_advice_finding *f = only(&w, "map-churn");

	(void)state;
	assert_false(f->has_saving);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "maps_per_second", 1000);
	says(f, "peak_mappings", 64);
	says(f, "life_p50", 16e6);
	says(f, "mapped_again", 90);
	says_threshold(f, "min_rate", 1000);
	says_threshold(f, "min_mapped_again", 90);
	assert_string_equal(f->why, "1000 mappings in a second, 90 % of addresses that were mapped before, at most 64 at once");
	assert_non_null(strstr(f->action, "map once and dma_sync_single_for_device()/_for_cpu() around each use"));
	w.s->sites[0].c.frees--;	/* a mapping and its end are one: the fewer count */
	expect_none(&w);
	w.s->sites[0].c.frees++;
	w.s->sites[0].c.allocs = 59999;
	expect_none(&w);
	w.s->sites[0].c.allocs = 60000;
	life(&w, 0, 3);
	expect_none(&w);
	life(&w, 0, 2);
	w.u->site[0].remaps_new++;
	w.u->site[0].remaps_again--;
	expect_none(&w);
	w.u->site[0].remaps_new = 6;
	w.u->site[0].remaps_again = 58;
	only(&w, "map-churn");
	w.u->site[0].remaps_new = 5;
	expect_none(&w);
	w.u->site[0].remaps_new = 6;
	w.u->site[0].remaps_cut = true;
	expect_none(&w);
	w.u->site[0].remaps_cut = false;
	w.o.min_rate = 1000;
	assert_int_equal(only(&w, "map-churn")->severity, DRVMEM_LEVEL_MEDIUM);
	w.o.min_rate = 1010;
	assert_int_equal(only(&w, "map-churn")->severity, DRVMEM_LEVEL_LOW);
	done(&w);
}

/* Which device's buffers come again is only known of one. */
static void map_churn_of_two_devices(void **state)
{
	struct world w = mapping(DRVMEM_MAP_DMA, 90000);

	(void)state;
	plain(&w, DRVMEM_MAP_DMA, cache(&w, "0000:00:04.0", DRVMEM_CLASS_DEVICE, 0), "drv_tx+0x1", 1500, 9, 0, 9);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	expect_none(&w);
	done(&w);
}

static void map_churn_of_areas(void **state)
{
	static const uint16_t kind[] = { DRVMEM_MAP_VMAP, DRVMEM_MAP_IOREMAP };
	const struct drvmem_advice_finding *f;
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(kind); i++) {
		struct world w = mapping(kind[i], 6000);

		w.u->site[0].remaps_new = w.u->site[0].remaps_again = 0;
		f = only(&w, "map-churn");
		says(f, "maps_per_second", 100);
		says_threshold(f, "min_rate", 100);
		assert_string_equal(f->why, "100 areas mapped in a second, for 16.0 ms in the middle: each end flushes TLBs");
		assert_non_null(strstr(f->action, "keep the mapping as long as its buffer"));
		w.s->sites[0].c.frees--;
		expect_none(&w);
		w.s->sites[0].c.frees++;
		life(&w, 0, 3);
		expect_none(&w);
		done(&w);
	}
}

/* Memory is not mapped, however often it comes and goes. */
static void no_map_churn_of_memory(void **state)
{
	struct world w = mapping(DRVMEM_MAP_VMAP, 60000);

	(void)state;
	w.s->sites[0].allocator = DRVMEM_ALLOC_VMALLOC;
	assert_int_equal(findings(&w, "map-churn"), 0);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_multiple),
		cmocka_unit_test(page_multiple_thresholds),
		cmocka_unit_test(page_multiple_of_dma),
		cmocka_unit_test(large_block),
		cmocka_unit_test(large_block_thresholds),
		cmocka_unit_test(large_block_of_pages),
		cmocka_unit_test(init_block),
		cmocka_unit_test(dma_pool),
		cmocka_unit_test(dma_pool_thresholds),
		cmocka_unit_test(map_churn_of_dma),
		cmocka_unit_test(map_churn_of_two_devices),
		cmocka_unit_test(map_churn_of_areas),
		cmocka_unit_test(no_map_churn_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
