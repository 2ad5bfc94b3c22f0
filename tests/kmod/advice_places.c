// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of drvmem_advice on where objects lie: on which node, in whose cache, how aligned. As in
 * advice_objects.c they hold so many objects.
 */
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "advice.h"
#include "compat.h"

/* ---- numa: memory on another node than the device; numacpu: than the CPU that asks ---- */

#define NUMA_SIZE	4096

/* Whatever CPU a command runs on: these ask. */
static struct {
	unsigned int cpu;
	int node;		/* of the device; of numacpu one that is not the CPU's */
	void *(*alloc)(void);
	void *block;
	unsigned long on_node;	/* blocks that came to lie there */
} numa;

SITE void *numa_before(void)
{
	return kmalloc(NUMA_SIZE, GFP_KERNEL);
}

SITE void *numa_after(void)
{
	return kmalloc_node(NUMA_SIZE, GFP_KERNEL, numa.node);
}

SITE void *numacpu_before(void)
{
	return kmalloc_node(NUMA_SIZE, GFP_KERNEL, numa.node);
}

SITE void *numacpu_after(void)
{
	return kmalloc(NUMA_SIZE, GFP_KERNEL);
}

static int numa_on_cpu(void *unused)
{
	numa.block = numa.alloc();
	return 0;
}

static void *numa_alloc(void *(*alloc)(void))
{
	numa.alloc = alloc;
	if (smp_call_on_cpu(numa.cpu, numa_on_cpu, NULL, false) || !numa.block)
		return NULL;
	numa.on_node += page_to_nid(virt_to_page(numa.block)) == numa.node;
	return numa.block;
}

static void *numa_alloc_before(size_t i)
{
	return numa_alloc(numa_before);
}

static void *numa_alloc_after(size_t i)
{
	return numa_alloc(numa_after);
}

static void *numacpu_alloc_before(size_t i)
{
	return numa_alloc(numacpu_before);
}

static void *numacpu_alloc_after(size_t i)
{
	return numa_alloc(numacpu_after);
}

static size_t numa_size(size_t i)
{
	return NUMA_SIZE;
}

/* A CPU that is not at the device's node. EDOM: there is none such. */
static int numa_prepare(const struct request *req)
{
	unsigned int cpu;

	numa.node = dev_to_node(advice_dev);
	if (numa.node == NUMA_NO_NODE)
		return -EDOM;
	for_each_online_cpu(cpu) {
		if (cpu_to_node(cpu) == numa.node)
			continue;
		numa.cpu = cpu;
		return 0;
	}
	return -EDOM;
}

/* A node that is not the first CPU's. EDOM: there is none such. */
static int numacpu_prepare(const struct request *req)
{
	int node;

	numa.cpu = cpumask_first(cpu_online_mask);
	for_each_node_state(node, N_MEMORY) {
		if (node == cpu_to_node(numa.cpu))
			continue;
		numa.node = node;
		return 0;
	}
	return -EDOM;
}

/* A CPU's slab may be another node's: the allocator gives what it has. */
static int run_numa(struct rule *rule, const struct request *req)
{
	int err;

	numa.on_node = 0;
	err = run_objects(rule, req);
	rule->loops = numa.on_node;
	return err;
}

static const struct way numa_ways[] = {
	{ .prepare = numa_prepare, .alloc = numa_alloc_before, .free = free_kmalloc, .size = numa_size },
	{ .prepare = numa_prepare, .alloc = numa_alloc_after, .free = free_kmalloc, .size = numa_size },
};

static const struct way numacpu_ways[] = {
	{ .prepare = numacpu_prepare, .alloc = numacpu_alloc_before, .free = free_kmalloc, .size = numa_size },
	{ .prepare = numacpu_prepare, .alloc = numacpu_alloc_after, .free = free_kmalloc, .size = numa_size },
};

/* ---- merged: a cache that the kernel makes one with another of its size ---- */

#define MERGED_SIZE	200

/* The other is there for the first to be merged with, and has no objects. */
static struct kmem_cache *merged_cache, *merged_other;

static size_t merged_size(size_t i)
{
	return MERGED_SIZE;
}

static void merged_finish(void)
{
	kmem_cache_destroy(merged_cache);
	kmem_cache_destroy(merged_other);
	merged_cache = NULL;
	merged_other = NULL;
}

static int merged_prepare_before(const struct request *req)
{
	merged_other = kmem_cache_create(NAME("merged_other"), MERGED_SIZE, 0, 0, NULL);
	if (merged_other)
		merged_cache = kmem_cache_create(NAME("merged_before"), MERGED_SIZE, 0, 0, NULL);
	if (merged_cache)
		return 0;
	merged_finish();
	return -ENOMEM;
}

