// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/top.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "view/outstanding.h"
#include "view/pools.h"

#define MINUTE_NS	60000000000ull

/* Ranks: which column a narrow terminal loses first is the one with the highest. */
#define LIVE	{ "live_bytes", "LIVE", NULL, DRVMEM_UNIT_BYTES, false, 0 }
#define CHANGES								\
	{ "delta_bytes", "Δ", "DELTA", DRVMEM_UNIT_BYTES, true, 5 },	\
	{ "delta_minute_bytes", "Δ1m", "DELTA1m", DRVMEM_UNIT_BYTES, true, 5 },	\
	{ "delta_mark_bytes", "Δmark", "DELTAmark", DRVMEM_UNIT_BYTES, true, 6 }
#define EVENTS									\
	{ "live_objects", "OBJECTS", NULL, DRVMEM_UNIT_COUNT, false, 2 },	\
	{ "allocs_per_s", "+/s", NULL, DRVMEM_UNIT_RATE, false, 1 },		\
	{ "frees_per_s", "-/s", NULL, DRVMEM_UNIT_RATE, false, 1 }
#define PEAK	{ "peak_bytes", "PEAK", NULL, DRVMEM_UNIT_BYTES, false, 4 }
#define TREND	{ "trend", "TREND", NULL, DRVMEM_UNIT_TEXT, false, 3 }
#define REST									\
	{ "bytes_per_alloc", "B/ALLOC", NULL, DRVMEM_UNIT_BYTES, false, 10 },	\
	{ "waste_bytes", "WASTE", NULL, DRVMEM_UNIT_BYTES, false, 7 },		\
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 8 },		\
	{ "age_p50_ns", "AGE p50", NULL, DRVMEM_UNIT_DURATION, false, 9 },	\
	{ "allocs", "ALLOCS", NULL, DRVMEM_UNIT_COUNT, false, 11 },		\
	{ "frees", "FREES", NULL, DRVMEM_UNIT_COUNT, false, 11 },		\
	{ "mappings", "MAPS", NULL, DRVMEM_UNIT_COUNT, false, 13 },		\
	{ "mapped_bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 12 }

static const struct drvmem_column owner_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, LIVE, CHANGES, PEAK, EVENTS, TREND, REST,
};
static const struct drvmem_column site_columns[] = {
	{ "name", "CALL SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 2 },
	LIVE, CHANGES, PEAK, EVENTS, TREND, REST,
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 9 },
};
static const struct drvmem_column device_columns[] = {
	{ "name", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	LIVE, { "delta_bytes", "Δ", "DELTA", DRVMEM_UNIT_BYTES, true, 5 },
	{ "mapped_bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "mappings", "MAPS", NULL, DRVMEM_UNIT_COUNT, false, 0 }, PEAK, EVENTS,
	{ "syncs", "SYNCS", NULL, DRVMEM_UNIT_COUNT, false, 3 },
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 6 },
};
static const struct drvmem_column leak_columns[] = {
	{ "name", "CALL SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 2 },
	{ "objects", "OLD ONES", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "verdict", "VERDICT", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "confidence", "SURE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "oldest_ns", "OLDEST", NULL, DRVMEM_UNIT_DURATION, false, 1 },
	{ "age_p50_ns", "AGE p50", NULL, DRVMEM_UNIT_DURATION, false, 4 },
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 5 },
	{ "rcu_pending", "RCU PENDING", NULL, DRVMEM_UNIT_COUNT, false, 6 },
};
static const struct drvmem_column pool_columns[] = {
	{ "name", "POOL", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 3 },
	{ "held_bytes", "HELD", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "in_use", "IN USE", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "capacity", "CAPACITY", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "size_bytes", "SIZE", NULL, DRVMEM_UNIT_BYTES, false, 2 },
	{ "waste_bytes", "WASTE", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "tracked", "TRACKED", NULL, DRVMEM_UNIT_COUNT, false, 3 },
	{ "peak", "PEAK", NULL, DRVMEM_UNIT_COUNT, false, 4 },
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 5 },
	{ "refills", "REFILLS", NULL, DRVMEM_UNIT_COUNT, false, 6 },
	{ "device", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 7 },
};
static const struct drvmem_column timeline_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, LIVE,
	{ "delta_minute_bytes", "Δ1m", "DELTA1m", DRVMEM_UNIT_BYTES, true, 2 },
	{ "delta_mark_bytes", "Δmark", "DELTAmark", DRVMEM_UNIT_BYTES, true, 3 },
	{ "peak_bytes", "PEAK", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "trend", "TREND", NULL, DRVMEM_UNIT_TEXT, false, 0 },
};

#define NR(a) ((uint32_t)(sizeof(a) / sizeof((a)[0])))

