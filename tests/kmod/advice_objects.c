// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of drvmem_advice that hold so many objects: how each variant allocates them. One function per
 * call site (SITE), so that its name tells the variant.
 */
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "advice.h"
#include "compat.h"

/* All objects from the one on that is @first. */
static void release_from(struct rule *rule, const struct way *way, size_t first)
{
	size_t i;

	for (i = first; i < rule->nr_held; i++) {
		if (rule->held[i])
			way->free(rule->held[i], i);
		rule->held[i] = NULL;
		if (!(i % 256))
			cond_resched();
	}
	rule->nr_held = first;
	if (!first && way->finish)
		way->finish();
}

void release_objects(struct rule *rule)
{
	release_from(rule, &rule->ways[rule->after], 0);
}

/* All of them or none. */
static int add_objects(struct rule *rule, const struct way *way, size_t nr)
{
	size_t first = rule->nr_held, bytes = 0, i;

	for (i = first; i < first + nr; i++) {
		rule->held[i] = way->alloc(i);
		if (!rule->held[i]) {
			release_from(rule, way, first);
			return -ENOMEM;
		}
		rule->nr_held++;
		bytes += way->size(i);
		if (!(i % 256))
			cond_resched();
	}
	rule->objects += nr;
	rule->bytes += bytes;
	return 0;
}

static void thin_out(struct rule *rule, const struct way *way)
{
	size_t i;

	for (i = 0; i < rule->nr_held; i++) {
		if (way->keep(i))
			continue;
		way->free(rule->held[i], i);
		rule->held[i] = NULL;
		rule->objects--;
		rule->bytes -= way->size(i);
	}
}

int run_objects(struct rule *rule, const struct request *req)
{
	const struct way *way = &rule->ways[req->after];
	size_t per_count = way->per_count ?: 1;
	int err;

	if (!way->alloc)
		return -EINVAL;
	if (req->count > (rule->max - rule->nr_held) / per_count)
		return -ENOSPC;
	if (way->prepare) {
		err = way->prepare(req);
		if (err)
			return err;
	}
	err = add_objects(rule, way, req->count * per_count);
	if (!err && way->keep)
		thin_out(rule, way);
	return err;
}

void free_kmalloc(void *ptr, size_t i)
{
	kfree(ptr);
}

/* A cache that one variant has at a time: fit, occupancy. */
static struct kmem_cache *fit_cache, *occupancy_cache;

/* ---- fit: a size that lies badly in a class of kmalloc ---- */

#define FIT_SIZE	264
#define FIT_MAX		8192

static size_t fit_bytes;

static size_t fit_size(size_t i)
{
	return fit_bytes;
}

static int fit_prepare(const struct request *req)
{
	size_t size = req->nr_args ? req->args[0] : FIT_SIZE;

	if (!size || size > FIT_MAX)
		return -EINVAL;
	fit_bytes = size;
	return 0;
}

static int fit_prepare_cache(const struct request *req)
{
	int err = fit_prepare(req);

	if (err)
		return err;
	fit_cache = compat_cache_create_unmerged(NAME("fit"), fit_bytes, 0);
	return fit_cache ? 0 : -ENOMEM;
}

static void fit_finish_cache(void)
{
	kmem_cache_destroy(fit_cache);
	fit_cache = NULL;
}

/* A constant size takes another entry of the allocator than a variable one. */
SITE void *fit_before(size_t i)
{
	if (fit_bytes == FIT_SIZE)
		return kmalloc(FIT_SIZE, GFP_KERNEL);
	return kmalloc(fit_bytes, GFP_KERNEL);
}

SITE void *fit_after(size_t i)
{
	return kmem_cache_alloc(fit_cache, GFP_KERNEL);
}

static void fit_free_cache(void *ptr, size_t i)
{
	kmem_cache_free(fit_cache, ptr);
}

static const struct way fit_ways[] = {
	{ .prepare = fit_prepare, .alloc = fit_before, .free = free_kmalloc, .size = fit_size },
	{ .prepare = fit_prepare_cache, .finish = fit_finish_cache, .alloc = fit_after,
	  .free = fit_free_cache, .size = fit_size },
};

