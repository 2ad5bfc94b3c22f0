// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>
#include <string.h>

#include "common.h"
#include "diffing.h"
#include "replay.h"

#define DEFAULT_DURATION_NS	10000000000ull

struct opts {
	struct drvmem_common common;
	struct drvmem_diffing_opts d;
	uint64_t top, percent;
};

struct diff {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	struct opts *o;
	struct drvmem_snapshot *a;
	struct drvmem_out out;
};

static const struct drvmem_opt options[] = {
	{ "by", 0, DRVMEM_OPT_CHOICE, offsetof(struct opts, d.diffed.by), "WHAT", "What is compared.",
	  drvmem_compare_by_names, 0, 0 },
	{ "tolerance", 0, DRVMEM_OPT_SIZE, offsetof(struct opts, d.diffed.tolerance_bytes), "SIZE",
	  "Growth up to SIZE is no finding (default 0).", NULL, 0, 0 },
	{ "tolerance-percent", 0, DRVMEM_OPT_U64, offsetof(struct opts, percent), "PCT",
	  "Nor is growth up to PCT percent of what A has (default 0); a finding is beyond both.", NULL, 0, 1000000 },
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct opts, top), "N",
	  "Rows of text and csv (default 20, 0 = all); the rest is summed.", NULL, 0, 1000000 },
	{ "weigh", 0, DRVMEM_OPT_CHOICE, offsetof(struct opts, d.weigh), "VALUE", "-f folded: which value.",
	  drvmem_profile_value_names, 0, 0 },
	{ "callers", 0, DRVMEM_OPT_CHOICE, offsetof(struct opts, d.callers), "HOW",
	  "-f folded, where sampled stacks of a call site differ: only the callers that they have in common, or "
	  "its figures divided by samples.", drvmem_callers_names, 0, 0 },
	{ "redact", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, d.redact), NULL, "-f html: without the names of the hosts.", NULL, 0, 0 },
	DRVMEM_OPT_FILTER_NAMES(struct opts),
	DRVMEM_OPT_DURATION_ROW(struct opts, "Where B is 'live': trace so long (default 10s)."),
	DRVMEM_OPT_OUTPUT_AS(struct opts, drvmem_diff_form_names, "Form of the result; folded has two values a stack."),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem diff before.drvmem after.drvmem", "what the new driver holds more",
	"drvmem diff run.drvmem@+1m run.drvmem@+1h", "one session at two moments",
	"drvmem diff good.drvmem live --duration 1m", "a session against this machine, now",
	"drvmem diff a.drvmem b.drvmem --tolerance 64K --tolerance-percent 5", "in a CI job: status 1 if more grew",
	"drvmem diff a.drvmem b.drvmem -f folded | flamegraph.pl", "a flame graph of the difference",
	"drvmem diff a.drvmem b.drvmem -f html -o diff.html", "a page of it, with tables",
	NULL,
};

static int show(struct diff *d, const struct drvmem_snapshot *b, struct drvmem_err *err)
{
	int e = drvmem_diffing__show(d->a, b, &d->o->d, &d->out, err);

	d->t.found = e > 0;
	return e < 0 ? e : 0;
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur, bool last,
		       struct drvmem_err *err)
{
	(void)prev;
	(void)last;
	return show(arg, cur, err);
}

static int against_file(struct diff *d, const char *name, struct drvmem_err *err)
{
	struct drvmem_snapshot *b = NULL;
	int e = drvmem_replay__one(name, &b, err);

	if (!e)
		e = drvmem_out__open(&d->out, d->o->common.output, err);
	if (!e)
		e = show(d, b, err);
	if (!e)
		e = drvmem_out__close(&d->out, err);
	drvmem_out__discard(&d->out);
	drvmem_snapshot__free(b);
	return e;
}

static int trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal, struct drvmem_err *err)
{
	struct diff *d = (struct diff *)t;
	struct drvmem_live_opts live;
	int e;

	if (args->nr_positional != 2 || args->nr_command) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "two sessions are expected");
		drvmem_err__remedy(err, "usage: drvmem diff A B; A is FILE or FILE@TIME, B too, or 'live'");
		return -EINVAL;
	}
	d->o->d.top = (uint32_t)d->o->top;
	d->o->d.diffed.tolerance_percent = (double)d->o->percent;
	d->o->d.filter = drvmem_common__filter(&d->o->common);
	d->o->d.form = (enum drvmem_diff_form)d->o->common.format;
	e = drvmem_common__check(&d->o->common, err);
	if (!e)
		e = drvmem_diffing__check(&d->o->d, err);
	if (!e)
		e = drvmem_replay__one(args->positional[0], &d->a, err);
	if (e)
		return e;
	if (strcmp(args->positional[1], "live")) {
		e = against_file(d, args->positional[1], err);
	} else {
		drvmem_common__live(&d->o->common, "diff", args, DEFAULT_DURATION_NS, &live);
		e = drvmem_common__trace(&d->o->common, &live, d->o->common.output, &d->out, on_snapshot, d, ret_signal, err);
	}
	drvmem_snapshot__free(d->a);
	return e;
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT, .top = 20, .d.weigh = DRVMEM_PROFILE_INUSE_SPACE };
	struct diff d = { .t = { &o.common, &o, trace, 0, false }, .o = &o };

	return drvmem_tracing__run(cmd, argc, argv, &d.t);
}

const struct drvmem_cmd drvmem_cmd_diff = {
	.name = "diff",
	.summary = "what one session holds more than another, or than itself before",
	.usage = "[OPTIONS] A B",
	.description =
		"Compares what is live in B with what was in A: growth and shrink by owner, site or "
		"cache, with what is new and what is gone. A and B are FILE, FILE@TIME (times as of "
		"'drvmem report --at'), B may be 'live': this machine, traced now. Owners and sites "
		"go together by their names, so sessions of different boots and builds compare. "
		"The status is 1 when something grew beyond the tolerance.",
	.opts = options,
	.examples = examples,
	.run = run,
};
