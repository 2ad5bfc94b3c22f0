// SPDX-License-Identifier: GPL-2.0
/*
 * mempools (mm/mempool.c): what is in use, and how low the reserve has been. The kernel keeps
 * neither. Only for a session that asks for pools: requests for block I/O run through here. As
 * bulk.bpf.c the same hooks for the 5.10 object, where BPF cannot tell a counter's value after an
 * addition: no peak there.
 */
#ifndef DM_CAS
#define DM_CAS 1
#define DM_NAME(n) dm_##n
#endif
#include "track.bpf.h"

#define DM_E2BIG 7	/* the map is full */

struct dm_reserve {
	__u32 min_nr, curr_nr;
};

/* e33929537b76 "mm/mempool: rename struct mempool_s to struct mempool", 6.18 */
#define DM_MEMPOOL_READ(to_, pool_, field_)								\
	((void)(bpf_core_type_exists(struct mempool_s) ?						\
		bpf_probe_read_kernel((to_), sizeof(*(to_)), &((struct mempool_s *)(long)(pool_))->field_) :	\
		bpf_probe_read_kernel((to_), sizeof(*(to_)), &((struct mempool *)(long)(pool_))->field_)))

static __always_inline void dm_reserve_read(__u64 pool, struct dm_reserve *ret)
{
	DM_MEMPOOL_READ(&ret->min_nr, pool, min_nr);
	DM_MEMPOOL_READ(&ret->curr_nr, pool, curr_nr);
}

/* Whose it is: by the stack of the moment at which it is first seen. */
static __always_inline void dm_mempool_owner(void *ctx, struct drvmem_mempool *p)
{
	long bytes = bpf_get_stack(ctx, p->ip, sizeof(p->ip), 0);
	__u32 i, n = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
	__u64 walk = 0;

#pragma clang loop unroll(disable)
	for (i = 0; i < DRVMEM_MEMPOOL_FRAMES; i++) {
		if (i >= n || (walk & DM_WALK_END))
			break;
		walk = drvmem_walk_frame(p->ip[i], walk);
	}
	p->owner = n ? dm_choose(dm_walk_mods(walk, DRVMEM_MOD_KERNEL, 0)) : DRVMEM_MOD_UNKNOWN;
}

static __always_inline void dm_mempool_what(__u64 pool, struct drvmem_mempool *p)
{
	const char *name = NULL;

	DM_MEMPOOL_READ(&p->alloc_fn, pool, alloc);
	DM_MEMPOOL_READ(&p->data, pool, pool_data);
	/* of a pool of a cache; else it is no address, and the name is not looked at */
	if (p->data >> 56 != 0xff)
		return;
	bpf_probe_read_kernel(&name, sizeof(name), &((struct kmem_cache *)(long)p->data)->name);
	bpf_probe_read_kernel_str(p->cache, sizeof(p->cache), name);
}

/* A pool that was not known. made: it is a new one. */
static __always_inline void dm_mempool_add(void *ctx, __u64 pool, int made)
{
	struct drvmem_mempool first = { .made = made };
	struct dm_reserve r = {};
	__u64 key = ~pool;

	dm_reserve_read(pool, &r);
	first.min_nr = r.min_nr;
	first.low_water = r.curr_nr;
	dm_mempool_owner(ctx, &first);
	dm_mempool_what(pool, &first);
	if (bpf_map_update_elem(&dm_mempools, &key, &first, made ? BPF_ANY : BPF_NOEXIST) == -DM_E2BIG)
		dm_stat(DRVMEM_STAT_MEMPOOLS_FULL);
}

/* The reserve is full again; two CPUs at once: one of them tells it. */
static __always_inline void dm_dip_end(struct drvmem_mempool *p)
{
	__u64 since = p->dip_since_ns, now = bpf_ktime_get_ns();

	p->dip_since_ns = 0;
	if (since && now > since && now - since > p->longest_dip_ns)
		p->longest_dip_ns = now - since;
}