/* ---- buffers: sizes of a distribution, from kmalloc or from some caches ---- */

/* Each stands there as often as it comes in 32 objects: 6 5 5 4 3 4 3 2. */
static const unsigned short buffer_sizes[32] = {
	100, 100, 100, 100, 100, 100, 130, 130, 130, 130, 130, 270, 270, 270, 270, 270,
	540, 540, 540, 540, 600, 600, 600, 1100, 1100, 1100, 1100, 1500, 1500, 1500, 2100, 2100,
};

static struct kmem_cache *buffer_caches[MAX_ARGS];
static size_t buffer_cache_sizes[MAX_ARGS];
static unsigned int nr_buffer_caches;

/* 13 and 32 have no common divisor: all of the 32, in an order that mixes them. */
static size_t buffers_size(size_t i)
{
	return buffer_sizes[i * 13 % ARRAY_SIZE(buffer_sizes)];
}

/* The smallest that it fits into; buffers_prepare() saw to it that there is one. */
static struct kmem_cache *buffer_cache(size_t size)
{
	unsigned int i, best = 0;

	for (i = 0; i < nr_buffer_caches; i++)
		if (buffer_cache_sizes[i] >= size &&
		    (buffer_cache_sizes[best] < size || buffer_cache_sizes[i] < buffer_cache_sizes[best]))
			best = i;
	return buffer_caches[best];
}

static void buffers_finish(void)
{
	while (nr_buffer_caches)
		kmem_cache_destroy(buffer_caches[--nr_buffer_caches]);
}

static int check_buffer_caches(const struct request *req)
{
	size_t largest = 0;
	unsigned int i, j;

	for (i = 0; i < req->nr_args; i++) {
		if (!req->args[i] || req->args[i] > FIT_MAX)
			return -EINVAL;
		/* names of caches are their sizes */
		for (j = 0; j < i; j++)
			if (req->args[j] == req->args[i])
				return -EINVAL;
		largest = max_t(size_t, largest, req->args[i]);
	}
	return largest < buffer_sizes[ARRAY_SIZE(buffer_sizes) - 1] ? -EINVAL : 0;
}

static int buffers_prepare(const struct request *req)
{
	char name[40];
	unsigned int i;
	int err;

	err = check_buffer_caches(req);
	if (err)
		return err;
	for (i = 0; i < req->nr_args; i++) {
		snprintf(name, sizeof(name), NAME("buf_%lu"), req->args[i]);
		buffer_cache_sizes[i] = req->args[i];
		buffer_caches[i] = compat_cache_create_unmerged(name, req->args[i], 0);
		if (!buffer_caches[i]) {
			buffers_finish();
			return -ENOMEM;
		}
		nr_buffer_caches++;
	}
	return 0;
}

SITE void *buffers_before(size_t i)
{
	return kmalloc(buffers_size(i), GFP_KERNEL);
}

SITE void *buffers_after(size_t i)
{
	return kmem_cache_alloc(buffer_cache(buffers_size(i)), GFP_KERNEL);
}

static void buffers_free_cache(void *ptr, size_t i)
{
	kmem_cache_free(buffer_cache(buffers_size(i)), ptr);
}

static const struct way buffers_ways[] = {
	{ .alloc = buffers_before, .free = free_kmalloc, .size = buffers_size },
	{ .prepare = buffers_prepare, .finish = buffers_finish, .alloc = buffers_after,
	  .free = buffers_free_cache, .size = buffers_size },
};

/* ---- bundle: two structs that are always made together ---- */

#define BUNDLE_A	96
#define BUNDLE_B	160

static size_t bundle_size_before(size_t i)
{
	return i % 2 ? BUNDLE_B : BUNDLE_A;
}

static size_t bundle_size_after(size_t i)
{
	return BUNDLE_A + BUNDLE_B;
}

SITE void *bundle_before_a(void)
{
	return kmalloc(BUNDLE_A, GFP_KERNEL);
}

