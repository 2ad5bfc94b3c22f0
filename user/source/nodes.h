/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NUMA nodes of the machine, by sysfs: which CPUs and which blocks of memory are whose, and where the devices
 * are that a module drives.
 */
#ifndef DRVMEM_SOURCE_NODES_H
#define DRVMEM_SOURCE_NODES_H

#include <stdint.h>

#include "base/err.h"
#include "model/numa.h"

#define DRVMEM_NODES_CPUS	4096u	/* numbers of CPUs that objects have (abi.h) */

struct drvmem_nodes {
	uint32_t nr;			/* highest number and one */
	int16_t cpu[DRVMEM_NODES_CPUS];	/* its node; DRVMEM_NUMA_NO_NODE */
	uint64_t block_bytes;		/* of a block of memory */
	int16_t *block;			/* by physical address / block_bytes; NO_NODE also where a block is of several */
	uint64_t nr_blocks;
	struct drvmem_u64 free_bytes[DRVMEM_NUMA_NODES];
};

/* -ENODATA: one node only, or more than DRVMEM_NUMA_NODES; -ENOENT: not told; -EINVAL; -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_nodes__read(const char *sysfs, struct drvmem_nodes *ret);
void drvmem_nodes__deinit(struct drvmem_nodes *n);
/* The node that a physical address lies on, or DRVMEM_NUMA_NO_NODE. */
int drvmem_nodes__of_memory(const struct drvmem_nodes *n, uint64_t pa);
/* The node that all devices of a module's drivers are at; DRVMEM_NUMA_NO_NODE: none, several, or not told. */
int drvmem_nodes__of_module(const char *sysfs, const char *module);

#endif /* DRVMEM_SOURCE_NODES_H */
