// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on use and on pools: what raises each, with its figures, and what just does not. */
#include "advicefixture.h"

/* ---- churn */

static struct world churning(uint16_t allocator, const char *in, uint16_t kind, uint32_t held, uint32_t bytes, uint64_t ended)
{
	struct world w = world();

	plain(&w, allocator, cache(&w, in, kind, held), "drv_cmd+0x1", bytes, ended + 4, 4, 64);
	life(&w, 0, 2);	/* up to 16 ms */
	return w;
}

static void churn(void **state)
{
	struct world w = churning(DRVMEM_ALLOC_SLAB, "kmalloc-128", DRVMEM_CLASS_KMALLOC, 128, 128, 600000);
	const struct drvmem_advice_finding *f = only(&w, "churn");

	(void)state;
	assert_false(f->has_saving);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "allocs_per_second", 10000);
	says(f, "asked", 128);
	says(f, "life_p50", 16e6);
	says(f, "depth_max", 64);
	says(f, "kept_bytes", 2 * 4096);	/* 32 in a slab */
	says_threshold(f, "min_rate", 10000);
	assert_string_equal(f->why, "10000 of 128 bytes are taken and given back in a second, half of them live less than 16 ms; "
			    "never more than 64 at once");
	assert_string_equal(f->action, "a list of free ones of the driver's own, or mempool_create_kmalloc_pool(): depth 64 (of "
			    "128 bytes)");
	assert_string_equal(f->risk, "what is kept is never given back: 8192 bytes");
	w.o.min_rate = 1000;
	assert_int_equal(only(&w, "churn")->severity, DRVMEM_LEVEL_MEDIUM);
	w.o.min_rate = 1001;
	assert_int_equal(only(&w, "churn")->severity, DRVMEM_LEVEL_LOW);
	done(&w);
}

static void churn_thresholds(void **state)
{
	struct world w = churning(DRVMEM_ALLOC_SLAB, "kmalloc-128", DRVMEM_CLASS_KMALLOC, 128, 128, 600000);

	(void)state;
	w.s->sites[0].c.frees--;
	expect_none(&w);
	w.s->sites[0].c.frees++;
	w.s->sites[0].c.allocs = 599999;
	expect_none(&w);
	w.s->sites[0].c.allocs = 600004;
	life(&w, 0, 3);
	expect_none(&w);
	life(&w, 0, 2);
	w.u->site[0].peak = 4096;
	only(&w, "churn");
	w.u->site[0].peak = 4097;
	expect_none(&w);
	/* nine of ten have that size */
	w.u->site[0].peak = 64;
	w.u->sizes[0].allocs = 540000;
	size(&w, 130, 60000, 0, 10);
	only(&w, "churn");
	w.u->sizes[1].allocs++;
	expect_none(&w);
	w.u->sizes[1].allocs = 1;
	w.u->sizes[0].allocs = 600000;
	only(&w, "churn");
	/* kept as what kmalloc gives: 21 in a slab, or pages */
	w.u->site[0].nr_sizes = 1;
	w.u->sizes[0].bytes = 192;
	w.s->caches[0].held = 192;
	says(only(&w, "churn"), "kept_bytes", 4 * 4096);
	w.u->sizes[0].bytes = 16384;
	w.s->caches[0].held = 16384;
	w.s->caches[0].kind = DRVMEM_CLASS_LARGE;
	says(only(&w, "churn"), "kept_bytes", 64 * 16384);
	/* a cache has a list of its own, a mempool is one */
	w.s->caches[0].kind = DRVMEM_CLASS_CACHE;
	expect_none(&w);
	w.s->caches[0].kind = DRVMEM_CLASS_KMALLOC;
	w.s->sites[0].site = "mempool_alloc_noprof+0x6b";
	expect_none(&w);
	w.s->sites[0].site = "mempool+0x6b";
	only(&w, "churn");
	/* it asks for a mempool, as a stack shows; another site's stack is no matter */
	fix_stack(w.s, 1, "mempool_alloc_slab+0x1", 1);
	only(&w, "churn");
	fix_stack(w.s, 0, "mempool_alloc_slab+0x1", 1);
	expect_none(&w);
	done(&w);
}

