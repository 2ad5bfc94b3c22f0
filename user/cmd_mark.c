// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>
#include <stdlib.h>

#include "base/units.h"
#include "common.h"
#include "marks.h"
#include "out.h"
#include "render/json.h"
#include "render/text.h"
#include "view/grid.h"

#define PID_LIMIT 4194304u	/* include/linux/threads.h: PID_MAX_LIMIT */

struct opts {
	struct drvmem_common common;
	uint64_t timeout_ns;
};

static const struct drvmem_opt options[] = {
	{ "timeout", 0, DRVMEM_OPT_DURATION, offsetof(struct opts, timeout_ns), "DUR",
	  "Wait so long for a session to begin (default 0: there must be one).", NULL, 0, 0 },
	DRVMEM_OPT_OUTPUT(struct opts),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem mark", "in a second terminal, or in the command that 'drvmem leaks --marks' runs",
	"drvmem mark 4711", "of several sessions that of process 4711",
	"drvmem leaks --marks & drvmem mark --timeout 10s", "right after the start of one",
	NULL,
};

static const struct drvmem_column columns[] = {
	{ "mark", "MARK", NULL, DRVMEM_UNIT_COUNT, false, 0 },
};

/* The process: as asked for, else the session that runs this command, else the only one. */
static int find_pid(const struct drvmem_args *args, pid_t *ret, struct drvmem_err *err)
{
	const char *text = args->nr_positional ? args->positional[0] : getenv(DRVMEM_SESSION_ENV);
	char *end;
	unsigned long n;

	*ret = 0;
	if (!args->command && (!text || !*text))
		return 0;
	n = text ? strtoul(text, &end, 10) : 0;
	if (args->nr_positional > 1 || args->command || *end || !n || n > PID_LIMIT) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "the number of one process is expected");
		drvmem_err__remedy(err, "usage: drvmem mark [PID]");
		return -EINVAL;
	}
	*ret = (pid_t)n;
	return 0;
}

static int show(const struct opts *o, uint32_t mark, struct drvmem_err *err)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, 1);
	struct drvmem_text_opts t;
	struct drvmem_out out;
	int e;

	if (!g)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__u64(g, "mark", mark, 0);
	e = drvmem_out__open(&out, o->common.output, err);
	if (!e) {
		drvmem_out__text_opts(&out, &t);
		if (o->common.format == DRVMEM_FORMAT_JSON)
			drvmem_json__grid(g, "marks", out.f);
		else
			drvmem_text__grid(g, &t, out.f);
		e = drvmem_out__close(&out, err);
	}
	drvmem_grid__free(g);
	return e;
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT };
	bool json = drvmem_wants_json(argc, argv);	/* parsing permutes argv */
	struct drvmem_err err = { 0 };
	struct drvmem_args args;
	uint32_t mark;
	pid_t pid;
	int e;

	e = drvmem_opt__parse(cmd, argc, argv, &o, &args, &err);
	if (!e && args.help)
		return drvmem_show_help(cmd);
	if (!e)
		e = find_pid(&args, &pid, &err);
	if (!e)
		e = drvmem_marks__send(pid, o.timeout_ns, &mark, &err);
	if (!e)
		e = show(&o, mark, &err);
	return e ? drvmem_fail(cmd, &err, json) : DRVMEM_EXIT_OK;
}

const struct drvmem_cmd drvmem_cmd_mark = {
	.name = "mark",
	.summary = "begins and ends the window that 'drvmem leaks --marks' judges",
	.usage = "[OPTIONS] [PID]",
	.description =
		"Sets the next mark in a running session and returns when it is set: what is "
		"allocated from then on is of the window (or, after the second mark, no more). "
		"Without PID the session whose command this is part of, else the only one.",
	.opts = options,
	.examples = examples,
	.run = run,
};
