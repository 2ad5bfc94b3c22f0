// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "common.h"
#include "report_out.h"
#include "reporting.h"
#include "view/profile.h"
#include "view/report.h"

#define DEFAULT_TOP		10

static const struct drvmem_opt options[] = {
	{ "by", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_reporting_opts, by), "WHAT",
	  "Rows of the table; json always holds owners, sites and stacks.", drvmem_by_names, 0, 0 },
	{ "sort", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_reporting_opts, sort), "KEY",
	  "Order of the rows, largest first.", drvmem_sort_names, 0, 0 },
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct drvmem_reporting_opts, top), "N",
	  "Rows of the table (default 10, 0 = all); the rest is summed. json holds all.", NULL,
	  0, 1000000 },
	{ "system", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_reporting_opts, system), NULL,
	  "Instead of owners: where all RAM is, adding up to MemTotal, fragmentation, faults, "
	  "pressure and whether a driver is its cause, commit.", NULL, 0, 0 },
	{ "baseline", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_reporting_opts, baseline), NULL,
	  "Also a table of what was there before tracing, by owner; json always holds it.", NULL, 0, 0 },
	{ "coverage", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_reporting_opts, coverage), NULL,
	  "Instead: what was traced beside what the kernel counts, and what explains the "
	  "difference; json always holds it. And pages beside the kernel's page_owner, where that is on.",
	  NULL, 0, 0 },
	{ "inside", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_reporting_opts, inside), NULL,
	  "Instead: what was allocated and freed inside and outside of the window, by site: of FILE that of "
	  "--window, else since the report before.", NULL, 0, 0 },
	{ "pools", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_reporting_opts, pools), NULL,
	  "Show pools instead of owners: kmem_caches, dma_pools, page_pools, mempools.", NULL, 0, 0 },
	{ "weigh", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_reporting_opts, weigh), "VALUE",
	  "-f folded: which value; -f pprof and -f speedscope hold all four.", drvmem_weigh_names, 0, 0 },
	{ "callers", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_reporting_opts, callers), "HOW",
	  "Profiles, where sampled stacks of a call site differ: only the callers that they have in "
	  "common, or its figures divided by samples.", drvmem_callers_names, 0, 0 },
	{ "redact", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_reporting_opts, redact), NULL,
	  "-f html: without the name of the host. Kernel addresses are in no page.", NULL, 0, 0 },
	DRVMEM_OPT_LINES(struct drvmem_reporting_opts, look),
	DRVMEM_OPT_FILTERS(struct drvmem_reporting_opts),
	DRVMEM_OPT_DURATION_ROW(struct drvmem_reporting_opts, "Trace so long (default 10s, 0 = until Ctrl-C)."),
	DRVMEM_OPT_OUTPUT_AS(struct drvmem_reporting_opts, drvmem_report_form_names,
			     "Form of the result; with json errors on stderr are JSON too."),
	DRVMEM_OPT_SAMPLING(struct drvmem_reporting_opts),
	DRVMEM_OPT_ALLOC(struct drvmem_reporting_opts),
	DRVMEM_OPT_SESSION(struct drvmem_reporting_opts),
	DRVMEM_OPT_REPLAY(struct drvmem_reporting_opts),
	{ "max-loss", 0, DRVMEM_OPT_U64, DRVMEM_OFF(struct drvmem_reporting_opts, max_loss_ppm), "PPM",
	  "End with status 4 when more than PPM of the events were lost.", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"drvmem report --duration 10", "who holds slab memory, from 10 seconds of tracing",
	"drvmem report -m e1000e --by site 5", "one driver by call site, every 5 seconds",
	"drvmem report --system --duration 10", "all of RAM by class, and what is unaccounted",
	"drvmem report run.drvmem --by site --debug-dir ~/mydrv", "file and line, also of another machine's session",
	"drvmem report -f json -o run.json -- modprobe dummy", "exactly the life of a command",
	"drvmem report -f pprof --stacks full -o run.pb.gz", "a profile with every caller, for pprof -http : run.pb.gz",
	NULL,
};

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_reporting_opts o = { .common = DRVMEM_COMMON_INIT, .top = DEFAULT_TOP };
	struct drvmem_reporting r = { .t = { &o.common, &o, drvmem_reporting__trace, .replays = true }, .o = &o };

	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_report = {
	.name = "report",
	.summary = "who in the kernel holds, takes and gives back memory, live",
	.usage = "[OPTIONS] [FILE | INTERVAL [COUNT]] [-- CMD...]",
	.description =
		"Traces the kernel's allocators and shows which owners (loaded modules, or components "
		"of the kernel) hold memory that was allocated since tracing began, how fast they "
		"take and give back, and what is wasted. Objects older than the session are not "
		"seen.\n\n"
		"LIVE is what the kernel was asked for; WASTE is what the objects hold beyond it; "
		"PEAK is the highest LIVE of one owner or site, never a sum. A '-' is a number "
		"that does not exist. When events were lost the totals are marked as lower bounds.\n\n"
		"FILE is a session that 'drvmem record' wrote: the same report of its last moment, of "
		"--at TIME, or of what changed in a --window. "
		"INTERVAL prints a report each so many seconds, COUNT times. After '--', a command "
		"is traced for exactly its life.",
	.opts = options,
	.examples = examples,
	.run = run,
};
