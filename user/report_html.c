// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "advising.h"
#include "numareading.h"
#include "render/html.h"
#include "slubrules.h"
#include "source/sysmem.h"
#include "view/advised.h"

static bool samples(const struct drvmem_common *c)
{
	return c->sample_bytes != DRVMEM_SAMPLE_UNSET || c->max_overhead;
}

/* What the rules of advise need of a run: who uses memory how, beside who has it. Samples would not do. */
static void gather_habits(struct drvmem_report_html *h, struct drvmem_live_opts *live)
{
	if (samples(h->c) || !drvmem_slubrules__read(&h->slub))
		return;
	h->judges = true;
	live->session.use = true;
	live->laps = &h->laps;
	live->phases = &h->phases;
}

/* Of a session all that is in it, at the moment that is asked for. */
static void ask_session(struct drvmem_report_html *h, struct drvmem_live_opts *live, struct drvmem_pools **pools,
			struct drvmem_sysmem **machine)
{
	h->replayed = (struct drvmem_replayed){ .pools = pools, .slub = &h->slub, .lacks = &h->lacks,
						.system = machine, .system_if_any = true };
	live->replayed = &h->replayed;
	live->laps = &h->laps;
	live->phases = &h->phases;
}

int drvmem_report_html__start(struct drvmem_report_html *h, const struct drvmem_common *c, struct drvmem_live_opts *live,
			      struct drvmem_pools **pools, struct drvmem_sysmem **machine,
			      struct drvmem_err *err)
{
	h->c = c;
	h->timeline = drvmem_timeline__new();
	if (!h->timeline)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	live->timeline = h->timeline;
	live->series = &h->series;
	live->session.mempools = true;
	if (c->file)
		ask_session(h, live, pools, machine);
	else
		gather_habits(h, live);
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
static void read_machine(const struct drvmem_report_html *h, struct drvmem_sysmem *const read[2], struct drvmem_scope *v,
			 struct drvmem_sysmem **ret_now, struct drvmem_system **ret)
{
	const struct drvmem_sysmem *now = read[1];

	if (!h->c->file && read[0] && !now && !drvmem_sysmem__load(ret_now))
		now = *ret_now;
	if (!read[0] || !now || drvmem_system__new(read[0], now, v, ret))
		*ret = NULL;
}

/* ---- what is not there, and what would fill it */

#define COMMANDS_LEN 96

static struct drvmem_html_gap no_list(const struct drvmem_report_html *h, const char *none_run, char *buf)
{
	if (!h->lacks.listed_unix)
		return (struct drvmem_html_gap){ "The session ended before its first list of live objects.", none_run };
	snprintf(buf, COMMANDS_LEN, "drvmem report -f html --at @%" PRIu64 " -o FILE.html SESSION", h->lacks.listed_unix);
	return (struct drvmem_html_gap){ "The session does not list its live objects at the moment shown.", buf };
}

static struct drvmem_html_gap no_growth(const struct drvmem_report_html *h, const struct drvmem_snapshot *s, char *buf)
{
	if (s->meta.sampled)
		return (struct drvmem_html_gap){ "Sampled: ages of single objects are not known.", h->c->file ?
						 "drvmem record -o SESSION" : "drvmem report -f html -o FILE.html" };
	if (h->c->file && h->lacks.objects)
		return no_list(h, "drvmem record --objects-every 10s -o SESSION", buf);
	return (struct drvmem_html_gap){ "The live objects were not read.", NULL };
}

static struct drvmem_html_gap no_advice(const struct drvmem_report_html *h, const struct drvmem_snapshot *s, char *buf)
{
	static const char record[] = "drvmem record --advise --duration 2m -o SESSION";
	static const char report[] = "drvmem report --duration 2m -f html -o FILE.html";

