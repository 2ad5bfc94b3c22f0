// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on sizes: what raises each, with its figures, and what just does not. */
#include "advicefixture.h"

/* ---- size-fit: 30 of 136 bytes in a page of their own, 21 in one of kmalloc-192 */

#define FIT_HELD	(477u * 4096)	/* 10,000 / 21 */
#define FIT_THEN	(334u * 4096)	/* 10,000 / 30 */

static struct world bad_fit(void)
{
	struct world w = world();

	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-192", DRVMEM_CLASS_KMALLOC, 192), "drv_add+0x10", 136, 12000, 8000,
	      10000);
	return w;
}

static void size_fit(void **state)
{
	struct world w = bad_fit();
	const struct drvmem_advice_finding *f = only(&w, "size-fit");

	(void)state;
	assert_int_equal(f->subject, DRVMEM_ADVICE_SITE);
	assert_int_equal(f->index, 0);
	assert_int_equal(f->second, -1);
	assert_true(f->has_saving);
	assert_int_equal(f->held_now, 381 * 4096);	/* 8,000 / 21 */
	assert_int_equal(f->held_peak, FIT_HELD);
	says_bytes(&f->then_now, 267 * 4096, 267 * 4096, (267 + 2) * 4096);
	says_bytes(&f->then_peak, FIT_THEN, FIT_THEN, FIT_THEN + 2 * 4096);
	assert_int_equal(drvmem_advice__saved(f), FIT_HELD - FIT_THEN);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	assert_string_equal(f->doubt, "");
	says(f, "live_objects", 8000);
	says(f, "peak_objects", 10000);
	says(f, "asked", 136);
	says(f, "size_class", 192);
	says(f, "object_size", 136);
	says(f, "objects_per_slab", 30);
	says(f, "slab_order", 0);
	says_threshold(f, "min_saving", 64 * KIB);
	says_threshold(f, "min_saving_percent", 10);
	assert_string_equal(f->why, "8000 objects of 136 bytes (at most 10000 at once), each in 192 bytes of kmalloc-192");
	assert_string_equal(f->action, "kmem_cache_create(\"NAME\", 136, 0, 0, NULL): 30 objects in a slab of 1 page; "
			    "or make it 8 bytes smaller, which fits kmalloc(128)");
	done(&w);
}

static void size_fit_thresholds(void **state)
{
	struct world w = bad_fit();

	(void)state;
	w.o.min_saving = FIT_HELD - FIT_THEN;
	only(&w, "size-fit");
	w.o.min_saving++;
	expect_none(&w);
	w.o.min_saving = 0;
	w.o.min_saving_percent = 29;	/* 29.98 are saved */
	only(&w, "size-fit");
	w.o.min_saving_percent = 30;
	expect_none(&w);
	w.o.min_saving_percent = 10;
	w.o.min_objects = 10000;
	only(&w, "size-fit");
	w.o.min_objects = 10001;
	expect_none(&w);
	done(&w);
}

/* Nine of ten of that size; those whose size found no place are of another. */
static void size_fit_of_most(void **state)
{
	struct world w = bad_fit();

	(void)state;
	w.u->sizes[0].live = 7200;
	size(&w, 137, 1000, 800, 900);
	assert_int_equal(findings(&w, "size-fit"), 1);
	w.u->sizes[0].live = 7199;
	assert_int_equal(findings(&w, "size-fit"), 0);
	done(&w);

	w = bad_fit();
	w.u->sizes[0].live = 7200;
	w.u->site[0].unsized = 1000;
	assert_int_equal(findings(&w, "size-fit"), 1);
	w.u->sizes[0].live = 7199;
	assert_int_equal(findings(&w, "size-fit"), 0);
	/* where few are live, of all that were */
	w.u->site[0].live = w.u->sizes[0].live = 63;
	w.u->sizes[0].allocs = 9000;
	assert_int_equal(findings(&w, "size-fit"), 1);
	w.u->site[0].unsized = 1001;
	assert_int_equal(findings(&w, "size-fit"), 0);
	done(&w);
}

