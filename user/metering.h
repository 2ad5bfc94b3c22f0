/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A running session as metrics: what `drvmem metrics` writes and an exporter serves. Reads, beside the
 * snapshot, the machine, its modules and this process; lives as long as the session, so that counters
 * never go down and series do not flap. Command layer.
 */
#ifndef DRVMEM_METERING_H
#define DRVMEM_METERING_H

#include "base/err.h"
#include "view/metrics.h"

struct drvmem_trace;

struct drvmem_metering {
	struct drvmem_metrics *metrics;
	struct drvmem_trace *trace;	/* of the session; NULL = none, its own figures are missing */
	bool nodes;			/* by NUMA node too: looks where each object lies */
	/* what somebody judged last; not owned */
	const struct drvmem_metrics_leak *leaks;
	uint32_t nr_leaks;
	struct drvmem_u64 judged_unix;
};

/* Of the options: view/metrics.h. 0 or -ENOMEM with err filled. */
DRVMEM_MUST_CHECK int drvmem_metering__init(struct drvmem_metering *m, const struct drvmem_metrics_opts *o,
					    struct drvmem_err *err);
void drvmem_metering__deinit(struct drvmem_metering *m);
/* For drvmem_live_opts.started; arg is a struct drvmem_metering. */
void drvmem_metering__started(void *arg, struct drvmem_trace *t);
/*
 * Of this moment, for drvmem_prom__render(); drvmem_exposition__free() it. No leak scan, no look-up of
 * symbols. 0 or -ENOMEM with err filled.
 */
DRVMEM_MUST_CHECK int drvmem_metering__expose(struct drvmem_metering *m, struct drvmem_scope *v,
					      struct drvmem_exposition **ret, struct drvmem_err *err);

#endif /* DRVMEM_METERING_H */
