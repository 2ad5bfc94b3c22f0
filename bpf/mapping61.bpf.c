// SPDX-License-Identifier: GPL-2.0
/* DMA hooks where its tracepoints are not there yet (6.1): by its functions. */
#define DM_CAS 1
#include "mapping61.bpf.h"

DM_MAPPING61(dm)

SEC("fexit/dma_alloc_noncontiguous")
int dm_dma_x_sgt(__u64 *ctx)
{
	return dm_exit_alloc_sgt(ctx);
}

/* (dev, size, sgt, dir) */
SEC("fentry/dma_free_noncontiguous")
int dm_dma_x_sgfree(__u64 *ctx)
{
	return dm_dma_end(DRVMEM_ADDR_SGT(dm_arg(ctx, 2)));
}

/* 5.10 has it inline, around dma_map_sg_attrs */
SEC("fexit/dma_map_sgtable")
int dm_map_x_sgtable(__u64 *ctx)
{
	return dm_exit_map_sgtable(ctx);
}
