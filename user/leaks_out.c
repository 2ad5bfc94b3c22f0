// SPDX-License-Identifier: GPL-2.0-or-later
#include "leaks_out.h"

#include "render/json.h"
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
	drvmem_grid__free(g);
	return 0;
}

int drvmem_leaks_out__snapshot(void *arg, const struct drvmem_snapshot *prev,
			       const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err)
{
	struct drvmem_leaks_out *r = arg;
	const struct drvmem_outstanding_opts opts = {
		r->o->older_ns, r->o->older_ns == DRVMEM_OLDER_LEARNT, &r->series,
	};
	struct drvmem_outstanding *k = NULL;
	struct drvmem_scope *v;
	int e;

	e = drvmem_common__scope(&r->o->common, prev, cur, last, &v, err);
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	e = drvmem_outstanding__new(v, &opts, &k);
	if (!e) {
		r->t.found = k->objects && (!r->o->fail_over || k->bytes > r->o->fail_over);
		e = render(r, v, k);
	}
	drvmem_outstanding__free(k);
	drvmem_scope__free(v);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}