/* Kernels without exact peaks: the laps have what was there at their ends. */
static void churn_by_laps(void **state)
{
	struct world w = churning(DRVMEM_ALLOC_SLAB, "kmalloc-128", DRVMEM_CLASS_KMALLOC, 128, 128, 600000);
	const struct drvmem_advice_finding *f;
	uint32_t i, id = w.s->sites[0].id;

	(void)state;
	w.u->site[0].peak = 0;
	w.u->site[0].live = w.u->sizes[0].live = 0;
	expect_none(&w);	/* nobody ever saw one */
	for (i = 1; i < 100; i++) {
		assert_int_equal(drvmem_laps__add(&w.laps, id, i), 0);
		drvmem_laps__close(&w.laps);
	}
	f = only(&w, "churn");
	says(f, "depth_max", 99);
	for (i = 0; i < f->nr_values; i++)
		assert_string_not_equal(f->value[i].name, "depth_p99");	/* of fewer laps it is none */
	assert_int_equal(drvmem_laps__add(&w.laps, id, 500), 0);
	drvmem_laps__close(&w.laps);
	f = only(&w, "churn");
	says(f, "depth_max", 500);
	says(f, "depth_p99", 99);
	w.u->site[0].peak = 600;	/* exact */
	says(only(&w, "churn"), "depth_max", 600);
	done(&w);
}

/* By what else a call costs: pages from a fifth of the rate on, percpu a tenth, areas and DMA buffers a hundredth. */
static void churn_of_others(void **state)
{
	static const struct {
		uint16_t allocator, kind;
		uint32_t held, bytes, rate, kept;
		const char *action;
	} t[] = {
		{ DRVMEM_ALLOC_PAGE, DRVMEM_CLASS_PAGES, 4096, 4096, 2000, 4096, "page_pool_create()" },
		{ DRVMEM_ALLOC_VMALLOC, DRVMEM_CLASS_VMALLOC, 0, 8192, 100, 8192, "keep them" },
		{ DRVMEM_ALLOC_PERCPU, DRVMEM_CLASS_PERCPU, 0, 64, 1000, 64, "keep them, or count without" },
		{ DRVMEM_ALLOC_DMA, DRVMEM_CLASS_DMA, 16384, 12288, 100, 16384, "dma_pool_create(), or keep the buffers" },
	};
	const struct drvmem_advice_finding *f;
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(t); i++) {
		struct world w = churning(t[i].allocator, "x", t[i].kind, t[i].held, t[i].bytes, t[i].rate * 60);

		f = only(&w, "churn");
		says_threshold(f, "min_rate", t[i].rate);
		says(f, "kept_bytes", 64 * t[i].kept);
		assert_true(!strncmp(f->action, t[i].action, strlen(t[i].action)));
		w.s->sites[0].c.frees--;
		expect_none(&w);
		done(&w);
	}
	for (i = DRVMEM_MAP_DMA; i < DRVMEM_NR_USES; i++) {
		struct world w = churning((uint16_t)i, "x", DRVMEM_CLASS_VMAP, 0, 4096, 600000);

		assert_int_equal(findings(&w, "churn"), 0);
		done(&w);
	}
}

/* ---- atomic-fail */

static void atomic_fail(void **state)
{
	struct world w = world();
	const struct drvmem_advice_finding *f;

	(void)state;
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-256", DRVMEM_CLASS_KMALLOC, 256), "drv_irq+0x1", 256, 2000, 10, 50);
	w.u->site[0].atomic = 1980;
	expect_none(&w);
	w.u->site[0].failed_atomic = 20;
	f = only(&w, "atomic-fail");
	assert_false(f->has_saving);
	assert_int_equal(f->severity, DRVMEM_LEVEL_HIGH);	/* one of a hundred */
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "failed", 20);
	says(f, "tried", 2000);
	says(f, "depth_max", 50);
	says_threshold(f, "failures", 1);
	assert_string_equal(f->why, "20 of 2000 allocations that may not wait failed; at most 50 were live at once");
	assert_non_null(strstr(f->action, "mempool_create_kmalloc_pool(min_nr, 256) with min_nr for what must not fail, at most 50"));
	w.u->site[0].atomic = 1981;
	assert_int_equal(only(&w, "atomic-fail")->severity, DRVMEM_LEVEL_MEDIUM);
	w.u->site[0].failed_atomic = 1;
	only(&w, "atomic-fail");
	/* of no known size, and from several classes: added up */
	w.u->site[0].nr_sizes = 0;
	w.u->site[0].failed_atomic = 0;
	site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 64), "drv_irq+0x1", 9, 9, 64, 9);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	w.u->site[1].failed_atomic = 7;
	w.u->site[1].atomic = 12;
	f = only(&w, "atomic-fail");
	says(f, "failed", 7);
	says(f, "tried", 2000);
	w.u->site[0].failed_atomic = 5;
	f = only(&w, "atomic-fail");
	says(f, "failed", 12);
	says(f, "depth_max", 59);
	assert_string_equal(f->action, "a mempool with what must not fail; or allocate where waiting is allowed");
	w.s->sites[0].site = "mempool_alloc+0x5";	/* which falls back on its reserve */
	expect_none(&w);
	done(&w);
}