/* Not the first of its sizes. What it saves is not told a second time as that of fixed sizes. */
static void size_fit_of_the_second(void **state)
{
	struct world w = world();
	const struct drvmem_advice_finding *f;

	(void)state;
	site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-192", DRVMEM_CLASS_KMALLOC, 192), "drv_add+0x10", 12010, 4000, 136,
	     10010);
	size(&w, 130, 10, 10, 10);
	size(&w, 136, 12000, 8000, 10000);
	f = only(&w, "size-fit");
	says(f, "live_objects", 8000);
	says(f, "peak_objects", 10000);
	assert_int_equal(f->held_peak, FIT_HELD);
	done(&w);
}

static void size_fit_of_others(void **state)
{
	struct world w = bad_fit();
	uint32_t i;

	(void)state;
	/* its own cache, and what is no slab */
	w.s->caches[0].kind = DRVMEM_CLASS_CACHE;
	expect_none(&w);
	w.s->caches[0].kind = DRVMEM_CLASS_KMALLOC;
	for (i = 1; i < DRVMEM_NR_USES; i++) {
		w.s->sites[0].allocator = (uint16_t)i;
		assert_int_equal(findings(&w, "size-fit"), 0);
	}
	done(&w);
	/* 185 to 192 bytes take what they take anyway */
	w = world();
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-192", DRVMEM_CLASS_KMALLOC, 192), "drv_add+0x10", 185, 99999, 99999,
	      99999);
	w.o.min_saving = w.o.min_saving_percent = 0;
	expect_none(&w);
	done(&w);
	/* a cache of one's own is no smaller because its class's slabs are shared: nothing to say of 56 in 64 */
	w = world();
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 64), "drv_add+0x10", 56, 1000, 1000, 1000);
	expect_none(&w);
	done(&w);
}

/* No smaller class within an eighth: there is nothing to shrink to. No exact peaks: what is live. */
static void size_fit_without_peaks(void **state)
{
	struct world w = world();
	const struct drvmem_advice_finding *f;

	(void)state;
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-512", DRVMEM_CLASS_KMALLOC, 512), "drv_add+0x10", 300, 5000, 5000, 0);
	f = only(&w, "size-fit");
	assert_int_equal(f->held_peak, f->held_now);
	assert_int_equal(f->held_peak, 313 * 8192);	/* 16 in two pages */
	says_bytes(&f->then_peak, 385 * 4096, 385 * 4096, 387 * 4096);	/* 13 in one */
	assert_string_equal(f->action, "kmem_cache_create(\"NAME\", 300, 0, 0, NULL): 13 objects in a slab of 1 page");
	done(&w);
	w = world();
	/* 288 = 256 + 256 / 8 - 0: the last that is told what it lacks is 292 - 36 */
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-512", DRVMEM_CLASS_KMALLOC, 512), "drv_add+0x10", 292, 5000, 5000, 0);
	f = only(&w, "size-fit");
	assert_non_null(strstr(f->action, "36 bytes smaller, which fits kmalloc(256)"));
	w.u->sizes[0].bytes = 293;
	f = only(&w, "size-fit");
	assert_null(strstr(f->action, "smaller"));
	done(&w);
}

/* ---- buffer-sizes: both in kmalloc-2k, 16 in 8 pages */

static struct world buffers(void)
{
	struct world w = world();

	site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-2k", DRVMEM_CLASS_KMALLOC, 2048), "drv_rx+0x1", 3000, 1000,
	     1300, 2500);
	size(&w, 1100, 1500, 1000, 1200);
	size(&w, 1500, 1500, 1000, 1300);
	return w;
}

#define BUF_TODAY	(125u * 32768)
#define BUF_TWO		(72u * 16384 + 48 * 32768)	/* 14 of 1100 in 4 pages, 21 of 1500 in 8 */
#define BUF_ONE		(96u * 32768)

