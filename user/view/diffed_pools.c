// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/diffed_pools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { HELD = 0, IN_USE, CAPACITY, NR_FIGURES };

static const struct drvmem_column columns[] = {
	{ "name", "POOL", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "kind", "KIND", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "device", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 6 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 3 },
	{ "what", "WHAT", NULL, DRVMEM_UNIT_TEXT, false, 0 },
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

static uint32_t collect(const struct drvmem_pools *p, bool second, struct both *v, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < p->n; i++) {
		const struct drvmem_pool *k = &p->v[i];
		struct both *o = &v[n++];

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

static void add_row(struct drvmem_grid *g, const struct both *o)
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
	for (j = 0; j < NR_FIGURES; j++)
		set_figure(g, o, j);
}

int drvmem_diffed__pools(const struct drvmem_pools *a, const struct drvmem_pools *b, uint32_t top,
			 struct drvmem_grid **ret)
{
	_cleanup_free_ struct both *v = calloc((size_t)a->n + b->n + 1, sizeof(*v));
	struct drvmem_grid *g = v ? drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0])) : NULL;
	uint32_t i, n, shown = 0;

	if (!g)
		return -ENOMEM;
	n = merge(v, collect(b, true, v, collect(a, false, v, 0)));
	qsort(v, n, sizeof(*v), cmp_change);
	for (i = 0; i < n && (!top || shown < top); i++) {
		if (!changed(&v[i]))
			continue;
		add_row(g, &v[i]);
		shown++;
	}
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}
