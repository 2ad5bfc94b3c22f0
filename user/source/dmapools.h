/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dma_pools by the file "pools" of each device that has one (mm/dmapool.c:pools_show): found by
 * a bounded walk of /sys/devices, which devices may leave meanwhile.
 */
#ifndef DRVMEM_SOURCE_DMAPOOLS_H
#define DRVMEM_SOURCE_DMAPOOLS_H

#include <stddef.h>
#include <stdint.h>

#include "model/pools.h"

#define DRVMEM_DEVICES_DIR "/sys/devices"
#define DRVMEM_WALK_DIRS 200000u	/* directories that are looked at; the rest is told */
#define DRVMEM_WALK_DEPTH 40u

struct drvmem_dmarow {
	char name[64];
	uint64_t active, total;		/* blocks */
	uint64_t size, pages;		/* bytes of a block; allocations behind them */
};

struct drvmem_dmarows {
	struct drvmem_dmarow *v;
	size_t n, cap;
	size_t skipped;			/* malformed lines */
};

/* One file's text. -ENOTSUP: not the format "poolinfo - 0.1"; -ENOMEM. Free with __free_rows. */
DRVMEM_MUST_CHECK int drvmem_dmapools__parse(const char *text, size_t len,
					     struct drvmem_dmarows *ret);
void drvmem_dmapools__free_rows(struct drvmem_dmarows *r);
/* A row in a pool's terms. */
void drvmem_dmapools__fill(struct drvmem_pool *k, const struct drvmem_dmarow *row,
			   uint32_t page_size);
/*
 * Adds every pool below dir and fills p->source[DRVMEM_POOL_DMA]. At most max_dirs directories
 * are looked at. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_dmapools__read(struct drvmem_pools *p, const char *dir,
					    uint32_t page_size, uint32_t max_dirs);

#endif /* DRVMEM_SOURCE_DMAPOOLS_H */