static void buffer_sizes(void **state)
{
	struct world w = buffers();
	const struct drvmem_advice_finding *f = only(&w, "buffer-sizes");

	(void)state;
	assert_int_equal(f->held_peak, BUF_TODAY);
	assert_int_equal(f->held_now, BUF_TODAY);
	says_bytes(&f->then_peak, BUF_TWO, BUF_TWO, BUF_TWO + 2 * (16384 + 32768));
	says_bytes(&f->then_now, BUF_TWO, BUF_TWO, BUF_TWO + 2 * (16384 + 32768));
	assert_int_equal(f->severity, DRVMEM_LEVEL_MEDIUM);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "live_objects", 2000);
	says(f, "distinct_sizes", 2);
	says(f, "smallest", 1100);
	says(f, "largest", 1500);
	says(f, "suggested_sizes", 2);
	says_threshold(f, "max_sizes", 4);
	says_threshold(f, "min_saving", 64 * KIB);
	assert_string_equal(f->why, "2000 buffers of 2 sizes from 1100 to 1500 bytes, in kmalloc's size classes");
	assert_string_equal(f->action, "kmem_cache_create(\"NAME-SIZE\", SIZE, 0, 0, NULL) for SIZE = 1100 (50 %), 1500 (50 %)");
	done(&w);
}

static void buffer_sizes_thresholds(void **state)
{
	struct world w = buffers();
	const struct drvmem_advice_finding *f;

	(void)state;
	w.o.min_saving = BUF_TODAY - BUF_TWO;
	only(&w, "buffer-sizes");
	w.o.min_saving++;
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	w.o.min_saving_percent = 32;	/* 32.8 are saved */
	only(&w, "buffer-sizes");
	w.o.min_saving_percent = 33;
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	w.o.max_sizes = 1;
	f = only(&w, "buffer-sizes");
	says_bytes(&f->then_peak, BUF_ONE, BUF_ONE, BUF_ONE + 2 * 32768);
	assert_non_null(strstr(f->action, "SIZE = 1500 (100 %)"));
	/* as many as are live; more are asked for: the most that there were of each */
	w.o = drvmem_advice_defaults;
	w.o.min_objects = 2000;
	says(only(&w, "buffer-sizes"), "live_objects", 2000);
	w.o.min_objects = 2001;
	f = only(&w, "buffer-sizes");
	says(f, "peak_objects", 2500);
	assert_int_equal(f->held_now, 0);
	assert_non_null(strstr(f->why, "at most 2500 buffers"));
	w.o.min_objects = 2501;
	expect_none(&w);
	done(&w);
}

/* The fewest sizes that have nine tenths of what the best number saves. */
static void buffer_sizes_no_more_than_needed(void **state)
{
	struct world w = buffers();

	(void)state;
	/* 22 of 1450, 21 of 1500 in 8 pages: a second size would save 7 of 100 more */
	w.u->sizes[0].bytes = 1450;
	says(only(&w, "buffer-sizes"), "suggested_sizes", 1);
	done(&w);
}

/* By what a cache of each size takes, not by its pages alone. */
static void buffer_sizes_that_fit(void **state)
{
	struct world w = buffers();
	const struct drvmem_advice_finding *f;

	(void)state;
	w.u->sizes[0].bytes = 1040;
	w.u->sizes[1].bytes = 1050;
	size(&w, 1290, 900, 900, 900);
	size(&w, 1300, 100, 100, 100);
	w.o.max_sizes = 2;
	f = only(&w, "buffer-sizes");
	assert_non_null(strstr(f->action, "SIZE = 1050 (67 %), 1300 (33 %)"));
	w.u->sizes[1].live = 0;	/* none of that size: it asks for none */
	w.u->sizes[2].live = -3;
	f = only(&w, "buffer-sizes");
	says(f, "distinct_sizes", 2);
	says(f, "live_objects", 1100);
	done(&w);
}