static __always_inline void dm_mempool_used(struct drvmem_mempool *p, __u64 pool, __u64 element)
{
	struct dm_reserve r = {};

	if (!element) {
		dm_add(&p->failures, 1);
		return;
	}
	dm_add(&p->allocs, 1);
	dm_raise((__u64 *)&p->peak, dm_live_add(&p->in_use, 1));
	dm_reserve_read(pool, &r);
	p->min_nr = r.min_nr;	/* mempool_resize */
	if (r.curr_nr < r.min_nr) {
		dm_add(&p->dips, 1);
		if (!p->dip_since_ns)
			p->dip_since_ns = bpf_ktime_get_ns();
	} else if (p->dip_since_ns) {
		dm_dip_end(p);
	}
	/* two CPUs at once: the next event that finds it as low tells it */
	if (r.curr_nr < p->low_water)
		p->low_water = r.curr_nr;
}

/* mempool_alloc(pool, gfp): the element, or NULL */
SEC("fexit/mempool_alloc")
int DM_NAME(mempool_alloc)(__u64 *ctx)
{
	__u64 pool = dm_arg(ctx, 0), key = ~pool;
	struct drvmem_mempool *p;

	if (!dm_ctl_get()->active)
		return 0;
	p = bpf_map_lookup_elem(&dm_mempools, &key);
	if (!p) {
		dm_mempool_add(ctx, pool, 0);
		p = bpf_map_lookup_elem(&dm_mempools, &key);
	}
	if (p)
		dm_mempool_used(p, pool, dm_arg(ctx, 2));
	return 0;
}

/* mempool_free(element, pool) */
SEC("fentry/mempool_free")
int DM_NAME(mempool_free)(__u64 *ctx)
{
	__u64 key = ~dm_arg(ctx, 1);
	struct dm_reserve r = {};
	struct drvmem_mempool *p;

	if (!dm_ctl_get()->active || !dm_arg(ctx, 0))
		return 0;
	p = bpf_map_lookup_elem(&dm_mempools, &key);
	if (!p)
		return 0;
	dm_add(&p->in_use, -1);
	if (p->dip_since_ns) {
		dm_reserve_read(dm_arg(ctx, 1), &r);
		/* with this element it is full */
		if (r.curr_nr + 1 >= r.min_nr)
			dm_dip_end(p);
	}
	return 0;
}

/* mempool_create_node(min_nr, alloc_fn, free_fn, pool_data, gfp, node): the pool, or NULL */
SEC("fexit/mempool_create_node")
int DM_NAME(mempool_create)(__u64 *ctx)
{
	__u64 pool = dm_arg(ctx, 6);

	if (dm_ctl_get()->active && pool)
		dm_mempool_add(ctx, pool, 1);
	return 0;
}

/* mempool_create(min_nr, alloc_fn, free_fn, pool_data), which may have the former inline (up to 6.9) */
SEC("fexit/mempool_create")
int DM_NAME(mempool_make)(__u64 *ctx)
{
	__u64 pool = dm_arg(ctx, 4);

	if (dm_ctl_get()->active && pool)
		dm_mempool_add(ctx, pool, 1);
	return 0;
}

/* mempool_init(pool, min_nr, alloc_fn, free_fn, pool_data): 0, or an error */
SEC("fexit/mempool_init")
int DM_NAME(mempool_init)(__u64 *ctx)
{
	if (dm_ctl_get()->active && !(__u32)dm_arg(ctx, 5))
		dm_mempool_add(ctx, dm_arg(ctx, 0), 1);
	return 0;
}

static __always_inline int dm_mempool_end(__u64 *ctx)
{
	__u64 key = ~dm_arg(ctx, 0);

	bpf_map_delete_elem(&dm_mempools, &key);
	return 0;
}

/* mempool_exit(pool); mempool_destroy(pool) may have it inline */
SEC("fentry/mempool_exit")
int DM_NAME(mempool_exit)(__u64 *ctx)
{
	return dm_mempool_end(ctx);
}

SEC("fentry/mempool_destroy")
int DM_NAME(mempool_destroy)(__u64 *ctx)
{
	return dm_mempool_end(ctx);
}
