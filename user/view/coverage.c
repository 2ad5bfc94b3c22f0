// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/coverage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"

#define VERDICT_LEN 256

#define COLUMNS(unit, title)								\
	{ "name", title, NULL, DRVMEM_UNIT_TEXT, false, 0 },				\
	{ "tracked", "TRACKED", NULL, unit, true, 0 },					\
	{ "kernel", "KERNEL", NULL, unit, true, 0 },					\
	{ "difference", "DIFF", NULL, unit, true, 0 },					\
	{ "slack", "SLACK", NULL, unit, false, 2 },					\
	{ "moment", "MOMENT", NULL, unit, false, 5 },					\
	{ "pending", "RCU", NULL, unit, false, 4 },					\
	{ "inferred", "INFERRED", NULL, DRVMEM_UNIT_COUNT, false, 6 },			\
	{ "older", "OLDER", NULL, unit, false, 3 },					\
	{ "verdict", "VERDICT", NULL, DRVMEM_UNIT_TEXT, false, 0 }

static const struct drvmem_column cache_columns[] = { COLUMNS(DRVMEM_UNIT_COUNT, "CACHE") };
static const struct drvmem_column byte_columns[] = { COLUMNS(DRVMEM_UNIT_BYTES, "ALLOCATOR") };

bool drvmem_coverage_row__moved(const struct drvmem_coverage_row *r)
{
	return r->verdict != DRVMEM_EXPLAINED || r->events || r->tracked || r->difference ||
	       r->start.v != r->now.v;
}

static void set_verdict(struct drvmem_grid *g, const struct drvmem_coverage_row *r)
{
	char text[VERDICT_LEN], n[DRVMEM_UNIT_LEN] = "";

	if (r->verdict == DRVMEM_UNEXPLAINED && r->kind == DRVMEM_COVER_CACHE)
		snprintf(n, sizeof(n), " %" PRIu64, r->unexplained);
	else if (r->verdict == DRVMEM_UNEXPLAINED) {
		n[0] = ' ';
		drvmem_fmt_bytes(r->unexplained, n + 1, sizeof(n) - 1);
	}
	snprintf(text, sizeof(text), "%s%s%s%s", drvmem_verdict_names[r->verdict], n,
		 r->why[0] ? ": " : "", r->why);
	drvmem_grid__text(g, "verdict", text, 0);
}

static void add_row(struct drvmem_grid *g, const struct drvmem_coverage_row *r)
{
	bool both = r->start.st == DRVMEM_OK && r->now.st == DRVMEM_OK;
	bool traced = r->verdict != DRVMEM_NOT_THERE || r->events;

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", r->name, 0);
	if (traced)
		drvmem_grid__i64(g, "tracked", r->tracked, 0);
	else
		drvmem_grid__missing(g, "tracked", DRVMEM_ABSENT);
	if (r->tracked_error > 0)
		drvmem_grid__error_of(g, "tracked", r->tracked_error);
	if (both)
		drvmem_grid__i64(g, "kernel", (int64_t)(r->now.v - r->start.v), 0);
	else
		drvmem_grid__missing(g, "kernel", r->start.st ? r->start.st : r->now.st);
	if (both && traced)
		drvmem_grid__i64(g, "difference", r->difference, 0);
	else
		drvmem_grid__missing(g, "difference", DRVMEM_ABSENT);
	drvmem_grid__maybe(g, "slack", r->slack, 0);
	drvmem_grid__u64(g, "moment", r->moment, 0);
	drvmem_grid__u64(g, "pending", r->pending, 0);
	drvmem_grid__u64(g, "inferred", r->inferred, 0);
	drvmem_grid__u64(g, "older", r->kind == DRVMEM_COVER_VMALLOC ? r->older_gone : r->older_needed, 0);
	set_verdict(g, r);
}

int drvmem_coverage__grid(const struct drvmem_coverage *c, bool caches, uint32_t top,
			  struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(caches ? cache_columns : byte_columns,
						 sizeof(cache_columns) / sizeof(cache_columns[0]));
	uint32_t i, left = 0;
	char label[64];

	if (!g)
		return -ENOMEM;
	for (i = 0; i < c->nr_rows; i++) {
		const struct drvmem_coverage_row *r = &c->rows[i];

		if ((r->kind == DRVMEM_COVER_CACHE) != caches ||
		    (caches && !drvmem_coverage_row__moved(r)))
			continue;
		/* what is not explained is never cut */
		if (caches && top && g->nr_rows >= top && r->verdict == DRVMEM_EXPLAINED)
			left++;
		else
			add_row(g, r);
	}
	if (left) {
		drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
		snprintf(label, sizeof(label), "other (%u)", left);
		drvmem_grid__text(g, "name", label, 0);
		drvmem_grid__text(g, "verdict", drvmem_verdict_names[DRVMEM_EXPLAINED], 0);
	}
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

static uint64_t pages_of(const struct drvmem_coverage *c, const struct drvmem_coverage_row *r)
{
	uint64_t v = r->difference < 0 ? -(uint64_t)r->difference : (uint64_t)r->difference;
	uint64_t page = c->s->meta.page_size ? c->s->meta.page_size : 4096;

	return v / page + !!(v % page);
}

static void add_other(const struct drvmem_coverage *c, const struct drvmem_coverage_row *r,
		      struct drvmem_strbuf *out)
{
	char n[DRVMEM_UNIT_LEN];

	if (r->kind == DRVMEM_COVER_PAGE || r->kind == DRVMEM_COVER_DMA)
		return;		/* no verdict yet: --coverage says why */
	drvmem_strbuf__printf(out, ", %s ", r->name);
	if (r->verdict == DRVMEM_EXPLAINED && r->kind == DRVMEM_COVER_PERCPU)
		drvmem_strbuf__printf(out, "within %" PRIu64 " pages", pages_of(c, r));
	else if (r->verdict == DRVMEM_UNEXPLAINED)
		drvmem_strbuf__printf(out, "unexplained %s",
				      drvmem_fmt_bytes(r->unexplained, n, sizeof(n)));
	else
		drvmem_strbuf__append(out, drvmem_verdict_names[r->verdict]);
}

void drvmem_coverage__summary(const struct drvmem_coverage *c, struct drvmem_strbuf *out)
{
	enum drvmem_avail st = c->s->kernel[DRVMEM_AT_SNAPSHOT]->slabs_st;
	uint64_t counted = (c->older.st == DRVMEM_OK ? c->older.v : 0) + c->lost.v;
	uint32_t i;

	if (c->not_comparable) {
		drvmem_strbuf__printf(out, "not comparable: %s", c->not_comparable);
		return;
	}
	if (st == DRVMEM_OK)
		drvmem_strbuf__printf(out, "%u of %u caches explained", c->nr_explained, c->nr_caches);
	else
		drvmem_strbuf__printf(out, "caches %s", st == DRVMEM_DENIED ? "denied" : "absent");
	for (i = 0; i < c->nr_rows; i++)
		if (c->rows[i].kind != DRVMEM_COVER_CACHE)
			add_other(c, &c->rows[i], out);
	if (c->older_needed > counted)
		drvmem_strbuf__printf(out, "; frees of older objects: %" PRIu64 " needed by all caches, %"
					   PRIu64 " counted", c->older_needed, counted);
}