static void buffer_sizes_of_others(void **state)
{
	struct world w = world();
	uint32_t k8 = cache(&w, "kmalloc-8k", DRVMEM_CLASS_KMALLOC, 8192), i;

	(void)state;
	/* of one size, the rule has nothing to choose */
	plain(&w, DRVMEM_ALLOC_SLAB, k8, "drv_rx+0x1", 4097, 1000, 1000, 1000);
	assert_int_equal(findings(&w, "buffer-sizes"), 0);
	size(&w, 8192, 200, 200, 200);
	assert_int_equal(findings(&w, "buffer-sizes"), 1);
	w.s->caches[k8].kind = DRVMEM_CLASS_CACHE;
	assert_int_equal(findings(&w, "buffer-sizes"), 0);
	w.s->caches[k8].kind = DRVMEM_CLASS_KMALLOC;
	/* larger ones than kmalloc has classes for are for other rules */
	w.u->sizes[1].bytes = 8193;
	assert_int_equal(findings(&w, "buffer-sizes"), 0);
	w.u->sizes[1].bytes = 8192;
	for (i = 1; i < DRVMEM_NR_USES; i++) {
		w.s->sites[0].allocator = (uint16_t)i;
		assert_int_equal(findings(&w, "buffer-sizes"), 0);
	}
	done(&w);
}

/* One call whose objects come from two classes: they are judged together, a size that both had as one. */
static void buffer_sizes_of_several_classes(void **state)
{
	struct world w = buffers();
	const struct drvmem_advice_finding *f;
	uint32_t t;

	(void)state;
	t = site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-1k", DRVMEM_CLASS_KMALLOC, 1024), "drv_rx+0x1", 3000, 0, 600,
		 3000);
	size(&w, 600, 2500, 2500, 2500);
	size(&w, 1100, 500, 500, 500);
	w.s->sites[t].call_site = w.s->sites[0].call_site;
	f = only(&w, "buffer-sizes");
	says(f, "distinct_sizes", 3);
	says(f, "live_objects", 5000);
	assert_non_null(strstr(f->action, "SIZE = 600 (50 %), 1100 (30 %), 1500 (20 %)"));
	/* 2,500 of 600 in kmalloc-1k (16 in 4 pages), 2,500 larger ones in kmalloc-2k */
	assert_int_equal(f->held_peak, 157 * 16384 + 157 * 32768);
	assert_int_equal(f->index, 0);	/* where most bytes are */
	/* a third class */
	t = site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-128", DRVMEM_CLASS_KMALLOC, 128), "drv_rx+0x1", 320, 0, 100, 320);
	size(&w, 100, 320, 320, 320);
	w.s->sites[t].call_site = w.s->sites[0].call_site;
	assert_int_equal(only(&w, "buffer-sizes")->held_peak, 10 * 4096 + 157 * 16384 + 157 * 32768);
	/* few at each of the sites, enough of all */
	w.o.min_objects = 4820;
	says(only(&w, "buffer-sizes"), "live_objects", 5320);
	w.o = drvmem_advice_defaults;
	t--;
	/* another driver's call at the same address is another call */
	w.s->sites[t].owner = (uint16_t)fix_module(w.s, "other", 2, 0);
	assert_int_equal(findings(&w, "buffer-sizes"), 2);
	done(&w);
}

/* ---- bundle */

static struct world together(void)
{
	struct world w = world();
	uint32_t k64 = cache(&w, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 64), a, b;

	a = plain(&w, DRVMEM_ALLOC_SLAB, k64, "drv_head+0x1", 60, 5000, 3000, 4000);
	b = plain(&w, DRVMEM_ALLOC_SLAB, k64, "drv_body+0x2", 64, 5000, 3000, 4000);
	w.u->site[a].paired_allocs = w.u->site[b].paired_allocs = 1000;
	w.u->site[a].paired_ends = w.u->site[b].paired_ends = 400;
	pair(&w, a, b, false, 900);
	pair(&w, b, a, true, 360);
	return w;
}

