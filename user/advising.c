// SPDX-License-Identifier: GPL-2.0-or-later
#include "advising.h"

#include <errno.h>
#include <string.h>

#include "analysis/pools.h"
#include "numareading.h"
#include "render/advice.h"
#include "render/simulate.h"
#include "render/where.h"
#include "slubrules.h"
#include "view/advised.h"

#define DEFAULT_DURATION_NS	30000000000ull

/* Order of the forms of cmd_advise.c. */
enum { FORM_HTML = DRVMEM_FORMAT_JSON + 1, FORM_DISTRIBUTION };

static int render(struct drvmem_advising *r, const struct drvmem_advised *d)
{
	struct drvmem_text_opts t;
	int e;

	switch (r->o->common.format) {
	case DRVMEM_FORMAT_TEXT:
		drvmem_out__text_opts(&r->out, &t);
		drvmem_text__header(d->v, &t, false, r->out.f);
		e = drvmem_text__advice(d, (uint32_t)r->o->top, &t, r->out.f);
		if (!e)
			drvmem_text__debug_files(d->v, NULL, &t, r->out.f);
		return e;
	case DRVMEM_FORMAT_JSON:
		drvmem_json__advice(d, r->out.f);
		break;
	default:
		drvmem_html__advice(d, r->out.f);
		break;
	}
	return 0;
}

bool drvmem_advising__asks_for_kernel(const struct drvmem_strlist *owners)
{
	size_t i;

	for (i = 0; i < owners->n; i++)
		if (!strncmp(owners->v[i], "kernel", 6))
			return true;
	return false;
}

static bool is_at_least(const struct drvmem_advice *a, int fail_on)
{
	return fail_on && a->n && (int)a->v[0].severity + 1 >= fail_on;
}

static int advise(struct drvmem_advising *r, struct drvmem_scope *v, bool last, struct drvmem_err *err)
{
	struct drvmem_advice_opts rules = r->o->rules;
	struct drvmem_advice_in in = {
		.s = v->s, .site = v->by_owner, .nr_sites = v->nr_kept, .laps = &r->laps, .slub = &r->slub, .o = &rules,
	};
	struct drvmem_numa *numa;
	struct drvmem_advised d;
	struct drvmem_advice a;
	int e = drvmem_poolwatch__show(&r->pools, &r->o->common, last, v, err);

	if (!e)
		e = drvmem_linelook__scope(&r->o->look, r->o->common.file != NULL, v, err);
	if (e)
		return e;
	rules.kernel |= drvmem_advising__asks_for_kernel(&r->o->common.owners);
	in.pools = r->o->common.sites.n ? NULL : v->pools;	/* a pool is at no call site */
	in.numa = numa = r->o->common.file ? NULL : drvmem_numareading(v->s);	/* of this machine, now */
	e = drvmem_advice(&in, &a);
	drvmem_numa__free(numa);
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot judge the session (%s)", drvmem_errno_name(e));
	r->t.found = is_at_least(&a, r->o->fail_on);
	r->t.incomplete = a.too_short;
	drvmem_advised_init(&d, v, &a, &rules, v->pools, &r->phases);
	e = render(r, &d);
	drvmem_advice__deinit(&a);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

/* What was seen, to be replayed elsewhere: of the kernel's own sites too, nothing is judged. */
static int distribute(struct drvmem_advising *r, const struct drvmem_scope *v, struct drvmem_err *err)
{
	struct drvmem_distribution *d;
	int e = drvmem_distributed(v, &r->slub, &d);

	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot keep the distribution (%s)", drvmem_errno_name(e));
	drvmem_text__distribution(d, r->out.f);
	drvmem_distribution__free(d);
	return 0;
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur, bool last,
		       struct drvmem_err *err)
{
	struct drvmem_advising *r = arg;
	struct drvmem_scope *v;
	int e = drvmem_common__scope(&r->o->common, prev, cur, last && r->o->common.sites.n, &v, err);

	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	e = r->o->common.format == FORM_DISTRIBUTION ? distribute(r, v, err) : advise(r, v, last, err);
	drvmem_scope__free(v);
	return e;
}

static int check(const struct drvmem_advising_opts *o, const struct drvmem_live_opts *live, struct drvmem_err *err)
{
	int e = drvmem_linelook__check(&o->look, err);

	if (e)
		return e;
	if (drvmem_linelook__wanted(&o->look) && o->common.format >= FORM_HTML) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--lines is for -f text and -f json");
		drvmem_err__remedy(err, "leave --lines out, or use one of these forms");
		return -EINVAL;
	}
	if (o->rules.large_bytes > o->rules.init_bytes) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--large is more than --init-bytes: a large block would be less than one");
		drvmem_err__remedy(err, "lower --large, or raise --init-bytes");
		return -EINVAL;
	}
	if (o->common.format == FORM_DISTRIBUTION || o->common.file || live->command || !live->duration_ns || live->duration_ns >= o->rules.min_time_ns)
		return 0;
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--duration is shorter than --min-time: nothing would be judged");
	drvmem_err__remedy(err, "trace longer, or lower --min-time and take weaker advice");
	return -EINVAL;
}

int drvmem_advising__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
			   struct drvmem_err *err)
{
	struct drvmem_advising *r = (struct drvmem_advising *)t;
	const struct drvmem_advising_opts *o = r->o;
	const struct drvmem_replayed replayed = { .pools = &r->pools.last, .slub = &r->slub };
	struct drvmem_live_opts live;
	int e;

	if (o->sim.file)
		return drvmem_simulating__run(&o->sim, &o->common, o->rules.kernel, args, err);
	drvmem_common__live(&o->common, "advise", args, DEFAULT_DURATION_NS, &live);
	e = drvmem_simulating__none(&o->sim, err);
	if (!e)
		e = drvmem_common__no_intervals(&o->common, args, err);
	if (!e)
		e = check(o, &live, err);
	if (e)
		return e;
	if (!o->common.file && !drvmem_slubrules__read(&r->slub))
		return drvmem_err__set(err, -ENOENT, DRVMEM_EXIT_CANNOT_RUN, "cannot tell this kernel's version or its CPUs");
	live.session.use = true;
	live.session.mempools = true;
	live.laps = &r->laps;
	live.phases = &r->phases;
	live.replayed = &replayed;
	if (!o->common.file)
		e = drvmem_poolwatch__start(&r->pools, err);
	if (!e)
		e = drvmem_common__trace(&o->common, &live, o->common.output, &r->out, on_snapshot, r, ret_signal, err);
	drvmem_poolwatch__deinit(&r->pools);
	drvmem_laps__fini(&r->laps);
	return e;
}
