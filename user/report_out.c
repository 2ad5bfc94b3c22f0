// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_out.h"

#include <errno.h>

#include "render/baseline.h"
#include "render/coverage.h"
#include "render/csv.h"
#include "render/json.h"
#include "render/pools.h"
#include "render/text.h"
#include "view/report.h"

/* What a form can show beside the table of owners. */
#define SHOWS_SYSTEM	0x01u
#define SHOWS_POOLS	0x02u
#define SHOWS_COVERAGE	0x04u
#define SHOWS_BASELINE	0x08u
#define SHOWS_ALL	0x0fu

struct form {
	unsigned int shows;
	bool once;		/* one result a run: no INTERVAL */
	int (*render)(struct drvmem_reporting *r, struct drvmem_scope *v);
};

static struct drvmem_report_opts table_opts(const struct drvmem_reporting *r)
{
	return (struct drvmem_report_opts){ (enum drvmem_by)r->o->by, (enum drvmem_sort)r->o->sort,
					    (uint32_t)r->o->top };
}

static int owners_text(struct drvmem_reporting *r, struct drvmem_scope *v, const struct drvmem_text_opts *t)
{
	struct drvmem_report_opts o = table_opts(r);
	struct drvmem_grid *g;
	int e = drvmem_report__build(v, &o, &g);

	if (e)
		return e;
	drvmem_text__header(v, t, r->again, r->out.f);
	drvmem_text__grid(g, t, r->out.f);
	drvmem_grid__free(g);
	if (r->o->baseline && !r->again)	/* it does not change in a run */
		e = drvmem_text__baseline(v->s, o.top, t, r->out.f);
	return e;
}

static int render_text(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	struct drvmem_text_opts t;

	drvmem_out__text_opts(&r->out, &t);
	if (v->pools) {
		drvmem_text__header(v, &t, r->again, r->out.f);
		return drvmem_text__pools(v->pools, (uint32_t)r->o->top, &t, r->out.f);
	}
	if (r->o->coverage) {
		drvmem_text__header(v, &t, r->again, r->out.f);
		return drvmem_text__coverage(v->coverage, (uint32_t)r->o->top, &t, r->out.f);
	}
	return owners_text(r, v, &t);
}

static int render_json(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	return drvmem_json__report(v, r->out.f);
}

static int render_csv(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	struct drvmem_report_opts o = table_opts(r);
	struct drvmem_grid *g;
	int e = v->pools ? drvmem_pools__grid(v->pools, o.top, &g) : drvmem_report__build(v, &o, &g);

	if (e)
		return e;
	drvmem_csv__grid(g, v->s->meta.taken_unix, !r->again, r->out.f);
	drvmem_grid__free(g);
	return 0;
}

const char *const drvmem_report_form_names[] = {
	[DRVMEM_REPORT_TEXT] = "text", [DRVMEM_REPORT_JSON] = "json", [DRVMEM_REPORT_CSV] = "csv",
	[DRVMEM_NR_REPORT_FORMS] = NULL,
};

static const struct form forms[DRVMEM_NR_REPORT_FORMS] = {
	[DRVMEM_REPORT_TEXT] = { SHOWS_ALL, false, render_text },
	[DRVMEM_REPORT_JSON] = { SHOWS_ALL, false, render_json },
	[DRVMEM_REPORT_CSV] = { SHOWS_POOLS, false, render_csv },
};

int drvmem_report_out__check(const struct drvmem_reporting_opts *o, bool intervals, struct drvmem_err *err)
{
	const struct {
		bool asked;
		unsigned int shows;
		const char *name;
	} views[] = {
		{ o->system, SHOWS_SYSTEM, "--system" }, { o->pools, SHOWS_POOLS, "--pools" },
		{ o->coverage, SHOWS_COVERAGE, "--coverage" }, { o->baseline, SHOWS_BASELINE, "--baseline" },
	};
	const struct form *form = &forms[o->common.format];
	const char *name = drvmem_report_form_names[o->common.format];
	unsigned int i;

	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (!views[i].asked || form->shows & views[i].shows)
			continue;
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s cannot be shown as %s", views[i].name, name);
		drvmem_err__remedy(err, "use -f text or -f json, or leave %s out", views[i].name);
		return -EINVAL;
	}
	if (!intervals || !form->once)
		return 0;
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "-f %s is one result: it cannot be given for each INTERVAL", name);
	drvmem_err__remedy(err, "leave INTERVAL out, and say how long with --duration");
	return -EINVAL;
}

int drvmem_report_out__render(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	int e = forms[r->o->common.format].render(r, v);

	r->again = true;
	return e;
}