static void bundle(void **state)
{
	struct world w = together();
	const struct drvmem_advice_finding *f = only(&w, "bundle");

	(void)state;
	assert_int_equal(f->index, 1);
	assert_int_equal(f->second, 0);
	assert_int_equal(f->held_peak, 2 * 63 * 4096);	/* 64 in a page */
	says_bytes(&f->then_peak, 125 * 4096, 125 * 4096, 125 * 4096);	/* 32 of 128 in one */
	assert_int_equal(f->held_now, 2 * 47 * 4096);
	says_bytes(&f->then_now, 94 * 4096, 94 * 4096, 94 * 4096);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "together_allocated", 90);
	says(f, "together_freed", 90);
	says(f, "first_bytes", 60);
	says(f, "second_bytes", 64);
	says(f, "together_bytes", 128);
	says(f, "looked_at", 1000);
	says_threshold(f, "pair_percent", 90);
	assert_string_equal(f->why, "90 % of 64 bytes are allocated right after 60 of drv_head+0x1, and 90 % freed beside them");
	assert_string_equal(f->action, "one structure of both, kmalloc(128): half the calls");
	done(&w);
}

/* Severity is of bytes here too; nine of ten of each have the size that is told. */
static void bundle_of_many(void **state)
{
	struct world w = together();
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		w.u->sizes[i].live = 90000;
		w.u->sizes[i].peak = 1000000;
		w.u->sizes[i].bytes = 96;	/* 42 in a page; 192: 21 */
		w.u->site[i].live = 100000;
	}
	assert_int_equal(only(&w, "bundle")->severity, DRVMEM_LEVEL_LOW);	/* nothing is saved */
	w.u->sizes[0].bytes = 120;	/* 128 and 96 to 192: 32 and 42, then 21 */
	w.u->sizes[1].bytes = 72;
	assert_int_equal(only(&w, "bundle")->severity, DRVMEM_LEVEL_HIGH);
	assert_int_equal(drvmem_advice__saved(&w.a.v[0]), (31250u + 23810 - 47620) * 4096);
	w.u->sizes[0].live = 89999;
	expect_none(&w);
	w.u->sizes[0].live = 90000;
	w.u->sizes[1].live = 89999;
	assert_int_equal(findings(&w, "bundle"), 0);
	done(&w);
}

static void bundle_thresholds(void **state)
{
	struct world w = together();

	(void)state;
	w.o.pair_percent = 91;
	expect_none(&w);
	w.o.pair_percent = 90;
	w.u->pairs[0].count--;
	expect_none(&w);
	w.u->pairs[0].count++;
	w.u->pairs[1].count--;
	expect_none(&w);
	/* ends in the same order as allocations count too, the two orders not added up */
	w.u->pairs[1].count = 200;
	pair(&w, 0, 1, true, 200);
	expect_none(&w);
	w.u->pairs[2].count = 360;
	only(&w, "bundle");
	/* the one that is less often with the other decides */
	w.u->site[1].paired_allocs = 1001;
	expect_none(&w);
	w.u->site[1].paired_allocs = 1;
	w.u->site[0].paired_allocs = 1001;
	expect_none(&w);
	/* too few to say so */
	w.u->site[0].paired_allocs = w.u->site[1].paired_allocs = 50;
	w.u->pairs[0].count = 50;
	only(&w, "bundle");
	w.u->pairs[0].count = 49;
	expect_none(&w);
	w.u->pairs[0].count = 50;
	w.u->site[0].paired_ends = w.u->site[1].paired_ends = w.u->pairs[2].count = 49;
	w.u->pairs[1].count = 0;
	expect_none(&w);
	done(&w);
}

