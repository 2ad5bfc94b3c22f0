// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "common.h"
#include "marks.h"
#include "marks_shared.h"
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
	"drvmem mark 'after the patch'", "in a session that 'drvmem record' writes, with a name",
	"drvmem leaks --marks & drvmem mark --timeout 10s", "right after the start of one",
	NULL,
};

static const struct drvmem_column columns[] = {
	{ "mark", "MARK", NULL, DRVMEM_UNIT_COUNT, false, 0 },
};

struct asked {
	pid_t pid;		/* 0 = the only session */
	const char *text;	/* NULL = none */
};

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* The process: as asked for, else the session that runs this command, else the only one. */
static int read_args(const struct drvmem_args *args, struct asked *ret, struct drvmem_err *err)
{
	int texts = args->nr_positional && is_number(args->positional[0]) ? 1 : 0;
	const char *pid = texts ? args->positional[0] : getenv(DRVMEM_SESSION_ENV);
	unsigned long n = pid && is_number(pid) ? strtoul(pid, NULL, 10) : 0;

	*ret = (struct asked){ 0 };
	if (args->nr_positional - texts > 1 || args->command || n > PID_LIMIT || (texts && !n)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "the number of one process and one text are expected at most");
		drvmem_err__remedy(err, "usage: drvmem mark [PID] [TEXT]; quote a text of several words");
		return -EINVAL;
	}
	ret->pid = (pid_t)n;
	ret->text = args->nr_positional > texts ? args->positional[texts] : NULL;
	if (ret->text && (!*ret->text || strlen(ret->text) >= DRVMEM_MARK_TEXT)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "the text of a mark has 1 to %u bytes", DRVMEM_MARK_TEXT - 1);
		return -EINVAL;
	}
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
	struct asked a;
	uint32_t mark;
	int e;

	e = drvmem_opt__parse(cmd, argc, argv, &o, &args, &err);
	if (!e && args.help)
		return drvmem_show_help(cmd);
	if (!e)
		e = read_args(&args, &a, &err);
	if (!e)
		e = drvmem_marks__send(a.pid, a.text, o.timeout_ns, &mark, &err);
	if (!e)
		e = show(&o, mark, &err);
	return e ? drvmem_fail(cmd, &err, json) : DRVMEM_EXIT_OK;
}

const struct drvmem_cmd drvmem_cmd_mark = {
	.name = "mark",
	.summary = "marks a moment of a running session",
	.usage = "[OPTIONS] [PID] [TEXT]",
	.description =
		"Sets the next mark in a running session and returns when it is set. Of 'drvmem leaks "
		"--marks' the first begins and the second ends the window that is judged; 'drvmem "
		"record' keeps every one, with its TEXT. Without PID the session whose command this "
		"is part of, else the only one.",
	.opts = options,
	.examples = examples,
	.run = run,
};
