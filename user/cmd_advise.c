// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "advising.h"
#include "analysis/bufsize.h"
#include "analysis/simulate.h"

#define RULE(field)	offsetof(struct drvmem_advising_opts, rules) + offsetof(struct drvmem_advice_opts, field)
#define SIM(field)	offsetof(struct drvmem_advising_opts, sim) + offsetof(struct drvmem_simulating_opts, field)

static const char *const forms[] = { "text", "json", "html", "distribution", NULL };
static const char *const levels[] = { "never", "low", "medium", "high", NULL };

static const struct drvmem_opt options[] = {
	DRVMEM_OPT_DURATION_ROW(struct drvmem_advising_opts, "Trace so long (default 30s, 0 = until Ctrl-C)."),
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct drvmem_advising_opts, top), "N",
	  "Findings shown as text (default 20, 0 = all). Other forms hold all.", NULL, 0, 1000000 },
	{ "kernel", 0, DRVMEM_OPT_FLAG, RULE(kernel), NULL,
	  "Judge the kernel's own call sites too, not only those of modules.", NULL, 0, 0 },
	DRVMEM_OPT_LINES(struct drvmem_advising_opts, look),
	DRVMEM_OPT_FILTERS(struct drvmem_advising_opts),
	DRVMEM_OPT_OUTPUT_AS(struct drvmem_advising_opts, forms, "Form of the result; with json errors on stderr are JSON too."),
	{ "fail-on", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_advising_opts, fail_on), "LEVEL",
	  "Status 1 when a finding is as severe (default never).", levels, 0, 0 },
	{ "min-saving", 0, DRVMEM_OPT_SIZE, RULE(min_saving), "BYTES",
	  "Say nothing that saves less at the peak (default 64K: what the CPUs' slabs of a new cache take).", NULL, 0, 0 },
	{ "min-saving-percent", 0, DRVMEM_OPT_U64, RULE(min_saving_percent), "N",
	  "... or less of what is held (default 10).", NULL, 0, 100 },
	{ "min-objects", 0, DRVMEM_OPT_U64, RULE(min_objects), "N",
	  "Objects of a size below which nothing is said of it (default 64).", NULL, 1, 1000000000 },
	{ "min-rate", 0, DRVMEM_OPT_U64, RULE(min_rate), "N",
	  "kmallocs of a site in a second from which keeping them is worth it (default 10000, a thousandth of a CPU); "
	  "pages a fifth, DMA mappings and percpu memory a tenth, areas and DMA buffers a hundredth of it.", NULL, 1, 1000000000 },
	{ "pair-percent", 0, DRVMEM_OPT_U64, RULE(pair_percent), "N",
	  "How many of 100 times two sites must come together to be one structure (default 90).", NULL, 1, 100 },
	{ "max-sizes", 0, DRVMEM_OPT_U64, RULE(max_sizes), "N",
	  "Fixed buffer sizes at most (default 4).", NULL, 1, DRVMEM_BUFSIZE_MAX },
	{ "large", 0, DRVMEM_OPT_SIZE, RULE(large_bytes), "BYTES",
	  "From here on a block of adjacent pages is large (default 128K).", NULL, 0, 0 },
	{ "init-bytes", 0, DRVMEM_OPT_SIZE, RULE(init_bytes), "BYTES",
	  "From here on what a driver takes when it starts is much (default 4M).", NULL, 0, 0 },
	{ "min-time", 0, DRVMEM_OPT_DURATION, RULE(min_time_ns), "DUR",
	  "A shorter session is not judged (default 5s).", NULL, 0, 0 },
	{ "simulate", 0, DRVMEM_OPT_STR, SIM(file), "FILE",
	  "Trace nothing: replay a distribution that -f distribution wrote, as it is and as proposed by the next four.",
	  NULL, 0, 0 },
	{ "sizes", 0, DRVMEM_OPT_LIST, SIM(sizes), "LIST",
	  "Simulate a cache of its own for each size, e.g. 136,544,2K, instead of kmalloc.", NULL, 0, 0 },
	{ "depth", 0, DRVMEM_OPT_U64, SIM(depth), "N",
	  "Simulate a list of N free objects in front of each of these caches.", NULL, 1, DRVMEM_SIMULATE_DEPTH },
	{ "limit", 0, DRVMEM_OPT_U64, SIM(limit), "N",
	  "Simulate that the allocator gives N objects at once; what is beyond fails.", NULL, 1, 1000000000 },
	{ "reserve", 0, DRVMEM_OPT_U64, SIM(reserve), "N",
	  "Simulate a mempool: N objects of each cache beside --limit, for when the allocator fails.", NULL, 1,
	  DRVMEM_SIMULATE_DEPTH },
	{ "seed", 0, DRVMEM_OPT_U64, SIM(seed), "N", "Of the simulation's random numbers (default 1).", NULL, 0, 0 },
	DRVMEM_OPT_REPLAY(struct drvmem_advising_opts),
	DRVMEM_OPT_SESSION(struct drvmem_advising_opts),
	{ "max-loss", 0, DRVMEM_OPT_U64, DRVMEM_OFF(struct drvmem_advising_opts, max_loss_ppm), "PPM",
	  "End with status 4 when more than PPM of the events were lost.", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"drvmem advise --duration 2m", "what all drivers could do better",
	"drvmem advise -m mydrv -- ./load.sh", "one driver, under a load of your own",
	"drvmem advise -m mydrv -f html -o advice.html", "a page to send around",
	"drvmem advise -m kernel:net --min-saving 1M", "the kernel's own network code",
	"drvmem advise -m mydrv -f distribution -o mydrv.dist", "sizes and lifetimes, to be replayed",
	"drvmem advise --simulate mydrv.dist --site mydrv_rx --sizes 136,544 --depth 64", "what caches of these sizes would bring",
	NULL,
};

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_advising_opts o = { .common = DRVMEM_COMMON_INIT, .rules = drvmem_advice_defaults,
					  .sim = DRVMEM_SIMULATING_INIT, .top = 20 };
	struct drvmem_advising r = { .t = { &o.common, &o, drvmem_advising__trace, .replays = true }, .o = &o };

	int ret = drvmem_tracing__run(cmd, argc, argv, &r.t);

	drvmem_strlist__deinit(&o.sim.sizes);
	return ret;
}

const struct drvmem_cmd drvmem_cmd_advise = {
	.name = "advise",
	.summary = "what to change in a driver: cache, buffer, pool and DMA sizes",
	.usage = "[OPTIONS] [FILE | -- CMD...]",
	.description =
		"Traces every allocation, and says what a driver could do better: sizes that fit badly, pools and "
		"reserves of the wrong size, memory that is given back only to be taken again, blocks that are too "
		"large. Each finding has what was measured, what the change would bring by the kernel's own "
		"arithmetic, how sure that is, the call to use and its risk. Nothing is changed. 'No change needed' is "
		"a result too. A session of less than --min-time is not judged (status 4). FILE is a session of "
		"'drvmem record --advise': it is judged as a live one.\n\n"
		"--simulate replays what '-f distribution' recorded, objects of these sizes that come and live as "
		"long, against slabs as they are and as proposed, and prints bytes held, waste, slabs taken and "
		"failures of both. It needs no rights.",
	.opts = options,
	.examples = examples,
	.run = run,
};