static void bundle_of_others(void **state)
{
	struct world w = together();

	(void)state;
	/* another module's, another allocator's, one's own cache, one site with itself */
	w.s->sites[1].owner = (uint16_t)fix_module(w.s, "other", 2, 0);
	expect_none(&w);
	w.s->sites[1].owner = w.s->sites[0].owner;
	w.s->sites[1].allocator = DRVMEM_ALLOC_VMALLOC;
	expect_none(&w);
	w.s->sites[1].allocator = DRVMEM_ALLOC_SLAB;
	w.s->caches[0].kind = DRVMEM_CLASS_CACHE;
	expect_none(&w);
	w.s->caches[0].kind = DRVMEM_CLASS_KMALLOC;
	w.u->pairs[0].site = w.u->pairs[1].before = 0;
	expect_none(&w);
	w.u->pairs[0].site = w.u->pairs[1].before = 1;
	/* of any size: not the one that they have in common */
	w.u->sizes[1].live = 2699;
	size(&w, 50, 500, 301, 500);
	expect_none(&w);
	w.u->site[1].nr_sizes = 1;
	w.u->sizes[1].live = 3000;
	only(&w, "bundle");
	/* as one they would take more: 72 in kmalloc-96 beside 8, 64 in kmalloc-64 */
	w.u->sizes[1].bytes = 8;
	expect_none(&w);
	done(&w);
	/* more than a page together */
	w = together();
	w.u->sizes[0].bytes = w.u->sizes[1].bytes = 2048;
	only(&w, "bundle");
	w.u->sizes[1].bytes = 2056;
	assert_int_equal(findings(&w, "bundle"), 0);
	done(&w);
}

/* In a loop each comes right after the other: it is one pair, told once. */
static void bundle_once(void **state)
{
	struct world w = together();

	(void)state;
	pair(&w, 1, 0, false, 900);
	assert_int_equal(only(&w, "bundle")->index, 1);
	w.u->pairs[1].count = 901;	/* more often the other way round */
	assert_int_equal(only(&w, "bundle")->index, 0);
	assert_int_equal(w.a.v[0].second, 1);
	done(&w);
}

/* A site is of one bundle: of three that come together two are told. What is to be one needs no cache of its own. */
static void bundle_is_all_that_is_told(void **state)
{
	struct world w = together();
	uint32_t i;

	(void)state;
	plain(&w, DRVMEM_ALLOC_SLAB, 0, "drv_tail+0x3", 64, 5000, 3000, 4000);
	w.u->site[2].paired_allocs = 1000;
	w.u->site[2].paired_ends = 400;
	pair(&w, 1, 2, false, 950);
	pair(&w, 1, 2, true, 400);
	assert_int_equal(only(&w, "bundle")->index, 1);
	done(&w);

	w = together();
	/* 102 of 40, or 64 of 64 in a page: worth a cache; but with 88 (46, or 42 of 96) it is 128 */
	w.u->sizes[0].bytes = 40;
	w.u->sizes[1].bytes = 88;
	assert_int_equal(only(&w, "bundle")->index, 1);
	w.u->pairs[0].count = 0;
	only(&w, "size-fit");
	w.u->pairs[0].count = 900;
	/* caches for both bring far more than one structure of 80 in kmalloc-96 */
	for (i = 0; i < 2; i++)
		w.u->sizes[i].bytes = 40;
	assert_int_equal(findings(&w, "bundle"), 0);
	assert_int_equal(findings(&w, "size-fit"), 2);
	w.u->sizes[1].bytes = 88;
	size(&w, 72, 300, 300, 300);	/* of another size are few */
	w.u->site[1].live += 300;
	only(&w, "bundle");
	done(&w);
}

/* ---- size-spread */

static struct world spread(uint32_t sizes)
{
	struct world w = world();
	uint32_t i;

	site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-512", DRVMEM_CLASS_KMALLOC, 512), "drv_msg+0x8", 1000, 995, 200, 9);
	for (i = 0; i + 1 < sizes; i++)
		size(&w, 128 + i, 100, 0, 1);
	size(&w, 2048, 100, 5, 5);
	return w;
}

