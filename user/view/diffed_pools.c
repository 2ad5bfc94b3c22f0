// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/diffed_pools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/arena.h"

enum { HELD = 0, IN_USE, CAPACITY, NR_FIGURES };

static const struct drvmem_column columns[] = {
	{ "name", "POOL", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "kind", "KIND", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "device", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 6 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 3 },
	{ "what", "WHAT", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "finding", "LIMIT", NULL, DRVMEM_UNIT_TEXT, false, 1 },
	{ "a_held_bytes", "HELD A", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "b_held_bytes", "HELD B", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "change_held_bytes", "Δ", "DELTA", DRVMEM_UNIT_BYTES, true, 0 },
	{ "a_in_use", "USED A", NULL, DRVMEM_UNIT_COUNT, false, 2 },
	{ "b_in_use", "USED B", NULL, DRVMEM_UNIT_COUNT, false, 2 },
	{ "change_in_use", "ΔUSED", "DUSED", DRVMEM_UNIT_COUNT, true, 1 },
	{ "a_capacity", "CAP A", NULL, DRVMEM_UNIT_COUNT, false, 5 },
	{ "b_capacity", "CAP B", NULL, DRVMEM_UNIT_COUNT, false, 5 },
	{ "change_capacity", "ΔCAP", "DCAP", DRVMEM_UNIT_COUNT, true, 4 },
};

static const char *const keys[NR_FIGURES][3] = {
	[HELD] = { "a_held_bytes", "b_held_bytes", "change_held_bytes" },
	[IN_USE] = { "a_in_use", "b_in_use", "change_in_use" },
	[CAPACITY] = { "a_capacity", "b_capacity", "change_capacity" },
};

/* A pool, or several of one kind, name and device; side by side with that of the other moment. */
struct both {
	const struct drvmem_pool *key;
	bool in[2];
	struct drvmem_u64 f[2][NR_FIGURES];
};

static int cmp_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int cmp_key(const struct drvmem_pool *x, const struct drvmem_pool *y)
{
	int c = (x->kind > y->kind) - (x->kind < y->kind);

	if (!c)
		c = cmp_text(x->name, y->name);
	return c ? c : cmp_text(x->device, y->device);
}

static int cmp_both(const void *a, const void *b)
{
	return cmp_key(((const struct both *)a)->key, ((const struct both *)b)->key);
}

/* A sum one part of which is missing is missing. */
static void add(struct drvmem_u64 *dst, struct drvmem_u64 v)
{
	if (dst->st != DRVMEM_OK)
		return;
	if (v.st != DRVMEM_OK)
		*dst = v;
	else
		dst->v += v.v;
}

/* Those of p, of kinds that the other side could read too. */
static uint32_t collect(const struct drvmem_pools *p, const struct drvmem_pools *other, bool second, struct both *v,
			uint32_t n)
{
	uint32_t i;

	for (i = 0; i < p->n; i++) {
		const struct drvmem_pool *k = &p->v[i];
		struct both *o = &v[n];

		if (p->source[k->kind].st != DRVMEM_OK || other->source[k->kind].st != DRVMEM_OK)
			continue;
		n++;
		*o = (struct both){ .key = k };
		o->in[second] = true;
		o->f[second][HELD] = k->held_bytes;
		o->f[second][IN_USE] = k->in_use;
		o->f[second][CAPACITY] = k->capacity;
	}
	return n;
}

/* Sorts, and adds up equal keys, each side for itself. What a side has not is 0 there, and ok. */
static uint32_t merge(struct both *v, uint32_t n)
{
	uint32_t i, side, j, out = 0;

	qsort(v, n, sizeof(*v), cmp_both);
	for (i = 1; i < n; i++) {
		if (cmp_both(&v[out], &v[i])) {
			v[++out] = v[i];
			continue;
		}
		for (side = 0; side < 2; side++) {
			v[out].in[side] |= v[i].in[side];
			for (j = 0; j < NR_FIGURES; j++)
				add(&v[out].f[side][j], v[i].f[side][j]);
		}
	}
	return n ? out + 1 : 0;
}

static int64_t change(const struct both *o, uint32_t figure)
{
	const struct drvmem_u64 *a = &o->f[0][figure], *b = &o->f[1][figure];

	return a->st == DRVMEM_OK && b->st == DRVMEM_OK ? (int64_t)(b->v - a->v) : 0;
}

static bool changed(const struct both *o)
{
	uint32_t j;

	for (j = 0; j < NR_FIGURES; j++)
		if (change(o, j))
			return true;
	return !o->in[0] || !o->in[1];
}

static int cmp_change(const void *a, const void *b)
{
	int64_t x = change(a, HELD), y = change(b, HELD);
	uint64_t ux = x < 0 ? -(uint64_t)x : (uint64_t)x, uy = y < 0 ? -(uint64_t)y : (uint64_t)y;

	return ux != uy ? (ux < uy ? 1 : -1) : cmp_both(a, b);
}

