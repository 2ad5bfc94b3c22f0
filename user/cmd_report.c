// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "common.h"
#include "render/coverage.h"
#include "render/json.h"
#include "render/text.h"
#include "view/report.h"

#define DEFAULT_DURATION_NS	10000000000ull
#define DEFAULT_TOP		10

struct opts {
	struct drvmem_common common;
	int by, sort;
	uint64_t top;
	bool coverage;
};

struct run {
	struct drvmem_tracing t;	/* first: trace() finds the rest by it */
	const struct opts *o;
	struct drvmem_out out;
	bool again;		/* not the first report of this run */
};

static const struct drvmem_opt options[] = {
	{ "by", 0, DRVMEM_OPT_CHOICE, offsetof(struct opts, by), "WHAT",
	  "Rows of the table; json always holds owners, sites and stacks.", drvmem_by_names, 0, 0 },
	{ "sort", 0, DRVMEM_OPT_CHOICE, offsetof(struct opts, sort), "KEY",
	  "Order of the rows, largest first.", drvmem_sort_names, 0, 0 },
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct opts, top), "N",
	  "Rows of the table (default 10, 0 = all); the rest is summed. json holds all.", NULL,
	  0, 1000000 },
	{ "coverage", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, coverage), NULL,
	  "Instead: what was traced beside what the kernel counts, and what explains the "
	  "difference; json always holds it.", NULL, 0, 0 },
	DRVMEM_OPT_FILTERS(struct opts),
	DRVMEM_OPT_DURATION_ROW(struct opts, "Trace so long (default 10s, 0 = until Ctrl-C)."),
	DRVMEM_OPT_OUTPUT(struct opts),
	DRVMEM_OPT_SAMPLING(struct opts),
	DRVMEM_OPT_SESSION(struct opts),
	{ "max-loss", 0, DRVMEM_OPT_U64, DRVMEM_OFF(struct opts, max_loss_ppm), "PPM",
	  "End with status 4 when more than PPM of the events were lost.", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"drvmem report --duration 10", "who holds slab memory, from 10 seconds of tracing",
	"drvmem report -m e1000e --by site 5", "one driver by call site, every 5 seconds",
	"drvmem report -f json -o run.json -- modprobe dummy", "exactly the life of a command",
	NULL,
};

static int render_text(struct run *r, struct drvmem_scope *v)
{
	struct drvmem_report_opts o = { (enum drvmem_by)r->o->by, (enum drvmem_sort)r->o->sort,
					(uint32_t)r->o->top };
	struct drvmem_text_opts t;
	struct drvmem_grid *g;
	int e;

	drvmem_out__text_opts(&r->out, &t);
	if (r->o->coverage) {
		drvmem_text__header(v, &t, r->again, r->out.f);
		r->again = true;
		return drvmem_text__coverage(v->coverage, o.top, &t, r->out.f);
	}
	e = drvmem_report__build(v, &o, &g);
	if (e)
		return e;
	drvmem_text__header(v, &t, r->again, r->out.f);
	drvmem_text__grid(g, &t, r->out.f);
	drvmem_grid__free(g);
	r->again = true;
	return 0;
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev,
		       const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err)
{
	struct run *r = arg;
	struct drvmem_scope *v;
	int e;

	e = drvmem_common__scope(&r->o->common, prev, cur, last, &v, err);
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	if (r->o->common.format == DRVMEM_FORMAT_JSON)
		e = drvmem_json__report(v, r->out.f);
	else
		e = render_text(r, v);
	drvmem_scope__free(v);
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
	return drvmem_out__flush(&r->out, err);
}

static int trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
		 struct drvmem_err *err)
{
	struct run *r = (struct run *)t;
	const struct opts *o = r->o;
	struct drvmem_live_opts live;
	int e;

	drvmem_common__live(&o->common, "report", args, DEFAULT_DURATION_NS, &live);
	live.midway = true;
	e = drvmem_common__intervals(&o->common, args, &live, err);
	if (e)
		return e;
	return drvmem_common__trace(&o->common, &live, o->common.output, &r->out, on_snapshot, r, ret_signal,
				    err);
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT, .top = DEFAULT_TOP };
	struct run r = { .t = { &o.common, &o, trace, 0, false }, .o = &o };

	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_report = {
	.name = "report",
	.summary = "who holds, takes and gives back slab memory, by live tracing",
	.usage = "[OPTIONS] [INTERVAL [COUNT]] [-- CMD...]",
	.description =
		"Traces the slab allocators and shows which owners (loaded modules, or components "
		"of the kernel) hold memory that was allocated since tracing began, how fast they "
		"take and give back, and what is wasted. Objects older than the session are not "
		"seen.\n\n"
		"LIVE is what the kernel was asked for; WASTE is what the objects hold beyond it; "
		"PEAK is the highest LIVE of one owner or site, never a sum. A '-' is a number "
		"that does not exist. When events were lost the totals are marked as lower bounds.\n\n"
		"INTERVAL prints a report each so many seconds, COUNT times. After '--', a command "
		"is traced for exactly its life.",
	.opts = options,
	.examples = examples,
	.run = run,
};
