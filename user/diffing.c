// SPDX-License-Identifier: GPL-2.0-or-later
#include "diffing.h"

#include <errno.h>
#include <stdlib.h>

#include "analysis/pools.h"
#include "render/csv.h"
#include "render/diffed.h"
#include "render/folded.h"
#include "render/html.h"
#include "render/json.h"
#include "render/pprof.h"
#include "render/where.h"
#include "view/diffed_pools.h"

const char *const drvmem_diff_form_names[] = {
	[DRVMEM_DIFF_TEXT] = "text", [DRVMEM_DIFF_JSON] = "json", [DRVMEM_DIFF_CSV] = "csv",
	[DRVMEM_DIFF_HTML] = "html", [DRVMEM_DIFF_FOLDED] = "folded", [DRVMEM_DIFF_PPROF] = "pprof",
	[DRVMEM_DIFF_SPEEDSCOPE] = "speedscope", NULL,
};

static int render_csv(const struct drvmem_diffed *d, uint32_t top, FILE *out)
{
	struct drvmem_grid *g;
	int e = drvmem_diffed__grid(d, top, &g);

	if (e)
		return e;
	drvmem_csv__grid(g, d->b->s->meta.taken_unix, true, out);
	drvmem_grid__free(g);
	return 0;
}

static int render_profile(const struct drvmem_diffed *d, const struct drvmem_diffing_opts *o, FILE *out)
{
	struct drvmem_profile *a = NULL, *b = NULL, *less = NULL;
	int e = drvmem_profile__new(d->a, o->callers, &a);

	if (!e)
		e = drvmem_profile__new(d->b, o->callers, &b);
	if (!e && o->form == DRVMEM_DIFF_PPROF)
		e = drvmem_profile__subtract(a, b, &less);
	if (!e)
		e = less ? drvmem_pprof__write(less, out) : drvmem_folded__diff(a, b, o->weigh, out);
	drvmem_profile__free(less);
	drvmem_profile__free(a);
	drvmem_profile__free(b);
	return e;
}

static int render_page(const struct drvmem_diffpage_in *in, FILE *out)
{
	struct drvmem_diffpage *p;
	int e = drvmem_diffpage__new(in, &p);

	if (e)
		return e;
	e = drvmem_html__diff(p, out);
	drvmem_diffpage__free(p);
	return e;
}

/* The page shows all that can be compared, whichever of it decides the status. */
static int render_html(const struct drvmem_diffed *d, FILE *out)
{
	struct drvmem_diffed *by[DRVMEM_COMPARE_CACHE + 1] = { NULL };
	struct drvmem_diffed_opts o = d->opts;
	unsigned int i;
	int e = 0;

	for (i = 0; i <= DRVMEM_COMPARE_CACHE && !e; i++) {
		o.by = (enum drvmem_compare_by)i;
		e = drvmem_diffed__new(d->a, d->b, &o, &by[i]);
	}
	if (!e)
		e = render_page(&(struct drvmem_diffpage_in){ by[DRVMEM_COMPARE_OWNER], by[DRVMEM_COMPARE_SITE],
							      by[DRVMEM_COMPARE_CACHE] }, out);
	for (i = 0; i <= DRVMEM_COMPARE_CACHE; i++)
		drvmem_diffed__free(by[i]);
	return e;
}

static int render(const struct drvmem_diffed *d, const struct drvmem_diffing_opts *o, struct drvmem_out *out)
{
	struct drvmem_text_opts t;
	int e;

	switch (o->form) {
	case DRVMEM_DIFF_JSON:
		return drvmem_json__diffed(d, out->f);
	case DRVMEM_DIFF_CSV:
		return render_csv(d, o->top, out->f);
	case DRVMEM_DIFF_HTML:
		return render_html(d, out->f);
	case DRVMEM_DIFF_FOLDED:
	case DRVMEM_DIFF_PPROF:
		return render_profile(d, o, out->f);
	case DRVMEM_DIFF_SPEEDSCOPE:	/* was refused */
		return -EINVAL;
	case DRVMEM_DIFF_TEXT:
		break;
	}
	drvmem_out__text_opts(out, &t);
	e = drvmem_text__diffed(d, o->top, &t, out->f);
	if (e)
		return e;
	drvmem_text__debug_files(d->a, NULL, &t, out->f);
	drvmem_text__debug_files(d->b, d->a, &t, out->f);
	return 0;
}

