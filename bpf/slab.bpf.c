// SPDX-License-Identifier: GPL-2.0
/*
 * Slab hooks for kernels from 6.1 on (kmalloc with 6 arguments, kmem_cache_* with the
 * cache as an argument). Decode, call track, return. 11e9734bcb6a "mm/slab_common: unify
 * NUMA and UMA version of tracepoints" and 2c1d697fb8ba, both 6.1, gave them this form.
 */
#define DM_CAS 1
#define DM_KFUNCS
#include "track.bpf.h"

/* (call_site, ptr, bytes_req, bytes_alloc, gfp, node) */
SEC("raw_tp/kmalloc")
int dm_kmalloc(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (!ctl || !ctl->active)
		return 0;
	struct dm_alloc a = {
		.call_site = ctx->args[0],
		.addr = ctx->args[1],
		.asked = ctx->args[2] > 0xffffffffULL ? 0xffffffffU : ctx->args[2],
		.held = ctx->args[1] ? ctx->args[3] : 0,
		.allocator = DRVMEM_ALLOC_SLAB,
	};

	a.kind = a.held > cfg.kmalloc_max_cache_bytes ? DRVMEM_CLASS_LARGE : DRVMEM_CLASS_KMALLOC;
	dm_track_alloc(ctx, ctl, &a);
	return 0;
}

/* (call_site, ptr, struct kmem_cache *, gfp, node) */
SEC("raw_tp/kmem_cache_alloc")
int dm_cache_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct dm_cache_sizes sizes;

	if (!ctl || !ctl->active)
		return 0;
	sizes = dm_cache_read((struct kmem_cache *)(long)ctx->args[2]);
	struct dm_alloc a = {
		.call_site = ctx->args[0],
		.addr = ctx->args[1],
		.cache = ctx->args[2],
		.asked = sizes.object_size,
		.held = sizes.size,
		.object_size = sizes.object_size,
		.kind = DRVMEM_CLASS_CACHE,
		.allocator = DRVMEM_ALLOC_SLAB,
	};

	dm_track_alloc(ctx, ctl, &a);
	return 0;
}

static __always_inline int dm_free(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (!ctl || !ctl->active)
		return 0;
	dm_track_free(ctl, ctx->args[1]);
	return 0;
}

/* (call_site, ptr); both fire before the object can be handed out again */
SEC("raw_tp/kfree")
int dm_kfree(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_free(ctx);
}

SEC("raw_tp/kmem_cache_free")
int dm_cache_free(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_free(ctx);
}