static int merged_prepare_after(const struct request *req)
{
	merged_cache = compat_cache_create_unmerged(NAME("merged_after"), MERGED_SIZE, 0);
	return merged_cache ? 0 : -ENOMEM;
}

SITE void *merged_before(size_t i)
{
	return kmem_cache_alloc(merged_cache, GFP_KERNEL);
}

SITE void *merged_after(size_t i)
{
	return kmem_cache_alloc(merged_cache, GFP_KERNEL);
}

static void merged_free(void *ptr, size_t i)
{
	kmem_cache_free(merged_cache, ptr);
}

static const struct way merged_ways[] = {
	{ .prepare = merged_prepare_before, .finish = merged_finish, .alloc = merged_before, .free = merged_free,
	  .size = merged_size },
	{ .prepare = merged_prepare_after, .finish = merged_finish, .alloc = merged_after, .free = merged_free,
	  .size = merged_size },
};

/* ---- aligned: objects that are larger for being aligned to cache lines ---- */

#define ALIGNED_SIZE	72

static struct kmem_cache *aligned_cache;

static size_t aligned_size(size_t i)
{
	return ALIGNED_SIZE;
}

static void aligned_finish(void)
{
	kmem_cache_destroy(aligned_cache);
	aligned_cache = NULL;
}

static int aligned_prepare_before(const struct request *req)
{
	aligned_cache = compat_cache_create_unmerged(NAME("aligned_before"), ALIGNED_SIZE, SLAB_HWCACHE_ALIGN);
	return aligned_cache ? 0 : -ENOMEM;
}

static int aligned_prepare_after(const struct request *req)
{
	aligned_cache = compat_cache_create_unmerged(NAME("aligned_after"), ALIGNED_SIZE, 0);
	return aligned_cache ? 0 : -ENOMEM;
}

SITE void *aligned_before(size_t i)
{
	return kmem_cache_alloc(aligned_cache, GFP_KERNEL);
}

SITE void *aligned_after(size_t i)
{
	return kmem_cache_alloc(aligned_cache, GFP_KERNEL);
}

static void aligned_free(void *ptr, size_t i)
{
	kmem_cache_free(aligned_cache, ptr);
}

static const struct way aligned_ways[] = {
	{ .prepare = aligned_prepare_before, .finish = aligned_finish, .alloc = aligned_before, .free = aligned_free,
	  .size = aligned_size },
	{ .prepare = aligned_prepare_after, .finish = aligned_finish, .alloc = aligned_after, .free = aligned_free,
	  .size = aligned_size },
};

/* ---- uncharged: objects of a cache for who writes the command, who is not charged ---- */

/* A size that the kernel may merge: then its files tell whether it is accounted. */
#define UNCHARGED_SIZE	328

static struct kmem_cache *uncharged_cache;

static size_t uncharged_size(size_t i)
{
	return UNCHARGED_SIZE;
}

/* It stays while objects are added. */
static int uncharged_prepare(const struct request *req)
{
	if (!uncharged_cache)
		uncharged_cache = kmem_cache_create(req->after ? NAME("uncharged_after") : NAME("uncharged_before"),
						    UNCHARGED_SIZE, 0, req->after ? SLAB_ACCOUNT : 0, NULL);
	return uncharged_cache ? 0 : -ENOMEM;
}

static void uncharged_finish(void)
{
	kmem_cache_destroy(uncharged_cache);
	uncharged_cache = NULL;
}

SITE void *uncharged_before(size_t i)
{
	return kmem_cache_alloc(uncharged_cache, GFP_KERNEL);
}

SITE void *uncharged_after(size_t i)
{
	return kmem_cache_alloc(uncharged_cache, GFP_KERNEL);
}

static void uncharged_free(void *ptr, size_t i)
{
	kmem_cache_free(uncharged_cache, ptr);
}

static const struct way uncharged_ways[] = {
	{ .prepare = uncharged_prepare, .finish = uncharged_finish, .alloc = uncharged_before, .free = uncharged_free,
	  .size = uncharged_size },
	{ .prepare = uncharged_prepare, .finish = uncharged_finish, .alloc = uncharged_after, .free = uncharged_free,
	  .size = uncharged_size },
};

/* ---- the table ---- */

#define MAX_PLACED	(1 << 15)

static void *numa_held[4096], *numacpu_held[4096], *merged_held[MAX_PLACED], *aligned_held[MAX_PLACED];
static void *uncharged_held[MAX_PLACED];

struct rule place_rules[] = {
	{ OBJECTS(numa), .run = run_numa },
	{ OBJECTS(numacpu), .run = run_numa },
	{ OBJECTS(merged), .run = run_objects },
	{ OBJECTS(aligned), .run = run_objects },
	{ OBJECTS(uncharged), .run = run_objects, .in_writer = true, .may_grow = true },
};

const unsigned int nr_place_rules = ARRAY_SIZE(place_rules);
