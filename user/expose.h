/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of a moment as the documents that an exporter serves: both expositions, in parts by collector, the
 * profile and the report. Lives from one moment to the next. Command layer.
 */
#ifndef DRVMEM_EXPOSE_H
#define DRVMEM_EXPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "common.h"
#include "metering.h"
#include "model/series.h"
#include "poolwatch.h"
#include "webproc.h"

struct drvmem_expose_opts {
	bool no_pools, no_kernel;	/* --no-collector.* */
	bool profiles, api, ages, errors, nodes;
	uint64_t max_modules, max_caches, max_callsites;
	uint64_t judge_ns;		/* from one judgement of growth to the next; 0 = none */
};

struct drvmem_expose {
	const struct drvmem_expose_opts *o;
	const struct drvmem_common *common;
	struct drvmem_metering metering;
	struct drvmem_poolwatch pools;
	uint64_t pools_due_ns;
	uint64_t judge_due_ns;
	bool with_objects;		/* the snapshot that is taken has its objects */
	struct drvmem_series series;	/* of the run */
	struct drvmem_metrics_leak *leaks;	/* of the last judgement */
};

DRVMEM_MUST_CHECK int drvmem_expose__init(struct drvmem_expose *x, const struct drvmem_expose_opts *o,
					  const struct drvmem_common *c, struct drvmem_err *err);
void drvmem_expose__deinit(struct drvmem_expose *x);
/* Renders the moment and hands it on. What of the machine cannot be read is left out, and told. -errno with err. */
DRVMEM_MUST_CHECK int drvmem_expose__snapshot(struct drvmem_expose *x, struct drvmem_webproc *w,
					      const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur,
					      struct drvmem_err *err);
/* Of a run with intervals, before each: is its list of objects wanted? */
bool drvmem_expose__wants_objects(struct drvmem_expose *x);
/* How much of the machine can be read now: more is better. For the try of lower rights. */
uint32_t drvmem_expose__readable(const struct drvmem_expose *x);

#endif /* DRVMEM_EXPOSE_H */
