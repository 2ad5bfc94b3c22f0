// SPDX-License-Identifier: GPL-2.0-or-later
#include "leaks_out.h"

#include <errno.h>
#include <unistd.h>

#include "render/json.h"
#include "render/reach.h"
#include "render/text.h"
#include "view/outstanding.h"

static int render(struct drvmem_leaks_out *r, struct drvmem_scope *v, const struct drvmem_outstanding *k)
{
	struct drvmem_text_opts t;
	struct drvmem_grid *g;
	int e;

	if (r->o->common.format == DRVMEM_FORMAT_JSON) {
		drvmem_json__outstanding(v, k, r->out.f);
		return 0;
	}
	e = drvmem_outstanding__grid(v, k, (uint32_t)r->o->top, &g);
	if (e)
		return e;
	drvmem_out__text_opts(&r->out, &t);
	drvmem_text__header(v, &t, false, r->out.f);
	drvmem_text__outstanding(k, &t, r->out.f);
	drvmem_text__grid(g, &t, r->out.f);
	drvmem_text__growing(v, k, &t, r->out.f);
	drvmem_text__reach(v, k, &t, r->out.f);
	drvmem_grid__free(g);
	return 0;
}

/* What is outstanding in cur, with what is known of its holders. */
static int outstanding(struct drvmem_leaks_out *r, struct drvmem_scope *v, struct drvmem_outstanding **ret)
{
	const struct drvmem_outstanding_opts opts = {
		.older_ns = r->o->older_ns,
		.learn = r->o->older_ns == DRVMEM_OLDER_LEARNT,
		.series = &r->series,
		.verdicts = &r->reach.verdicts,
	};

	return drvmem_outstanding__new(v, &opts, ret);
}

int drvmem_leaks_out__examine(void *arg, struct drvmem_trace *t, const struct drvmem_snapshot *cur,
			      struct drvmem_err *err)
{
	struct drvmem_leaks_out *r = arg;
	struct drvmem_outstanding *k = NULL;
	struct drvmem_scope *v;
	bool wanted = false;
	int e;

	e = drvmem_common__scope(&r->o->common, NULL, cur, true, &v, err);
	if (e)
		return e;
	if (drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){
			.older_ns = r->o->older_ns, .learn = r->o->older_ns == DRVMEM_OLDER_LEARNT,
			.series = &r->series }, &k))
		e = drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	else
		wanted = k->growing || (k->objects && r->o->reach == DRVMEM_REACH_ON);
	drvmem_outstanding__free(k);
	drvmem_scope__free(v);
	if (e || !wanted)
		return e;
	e = drvmem_reachrun__run(&r->reach, t, cur, isatty(STDERR_FILENO), &r->why_not);
	if (!e)
		return 0;
	if (r->o->reach == DRVMEM_REACH_ON) {
		*err = r->why_not;
		return e;
	}
	drvmem_reachrun__deinit(&r->reach);
	r->reach.verdicts.why_not = r->why_not.what;
	return 0;
}

/* What nobody holds, or surely grows; without a look at who holds it, whatever is there. */
static bool is_finding(const struct drvmem_leaks_out *r, const struct drvmem_outstanding *k)
{
	if (!k->objects)
		return false;
	if (r->o->fail_over)
		return k->bytes > r->o->fail_over;
	return r->o->reach != DRVMEM_REACH_ON || k->growing || k->reach[DRVMEM_REACH_DEFINITELY_LOST] ||
	       k->reach[DRVMEM_REACH_INDIRECTLY_LOST] || k->reach[DRVMEM_REACH_POSSIBLY_LOST];
}

int drvmem_leaks_out__snapshot(void *arg, const struct drvmem_snapshot *prev,
			       const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err)
{
	struct drvmem_leaks_out *r = arg;
	struct drvmem_outstanding *k = NULL;
	struct drvmem_scope *v;
	int e;

	e = drvmem_common__scope(&r->o->common, prev, cur, last, &v, err);
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	e = outstanding(r, v, &k);
	if (!e) {
		r->t.found = is_finding(r, k);
		e = render(r, v, k);
	}
	drvmem_outstanding__free(k);
	drvmem_scope__free(v);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

void drvmem_leaks_out__deinit(struct drvmem_leaks_out *r)
{
	drvmem_reachrun__deinit(&r->reach);
	drvmem_series__fini(&r->series);
}
