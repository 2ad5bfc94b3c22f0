// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common.h"
#include "manual.h"
#include "out.h"
#include "render/complete.h"
#include "render/man.h"

struct opts {
	struct drvmem_common common;
	const char *man;
	bool pages;
};

static const struct drvmem_opt options[] = {
	{ "man", 0, DRVMEM_OPT_STR, offsetof(struct opts, man), "PAGE",
	  "Instead: a page of the manual, such as drvmem-report.8.", NULL, 0, 0 },
	{ "pages", 0, DRVMEM_OPT_FLAG, offsetof(struct opts, pages), NULL,
	  "Instead: the names of the pages that --man has.", NULL, 0, 0 },
	{ "format", 'f', DRVMEM_OPT_CHOICE, DRVMEM_OFF(struct opts, format), "FORM",
	  "Form of errors on stderr.", drvmem_format_names, 0, 0 },
	{ "output", 'o', DRVMEM_OPT_STR, DRVMEM_OFF(struct opts, output), "FILE",
	  "Write the result to FILE, which appears whole or not at all.", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"source <(drvmem completion bash)", "for this bash",
	"drvmem completion fish -o ~/.config/fish/completions/drvmem.fish", "for one user's fish",
	"drvmem completion --man drvmem-report.8 | man -l -", "a page without installation",
	NULL,
};

typedef void script_fn(const struct drvmem_cmd *const *cmds, FILE *out);
static const struct {
	const char *name;
	script_fn *put;
} shells[] = {
	{ "bash", drvmem_complete__bash },
	{ "zsh", drvmem_complete__zsh },
	{ "fish", drvmem_complete__fish },
};

static int wrong(struct drvmem_err *err, const char *what, const char *remedy)
{
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s", what);
	drvmem_err__remedy(err, "%s", remedy);
	return -EINVAL;
}

static int put_script(const char *shell, FILE *out, struct drvmem_err *err)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (!strcmp(shells[i].name, shell)) {
			shells[i].put(drvmem_commands, out);
			return 0;
		}
	}
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "there are no completions for '%.60s'", shell);
	drvmem_err__remedy(err, "name one of: bash, zsh, fish");
	return -EINVAL;
}

/* PAGE is drvmem.8, drvmem-report.8, or these without their section. */
static int put_page(const char *page, FILE *out, struct drvmem_err *err)
{
	const struct drvmem_man m = { DRVMEM_VERSION, DRVMEM_DATE, drvmem_commands };
	size_t n = strlen(page), len = n > 2 && !strcmp(page + n - 2, ".8") ? n - 2 : n;

	if (len == 6 && !strncmp(page, "drvmem", 6)) {
		drvmem_man__overview(&m, drvmem_manual__notes(NULL), out);
		return 0;
	}
	for (const struct drvmem_cmd *const *c = drvmem_commands; *c; c++) {
		if (len == 7 + strlen((*c)->name) && !strncmp(page, "drvmem-", 7) &&
		    !strncmp(page + 7, (*c)->name, len - 7)) {
			drvmem_man__command(&m, *c, drvmem_manual__notes((*c)->name), out);
			return 0;
		}
	}
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "there is no page '%.60s'", page);
	drvmem_err__remedy(err, "'drvmem completion --pages' lists them");
	return -EINVAL;
}

static int put(const struct opts *o, const struct drvmem_args *args, FILE *out, struct drvmem_err *err)
{
	const struct drvmem_man m = { DRVMEM_VERSION, DRVMEM_DATE, drvmem_commands };

	if (args->command || args->nr_positional + (o->man != NULL) + o->pages != 1)
		return wrong(err, "one of SHELL, --man and --pages is needed",
			     "as in 'drvmem completion bash'; the shells are bash, zsh, fish");
	if (o->man)
		return put_page(o->man, out, err);
	if (args->nr_positional)
		return put_script(args->positional[0], out, err);
	drvmem_man__pages(&m, out);
	return 0;
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT };
	bool json = drvmem_wants_json(argc, argv);
	struct drvmem_err err = { 0 };
	struct drvmem_out out = { 0 };
	struct drvmem_args args;
	int ret;

	ret = drvmem_opt__parse(cmd, argc, argv, &o, &args, &err);
	if (!ret && args.help)
		return drvmem_show_help(cmd);
	if (!ret)
		ret = drvmem_out__open(&out, o.common.output, &err);
	if (!ret)
		ret = put(&o, &args, out.f, &err);
	if (!ret)
		ret = drvmem_out__close(&out, &err);
	drvmem_out__discard(&out);
	return ret ? drvmem_fail(cmd, &err, json) : DRVMEM_EXIT_OK;
}

const struct drvmem_cmd drvmem_cmd_completion = {
	.name = "completion",
	.summary = "completions for bash, zsh and fish, and pages of the manual",
	.usage = "[OPTIONS] SHELL",
	.description =
		"Prints what makes SHELL (bash, zsh or fish) complete commands, options and their values, or "
		"a page of the manual. Both are made from the tables that parse the command line.",
	.opts = options,
	.examples = examples,
	.run = run,
};
