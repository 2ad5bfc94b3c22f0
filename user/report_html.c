// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_html.h"

#include <errno.h>

#include "render/html.h"
#include "source/sysmem.h"

int drvmem_report_html__start(struct drvmem_report_html *h, struct drvmem_live_opts *live, bool recorded,
			      struct drvmem_err *err)
{
	h->timeline = drvmem_timeline__new();
	if (!h->timeline)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	live->timeline = h->timeline;
	if (!recorded)	/* there it would ask for an interval that lists its objects */
		live->series = &h->series;
	live->session.mempools = true;
	return 0;
}

int drvmem_report_html__add(struct drvmem_report_html *h, const struct drvmem_snapshot *s, struct drvmem_err *err)
{
	int e = drvmem_timeline__add(h->timeline, s);

	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot keep the history of the run (%s)",
				   drvmem_errno_name(e)) : 0;
}

static int render(const struct drvmem_htmlreport_in *in, FILE *out)
{
	struct drvmem_htmlreport *r;
	int e = drvmem_htmlreport__new(in, &r);

	if (e)
		return e;
	e = drvmem_html__report(r, out);
	drvmem_htmlreport__free(r);
	return e;
}

/* The machine as it is now, or was when recorded; a page without it is a page all the same. */
static void read_machine(struct drvmem_sysmem *const read[2], struct drvmem_scope *v, struct drvmem_sysmem **ret_now,
			 struct drvmem_system **ret)
{
	if (!read[0] || (!read[1] && drvmem_sysmem__load(ret_now)))
		*ret_now = NULL;
	else if (drvmem_system__new(read[0], read[1] ? read[1] : *ret_now, v, ret))
		*ret = NULL;
}

int drvmem_report_html__render(const struct drvmem_report_html *h, struct drvmem_sysmem *const read[2],
			       struct drvmem_scope *v, FILE *out)
{
	const struct drvmem_outstanding_opts o = { .learn = true, .series = &h->series };
	struct drvmem_htmlreport_in in = { .v = v, .t = h->timeline };
	struct drvmem_outstanding *growth = NULL;
	struct drvmem_sysmem *now = NULL;
	struct drvmem_system *system = NULL;
	int e = v->s->nr_objects || !v->s->nr_sites ? drvmem_outstanding__new(v, &o, &growth) : 0;

	if (e)
		return e;
	read_machine(read, v, &now, &system);
	in.growth = growth;
	in.system = system;
	e = render(&in, out);
	drvmem_system__free(system);
	drvmem_sysmem__free(now);
	drvmem_outstanding__free(growth);
	return e;
}

void drvmem_report_html__deinit(struct drvmem_report_html *h)
{
	drvmem_timeline__free(h->timeline);
	drvmem_series__fini(&h->series);
	h->timeline = NULL;
}
