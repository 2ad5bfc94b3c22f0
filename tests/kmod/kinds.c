// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How each kind of memory is allocated and freed: one function per kind and
 * direction, none of them inlined or tail-called (Kbuild), so that a stack and
 * a call_site name the kind.
 */
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/percpu.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "drvmem_test.h"

#define CACHE_SIZE	200
#define UCACHE_SIZE	184
#define KCONST_SIZE	96
#define MAX_COPY	65536

static struct kmem_cache *cache, *ucache;
static struct platform_device *pdev;

static bool bind;
module_param(bind, bool, 0444);
MODULE_PARM_DESC(bind, "bind a driver of this module to its device");

#include "pools.h"

/* What kmemdup(), kstrdup() and kasprintf() copy. */
static char source[MAX_COPY + 1];

static noinline void alloc_kmalloc(struct object *obj, gfp_t gfp)
{
	obj->ptr = kmalloc(obj->size, gfp);
}

static noinline void alloc_kzalloc(struct object *obj, gfp_t gfp)
{
	obj->ptr = kzalloc(obj->size, gfp);
}

/* A constant size takes another entry of the allocator than a variable one. */
static noinline void alloc_kconst(struct object *obj, gfp_t gfp)
{
	obj->ptr = kmalloc(KCONST_SIZE, gfp);
}

/* Eight calls whose code differs, so that the compiler keeps eight return addresses. */
#define PATH(n)									\
	case n:									\
		p = path_kmalloc(digits - 1, path >> 3, size, gfp);		\
		asm volatile(".skip %c0, 0x90" : : "i"((n) + 1));		\
		break

static noinline void *path_kmalloc(unsigned int digits, unsigned long path, size_t size, gfp_t gfp)
{
	void *p = NULL;

	if (!digits)
		return kmalloc(size, gfp);
	switch (path & 7) {
	PATH(0);
	PATH(1);
	PATH(2);
	PATH(3);
	PATH(4);
	PATH(5);
	PATH(6);
	PATH(7);
	}
	return p;
}

/* Each allocation by another stack, 8^6 of them. */
static noinline void alloc_paths(struct object *obj, gfp_t gfp)
{
	static unsigned long next;

	obj->ptr = path_kmalloc(6, next++, obj->size, gfp);
}

static noinline void alloc_kmalloc_node(struct object *obj, gfp_t gfp)
{
	obj->ptr = kmalloc_node(obj->size, gfp, numa_mem_id());
}

static noinline void alloc_kcalloc(struct object *obj, gfp_t gfp)
{
	obj->ptr = kcalloc(1, obj->size, gfp);
}

static noinline void alloc_kmemdup(struct object *obj, gfp_t gfp)
{
	obj->ptr = kmemdup(source, obj->size, gfp);
}

static noinline void alloc_kstrdup(struct object *obj, gfp_t gfp)
{
	source[obj->size - 1] = '\0';
	obj->ptr = kstrdup(source, gfp);
	source[obj->size - 1] = 'x';
}

static noinline void alloc_kasprintf(struct object *obj, gfp_t gfp)
{
	source[obj->size - 1] = '\0';
	obj->ptr = kasprintf(gfp, "%s", source);
	source[obj->size - 1] = 'x';
}

/* Sizes of neighbouring kmalloc caches differ by less than two: this moves. */
static noinline void alloc_krealloc(struct object *obj, gfp_t gfp)
{
	void *half = kmalloc(obj->size / 2, gfp);

	if (!half)
		return;
	obj->ptr = krealloc(half, obj->size, gfp);
	if (!obj->ptr)
		kfree(half);
}

/* In its place, unless a class of kmalloc ends between 7/8 of the size and the size. */
static noinline void alloc_kgrow(struct object *obj, gfp_t gfp)
{
	void *was = kmalloc(obj->size - obj->size / 8, gfp);

	obj->ptr = was ? krealloc(was, obj->size, gfp) : NULL;
	if (!obj->ptr)
		kfree(was);
}