/* ---- unaccounted */

/* In so many tenths of a second there were more than before, in others not. */
static void grow(struct world *w, uint32_t id, uint32_t times)
{
	uint32_t i;

	for (i = 0; i < 2 * times; i++) {
		assert_int_equal(drvmem_laps__add(&w->laps, id, 10 + i / 2), 0);
		drvmem_laps__close(&w->laps);
	}
}

static struct world for_processes(void)
{
	struct world w = world();

	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-1k", DRVMEM_CLASS_KMALLOC, 1024), "drv_ioctl+0x1", 1024, 1100, 256, 300);
	w.u->site[0].waited = 1110;
	w.u->site[0].by_user = 1000;
	grow(&w, w.s->sites[0].id, 5);
	return w;
}

static void unaccounted(void **state)
{
	struct world w = for_processes();
	const struct drvmem_advice_finding *f = only(&w, "unaccounted");

	(void)state;
	assert_false(f->has_saving);
	assert_int_equal(f->held_now, 256 * KIB);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_HIGH);
	says(f, "for_processes", 1000);
	says(f, "allocations", 1110);
	says(f, "live_bytes", 256 * KIB);
	says_threshold(f, "min_live_bytes", 256 * KIB);
	says_threshold(f, "min_allocations", 1000);
	assert_string_equal(f->why, "1000 of 1110 allocations were made by processes' requests, and 262144 bytes are held: no memory "
			    "cgroup is charged");
	assert_non_null(strstr(f->action, "GFP_KERNEL_ACCOUNT in place of GFP_KERNEL"));
	w.u->site[0].waited = 1112;
	expect_none(&w);
	w.u->site[0].waited = 1110;
	w.u->site[0].by_user = 999;
	w.u->site[0].waited = 999;
	expect_none(&w);
	w.u->site[0].by_user = 1000;
	w.u->site[0].waited = 1000;
	only(&w, "unaccounted");
	w.u->site[0].by_user = 1800;
	w.u->site[0].waited = 2000;	/* nine of ten */
	only(&w, "unaccounted");
	w.s->sites[0].c.live_bytes--;
	expect_none(&w);
	w.s->sites[0].c.live_bytes = -1;	/* frees that were seen before their allocations */
	expect_none(&w);
	done(&w);
	/* one call, two sites: added up, the share too */
	w = for_processes();
	w.u->site[0].by_user = w.u->site[0].waited = 600;
	w.s->sites[0].c.live_bytes = 200 * KIB;
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-2k", DRVMEM_CLASS_KMALLOC, 2048), "drv_ioctl+0x1", 2048, 600, 30, 30);
	w.u->site[1].by_user = w.u->site[1].waited = 400;
	assert_int_equal(w.s->sites[1].c.live_bytes, 60 * KIB);
	expect_none(&w);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	f = only(&w, "unaccounted");
	says(f, "for_processes", 1000);
	says(f, "allocations", 1000);
	says(f, "live_bytes", 260 * KIB);
	w.u->site[1].waited = 511;	/* 1,000 of 1,111 */
	only(&w, "unaccounted");
	w.u->site[1].waited = 512;
	expect_none(&w);
	done(&w);
}

/* What a process does once, as the one that brings an interface up, is no request of users; nor are packets. */
static void unaccounted_once(void **state)
{
	struct world w = for_processes();

	(void)state;
	only(&w, "unaccounted");
	drvmem_laps__fini(&w.laps);
	grow(&w, w.s->sites[0].id, 4);
	expect_none(&w);
	grow(&w, w.s->sites[0].id, 5);
	only(&w, "unaccounted");
	w.s->sites[0].site = "__netdev_alloc_skb+0x10";
	expect_none(&w);
	w.s->sites[0].site = "kmalloc_reserve+0x10";
	expect_none(&w);
	done(&w);
}

