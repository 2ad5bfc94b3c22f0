// SPDX-License-Identifier: GPL-2.0
/*
 * Slab hooks for kernels from 6.1 on (kmalloc with 6 arguments, kmem_cache_* with the
 * cache as an argument). Decode, call track, return. 11e9734bcb6a "mm/slab_common: unify
 * NUMA and UMA version of tracepoints" and 2c1d697fb8ba, both 6.1, gave them this form.
 */
#include "track.bpf.h"
#include "walk_impl.bpf.h"

/*
 * From 6.2 on a large kmalloc fires twice: in __kmalloc_large_node, with a call site inside
 * __kmalloc, and in __kmalloc (mm/slub.c:__do_kmalloc_node) with its caller's. Only the
 * latter is taken.
 */
static __always_inline int dm_is_inner_event(__u64 call_site, __u64 asked)
{
	return asked > cfg.kmalloc_max_cache_bytes &&
	       DM_RANGE_KIND(drvmem_range_at(call_site - 1)) == DRVMEM_RANGE_KMALLOC;
}

/*
 * The programs come in forms. dm_X: no stack has to be walked (no modules, no full stacks;
 * drvmem's own task apart). dm_X_walk: only calls a function, which costs 4 ns, so that it has
 * a frame to start from, see dm_frame(). dm_X_gated: in a session that may sample, or that asks
 * for some owners only; the same, and what it need not look at ends before the call.
 */

/* (call_site, ptr, bytes_req, bytes_alloc, gfp, node) */
static __always_inline int dm_on_kmalloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame, int gated,
					 __u32 epoch)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u64 site = DM_CTX(ctx, 0), addr = DM_CTX(ctx, 1), asked = DM_CTX(ctx, 2);
	struct dm_alloc a = {
		.call_site = site,
		.addr = addr,
		.asked = asked > 0xffffffffULL ? 0xffffffffU : asked,
		.held = addr ? DM_CTX(ctx, 3) : 0,
		.gfp = DM_CTX(ctx, 4) | DM_GFP_KNOWN,
		.allocator = DRVMEM_ALLOC_SLAB,
		.gated = gated,
		.epoch = epoch,
		.frame = frame,
	};

	if (!ctl || !ctl->active || dm_is_inner_event(site, asked))
		return 0;
	a.kind = a.held > cfg.kmalloc_max_cache_bytes ? DRVMEM_CLASS_LARGE : DRVMEM_CLASS_KMALLOC;
	dm_track_alloc(ctx, ctl, &a);
	return 0;
}

SEC("raw_tp/kmalloc")
int dm_kmalloc(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_on_kmalloc(ctx, DM_NO_FRAME, 0, 0));
}

static __noinline int dm_walk_kmalloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame)
{
	return dm_on_kmalloc(ctx, frame, 0, 0);
}

static __noinline int dm_gated_kmalloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame, __u32 epoch)
{
	return dm_on_kmalloc(ctx, frame, 1, epoch);
}

SEC("raw_tp/kmalloc")
int dm_kmalloc_walk(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_walk_kmalloc(ctx, dm_frame()));
}

static __always_inline int dm_gate_kmalloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame)
{
	__u32 gate = dm_gate();
	__u64 asked = DM_CTX(ctx, 2);

	if (dm_is_inner_event(DM_CTX(ctx, 0), asked) ||
	    dm_pass_alloc(gate, DRVMEM_SAMPLER_KMALLOC, DM_CTX(ctx, 1), asked))
		return 0;
	return dm_gated_kmalloc(ctx, frame, dm_epoch(gate));
}

SEC("raw_tp/kmalloc")
int dm_kmalloc_gated(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_gate_kmalloc(ctx, dm_frame()));
}

