// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>

#include "checking.h"
#include "common.h"
#include "out.h"
#include "render/json.h"
#include "render/text.h"
#include "view/grid.h"

struct opts {
	struct drvmem_common common;
};

static const struct drvmem_opt options[] = {
	DRVMEM_OPT_OUTPUT(struct opts),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem restore", "after 'drvmem verify --faults' was killed together with its guard",
	"drvmem restore -f json", "the same, for a program", NULL,
};

static const struct drvmem_column columns[] = {
	{ "name", "RESTORED", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "value", "TO", NULL, DRVMEM_UNIT_TEXT, false, 0 },
};

/* Nothing is left: no error, and n is 0. */
static int restore(struct drvmem_settings *s, struct drvmem_err *err)
{
	int e = drvmem_settings__init(s, drvmem_checking__root());

	if (!e)
		e = drvmem_settings__load(s, err);
	if (e == -ENOENT && !err->code)
		return 0;
	return e ? e : drvmem_settings__end(s, err);
}

static int build(const struct drvmem_settings *s, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, 2);
	uint32_t i;

	for (i = 0; g && i < s->n; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", s->v[i].name, 0);
		drvmem_grid__text(g, "value", s->v[i].old, 0);
	}
	if (!g || drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

static int show(const struct opts *o, const struct drvmem_args *args, struct drvmem_err *err)
{
	struct drvmem_settings s;
	struct drvmem_text_opts t;
	struct drvmem_grid *g = NULL;
	struct drvmem_out out;
	int e;

	e = drvmem_common__no_intervals(&o->common, args, err);
	if (!e)
		e = drvmem_out__open(&out, o->common.output, err);
	if (e)
		return e;
	e = restore(&s, err);
	if (!e && build(&s, &g))
		e = drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	if (e) {
		drvmem_out__discard(&out);
		return e;
	}
	drvmem_out__text_opts(&out, &t);
	if (o->common.format == DRVMEM_FORMAT_JSON)
		drvmem_json__grid(g, "restored", out.f);
	else if (s.n)
		drvmem_text__grid(g, &t, out.f);
	else
		fputs("drvmem restore: nothing is left to restore\n", stderr);
	drvmem_grid__free(g);
	return drvmem_out__close(&out, err);
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT };
	bool json = drvmem_wants_json(argc, argv);
	struct drvmem_err err = { 0 };
	struct drvmem_args args;
	int ret;

	ret = drvmem_opt__parse(cmd, argc, argv, &o, &args, &err);
	if (!ret && args.help)
		return drvmem_show_help(cmd);
	return ret || show(&o, &args, &err) ? drvmem_fail(cmd, &err, json) : DRVMEM_EXIT_OK;
}

const struct drvmem_cmd drvmem_cmd_restore = {
	.name = "restore",
	.summary = "put back settings of the kernel that a killed run left changed",
	.usage = "[OPTIONS]",
	.description =
		"'drvmem verify --faults' and '--kfence' change settings of the kernel, and restore them "
		"at their end. When drvmem is killed a guard process does; when that is killed too, this "
		"command does, from /run/drvmem/settings. It says what was restored; that nothing was "
		"to be is no error.",
	.opts = options,
	.examples = examples,
	.run = run,
};
