// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on kmem_caches: merged-cache and alignment: what raises each, with its figures, and what just does not. */
#include "advicefixture.h"

#define SOME(n)	((struct drvmem_u64){ (n), DRVMEM_OK })

static uint32_t own_cache(struct world *w, uint32_t held, uint32_t object_size)
{
	uint32_t i = cache(w, "drv_obj", DRVMEM_CLASS_CACHE, held);

	w->s->caches[i].object_size = object_size;
	return i;
}

/* ---- merged-cache */

/* Objects of 200 bytes: 5,243 are 1 MiB and 24 bytes. */
static struct world merged(uint64_t live)
{
	struct world w = world();
	uint32_t k = own_cache(&w, 200, 200);

	w.s->caches[k].aliases = "ip4-frags,drv_obj_too";
	plain(&w, DRVMEM_ALLOC_SLAB, k, "drv_add+0x1", 200, 2 * live, live, live + 10);
	return w;
}

static void merged_cache(void **state)
{
	struct world w = merged(5243);
	const struct drvmem_advice_finding *f;
	struct drvmem_pool *p;
	uint32_t i;

	(void)state;
	f = only(&w, "merged-cache");
	assert_false(f->has_saving);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	assert_int_equal(f->held_now, 5243 * 200);
	says(f, "live_objects", 5243);
	says(f, "live_bytes", 5243 * 200);
	says(f, "more_at_most", 2 * 4096);	/* a slab for each CPU */
	says_threshold(f, "min_live_bytes", MIB);
	for (i = 0; i < f->nr_values; i++)
		assert_string_not_equal(f->value[i].name, "objects_of_all");	/* not read */
	assert_string_equal(f->why, "5243 objects are in cache drv_obj, which the kernel made one with ip4-frags,drv_obj_too: it "
			    "counts them together, and a stray write hits the others' objects");
	assert_non_null(strstr(f->action, "SLAB_NO_MERGE"));
	assert_non_null(strstr(f->risk, "about 8192 bytes"));
	p = drvmem_pools__add(w.pools, DRVMEM_POOL_CACHE);
	assert_non_null(p);
	p->name = "ip4-frags";
	p->aliases = "drv,drv_obj_too";
	p->in_use = SOME(9000);
	f = only(&w, "merged-cache");
	for (i = 0; i < f->nr_values; i++)
		assert_string_not_equal(f->value[i].name, "objects_of_all");	/* another one */
	p->aliases = "drv,drv_obj,drv_obj_too";
	says(only(&w, "merged-cache"), "objects_of_all", 9000);
	/* alone; of the kernel's classes; gone */
	w.s->caches[0].aliases = NULL;
	expect_none(&w);
	w.s->caches[0].aliases = "ip4-frags";
	w.s->caches[0].destroyed = true;
	expect_none(&w);
	w.s->caches[0].destroyed = false;
	w.s->caches[0].kind = DRVMEM_CLASS_KMALLOC;
	assert_int_equal(findings(&w, "merged-cache"), 0);
	done(&w);
}

static void merged_bytes(void **state)
{
	struct world w = merged(5242);

	(void)state;
	expect_none(&w);
	/* of all sites of the owner; the one with most bytes stands for them */
	plain(&w, DRVMEM_ALLOC_SLAB, 0, "drv_more+0x1", 200, 1, 1, 1);
	assert_int_equal(only(&w, "merged-cache")->index, 0);
	w.s->sites[1].c.live_bytes = 1 << 30;
	assert_int_equal(only(&w, "merged-cache")->index, 1);
	/* another owner's are its own */
	w.s->sites[1].owner = (uint16_t)fix_module(w.s, "other", 2, 0);
	expect_none(&w);
	w.s->sites[0].c.live_objects++;
	only(&w, "merged-cache");
	done(&w);
}

/* ---- alignment */

/* 12,000 objects of 72 bytes that take 128 each: 375 slabs of 32; without alignment 215 of 56. */
static struct world aligned(void)
{
	struct world w = world();
	struct drvmem_pool *p = drvmem_pools__add(w.pools, DRVMEM_POOL_CACHE);

