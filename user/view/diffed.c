// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* qsort_r */
#endif
#include "view/diffed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"
#include "view/diffed_notes.h"
#include "view/diffed_stacks.h"

#define LABEL_LEN 256
#define NR(a) (sizeof(a) / sizeof((a)[0]))

const char *const drvmem_compare_by_names[] = {
	[DRVMEM_COMPARE_OWNER] = "owner", [DRVMEM_COMPARE_SITE] = "site", [DRVMEM_COMPARE_CACHE] = "cache",
	[DRVMEM_COMPARE_STACK] = "stack", NULL,
};

#define NAME	{ "name", "NAME", NULL, DRVMEM_UNIT_TEXT, false, 0 }
#define ALLOC	{ "allocator", "ALLOC", NULL, DRVMEM_UNIT_TEXT, false, 8 }
#define FIGURES									\
	{ "what", "WHAT", NULL, DRVMEM_UNIT_TEXT, false, 0 },			\
	{ "finding", "LIMIT", NULL, DRVMEM_UNIT_TEXT, false, 1 },		\
	{ "a_bytes", "A", NULL, DRVMEM_UNIT_BYTES, false, 0 },			\
	{ "b_bytes", "B", NULL, DRVMEM_UNIT_BYTES, false, 0 },			\
	{ "change_bytes", "Δ", "DELTA", DRVMEM_UNIT_BYTES, true, 0 },		\
	{ "a_objects", "OBJ A", NULL, DRVMEM_UNIT_COUNT, false, 5 },		\
	{ "b_objects", "OBJ B", NULL, DRVMEM_UNIT_COUNT, false, 5 },		\
	{ "change_objects", "ΔOBJ", "DOBJ", DRVMEM_UNIT_COUNT, true, 2 },	\
	{ "a_allocs", "ALLOCS A", NULL, DRVMEM_UNIT_COUNT, false, 11 },		\
	{ "b_allocs", "ALLOCS B", NULL, DRVMEM_UNIT_COUNT, false, 11 },		\
	{ "change_allocs", "ΔALLOCS", "DALLOCS", DRVMEM_UNIT_COUNT, true, 6 },	\
	{ "a_allocs_per_s", "/s A", NULL, DRVMEM_UNIT_RATE, false, 4 },		\
	{ "b_allocs_per_s", "/s B", NULL, DRVMEM_UNIT_RATE, false, 4 }

/* The last columns, where either side has any. */
#define MAPS									\
	{ "a_mappings", "MAPS A", NULL, DRVMEM_UNIT_COUNT, false, 10 },		\
	{ "b_mappings", "MAPS B", NULL, DRVMEM_UNIT_COUNT, false, 10 },		\
	{ "change_mappings", "ΔMAPS", "DMAPS", DRVMEM_UNIT_COUNT, true, 5 },	\
	{ "a_mapped_bytes", "MAPPED A", NULL, DRVMEM_UNIT_BYTES, false, 10 },	\
	{ "b_mapped_bytes", "MAPPED B", NULL, DRVMEM_UNIT_BYTES, false, 10 },	\
	{ "change_mapped_bytes", "ΔMAPPED", "DMAPPED", DRVMEM_UNIT_BYTES, true, 3 }
#define NR_MAPS 6

