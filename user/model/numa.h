/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On which NUMA node the live objects of a session lie, by site, beside the nodes of the CPUs that asked for
 * them and of the devices that the owners drive. Only of machines with several nodes. What is not known is
 * counted apart, never as some node's. Plain data.
 */
#ifndef DRVMEM_MODEL_NUMA_H
#define DRVMEM_MODEL_NUMA_H

#include <stdint.h>

#include "base/err.h"
#include "model/avail.h"

#define DRVMEM_NUMA_NODES	64u	/* machines with more are not looked at */
#define DRVMEM_NUMA_NO_NODE	(-1)

/* Bytes of the live objects of a site. */
struct drvmem_numa_site {
	uint64_t known, unknown;	/* of which the node is known, is not */
};

struct drvmem_numa {
	uint32_t nr_nodes;		/* highest number and one */
	uint32_t nr_sites, nr_owners;
	struct drvmem_numa_site *site;	/* by index into sites[] */
	uint64_t *on;			/* site * nr_nodes + node: of the known, bytes that lie there */
	uint64_t *by;			/* ... bytes that CPUs of that node asked for */
	int *device_node;		/* by index into instances[]: the one node of all devices; else NO_NODE */
	struct drvmem_u64 *free_bytes;	/* by node */
};

/* All 0 and of no node; -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_numa__new(uint32_t nr_nodes, uint32_t nr_sites, uint32_t nr_owners,
				       struct drvmem_numa **ret);
void drvmem_numa__free(struct drvmem_numa *n);
/* Bytes of a site that lie on a node of the machine, or that were asked for there; NO_NODE: not known where. */
void drvmem_numa__add(struct drvmem_numa *n, uint32_t site, int node, int cpu_node, uint64_t bytes);

#endif /* DRVMEM_MODEL_NUMA_H */