static const char *what_of(const struct both *o)
{
	int64_t held = change(o, HELD);

	if (!o->in[0])
		return "new";
	if (!o->in[1])
		return "gone";
	return held > 0 ? "grew" : held < 0 ? "shrank" : "same";
}

static void set_figure(struct drvmem_grid *g, const struct both *o, uint32_t j)
{
	/* the kernel's count of a cache holds free objects too */
	unsigned int bound = j == IN_USE && o->key->kind == DRVMEM_POOL_CACHE ? DRVMEM_CELL_UPPER : 0;
	uint32_t side;

	for (side = 0; side < 2; side++)
		if (o->in[side])	/* else it does not apply */
			drvmem_grid__maybe(g, keys[j][side], o->f[side][j], o->f[side][j].v ? bound : 0);
	if (o->f[0][j].st != DRVMEM_OK)
		drvmem_grid__missing(g, keys[j][2], o->f[0][j].st);
	else if (o->f[1][j].st != DRVMEM_OK)
		drvmem_grid__missing(g, keys[j][2], o->f[1][j].st);
	else
		drvmem_grid__i64(g, keys[j][2], change(o, j), bound ? DRVMEM_CELL_GUESS : 0);
}

/* As of rows of memory; a pool that is new had nothing. */
static bool is_finding(const struct drvmem_diffed_opts *o, const struct both *p)
{
	int64_t grew = change(p, HELD);

	return grew > 0 && (uint64_t)grew > o->tolerance_bytes &&
	       (double)grew * 100 > o->tolerance_percent * (double)p->f[0][HELD].v;
}

static void add_row(struct drvmem_grid *g, const struct both *o, bool finding)
{
	uint32_t j;

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", o->key->name ? o->key->name : "?", 0);
	drvmem_grid__text(g, "kind", drvmem_pool_kind_name(o->key->kind), 0);
	if (o->key->device)
		drvmem_grid__text(g, "device", o->key->device, 0);
	if (o->key->owner)
		drvmem_grid__text(g, "owner", o->key->owner, o->key->owner_guess ? DRVMEM_CELL_GUESS : 0);
	drvmem_grid__text(g, "what", what_of(o), 0);
	if (finding)
		drvmem_grid__text(g, "finding", "over", 0);
	for (j = 0; j < NR_FIGURES; j++)
		set_figure(g, o, j);
}

static struct drvmem_grid *make_grid(const struct drvmem_diffed_opts *o, uint32_t top, const struct both *v,
				     struct drvmem_diffed_pools *p)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	uint32_t i, shown = 0;

	for (i = 0; g && i < p->nr; i++) {
		bool finding = is_finding(o, &v[i]);

		p->nr_findings += finding;
		p->nr_changed += changed(&v[i]);
		if (!changed(&v[i]) || (top && shown == top))
			continue;
		add_row(g, &v[i], finding);
		shown++;
	}
	if (g && drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return NULL;
	}
	return g;
}

static int add_note(struct drvmem_diffed_pools *p, const char *text)
{
	if (!text)
		return -ENOMEM;
	if (p->nr_notes < sizeof(p->notes) / sizeof(p->notes[0]))
		p->notes[p->nr_notes++] = text;
	return 0;
}

/* What one side could not read, or when it did. */
static int add_notes(struct drvmem_diffed_pools *p, char side, const struct drvmem_pools *of)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < DRVMEM_NR_POOL_KINDS && !err; i++)
		if (of->source[i].st != DRVMEM_OK)
			err = add_note(p, drvmem_arena__printf(p->arena, "%c has no %s, which are not compared: %s", side,
							       drvmem_pool_kind_name((enum drvmem_pool_kind)i),
							       of->source[i].why ? of->source[i].why : "they were not read"));
	for (i = 0; i < of->nr_notes && !err; i++)
		err = add_note(p, drvmem_arena__printf(p->arena, "%c: %s", side, of->notes[i]));
	return err;
}

int drvmem_diffed_pools__new(const struct drvmem_pools *a, const struct drvmem_pools *b,
			     const struct drvmem_diffed_opts *o, uint32_t top, struct drvmem_diffed_pools **ret)
{
	_cleanup_free_ struct both *v = calloc((size_t)a->n + b->n + 1, sizeof(*v));
	struct drvmem_diffed_pools *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	if (p)
		p->arena = drvmem_arena__new();
	if (v && p && p->arena) {
		p->nr = merge(v, collect(b, a, true, v, collect(a, b, false, v, 0)));
		qsort(v, p->nr, sizeof(*v), cmp_change);
		p->g = make_grid(o, top, v, p);
		err = p->g ? add_notes(p, 'A', a) : -ENOMEM;
		if (!err)
			err = add_notes(p, 'B', b);
	}
	if (err)
		drvmem_diffed_pools__free(p);
	else
		*ret = p;
	return err;
}

void drvmem_diffed_pools__free(struct drvmem_diffed_pools *p)
{
	if (!p)
		return;
	drvmem_grid__free(p->g);
	drvmem_arena__free(p->arena);
	free(p);
}