static const struct drvmem_column owner_columns[] = { NAME, FIGURES, MAPS };
static const struct drvmem_column cache_columns[] = { NAME, ALLOC, FIGURES, MAPS };
/* With lines that were looked up: of B, where it has the call site. */
static const struct drvmem_column line_columns[] = {
	NAME, { "place", "LINE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 3 }, ALLOC,
	{ "match", "BY", NULL, DRVMEM_UNIT_TEXT, false, 9 }, FIGURES, MAPS,
};
static const struct drvmem_column site_columns[] = {
	NAME, { "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 3 }, ALLOC,
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 7 }, FIGURES,
	{ "match", "BY", NULL, DRVMEM_UNIT_TEXT, false, 9 }, MAPS,
};
static const struct drvmem_column stack_columns[] = {
	NAME, { "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 3 }, ALLOC,
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 7 }, FIGURES,
};

bool drvmem_diffed__is_finding(const struct drvmem_diffed *d, const struct drvmem_compare_row *r)
{
	struct drvmem_compare_figures c = drvmem_compare__change(&r->a, &r->b);
	double sure = (double)c.live_bytes - drvmem_error95(c.live_bytes_var);
	double had = r->a.live_bytes > 0 ? (double)r->a.live_bytes : 0;

	return c.live_bytes > 0 && sure > (double)d->opts.tolerance_bytes &&
	       sure * 100 > d->opts.tolerance_percent * had;
}

static uint64_t size_of(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

static int cmp_changed(const void *x, const void *y, void *arg)
{
	const struct drvmem_compare_row *rows = arg;
	uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
	struct drvmem_compare_figures a = drvmem_compare__change(&rows[i].a, &rows[i].b);
	struct drvmem_compare_figures b = drvmem_compare__change(&rows[j].a, &rows[j].b);

	if (size_of(a.live_bytes) != size_of(b.live_bytes))
		return size_of(a.live_bytes) < size_of(b.live_bytes) ? 1 : -1;
	if (size_of(a.allocs) != size_of(b.allocs))
		return size_of(a.allocs) < size_of(b.allocs) ? 1 : -1;
	if (size_of(a.mapped_bytes) != size_of(b.mapped_bytes))
		return size_of(a.mapped_bytes) < size_of(b.mapped_bytes) ? 1 : -1;
	return (i > j) - (i < j);
}

static int collect(struct drvmem_diffed *d)
{
	uint32_t i;

	d->changed = calloc(d->c->nr_rows ? d->c->nr_rows : 1, sizeof(*d->changed));
	if (!d->changed)
		return -ENOMEM;
	for (i = 0; i < d->c->nr_rows; i++) {
		d->nr_findings += drvmem_diffed__is_finding(d, &d->c->rows[i]);
		if (!drvmem_compare__is_same(&d->c->rows[i]))
			d->changed[d->nr_changed++] = i;
	}
	qsort_r(d->changed, d->nr_changed, sizeof(*d->changed), cmp_changed, d->c->rows);
	return 0;
}

static int compare(struct drvmem_diffed *d)
{
	const struct drvmem_compare_side a = { d->a->s, d->a->by_owner, d->a->nr_kept };
	const struct drvmem_compare_side b = { d->b->s, d->b->by_owner, d->b->nr_kept };

	if (d->opts.by == DRVMEM_COMPARE_STACK)
		return drvmem_diffed_stacks__compare(d->a, d->b, &d->c);
	return drvmem_compare__new(&a, &b, d->opts.by, &d->c);
}

int drvmem_diffed__new(const struct drvmem_scope *a, const struct drvmem_scope *b,
		       const struct drvmem_diffed_opts *o, struct drvmem_diffed **ret)
{
	struct drvmem_diffed *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->a = a;
	d->b = b;
	d->opts = *o;
	d->arena = drvmem_arena__new();
	d->maps = o->by != DRVMEM_COMPARE_STACK && (drvmem_scope__has_maps(a) || drvmem_scope__has_maps(b));
	err = d->arena ? compare(d) : -ENOMEM;
	if (!err)
		err = collect(d);
	if (!err)
		err = drvmem_diffed__note(d);
	if (err) {
		drvmem_diffed__free(d);
		return err;
	}
	*ret = d;
	return 0;
}

void drvmem_diffed__free(struct drvmem_diffed *d)
{
	if (!d)
		return;
	drvmem_compare__free(d->c);
	drvmem_arena__free(d->arena);
	free(d->changed);
	free(d);
}

/* "func+0x1f [mod]"; of different builds also where B has it. */
static void label(const struct drvmem_compare_row *r, char *buf, size_t size)
{
	const struct drvmem_compare_item *k = &r->key;
	size_t n = (size_t)snprintf(buf, size, "%.*s", (int)strcspn(k->name, "\n"), k->name);	/* of a stack the first */

	if (r->match == DRVMEM_MATCH_MERGED && n < size)
		n += (size_t)snprintf(buf + n, size - n, " (%u places, in B %u)", r->nr_a, r->nr_b);
	else if (k->offset && n < size)
		n += (size_t)snprintf(buf + n, size - n, "+0x%" PRIx64, k->offset);
	if (r->match == DRVMEM_MATCH_ORDER && r->offset_b != k->offset && n < size)
		n += (size_t)snprintf(buf + n, size - n, " (in B +0x%" PRIx64 ")", r->offset_b);
	if (k->module && k->owner && strcmp(k->module, k->owner) && n < size)
		snprintf(buf + n, size - n, " [%s]", k->module);
}

static const char *what_of(const struct drvmem_compare_row *r)
{
	struct drvmem_compare_figures c = drvmem_compare__change(&r->a, &r->b);
	bool memory = r->a.nr_sites || r->b.nr_sites;
	int64_t change = memory ? c.live_bytes : c.mapped_bytes;

	if (!r->in_a)
		return "new";
	if (!r->in_b)
		return "gone";
	if (change)
		return change > 0 ? "grew" : "shrank";
	return c.live_objects || c.allocs || c.alloc_bytes ? "events" : "mappings";
}

static const char *match_of(enum drvmem_compare_match m)
{
	static const char *const names[] = {
		[DRVMEM_MATCH_NAME] = "name", [DRVMEM_MATCH_OFFSET] = "offset", [DRVMEM_MATCH_ORDER] = "order",
		[DRVMEM_MATCH_MERGED] = "merged",
	};

	return names[m];
}

/*
 * A side that is too small makes the change too large where it is A, and too small where it is B;
 * one that is too large the other way round.
 */
static unsigned int change_flags(unsigned int a, unsigned int b)
{
	unsigned int flags = 0;

	if (a & DRVMEM_CELL_LOWER || b & DRVMEM_CELL_UPPER)
		flags |= DRVMEM_CELL_UPPER;
	if (a & DRVMEM_CELL_UPPER || b & DRVMEM_CELL_LOWER)
		flags |= DRVMEM_CELL_LOWER;
	return flags;
}

static void set_triple(struct drvmem_grid *g, const char *const *keys, int64_t a, int64_t b, unsigned int fa,
		       unsigned int fb, double va, double vb)
{
	/* nothing can be less than 0 */
	drvmem_grid__i64(g, keys[0], a, a ? fa : fa & ~DRVMEM_CELL_UPPER);
	drvmem_grid__i64(g, keys[1], b, b ? fb : fb & ~DRVMEM_CELL_UPPER);
	drvmem_grid__i64(g, keys[2], b - a, change_flags(a ? fa : fa & ~DRVMEM_CELL_UPPER, b ? fb : fb & ~DRVMEM_CELL_UPPER));
	drvmem_grid__error_of(g, keys[0], drvmem_error95(va));
	drvmem_grid__error_of(g, keys[1], drvmem_error95(vb));
	drvmem_grid__error_of(g, keys[2], drvmem_error95(va + vb));
}

static void set_rate(struct drvmem_grid *g, const char *key, const struct drvmem_scope *v,
		     const struct drvmem_compare_figures *f, unsigned int flags)
{
	double s = (double)drvmem_diffed__period_ns(v) / 1e9;

	if (s <= 0) {
		drvmem_grid__missing(g, key, DRVMEM_ABSENT);
		return;
	}
	drvmem_grid__double(g, key, (double)f->allocs / s, flags);
	drvmem_grid__error_of(g, key, drvmem_error95(f->allocs_var) / s);
}

/* Memory that is counted elsewhere. */
static void set_maps(const struct drvmem_diffed *d, struct drvmem_grid *g, const struct drvmem_compare_figures *a,
		     const struct drvmem_compare_figures *b)
{
	static const char *const maps[] = { "a_mappings", "b_mappings", "change_mappings" };
	static const char *const bytes[] = { "a_mapped_bytes", "b_mapped_bytes", "change_mapped_bytes" };
	unsigned int fa = (d->a->lossy ? DRVMEM_CELL_LOWER : 0) | (a->maps_upper ? DRVMEM_CELL_UPPER : 0);
	unsigned int fb = (d->b->lossy ? DRVMEM_CELL_LOWER : 0) | (b->maps_upper ? DRVMEM_CELL_UPPER : 0);

	set_triple(g, maps, a->maps, b->maps, fa, fb, a->maps_var, b->maps_var);
	set_triple(g, bytes, a->mapped_bytes, b->mapped_bytes, fa, fb, a->mapped_bytes_var, b->mapped_bytes_var);
}

/* What a row stands for: memory, mappings, or both. A sum of nothing is one of memory. */
static void set_figures(const struct drvmem_diffed *d, struct drvmem_grid *g, const struct drvmem_compare_figures *a,
			const struct drvmem_compare_figures *b)
{
	static const char *const bytes[] = { "a_bytes", "b_bytes", "change_bytes" };
	static const char *const objects[] = { "a_objects", "b_objects", "change_objects" };
	static const char *const allocs[] = { "a_allocs", "b_allocs", "change_allocs" };
	unsigned int la = d->a->lossy ? DRVMEM_CELL_LOWER : 0, lb = d->b->lossy ? DRVMEM_CELL_LOWER : 0;
	unsigned int fa = la | (a->upper_bound ? DRVMEM_CELL_UPPER : 0);
	unsigned int fb = lb | (b->upper_bound ? DRVMEM_CELL_UPPER : 0);
	bool maps = a->nr_maps || b->nr_maps;

	if (d->maps && maps)
		set_maps(d, g, a, b);
	if (maps && !a->nr_sites && !b->nr_sites)
		return;
	set_triple(g, bytes, a->live_bytes, b->live_bytes, fa, fb, a->live_bytes_var, b->live_bytes_var);
	set_triple(g, objects, a->live_objects, b->live_objects, fa, fb, a->live_objects_var, b->live_objects_var);
	set_triple(g, allocs, a->allocs, b->allocs, la, lb, a->allocs_var, b->allocs_var);
	set_rate(g, "a_allocs_per_s", d->a, a, la);
	set_rate(g, "b_allocs_per_s", d->b, b, lb);
}

/* The frames of a stack behind the first one. */
static void add_callers(struct drvmem_grid *g, const char *frames)
{
	char name[LABEL_LEN];

	for (frames += strcspn(frames, "\n"); *frames; frames += strcspn(frames, "\n")) {
		frames++;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(frames, "\n"), frames);
		drvmem_grid__add_row(g, DRVMEM_ROW_FRAME, 1);
		drvmem_grid__text(g, "name", name, 0);
	}
}

static void set_place(const struct drvmem_diffed *d, struct drvmem_grid *g, const struct drvmem_compare_row *r)
{
	char place[LABEL_LEN];

	if (drvmem_scope__place(d->b, r->ip_b, place, sizeof(place)) ||
	    drvmem_scope__place(d->a, r->ip_a, place, sizeof(place)))
		drvmem_grid__text(g, "place", place, 0);
}

static void add_row(const struct drvmem_diffed *d, struct drvmem_grid *g, const struct drvmem_compare_row *r)
{
	char name[LABEL_LEN];

	label(r, name, sizeof(name));
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", name, r->match == DRVMEM_MATCH_ORDER ? DRVMEM_CELL_GUESS : 0);
	set_place(d, g, r);
	if (r->key.owner)
		drvmem_grid__text(g, "owner", r->key.owner, 0);
	if (r->key.cache)
		drvmem_grid__text(g, "cache", r->key.cache, 0);
	if (d->opts.by != DRVMEM_COMPARE_STACK)
		drvmem_grid__text(g, "match", match_of(r->match), 0);
	if (r->key.allocator < DRVMEM_NR_USES)
		drvmem_grid__text(g, "allocator", drvmem_allocator_name(r->key.allocator), 0);
	drvmem_grid__text(g, "what", what_of(r), 0);
	if (drvmem_diffed__is_finding(d, r))
		drvmem_grid__text(g, "finding", "over", 0);
	set_figures(d, g, &r->a, &r->b);
	if (d->opts.by == DRVMEM_COMPARE_STACK)
		add_callers(g, r->key.name);
}

static void add_sum(const struct drvmem_diffed *d, struct drvmem_grid *g, enum drvmem_row_kind kind, const char *name,
		    const struct drvmem_compare_figures *a, const struct drvmem_compare_figures *b)
{
	drvmem_grid__add_row(g, kind, 0);
	drvmem_grid__text(g, "name", name, 0);
	set_figures(d, g, a, b);
}

/* Rows that changed and were cut, then those that did not change: all rows add up to the total. */
static void add_rest(const struct drvmem_diffed *d, struct drvmem_grid *g, uint32_t from)
{
	struct drvmem_compare_figures a = { 0 }, b = { 0 };
	char name[48];
	uint32_t i, n = 0;

	for (i = from; i < d->nr_changed; i++) {
		drvmem_compare_figures__add(&a, &d->c->rows[d->changed[i]].a);
		drvmem_compare_figures__add(&b, &d->c->rows[d->changed[i]].b);
	}
	snprintf(name, sizeof(name), "other (%u)", d->nr_changed - from);
	if (from < d->nr_changed)
		add_sum(d, g, DRVMEM_ROW_OTHER, name, &a, &b);
	a = b = (struct drvmem_compare_figures){ 0 };
	for (i = 0; i < d->c->nr_rows; i++) {
		if (!drvmem_compare__is_same(&d->c->rows[i]))
			continue;
		drvmem_compare_figures__add(&a, &d->c->rows[i].a);
		drvmem_compare_figures__add(&b, &d->c->rows[i].b);
		n++;
	}
	snprintf(name, sizeof(name), "unchanged (%u)", n);
	if (n)
		add_sum(d, g, DRVMEM_ROW_OTHER, name, &a, &b);
}

static struct drvmem_grid *new_grid(enum drvmem_compare_by by, bool maps, bool lines)
{
	uint32_t less = maps ? 0 : NR_MAPS;

	switch (by) {
	case DRVMEM_COMPARE_SITE:
		if (lines)
			return drvmem_grid__new(line_columns, NR(line_columns) - less);
		return drvmem_grid__new(site_columns, NR(site_columns) - less);
	case DRVMEM_COMPARE_CACHE:
		return drvmem_grid__new(cache_columns, NR(cache_columns) - less);
	case DRVMEM_COMPARE_STACK:
		return drvmem_grid__new(stack_columns, NR(stack_columns));
	case DRVMEM_COMPARE_OWNER:
		break;
	}
	return drvmem_grid__new(owner_columns, NR(owner_columns) - less);
}

int drvmem_diffed__grid(const struct drvmem_diffed *d, uint32_t top, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = new_grid(d->opts.by, d->maps, d->a->places || d->b->places);
	uint32_t i;

	if (!g)
		return -ENOMEM;
	for (i = 0; i < d->nr_changed && (!top || i < top); i++)
		add_row(d, g, &d->c->rows[d->changed[i]]);
	add_rest(d, g, i);
	add_sum(d, g, DRVMEM_ROW_TOTAL, "TOTAL", &d->c->a, &d->c->b);
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}