/* An object stays where it is when it shrinks. */
static noinline void alloc_kshrink(struct object *obj, gfp_t gfp)
{
	void *was = kmalloc(obj->size + obj->size / 8, gfp);

	obj->ptr = was ? krealloc(was, obj->size, gfp) : NULL;
	if (!obj->ptr)
		kfree(was);
}

static noinline void free_kmalloc(struct object *obj)
{
	kfree(obj->ptr);
}

static noinline void free_many_kmalloc(void **ptrs, size_t nr)
{
	kfree_bulk(nr, ptrs);
}

static noinline void alloc_kvmalloc(struct object *obj, gfp_t gfp)
{
	obj->ptr = kvmalloc(obj->size, gfp);
}

static noinline void free_kvmalloc(struct object *obj)
{
	kvfree(obj->ptr);
}

static noinline void alloc_devm(struct object *obj, gfp_t gfp)
{
	obj->ptr = devm_kmalloc(&pdev->dev, obj->size, gfp);
}

static noinline void free_devm(struct object *obj)
{
	devm_kfree(&pdev->dev, obj->ptr);
}

static noinline void alloc_skb_kind(struct object *obj, gfp_t gfp)
{
	obj->ptr = alloc_skb(obj->size, gfp);
}

static noinline void free_skb_kind(struct object *obj)
{
	kfree_skb(obj->ptr);
}

static noinline void alloc_cache(struct object *obj, gfp_t gfp)
{
	obj->ptr = kmem_cache_alloc(cache, gfp);
}

static noinline bool alloc_many_cache(struct object *objs, size_t nr, gfp_t gfp)
{
	static void *ptrs[BULK_MAX];
	size_t i;

	if (!compat_cache_alloc_bulk(cache, gfp, nr, ptrs))
		return false;
	for (i = 0; i < nr; i++)
		objs[i].ptr = ptrs[i];
	/* no second pointer to the objects may stay */
	memset(ptrs, 0, sizeof(ptrs));
	return true;
}

static noinline bool alloc_many_ucache(struct object *objs, size_t nr, gfp_t gfp)
{
	static void *ptrs[BULK_MAX];
	size_t i;

	if (!compat_cache_alloc_bulk(ucache, gfp, nr, ptrs))
		return false;
	for (i = 0; i < nr; i++)
		objs[i].ptr = ptrs[i];
	memset(ptrs, 0, sizeof(ptrs));
	return true;
}

static noinline void free_cache(struct object *obj)
{
	kmem_cache_free(cache, obj->ptr);
}

static noinline void free_many_cache(void **ptrs, size_t nr)
{
	kmem_cache_free_bulk(cache, nr, ptrs);
}

static noinline void alloc_ucache(struct object *obj, gfp_t gfp)
{
	obj->ptr = kmem_cache_alloc(ucache, gfp);
}

static noinline void free_ucache(struct object *obj)
{
	kmem_cache_free(ucache, obj->ptr);
}

static noinline void free_many_ucache(void **ptrs, size_t nr)
{
	kmem_cache_free_bulk(ucache, nr, ptrs);
}

static noinline void alloc_large(struct object *obj, gfp_t gfp)
{
	obj->ptr = kmalloc(obj->size, gfp);
}

static noinline void free_large(struct object *obj)
{
	kfree(obj->ptr);
}

static noinline void alloc_page_block(struct object *obj, gfp_t gfp)
{
	unsigned int order = get_order(obj->size);

	obj->ptr = alloc_pages(gfp, order);
	obj->size = PAGE_SIZE << order;
}

static noinline void free_page_block(struct object *obj)
{
	__free_pages(obj->ptr, get_order(obj->size));
}

/* One block, given back page by page, the first page first. */
static noinline void alloc_split(struct object *obj, gfp_t gfp)
{
	unsigned int order = get_order(obj->size);

	obj->ptr = alloc_pages(gfp, order);
	obj->size = PAGE_SIZE << order;
	if (obj->ptr && order)
		split_page(obj->ptr, order);
}

static noinline void free_split(struct object *obj)
{
	struct page *page = obj->ptr;
	size_t i;

	for (i = 0; i < obj->size / PAGE_SIZE; i++)
		__free_page(page + i);
}

