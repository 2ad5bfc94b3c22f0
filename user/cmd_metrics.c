// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>

#include "common.h"
#include "metering.h"
#include "poolwatch.h"
#include "render/prom.h"

#define DEFAULT_DURATION_NS	10000000000ull

struct opts {
	struct drvmem_common common;
	const char *textfile;
	uint64_t max_modules, max_caches, max_callsites;
	int form;
	bool pools, ages, errors, nodes;
};

struct run {
	struct drvmem_tracing t;	/* first: trace() finds the rest by it */
	const struct opts *o;
	struct drvmem_out out;
	struct drvmem_poolwatch pools;
	struct drvmem_metering metering;
};

static const char *const forms[] = { "prometheus", "openmetrics", NULL };

static const struct drvmem_opt options[] = {
	{ "textfile", 0, DRVMEM_OPT_STR, offsetof(struct opts, textfile), "FILE",
	  "Write the metrics to FILE, replaced as a whole; without it, to stdout.", NULL, 0, 0 },
	{ "pools", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, pools), NULL,
	  "Pools too: at most 40 series of each kind, the rest summed.", NULL, 0, 0 },
	{ "exposition", 0, DRVMEM_OPT_CHOICE, offsetof(struct opts, form), "FORM",
	  "Form of the metrics: Prometheus text 0.0.4, or OpenMetrics 1.0.", forms, 0, 0 },
	{ "metrics.max-modules", 0, DRVMEM_OPT_U64, offsetof(struct opts, max_modules), "N",
	  "Modules with series of their own (default 64); the rest is module=\"other\".", NULL, 0, 4096 },
	{ "metrics.max-caches", 0, DRVMEM_OPT_U64, offsetof(struct opts, max_caches), "N",
	  "Slab caches with series of their own (default 40).", NULL, 0, 4096 },
	{ "metrics.max-callsites", 0, DRVMEM_OPT_U64, offsetof(struct opts, max_callsites), "N",
	  "Call sites too, so many of them (default 0: none).", NULL, 0, 4096 },
	{ "metrics.ages", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, ages), NULL,
	  "Live bytes of modules by age too.", NULL, 0, 0 },
	{ "metrics.nodes", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, nodes), NULL,
	  "Live bytes by NUMA node too, on machines with several.", NULL, 0, 0 },
	{ "metrics.errors", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, errors), NULL,
	  "With --sample: the 95 % error of all figures, not of live bytes alone.", NULL, 0, 0 },
	DRVMEM_OPT_DURATION_ROW(struct opts, "Trace so long (default 10s, 0 = until Ctrl-C)."),
	{ "format", 'f', DRVMEM_OPT_CHOICE, DRVMEM_OFF(struct opts, format), "FORM",
	  "Form of errors on stderr.", drvmem_format_names, 0, 0 },
	DRVMEM_OPT_SAMPLING(struct opts),
	DRVMEM_OPT_SESSION(struct opts),
	{ "max-loss", 0, DRVMEM_OPT_U64, DRVMEM_OFF(struct opts, max_loss_ppm), "PPM",
	  "End with status 4 when more than PPM of the events were lost.", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"drvmem metrics --textfile /var/lib/prometheus/node-exporter/drvmem.prom",
	"for the textfile collector",
	"drvmem metrics --duration 1m", "on the terminal",
	"drvmem metrics --duration 5 | promtool check metrics", "checked",
	NULL,
};

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev,
		       const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err)
{
	struct drvmem_exposition *x;
	struct drvmem_scope *v;
	struct run *r = arg;
	int e;

	e = drvmem_common__scope(&r->o->common, prev, cur, last, &v, err);
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	if (r->o->pools)
		e = drvmem_poolwatch__show(&r->pools, &r->o->common, last, v, err);
	if (!e)
		e = drvmem_metering__expose(&r->metering, v, &x, err);
	if (!e) {
		drvmem_prom__render(x, (enum drvmem_prom_format)r->o->form, r->out.f);
		drvmem_exposition__free(x);
	}
	drvmem_scope__free(v);
	return e;
}

static int trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
		 struct drvmem_err *err)
{
	struct run *r = (struct run *)t;
	const struct opts *o = r->o;
	const struct drvmem_metrics_opts m = { (uint32_t)o->max_modules, (uint32_t)o->max_caches,
					       (uint32_t)o->max_callsites, o->ages, o->errors };
	struct drvmem_live_opts live;
	int e;

	drvmem_common__live(&o->common, "metrics", args, DEFAULT_DURATION_NS, &live);
	live.session.stacks = DRVMEM_STACKS_NONE;
	live.session.mempools = o->pools;
	live.with_objects = o->ages || o->nodes;
	live.started = drvmem_metering__started;
	live.started_arg = &r->metering;
	e = drvmem_common__no_intervals(&o->common, args, err);
	if (!e)
		e = drvmem_metering__init(&r->metering, &m, err);
	r->metering.nodes = o->nodes;
	if (!e && o->pools)
		e = drvmem_poolwatch__start(&r->pools, err);
	if (!e)
		e = drvmem_common__trace(&o->common, &live, o->textfile, &r->out, on_snapshot, r,
					 ret_signal, err);
	drvmem_metering__deinit(&r->metering);
	drvmem_poolwatch__deinit(&r->pools);
	return e;
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT, .max_modules = DRVMEM_METRICS_MODULES,
			  .max_caches = DRVMEM_METRICS_CACHES };
	struct run r = { .t = { &o.common, &o, trace, 0, false }, .o = &o };

	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_metrics = {
	.name = "metrics",
	.summary = "owner totals and losses as Prometheus text",
	.usage = "[OPTIONS] [-- CMD...]",
	.description =
		"Traces for a while and writes what owners hold, the kernel's memory by class, caches, "
		"devices, histograms and losses as metrics without timestamps, for node_exporter's "
		"textfile collector. Counters begin with the run. At most 64 modules have series of "
		"their own, the rest is module=\"other\". A figure that does not exist has no sample.",
	.opts = options,
	.examples = examples,
	.run = run,
};
