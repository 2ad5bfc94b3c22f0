// SPDX-License-Identifier: GPL-2.0-or-later
#include "diffrun.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_DURATION_NS	10000000000ull

static int show(struct drvmem_diffrun *d, const struct drvmem_snapshot *b, const struct drvmem_pools *pools, struct drvmem_err *err)
{
	struct drvmem_diffing_opts o = d->o->d;
	int e;

	o.pools_a = d->a.pools;
	o.pools_b = pools;
	o.live = !d->b.s;
	e = drvmem_diffing__show(d->a.s, b, &o, &d->out, err);
	d->t.found = e > 0;
	return e < 0 ? e : 0;
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur, bool last,
		       struct drvmem_err *err)
{
	struct drvmem_diffrun *d = arg;
	int e = d->o->pools ? drvmem_poolwatch__read(&d->pools, cur, err) : 0;

	(void)prev;
	(void)last;
	return e ? e : show(d, cur, d->pools.last, err);
}

static int against_file(struct drvmem_diffrun *d, const char *name, struct drvmem_err *err)
{
	int e = drvmem_replay__side(name, d->o->pools, &d->b, err);

	if (!e)
		e = drvmem_diffing__check_sides(&d->a, &d->b, d->o->pools, err);
	d->o->d.diffed.windows = d->b.window;
	if (!e)
		e = drvmem_out__open(&d->out, d->o->common.output, err);
	if (!e)
		e = show(d, d->b.s, d->b.pools, err);
	if (!e)
		e = drvmem_out__close(&d->out, err);
	drvmem_out__discard(&d->out);
	return e;
}

static int against_live(struct drvmem_diffrun *d, const struct drvmem_args *args, int *ret_signal, struct drvmem_err *err)
{
	struct drvmem_live_opts live;
	int e = drvmem_diffing__check_sides(&d->a, &d->b, d->o->pools, err);

	drvmem_common__live(&d->o->common, "diff", args, DEFAULT_DURATION_NS, &live);
	live.session.mempools = d->o->pools;
	return e ? e : drvmem_common__trace(&d->o->common, &live, d->o->common.output, &d->out, on_snapshot, d, ret_signal, err);
}

int drvmem_diffrun__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal, struct drvmem_err *err)
{
	struct drvmem_diffrun *d = (struct drvmem_diffrun *)t;
	struct drvmem_diffrun_opts *o = d->o;
	int e;

	if (args->nr_positional != 2 || args->nr_command) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "two sessions are expected");
		drvmem_err__remedy(err, "usage: drvmem diff A B; A is FILE, FILE@TIME or FILE@TIME..TIME, B too, or 'live'");
		return -EINVAL;
	}
	o->d.top = (uint32_t)o->top;
	o->d.diffed.tolerance_percent = (double)o->percent;
	o->d.filter = drvmem_common__filter(&o->common);
	o->d.form = (enum drvmem_diff_form)o->common.format;
	e = drvmem_common__check(&o->common, err);
	if (!e)
		e = drvmem_diffing__check(&o->d, o->pools, !o->common.output && isatty(STDOUT_FILENO), err);
	if (!e)
		e = drvmem_replay__side(args->positional[0], o->pools, &d->a, err);
	if (!e && strcmp(args->positional[1], "live"))
		e = against_file(d, args->positional[1], err);
	else if (!e)
		e = against_live(d, args, ret_signal, err);
	drvmem_replay_side__deinit(&d->a);
	drvmem_replay_side__deinit(&d->b);
	drvmem_poolwatch__deinit(&d->pools);
	return e;
}
