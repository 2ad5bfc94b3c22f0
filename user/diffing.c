// SPDX-License-Identifier: GPL-2.0-or-later
#include "diffing.h"

#include <errno.h>

#include "render/csv.h"
#include "render/diffed.h"
#include "render/folded.h"
#include "render/html.h"
#include "render/json.h"
#include "view/diffed_pools.h"

const char *const drvmem_diff_form_names[] = {
	[DRVMEM_DIFF_TEXT] = "text", [DRVMEM_DIFF_JSON] = "json", [DRVMEM_DIFF_CSV] = "csv",
	[DRVMEM_DIFF_FOLDED] = "folded", [DRVMEM_DIFF_HTML] = "html", NULL,
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

static int render_folded(const struct drvmem_diffed *d, const struct drvmem_diffing_opts *o, FILE *out)
{
	struct drvmem_profile *a = NULL, *b = NULL;
	int e = drvmem_profile__new(d->a, o->callers, &a);

	if (!e)
		e = drvmem_profile__new(d->b, o->callers, &b);
	if (!e)
		e = drvmem_folded__diff(a, b, o->weigh, out);
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

	switch (o->form) {
	case DRVMEM_DIFF_JSON:
		return drvmem_json__diffed(d, out->f);
	case DRVMEM_DIFF_CSV:
		return render_csv(d, o->top, out->f);
	case DRVMEM_DIFF_FOLDED:
		return render_folded(d, o, out->f);
	case DRVMEM_DIFF_HTML:
		return render_html(d, out->f);
	case DRVMEM_DIFF_TEXT:
		break;
	}
	drvmem_out__text_opts(out, &t);
	return drvmem_text__diffed(d, o->top, &t, out->f);
}

/* What has told already what it is keeps that. */
static int fail(int e, struct drvmem_err *err)
{
	if (e == -EINVAL)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "a snapshot is not consistent (EINVAL)");
	return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
}

static int show_pools(const struct drvmem_snapshot *b, const struct drvmem_diffing_opts *o, struct drvmem_out *out,
		      struct drvmem_err *err)
{
	struct drvmem_text_opts t;
	struct drvmem_grid *g;

	if (o->form == DRVMEM_DIFF_FOLDED || o->form == DRVMEM_DIFF_HTML) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, o->form == DRVMEM_DIFF_HTML ? "pools cannot be shown with -f html" :
				"pools have no stacks to fold");
		drvmem_err__remedy(err, "use -f text, -f json or -f csv");
		return -EINVAL;
	}
	if (drvmem_diffed__pools(o->pools_a, o->pools_b, o->form == DRVMEM_DIFF_JSON ? 0 : o->top, &g))
		return fail(-ENOMEM, err);
	if (o->form == DRVMEM_DIFF_JSON) {
		drvmem_json__grid(g, "pools", out->f);
	} else if (o->form == DRVMEM_DIFF_CSV) {
		drvmem_csv__grid(g, b->meta.taken_unix, true, out->f);
	} else {
		drvmem_out__text_opts(out, &t);
		drvmem_text__grid(g, &t, out->f);
	}
	drvmem_grid__free(g);
	return 0;
}

/* A pattern may fit one side only: what is new, or gone. */
static int check_filter(const struct drvmem_filter *f, const struct drvmem_snapshot *a, const struct drvmem_snapshot *b,
			struct drvmem_err *err)
{
	struct drvmem_err unused = { 0 };

	return drvmem_filter__check(f, a, &unused) ? drvmem_filter__check(f, b, err) : 0;
}

int drvmem_diffing__check(const struct drvmem_diffing_opts *o, struct drvmem_err *err)
{
	if (!o->redact || o->form == DRVMEM_DIFF_HTML)
		return 0;
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--redact goes with -f html only");
	drvmem_err__remedy(err, "for other forms record the sessions with 'drvmem record --redact', and compare those");
	return -EINVAL;
}

/* All but the name is that of s. */
static const struct drvmem_snapshot *without_name(const struct drvmem_snapshot *s, struct drvmem_snapshot *room)
{
	*room = *s;
	room->meta.hostname = DRVMEM_HIDDEN;
	return room;
}

int drvmem_diffing__show(const struct drvmem_snapshot *a, const struct drvmem_snapshot *b,
			 const struct drvmem_diffing_opts *o, struct drvmem_out *out, struct drvmem_err *err)
{
	struct drvmem_scope *va = NULL, *vb = NULL;
	struct drvmem_snapshot nameless[2];
	struct drvmem_diffed *d = NULL;
	int e, found = 0;

	if (o->redact) {
		a = without_name(a, &nameless[0]);
		b = without_name(b, &nameless[1]);
	}

	if (o->pools_a && o->pools_b)
		return show_pools(b, o, out, err);
	e = drvmem_scope__new(NULL, a, &o->filter, &va);
	if (!e)
		e = drvmem_scope__new(NULL, b, &o->filter, &vb);
	if (!e)
		e = check_filter(&o->filter, a, b, err);
	if (!e)
		e = drvmem_diffed__new(va, vb, &o->diffed, &d);
	if (!e)
		e = render(d, o, out);
	if (!e)
		found = d->nr_findings != 0;
	drvmem_diffed__free(d);
	drvmem_scope__free(va);
	drvmem_scope__free(vb);
	return e ? fail(e, err) : found;
}
