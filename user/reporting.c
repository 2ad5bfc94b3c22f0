// SPDX-License-Identifier: GPL-2.0-or-later
#include "reporting.h"

#include <errno.h>

#include "report_out.h"

#define DEFAULT_DURATION_NS	10000000000ull

/* One page of the whole run: it needs what other forms show when asked. */
static bool is_page(const struct drvmem_reporting_opts *o)
{
	return o->common.format == DRVMEM_REPORT_HTML;
}

/* Pools of the machine beside what was traced, or those that a recorded session read. */
static bool wants_pools(const struct drvmem_reporting_opts *o)
{
	return o->pools || is_page(o);
}

static int render(struct drvmem_reporting *r, struct drvmem_scope *v, bool last, struct drvmem_err *err)
{
	bool json = r->o->common.format == DRVMEM_REPORT_JSON;
	int e = 0;

	if (r->o->system)
		return drvmem_sysrun__render(&r->sys, v, json, &r->out, err);
	if (wants_pools(r->o))
		e = drvmem_poolwatch__show(&r->pools, &r->o->common, last, v, err);
	if (e)
		return e;
	return drvmem_report_out__render(r, v);
}

/* A live window: its begin and its end are all there is. Of a recorded one the replay has filled it. */
static int know_inside(struct drvmem_reporting *r, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur)
{
	int e = 0;

	if (r->o->common.file || cur->meta.sampled)
		return 0;
	drvmem_inside__deinit(&r->inside);
	drvmem_inside__init(&r->inside, prev ? prev->meta.taken_ns : cur->meta.started_ns, cur->meta.taken_ns);
	if (prev)
		e = drvmem_inside__add(&r->inside, prev);
	return e ? e : drvmem_inside__add(&r->inside, cur);
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev,
		       const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err)
{
	struct drvmem_reporting *r = arg;
	struct drvmem_snapshot nameless;
	struct drvmem_scope *v;
	int e;

	if (is_page(r->o)) {
		e = drvmem_report_html__add(&r->html, cur, err);
		if (e || !last)
			return e;
	}
	if (r->o->redact) {	/* all but the name is the snapshot's */
		nameless = *cur;
		nameless.meta.hostname = DRVMEM_HIDDEN;
		cur = &nameless;
	}
	/* with --pools a pattern may fit a pool only */
	e = drvmem_common__scope(&r->o->common, prev, cur, last && !r->o->pools, &v, err);
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	e = drvmem_linelook__scope(&r->o->look, r->o->common.file != NULL, v, err);
	if (!e && r->o->inside) {
		e = know_inside(r, prev, cur);
		v->inside = &r->inside;
	}
	if (!e)
		e = render(r, v, last, err);
	drvmem_scope__free(v);
	if (e == -EINVAL)
		return drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "--inside needs every object, and this session sampled");
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
	return drvmem_out__flush(&r->out, err);
}

static int check_views(const struct drvmem_reporting_opts *o, struct drvmem_err *err)
{
	if (o->inside && (o->common.sample_bytes != DRVMEM_SAMPLE_UNSET || o->common.max_overhead)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--inside needs every object: it cannot be used with sampling");
		drvmem_err__remedy(err, "leave --sample and --max-overhead out");
		return -EINVAL;
	}
	if (o->system + o->pools + o->coverage + o->inside <= 1)
		return 0;
	return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--system, --pools, --coverage and --inside are views of their own: use one");
}

int drvmem_reporting__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
			    struct drvmem_err *err)
{
	struct drvmem_reporting *r = (struct drvmem_reporting *)t;
	const struct drvmem_reporting_opts *o = r->o;
	const struct drvmem_replayed replayed = {
		.pools = o->pools ? &r->pools.last : NULL,
		.system = o->system ? r->sys.read : NULL,
		.inside = o->inside ? &r->inside : NULL,
	};
	struct drvmem_live_opts live;
	int e = check_views(o, err);

	if (!e)
		e = drvmem_linelook__check(&o->look, err);
	if (!e)
		e = drvmem_report_out__check(o, args->nr_positional > 0, err);
	if (e)
		return e;
	drvmem_common__live(&o->common, "report", args, DEFAULT_DURATION_NS, &live);
	live.midway = !o->system;
	live.session.mempools = o->pools;
	live.session.devres = o->baseline;
	live.session.page_owner = o->baseline || o->coverage;
	live.started = drvmem_sysrun__start;
	live.started_arg = &r->sys;
	r->sys.on = o->system || is_page(o);
	e = drvmem_common__intervals(&o->common, args, &live, err);
	live.replayed = &replayed;
	if (!e && is_page(o))
		e = drvmem_report_html__start(&r->html, &o->common, &live, &r->pools.last, r->sys.read, err);
	if (!e && wants_pools(o) && !o->common.file)
		e = drvmem_poolwatch__start(&r->pools, err);
	if (!e)
		e = drvmem_common__trace(&o->common, &live, o->common.output, &r->out, on_snapshot, r,
					 ret_signal, err);
	drvmem_poolwatch__deinit(&r->pools);
	drvmem_sysrun__deinit(&r->sys);
	drvmem_report_html__deinit(&r->html);
	drvmem_inside__deinit(&r->inside);
	return e;
}
