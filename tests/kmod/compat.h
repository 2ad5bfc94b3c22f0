/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every difference between the kernels the test drivers are built for, and the
 * only place that looks at a version or at what a header defines.
 */
#ifndef DRVMEM_TEST_COMPAT_H
#define DRVMEM_TEST_COMPAT_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#include <net/page_pool.h>
#else
#include <net/net_namespace.h>
#include <net/page_pool/helpers.h>
#endif

/* Before 6.3 the headless form was the one-argument kvfree_rcu(). */
#ifndef kfree_rcu_mightsleep
#define kfree_rcu_mightsleep(ptr)	kvfree_rcu(ptr)
#endif

/* Before 6.12 nothing waits for kfree_rcu()'s queues: they drain by timer. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static inline void kvfree_rcu_barrier(void)
{
}
#endif

/* A page_pool that has an interface is listed by netlink from 6.8 on; before there is no such field. */
static inline void compat_page_pool_netdev(struct page_pool_params *params)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	params->netdev = init_net.loopback_dev;
#endif
}

/* Told the size before up to 6.11. */
static inline void *compat_kvrealloc(const void *p, size_t was, size_t size, gfp_t gfp)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return kvrealloc(p, was, size, gfp);
#else
	return kvrealloc(p, size, gfp);
#endif
}

/* Returns int (the count, or 0) up to 6.18 and bool in 7.x. */
static inline bool compat_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t nr,
					   void **ptrs)
{
	return kmem_cache_alloc_bulk(cache, gfp, nr, ptrs) != 0;
}

/* Before 5.13 pages are not taken in bulk; up to 6.13 the name says that it is an array. */
static inline unsigned long compat_alloc_pages_bulk(gfp_t gfp, unsigned long nr, struct page **pages)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 13, 0)
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (!pages[i])
			pages[i] = alloc_page(gfp);
	return nr;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
	return alloc_pages_bulk_array(gfp, nr, pages);
#else
	return alloc_pages_bulk(gfp, nr, pages);
#endif
}

/*
 * A cache that shares its slabs with no other, with nothing added to its objects. Before 6.5 there is
 * no flag for it: a region for user copies does the same, a constructor would make objects larger.
 */
static inline struct kmem_cache *compat_cache_create_unmerged(const char *name, unsigned int size,
							      slab_flags_t flags)
{
#ifdef SLAB_NO_MERGE
	return kmem_cache_create(name, size, 0, flags | SLAB_NO_MERGE, NULL);
#else
	return kmem_cache_create_usercopy(name, size, 0, flags, 0, 1, NULL);
#endif
}

#endif
