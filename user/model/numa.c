// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/numa.h"

#include <errno.h>
#include <stdlib.h>

int drvmem_numa__new(uint32_t nr_nodes, uint32_t nr_sites, uint32_t nr_owners, struct drvmem_numa **ret)
{
	struct drvmem_numa *n = calloc(1, sizeof(*n));
	uint32_t i;

	if (!n)
		return -ENOMEM;
	n->nr_nodes = nr_nodes;
	n->nr_sites = nr_sites;
	n->nr_owners = nr_owners;
	n->site = calloc(nr_sites + 1, sizeof(*n->site));
	n->on = calloc((size_t)nr_sites * nr_nodes + 1, sizeof(*n->on));
	n->by = calloc((size_t)nr_sites * nr_nodes + 1, sizeof(*n->by));
	n->device_node = calloc(nr_owners + 1, sizeof(*n->device_node));
	n->free_bytes = calloc(nr_nodes + 1, sizeof(*n->free_bytes));
	if (!n->site || !n->on || !n->by || !n->device_node || !n->free_bytes) {
		drvmem_numa__free(n);
		return -ENOMEM;
	}
	for (i = 0; i < nr_owners; i++)
		n->device_node[i] = DRVMEM_NUMA_NO_NODE;
	drvmem_u64__set_missing(n->free_bytes, nr_nodes, DRVMEM_ABSENT);
	*ret = n;
	return 0;
}

void drvmem_numa__free(struct drvmem_numa *n)
{
	if (!n)
		return;
	free(n->site);
	free(n->on);
	free(n->by);
	free(n->device_node);
	free(n->free_bytes);
	free(n);
}

void drvmem_numa__add(struct drvmem_numa *n, uint32_t site, int node, int cpu_node, uint64_t bytes)
{
	if (site >= n->nr_sites)
		return;
	if (node < 0 || (uint32_t)node >= n->nr_nodes) {
		n->site[site].unknown += bytes;
		return;
	}
	n->site[site].known += bytes;
	n->on[(size_t)site * n->nr_nodes + (uint32_t)node] += bytes;
	if (cpu_node >= 0 && (uint32_t)cpu_node < n->nr_nodes)
		n->by[(size_t)site * n->nr_nodes + (uint32_t)cpu_node] += bytes;
}
