/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the live objects of a snapshot lie (model/numa.h): each object's address becomes a physical one, which
 * is some node's. Objects of a percpu allocator have copies everywhere and mappings no memory: neither counts.
 */
#ifndef DRVMEM_SOURCE_NUMA_H
#define DRVMEM_SOURCE_NUMA_H

#include <stdbool.h>

#include "model/snapshot.h"
#include "source/nodes.h"

/* How addresses become physical ones; false: not known. */
struct drvmem_numa_reader {
	bool (*address)(void *arg, uint64_t va, uint64_t *ret_pa);	/* of the kernel's memory, any */
	bool (*page)(void *arg, uint64_t page, uint64_t *ret_pa);	/* of what a struct page stands for */
	void *arg;
};

/* sysfs: where it is mounted, for where devices are. -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_numa__read(const struct drvmem_snapshot *s, const struct drvmem_nodes *nodes,
					const struct drvmem_numa_reader *r, const char *sysfs, struct drvmem_numa **ret);

#endif /* DRVMEM_SOURCE_NUMA_H */
