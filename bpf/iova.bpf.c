// SPDX-License-Identifier: GPL-2.0
/*
 * DMA mappings of "dma-mapping: Provide an interface to allow allocate IOVA", 6.16: a
 * driver takes a range of the addresses that its device uses (dma_iova_try_alloc), and links memory to
 * parts of it. They have no events. An object is the range, from the first link on and as large as what is
 * linked; it ends with the last link, or with the range.
 */
#include "mapping.bpf.h"
#include "unseen.bpf.h"

/* The key of a range. A device has no other mapping at its address. */
static __always_inline __u64 dm_iova_hash(__u64 *ctx, struct dma_iova_state *ret)
{
	const struct dma_iova_state *state = (const struct dma_iova_state *)(long)dm_arg(ctx, 1);

	bpf_probe_read_kernel(&ret->addr, sizeof(ret->addr), &state->addr);
	bpf_probe_read_kernel(&ret->__size, sizeof(ret->__size), &state->__size);
	ret->__size &= ~(1ULL << 63);	/* DMA_IOVA_USE_SWIOTLB */
	return dm_map_hash(dm_arg(ctx, 0), ret->addr);
}

static __always_inline struct drvmem_site_cpu *dm_iova_site(const struct dm_slot *old,
							    struct drvmem_site **ret)
{
	__u32 site = DRVMEM_W1_SITE(old->w1);

	*ret = bpf_map_lookup_elem(&dm_sites, &site);
	return *ret ? dm_site_cpu_get(site, DRVMEM_W2_EPOCH(old->w2)) : NULL;
}

/* More is linked to a range that is known: 1. Sampled ones have the size of the range already. */
__noinline int drvmem_iova_grown(__u64 addr, __u32 by)
{
	struct drvmem_site_cpu *c;
	struct dm_slot old = {};
	struct drvmem_site *s;

	if (dm_is_untracked(dm_gate(), addr) || dm_mark(addr, 0, &old) != DM_FOUND)
		return 0;
	if (dm_resize(addr, DRVMEM_W1_ASKED(old.w1) + by, &old) != DM_FOUND)
		return 1;
	c = dm_iova_site(&old, &s);
	if (!c || !s)
		return 1;
	dm_add(&c->alloc_bytes, by);	/* grown_bytes is no mapping's */
	if (cfg.marks)
		drvmem_gen_made(old.w1, old.w2, 0, by);
	dm_raise(&s->peak_bytes, dm_live_add(&s->live_bytes, by));
	return 1;
}

/* Less is: the last part ends the object. */
__noinline int drvmem_iova_shrunk(__u64 addr, __u32 by)
{
	struct drvmem_site_cpu *c;
	struct dm_slot old = {};
	struct drvmem_site *s;

	if (dm_is_untracked(dm_gate(), addr) || dm_mark(addr, 0, &old) != DM_FOUND)
		return 0;
	if (dm_is_sampled(DRVMEM_W2_EPOCH(old.w2)))
		return 0;	/* the whole range, until that ends */
	if (DRVMEM_W1_ASKED(old.w1) <= by || dm_shrink(addr, by, &old) != DM_FOUND) {
		drvmem_unmap_at(addr, 0);
		return 0;
	}
	c = dm_iova_site(&old, &s);
	if (!c || !s)
		return 0;
	dm_live_sub(s, by);
	dm_add(&c->other_free_bytes, by);
	if (cfg.marks)
		drvmem_gen_end(old.w1, old.w2, 0, by);
	return 0;
}

/* The first frame beyond the DMA functions, see dm_bulk_caller(). 0: not found. */
__noinline __u64 drvmem_iova_asker(const struct drvmem_scratch *s, __u32 n)
{
	__u32 i, r;

	for (i = 0; s && i < DM_CALLER_DEPTH; i++) {
		if (i >= n)
			return 0;
		r = drvmem_range_at(s->ip[i] - 1);
		if (DM_RANGE_KIND(r) != DRVMEM_RANGE_DMA && dm_is_text(s->ip[i] - 1, r))
			return s->ip[i];
	}
	return 0;
}

static __always_inline __u64 dm_iova_call_site(__u64 *ctx)
{
	struct drvmem_scratch *s = dm_scratch_get();
	__u64 site = 0;
	long bytes;

	if (s) {
		bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
		site = drvmem_iova_asker(s, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0);
		dm_scratch_put(s);
	}
	if (!site)
		dm_stat(DRVMEM_STAT_STACK_MISSING);
	return site;
}

static __always_inline int dm_iova_link_event(__u64 *ctx)
{
	__u64 hash, bytes = dm_arg(ctx, 4), offset = dm_arg(ctx, 3);
	struct dma_iova_state state = {};
	int failed = (__s32)dm_arg(ctx, 7);
	__u32 epoch = 0;

	if (!dm_ctl_get()->active || !bytes)
		return 0;
	hash = dm_iova_hash(ctx, &state);
	if (!failed && drvmem_iova_grown(DRVMEM_ADDR_MAPPED(hash, 0ULL), bytes))
		return 0;
	if (cfg.sampling || cfg.only) {
		if (DRVMEM_IS_SAMPLED(dm_gate())) {
			if (offset && !failed)	/* of one that was let pass */
				return 0;
			bytes = state.__size;
		}
		if (dm_map_is_let_pass(DRVMEM_SAMPLER_MAP_IOVA, failed ? 0 : hash, bytes, &epoch))
			return 0;
	}
	return dm_map_track(NULL, dm_iova_call_site(ctx), dm_arg(ctx, 0), failed ? 0 : hash, 0, bytes, epoch);
}

/* (dev, state, phys, offset, bytes, dir, attrs): 0, or an error */
SEC("fexit/dma_iova_link")
int dm_iova_link(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_iova_link_event(ctx));
}

static __always_inline int dm_iova_unlink_event(__u64 *ctx)
{
	struct dma_iova_state state = {};
	__u64 hash, bytes = dm_arg(ctx, 3);

	if (!dm_ctl_get()->active || !bytes)
		return 0;
	hash = dm_iova_hash(ctx, &state);
	drvmem_iova_shrunk(DRVMEM_ADDR_MAPPED(hash, 0ULL), bytes > 0xffffffffULL ? 0xffffffffU : bytes);
	return 0;
}

/* (dev, state, offset, bytes, dir, attrs) */
SEC("fentry/dma_iova_unlink")
int dm_iova_unlink(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_iova_unlink_event(ctx));
}

static __always_inline int dm_iova_end_event(__u64 *ctx)
{
	struct dma_iova_state state = {};

	if (!dm_ctl_get()->active)
		return 0;
	drvmem_unmap_at(DRVMEM_ADDR_MAPPED(dm_iova_hash(ctx, &state), 0ULL), 0);
	return 0;
}

/* (dev, state, linked, dir, attrs) */
SEC("fentry/dma_iova_destroy")
int dm_iova_destroy(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_iova_end_event(ctx));
}

/* (dev, state): of a range without links */
SEC("fentry/dma_iova_free")
int dm_iova_free(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_iova_end_event(ctx));
}
