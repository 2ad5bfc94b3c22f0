// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/between.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/between.h"

static const struct drvmem_column columns[] = {
	{ "name", "SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 4 },
	{ "known", "KNOWN", NULL, DRVMEM_UNIT_TEXT, false, 5 },
	{ "allocs", "ALLOCS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "ends", "ENDS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "aifo_min", "AIFO MIN", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "aifo_max", "MAX", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "aifi_min", "AIFI MIN", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "aifi_max", "MAX", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "aofi_min", "AOFI MIN", NULL, DRVMEM_UNIT_COUNT, false, 2 },
	{ "aofi_max", "MAX", NULL, DRVMEM_UNIT_COUNT, false, 2 },
	{ "aofo_min", "AOFO MIN", NULL, DRVMEM_UNIT_COUNT, false, 3 },
	{ "aofo_max", "MAX", NULL, DRVMEM_UNIT_COUNT, false, 3 },
};

struct row {
	uint32_t site;
	struct drvmem_between b;
};

static int cmp_row(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->b.aifo.max != y->b.aifo.max)
		return x->b.aifo.max < y->b.aifo.max ? 1 : -1;
	if (x->b.allocs != y->b.allocs)
		return x->b.allocs < y->b.allocs ? 1 : -1;
	return (x->site > y->site) - (x->site < y->site);
}

/* Of a class, in the order of the columns. */
static void put_range(struct drvmem_grid *g, const char *const key[2], const struct drvmem_bounds *r, unsigned int flags)
{
	bool open = r->min != r->max;

	drvmem_grid__u64(g, key[0], r->min, flags | (open ? DRVMEM_CELL_LOWER : 0));
	drvmem_grid__u64(g, key[1], r->max, flags | (open ? DRVMEM_CELL_UPPER : 0));
}

static const char *known_by(const struct drvmem_between *b, bool marked)
{
	return marked && b->listed ? "marks" : drvmem_between__is_exact(b) ? "exact" : b->listed ? "ages" : "bounds";
}

/* Ends that cannot be seen make what is live too much, and ends too few. */
static void put_flagged(const struct drvmem_scope *v, struct drvmem_grid *g, const struct drvmem_between *b, bool upper)
{
	static const char *const keys[][2] = { { "aifo_min", "aifo_max" }, { "aifi_min", "aifi_max" },
					       { "aofi_min", "aofi_max" }, { "aofo_min", "aofo_max" } };
	unsigned int lossy = v->lossy ? DRVMEM_CELL_LOWER : 0;
	unsigned int ends = lossy | (upper ? DRVMEM_CELL_LOWER : 0);
	unsigned int live = (upper ? DRVMEM_CELL_UPPER : 0) | (v->lossy ? DRVMEM_CELL_LOWER | DRVMEM_CELL_UPPER : 0);

	drvmem_grid__text(g, "known", known_by(b, drvmem_between__is_marked(v->s, v->inside)), 0);
	drvmem_grid__u64(g, "allocs", b->allocs, lossy);
	drvmem_grid__u64(g, "ends", b->ends, ends);
	put_range(g, keys[0], &b->aifo, live);
	put_range(g, keys[1], &b->aifi, ends);
	put_range(g, keys[2], &b->aofi, ends);
	put_range(g, keys[3], &b->aofo, live);
}

static void add_row(const struct drvmem_scope *v, struct drvmem_grid *g, const struct row *r)
{
	const struct drvmem_sitesnap *t = &v->s->sites[r->site];

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", t->site, 0);
	drvmem_grid__text(g, "owner", v->owner_name[t->owner], 0);
	drvmem_grid__text(g, "cache", v->s->caches[t->cache].name, 0);
	put_flagged(v, g, &r->b, drvmem_scope__is_upper(v, r->site));
}

static uint32_t collect(const struct drvmem_scope *v, struct row *row)
{
	struct row one;
	uint32_t i, n = 0;

	for (i = 0; i < v->nr_kept; i++) {
		one.site = v->by_owner[i];
		if (DRVMEM_IS_MAPPING(v->s->sites[one.site].allocator))	/* memory that is counted elsewhere */
			continue;
		drvmem_between(v->s, v->delta, v->inside, one.site, &one.b);
		if (one.b.allocs || one.b.ends)
			row[n++] = one;
	}
	qsort(row, n, sizeof(*row), cmp_row);
	return n;
}

static void sum(const struct drvmem_scope *v, struct drvmem_grid *g, const struct row *row, uint32_t n, const char *name,
		enum drvmem_row_kind kind)
{
	struct drvmem_between all = { .listed = true };
	bool upper = false;
	uint32_t i;

	for (i = 0; i < n; i++) {
		drvmem_between__add(&all, &row[i].b);
		upper |= drvmem_scope__is_upper(v, row[i].site);
	}
	drvmem_grid__add_row(g, kind, 0);
	drvmem_grid__text(g, "name", name, 0);
	put_flagged(v, g, &all, upper);
}

int drvmem_between__grid(const struct drvmem_scope *v, uint32_t top, struct drvmem_grid **ret)
{
	struct drvmem_grid *g;
	struct row *row;
	char name[32];
	uint32_t n, i;
	int e;

	if (v->s->meta.sampled)
		return -EINVAL;
	g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	row = calloc(v->nr_kept ? v->nr_kept : 1, sizeof(*row));
	if (!g || !row) {
		drvmem_grid__free(g);
		free(row);
		return -ENOMEM;
	}
	n = collect(v, row);
	top = top && top < n ? top : n;
	for (i = 0; i < top; i++)
		add_row(v, g, &row[i]);
	snprintf(name, sizeof(name), "other (%u)", n - top);
	if (top < n)
		sum(v, g, row + top, n - top, name, DRVMEM_ROW_OTHER);
	sum(v, g, row, n, "TOTAL", DRVMEM_ROW_TOTAL);
	free(row);
	e = drvmem_grid__error(g);
	if (e)
		drvmem_grid__free(g);
	else
		*ret = g;
	return e;
}
