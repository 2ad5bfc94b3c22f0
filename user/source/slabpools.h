/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmem_caches as pools: /sys/kernel/slab, or /proc/slabinfo where that cannot be read. The
 * arithmetic is pure; what the kernel's count of objects in use leaves open is told apart.
 */
#ifndef DRVMEM_SOURCE_SLABPOOLS_H
#define DRVMEM_SOURCE_SLABPOOLS_H

#include "model/pools.h"
#include "source/slabfs.h"
#include "source/slabinfo.h"

struct drvmem_slabpools_opts {
	uint32_t page_size, nr_cpus, nr_nodes;
};

/* What a cache's attributes say, in a pool's terms. */
void drvmem_slabpools__fill(struct drvmem_pool *k, const struct drvmem_slabattr *a,
			    const struct drvmem_slabpools_opts *o);
/* All rows of a slabinfo. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_slabpools__from_slabinfo(struct drvmem_pools *p,
						      const struct drvmem_slabinfo *s,
						      const struct drvmem_slabpools_opts *o);
/* Adds every cache and fills p->source[DRVMEM_POOL_CACHE]. dir: DRVMEM_SLABFS_DIR. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_slabpools__read(struct drvmem_pools *p, const char *dir,
					     const struct drvmem_slabpools_opts *o);
/* Nodes below DRVMEM_NODE_DIR, at least 1. */
uint32_t drvmem_slabpools__count_nodes(const char *dir);
#define DRVMEM_NODE_DIR "/sys/devices/system/node"

#endif /* DRVMEM_SOURCE_SLABPOOLS_H */