SITE void *bundle_before_b(void)
{
	return kmalloc(BUNDLE_B, GFP_KERNEL);
}

static void *bundle_next(size_t i)
{
	return i % 2 ? bundle_before_b() : bundle_before_a();
}

SITE void *bundle_after(size_t i)
{
	return kmalloc(BUNDLE_A + BUNDLE_B, GFP_KERNEL);
}

static const struct way bundle_ways[] = {
	{ .per_count = 2, .alloc = bundle_next, .free = free_kmalloc, .size = bundle_size_before },
	{ .alloc = bundle_after, .free = free_kmalloc, .size = bundle_size_after },
};

/* ---- large: blocks that need no neighbouring pages ---- */

#define LARGE_SIZE	(160 << 10)

static size_t large_size(size_t i)
{
	return LARGE_SIZE;
}

/* Fails in a machine that is fragmented, which is no fault of the test: no warning. */
SITE void *large_before(size_t i)
{
	return kmalloc(LARGE_SIZE, GFP_KERNEL | __GFP_NOWARN);
}

/* What kvmalloc() comes to where there are no such blocks left. */
SITE void *large_after(size_t i)
{
	return vmalloc(LARGE_SIZE);
}

static void free_vmalloc(void *ptr, size_t i)
{
	vfree(ptr);
}

static const struct way large_ways[] = {
	{ .alloc = large_before, .free = free_kmalloc, .size = large_size },
	{ .alloc = large_after, .free = free_vmalloc, .size = large_size },
};

/* ---- pagemul: a bit more than a power of two of pages ---- */

#define PAGEMUL_SIZE	20000

static size_t pagemul_size(size_t i)
{
	return PAGEMUL_SIZE;
}

SITE void *pagemul_before(size_t i)
{
	return kmalloc(PAGEMUL_SIZE, GFP_KERNEL);
}

SITE void *pagemul_after(size_t i)
{
	return alloc_pages_exact(PAGEMUL_SIZE, GFP_KERNEL);
}

static void free_exact(void *ptr, size_t i)
{
	free_pages_exact(ptr, PAGEMUL_SIZE);
}

static const struct way pagemul_ways[] = {
	{ .alloc = pagemul_before, .free = free_kmalloc, .size = pagemul_size },
	{ .alloc = pagemul_after, .free = free_exact, .size = pagemul_size },
};

/* ---- occupancy: what stays after a peak keeps nearly empty slabs ---- */

#define OCCUPANCY_SIZE	256
#define OCCUPANCY_KEEP	32	/* one of so many stays */

static size_t occupancy_size(size_t i)
{
	return OCCUPANCY_SIZE;
}

static int occupancy_prepare(const struct request *req)
{
	occupancy_cache = compat_cache_create_unmerged(req->after ? NAME("occ_after") : NAME("occ_before"),
						       OCCUPANCY_SIZE, 0);
	return occupancy_cache ? 0 : -ENOMEM;
}

static void occupancy_finish(void)
{
	kmem_cache_destroy(occupancy_cache);
	occupancy_cache = NULL;
}

static bool occupancy_stays(size_t i)
{
	return i % OCCUPANCY_KEEP == 0;
}

SITE void *occupancy_before(size_t i)
{
	return kmem_cache_alloc(occupancy_cache, GFP_KERNEL);
}

SITE void *occupancy_after(void)
{
	return kmem_cache_alloc(occupancy_cache, GFP_KERNEL);
}

/* N is that of before: the objects that stay there, and no others. */
static void *occupancy_next(size_t i)
{
	return occupancy_after();
}

static void occupancy_free(void *ptr, size_t i)
{
	kmem_cache_free(occupancy_cache, ptr);
}

static const struct way occupancy_ways[] = {
	{ .prepare = occupancy_prepare, .finish = occupancy_finish, .alloc = occupancy_before,
	  .free = occupancy_free, .size = occupancy_size, .keep = occupancy_stays },
	{ .prepare = occupancy_prepare, .finish = occupancy_finish, .alloc = occupancy_next,
	  .free = occupancy_free, .size = occupancy_size },
};