/* Freed by its last reference. */
static noinline void alloc_compound(struct object *obj, gfp_t gfp)
{
	unsigned int order = get_order(obj->size);

	obj->ptr = alloc_pages(gfp | __GFP_COMP, order);
	obj->size = PAGE_SIZE << order;
	if (obj->ptr)
		get_page(obj->ptr);
}

static noinline void free_compound(struct object *obj)
{
	put_page(obj->ptr);
	put_page(obj->ptr);
}

/* No compound, and someone else uses it: the first page goes later than the others. */
static noinline void free_shared(struct object *obj)
{
	get_page(obj->ptr);
	__free_pages(obj->ptr, get_order(obj->size));
	put_page(obj->ptr);
}

/* The pages beyond the size go back at once. */
static noinline void alloc_exact(struct object *obj, gfp_t gfp)
{
	obj->ptr = alloc_pages_exact(obj->size, gfp);
	obj->size = PAGE_ALIGN(obj->size);
}

static noinline void free_exact(struct object *obj)
{
	free_pages_exact(obj->ptr, obj->size);
}

/* A quarter of them one by one before: the others are put between. */
static noinline bool alloc_many_pages(struct object *objs, size_t nr, gfp_t gfp)
{
	static struct page *pages[BULK_MAX];
	unsigned long was = 0, now = 0;
	size_t i;
	bool all;

	for (i = 3; i < nr; i += 4)
		pages[i] = alloc_page(gfp);
	do {
		was = now;
		now = compat_alloc_pages_bulk(gfp, nr, pages);
	} while (now > was && now < nr);
	all = now == nr;
	for (i = 0; i < nr; i++) {
		if (all)
			objs[i].ptr = pages[i];
		else if (pages[i])
			__free_page(pages[i]);
	}
	memset(pages, 0, sizeof(pages));
	return all;
}

static noinline void free_one_page(struct object *obj)
{
	__free_page(obj->ptr);
}

static noinline void alloc_vmalloc(struct object *obj, gfp_t gfp)
{
	obj->ptr = __vmalloc(obj->size, gfp);
}

static noinline void free_vmalloc(struct object *obj)
{
	vfree(obj->ptr);
}

static noinline void alloc_percpu_kind(struct object *obj, gfp_t gfp)
{
	obj->ptr = (__force void *)__alloc_percpu_gfp(obj->size, 8, gfp);
	obj->size *= num_possible_cpus();
}

static noinline void free_percpu_kind(struct object *obj)
{
	free_percpu((__force void __percpu *)obj->ptr);
}

static noinline void alloc_dma(struct object *obj, gfp_t gfp)
{
	obj->ptr = dma_alloc_coherent(&pdev->dev, obj->size, &obj->dma, gfp);
}

static noinline void free_dma(struct object *obj)
{
	dma_free_coherent(&pdev->dev, obj->size, obj->ptr, obj->dma);
}

/*
 * What mappings are of: a block of pages from the first use to the exit, each mapping from
 * another place on, as long as there are any.
 */
#define MAP_ORDER	6
#define MAP_BYTES	(PAGE_SIZE << MAP_ORDER)
#define MAP_STEP	64
#define MAP_BUS		0xfd000000UL	/* nothing answers there, nobody asks */

static struct page *map_area;
static size_t map_next;

static bool have_map_area(gfp_t gfp)
{
	if (!map_area)
		map_area = alloc_pages(gfp, MAP_ORDER);
	return map_area;
}

static size_t map_offset(size_t size)
{
	size_t at = map_next;

	if (at + size > MAP_BYTES)
		at = 0;
	map_next = at + MAP_STEP;
	return at;
}

static void mapped(struct object *obj)
{
	obj->ptr = dma_mapping_error(&pdev->dev, obj->dma) ? NULL : map_area;
}

static noinline void alloc_mapsingle(struct object *obj, gfp_t gfp)
{
	if (!have_map_area(gfp))
		return;
	obj->dma = dma_map_single(&pdev->dev, page_address(map_area) + map_offset(obj->size),
				  obj->size, DMA_TO_DEVICE);
	mapped(obj);
}

static noinline void free_mapsingle(struct object *obj)
{
	dma_unmap_single(&pdev->dev, obj->dma, obj->size, DMA_TO_DEVICE);
}