static void size_spread(void **state)
{
	struct world w = spread(8);
	const struct drvmem_advice_finding *f = only(&w, "size-spread");

	(void)state;
	assert_false(f->has_saving);
	assert_int_equal(drvmem_advice__saved(f), 0);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "distinct_sizes", 8);
	says(f, "smallest", 128);
	says(f, "largest", 2048);
	says(f, "allocations", 1000);
	says_threshold(f, "largest_to_smallest", 16);
	assert_string_equal(f->why, "8 sizes from 128 to 2048 bytes come from one call");
	assert_string_equal(f->action, "a bound for the common case with a fixed buffer, kvmalloc() for what is larger");
	w.u->sizes[0].bytes = 16;
	w.u->sizes[7].bytes = 2047;	/* short texts of any length */
	expect_none(&w);
	w.u->sizes[7].bytes = 2048;
	only(&w, "size-spread");
	w.u->sizes[0].bytes = 128;
	w.u->sizes[7].bytes = 2047 + 128;
	only(&w, "size-spread");
	w.u->sizes[0].bytes = 136;	/* 16 times as large it would be 2,176 */
	expect_none(&w);
	w.u->sizes[0].bytes = 128;
	w.u->sizes[7].bytes = 2048;
	w.s->sites[0].c.allocs = 999;
	expect_none(&w);
	w.s->sites[0].c.allocs = 1000;
	w.s->sites[0].allocator = DRVMEM_ALLOC_PAGE;
	expect_none(&w);
	done(&w);
	w = spread(7);
	expect_none(&w);
	done(&w);
}

/* A size that two classes had (an accounted one and another) is one size. */
static void size_spread_of_several_classes(void **state)
{
	struct world w = spread(7);
	uint32_t t, i;

	(void)state;
	t = site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-cg-512", DRVMEM_CLASS_KMALLOC, 512), "drv_msg+0x8", 500, 500,
		 16, 1);
	w.s->sites[t].call_site = w.s->sites[0].call_site;
	for (i = 0; i < 6; i++)
		size(&w, 128 + i, 80, 0, 1);
	expect_none(&w);
	size(&w, 2100, 20, 0, 1);
	says(only(&w, "size-spread"), "distinct_sizes", 8);
	says(only(&w, "size-spread"), "largest", 2100);
	says(only(&w, "size-spread"), "allocations", 1500);
	done(&w);
}

/* Where fixed sizes are told already, the spread is no news. */
static void size_spread_beside_buffers(void **state)
{
	struct world w = buffers();
	uint32_t i;

	(void)state;
	w.u->sizes[0].bytes = 100;
	for (i = 0; i < 7; i++)
		size(&w, 2000 + 8 * i, 1, 0, 1);
	w.s->sites[0].c.allocs = 3000;
	only(&w, "buffer-sizes");
	w.o.min_saving = 1u << 30;
	only(&w, "size-spread");
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(size_fit),
		cmocka_unit_test(size_fit_thresholds),
		cmocka_unit_test(size_fit_of_most),
		cmocka_unit_test(size_fit_of_the_second),
		cmocka_unit_test(size_fit_of_others),
		cmocka_unit_test(size_fit_without_peaks),
		cmocka_unit_test(buffer_sizes),
		cmocka_unit_test(buffer_sizes_thresholds),
		cmocka_unit_test(buffer_sizes_no_more_than_needed),
		cmocka_unit_test(buffer_sizes_that_fit),
		cmocka_unit_test(buffer_sizes_of_others),
		cmocka_unit_test(buffer_sizes_of_several_classes),
		cmocka_unit_test(bundle),
		cmocka_unit_test(bundle_of_many),
		cmocka_unit_test(bundle_thresholds),
		cmocka_unit_test(bundle_of_others),
		cmocka_unit_test(bundle_once),
		cmocka_unit_test(bundle_is_all_that_is_told),
		cmocka_unit_test(size_spread),
		cmocka_unit_test(size_spread_of_several_classes),
		cmocka_unit_test(size_spread_beside_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
