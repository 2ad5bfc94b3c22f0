/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of kinds.c that come from pools. The reserves of mempool and mempoolk are the driver's
 * from its load on, the pools of mempoolr, dmapool and ppool are made when they are first used.
 */
#ifndef DRVMEM_TEST_POOLS_H
#define DRVMEM_TEST_POOLS_H

#define POOL_SIZE	136
#define POOLK_SIZE	256
#define POOLR_SIZE	176
#define POOLR_MAX	100	/* elements beyond its reserve */
#define DMAPOOL_SIZE	192
#define POOL_MIN_NR	4
#define PPOOL_RING	256	/* pages that come back and stay the page_pool's */

static struct kmem_cache *pool_cache;
static mempool_t *pool, *poolk, *poolr;
static struct dma_pool *dmapool;
static struct page_pool *ppool;

static noinline void alloc_mempool(struct object *obj, gfp_t gfp)
{
	obj->ptr = mempool_alloc(pool, gfp);
}

static noinline void free_mempool(struct object *obj)
{
	mempool_free(obj->ptr, pool);
}

static noinline void alloc_mempoolk(struct object *obj, gfp_t gfp)
{
	obj->ptr = mempool_alloc(poolk, gfp);
}

static noinline void free_mempoolk(struct object *obj)
{
	mempool_free(obj->ptr, poolk);
}

/* A pool whose own function gives so many and no more: the others are its reserve's. */
static atomic_t poolr_left = ATOMIC_INIT(POOL_MIN_NR + POOLR_MAX);

static void *poolr_get(gfp_t gfp, void *data)
{
	void *element = atomic_dec_if_positive(&poolr_left) < 0 ? NULL : kmalloc(POOLR_SIZE, gfp);

	return element;
}

static void poolr_put(void *element, void *data)
{
	kfree(element);
	atomic_inc(&poolr_left);
}

/* Made when it is first used, as below: a test of something else does not meet it. No waiting. */
static noinline void alloc_mempoolr(struct object *obj, gfp_t gfp)
{
	if (!poolr)
		poolr = mempool_create(POOL_MIN_NR, poolr_get, poolr_put, NULL);
	obj->ptr = poolr ? mempool_alloc(poolr, GFP_NOWAIT) : NULL;
}

static noinline void free_mempoolr(struct object *obj)
{
	mempool_free(obj->ptr, poolr);
}

static noinline void alloc_dmapool(struct object *obj, gfp_t gfp)
{
	if (!dmapool)
		dmapool = dma_pool_create(KBUILD_MODNAME, &pdev->dev, DMAPOOL_SIZE, 64, 0);
	obj->ptr = dmapool ? dma_pool_alloc(dmapool, gfp, &obj->dma) : NULL;
}

static noinline void free_dmapool(struct object *obj)
{
	dma_pool_free(dmapool, obj->ptr, obj->dma);
}

/* Listed by the kernel (from 6.8 on) as the loopback device's. */
static noinline void alloc_ppool(struct object *obj, gfp_t gfp)
{
	struct page_pool_params params = { .pool_size = PPOOL_RING, .nid = NUMA_NO_NODE, .dev = &pdev->dev };

	if (!ppool) {
		compat_page_pool_netdev(&params);
		ppool = page_pool_create(&params);
		if (IS_ERR(ppool))
			ppool = NULL;
	}
	obj->ptr = ppool ? page_pool_alloc_pages(ppool, gfp) : NULL;
}

static noinline void free_ppool(struct object *obj)
{
	page_pool_put_full_page(ppool, obj->ptr, false);
}

static int __init create_pools(void)
{
	pool = mempool_create_slab_pool(POOL_MIN_NR, pool_cache);
	poolk = mempool_create_kmalloc_pool(POOL_MIN_NR, POOLK_SIZE);
	return pool && poolk ? 0 : -ENOMEM;
}

/* All of these accept NULL; 5.10's page_pool_destroy() too. */
static void destroy_pools(void)
{
	page_pool_destroy(ppool);
	dma_pool_destroy(dmapool);
	mempool_destroy(poolr);
	mempool_destroy(poolk);
	mempool_destroy(pool);
	kmem_cache_destroy(pool_cache);
}

#endif