static noinline void alloc_mappage(struct object *obj, gfp_t gfp)
{
	if (!have_map_area(gfp))
		return;
	obj->dma = dma_map_page(&pdev->dev, map_area, map_offset(obj->size), obj->size,
				DMA_BIDIRECTIONAL);
	mapped(obj);
}

/* Each is handed to the CPU and back before it ends. */
static noinline void free_mappage(struct object *obj)
{
	dma_sync_single_for_cpu(&pdev->dev, obj->dma, obj->size, DMA_BIDIRECTIONAL);
	dma_sync_single_for_device(&pdev->dev, obj->dma, obj->size, DMA_BIDIRECTIONAL);
	dma_unmap_page(&pdev->dev, obj->dma, obj->size, DMA_BIDIRECTIONAL);
}

/* Ends with half of its size, as a driver should not. */
static noinline void free_mapodd(struct object *obj)
{
	dma_unmap_page(&pdev->dev, obj->dma, obj->size / 2, DMA_BIDIRECTIONAL);
}

#define MAP_ENTRIES 4

/* Four entries of a quarter each; the list is a kmalloc. */
static noinline void alloc_mapsg(struct object *obj, gfp_t gfp)
{
	struct scatterlist *sg;
	size_t part = obj->size / MAP_ENTRIES;
	int i;

	sg = have_map_area(gfp) ? kmalloc_array(MAP_ENTRIES, sizeof(*sg), gfp) : NULL;
	if (!sg)
		return;
	sg_init_table(sg, MAP_ENTRIES);
	for (i = 0; i < MAP_ENTRIES; i++)
		sg_set_page(&sg[i], map_area, part, i * part);
	obj->size = part * MAP_ENTRIES;
	if (dma_map_sg(&pdev->dev, sg, MAP_ENTRIES, DMA_TO_DEVICE))
		obj->ptr = sg;
	else
		kfree(sg);
}

static noinline void free_mapsg(struct object *obj)
{
	dma_unmap_sg(&pdev->dev, obj->ptr, MAP_ENTRIES, DMA_TO_DEVICE);
	kfree(obj->ptr);
}

static noinline void alloc_vmap(struct object *obj, gfp_t gfp)
{
	struct page *pages[1 << MAP_ORDER];
	unsigned int i, n = PAGE_ALIGN(obj->size) >> PAGE_SHIFT;

	if (!have_map_area(gfp))
		return;
	for (i = 0; i < n; i++)
		pages[i] = map_area + i;
	obj->size = (size_t)n << PAGE_SHIFT;
	obj->ptr = vmap(pages, n, VM_MAP, PAGE_KERNEL);
}

static noinline void free_vmap(struct object *obj)
{
	vunmap(obj->ptr);
}

static noinline void alloc_ioremap(struct object *obj, gfp_t gfp)
{
	obj->ptr = (__force void *)ioremap(MAP_BUS, obj->size);
	obj->size = PAGE_ALIGN(obj->size);
}

static noinline void free_ioremap(struct object *obj)
{
	iounmap((void __iomem *)obj->ptr);
}

#include "changed.h"

#define KIND_KMALLOC	(KIND_ATOMIC | KIND_BULK | KIND_KFREE_RCU | KIND_CALL_RCU | \
			 KIND_LEAK | KIND_OUTLIVE)
#define KIND_CACHE	(KIND_ATOMIC | KIND_BULK | KIND_CALL_RCU | KIND_LEAK)

#define KMALLOC_OPS(kind)	\
	.name = #kind, .alloc = alloc_##kind, .free = free_kmalloc, \
	.free_many = free_many_kmalloc

