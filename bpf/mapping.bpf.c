// SPDX-License-Identifier: GPL-2.0
/*
 * DMA mappings, by the tracepoints of 038eb433dc14 "dma-mapping: add tracing for dma-mapping API
 * calls", 6.12; mapping61.bpf.c has what serves before.
 */
#include "mapping.bpf.h"

static __always_inline int dm_on_map(struct bpf_raw_tracepoint_args *ctx, __u64 frame, __u64 hash,
				     int sg, __u64 size)
{
	__u64 call_site;
	__u32 epoch = 0;

	if ((cfg.sampling || cfg.only) &&
	    dm_map_is_let_pass(sg ? DRVMEM_SAMPLER_MAP_SG : DRVMEM_SAMPLER_MAP, hash, size, &epoch))
		return 0;
	call_site = drvmem_asker(ctx, frame, DRVMEM_ALLOC_DMA);
	if (call_site == DM_ASKED_BY_UNKNOWN)
		dm_stat(DRVMEM_STAT_STACK_MISSING);
	return dm_map_track(ctx, call_site, DM_CTX(ctx, 0), hash, sg, size, epoch);
}

/* (dev, phys_addr, dma_addr, size, dir, attrs); all bits set: it failed */
static __noinline int dm_walk_map(struct bpf_raw_tracepoint_args *ctx, __u64 frame)
{
	__u64 dma = DM_CTX(ctx, 2);

	if (!dm_ctl_get()->active)
		return 0;
	return dm_on_map(ctx, frame, dma == ~0ULL ? 0 : dm_map_hash(DM_CTX(ctx, 0), dma), 0, DM_CTX(ctx, 3));
}

/* dma_map_phys took the place of dma_map_page and dma_map_resource in 6.18 */
SEC("raw_tp/dma_map_phys")
int dm_map(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_walk_map(ctx, dm_frame()));
}

/* (dev, sgl, nents, ents, dir, attrs); of dma_map_sg_err an error in place of ents */
static __noinline int dm_walk_map_sg(struct bpf_raw_tracepoint_args *ctx, __u64 frame)
{
	__u64 sg = DM_CTX(ctx, 1);

	if (!dm_ctl_get()->active)
		return 0;
	return dm_on_map(ctx, frame, (__s32)DM_CTX(ctx, 3) > 0 ? dm_map_hash(DM_CTX(ctx, 0), sg) : 0, 1,
			 drvmem_sg_bytes(sg, DM_CTX(ctx, 2)));
}

SEC("raw_tp/dma_map_sg")
int dm_map_sg(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_walk_map_sg(ctx, dm_frame()));
}

/* (dev, addr, size, dir, attrs) */
SEC("raw_tp/dma_unmap_phys")
int dm_unmap(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_map_end(DM_CTX(ctx, 0), DM_CTX(ctx, 1), DM_CTX(ctx, 2)));
}

/* (dev, sgl, nents, dir, attrs) */
SEC("raw_tp/dma_unmap_sg")
int dm_unmap_sg(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_map_sg_end(DM_CTX(ctx, 0), DM_CTX(ctx, 1)));
}

/* (dev, addr, size, dir); of scatterlists (dev, sgl, nents, dir) */
SEC("raw_tp/dma_sync_single_for_cpu")
int dm_sync_cpu(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_sync(DM_CTX(ctx, 0), 0));
}

SEC("raw_tp/dma_sync_single_for_device")
int dm_sync_dev(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_sync(DM_CTX(ctx, 0), 1));
}
