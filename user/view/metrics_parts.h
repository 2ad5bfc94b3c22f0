/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of view/metrics*.c have of each other. */
#ifndef DRVMEM_VIEW_METRICS_PARTS_H
#define DRVMEM_VIEW_METRICS_PARTS_H

#include "base/table.h"
#include "model/topn.h"
#include "view/metrics.h"

#define DRVMEM_METRICS_COUNTERS	(6u * DRVMEM_NR_USES + 2)	/* of a module, metrics_modules.c */

struct drvmem_metrics {
	struct drvmem_metrics_opts o;
	struct drvmem_topn *modules, *caches, *devices, *syncs, *callsites, *pools[DRVMEM_NR_POOL_KINDS];
	uint64_t own_walks;		/* of stacks, as last known: kernels' are told apart no more once ours is off */
	struct drvmem_table unload_of;	/* load_seq of an instance that went -> bytes outstanding then */
};

/* One call of drvmem_metrics__build(). */
struct drvmem_metrics_call {
	struct drvmem_metrics *m;
	const struct drvmem_metrics_input *in;
	struct drvmem_exposition *x;
	uint64_t now_ns;
	uint32_t folded_modules, folded_devices, folded_pools, folded_caches, folded_callsites;
	bool has_devices, has_pools;
};

/* Each: 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_metrics_modules(struct drvmem_metrics_call *c);
DRVMEM_MUST_CHECK int drvmem_metrics_callsites(struct drvmem_metrics_call *c);
DRVMEM_MUST_CHECK int drvmem_metrics_caches(struct drvmem_metrics_call *c);
DRVMEM_MUST_CHECK int drvmem_metrics_devices(struct drvmem_metrics_call *c);
DRVMEM_MUST_CHECK int drvmem_metrics_pools(struct drvmem_metrics_call *c);
void drvmem_metrics_machine(struct drvmem_metrics_call *c);
void drvmem_metrics_nodes(struct drvmem_metrics_call *c);
void drvmem_metrics_self(struct drvmem_metrics_call *c);
/* Histograms and events of all owners. */
void drvmem_metrics_totals(struct drvmem_metrics_call *c);

/* Owner's name as a label. */
static inline const char *drvmem_metrics_owner(const struct drvmem_scope *v, uint16_t owner)
{
	const char *name = v->s->instances[owner].name;

	return name && name[0] ? name : "?";
}

#endif /* DRVMEM_VIEW_METRICS_PARTS_H */