	if (h->from_top)
		return (struct drvmem_html_gap){ "The live view does not gather what the rules need.", h->c->file ?
						 "drvmem report -f html -o FILE.html SESSION" : report };
	if (s->meta.sampled)
		return (struct drvmem_html_gap){ "Objects were sampled, and the rules need every one.", h->c->file ? record : report };
	if (samples(h->c))
		return (struct drvmem_html_gap){ "With --sample or --max-overhead what the rules need is not gathered.", report };
	if (h->c->file && !h->lacks.habits && h->lacks.objects)
		return no_list(h, record, buf);
	if (h->c->file)
		return (struct drvmem_html_gap){ "The session was not recorded for advice: how each call site uses its memory is "
						 "not in it.", record };
	return (struct drvmem_html_gap){ "This kernel's version or its CPUs cannot be told, and the rules reckon with them.", NULL };
}

static struct drvmem_html_gap no_system(const struct drvmem_report_html *h)
{
	if (h->c->file && h->from_top)
		return (struct drvmem_html_gap){ "The live view of a session does not read the machine's memory in it.",
						 "drvmem report -f html -o FILE.html SESSION" };
	if (h->c->file)
		return (struct drvmem_html_gap){ "The session was recorded by a drvmem that did not keep the whole machine's memory.",
						 "drvmem record -o SESSION" };
	return (struct drvmem_html_gap){ "The machine could not be read when tracing began, or at its end.", NULL };
}

/* ---- advice */

/* What the rules say, where all that they need is there; false: it is not. */
static bool advise(struct drvmem_report_html *h, const struct drvmem_scope *v, const struct drvmem_advice_opts *rules,
		   struct drvmem_advice *ret, int *e)
{
	struct drvmem_advice_in in = {
		.s = v->s, .site = v->by_owner, .nr_sites = v->nr_kept, .laps = &h->laps, .slub = &h->slub, .o = rules,
		.pools = h->c->sites.n ? NULL : v->pools,	/* a pool is at no call site */
	};
	bool has = h->c->file ? !h->lacks.objects && !h->lacks.habits : h->judges;
	struct drvmem_numa *numa;

	*e = 0;
	if (!has || !v->s->usage || v->s->meta.sampled)
		return false;
	in.numa = numa = h->c->file ? NULL : drvmem_numareading(v->s);	/* of this machine, now */
	*e = drvmem_advice(&in, ret);
	drvmem_numa__free(numa);
	return !*e;
}

static int render_advised(struct drvmem_report_html *h, struct drvmem_htmlreport_in *in, FILE *out)
{
	struct drvmem_advice_opts rules = drvmem_advice_defaults;
	struct drvmem_advised d;
	struct drvmem_advice a = { 0 };
	int e;

	rules.kernel |= drvmem_advising__asks_for_kernel(&h->c->owners);
	if (advise(h, in->v, &rules, &a, &e)) {
		drvmem_advised_init(&d, in->v, &a, &rules, in->v->pools, &h->phases);
		in->advice = &d;
	}
	if (!e)
		e = render(in, out);
	drvmem_advice__deinit(&a);
	return e;
}

int drvmem_report_html__render(struct drvmem_report_html *h, struct drvmem_sysmem *const read[2], struct drvmem_scope *v,
			       FILE *out)
{
	const struct drvmem_outstanding_opts o = { .learn = true, .series = &h->series };
	char growth_run[COMMANDS_LEN], advice_run[COMMANDS_LEN];
	struct drvmem_htmlreport_in in = {
		.v = v, .t = h->timeline, .no_growth = no_growth(h, v->s, growth_run), .no_advice = no_advice(h, v->s, advice_run),
		.no_system = no_system(h),
	};
	struct drvmem_outstanding *growth = NULL;
	struct drvmem_sysmem *now = NULL;
	struct drvmem_system *system = NULL;
	bool ages = !v->s->meta.sampled && (v->s->nr_objects || !v->s->nr_sites);
	int e = ages ? drvmem_outstanding__new(v, &o, &growth) : 0;

	if (e)
		return e;
	read_machine(h, read, v, &now, &system);
	in.growth = growth;
	in.system = system;
	e = render_advised(h, &in, out);
	drvmem_system__free(system);
	drvmem_sysmem__free(now);
	drvmem_outstanding__free(growth);
	return e;
}

void drvmem_report_html__deinit(struct drvmem_report_html *h)
{
	drvmem_timeline__free(h->timeline);
	drvmem_series__fini(&h->series);
	drvmem_laps__fini(&h->laps);
	h->timeline = NULL;
}
