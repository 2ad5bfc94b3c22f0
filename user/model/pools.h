/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools as such: kmem_caches, dma_pools, page_pools and mempools, each with what the kernel
 * says of it at one moment. Plain data; blocks in use are pool state and add no bytes to any
 * owner (definitions.md: pools). Strings are owned by the list's arena. A number that the
 * kernel does not give is absent or denied, never 0.
 */
#ifndef DRVMEM_MODEL_POOLS_H
#define DRVMEM_MODEL_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/avail.h"

enum drvmem_pool_kind { DRVMEM_POOL_CACHE = 0, DRVMEM_POOL_DMA, DRVMEM_POOL_PAGE,
			DRVMEM_POOL_MEMPOOL, DRVMEM_NR_POOL_KINDS };

#define DRVMEM_POOLS_MAX	8192u	/* pools of one kind that are kept; the rest is counted */
#define DRVMEM_POOL_NOTES	24u	/* sentences that are kept; the rest is counted */

/* Order of NETDEV_A_PAGE_POOL_STATS_ALLOC_FAST and its neighbours. */
#define DRVMEM_PAGEPOOL_STATS	11u
enum { DRVMEM_PP_ALLOC_FAST = 0, DRVMEM_PP_ALLOC_SLOW, DRVMEM_PP_ALLOC_SLOW_HIGH_ORDER };
extern const char *const drvmem_pagepool_stat_names[DRVMEM_PAGEPOOL_STATS];

struct drvmem_pool {
	enum drvmem_pool_kind kind;
	const char *name;
	const char *owner;		/* module, "kernel", or NULL = not known */
	const char *owner_by;		/* how the owner is known; NULL */
	bool owner_guess;		/* it used the cache; others may have before the session */
	const char *device, *driver;	/* bus id (dma_pool), interface (page_pool); NULL */
	const char *aliases;		/* kmem_cache: names merged into it, comma separated; NULL */
	uint32_t id;			/* page_pool: the kernel's number; else 0 */
	uint32_t users;			/* owners that used it in the session */
	struct drvmem_u64 size;		/* bytes that one object or block takes */
	struct drvmem_u64 capacity;	/* objects there is room for now */
	struct drvmem_u64 in_use;	/* of them, by the kernel's own count */
	struct drvmem_u64 over_max;	/* kmem_cache: free ones that may be counted in in_use */
	struct drvmem_u64 peak;		/* highest in_use; of a page_pool highest capacity */
	bool peak_sampled;		/* the highest of several readings */
	struct drvmem_u64 held_bytes, used_bytes, peak_bytes;
	struct drvmem_u64 waste_bytes;	/* slack: backing pages less what objects in use take */
	struct drvmem_u64 refills;	/* times it took new memory from the layer below */
	struct drvmem_u64 failures;	/* of requests to it, as the session saw them */
	struct drvmem_u64 tracked, tracked_bytes;	/* live objects the session saw allocated */
	/* kmem_cache */
	struct drvmem_u64 object_size, order, per_slab, slabs, partial, cpu_slabs, cpu_partial,
		sheaf_capacity;
	struct drvmem_u64 align;	/* of objects, as the kernel chose it */
	struct drvmem_u64 outside;	/* 1: the pointer of a free object may not lie in it; 0 */
	/* dma_pool */
	struct drvmem_u64 pages;
	/* mempool */
	const char *site;		/* who made it, or used it first; NULL */
	struct drvmem_u64 low_water;	/* the fewest elements that a request left in the reserve */
	struct drvmem_u64 requests;	/* of the session */
	struct drvmem_u64 dips;		/* requests after which the reserve was not full */
	struct drvmem_u64 longest_dip_ns;	/* the longest time until it was full again, at most */
	/* page_pool */
	struct drvmem_u64 ifindex, napi_id, detached_at;	/* detached: s of CLOCK_BOOTTIME */
	struct drvmem_u64 stats[DRVMEM_PAGEPOOL_STATS];
};

/* Where the pools of a kind come from, and whether that could be read. */
struct drvmem_pool_source {
	enum drvmem_avail st;
	const char *from;	/* "/sys/kernel/slab" */
	const char *why;	/* not ok: one sentence */
	uint64_t overflow;	/* pools beyond DRVMEM_POOLS_MAX or the bound of the walk */
};

struct drvmem_pools {
	struct drvmem_pool *v;
	uint32_t n, cap;
	struct drvmem_pool_source source[DRVMEM_NR_POOL_KINDS];
	const char *notes[DRVMEM_POOL_NOTES];	/* what vanished or could not be read */
	uint32_t nr_notes;
	uint64_t notes_dropped;
	uint64_t readings;			/* of which the sampled peaks are the highest */
	struct drvmem_arena *arena;
};

const char *drvmem_pool_kind_name(enum drvmem_pool_kind kind);	/* "kmem_cache" */

/* NULL on ENOMEM. */
struct drvmem_pools *drvmem_pools__new(void);
void drvmem_pools__free(struct drvmem_pools *p);
/*
 * A new pool whose numbers are all absent, valid until the next one; NULL: out of memory, or
 * more than DRVMEM_POOLS_MAX of the kind, which is counted in source[kind].overflow.
 */
struct drvmem_pool *drvmem_pools__add(struct drvmem_pools *p, enum drvmem_pool_kind kind);
/* Copies text into the list's arena; NULL stays NULL. */
const char *drvmem_pools__str(struct drvmem_pools *p, const char *text);
/* Keeps a sentence, or counts it when there are too many. */
void drvmem_pools__note(struct drvmem_pools *p, const char *fmt, ...) DRVMEM_PRINTF(2, 3);
/*
 * ret: the same with an array of its own, whose rows may be taken out; all else is p's, which
 * must outlive it. Release by free(ret->v). 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_pools__borrow(const struct drvmem_pools *p, struct drvmem_pools *ret);
bool drvmem_pools__has(const struct drvmem_pools *p, enum drvmem_pool_kind kind);
/* By kind, name, device, number. */
void drvmem_pools__sort(struct drvmem_pools *p);
/* The pool that is the same as key in a sorted list, or NULL. */
struct drvmem_pool *drvmem_pools__find(const struct drvmem_pools *p, const struct drvmem_pool *key);

#endif /* DRVMEM_MODEL_POOLS_H */