static const struct shape {
	const struct drvmem_column *columns;
	uint32_t nr;
	enum drvmem_by by;
} shapes[DRVMEM_TOP_NR_TABLES] = {
	[DRVMEM_TOP_OWNERS] = { owner_columns, NR(owner_columns), DRVMEM_BY_OWNER },
	[DRVMEM_TOP_SITES] = { site_columns, NR(site_columns), DRVMEM_BY_SITE },
	[DRVMEM_TOP_POOLS] = { pool_columns, NR(pool_columns), DRVMEM_BY_CACHE },
	[DRVMEM_TOP_DEVICES] = { device_columns, NR(device_columns), DRVMEM_BY_DEVICE },
	[DRVMEM_TOP_LEAKS] = { leak_columns, NR(leak_columns), DRVMEM_BY_SITE },
	[DRVMEM_TOP_TIMELINE] = { timeline_columns, NR(timeline_columns), DRVMEM_BY_OWNER },
	[DRVMEM_TOP_HEALTH] = { timeline_columns, 0, DRVMEM_BY_OWNER },
	[DRVMEM_TOP_SITES_OF] = { site_columns, NR(site_columns), DRVMEM_BY_SITE },
	[DRVMEM_TOP_STACK] = { site_columns, NR(site_columns), DRVMEM_BY_STACK },
};

uint32_t drvmem_top_table__column(const struct drvmem_top_table *b, const char *key)
{
	uint32_t i;

	for (i = 0; b->g && i < b->g->nr_columns; i++)
		if (!strcmp(b->g->columns[i].key, key))
			return i;
	return DRVMEM_TOP_NONE;
}

const char *drvmem_top_table__text(const struct drvmem_top_table *b, uint32_t row, const char *key)
{
	const struct drvmem_cell *c = b->g ? drvmem_grid__cell(b->g, row, key) : NULL;

	return c && c->type == DRVMEM_CELL_TEXT ? c->s : "";
}

void drvmem_top_table__deinit(struct drvmem_top_table *b)
{
	drvmem_grid__free(b->base);
	drvmem_grid__free(b->g);
	free(b->row);
	drvmem_table__deinit(&b->by_id);
	*b = (struct drvmem_top_table){ .total = DRVMEM_TOP_NONE };
}

/* What is outstanding, judged as by drvmem leaks. site: only the sentence on that one. */
static int build_leaks(const struct drvmem_top_feed *f, uint32_t site, struct drvmem_grid **ret, char *why,
		       size_t why_size)
{
	const struct drvmem_outstanding_opts o = { .learn = true, .series = f->series };
	struct drvmem_outstanding *k;
	int err = drvmem_outstanding__new(f->scope, &o, &k);
	uint32_t i;

	if (err)
		return err;
	for (i = 0; i < k->nr_sites && why; i++)
		if (f->scope->s->sites[k->site[i].site].id == site)
			snprintf(why, why_size, "%s", k->site[i].why);
	if (ret)
		err = drvmem_outstanding__grid(f->scope, k, 0, ret);
	drvmem_outstanding__free(k);
	return err;
}

static int build_base(const struct drvmem_top *t, const struct drvmem_top_feed *f, struct drvmem_grid **ret,
		      char *why, size_t why_size)
{
	const struct drvmem_report_opts o = { .by = shapes[t->view].by, .sort = DRVMEM_SORT_LIVE };
	int err;

	if (t->view == DRVMEM_TOP_POOLS && f->pools)
		return drvmem_pools__grid(f->pools, 0, ret);
	if (t->view == DRVMEM_TOP_POOLS) {	/* not read, or not recorded: no rows */
		*ret = drvmem_grid__new(pool_columns, NR(pool_columns));
		return *ret ? 0 : -ENOMEM;
	}
	if (t->view == DRVMEM_TOP_LEAKS)
		return build_leaks(f, 0, ret, NULL, 0);
	if (t->view == DRVMEM_TOP_STACK && t->from_leaks) {
		err = build_leaks(f, t->of_site, NULL, why, why_size);
		if (err)
			return err;
	}
	return drvmem_report__build(f->scope, &o, ret);
}

/* Rows of the base that the view is of. In a tree what is below a row goes with it. */
static bool is_wanted(const struct drvmem_top *t, const struct drvmem_snapshot *s,
		      const struct drvmem_grid *base, uint32_t row)
{
	const struct drvmem_row *r = &base->rows[row];
	const struct drvmem_cell *c;

	if (t->view == DRVMEM_TOP_STACK)
		return r->site && s->sites[r->site - 1].id == t->of_site;
	if (r->kind == DRVMEM_ROW_TOTAL)
		return t->view != DRVMEM_TOP_SITES_OF;
	if (t->view != DRVMEM_TOP_SITES_OF)
		return true;
	c = drvmem_grid__cell(base, row, t->of_key);
	if (!c || c->type != DRVMEM_CELL_TEXT)
		return false;
	if (strcmp(t->of_key, "name"))
		return !strcmp(c->s, t->of);
	return !strncmp(c->s, t->of, strlen(t->of)) && c->s[strlen(t->of)] == '+';	/* of a function */
}