	assert_non_null(p);
	plain(&w, DRVMEM_ALLOC_SLAB, own_cache(&w, 128, 72), "drv_add+0x1", 72, 20000, 10000, 12000);
	p->name = "drv_obj";
	p->object_size = SOME(72);
	p->size = SOME(128);
	p->align = SOME(64);
	p->outside = SOME(0);
	p->per_slab = SOME(32);
	return w;
}

static void alignment(void **state)
{
	struct world w = aligned();
	const struct drvmem_advice_finding *f = only(&w, "alignment");

	(void)state;
	assert_true(f->has_saving);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	assert_int_equal(f->held_peak, 375 * 4096);
	assert_int_equal(f->held_now, 313 * 4096);
	says_bytes(&f->then_peak, 215 * 4096, 215 * 4096, 217 * 4096);
	says_bytes(&f->then_now, 179 * 4096, 179 * 4096, 181 * 4096);
	says(f, "live_objects", 10000);
	says(f, "peak_objects", 12000);
	says(f, "asked", 72);
	says(f, "aligned_to", 64);
	says(f, "object_size", 128);
	says(f, "object_size_then", 72);
	says(f, "objects_per_slab_then", 56);
	says_threshold(f, "min_saving", 64 * KIB);
	says_threshold(f, "min_saving_percent", 10);
	assert_string_equal(f->why, "10000 objects of 72 bytes (at most 12000 at once) of cache drv_obj take 128 each: they are aligned to 64");
	assert_string_equal(f->action, "kmem_cache_create() without SLAB_HWCACHE_ALIGN, or with a smaller alignment: 72 bytes each, 56 "
			    "objects in a slab of 1 page");
	done(&w);
}

static void alignment_thresholds(void **state)
{
	struct world w = aligned();

	(void)state;
	/* 160 slabs are saved */
	w.o.min_saving = 160 * 4096;
	only(&w, "alignment");
	w.o.min_saving++;
	expect_none(&w);
	w.o.min_saving = 4096;
	w.o.min_saving_percent = 42;
	only(&w, "alignment");
	w.o.min_saving_percent = 43;
	expect_none(&w);
	w.o.min_saving_percent = 10;
	w.o.min_objects = 12000;
	only(&w, "alignment");
	w.o.min_objects = 12001;
	expect_none(&w);
	/* those of another site of the driver's are the same cache's */
	plain(&w, DRVMEM_ALLOC_SLAB, 0, "drv_more+0x1", 72, 1, 1, 1);
	says(only(&w, "alignment"), "peak_objects", 12001);
	done(&w);
}

/* Only where the arithmetic gives what the kernel has, and all of it is known. */
static void alignment_that_is_known(void **state)
{
	struct world w = aligned();
	struct drvmem_pool *p = &w.pools->v[0];
	struct drvmem_u64 *const all[] = { &p->object_size, &p->size, &p->align, &p->outside, &p->per_slab };
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(all); i++) {
		all[i]->st = DRVMEM_ABSENT;
		expect_none(&w);
		all[i]->st = DRVMEM_OK;
		only(&w, "alignment");
	}
	p->size.v = 192;	/* something was added to it */
	expect_none(&w);
	p->size.v = 128;
	p->per_slab.v = 31;
	expect_none(&w);
	p->per_slab.v = 32;
	p->name = "other";
	expect_none(&w);
	p->aliases = "drv_obj";
	only(&w, "alignment");
	/* the pointer of a free object lies behind it: 80 bytes, 51 in a slab */
	p->outside.v = 1;
	says(only(&w, "alignment"), "objects_per_slab_then", 51);
	/* aligned to words only */
	p->outside.v = 0;
	p->align.v = 8;
	p->size.v = 72;
	p->per_slab.v = 56;
	expect_none(&w);
	done(&w);
}

static void no_pools(void **state)
{
	struct world w = aligned();
	uint32_t rules;

	(void)state;
	only(&w, "alignment");
	rules = w.a.rules;
	drvmem_pools__free(w.pools);
	w.pools = NULL;
	expect_none(&w);
	assert_int_equal(w.a.rules, rules - 3);	/* with reserve and occupancy */
	w.pools = drvmem_pools__new();
	assert_non_null(w.pools);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merged_cache),
		cmocka_unit_test(merged_bytes),
		cmocka_unit_test(alignment),
		cmocka_unit_test(alignment_thresholds),
		cmocka_unit_test(alignment_that_is_known),
		cmocka_unit_test(no_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
