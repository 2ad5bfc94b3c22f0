// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "common.h"
#include "doctor.h"
#include "out.h"
#include "probe/checkers.h"
#include "probe/probe.h"

struct opts {
	struct drvmem_common common;
};

static const struct drvmem_opt options[] = {
	DRVMEM_OPT_OUTPUT(struct opts),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem doctor", "what works here, and what to do about the rest",
	"drvmem doctor -f json -o doctor.json", "to attach to a bug report",
	"drvmem doctor >/dev/null && drvmem report", "trace only where it works",
	NULL,
};

static int show(const struct opts *o, const struct drvmem_args *args, struct drvmem_err *cannot,
		struct drvmem_err *err)
{
	struct drvmem_checkers checkers;
	struct drvmem_text_opts t;
	struct drvmem_probe p;
	struct drvmem_out out;
	int e;

	e = drvmem_common__no_intervals(&o->common, args, err);
	if (!e)
		e = drvmem_out__open(&out, o->common.output, err);
	if (e)
		return e;
	drvmem_probe__run(DRVMEM_NOT_READ, &p);
	drvmem_checkers__read("", &checkers);
	drvmem_checkers__probe(&checkers, &p);
	cannot->code = drvmem_probe__can_trace(&p, cannot);
	drvmem_out__text_opts(&out, &t);
	if (o->common.format == DRVMEM_FORMAT_JSON)
		drvmem_doctor__json(&p, cannot, out.f);
	else
		drvmem_doctor__text(&p, cannot, &t, out.f);
	return drvmem_out__close(&out, err);
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct opts o = { .common = DRVMEM_COMMON_INIT };
	struct drvmem_err err = { 0 }, cannot = { 0 };
	bool json = drvmem_wants_json(argc, argv);
	struct drvmem_args args;
	int ret;

	ret = drvmem_opt__parse(cmd, argc, argv, &o, &args, &err);
	if (!ret && args.help)
		return drvmem_show_help(cmd);
	if (ret || show(&o, &args, &cannot, &err))
		return drvmem_fail(cmd, &err, json);
	return cannot.code ? drvmem_fail(cmd, &cannot, json) : DRVMEM_EXIT_OK;
}

const struct drvmem_cmd drvmem_cmd_doctor = {
	.name = "doctor",
	.summary = "what drvmem can do on this kernel, what not, and how to fix it",
	.usage = "[OPTIONS]",
	.description =
		"Tries each feature that drvmem can use and says for what is missing why, which "
		"figure it costs, and the remedy. The status is 0 when tracing works, 3 when not.",
	.opts = options,
	.examples = examples,
	.run = run,
};