static void set_change(struct drvmem_top_table *b, const char *key, bool known, int64_t bytes, unsigned int flags)
{
	if (known)
		drvmem_grid__i64(b->g, key, bytes, flags);
	else
		drvmem_grid__missing(b->g, key, DRVMEM_ABSENT);
}

static bool history_of(const struct drvmem_snapshot *s, const struct drvmem_row *r,
		       struct drvmem_history_of *ret)
{
	if (r->owner)
		*ret = (struct drvmem_history_of){ false, r->owner - 1 };
	else if (r->site)
		*ret = (struct drvmem_history_of){ true, s->sites[r->site - 1].id };
	return r->owner || r->site;
}

/* Changes over times that the scope does not know. Of a row of mappings they are not told. */
static void set_changes(const struct drvmem_top *t, const struct drvmem_top_feed *f,
			const struct drvmem_grid *base, uint32_t row, struct drvmem_top_table *b)
{
	const struct drvmem_cell *live = drvmem_grid__cell(base, row, "live_bytes");
	struct drvmem_history_of of;
	unsigned int flags;
	int64_t bytes = 0;
	bool has, known;

	if (!live || live->type == DRVMEM_CELL_BLANK)
		return;
	/* the difference of two bounds is bounded from neither side */
	flags = live->flags || live->error > 0 ? DRVMEM_CELL_GUESS : 0;
	has = history_of(f->scope->s, &base->rows[row], &of);
	known = has && drvmem_history__change(t->history, of, MINUTE_NS, &bytes);
	set_change(b, "delta_minute_bytes", known, bytes, bytes ? flags : 0);
	known = has && drvmem_history__change_of_mark(t->history, of, &bytes);
	set_change(b, "delta_mark_bytes", known, bytes, bytes ? flags : 0);
}

/* Of the total: the sum over the first level, if each of it is known. */
static void sum_changes(struct drvmem_top_table *b, const char *key)
{
	const struct drvmem_cell *c;
	unsigned int flags = 0;
	int64_t sum = 0;
	uint32_t i;

	if (!b->g->nr_rows || b->g->rows[b->g->nr_rows - 1].kind != DRVMEM_ROW_TOTAL)
		return;
	for (i = 0; i + 1 < b->g->nr_rows; i++) {
		c = b->g->rows[i].depth ? NULL : drvmem_grid__cell(b->g, i, key);
		if (!c || c->type == DRVMEM_CELL_BLANK)
			continue;
		if (c->st != DRVMEM_OK)
			return;
		sum += c->i;
		flags |= c->flags;
	}
	drvmem_grid__i64(b->g, key, sum, flags);
}

/* The cells keep their texts in the base. */
static void copy_row(const struct drvmem_top *t, const struct drvmem_top_feed *f, uint32_t row,
		     struct drvmem_top_table *b)
{
	const struct drvmem_row *r = &b->base->rows[row];
	const struct drvmem_cell *c;
	uint32_t i;

	drvmem_grid__add_row(b->g, r->kind, r->depth);
	drvmem_grid__stands_for(b->g, r->owner, r->site);
	if (b->g->failed)
		return;
	for (i = 0; i < b->g->nr_columns; i++) {
		c = drvmem_grid__cell(b->base, row, b->g->columns[i].key);
		if (c)
			b->g->cells[(size_t)(b->g->nr_rows - 1) * b->g->nr_columns + i] = *c;
	}
	set_changes(t, f, b->base, row, b);
}

static int copy_rows(const struct drvmem_top *t, const struct drvmem_top_feed *f, struct drvmem_top_table *b)
{
	const struct drvmem_grid *base = b->base;
	bool wanted = false;
	uint32_t i;

	b->g = drvmem_grid__new(shapes[t->view].columns, shapes[t->view].nr);
	if (!b->g)
		return -ENOMEM;
	for (i = 0; i < base->nr_rows; i++) {
		if (!base->rows[i].depth)
			wanted = is_wanted(t, f->scope->s, base, i);
		if (wanted)
			copy_row(t, f, i, b);
	}
	sum_changes(b, "delta_minute_bytes");
	sum_changes(b, "delta_mark_bytes");
	return drvmem_grid__error(b->g);
}