struct kind kinds[] = {
	{ KMALLOC_OPS(kmalloc), .flags = KIND_KMALLOC | KIND_FAIL },
	{ KMALLOC_OPS(kzalloc), .flags = KIND_KMALLOC | KIND_FAIL },
	{ KMALLOC_OPS(paths), .flags = KIND_KMALLOC },
	{ KMALLOC_OPS(kconst), .flags = KIND_KMALLOC, .fixed = KCONST_SIZE },
	{ KMALLOC_OPS(kmalloc_node), .flags = KIND_KMALLOC | KIND_FAIL },
	{ KMALLOC_OPS(kcalloc), .flags = KIND_KMALLOC | KIND_FAIL },
	{ KMALLOC_OPS(kmemdup), .flags = KIND_KMALLOC, .max = MAX_COPY },
	{ KMALLOC_OPS(kstrdup), .flags = KIND_KMALLOC, .max = MAX_COPY },
	{ KMALLOC_OPS(kasprintf), .flags = KIND_KMALLOC, .max = MAX_COPY },
	{ KMALLOC_OPS(krealloc), .flags = KIND_KMALLOC, .min = 16 },
	{ KMALLOC_OPS(kgrow), .flags = KIND_KMALLOC, .min = 64 },
	{ KMALLOC_OPS(kshrink), .flags = KIND_KMALLOC, .min = 64 },
	{ .name = "devm", .flags = KIND_ATOMIC, .alloc = alloc_devm, .free = free_devm },
	{ .name = "kvmalloc", .flags = KIND_LEAK | KIND_OUTLIVE | KIND_FAIL,
	  .alloc = alloc_kvmalloc, .free = free_kvmalloc },
	{ .name = "skb", .flags = KIND_ATOMIC | KIND_LEAK | KIND_OUTLIVE | KIND_FAIL,
	  .max = 1 << 20, .alloc = alloc_skb_kind, .free = free_skb_kind },
	{ .name = "cache", .flags = KIND_CACHE, .fixed = CACHE_SIZE,
	  .alloc = alloc_cache, .free = free_cache, .free_many = free_many_cache },
	{ .name = "cachebulk", .flags = KIND_CACHE, .fixed = CACHE_SIZE,
	  .alloc_many = alloc_many_cache, .free = free_cache, .free_many = free_many_cache },
	{ .name = "ucache", .flags = KIND_CACHE, .fixed = UCACHE_SIZE,
	  .alloc = alloc_ucache, .free = free_ucache, .free_many = free_many_ucache },
	{ .name = "ucachebulk", .flags = KIND_CACHE, .fixed = UCACHE_SIZE,
	  .alloc_many = alloc_many_ucache, .free = free_ucache, .free_many = free_many_ucache },
	{ .name = "mempool", .flags = KIND_ATOMIC | KIND_CALL_RCU | KIND_LEAK,
	  .fixed = POOL_SIZE, .alloc = alloc_mempool, .free = free_mempool },
	{ .name = "mempoolk", .flags = KIND_ATOMIC | KIND_CALL_RCU | KIND_LEAK,
	  .fixed = POOLK_SIZE, .alloc = alloc_mempoolk, .free = free_mempoolk },
	{ .name = "mempoolr", .fixed = POOLR_SIZE, .alloc = alloc_mempoolr, .free = free_mempoolr },
	{ .name = "ppool", .fixed = PAGE_SIZE, .alloc = alloc_ppool, .free = free_ppool },
	{ .name = "dmapool", .fixed = DMAPOOL_SIZE, .alloc = alloc_dmapool, .free = free_dmapool },
	{ .name = "large", .flags = KIND_KMALLOC | KIND_FAIL, .min = 8193,
	  .alloc = alloc_large, .free = free_large, .free_many = free_many_kmalloc },
	{ .name = "pages", .flags = KIND_ATOMIC | KIND_LEAK | KIND_OUTLIVE,
	  .alloc = alloc_page_block, .free = free_page_block },
	{ .name = "split", .flags = KIND_ATOMIC | KIND_LEAK,
	  .alloc = alloc_split, .free = free_split },
	{ .name = "compound", .flags = KIND_ATOMIC | KIND_LEAK,
	  .alloc = alloc_compound, .free = free_compound },
	{ .name = "shared", .flags = KIND_ATOMIC | KIND_LEAK,
	  .alloc = alloc_page_block, .free = free_shared },
	{ .name = "exact", .flags = KIND_ATOMIC | KIND_LEAK,
	  .alloc = alloc_exact, .free = free_exact },
	{ .name = "pagesbulk", .flags = KIND_ATOMIC | KIND_LEAK, .fixed = PAGE_SIZE,
	  .alloc_many = alloc_many_pages, .free = free_one_page },
	{ .name = "vmalloc", .flags = KIND_LEAK | KIND_OUTLIVE | KIND_FAIL, .max = 64 << 20,
	  .alloc = alloc_vmalloc, .free = free_vmalloc },
	{ .name = "percpu", .flags = KIND_ATOMIC | KIND_LEAK | KIND_OUTLIVE, .max = 16384,
	  .alloc = alloc_percpu_kind, .free = free_percpu_kind },
	{ .name = "dma", .flags = KIND_LEAK | KIND_FAIL,
	  .alloc = alloc_dma, .free = free_dma },
	{ .name = "mapsingle", .flags = KIND_ATOMIC | KIND_LEAK, .max = MAP_BYTES,
	  .alloc = alloc_mapsingle, .free = free_mapsingle },
	{ .name = "mappage", .flags = KIND_ATOMIC | KIND_LEAK, .max = MAP_BYTES,
	  .alloc = alloc_mappage, .free = free_mappage },
	{ .name = "mapodd", .flags = KIND_ATOMIC | KIND_LEAK, .min = 2, .max = MAP_BYTES,
	  .alloc = alloc_mappage, .free = free_mapodd },
	{ .name = "mapsg", .flags = KIND_ATOMIC | KIND_LEAK, .min = MAP_ENTRIES, .max = MAP_BYTES,
	  .alloc = alloc_mapsg, .free = free_mapsg },
	{ .name = "vmap", .flags = KIND_LEAK, .max = MAP_BYTES,
	  .alloc = alloc_vmap, .free = free_vmap },
	{ .name = "ioremap", .flags = KIND_LEAK, .max = MAP_BYTES,
	  .alloc = alloc_ioremap, .free = free_ioremap },
	CHANGED_KINDS,
};