/* Objects of a cache that is SLAB_ACCOUNT are charged, whatever is asked with; it may not be known. */
static void unaccounted_of_caches(void **state)
{
	struct world w = for_processes();

	(void)state;
	assert_string_equal(only(&w, "unaccounted")->action, "GFP_KERNEL_ACCOUNT in place of GFP_KERNEL");
	w.s->caches[0].kind = DRVMEM_CLASS_CACHE;
	expect_none(&w);
	w.s->caches[0].accounted = (struct drvmem_u64){ 1, DRVMEM_OK };
	expect_none(&w);
	w.s->caches[0].accounted = (struct drvmem_u64){ 0, DRVMEM_OK };
	assert_string_equal(only(&w, "unaccounted")->action,
			    "SLAB_ACCOUNT for kmem_cache_create(), or GFP_KERNEL_ACCOUNT in place of GFP_KERNEL");
	w.s->caches[0].accounted = (struct drvmem_u64){ 0, DRVMEM_DENIED };
	expect_none(&w);
	w.s->caches[0].kind = DRVMEM_CLASS_LARGE;
	only(&w, "unaccounted");
	done(&w);
}

/* What is allocated while insmod runs is not what a process asked for. */
static void unaccounted_at_start(void **state)
{
	struct world w = for_processes();
	struct drvmem_instance *drv = &w.s->instances[w.drv];

	(void)state;
	drv->loaded_ns = w.s->meta.taken_ns - 2 * w.o.min_time_ns + 1;
	expect_none(&w);
	drv->loaded_ns--;
	only(&w, "unaccounted");
	done(&w);
}

/* ---- reserve */

#define OK(n)	((struct drvmem_u64){ (n), DRVMEM_OK })

static struct drvmem_pool *mempool(struct world *w)
{
	struct drvmem_pool *p = drvmem_pools__add(w->pools, DRVMEM_POOL_MEMPOOL);

	assert_non_null(p);
	p->name = "drv-req";
	p->owner = "drv";
	p->size = OK(1024);
	p->capacity = OK(256);
	p->peak = OK(30);
	p->low_water = OK(226);
	p->requests = OK(500);
	p->failures = OK(2);
	return p;
}

static void reserve_too_large(void **state)
{
	struct world w = world();
	struct drvmem_pool *p = mempool(&w);
	const struct drvmem_advice_finding *f = only(&w, "reserve");

	(void)state;
	assert_int_equal(f->subject, DRVMEM_ADVICE_POOL);
	assert_int_equal(f->index, 0);
	assert_true(f->has_saving);
	assert_int_equal(f->held_now, 256 * KIB);
	assert_int_equal(f->held_peak, 256 * KIB);
	says_bytes(&f->then_now, 60 * KIB, 60 * KIB, 60 * KIB);
	says_bytes(&f->then_peak, 60 * KIB, 60 * KIB, 60 * KIB);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_MEDIUM);
	assert_string_equal(f->doubt, "500 are not many");
	says(f, "reserve", 256);
	says(f, "in_use_peak", 30);
	says(f, "low_water", 226);
	says(f, "requests", 500);
	says(f, "failures", 2);
	says_threshold(f, "min_requests", 500);
	assert_string_equal(f->why, "never more than 30 elements were in use at once, of a reserve of 256");
	assert_string_equal(f->action, "min_nr 60: mempool_resize(pool, 60), or where it is created");
	assert_non_null(strstr(f->risk, "a load that this session did not have may use more at once"));
	w.o.min_saving = 196 * KIB;
	only(&w, "reserve");
	w.o.min_saving++;
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	w.o.min_saving_percent = 77;	/* of 256 196 go: 76.6 */
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	p->requests.v = 499;
	expect_none(&w);
	p->requests.v = 500;
	p->peak.v = 128;	/* twice that is needed */
	w.o.min_saving = w.o.min_saving_percent = 0;
	expect_none(&w);
	p->peak.v = 127;
	only(&w, "reserve");
	p->peak.v = 0;	/* mempool_resize() takes no 0 */
	says(only(&w, "reserve"), "reserve", 256);
	assert_null(strstr(w.a.v[0].action, "min_nr 0"));
	p->size.st = DRVMEM_ABSENT;	/* of elements of no known size nobody knows what is saved */
	expect_none(&w);
	done(&w);
}

