// SPDX-License-Identifier: GPL-2.0
/*
 * The frees that no tracepoint shows, by fentry: without them every kfree_rcu'd or
 * bulk-freed object would look like a leak. DM_NAME gives the same hooks to the
 * 5.10 object (slab510.bpf.c), which has another table.
 */
#ifndef DM_CAS
#define DM_CAS 1
#define DM_NAME(n) dm_##n
#define DM_FREE_ONE drvmem_free_one
#endif
#include "track.bpf.h"

/* One pointer of a bulk free; a function of its own so that the loop stays small. */
__noinline int DM_FREE_ONE(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl)
		dm_track_free(ctl, addr, DM_END_FREE);
	return 0;
}

/*
 * kmem_cache_free_bulk(s, size, p), also kfree_bulk and the kfree_rcu batches. At entry:
 * the function permutes p[] and afterwards the objects may be in use again.
 */
SEC("fentry/kmem_cache_free_bulk")
int DM_NAME(bulk_free)(__u64 *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u64 n, p, addr;
	__u32 i;

	if (!ctl || !ctl->active)
		return 0;
	n = dm_arg(ctx, 1);
	p = dm_arg(ctx, 2);
	for (i = 0; i < DRVMEM_MAX_BULK; i++) {
		if (i >= n)
			return 0;
		addr = 0;
		bpf_probe_read_kernel(&addr, sizeof(addr), (void *)(long)(p + i * sizeof(addr)));
		DM_FREE_ONE(addr);
	}
	if (n > DRVMEM_MAX_BULK)
		dm_stat_n(DRVMEM_STAT_BULK_TRUNCATED, n - DRVMEM_MAX_BULK);
	return 0;
}

/*
 * kvfree_call_rcu(head, func) up to 6.2, (head, ptr) from 04a522b7da3d "rcu: Refactor
 * kvfree_call_rcu() and high-level helpers", 6.3. func is the offset of head in the
 * object (kernel/rcu: __is_kvfree_rcu_offset), below 4096; a pointer never is. With
 * head NULL both forms pass the object.
 */
SEC("fentry/kvfree_call_rcu")
int DM_NAME(rcu_free)(__u64 *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u64 head, arg;

	if (!ctl || !ctl->active)
		return 0;
	head = dm_arg(ctx, 0);
	arg = dm_arg(ctx, 1);
	dm_track_rcu(ctl, arg < 4096 ? head - arg : arg);
	return 0;
}

#define DM_SPAN 512		/* sites of a call, in strides: as in module.bpf.c */
#define DM_STRIDE 16

/* Sites of a destroyed cache, of DM_STRIDE from first on, are not found again. 1: there are no more. */
__noinline int DM_G(drvmem_sites_stride)(__u32 first, __u32 class_)
{
	struct drvmem_site *s;
	__u32 i, id;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_STRIDE; i++) {
		id = first + i;
		s = bpf_map_lookup_elem(&dm_sites, &id);
		if (!s)
			return 1;
		if (s->ready && s->class_ == class_ && !s->ended) {
			s->ended = 1;
			*(volatile __u64 *)&s->key = ~s->key;
		}
	}
	return 0;
}

__noinline int DM_G(drvmem_sites_end)(__u32 first, __u32 class_)
{
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_SPAN; i += DM_STRIDE) {
		if (DM_G(drvmem_sites_stride)(first + i, class_))
			break;
	}
	return 0;
}

/*
 * kmem_cache_destroy(s): its name and address may come back as another cache. One that others
 * were merged with stays until the last of them goes.
 */
SEC("fentry/kmem_cache_destroy")
int DM_NAME(cache_destroy)(__u64 *ctx)
{
	struct kmem_cache *s = (struct kmem_cache *)(long)dm_arg(ctx, 0);
	struct dm_class_key k = { .cache = s, .kind = DRVMEM_CLASS_CACHE };
	struct dm_cache_sizes sizes;
	__u32 i, class_;
	int users = 0;

	if (!s)
		return 0;
	bpf_probe_read_kernel(&users, sizeof(users), &s->refcount);
	if (users > 1)
		return 0;
	sizes = dm_cache_read(s);
	k.held = sizes.size;
	k.object_size = sizes.object_size;
	class_ = dm_class_end(&k);
	for (i = 0; i < DRVMEM_MAX_SITES / DM_SPAN; i++) {
		if (class_ == DRVMEM_CLASS_UNKNOWN || i * DM_SPAN > cfg.site_mask)
			break;
		DM_G(drvmem_sites_end)(i * DM_SPAN, class_);
	}
	return 0;
}