static int run_occupancy(struct rule *rule, const struct request *req)
{
	struct request fewer = *req;

	if (req->after)
		fewer.count = DIV_ROUND_UP(req->count, OCCUPANCY_KEEP);
	return run_objects(rule, &fewer);
}

/* ---- unaccounted: a user has the kernel allocate as much as he likes ---- */

#define UNACCOUNTED_SIZE	512

static size_t unaccounted_size(size_t i)
{
	return UNACCOUNTED_SIZE;
}

SITE void *unaccounted_before(size_t i)
{
	return kmalloc(UNACCOUNTED_SIZE, GFP_KERNEL);
}

SITE void *unaccounted_after(size_t i)
{
	return kmalloc(UNACCOUNTED_SIZE, GFP_KERNEL_ACCOUNT);
}

static const struct way unaccounted_ways[] = {
	{ .alloc = unaccounted_before, .free = free_kmalloc, .size = unaccounted_size },
	{ .alloc = unaccounted_after, .free = free_kmalloc, .size = unaccounted_size },
};

/* ---- spread: one site for everything, or one for what is alike ---- */

static const unsigned short spread_sizes[] = {
	16, 40, 100, 250, 600, 1500, 4000, 9000, 24000, 60000,
};

static size_t spread_size(size_t i)
{
	/* 7 and 10 have no common divisor */
	return spread_sizes[i * 7 % ARRAY_SIZE(spread_sizes)];
}

SITE void *spread_before(size_t i)
{
	return kmalloc(spread_size(i), GFP_KERNEL | __GFP_NOWARN);
}