static void reserve_too_small(void **state)
{
	struct world w = world();
	struct drvmem_pool *p = mempool(&w);
	const struct drvmem_advice_finding *f;
	uint32_t i;

	(void)state;
	p->capacity = OK(16);
	p->peak = OK(17);
	p->low_water = OK(0);
	f = only(&w, "reserve");
	assert_false(f->has_saving);
	assert_int_equal(drvmem_advice__saved(f), 0);
	assert_int_equal(f->severity, DRVMEM_LEVEL_MEDIUM);
	assert_int_equal(f->held_peak, 16 * KIB);
	says_bytes(&f->then_peak, 17 * KIB, 17 * KIB, 17 * KIB);
	assert_string_equal(f->why, "the reserve of 16 was used up (low-water mark 0) while 17 elements were in use");
	assert_string_equal(f->action, "min_nr 17: mempool_resize(pool, 17), or where it is created");
	assert_string_equal(f->risk, "the reserve is held all the time");
	p->failures.st = DRVMEM_ABSENT;
	f = only(&w, "reserve");	/* unknown is not 0 */
	for (i = 0; i < f->nr_values; i++)
		assert_string_not_equal(f->value[i].name, "failures");
	p->low_water.v = 1;
	expect_none(&w);
	p->low_water.v = 0;
	p->peak.v = 16;
	expect_none(&w);
	done(&w);
}

/* Where memory was short the reserve itself tells how much of it is needed. */
static void reserve_by_dips(void **state)
{
	struct world w = world();
	struct drvmem_pool *p = mempool(&w);
	const struct drvmem_advice_finding *f;
	uint32_t i;

	(void)state;
	p->peak = OK(400);
	p->low_water = OK(248);
	p->dips = OK(100);
	p->longest_dip_ns = OK(12000000);
	f = only(&w, "reserve");
	says_bytes(&f->then_peak, 16 * KIB, 16 * KIB, 16 * KIB);
	assert_true(f->has_saving);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_MEDIUM);
	assert_string_equal(f->doubt, "100 are not many");
	says(f, "dips", 100);
	says(f, "longest_dip", 12e6);
	says_threshold(f, "min_dips", 100);
	assert_string_equal(f->why, "100 times the reserve of 256 was in use, for want of memory: at most 8 of it at once");
	assert_string_equal(f->action, "min_nr 16: mempool_resize(pool, 16), or where it is created");
	/* of an older pool the most in use is not known: this is */
	p->peak.st = DRVMEM_ABSENT;
	f = only(&w, "reserve");
	for (i = 0; i < f->nr_values; i++)
		assert_string_not_equal(f->value[i].name, "in_use_peak");
	p->dips.v = 99;
	expect_none(&w);
	p->dips.v = 100;
	p->dips.st = DRVMEM_ABSENT;
	expect_none(&w);
	p->dips.st = DRVMEM_OK;
	p->longest_dip_ns.st = DRVMEM_ABSENT;
	f = only(&w, "reserve");
	for (i = 0; i < f->nr_values; i++)
		assert_string_not_equal(f->value[i].name, "longest_dip");
	/* twice 96 is worth it, twice 97 is not: 62 KiB */
	p->low_water.v = 256 - 96;
	only(&w, "reserve");
	p->low_water.v = 256 - 97;
	expect_none(&w);
	/* all of it was: how much more is needed is not told by it */
	p->low_water.v = 0;
	w.o.min_saving = w.o.min_saving_percent = 0;
	expect_none(&w);
	done(&w);
}

/* What is not known decides nothing; what is the kernel's own is asked for. */
static void reserves_of_others(void **state)
{
	struct world w = world();
	struct drvmem_pool *p = mempool(&w);
	struct drvmem_u64 *const need[] = { &p->capacity, &p->peak, &p->low_water, &p->requests };
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(need); i++) {
		need[i]->st = DRVMEM_DENIED;
		expect_none(&w);
		need[i]->st = DRVMEM_OK;
	}
	only(&w, "reserve");
	p->owner = NULL;
	expect_none(&w);
	p->owner = "kernel";
	expect_none(&w);
	w.o.kernel = true;
	only(&w, "reserve");
	p->kind = DRVMEM_POOL_DMA;
	expect_none(&w);
	done(&w);
}

