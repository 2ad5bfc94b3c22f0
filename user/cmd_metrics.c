// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>

#include "common.h"
#include "poolwatch.h"
#include "render/prom.h"
#include "session/session.h"
#include "sysrun.h"

#define DEFAULT_DURATION_NS	10000000000ull

#ifndef DRVMEM_REVISION
#define DRVMEM_REVISION ""
#endif

struct opts {
	struct drvmem_common common;
	const char *textfile;
	bool pools;
};

struct run {
	struct drvmem_tracing t;	/* first: trace() finds the rest by it */
	const struct opts *o;
	struct drvmem_out out;
	struct drvmem_poolwatch pools;
};

static const struct drvmem_opt options[] = {
	{ "textfile", 0, DRVMEM_OPT_STR, offsetof(struct opts, textfile), "FILE",
	  "Write the metrics to FILE, replaced as a whole; without it, to stdout.", NULL, 0, 0 },
	{ "pools", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, pools), NULL,
	  "Pools too: at most 40 series of each kind, the rest summed.", NULL, 0, 0 },
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
	const struct drvmem_prom_opts o = { .version = DRVMEM_VERSION,
					    .revision = DRVMEM_REVISION,
					    .libbpf = drvmem_session__libbpf_version() };
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
		e = drvmem_prom__snapshot(v, &o, r->out.f);
	drvmem_scope__free(v);
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
	return drvmem_sysrun__metrics(cur, &r->out, err);
}

static int trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
		 struct drvmem_err *err)
{
	struct run *r = (struct run *)t;
	const struct opts *o = r->o;
	struct drvmem_live_opts live;
	int e;

	drvmem_common__live(&o->common, "metrics", args, DEFAULT_DURATION_NS, &live);
	live.session.stacks = DRVMEM_STACKS_NONE;
	live.session.mempools = o->pools;
	live.with_objects = false;
	e = drvmem_common__no_intervals(&o->common, args, err);
	if (!e && o->pools)
		e = drvmem_poolwatch__start(&r->pools, err);
	if (!e)
		e = drvmem_common__trace(&o->common, &live, o->textfile, &r->out, on_snapshot, r,
					 ret_signal, err);
	drvmem_poolwatch__deinit(&r->pools);
	return e;
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT };
	struct run r = { .t = { &o.common, &o, trace, 0, false }, .o = &o };

	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_metrics = {
	.name = "metrics",
	.summary = "owner totals and losses as Prometheus text",
	.usage = "[OPTIONS] [-- CMD...]",
	.description =
		"Traces for a while and writes owner totals, histograms and losses in the Prometheus "
		"text format 0.0.4, without timestamps, for node_exporter's textfile collector. "
		"Counters begin with the run. At most 64 modules have series of their own, the rest "
		"is module=\"other\". A figure that does not exist has no sample.",
	.opts = options,
	.examples = examples,
	.run = run,
};
