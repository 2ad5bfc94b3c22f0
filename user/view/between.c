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

/* Ends that cannot be seen make what is live too much, and ends too few. */
static void put(struct drvmem_grid *g, const struct drvmem_between *b, unsigned int live, unsigned int ends, unsigned int allocs)
{
	drvmem_grid__u64(g, "allocs", b->allocs, allocs);
	drvmem_grid__u64(g, "ends", b->ends, ends);
	drvmem_grid__u64(g, "aifo_min", b->aifo.min, live);
	drvmem_grid__u64(g, "aifo_max", b->aifo.max, live);
	drvmem_grid__u64(g, "aifi_min", b->aifi.min, ends);
	drvmem_grid__u64(g, "aifi_max", b->aifi.max, ends);
	drvmem_grid__u64(g, "aofi_min", b->aofi.min, ends);
	drvmem_grid__u64(g, "aofi_max", b->aofi.max, ends);
	drvmem_grid__u64(g, "aofo_min", b->aofo.min, live);
	drvmem_grid__u64(g, "aofo_max", b->aofo.max, live);
}

static void put_flagged(const struct drvmem_scope *v, struct drvmem_grid *g, const struct drvmem_between *b, bool upper)
{
	unsigned int lossy = v->lossy ? DRVMEM_CELL_LOWER : 0, more = upper ? DRVMEM_CELL_UPPER : 0;

	put(g, b, more | (v->lossy ? DRVMEM_CELL_LOWER | DRVMEM_CELL_UPPER : 0), lossy | (upper ? DRVMEM_CELL_LOWER : 0), lossy);
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
		drvmem_between(v->s, v->delta, one.site, &one.b);
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