/* ---- occupancy: 100 slabs of 8 KiB with room for 16 each */

static struct drvmem_pool *kmem_cache(struct world *w)
{
	struct drvmem_pool *p = drvmem_pools__add(w->pools, DRVMEM_POOL_CACHE);

	assert_non_null(p);
	p->name = "drv_obj";
	p->owner = "drv";
	p->users = 1;
	p->capacity = OK(1600);
	p->in_use = OK(420);
	p->over_max = OK(20);
	p->tracked = OK(400);
	p->per_slab = OK(16);
	p->slabs = OK(100);
	p->held_bytes = OK(100 * 8192);
	return p;
}

static void occupancy(void **state)
{
	struct world w = world();
	struct drvmem_pool *p = kmem_cache(&w);
	const struct drvmem_advice_finding *f = only(&w, "occupancy");

	(void)state;
	assert_int_equal(f->subject, DRVMEM_ADVICE_POOL);
	assert_true(f->has_saving);
	assert_int_equal(f->held_now, 100 * 8192);
	assert_int_equal(f->held_peak, 100 * 8192);
	says_bytes(&f->then_now, 25 * 8192, 25 * 8192, 27 * 8192);
	says_bytes(&f->then_peak, 25 * 8192, 25 * 8192, 27 * 8192);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_MEDIUM);	/* of 100 slabs */
	says(f, "live_objects", 400);
	says(f, "capacity", 1600);
	says(f, "slabs", 100);
	says(f, "occupied", 25);
	says_threshold(f, "max_occupied", 50);
	assert_string_equal(f->why, "400 objects keep 100 slabs with room for 1600");
	assert_non_null(strstr(f->action, "kmem_cache_shrink()"));
	p->aliases = "other_obj";
	assert_non_null(strstr(only(&w, "occupancy")->why, "; the cache is merged with other_obj"));
	w.o.min_saving = 75 * 8192;
	only(&w, "occupancy");
	w.o.min_saving++;
	expect_none(&w);
	w.o = drvmem_advice_defaults;
	p->held_bytes.v = 100 * 32768;
	assert_int_equal(only(&w, "occupancy")->severity, DRVMEM_LEVEL_MEDIUM);
	p->held_bytes.v = 100 * 8192;
	p->tracked.v = p->in_use.v = 799;
	only(&w, "occupancy");
	p->tracked.v = p->in_use.v = 800;	/* half */
	expect_none(&w);
	done(&w);
}

static void occupancy_of_others(void **state)
{
	struct world w = world();
	struct drvmem_pool *p = kmem_cache(&w);
	struct drvmem_u64 *const need[] = { &p->capacity, &p->in_use, &p->per_slab, &p->slabs, &p->held_bytes, &p->over_max,
					    &p->tracked };
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(need); i++) {
		need[i]->st = DRVMEM_ABSENT;
		expect_none(&w);
		need[i]->st = DRVMEM_OK;
	}
	p->in_use.v = 421;	/* one that the session did not see */
	expect_none(&w);
	p->in_use.v = 420;
	p->users = 2;
	expect_none(&w);
	p->users = 1;
	p->owner_guess = true;
	expect_none(&w);
	p->owner_guess = false;
	p->slabs.v = 0;
	expect_none(&w);
	p->slabs.v = 100;
	p->per_slab.v = 0;
	expect_none(&w);
	p->per_slab.v = 16;
	p->owner = "kernel";
	expect_none(&w);
	w.o.kernel = true;
	only(&w, "occupancy");
	p->kind = DRVMEM_POOL_MEMPOOL;
	expect_none(&w);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(churn),
		cmocka_unit_test(churn_thresholds),
		cmocka_unit_test(churn_by_laps),
		cmocka_unit_test(churn_of_others),
		cmocka_unit_test(atomic_fail),
		cmocka_unit_test(unaccounted),
		cmocka_unit_test(unaccounted_once),
		cmocka_unit_test(unaccounted_of_caches),
		cmocka_unit_test(unaccounted_at_start),
		cmocka_unit_test(reserve_too_large),
		cmocka_unit_test(reserve_too_small),
		cmocka_unit_test(reserve_by_dips),
		cmocka_unit_test(reserves_of_others),
		cmocka_unit_test(occupancy),
		cmocka_unit_test(occupancy_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
