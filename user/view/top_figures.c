// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures of `drvmem top` that a report has not: changes over longer times, what is inside, by allocator. */
#include "view/top_parts.h"

#include <string.h>

#define MINUTE_NS	60000000000ull

static const char *const split_keys[DRVMEM_NR_ALLOCATORS] = {
	[DRVMEM_ALLOC_SLAB] = "slab_bytes",	[DRVMEM_ALLOC_PAGE] = "page_bytes",
	[DRVMEM_ALLOC_VMALLOC] = "vmalloc_bytes", [DRVMEM_ALLOC_PERCPU] = "percpu_bytes",
	[DRVMEM_ALLOC_DMA] = "dma_bytes",
};

/* The sites that a row stands for: indices, none if that is not known. */
struct members {
	const uint32_t *site;
	uint32_t nr, one;
};

static void find_members(const struct drvmem_scope *v, const struct drvmem_row *r, struct members *ret)
{
	const struct drvmem_owner_slice *o;

	*ret = (struct members){ 0 };
	if (r->site) {
		ret->one = r->site - 1;
		ret->nr = 1;
		return;
	}
	o = r->owner ? drvmem_scope__owner(v, (uint16_t)(r->owner - 1)) : NULL;
	if (o) {
		ret->site = v->by_owner + o->first;
		ret->nr = o->nr;
	}
}

static uint32_t member(const struct members *m, uint32_t i)
{
	return m->site ? m->site[i] : m->one;
}

static void set_change(struct drvmem_top_table *b, const char *key, bool known, int64_t v, unsigned int flags)
{
	if (known)
		drvmem_grid__i64(b->g, key, v, flags);
	else
		drvmem_grid__missing(b->g, key, DRVMEM_ABSENT);
}

static bool history_of(const struct drvmem_snapshot *s, const struct drvmem_row *r, struct drvmem_history_of *ret)
{
	if (r->owner)
		*ret = (struct drvmem_history_of){ false, r->owner - 1 };
	else if (r->site)
		*ret = (struct drvmem_history_of){ true, s->sites[r->site - 1].id };
	return r->owner || r->site;
}

static void set_changes(const struct drvmem_top *t, const struct drvmem_snapshot *s, const struct drvmem_row *r,
			unsigned int flags, struct drvmem_top_table *b)
{
	int64_t bytes = 0, objects = 0;
	struct drvmem_history_of of;
	bool has = history_of(s, r, &of), known;

	known = has && drvmem_history__change(t->history, of, MINUTE_NS, &bytes);
	set_change(b, "delta_minute_bytes", known, bytes, bytes ? flags : 0);
	known = has && drvmem_history__change_of_mark(t->history, of, &bytes, &objects);
	set_change(b, "delta_mark_bytes", known, bytes, bytes ? flags : 0);
	set_change(b, "delta_mark_objects", known, objects, objects ? flags : 0);
}

/* Allocated since the mark, and live: by the ages of the objects, which are told in jiffies. */
static void set_inside(const struct drvmem_top *t, const struct drvmem_snapshot *s, const struct members *m,
		       unsigned int flags, struct drvmem_top_table *b)
{
	const struct drvmem_object *o;
	uint64_t mark_ns, ns;
	int64_t bytes = 0;
	uint32_t i, k;

	if (!drvmem_history__marks(t->history, &mark_ns) || !m->nr || s->meta.sampled || mark_ns > s->meta.taken_ns ||
	    (!s->nr_objects && s->meta.table_live)) {
		drvmem_grid__missing(b->g, "inside_bytes", DRVMEM_ABSENT);
		return;
	}
	ns = s->meta.taken_ns - mark_ns;
	for (i = 0; i < m->nr; i++) {
		const struct drvmem_sitesnap *k_site = &s->sites[member(m, i)];

		for (k = 0; k < k_site->nr_objects && !DRVMEM_IS_MAPPING(k_site->allocator); k++) {
			o = &s->objects[k_site->first_object + k];
			if (o->age_ns <= ns && !(o->flags & DRVMEM_F_RCU_PENDING))
				bytes += o->asked;
		}
	}
	drvmem_grid__i64(b->g, "inside_bytes", bytes, bytes ? flags : 0);
}

/* Of several sites below an owner only the sum is known, and which allocators it is from. */
static void set_split_of_text(const struct drvmem_grid *base, uint32_t row, struct drvmem_top_table *b)
{
	const struct drvmem_cell *c = drvmem_grid__cell(base, row, "allocator");
	const struct drvmem_cell *live = drvmem_grid__cell(base, row, "live_bytes");
	const char *text = c && c->type == DRVMEM_CELL_TEXT ? c->s : "";
	uint32_t a;

	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++) {
		size_t n = strlen(split_keys[a]) - strlen("_bytes");

		if (live && live->type == DRVMEM_CELL_I64 && !strncmp(text, split_keys[a], n) && !text[n])
			drvmem_grid__i64(b->g, split_keys[a], live->i, live->flags);
		else if (!strncmp(text, split_keys[a], n) || strstr(text, ","))
			drvmem_grid__missing(b->g, split_keys[a], DRVMEM_ABSENT);
	}
}

