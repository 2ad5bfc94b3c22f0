// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "diffrun.h"

static const struct drvmem_opt options[] = {
	{ "by", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_diffrun_opts, d.diffed.by), "WHAT", "What is compared.",
	  drvmem_compare_by_names, 0, 0 },
	{ "pools", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_diffrun_opts, pools), NULL,
	  "Instead: pools by what they hold: kmem_caches, dma_pools, page_pools, mempools.", NULL, 0, 0 },
	{ "tolerance", 0, DRVMEM_OPT_SIZE, offsetof(struct drvmem_diffrun_opts, d.diffed.tolerance_bytes), "SIZE",
	  "Growth up to SIZE is no finding (default 0).", NULL, 0, 0 },
	{ "tolerance-percent", 0, DRVMEM_OPT_U64, offsetof(struct drvmem_diffrun_opts, percent), "PCT",
	  "Nor is growth up to PCT percent of what A has (default 0); a finding is beyond both.", NULL, 0, 1000000 },
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct drvmem_diffrun_opts, top), "N",
	  "Rows of text and csv (default 20, 0 = all); the rest is summed.", NULL, 0, 1000000 },
	{ "weigh", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_diffrun_opts, d.weigh), "VALUE", "-f folded: which value.",
	  drvmem_profile_value_names, 0, 0 },
	{ "callers", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_diffrun_opts, d.callers), "HOW",
	  "-f folded, where sampled stacks of a call site differ: only the callers that they have in common, or "
	  "its figures divided by samples.", drvmem_callers_names, 0, 0 },
	{ "redact", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_diffrun_opts, d.redact), NULL, "-f html: without the names of the hosts.", NULL, 0, 0 },
	DRVMEM_OPT_LINES(struct drvmem_diffrun_opts, d.look),
	DRVMEM_OPT_FILTER_NAMES(struct drvmem_diffrun_opts),
	DRVMEM_OPT_DURATION_ROW(struct drvmem_diffrun_opts, "Where B is 'live': trace so long (default 10s)."),
	DRVMEM_OPT_OUTPUT_AS(struct drvmem_diffrun_opts, drvmem_diff_form_names, "Form of the result; folded has two values a stack, "
			     "pprof the difference."),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem diff before.drvmem after.drvmem", "what the new driver holds more",
	"drvmem diff run.drvmem@+1m run.drvmem@+1h", "one session at two moments",
	"drvmem diff run.drvmem@+1m..+2m run.drvmem@+1h..+61m", "two windows of it: growth in each",
	"drvmem diff good.drvmem live --duration 1m", "a session against this machine, now",
	"drvmem diff a.drvmem b.drvmem --tolerance 64K --tolerance-percent 5", "in a CI job: status 1 if more grew",
	"drvmem diff a.drvmem b.drvmem -f folded | flamegraph.pl", "a flame graph of the difference",
	"drvmem diff a.drvmem b.drvmem -f html -o diff.html", "a page of it, with tables",
	NULL,
};

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_diffrun_opts o = { .common = DRVMEM_COMMON_INIT, .top = 20, .d.weigh = DRVMEM_PROFILE_INUSE_SPACE };
	struct drvmem_diffrun d = { .t = { &o.common, &o, drvmem_diffrun__trace, 0, false }, .o = &o };

	return drvmem_tracing__run(cmd, argc, argv, &d.t);
}

const struct drvmem_cmd drvmem_cmd_diff = {
	.name = "diff",
	.summary = "what one session holds more than another, or than itself before",
	.usage = "[OPTIONS] A B",
	.description =
		"Compares what is live in B with what was in A: growth and shrink by owner, site, cache, "
		"stack or pool, with what is new and what is gone. A and B are FILE or FILE@TIME (times as "
		"of 'drvmem report --at'), or both are windows, FILE@TIME..TIME: what became more in them. B "
		"may be 'live': this machine, traced now. Owners and sites go together by their names, so "
		"sessions of different boots and builds compare. The status is 1 when a row grew beyond the "
		"tolerance; mappings, which are memory that is counted elsewhere, are told beside and never "
		"decide.",
	.opts = options,
	.examples = examples,
	.run = run,
};
