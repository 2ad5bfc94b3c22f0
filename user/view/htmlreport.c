// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/htmlreport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/htmlreport_parts.h"

/* Where sites of a row begin and end: of a module all, of the kernel those of one component. */
struct order {
	const struct drvmem_snapshot *s;
};

static int cmp_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static bool is_kernel(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t)
{
	return s->instances[t->owner].type == DRVMEM_OWNER_KERNEL;
}

static int cmp_unit(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *x, const struct drvmem_sitesnap *y)
{
	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return is_kernel(s, x) ? cmp_text(x->component, y->component) : 0;
}

/* By unit; there memory before mappings, most live bytes first. */
static int cmp_order(const void *a, const void *b, void *arg)
{
	const struct order *o = arg;
	const struct drvmem_sitesnap *x = &o->s->sites[*(const uint32_t *)a], *y = &o->s->sites[*(const uint32_t *)b];
	int c = cmp_unit(o->s, x, y);

	if (c)
		return c;
	if (DRVMEM_IS_MAPPING(x->allocator) != DRVMEM_IS_MAPPING(y->allocator))
		return DRVMEM_IS_MAPPING(x->allocator) ? 1 : -1;
	if (x->c.live_bytes != y->c.live_bytes)
		return x->c.live_bytes < y->c.live_bytes ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

static const char *unit_name(struct drvmem_htmlreport *r, const struct drvmem_sitesnap *t)
{
	const char *owner = r->in.v->owner_name[t->owner];

	if (!is_kernel(r->in.v->s, t))
		return owner;
	return drvmem_arena__printf(r->arena, "%s:%s", owner, t->component ? t->component : "vmlinux");
}

/* The sites of a unit: sums of all, rows for those of memory. */
static int add_unit(struct drvmem_htmlreport *r, const uint32_t *order, uint32_t n)
{
	struct drvmem_scope *v = r->in.v;
	const struct drvmem_sitesnap *t = &v->s->sites[order[0]];
	const struct drvmem_owner_slice *slice = drvmem_scope__owner(v, t->owner);
	struct drvmem_html_unit *u = &r->units[r->nr_units++];
	uint32_t i;

	*u = (struct drvmem_html_unit){ .owner = t->owner, .first = r->nr_sites, .name = unit_name(r, t) };
	if (slice && slice->nr == n)
		drvmem_scope__owner_sum(v, slice, &u->sum);
	else
		drvmem_scope__sum(v, order, n, &u->sum);
	for (i = 0; i < n; i++) {
		t = &v->s->sites[order[i]];
		u->guess |= is_kernel(v->s, t) && t->component_guess;
		if (DRVMEM_IS_MAPPING(t->allocator))
			break;
		r->sites[r->nr_sites].site = order[i];
		drvmem_scope__sum(v, &order[i], 1, &r->sites[r->nr_sites++].sum);
		u->nr++;
	}
	return u->name ? 0 : -ENOMEM;
}

static int cmp_units(const void *a, const void *b)
{
	const struct drvmem_html_unit *x = a, *y = b;

	if (x->sum.c.live_bytes != y->sum.c.live_bytes)
		return x->sum.c.live_bytes < y->sum.c.live_bytes ? 1 : -1;
	if (x->sum.c.allocs != y->sum.c.allocs)
		return x->sum.c.allocs < y->sum.c.allocs ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int make_units(struct drvmem_htmlreport *r)
{
	struct drvmem_scope *v = r->in.v;
	struct order o = { v->s };
	uint32_t n = v->nr_kept, i, j;
	uint32_t *order = malloc((n ? n : 1) * sizeof(*order));
	int e = 0;

	r->units = calloc(n ? n : 1, sizeof(*r->units));
	r->sites = calloc(n ? n : 1, sizeof(*r->sites));
	if (!order || !r->units || !r->sites) {
		free(order);
		return -ENOMEM;
	}
	memcpy(order, v->by_owner, n * sizeof(*order));
	qsort_r(order, n, sizeof(*order), cmp_order, &o);
	for (i = 0; i < n && !e; i = j) {
		for (j = i + 1; j < n && !cmp_unit(v->s, &v->s->sites[order[i]], &v->s->sites[order[j]]); j++)
			;
		e = add_unit(r, order + i, j - i);
	}
	free(order);
	if (e)
		return e;
	qsort(r->units, r->nr_units, sizeof(*r->units), cmp_units);
	for (i = 0; i < r->nr_units; i++)
		for (j = 0; j < r->units[i].nr; j++)
			r->sites[r->units[i].first + j].unit = i;
	drvmem_scope__sum(v, v->by_owner, n, &r->total);
	return 0;
}

/* ---- sites in the page's data: those that hold or took most */

static int cmp_sites(const void *a, const void *b, void *arg)
{
	const struct drvmem_htmlreport *r = arg;
	const struct drvmem_counts *x = &r->sites[*(const uint32_t *)a].sum.c, *y = &r->sites[*(const uint32_t *)b].sum.c;

	if (x->live_bytes != y->live_bytes)
		return x->live_bytes < y->live_bytes ? 1 : -1;
	if (x->alloc_bytes != y->alloc_bytes)
		return x->alloc_bytes < y->alloc_bytes ? 1 : -1;
	return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b);
}

static int choose_sites(struct drvmem_htmlreport *r)
{
	uint32_t i;

	r->by_live = malloc((r->nr_sites ? r->nr_sites : 1) * sizeof(*r->by_live));
	if (!r->by_live)
		return -ENOMEM;
	for (i = 0; i < r->nr_sites; i++)
		r->by_live[i] = i;
	qsort_r(r->by_live, r->nr_sites, sizeof(*r->by_live), cmp_sites, r);
	for (i = 0; i < r->nr_sites && i < DRVMEM_HTML_SITES; i++, r->nr_shown++)
		r->sites[r->by_live[i]].shown = true;
	return 0;
}

/* ---- verdicts */

static void find_verdicts(struct drvmem_htmlreport *r)
{
	const struct drvmem_outstanding *g = r->in.growth;
	const struct drvmem_outstanding_site **of;
	uint32_t i, j;

	if (!g)
		return;
	of = calloc(r->in.v->s->nr_sites ? r->in.v->s->nr_sites : 1, sizeof(*of));
	if (!of)
		return;
	for (i = 0; i < g->nr_sites; i++)
		of[g->site[i].site] = &g->site[i];
	/* site[] has the worst ones first */
	for (i = 0; i < r->nr_units; i++) {
		for (j = 0; j < r->units[i].nr; j++) {
			const struct drvmem_outstanding_site *k = of[r->sites[r->units[i].first + j].site];

			if (k && (!r->units[i].worst || k < r->units[i].worst))
				r->units[i].worst = k;
		}
	}
	free(of);
}

void drvmem_htmlreport__free(struct drvmem_htmlreport *r)
{
	uint32_t i;

	if (!r)
		return;
	for (i = 0; i < r->nr_units; i++)
		free(r->units[i].at);
	for (i = 0; i < r->nr_classes; i++)
		free(r->classes[i].v);
	free(r->units);
	free(r->sites);
	free(r->by_live);
	free(r->points);
	drvmem_arena__free(r->arena);
	free(r);
}

int drvmem_htmlreport__new(const struct drvmem_htmlreport_in *in, struct drvmem_htmlreport **ret)
{
	struct drvmem_htmlreport *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	r->in = *in;
	r->arena = drvmem_arena__new();
	e = r->arena ? make_units(r) : -ENOMEM;
	if (!e)
		e = choose_sites(r);
	if (!e)
		e = drvmem_htmlreport__make_history(r);
	if (e) {
		drvmem_htmlreport__free(r);
		return e;
	}
	find_verdicts(r);
	drvmem_htmlreport__make_cards(r);
	*ret = r;
	return 0;
}

/* ---- tables */

#define NAME(title_) { "name", title_, NULL, DRVMEM_UNIT_TEXT, false, 0 }
#define FIGURES									\
	{ "live_bytes", "live", NULL, DRVMEM_UNIT_BYTES, false, 0 },		\
	{ "delta_bytes", "Δ", NULL, DRVMEM_UNIT_BYTES, true, 0 },		\
	{ "peak_bytes", "peak", NULL, DRVMEM_UNIT_BYTES, false, 0 },		\
	{ "live_objects", "objects", NULL, DRVMEM_UNIT_COUNT, false, 0 },	\
	{ "allocs", "allocs", NULL, DRVMEM_UNIT_COUNT, false, 0 },		\
	{ "frees", "frees", NULL, DRVMEM_UNIT_COUNT, false, 0 },		\
	{ "waste_bytes", "waste", NULL, DRVMEM_UNIT_BYTES, false, 0 },		\
	{ "failures", "failures", NULL, DRVMEM_UNIT_COUNT, false, 0 },		\
	{ "age_p50_ns", "age p50", NULL, DRVMEM_UNIT_DURATION, false, 0 }
#define VERDICT { "verdict", "verdict", NULL, DRVMEM_UNIT_TEXT, false, 0 }

static const struct drvmem_column unit_columns[] = {
	NAME("owner"), FIGURES, VERDICT, { "mapped_bytes", "mapped", NULL, DRVMEM_UNIT_BYTES, false, 0 },
};
static const struct drvmem_column site_columns[] = {
	NAME("call site"), { "owner", "owner", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "cache", "cache", NULL, DRVMEM_UNIT_TEXT, false, 0 }, FIGURES,
};
static const struct drvmem_column allocator_columns[] = { NAME("allocator"), FIGURES };
#define NR(a) (sizeof(a) / sizeof((a)[0]))

static int finish(struct drvmem_grid *g, struct drvmem_grid **ret)
{
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

static void add_unit_row(const struct drvmem_htmlreport *r, const struct drvmem_html_unit *u, struct drvmem_grid *g)
{
	const struct drvmem_outstanding_site *k = u->worst;
	char text[64];

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", u->name, u->guess ? DRVMEM_CELL_GUESS : 0);
	drvmem_report__figures(r->in.v, &u->sum, true, g);
	if (!r->in.growth || !k)
		return;
	snprintf(text, sizeof(text), k->growth.class == DRVMEM_GROWTH_GROWING ? "%s (%s)" : "%s",
		 drvmem_growth__name(k->growth.class), drvmem_confidence__name(k->growth.confidence));
	drvmem_grid__text(g, "verdict", text, 0);
}

/* The sum of those that were cut, then of all. sites: indices into sites[] of the snapshot, cut ones last. */
static void add_sums(const struct drvmem_htmlreport *r, const uint32_t *cut, uint32_t nr_cut, uint32_t rows_cut,
		     const struct drvmem_sum *total, struct drvmem_grid *g)
{
	struct drvmem_sum sum;
	char label[32];

	if (rows_cut) {
		drvmem_scope__sum(r->in.v, cut, nr_cut, &sum);
		snprintf(label, sizeof(label), "other (%u)", rows_cut);
		drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
		drvmem_grid__text(g, "name", label, 0);
		drvmem_report__figures(r->in.v, &sum, true, g);
	}
	drvmem_grid__add_row(g, DRVMEM_ROW_TOTAL, 0);
	drvmem_grid__text(g, "name", "TOTAL", 0);
	drvmem_report__figures(r->in.v, total, true, g);
}

int drvmem_htmlreport__units(const struct drvmem_htmlreport *r, uint32_t top, struct drvmem_grid **ret)
{
	uint32_t columns = NR(unit_columns) - !r->total.nr_maps, i, n = 0;
	struct drvmem_grid *g = drvmem_grid__new(unit_columns, columns);
	uint32_t *cut = malloc((r->nr_sites ? r->nr_sites : 1) * sizeof(*cut)), j;

	if (!g || !cut) {
		drvmem_grid__free(g);
		free(cut);
		return -ENOMEM;
	}
	for (i = 0; i < r->nr_units && (!top || i < top); i++)
		add_unit_row(r, &r->units[i], g);
	top = i;
	for (; i < r->nr_units; i++)
		for (j = 0; j < r->units[i].nr; j++)
			cut[n++] = r->sites[r->units[i].first + j].site;
	add_sums(r, cut, n, r->nr_units - top, &r->total, g);
	free(cut);
	return finish(g, ret);
}

static const char *shown(const char *text)
{
	return text && text[0] ? text : "?";
}

/* The module is named where the owner's name does not tell it. */
static void add_site_row(const struct drvmem_htmlreport *r, const struct drvmem_html_site *k, struct drvmem_grid *g)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	const struct drvmem_sitesnap *t = &s->sites[k->site];
	char text[256];

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	if (t->module && cmp_text(t->module, s->instances[t->owner].name)) {
		snprintf(text, sizeof(text), "%s [%s]", shown(t->site), t->module);
		drvmem_grid__text(g, "name", text, 0);
	} else {
		drvmem_grid__text(g, "name", shown(t->site), 0);
	}
	drvmem_grid__text(g, "owner", r->units[k->unit].name, r->units[k->unit].guess ? DRVMEM_CELL_GUESS : 0);
	drvmem_report__figures(r->in.v, &k->sum, false, g);
	drvmem_grid__text(g, "cache", shown(s->caches[t->cache].name), 0);
}

int drvmem_htmlreport__sites(const struct drvmem_htmlreport *r, uint32_t unit, uint32_t top, struct drvmem_grid **ret)
{
	const struct drvmem_html_unit *u = unit == UINT32_MAX ? NULL : &r->units[unit];
	uint32_t n = u ? u->nr : r->nr_sites, nr_cut = 0, i, at, *all = malloc((n ? n : 1) * sizeof(*all));
	struct drvmem_grid *g = drvmem_grid__new(site_columns, NR(site_columns));
	struct drvmem_sum total;

	if (!g || !all) {
		drvmem_grid__free(g);
		free(all);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		at = u ? u->first + i : r->by_live[i];
		if (!top || i < top)
			add_site_row(r, &r->sites[at], g);
		else
			nr_cut++;
		all[i] = r->sites[at].site;
	}
	drvmem_scope__sum(r->in.v, all, n, &total);
	add_sums(r, all + n - nr_cut, nr_cut, nr_cut, &total, g);
	free(all);
	return finish(g, ret);
}

int drvmem_htmlreport__allocators(const struct drvmem_htmlreport *r, uint32_t unit, struct drvmem_grid **ret)
{
	const struct drvmem_html_unit *u = &r->units[unit];
	uint32_t *some = malloc((u->nr ? u->nr : 1) * sizeof(*some)), i, n;
	struct drvmem_grid *g = drvmem_grid__new(allocator_columns, NR(allocator_columns));
	struct drvmem_sum sum;
	uint16_t a;

	if (!g || !some) {
		drvmem_grid__free(g);
		free(some);
		return -ENOMEM;
	}
	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++) {
		for (i = 0, n = 0; i < u->nr; i++)
			if (r->in.v->s->sites[r->sites[u->first + i].site].allocator == a)
				some[n++] = r->sites[u->first + i].site;
		if (!n)
			continue;
		drvmem_scope__sum(r->in.v, some, n, &sum);
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", drvmem_allocator_name(a), 0);
		drvmem_report__figures(r->in.v, &sum, true, g);
	}
	free(some);
	return finish(g, ret);
}