/* What has told already what it is keeps that. */
static int fail(int e, struct drvmem_err *err)
{
	if (e == -EINVAL)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "a snapshot is not consistent (EINVAL)");
	return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
}

/* Of both sides those that the filter keeps. */
static int select_pools(const struct drvmem_diffing_opts *o, struct drvmem_pools *a, struct drvmem_pools *b)
{
	int e = drvmem_pools__borrow(o->pools_a, a);

	if (!e)
		e = drvmem_pools__borrow(o->pools_b, b);
	if (e)
		return e;
	if (o->filter.owners && o->filter.caches) {
		drvmem_pools__select(a, o->filter.owners, o->filter.caches);
		drvmem_pools__select(b, o->filter.owners, o->filter.caches);
	}
	return 0;
}

static int render_pools(const struct drvmem_diffed *d, const struct drvmem_diffing_opts *o,
			const struct drvmem_diffed_pools *p, struct drvmem_out *out)
{
	struct drvmem_text_opts t;

	switch (o->form) {
	case DRVMEM_DIFF_JSON:
		drvmem_json__diffed_pools(d, p, out->f);
		break;
	case DRVMEM_DIFF_CSV:
		drvmem_csv__grid(p->g, d->b->s->meta.taken_unix, true, out->f);
		break;
	default:
		drvmem_out__text_opts(out, &t);
		drvmem_text__diffed_pools(d, p, &t, out->f);
		break;
	}
	return p->nr_findings != 0;
}

/* 1: a pool grew beyond the tolerance. */
static int show_pools(const struct drvmem_diffed *d, const struct drvmem_diffing_opts *o, struct drvmem_out *out,
		      bool *ret_none)
{
	struct drvmem_pools a = { 0 }, b = { 0 };
	struct drvmem_diffed_pools *p = NULL;
	int e = select_pools(o, &a, &b);

	*ret_none = !a.n && !b.n;
	if (!e)
		e = drvmem_diffed_pools__new(&a, &b, &o->diffed, o->form == DRVMEM_DIFF_JSON ? 0 : o->top, &p);
	if (!e)
		e = render_pools(d, o, p, out);
	drvmem_diffed_pools__free(p);
	free(a.v);
	free(b.v);
	return e;
}

/* A pattern may fit one side only: what is new, or gone. */
static int check_filter(const struct drvmem_filter *f, const struct drvmem_snapshot *a, const struct drvmem_snapshot *b,
			struct drvmem_err *err)
{
	struct drvmem_err unused = { 0 };

	return drvmem_filter__check(f, a, &unused) ? drvmem_filter__check(f, b, err) : 0;
}

/* All but the name is that of s. */
static const struct drvmem_snapshot *without_name(const struct drvmem_snapshot *s, struct drvmem_snapshot *room)
{
	*room = *s;
	room->meta.hostname = DRVMEM_HIDDEN;
	return room;
}

static int usage(struct drvmem_err *err, const char *remedy)
{
	drvmem_err__remedy(err, "%s", remedy);
	return -EINVAL;
}

