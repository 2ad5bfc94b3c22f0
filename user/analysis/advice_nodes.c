// SPDX-License-Identifier: GPL-2.0-or-later
/* The rule on NUMA nodes: numa-remote. */
#include <stdio.h>

#include "analysis/advice_parts.h"

#define FAR_SHARE	0.9		/* of the bytes: what is spread over nodes is meant to be */
#define KNOWN_SHARE	0.9		/* of the bytes: else too little is known to judge */
#define FAR_BYTES	(256u << 10)

typedef unsigned long long ull;

/* The live bytes of a group. */
struct placed {
	uint64_t known, unknown;
	uint64_t on[DRVMEM_NUMA_NODES], by[DRVMEM_NUMA_NODES];
};

static void sum_nodes(const struct drvmem_numa *n, const struct drvmem_advice_group *g, struct placed *ret)
{
	uint32_t i, k;

	*ret = (struct placed){ 0 };
	for (i = 0; i < g->nr; i++) {
		if (g->site[i] >= n->nr_sites)
			continue;
		ret->known += n->site[g->site[i]].known;
		ret->unknown += n->site[g->site[i]].unknown;
		for (k = 0; k < n->nr_nodes; k++) {
			ret->on[k] += n->on[(size_t)g->site[i] * n->nr_nodes + k];
			ret->by[k] += n->by[(size_t)g->site[i] * n->nr_nodes + k];
		}
	}
}

static bool is_most(uint64_t part, uint64_t all)
{
	return (double)part >= FAR_SHARE * (double)all;
}

static uint32_t highest(const uint64_t *v, uint32_t n)
{
	uint32_t i, best = 0;

	for (i = 1; i < n; i++)
		if (v[i] > v[best])
			best = i;
	return best;
}

static const char *call_of(const struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g)
{
	switch (drvmem_advice_site(c, g->site[0])->allocator) {
	case DRVMEM_ALLOC_SLAB:
		return drvmem_advice_cache_of(c, g->site[0])->kind == DRVMEM_CLASS_CACHE ? "kmem_cache_alloc_node" :
		       "kmalloc_node";
	case DRVMEM_ALLOC_PAGE:
		return "alloc_pages_node";
	case DRVMEM_ALLOC_VMALLOC:
		return "vmalloc_node";
	default:
		return NULL;
	}
}

/* want: the node where it should be. device: that of the driver's devices; else of the CPUs that asked. */
static void far(struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, const struct placed *p, uint32_t want,
		bool device)
{
	const struct drvmem_u64 *room = &c->in->numa->free_bytes[want];
	struct drvmem_advice_finding *f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
	uint32_t most = highest(p->on, c->in->numa->nr_nodes);
	uint64_t away = p->known - p->on[want];
	const char *call = call_of(c, g);

	if (!f)
		return;
	f->held_now = p->known + p->unknown;
	f->severity = drvmem_advice_severity(away) == DRVMEM_LEVEL_HIGH ? DRVMEM_LEVEL_MEDIUM : DRVMEM_LEVEL_LOW;
	drvmem_advice_judge(c, f, g->live);
	drvmem_advice_doubt(f, "who uses the memory is not seen");
	if (room->st == DRVMEM_OK && room->v < away)
		drvmem_advice_doubt(f, "that node has less free memory");
	drvmem_advice_value(f, "live_bytes", DRVMEM_ADVICE_BYTES, (double)(p->known + p->unknown));
	drvmem_advice_value(f, "far_bytes", DRVMEM_ADVICE_BYTES, (double)away);
	drvmem_advice_value(f, "bytes_of_unknown_node", DRVMEM_ADVICE_BYTES, (double)p->unknown);
	drvmem_advice_value(f, "memory_node", DRVMEM_ADVICE_COUNT, most);
	drvmem_advice_value(f, device ? "device_node" : "cpu_node", DRVMEM_ADVICE_COUNT, want);
	if (room->st == DRVMEM_OK)
		drvmem_advice_value(f, "free_there", DRVMEM_ADVICE_BYTES, (double)room->v);
	drvmem_advice_threshold(f, "min_far", DRVMEM_ADVICE_PERCENT, FAR_SHARE * 100);
	drvmem_advice_threshold(f, "min_live_bytes", DRVMEM_ADVICE_BYTES, FAR_BYTES);
	if (device)
		snprintf(f->why, sizeof(f->why), "%llu of %llu bytes are not on node %u, where the driver's devices are, most "
			 "of them on node %u", (ull)away, (ull)p->known, want, most);
	else
		snprintf(f->why, sizeof(f->why), "%llu of %llu bytes are on node %u, and CPUs of node %u asked for them",
			 (ull)p->on[most], (ull)p->known, most, want);
	if (!call)
		snprintf(f->action, sizeof(f->action), "set_dev_node() for the device that dma_alloc_coherent() gets: it takes "
			 "memory of its node");
	else if (device)
		snprintf(f->action, sizeof(f->action), "%s() with dev_to_node(dev), for what the device or its interrupts use", call);
	else
		snprintf(f->action, sizeof(f->action), "NUMA_NO_NODE, or numa_node_id(), as the node of %s()", call);
	snprintf(f->risk, sizeof(f->risk), "memory that is used from other nodes' CPUs more than from there is better near them; "
		 "a node may be out of memory while others are not");
}

void drvmem_advice_numa_remote(struct drvmem_advice_ctx *c)
{
	const struct drvmem_numa *n = c->in->numa;
	uint32_t i, owner, at, from;
	struct placed p;

	for (i = 0; i < c->nr_groups && !c->oom; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		sum_nodes(n, g, &p);
		if (p.known < FAR_BYTES || (double)p.known < KNOWN_SHARE * (double)(p.known + p.unknown))
			continue;
		owner = drvmem_advice_site(c, g->site[0])->owner;
		if (owner < n->nr_owners && n->device_node[owner] >= 0 && (uint32_t)n->device_node[owner] < n->nr_nodes) {
			at = (uint32_t)n->device_node[owner];
			if (p.known - p.on[at] >= FAR_BYTES && is_most(p.known - p.on[at], p.known))
				far(c, g, &p, at, true);
			continue;
		}
		at = highest(p.on, n->nr_nodes);
		from = highest(p.by, n->nr_nodes);
		/* memory for each node lies on all of them; and the CPUs that asked are those of one */
		if (at != from && p.on[at] >= FAR_BYTES && is_most(p.on[at], p.known) && is_most(p.by[from], p.known))
			far(c, g, &p, from, false);
	}
}
