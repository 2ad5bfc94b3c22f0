// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "common.h"
#include "topping.h"

#define DEFAULT_TOP	20

static const struct drvmem_opt options[] = {
	{ "batch", 'b', DRVMEM_OPT_FLAG, offsetof(struct drvmem_topping_opts, batch), NULL,
	  "Print the table as text each interval, without a terminal's help.", NULL, 0, 0 },
	{ "count", 'n', DRVMEM_OPT_U64, offsetof(struct drvmem_topping_opts, count), "N",
	  "With --batch: so many tables, then end (default: until Ctrl-C).", NULL, 1, UINT64_C(1) << 32 },
	{ "tab", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_topping_opts, tab), "WHAT",
	  "What is shown first, and by --batch.", drvmem_top_tab_names, 0, 0 },
	{ "sort", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_topping_opts, sort), "KEY",
	  "Order of the rows, largest first; growth is that of the last minute.", drvmem_sort_names, 0, 0 },
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct drvmem_topping_opts, top), "N",
	  "With --batch: rows of the table (default 20, 0 = all).", NULL, 0, 1000000 },
	DRVMEM_OPT_REPLAY(struct drvmem_topping_opts),
	DRVMEM_OPT_FILTERS(struct drvmem_topping_opts),
	{ "format", 'f', DRVMEM_OPT_CHOICE, DRVMEM_OFF(struct drvmem_topping_opts, format), "FORM",
	  "With --batch: form of what is printed; json is that of report.", drvmem_format_names, 0, 0 },
	{ "output", 'o', DRVMEM_OPT_STR, DRVMEM_OFF(struct drvmem_topping_opts, output), "FILE",
	  "With --batch: write to FILE, which appears whole at the end.", NULL, 0, 0 },
	{ "sample", 0, DRVMEM_OPT_SIZE, DRVMEM_OFF(struct drvmem_topping_opts, sample_bytes), "BYTES",
	  "Sample: one point in BYTES of what is allocated (1K to 64M, e.g. 512K); figures become "
	  "estimates.", NULL, 0, 0 },
	DRVMEM_OPT_ALLOC(struct drvmem_topping_opts),
	DRVMEM_OPT_SESSION(struct drvmem_topping_opts),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem top", "owners of kernel memory, live; ? lists the keys",
	"drvmem top -m 'e1000*' --sort growth 1", "some drivers, what grew in a minute first",
	"drvmem top --batch -n 3 5 | tee top.txt", "three tables, one every 5 seconds",
	NULL,
};

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_topping_opts o = { .common = DRVMEM_COMMON_INIT, .top = DEFAULT_TOP };
	struct drvmem_topping r = { .t = { &o.common, &o, drvmem_topping__trace, .replays = true }, .o = &o };

	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_top = {
	.name = "top",
	.summary = "the same in a live view: sort, filter, drill down, marks",
	.usage = "[OPTIONS] [INTERVAL [COUNT] | FILE]",
	.description =
		"Traces, and shows on the whole terminal where all RAM is and who in the kernel "
		"holds memory allocated since tracing began; every 2 seconds, or INTERVAL. Tabs: "
		"modules, call sites, pools, devices, leaks, timeline, health. The cursor stays "
		"on its row while rows change places; Enter goes into a row, Esc back, q ends.\n\n"
		"Keys are those of htop; ? or F1 lists them. m sets a mark: a column then shows "
		"what changed since. p pauses the view, not the tracing. R writes an HTML report, S "
		"all that is known as JSON, in the present directory. VERDICT says what memory does; "
		"Enter tells why.\n\n"
		"FILE is what 'drvmem record' wrote: its last moment is shown, or that of --at; the "
		"keys , and . go to the one before and behind, [ and ] to its marks.\n\n"
		"Needs a terminal; elsewhere, as in a pipe, use --batch. NO_COLOR and LANG=C are "
		"respected. Nothing is shown by colour alone.",
	.opts = options,
	.examples = examples,
	.run = run,
};