SITE void *spread_after_small(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

SITE void *spread_after_medium(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

SITE void *spread_after_big(size_t size)
{
	return vmalloc(size);
}

static void *spread_next(size_t i)
{
	size_t size = spread_size(i);

	if (size <= 256)
		return spread_after_small(size);
	return size <= 4096 ? spread_after_medium(size) : spread_after_big(size);
}

static void free_either(void *ptr, size_t i)
{
	kvfree(ptr);
}

static const struct way spread_ways[] = {
	{ .alloc = spread_before, .free = free_kmalloc, .size = spread_size },
	{ .alloc = spread_next, .free = free_either, .size = spread_size },
};

/* ---- clean: nothing to advise ---- */

#define CLEAN_SIZE	256

static size_t clean_size(size_t i)
{
	return CLEAN_SIZE;
}

SITE void *clean_before(size_t i)
{
	return kmalloc(CLEAN_SIZE, GFP_KERNEL);
}

static const struct way clean_ways[] = {
	{ .alloc = clean_before, .free = free_kmalloc, .size = clean_size },
	{ },
};

/* ---- dmapool: small coherent blocks ---- */

#define DMAPOOL_SIZE	192
#define DMAPOOL_ALIGN	64
#define MAX_DMAPOOL	(1 << 15)

static dma_addr_t dmapool_addrs[MAX_DMAPOOL];
static struct dma_pool *dmapool;

static size_t dmapool_size(size_t i)
{
	return DMAPOOL_SIZE;
}

static int dmapool_prepare(const struct request *req)
{
	dmapool = dma_pool_create(KBUILD_MODNAME, advice_dev, DMAPOOL_SIZE, DMAPOOL_ALIGN, 0);
	return dmapool ? 0 : -ENOMEM;
}

static void dmapool_finish(void)
{
	dma_pool_destroy(dmapool);
	dmapool = NULL;
}

SITE void *dmapool_before(size_t i)
{
	return dma_alloc_coherent(advice_dev, DMAPOOL_SIZE, &dmapool_addrs[i], GFP_KERNEL);
}

SITE void *dmapool_after(size_t i)
{
	return dma_pool_alloc(dmapool, GFP_KERNEL, &dmapool_addrs[i]);
}

static void free_coherent(void *ptr, size_t i)
{
	dma_free_coherent(advice_dev, DMAPOOL_SIZE, ptr, dmapool_addrs[i]);
}

static void free_pool_block(void *ptr, size_t i)
{
	dma_pool_free(dmapool, ptr, dmapool_addrs[i]);
}

static const struct way dmapool_ways[] = {
	{ .alloc = dmapool_before, .free = free_coherent, .size = dmapool_size },
	{ .prepare = dmapool_prepare, .finish = dmapool_finish, .alloc = dmapool_after,
	  .free = free_pool_block, .size = dmapool_size },
};

/* ---- preinit: taken by the init function, or when it is needed ---- */

#define MAX_PREINIT	512	/* MiB */

static unsigned long preinit_bytes;

SITE void *preinit_before(unsigned long bytes)
{
	return vmalloc(bytes);
}

SITE void *preinit_before_kmalloc(void)
{
	return kmalloc(1 << 20, GFP_KERNEL | __GFP_NOWARN);
}

SITE void *preinit_after(size_t i)
{
	return vmalloc(preinit_bytes);
}

static size_t preinit_size(size_t i)
{
	return preinit_bytes;
}

static const struct way preinit_ways[] = {
	{ .free = free_either },	/* made by preinit_run() */
	{ .alloc = preinit_after, .free = free_either, .size = preinit_size },
};

/* N is MiB here: one block of so many. */
static int run_preinit(struct rule *rule, const struct request *req)
{
	struct request one = { .after = req->after, .count = 1 };

	if (req->count > MAX_PREINIT)
		return -ENOSPC;
	preinit_bytes = req->count << 20;
	return run_objects(rule, &one);
}

/* ---- the table ---- */

#define MAX_OBJECTS	(1 << 16)

static void *fit_held[MAX_OBJECTS], *buffers_held[MAX_OBJECTS], *bundle_held[2 * MAX_OBJECTS];
static void *large_held[2048], *pagemul_held[MAX_OBJECTS / 2], *unaccounted_held[MAX_OBJECTS];
static void *spread_held[MAX_OBJECTS / 2], *clean_held[MAX_OBJECTS], *dmapool_held[MAX_DMAPOOL];
/* enough that more than 10,000 of them stay */
static void *occupancy_held[8 * MAX_OBJECTS];
static void *preinit_held[1 + MAX_PREINIT];

struct rule object_rules[] = {
	{ OBJECTS(fit), .run = run_objects, .max_args = { 1, 1 } },
	{ OBJECTS(buffers), .run = run_objects, .max_args = { 0, MAX_ARGS } },
	{ OBJECTS(bundle), .run = run_objects },
	{ OBJECTS(large), .run = run_objects },
	{ OBJECTS(pagemul), .run = run_objects },
	{ OBJECTS(occupancy), .run = run_occupancy },
	{ OBJECTS(unaccounted), .run = run_objects, .in_writer = true, .may_grow = true },
	{ OBJECTS(spread), .run = run_objects },
	{ OBJECTS(clean), .run = run_objects },
	{ OBJECTS(dmapool), .run = run_objects },
	{ OBJECTS(preinit), .run = run_preinit },
};

const unsigned int nr_object_rules = ARRAY_SIZE(object_rules);

int preinit_run(unsigned long vmalloc_mb, unsigned long kmalloc_mb)
{
	struct rule *rule = &object_rules[ARRAY_SIZE(object_rules) - 1];
	unsigned long i;
	void *ptr;

	if (vmalloc_mb > MAX_PREINIT || kmalloc_mb > MAX_PREINIT)
		return -EINVAL;
	rule->live = vmalloc_mb || kmalloc_mb;	/* also where this fails half way: stop frees it */
	for (i = !vmalloc_mb; i <= kmalloc_mb; i++) {
		ptr = i ? preinit_before_kmalloc() : preinit_before(vmalloc_mb << 20);
		if (!ptr)
			return -ENOMEM;
		rule->held[rule->nr_held++] = ptr;
		rule->objects++;
		rule->bytes += i ? 1 << 20 : vmalloc_mb << 20;
	}
	return 0;
}