/* (call_site, ptr, struct kmem_cache *, gfp, node) */
static __always_inline int dm_on_cache_alloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame,
					     int gated, __u32 epoch)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct dm_cache_sizes sizes;
	struct dm_alloc a = {
		.call_site = DM_CTX(ctx, 0),
		.addr = DM_CTX(ctx, 1),
		.cache = DM_CTX(ctx, 2),
		.kind = DRVMEM_CLASS_CACHE,
		.gfp = DM_CTX(ctx, 3) | DM_GFP_KNOWN,
		.allocator = DRVMEM_ALLOC_SLAB,
		.gated = gated,
		.epoch = epoch,
		.frame = frame,
	};

	if (!ctl || !ctl->active)
		return 0;
	sizes = dm_cache_read((struct kmem_cache *)(long)a.cache);
	a.asked = a.object_size = sizes.object_size;
	a.held = sizes.size;

	dm_track_alloc(ctx, ctl, &a);
	return 0;
}

SEC("raw_tp/kmem_cache_alloc")
int dm_cache_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_on_cache_alloc(ctx, DM_NO_FRAME, 0, 0));
}

static __noinline int dm_walk_cache_alloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame)
{
	return dm_on_cache_alloc(ctx, frame, 0, 0);
}

static __noinline int dm_gated_cache_alloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame, __u32 epoch)
{
	return dm_on_cache_alloc(ctx, frame, 1, epoch);
}

SEC("raw_tp/kmem_cache_alloc")
int dm_cache_alloc_walk(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_walk_cache_alloc(ctx, dm_frame()));
}

static __always_inline int dm_gate_cache_alloc(struct bpf_raw_tracepoint_args *ctx, __u64 frame)
{
	struct kmem_cache *s = (struct kmem_cache *)(long)DM_CTX(ctx, 2);
	__u32 gate = dm_gate();

	if (dm_pass_alloc(gate, DRVMEM_SAMPLER_CACHE, DM_CTX(ctx, 1), dm_cache_object_size(s)))
		return 0;
	return dm_gated_cache_alloc(ctx, frame, dm_epoch(gate));
}

SEC("raw_tp/kmem_cache_alloc")
int dm_cache_alloc_gated(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_gate_cache_alloc(ctx, dm_frame()));
}

/* how: enum drvmem_freer, or DM_END_AGAIN. */
static __always_inline int dm_free(struct bpf_raw_tracepoint_args *ctx, __u32 how)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (!ctl || !ctl->active)
		return 0;
	dm_track_free(ctl, DM_CTX(ctx, 1), how);
	return 0;
}

/* (call_site, ptr); both fire before the object can be handed out again */
SEC("raw_tp/kfree")
int dm_kfree(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_free(ctx, DRVMEM_FREER_KFREE));
}

SEC("raw_tp/kmem_cache_free")
int dm_cache_free(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_free(ctx, DRVMEM_FREER_CACHE));
}

/* What cannot be in the table ends before the call: a look at one counter, no table is touched. */
static __noinline int dm_gated_kfree(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_free(ctx, DRVMEM_FREER_KFREE);
}

SEC("raw_tp/kfree")
int dm_kfree_gated(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_is_untracked(dm_gate(), DM_CTX(ctx, 1)) ? 0 : dm_gated_kfree(ctx));
}

static __noinline int dm_gated_cache_free(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_free(ctx, DRVMEM_FREER_CACHE);
}

SEC("raw_tp/kmem_cache_free")
int dm_cache_free_gated(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_is_untracked(dm_gate(), DM_CTX(ctx, 1)) ? 0 : dm_gated_cache_free(ctx));
}

/*
 * Behind the programs of both frees. The kernel does not run a program inside itself: of a softirq
 * that comes while one runs, all frees are missed (callbacks of RCU: hundreds at once). This one
 * runs then, and finds the object still there; else it was ended a moment ago, before anybody
 * could have had its memory again. Attached where frees were missed.
 */
SEC("raw_tp/kfree")
int dm_free_again(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_free(ctx, DM_END_AGAIN));
}