const unsigned int nr_kinds = ARRAY_SIZE(kinds);

/* In .bss, not allocated: the driver owns what it is told to allocate, no more. */
static struct object held[ARRAY_SIZE(kinds)][MAX_OBJECTS];

static int probe(struct platform_device *dev)
{
	return 0;
}

static struct platform_driver driver = {
	.probe = probe,
	.driver = { .name = KBUILD_MODNAME },
};

/* Each device that has the driver's name is bound at once; it may not have anything managed yet. */
static int __init bind_device(void)
{
	int err = bind ? platform_driver_register(&driver) : 0;

	if (err)
		bind = false;
	return err;
}

static int __init create_caches(void)
{
	/* no flags, no constructor: the kernel may merge it with another cache */
	cache = kmem_cache_create(KBUILD_MODNAME "_cache", CACHE_SIZE, 0, 0, NULL);
	/* a region for user copies keeps a cache from being merged, on every kernel */
	ucache = kmem_cache_create_usercopy(KBUILD_MODNAME "_ucache", UCACHE_SIZE, 0, 0,
					    8, 16, NULL);
	pool_cache = kmem_cache_create_usercopy(KBUILD_MODNAME "_pool", POOL_SIZE, 0, 0,
						8, 16, NULL);
	return cache && ucache && pool_cache ? 0 : -ENOMEM;
}

int __init kinds_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr_kinds; i++) {
		kinds[i].held = held[i];
		if (!kinds[i].min)
			kinds[i].min = 1;
		if (!kinds[i].max)
			kinds[i].max = 4 << 20;
	}
	memset(source, 'x', MAX_COPY);

	pdev = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	err = bind_device();
	if (!err)
		err = find_iova_device();
	if (!err)
		err = create_caches();
	if (!err)
		err = create_pools();
	if (err)
		kinds_exit();
	return err;
}

/* All of these accept NULL. */
void kinds_exit(void)
{
	put_device(iova_dev);
	destroy_pools();
	kmem_cache_destroy(ucache);
	kmem_cache_destroy(cache);
	if (bind)
		platform_driver_unregister(&driver);
	platform_device_unregister(pdev);
	if (map_area)
		__free_pages(map_area, MAP_ORDER);
}