int drvmem_diffing__check(const struct drvmem_diffing_opts *o, bool pools, bool terminal, struct drvmem_err *err)
{
	bool profile = o->form >= DRVMEM_DIFF_FOLDED;

	if (o->form == DRVMEM_DIFF_SPEEDSCOPE) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "speedscope has no weights below 0, so no difference");
		return usage(err, "use -f pprof or -f folded; of one side: drvmem report FILE -f speedscope");
	}
	if (o->redact && o->form != DRVMEM_DIFF_HTML) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--redact goes with -f html only");
		return usage(err, "for other forms record the sessions with 'drvmem record --redact', and compare those");
	}
	if (pools && o->form == DRVMEM_DIFF_HTML) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "pools cannot be shown with -f html");
		return usage(err, "use -f text, -f json or -f csv");
	}
	if (pools && profile) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "pools have no stacks: --pools cannot be shown with -f %s",
				drvmem_diff_form_names[o->form]);
		return usage(err, "use -f text, -f json or -f csv");
	}
	if (pools && o->diffed.by) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--pools compares pools, --by %s something else",
				drvmem_compare_by_names[o->diffed.by]);
		return usage(err, "use one of them");
	}
	if (drvmem_linelook__wanted(&o->look) && o->form != DRVMEM_DIFF_PPROF &&
	    (pools || o->diffed.by != DRVMEM_COMPARE_SITE || profile || o->form == DRVMEM_DIFF_HTML)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--lines are those of call sites");
		return usage(err, "use --by site or -f pprof, or leave --lines out");
	}
	if (o->form == DRVMEM_DIFF_PPROF && terminal) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "-f pprof is not for a terminal");
		return usage(err, "name a file with -o FILE, e.g. -o diff.pb.gz");
	}
	return drvmem_linelook__check(&o->look, err);
}

int drvmem_diffing__check_sides(const struct drvmem_replay_side *a, const struct drvmem_replay_side *b, bool pools,
				struct drvmem_err *err)
{
	if (a->window != b->window) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s is a window, and %s is not", a->window ? "A" : "B",
				a->window ? "B" : "A");
		return usage(err, "compare two windows, FILE@TIME..TIME, or two moments, FILE@TIME");
	}
	if (pools && a->window) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "pools are read at moments: windows of them cannot be compared");
		return usage(err, "compare the begin of a window with its end: FILE@TIME FILE@TIME");
	}
	if (pools && (!a->pools->n || (b->s && !b->pools->n))) {
		drvmem_err__set(err, -ENODATA, DRVMEM_EXIT_USAGE, "%s has no pools at that moment", a->pools->n ? "B" : "A");
		return usage(err, "'drvmem record' reads them at its start, every five minutes, and at its end");
	}
	return 0;
}

int drvmem_diffing__show(const struct drvmem_snapshot *a, const struct drvmem_snapshot *b,
			 const struct drvmem_diffing_opts *o, struct drvmem_out *out, struct drvmem_err *err)
{
	struct drvmem_scope *va = NULL, *vb = NULL;
	struct drvmem_snapshot nameless[2];
	struct drvmem_diffed *d = NULL;
	bool pools = o->pools_a && o->pools_b, no_pool = false;
	int e, found = 0;

	if (o->redact) {
		a = without_name(a, &nameless[0]);
		b = without_name(b, &nameless[1]);
	}
	e = drvmem_scope__new(NULL, a, &o->filter, &va);
	if (!e)
		e = drvmem_scope__new(NULL, b, &o->filter, &vb);
	if (!e && !pools)
		e = check_filter(&o->filter, a, b, err);
	if (!e)
		e = drvmem_linelook__scope(&o->look, true, va, err);
	if (!e)
		e = drvmem_linelook__scope(&o->look, !o->live, vb, err);
	if (!e)
		e = drvmem_diffed__new(va, vb, &o->diffed, &d);
	if (!e && pools)
		found = show_pools(d, o, out, &no_pool);
	else if (!e)
		e = render(d, o, out);
	if (found < 0)
		e = found;
	/* a pattern may fit a pool only */
	if (!e && no_pool)
		e = check_filter(&o->filter, a, b, err);
	if (!e && !pools)
		found = d->nr_findings != 0;
	drvmem_diffed__free(d);
	drvmem_scope__free(va);
	drvmem_scope__free(vb);
	return e ? fail(e, err) : found;
}
