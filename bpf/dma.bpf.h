/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMA buffers (kernel/dma/mapping.c). An object is a buffer of a device: the device takes the
 * place of the cache. It holds the pages that were taken inside the call, or whole pages where
 * none were seen (an atomic pool, a device's own memory, CMA).
 */
#ifndef DRVMEM_DMA_BPF_H
#define DRVMEM_DMA_BPF_H

#include "page.bpf.h"

/*
 * sampled: pages that were not sampled were not looked at. More than the order that the size needs
 * is of tries that failed.
 */
static __always_inline __u32 dm_dma_held(__u64 size, int sampled)
{
	__u64 task = bpf_get_current_task(), page = 1ULL << cfg.page_shift;
	struct drvmem_dma_task *t = dm_dma_task(task);
	__u64 held = (size + page - 1) & ~(page - 1);

	if (t->inv_task == ~task) {
		if (t->bytes >= size && t->bytes < 2 * held && !sampled)
			held = t->bytes;
		t->inv_task = 0;
	}
	return held > 0xffffffffULL ? 0xffffffffU : held;
}

static __always_inline int dm_dma_end(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl->active)
		dm_track_free(ctl, addr, DM_END_FREE);
	return 0;
}

#endif /* DRVMEM_DMA_BPF_H */
