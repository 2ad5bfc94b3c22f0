// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "view/outstanding.h"
#include "view/pools.h"
#include "view/top_parts.h"

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

/* What is outstanding, judged as by drvmem leaks. */
static int build_leaks(const struct drvmem_top_feed *f, struct drvmem_grid **ret)
{
	const struct drvmem_outstanding_opts o = { .learn = true, .series = f->series, .verdicts = f->verdicts };
	struct drvmem_outstanding *k;
	int err = drvmem_outstanding__new(f->scope, &o, &k);

	if (err)
		return err;
	err = drvmem_outstanding__grid(f->scope, k, 0, ret);
	drvmem_outstanding__free(k);
	return err;
}

static int build_base(const struct drvmem_top *t, const struct drvmem_top_feed *f, struct drvmem_grid **ret)
{
	const struct drvmem_top_shape *shape = drvmem_top_shape(t);
	const struct drvmem_report_opts o = { .by = shape->by, .sort = DRVMEM_SORT_LIVE };

	if (t->view == DRVMEM_TOP_POOLS && f->pools)
		return drvmem_pools__grid(f->pools, 0, ret);
	/* not read, or not recorded; of sampled objects no ages are known: no rows */
	if (t->view == DRVMEM_TOP_POOLS || (t->view == DRVMEM_TOP_LEAKS && f->scope->s->meta.sampled)) {
		*ret = drvmem_grid__new(shape->columns, shape->nr);
		return *ret ? 0 : -ENOMEM;
	}
	return t->view == DRVMEM_TOP_LEAKS ? build_leaks(f, ret) : drvmem_report__build(f->scope, &o, ret);
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

/* The cells keep their texts in the base. */
static void copy_row(const struct drvmem_top *t, const struct drvmem_top_feed *f, const struct drvmem_top_judged *j,
		     uint32_t row, struct drvmem_top_table *b)
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
	drvmem_top_figures__set(t, f, j, row, b);
}

static int copy_rows(const struct drvmem_top *t, const struct drvmem_top_feed *f, const struct drvmem_top_judged *j,
		     struct drvmem_top_table *b)
{
	const struct drvmem_top_shape *shape = drvmem_top_shape(t);
	const struct drvmem_grid *base = b->base;
	bool wanted = false;
	uint32_t i;

	b->g = drvmem_grid__new(shape->columns, shape->nr);
	if (!b->g)
		return -ENOMEM;
	for (i = 0; i < base->nr_rows; i++) {
		if (!base->rows[i].depth)
			wanted = is_wanted(t, f->scope->s, base, i);
		if (wanted)
			copy_row(t, f, j, i, b);
	}
	drvmem_top_figures__sum(b);
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
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && !b->row[row].has_children && b->view != DRVMEM_TOP_POOLS; i++) {
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

#define ABOVE	16u

/* Who is below whom, and an id of each row: equal ones are told apart by their order. */
static int describe_rows(struct drvmem_top_table *b, const struct drvmem_snapshot *s,
			 const struct drvmem_top_judged *j)
{
	uint32_t above[ABOVE] = { 0 }, i, depth;
	uint64_t id;

	b->row = calloc(b->g->nr_rows ? b->g->nr_rows : 1, sizeof(*b->row));
	if (!b->row)
		return -ENOMEM;
	for (i = 0; i < b->g->nr_rows; i++) {
		depth = b->g->rows[i].depth < ABOVE ? b->g->rows[i].depth : ABOVE - 1;
		/* the first row under a site of a stack may be two levels down */
		b->row[i].parent = depth && i ? above[depth - 1] : DRVMEM_TOP_NONE;
		for (; depth < ABOVE; depth++)
			above[depth] = i;
		if (b->row[i].parent != DRVMEM_TOP_NONE)
			b->row[b->row[i].parent].has_children = true;
		if (b->g->rows[i].site)
			b->row[i].site_id = s->sites[b->g->rows[i].site - 1].id;
		if (b->g->rows[i].kind == DRVMEM_ROW_TOTAL)
			b->total = i;
		if (j)
			b->row[i].worry = drvmem_top_judged__worry(j, &b->g->rows[i]);
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

/* Of the row that the table is of: why it is called what it is called. */
static int tell_why(const struct drvmem_top *t, const struct drvmem_top_judged *j, char *ret, size_t size)
{
	struct drvmem_strbuf b = { 0 };
	int err;

	ret[0] = 0;
	if (!j)
		return 0;
	if (t->view == DRVMEM_TOP_STACK)
		drvmem_top_judged__why_site(j, t->of_site, &b);
	else if (t->view == DRVMEM_TOP_SITES_OF && !strcmp(t->of_key, "owner"))
		drvmem_top_judged__why_owner(j, t->of, &b);
	err = drvmem_strbuf__error(&b);
	snprintf(ret, size, "%s", drvmem_strbuf__str(&b));
	drvmem_strbuf__deinit(&b);
	return err;
}

int drvmem_top_table__new(const struct drvmem_top *t, const struct drvmem_top_feed *f,
			  struct drvmem_top_table *ret, char *ret_why, size_t why_size)
{
	struct drvmem_top_table b = { .total = DRVMEM_TOP_NONE, .view = t->view, .split = t->split };
	struct drvmem_top_judged *j = NULL;
	int err = build_base(t, f, &b.base);

	if (!err && drvmem_top__judges(t->view) && t->view != DRVMEM_TOP_LEAKS)
		err = drvmem_top_judged__new(f, &j);
	if (!err)
		err = copy_rows(t, f, j, &b);
	if (!err)
		err = describe_rows(&b, f->scope->s, j);
	if (!err && t->view == DRVMEM_TOP_POOLS)
		drvmem_top_figures__since_mark(t, f, &b);
	if (!err)
		err = tell_why(t, j, ret_why, why_size);
	drvmem_top_judged__free(j);
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
