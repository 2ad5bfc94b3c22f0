// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_out.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "render/baseline.h"
#include "render/coverage.h"
#include "render/csv.h"
#include "render/folded.h"
#include "render/json.h"
#include "render/pools.h"
#include "render/pprof.h"
#include "render/speedscope.h"
#include "render/text.h"
#include "render/where.h"
#include "view/between.h"
#include "view/epochs.h"
#include "view/profile.h"
#include "view/report.h"

/* What a form can show beside the table of owners. */
#define SHOWS_SYSTEM	0x01u
#define SHOWS_POOLS	0x02u
#define SHOWS_COVERAGE	0x04u
#define SHOWS_BASELINE	0x08u
#define SHOWS_INSIDE	0x10u
#define SHOWS_LINES	0x20u
#define SHOWS_ALL	0x3fu

struct form {
	unsigned int shows;
	bool profile;		/* stacks with values, once a run: no INTERVAL */
	bool binary;
	int (*render)(struct drvmem_reporting *r, struct drvmem_scope *v);
};

/* What most will want comes first. */
static const enum drvmem_profile_value weigh_values[] = {
	DRVMEM_PROFILE_INUSE_SPACE, DRVMEM_PROFILE_INUSE_OBJECTS, DRVMEM_PROFILE_ALLOC_SPACE,
	DRVMEM_PROFILE_ALLOC_OBJECTS,
};
const char *const drvmem_weigh_names[] = { "inuse_space", "inuse_objects", "alloc_space", "alloc_objects", NULL };

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
	drvmem_text__debug_files(v, NULL, t, r->out.f);
	if (r->o->baseline && !r->again)	/* it does not change in a run */
		e = drvmem_text__baseline(v->s, o.top, t, r->out.f);
	return e;
}

/* Allocated and freed inside and outside of what lies between two snapshots. */
static int inside_text(struct drvmem_reporting *r, struct drvmem_scope *v, const struct drvmem_text_opts *t)
{
	struct drvmem_text_opts bounded = *t;
	struct drvmem_grid *g;
	int e = drvmem_between__grid(v, (uint32_t)r->o->top, &g);

	if (e)
		return e;
	drvmem_text__header(v, t, r->again, r->out.f);
	bounded.bounds = true;
	drvmem_text__grid(g, &bounded, r->out.f);
	fputs("objects by whether they were allocated (A) and freed (F) inside (I) or outside (O) of the window; where\n"
	      "neither marks nor ages tell, counters and lifetimes say how many there are at least and at most\n", r->out.f);
	drvmem_grid__free(g);
	return 0;
}

static int render_text(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	struct drvmem_text_opts t;
	int e;

	drvmem_out__text_opts(&r->out, &t);
	if (r->o->inside)
		return inside_text(r, v, &t);
	if (v->pools) {
		drvmem_text__header(v, &t, r->again, r->out.f);
		return drvmem_text__pools(v->pools, (uint32_t)r->o->top, &t, r->out.f);
	}
	if (r->o->coverage) {
		drvmem_text__header(v, &t, r->again, r->out.f);
		e = drvmem_text__coverage(v->coverage, (uint32_t)r->o->top, &t, r->out.f);
		return e ? e : drvmem_text__exact(v->s, &t, r->out.f);
	}
	return owners_text(r, v, &t);
}

static int render_json(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	struct drvmem_grid *g;
	int e = r->o->inside ? drvmem_between__grid(v, 0, &g) : 0;

	if (e)
		return e;
	if (r->o->inside) {
		drvmem_json__grid(g, "between", r->out.f);
		drvmem_grid__free(g);
		return 0;
	}
	return drvmem_json__report(v, r->out.f);
}

/* What the forms that cannot hold it leave to be said. */
static void tell_sampling(const struct drvmem_scope *v, const char *of)
{
	struct drvmem_strbuf b = { 0 };

	if (!v->s->meta.sampled)
		return;
	drvmem_epochs__say(&v->s->meta, &b);
	fprintf(stderr, "drvmem report: sampled: the %s's figures are estimates (%s)\n", of,
		drvmem_strbuf__error(&b) ? "out of memory" : drvmem_strbuf__str(&b));
	drvmem_strbuf__deinit(&b);
}

static int render_csv(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	struct drvmem_report_opts o = table_opts(r);
	struct drvmem_grid *g;
	int e = r->o->inside ? drvmem_between__grid(v, o.top, &g) :
		v->pools ? drvmem_pools__grid(v->pools, o.top, &g) : drvmem_report__build(v, &o, &g);

	if (e)
		return e;
	drvmem_csv__grid(g, v->s->meta.taken_unix, !r->again, r->out.f);
	if (!r->again || drvmem_epochs__switches(&v->s->meta) != r->switches_told)
		tell_sampling(v, "table");
	r->switches_told = drvmem_epochs__switches(&v->s->meta);
	drvmem_grid__free(g);
	return 0;
}

