// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/custody.h"

#include <string.h>

#define NR(a) (sizeof(a) / sizeof((a)[0]))

/* net/core/skbuff.c: skb_init(), skb_extensions_init() */
static const char *const skb_caches[] = {
	"skbuff_head_cache", "skbuff_fclone_cache", "skbuff_small_head", "skbuff_ext_cache",
};

/* lib/radix-tree.c, lib/maple_tree.c: a node goes when its last entry does, whoever's that is */
static const char *const node_caches[] = { "radix_tree_node", "maple_node" };

/* fs/kernfs/mount.c: kernfs_init(); the entry's name is a kmalloc of the function */
static const char *const sysfs_caches[] = { "kernfs_node_cache", "kernfs_iattrs_cache" };
static const char *const sysfs_functions[] = { "__kernfs_new_node" };

/* security/security.c: what security modules have to an inode goes with it; its cache does not give back by itself */
static const char *const inode_functions[] = { "security_inode_alloc", "lsm_inode_alloc" };

/* The data of a socket buffer is a kmalloc of these, and so are some heads: net/core/skbuff.c. */
static const char *const skb_functions[] = {
	"__alloc_skb", "kmalloc_reserve", "__kmalloc_reserve", "pskb_expand_head", "__build_skb",
	"build_skb", "skb_clone", "alloc_skb_with_frags",
};

/* net/core/skbuff.c, net/core/sock.c, mm/page_frag_cache.c (up to 6.12 mm/page_alloc.c), net/core/page_pool.c */
static const char *const frag_functions[] = {
	"skb_page_frag_refill", "__page_frag_cache_refill", "__page_frag_alloc_align", "page_frag_alloc_align",
	"page_frag_alloc", "__netdev_alloc_skb", "__napi_alloc_skb", "napi_alloc_skb",
	"__netdev_alloc_frag_align", "__napi_alloc_frag_align", "alloc_skb_with_frags",
	"page_pool_alloc_pages", "page_pool_alloc_netmems", "page_pool_alloc_frag_netmem",
	"__page_pool_alloc_pages_slow", "__page_pool_alloc_netmems_slow", "__page_pool_alloc_page_order",
};

static bool is_in(const char *name, size_t len, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(list[i]) == len && !memcmp(list[i], name, len))
			return true;
	return false;
}

/* The cache's name, or one of those that were merged into it. */
static bool cache_is(const struct drvmem_cache *c, const char *const *list, size_t n)
{
	const char *a = c->aliases;
	size_t len;

	if (c->kind != DRVMEM_CLASS_CACHE || !c->name)
		return false;
	if (is_in(c->name, strlen(c->name), list, n))
		return true;
	for (; a && *a; a += len + (a[len] == ',')) {
		len = strcspn(a, ",");
		if (is_in(a, len, list, n))
			return true;
	}
	return false;
}

/* "__alloc_skb+0x8c", "kmalloc_reserve.isra.0+0x2", "page_frag_alloc_noprof+0x3": without what is added. */
static bool function_is(const char *site, const char *const *list, size_t n)
{
	static const char noprof[] = "_noprof";
	size_t len = site ? strcspn(site, "+.") : 0;

	if (len > sizeof(noprof) - 1 && !memcmp(site + len - (sizeof(noprof) - 1), noprof, sizeof(noprof) - 1))
		len -= sizeof(noprof) - 1;
	return len && is_in(site, len, list, n);
}

enum drvmem_custody drvmem_custody_of(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t)
{
	const struct drvmem_cache *c = &s->caches[t->cache];
	/* a function of the driver that has such a name is the driver's */
	const char *site = t->module ? NULL : t->site;
	/* up to 6.0 the data's caller is told to be who called __alloc_skb(): net/core/skbuff.c, kmalloc_reserve() with _RET_IP_ */
	bool by_skb = function_is(site, skb_functions, NR(skb_functions)) ||
		      function_is(t->via, skb_functions, NR(skb_functions));

	/* nobody can hand out, or take back, an object of a cache that is gone */
	if (DRVMEM_IS_MAPPING(t->allocator) || c->destroyed)
		return DRVMEM_CUSTODY_NONE;
	if (t->allocator == DRVMEM_ALLOC_PAGE)
		return function_is(site, frag_functions, NR(frag_functions)) ? DRVMEM_CUSTODY_FRAGS :
									      DRVMEM_CUSTODY_NONE;
	if (t->allocator != DRVMEM_ALLOC_SLAB)
		return DRVMEM_CUSTODY_NONE;
	if (cache_is(c, skb_caches, NR(skb_caches)) || by_skb)
		return DRVMEM_CUSTODY_SKB;
	if (cache_is(c, node_caches, NR(node_caches)))
		return DRVMEM_CUSTODY_NODES;
	if (cache_is(c, sysfs_caches, NR(sysfs_caches)) ||
	    function_is(site, sysfs_functions, NR(sysfs_functions)))
		return DRVMEM_CUSTODY_SYSFS;
	if (function_is(site, inode_functions, NR(inode_functions)))
		return DRVMEM_CUSTODY_RECLAIM;
	/* dentries and inodes; not of a cache that the driver allocates from itself */
	if (c->kind == DRVMEM_CLASS_CACHE && c->reclaimable && site && site[0] != '[' && site[0] != '0')
		return DRVMEM_CUSTODY_RECLAIM;
	return DRVMEM_CUSTODY_NONE;
}

const char *drvmem_custody__name(enum drvmem_custody c)
{
	static const char *const names[] = {
		[DRVMEM_CUSTODY_NONE] = "",
		[DRVMEM_CUSTODY_SKB] = "socket buffers",
		[DRVMEM_CUSTODY_FRAGS] = "pages of packet buffers",
		[DRVMEM_CUSTODY_RECLAIM] = "kept until memory is short",
		[DRVMEM_CUSTODY_NODES] = "nodes shared with others",
		[DRVMEM_CUSTODY_SYSFS] = "entries of sysfs",
	};

	return names[c];
}