static void set_split(const struct drvmem_scope *v, const struct members *m, const struct drvmem_grid *base,
		      uint32_t row, struct drvmem_top_table *b)
{
	int64_t bytes[DRVMEM_NR_ALLOCATORS] = { 0 };
	bool upper[DRVMEM_NR_ALLOCATORS] = { false };
	uint32_t i, a;

	if (!m->nr) {
		set_split_of_text(base, row, b);
		return;
	}
	for (i = 0; i < m->nr; i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[member(m, i)];

		if (DRVMEM_IS_MAPPING(t->allocator))
			continue;
		bytes[t->allocator] += t->c.live_bytes;
		upper[t->allocator] |= t->c.live_bytes && drvmem_scope__is_upper(v, member(m, i));
	}
	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++)
		drvmem_grid__i64(b->g, split_keys[a], bytes[a],
				 (upper[a] ? DRVMEM_CELL_UPPER : 0u) | (v->lossy ? DRVMEM_CELL_LOWER : 0u));
}

void drvmem_top_figures__set(const struct drvmem_top *t, const struct drvmem_top_feed *f,
			     const struct drvmem_top_judged *j, uint32_t row, struct drvmem_top_table *b)
{
	const struct drvmem_cell *live = drvmem_grid__cell(b->base, row, "live_bytes");
	const struct drvmem_row *r = &b->base->rows[row];
	const char *word = j ? drvmem_top_judged__word(j, r) : NULL;
	struct members m;
	unsigned int flags;

	if (word)
		drvmem_grid__text(b->g, "verdict", word, 0);
	/* of a row of mappings changes are not told */
	if (!live || live->type == DRVMEM_CELL_BLANK || b->view == DRVMEM_TOP_POOLS)
		return;
	/* the difference of two bounds is bounded from neither side */
	flags = live->flags || live->error > 0 ? DRVMEM_CELL_GUESS : 0;
	find_members(f->scope, r, &m);
	set_changes(t, f->scope->s, r, flags, b);
	set_inside(t, f->scope->s, &m, flags, b);
	if (b->split && r->kind != DRVMEM_ROW_TOTAL)
		set_split(f->scope, &m, b->base, row, b);
}

/* The sum over the first level, if each of it is known. */
static void sum_column(struct drvmem_top_table *b, const char *key)
{
	const struct drvmem_cell *c;
	unsigned int flags = 0;
	int64_t sum = 0;
	uint32_t i;

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

void drvmem_top_figures__sum(struct drvmem_top_table *b)
{
	static const char *const keys[] = {
		"delta_minute_bytes", "delta_mark_bytes", "delta_mark_objects", "inside_bytes",
	};
	uint32_t i;

	if (!b->g->nr_rows || b->g->rows[b->g->nr_rows - 1].kind != DRVMEM_ROW_TOTAL)
		return;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		sum_column(b, keys[i]);
	for (i = 0; i < DRVMEM_NR_ALLOCATORS && b->split; i++)
		sum_column(b, split_keys[i]);
}

/* Now less then; what was not there then had nothing. Missing where either figure is. */
static struct drvmem_cell difference(const struct drvmem_top_table *b, const struct drvmem_top_table *old, uint32_t row,
				     const char *key)
{
	const struct drvmem_cell *now = drvmem_grid__cell(b->g, row, key), *then = NULL;
	struct drvmem_cell none = { .type = DRVMEM_CELL_I64, .st = DRVMEM_ABSENT };
	uint64_t was;

	if (drvmem_table__get(&old->by_id, b->row[row].id, &was))
		then = drvmem_grid__cell(old->g, (uint32_t)was, key);
	if (!now || now->type != DRVMEM_CELL_U64 || now->st != DRVMEM_OK ||
	    (then && (then->type != DRVMEM_CELL_U64 || then->st != DRVMEM_OK)))
		return none;
	none.st = DRVMEM_OK;
	none.i = (int64_t)(now->u - (then ? then->u : 0));
	none.flags = none.i && now->flags ? DRVMEM_CELL_GUESS : 0;
	return none;
}

void drvmem_top_figures__since_mark(const struct drvmem_top *t, const struct drvmem_top_feed *f,
				    struct drvmem_top_table *b)
{
	static const char *const of[][2] = { { "delta_mark_bytes", "held_bytes" }, { "delta_mark_objects", "in_use" } };
	/* of a recording: they were not read again since */
	bool same = f->pools_ns && f->pools_ns <= t->pools_mark_ns;
	uint32_t row, i, col;

	for (row = 0; row < b->g->nr_rows; row++) {
		for (i = 0; i < 2; i++) {
			col = drvmem_top_table__column(b, of[i][0]);
			if (col == DRVMEM_TOP_NONE)
				continue;
			b->g->cells[(size_t)row * b->g->nr_columns + col] = t->pools_at_mark.g && f->pools && !same ?
				difference(b, &t->pools_at_mark, row, of[i][1]) :
				(struct drvmem_cell){ .type = DRVMEM_CELL_I64, .st = DRVMEM_ABSENT };
		}
	}
}