/* Names that tell siblings apart; the number behind the name of a sum of pools is none of it. */
static uint64_t path_id(const struct drvmem_top_table *b, uint32_t row, uint64_t parent)
{
	static const char *const keys[] = { "owner", "cache", "device" };
	const char *name = drvmem_top_table__text(b, row, "name"), *end = NULL;
	uint64_t h = drvmem_fnv1a_more(DRVMEM_FNV_INIT, &parent, sizeof(parent));
	uint32_t i;

	if (b->row[row].has_children)
		end = strstr(name, " (");
	h = drvmem_fnv1a_more(h, name, end ? (size_t)(end - name) : strlen(name));
	for (i = 0; i < NR(keys) && !b->row[row].has_children && b->view != DRVMEM_TOP_POOLS; i++) {
		name = drvmem_top_table__text(b, row, keys[i]);
		h = drvmem_fnv1a_more(h, name, strlen(name) + 1);
	}
	return h;
}

static uint64_t id_of(const struct drvmem_top_table *b, uint32_t row)
{
	const struct drvmem_row *r = &b->g->rows[row];
	uint32_t parent = b->row[row].parent;
	uint64_t h;

	if (r->owner || r->site) {
		h = r->owner ? r->owner : b->row[row].site_id | UINT64_C(1) << 32;
		return drvmem_fnv1a_more(DRVMEM_FNV_INIT, &h, sizeof(h)) | 1;
	}
	return path_id(b, row, parent == DRVMEM_TOP_NONE ? 0 : b->row[parent].id) | 1;
}

/* Who is below whom, and an id of each row: equal ones are told apart by their order. */
static int describe_rows(struct drvmem_top_table *b, const struct drvmem_snapshot *s)
{
	uint32_t above[16] = { 0 }, i, depth;
	uint64_t id;

	b->row = calloc(b->g->nr_rows ? b->g->nr_rows : 1, sizeof(*b->row));
	if (!b->row)
		return -ENOMEM;
	for (i = 0; i < b->g->nr_rows; i++) {
		depth = b->g->rows[i].depth < NR(above) ? b->g->rows[i].depth : NR(above) - 1;
		/* the first row under a site of a stack may be two levels down */
		b->row[i].parent = depth && i ? above[depth - 1] : DRVMEM_TOP_NONE;
		for (; depth < NR(above); depth++)
			above[depth] = i;
		if (b->row[i].parent != DRVMEM_TOP_NONE)
			b->row[b->row[i].parent].has_children = true;
		if (b->g->rows[i].site)
			b->row[i].site_id = s->sites[b->g->rows[i].site - 1].id;
		if (b->g->rows[i].kind == DRVMEM_ROW_TOTAL)
			b->total = i;
	}
	for (i = 0; i < b->g->nr_rows; i++) {
		id = id_of(b, i);
		while (drvmem_table__get(&b->by_id, id, NULL))
			id = drvmem_fnv1a_more(id, "again", 5) | 1;
		b->row[i].id = id;
		if (drvmem_table__put(&b->by_id, id, i))
			return -ENOMEM;
	}
	return 0;
}

int drvmem_top_table__new(const struct drvmem_top *t, const struct drvmem_top_feed *f,
			  struct drvmem_top_table *ret, char *ret_why, size_t why_size)
{
	struct drvmem_top_table b = { .total = DRVMEM_TOP_NONE, .view = t->view };
	int err = build_base(t, f, &b.base, ret_why, why_size);

	if (!err)
		err = copy_rows(t, f, &b);
	if (!err)
		err = describe_rows(&b, f->scope->s);
	if (err) {
		drvmem_top_table__deinit(&b);
		return err;
	}
	*ret = b;
	return 0;
}

static bool is_same(const struct drvmem_cell *a, const struct drvmem_cell *b)
{
	if (a->type != b->type || a->st != b->st)
		return false;
	return a->type == DRVMEM_CELL_TEXT ? !strcmp(a->s, b->s) : a->type == DRVMEM_CELL_BLANK || a->u == b->u;
}

/* Ages go on by themselves: that is no change. */
void drvmem_top_table__compare(struct drvmem_top_table *b, const struct drvmem_top_table *old)
{
	const uint32_t nr = b->g->nr_columns;
	uint32_t i, col;
	uint64_t was;

	for (i = 0; i < b->g->nr_rows; i++) {
		if (!drvmem_table__get(&old->by_id, b->row[i].id, &was))
			was = DRVMEM_TOP_NONE;
		for (col = 0; col < nr; col++) {
			if (b->g->columns[col].unit == DRVMEM_UNIT_DURATION)
				continue;
			if (was == DRVMEM_TOP_NONE || !is_same(&b->g->cells[(size_t)i * nr + col],
							       &old->g->cells[(size_t)was * nr + col]))
				b->row[i].changed |= 1u << col;
		}
	}
}
