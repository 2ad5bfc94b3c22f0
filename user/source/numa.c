// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/numa.h"

#define KERNEL_TOP	0xfe00000000000000ull	/* bits that all kernel addresses have, and key spaces replace */
#define SPACE(key_)	((uint32_t)((key_) >> 57) & 63u)
#define SPACE_DMA	2u	/* DRVMEM_ADDR_DMA */
#define HIGH		(1ull << 56)	/* a kernel address; a buffer that has none is known otherwise */
#define PAGE		4096u	/* the smallest */
#define MAX_LOOKS	256u	/* pages of an area that are looked at, evenly */

static int node_at(const struct drvmem_nodes *nodes, const struct drvmem_numa_reader *r, uint64_t va)
{
	uint64_t pa;

	return r->address(r->arg, va, &pa) ? drvmem_nodes__of_memory(nodes, pa) : DRVMEM_NUMA_NO_NODE;
}

/* Adjacent addresses, whose pages may be anywhere: an area, or a buffer behind an IOMMU. */
static void add_area(struct drvmem_numa *n, const struct drvmem_nodes *nodes, const struct drvmem_numa_reader *r,
		     const struct drvmem_object *o, uint64_t va, int cpu)
{
	uint64_t pages = ((uint64_t)o->asked + PAGE - 1) / PAGE;
	uint64_t step = pages / MAX_LOOKS + 1, i, left = o->asked, part;

	for (i = 0; i < pages; i += step) {
		part = step * PAGE < left ? step * PAGE : left;
		left -= part;
		drvmem_numa__add(n, o->site, node_at(nodes, r, va + i * PAGE), cpu, part);
	}
}

static void add_object(struct drvmem_numa *n, const struct drvmem_snapshot *s, const struct drvmem_nodes *nodes,
		       const struct drvmem_numa_reader *r, const struct drvmem_object *o)
{
	uint64_t key = ~o->inverted, pa;
	int cpu = o->cpu < DRVMEM_NODES_CPUS ? nodes->cpu[o->cpu] : DRVMEM_NUMA_NO_NODE, node = DRVMEM_NUMA_NO_NODE;

	switch (s->sites[o->site].allocator) {
	case DRVMEM_ALLOC_SLAB:
		/* a block of adjacent pages; of one that lies on two nodes no allocator knows */
		drvmem_numa__add(n, o->site, node_at(nodes, r, key), cpu, o->asked);
		break;
	case DRVMEM_ALLOC_PAGE:
		if (r->page(r->arg, key, &pa))
			node = drvmem_nodes__of_memory(nodes, pa);
		drvmem_numa__add(n, o->site, node, cpu, o->asked);
		break;
	case DRVMEM_ALLOC_VMALLOC:
		add_area(n, nodes, r, o, key, cpu);
		break;
	case DRVMEM_ALLOC_DMA:
		if (SPACE(key) == SPACE_DMA && (key & HIGH))
			add_area(n, nodes, r, o, key | KERNEL_TOP, cpu);
		else
			drvmem_numa__add(n, o->site, node, cpu, o->asked);
		break;
	default:
		break;
	}
}

int drvmem_numa__read(const struct drvmem_snapshot *s, const struct drvmem_nodes *nodes,
		      const struct drvmem_numa_reader *r, const char *sysfs, struct drvmem_numa **ret)
{
	struct drvmem_numa *n;
	uint32_t i;
	int e = drvmem_numa__new(nodes->nr, s->nr_sites, s->nr_instances, &n);

	if (e)
		return e;
	for (i = 0; i < nodes->nr; i++)
		n->free_bytes[i] = nodes->free_bytes[i];
	for (i = 0; i < s->nr_instances; i++)
		if (s->instances[i].type == DRVMEM_OWNER_MODULE && s->instances[i].used && !s->instances[i].unloaded)
			n->device_node[i] = drvmem_nodes__of_module(sysfs, s->instances[i].name);
	for (i = 0; i < s->nr_objects; i++)
		if (!(s->objects[i].flags & DRVMEM_F_RCU_PENDING))
			add_object(n, s, nodes, r, &s->objects[i]);
	*ret = n;
	return 0;
}
