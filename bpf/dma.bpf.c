// SPDX-License-Identifier: GPL-2.0
/*
 * DMA buffers (kernel/dma/mapping.c), by tracepoints of 038eb433dc14 "dma-mapping: add tracing for
 * dma-mapping API calls", 6.12; mapping61.bpf.c has what serves before.
 */
#include "dma.bpf.h"

/* A global function: the buffer for the name is the stack that is left. */
__noinline int drvmem_dma_event(struct bpf_raw_tracepoint_args *ctx, __u64 addr, __u64 size)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct dm_alloc a = {
		.addr = addr,
		.cache = DM_CTX(ctx, 0),
		.asked = size > 0xffffffffULL ? 0xffffffffU : size,
		.kind = DRVMEM_CLASS_DMA,
		.allocator = DRVMEM_ALLOC_DMA,
		.gated = 1,
		.rare = 1,
	};

	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		if (dm_pass_alloc(gate, DRVMEM_SAMPLER_DMA, addr, a.asked))
			return 0;
		a.epoch = dm_epoch(gate);
	}
	a.held = dm_dma_held(size, dm_is_sampled(a.epoch));
	a.call_site = drvmem_rare_asker(ctx, DRVMEM_ALLOC_DMA);
	if (a.call_site == DM_ASKED_BY_UNKNOWN) {
		a.call_site = 0;
		/* a walk to the owner counts it */
		if (!dm_needs_walk(ctl, DRVMEM_MOD_KERNEL))
			dm_stat(DRVMEM_STAT_STACK_MISSING);
	}
	a.object_size = dm_device_mark(a.cache);
	dm_track_alloc(ctx, ctl, &a);
	return 0;
}

static __always_inline int dm_dma_buffer(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 virt = DM_CTX(ctx, 1);

	return drvmem_dma_event(ctx, virt ? DRVMEM_ADDR_DMA(virt) : 0, DM_CTX(ctx, 3));
}

/* (dev, virt, dma_addr, size, dir, gfp, attrs); of dma_alloc_pages, which are not coherent, and
 * dma_alloc_sgt_err, which had none, the same */
SEC("raw_tp/dma_alloc")
int dm_dma_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_ctl_get()->active ? dm_dma_buffer(ctx) : 0);
}

/* (dev, sgt, size, dir, gfp, attrs); failures have an event of their own */
SEC("raw_tp/dma_alloc_sgt")
int dm_dma_sgt(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_ctl_get()->active ?
		drvmem_dma_event(ctx, DRVMEM_ADDR_SGT(DM_CTX(ctx, 1)), DM_CTX(ctx, 2)) : 0);
}

/* (dev, virt, dma_addr, size, dir, attrs); of dma_free_pages too */
SEC("raw_tp/dma_free")
int dm_dma_free(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_dma_end(DRVMEM_ADDR_DMA(DM_CTX(ctx, 1))));
}

/* (dev, sgt, size, dir) */
SEC("raw_tp/dma_free_sgt")
int dm_dma_sgt_free(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_dma_end(DRVMEM_ADDR_SGT(DM_CTX(ctx, 1))));
}
