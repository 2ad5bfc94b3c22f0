// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include <errno.h>

#include "leaks_out.h"

#define DEFAULT_DURATION_NS	30000000000ull

static const char *const reach_choices[] = { "auto", "on", "off", NULL };

static const struct drvmem_opt options[] = {
	{ "older", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_leaks_opts, older_ns), "DUR",
	  "What is older than DUR (default: than is usual for its site, see doc/how-it-works.md).",
	  NULL, 0, 0 },
	DRVMEM_OPT_DURATION_ROW(struct drvmem_leaks_opts, "Trace so long (default 30s, with --marks until the second; 0 = until Ctrl-C)."),
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct drvmem_leaks_opts, top), "N",
	  "Rows of the table (default 20, 0 = all); the rest is summed. Other forms hold all.", NULL,
	  0, 1000000 },
	{ "addresses", 'a', DRVMEM_OPT_FLAG, offsetof(struct drvmem_leaks_opts, addresses), NULL,
	  "List the objects of each site with their addresses, the oldest first.", NULL, 0, 0 },
	{ "max-addresses", 0, DRVMEM_OPT_U64, offsetof(struct drvmem_leaks_opts, max_addresses), "N",
	  "Addresses of each site (default 100, 0 = all); the rest is counted.", NULL, 0, 1000000000 },
	DRVMEM_OPT_LINES(struct drvmem_leaks_opts, look),
	{ "marks", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_leaks_opts, marks), NULL,
	  "Only what was allocated between two marks ('drvmem mark' or SIGUSR1), of any age; the second "
	  "one ends the run, or the command does.", NULL, 0, 0 },
	DRVMEM_OPT_FILTERS(struct drvmem_leaks_opts),
	DRVMEM_OPT_OUTPUT_FINDINGS(struct drvmem_leaks_opts),
	DRVMEM_OPT_ALLOC(struct drvmem_leaks_opts),
	DRVMEM_OPT_SESSION(struct drvmem_leaks_opts),
	{ "reach", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_leaks_opts, reach), "WHEN",
	  "Read the kernel's memory to tell who holds what is outstanding: auto (where a site surely "
	  "grows, default), on (then only what may be lost is a finding), off.", reach_choices, 0, 0 },
	DRVMEM_OPT_REPLAY(struct drvmem_leaks_opts),
	{ "fail-over", 0, DRVMEM_OPT_SIZE, offsetof(struct drvmem_leaks_opts, fail_over), "BYTES",
	  "Status 1 only if more than BYTES are outstanding (default: if any object is).", NULL, 0, 0 },
	{ "max-loss", 0, DRVMEM_OPT_U64, DRVMEM_OFF(struct drvmem_leaks_opts, max_loss_ppm), "PPM",
	  "Nothing found but more than PPM events lost: status 4 (default 1000).", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"drvmem leaks --duration 2m", "what is held for longer than usual, and whether it grows",
	"drvmem leaks -m e1000e --older 30s --duration 2m", "what one driver held for over 30 s",
	"drvmem leaks --older 0 -f json -- ./selftest.sh", "what a command left behind",
	"drvmem leaks -m mydrv --debug-dir ~/mydrv -f sarif -o leaks.sarif", "for a code host, with lines",
	"drvmem leaks --marks -- ./test.sh", "what it leaves of what it did between two 'drvmem mark'",
	NULL,
};

/* A run that is not longer than the age asked for would find nothing, whatever is there. */
static int check_age(const struct drvmem_leaks_opts *o, const struct drvmem_live_opts *live,
		     struct drvmem_err *err)
{
	if (o->common.file || live->command || !live->duration_ns || o->older_ns == DRVMEM_OLDER_LEARNT ||
	    o->older_ns < live->duration_ns)
		return 0;
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE,
			"--older is not shorter than --duration: no object can become so old");
	drvmem_err__remedy(err, "trace longer (--duration) or ask for younger objects (--older)");
	return -EINVAL;
}

/* Generations are in a recording, but who wants them has a window of its own. */
static int check_file(const struct drvmem_leaks_opts *o, struct drvmem_err *err)
{
	if (!o->common.file || !o->marks)
		return 0;
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--marks cannot be used with a recorded session");
	drvmem_err__remedy(err, "of a window between two marks: drvmem report FILE --window 'MARK..MARK'");
	return -EINVAL;
}

static int trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
		 struct drvmem_err *err)
{
	struct drvmem_leaks_out *r = (struct drvmem_leaks_out *)t;
	const struct drvmem_leaks_opts *o = r->o;
	const struct drvmem_replayed replayed = { .judged = &r->judged };
	struct drvmem_live_opts live;
	int e;

	drvmem_common__live(&o->common, "leaks", args, o->marks ? 0 : DEFAULT_DURATION_NS, &live);
	e = drvmem_common__no_intervals(&o->common, args, err);
	if (!e)
		e = drvmem_linelook__check(&o->look, err);
	if (!e)
		e = check_file(o, err);
	if (e || (e = check_age(o, &live, err)))
		return e;
	if (o->marks) {
		e = drvmem_marks__open(&r->marks, live.command != NULL, err);
		if (e)
			return e;
		live.session.marks = true;
		live.watch = &r->marks.watch;
		live.started = drvmem_marks__started;
		live.started_arg = &r->marks;
	}
	live.series = &r->series;
	live.replayed = &replayed;
	if (o->reach != DRVMEM_REACH_OFF)
		live.examine = drvmem_leaks_out__examine;
	e = drvmem_common__trace(&o->common, &live, o->common.output, &r->out, drvmem_leaks_out__snapshot, r,
				 ret_signal, err);
	drvmem_leaks_out__deinit(r);
	return e;
}

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_leaks_opts o = { .common = DRVMEM_COMMON_INIT,
				       .older_ns = DRVMEM_OLDER_LEARNT, .top = 20,
				       .max_addresses = 100 };
	struct drvmem_leaks_out r = { .t = { &o.common, &o, trace, .replays = true }, .o = &o,
				       .marks.fd = -1 };

	o.common.max_loss_ppm = 1000;
	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_leaks = {
	.name = "leaks",
	.summary = "objects that have been live for a long time, by call site",
	.usage = "[OPTIONS] [FILE | -- CMD...]",
	.description =
		"Traces, and lists what is still live at the end and older than is usual, by call "
		"site, with what it looks like (growing, steady, warm-up, sawtooth) and how sure "
		"that is. What surely grows is a leak, unless somebody holds it for a reason. "
		"Of FILE, a session that 'drvmem record' wrote, what was live when it listed its "
		"objects last; not where it sampled, for ages of single objects are not known then. "
		"Objects given up by kfree_rcu are counted apart. The status is 1 when any "
		"outstanding object was found; with --reach on, one that is not surely held.",
	.opts = options,
	.examples = examples,
	.run = run,
};