static void tell_losses(const struct drvmem_scope *v)
{
	if (v->lossy)
		fprintf(stderr, "drvmem report: at least %llu events were lost (%.3g ppm): the profile's figures are lower bounds\n",
			(unsigned long long)drvmem_loss__total(&v->s->loss), drvmem_loss__ppm(&v->s->loss));
	tell_sampling(v, "profile");
}

static int render_profile(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	struct drvmem_profile *p;
	int e = drvmem_profile__new(v, (enum drvmem_callers)r->o->callers, &p);

	if (e)
		return e;
	switch ((enum drvmem_report_form)r->o->common.format) {
	case DRVMEM_REPORT_PPROF:
		e = drvmem_pprof__write(p, r->out.f);
		break;
	case DRVMEM_REPORT_SPEEDSCOPE:
		e = drvmem_speedscope__write(p, r->out.f);
		break;
	default:
		tell_losses(v);
		e = drvmem_folded__write(p, weigh_values[r->o->weigh], r->out.f);
		break;
	}
	drvmem_profile__free(p);
	return e;
}

/* Pools and coverage are in it whether they are asked for or not. */
static int render_html(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	return drvmem_report_html__render(&r->html, r->sys.read, v, r->out.f);
}

const char *const drvmem_report_form_names[] = {
	[DRVMEM_REPORT_TEXT] = "text", [DRVMEM_REPORT_JSON] = "json", [DRVMEM_REPORT_CSV] = "csv",
	[DRVMEM_REPORT_FOLDED] = "folded", [DRVMEM_REPORT_SPEEDSCOPE] = "speedscope",
	[DRVMEM_REPORT_PPROF] = "pprof", [DRVMEM_REPORT_HTML] = "html",
	[DRVMEM_NR_REPORT_FORMS] = NULL,
};

static const struct form forms[DRVMEM_NR_REPORT_FORMS] = {
	[DRVMEM_REPORT_TEXT] = { SHOWS_ALL, false, false, render_text },
	[DRVMEM_REPORT_JSON] = { SHOWS_ALL, false, false, render_json },
	[DRVMEM_REPORT_CSV] = { SHOWS_POOLS | SHOWS_INSIDE | SHOWS_LINES, false, false, render_csv },
	[DRVMEM_REPORT_FOLDED] = { 0, true, false, render_profile },
	[DRVMEM_REPORT_SPEEDSCOPE] = { SHOWS_LINES, true, false, render_profile },
	[DRVMEM_REPORT_PPROF] = { SHOWS_LINES, true, true, render_profile },
	[DRVMEM_REPORT_HTML] = { SHOWS_POOLS | SHOWS_COVERAGE, false, false, render_html },
};

static int usage(struct drvmem_err *err, const char *remedy)
{
	drvmem_err__remedy(err, "%s", remedy);
	return -EINVAL;
}

static int check_views(const struct drvmem_reporting_opts *o, struct drvmem_err *err)
{
	const struct {
		bool asked;
		unsigned int shows;
		const char *name;
	} views[] = {
		{ o->system, SHOWS_SYSTEM, "--system" }, { o->pools, SHOWS_POOLS, "--pools" },
		{ o->coverage, SHOWS_COVERAGE, "--coverage" }, { o->baseline, SHOWS_BASELINE, "--baseline" },
		{ o->inside, SHOWS_INSIDE, "--inside" }, { drvmem_linelook__wanted(&o->look), SHOWS_LINES, "--lines" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (!views[i].asked || forms[o->common.format].shows & views[i].shows)
			continue;
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s cannot be shown with -f %s", views[i].name,
				drvmem_report_form_names[o->common.format]);
		return usage(err, "use -f text or -f json, or leave the view out");
	}
	return 0;
}

int drvmem_report_out__check(const struct drvmem_reporting_opts *o, bool intervals, struct drvmem_err *err)
{
	const struct form *form = &forms[o->common.format];
	const char *name = drvmem_report_form_names[o->common.format];
	int e = check_views(o, err);

	if (e)
		return e;
	if (o->redact && o->common.format != DRVMEM_REPORT_HTML) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--redact goes with -f html only");
		return usage(err, "for other forms record the session with 'drvmem record --redact', and report from that");
	}
	if (o->weigh && o->common.format != DRVMEM_REPORT_FOLDED) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--weigh goes with -f folded only");
		return usage(err, "-f pprof and -f speedscope hold all four values");
	}
	if (o->callers && !form->profile) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--callers goes with profiles only");
		return usage(err, "profiles are -f folded, -f speedscope and -f pprof");
	}
	if (intervals && form->profile) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE,
				"-f %s is one result: it cannot be given for each INTERVAL", name);
		return usage(err, "leave INTERVAL out, and say how long with --duration");
	}
	if (!form->binary || o->common.output || !isatty(STDOUT_FILENO))
		return 0;
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "-f %s is not for a terminal", name);
	return usage(err, "name a file with -o FILE, e.g. -o run.pb.gz");
}

int drvmem_report_out__render(struct drvmem_reporting *r, struct drvmem_scope *v)
{
	int e = forms[r->o->common.format].render(r, v);

	r->again = true;
	return e;
}
