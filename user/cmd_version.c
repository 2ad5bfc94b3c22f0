// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>
#include <sys/utsname.h>

#include "common.h"
#include "out.h"
#include "render/json.h"
#include "render/text.h"
#include "session/session.h"
#include "view/grid.h"

struct opts {
	struct drvmem_common common;
};

static const struct drvmem_opt options[] = {
	DRVMEM_OPT_OUTPUT(struct opts),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem version", "for a bug report",
	"drvmem version -f json", "for a program",
	NULL,
};

static const struct drvmem_column columns[] = {
	{ "name", "", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "version", "", NULL, DRVMEM_UNIT_TEXT, false, 0 },
};

static void add_version(struct drvmem_grid *g, const char *name, const char *version)
{
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", name, 0);
	drvmem_grid__text(g, "version", version, 0);
}

static int build(struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, 2);
	struct utsname u;
	bool known = !uname(&u);

	if (!g)
		return -ENOMEM;
	add_version(g, "drvmem", DRVMEM_VERSION);
	add_version(g, "libbpf", drvmem_session__libbpf_version());
	add_version(g, "kernel", known ? u.release : NULL);
	add_version(g, "machine", known ? u.machine : NULL);
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

static int show(const struct opts *o, const struct drvmem_args *args, struct drvmem_err *err)
{
	struct drvmem_text_opts t;
	struct drvmem_grid *g;
	struct drvmem_out out;
	int e;

	e = drvmem_common__no_intervals(&o->common, args, err);
	if (!e)
		e = drvmem_out__open(&out, o->common.output, err);
	if (e)
		return e;
	if (build(&g)) {
		drvmem_out__discard(&out);
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	}
	drvmem_out__text_opts(&out, &t);
	if (o->common.format == DRVMEM_FORMAT_JSON)
		drvmem_json__grid(g, "versions", out.f);
	else
		drvmem_text__grid(g, &t, out.f);
	drvmem_grid__free(g);
	return drvmem_out__close(&out, err);
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT };
	bool json = drvmem_wants_json(argc, argv);	/* parsing permutes argv */
	struct drvmem_err err = { 0 };
	struct drvmem_args args;
	int ret;

	ret = drvmem_opt__parse(cmd, argc, argv, &o, &args, &err);
	if (!ret && args.help)
		return drvmem_show_help(cmd);
	if (ret || show(&o, &args, &err))
		return drvmem_fail(cmd, &err, json);
	return DRVMEM_EXIT_OK;
}

const struct drvmem_cmd drvmem_cmd_version = {
	.name = "version",
	.summary = "versions of drvmem, libbpf and the kernel",
	.usage = "[OPTIONS]",
	.description = "Prints what a bug report needs to say first.",
	.opts = options,
	.examples = examples,
	.run = run,
};
