// SPDX-License-Identifier: GPL-2.0-or-later
/* Slab caches as the kernel counts them, and which owners have the objects that the session saw. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/pools.h"
#include "base/units.h"
#include "view/htmlreport_parts.h"

#define OWNERS	3u	/* named in a row; the rest is summed */

static const struct drvmem_column columns[] = {
	{ "name", "cache", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "aliases", "also", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "object_size", "object", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "capacity", "room for", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "in_use", "in use", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "held_bytes", "held", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "used_bytes", "active", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "waste_bytes", "waste", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "seen_bytes", "seen", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "owners", "seen, by owner", NULL, DRVMEM_UNIT_TEXT, false, 0 },
};

/* What one unit has in one cache. */
struct share {
	uint32_t pool, unit;
	int64_t bytes;
	bool upper;	/* some frees cannot be seen */
};

static int cmp_place(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->pool != y->pool)
		return x->pool < y->pool ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static int cmp_share(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->pool != y->pool)
		return x->pool < y->pool ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

/* By pool, most bytes first; the caller frees. */
static int make_shares(const struct drvmem_htmlreport *r, const struct drvmem_pools *p, struct share **ret, uint32_t *ret_n)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	struct share *v = calloc(r->nr_sites + 1, sizeof(*v));
	const struct drvmem_pool *k;
	uint32_t i, n = 0, to = 0;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < r->nr_sites; i++) {
		k = drvmem_pools__of(p, &s->caches[s->sites[r->sites[i].site].cache]);
		if (k && r->sites[i].sum.c.live_bytes)
			v[n++] = (struct share){ (uint32_t)(k - p->v), r->sites[i].unit, r->sites[i].sum.c.live_bytes,
						 r->sites[i].sum.upper_bound };
	}
	qsort(v, n, sizeof(*v), cmp_place);
	for (i = 0; i < n; i++) {
		if (!to || v[to - 1].pool != v[i].pool || v[to - 1].unit != v[i].unit) {
			v[to++] = v[i];
			continue;
		}
		v[to - 1].bytes += v[i].bytes;
		v[to - 1].upper |= v[i].upper;
	}
	qsort(v, to, sizeof(*v), cmp_share);
	*ret = v;
	*ret_n = to;
	return 0;
}

static const char *bound_of(const struct drvmem_htmlreport *r, bool upper)
{
	bool lossy = r->in.v->lossy;

	return r->in.v->s->meta.sampled || (upper && lossy) ? "~" : upper ? "≤" : lossy ? "≥" : "";
}

/* "e1000e 12.0Ki, kernel:net/core ≤4.0Ki, 2 others 1.2Ki"; "" where nobody has any; NULL: out of memory. */
static const char *owners_text(const struct drvmem_htmlreport *r, const struct share *v, uint32_t n)
{
	char bytes[DRVMEM_UNIT_LEN];
	const char *text = "";
	struct share rest = { 0 };
	uint32_t i;

	for (i = 0; i < n && v[i].bytes > 0 && text; i++) {
		if (i >= OWNERS) {
			rest.bytes += v[i].bytes;
			rest.upper |= v[i].upper;
			continue;
		}
		text = drvmem_arena__printf(r->arena, "%s%s%s%s %s%s", text, i ? ", " : "", r->units[v[i].unit].name,
					    r->units[v[i].unit].guess ? "~" : "", bound_of(r, v[i].upper),
					    drvmem_fmt_bytes((uint64_t)v[i].bytes, bytes, sizeof(bytes)));
	}
	if (i > OWNERS && text)
		text = drvmem_arena__printf(r->arena, "%s, %u other%s %s%s", text, i - OWNERS, i - OWNERS == 1 ? "" : "s",
					    bound_of(r, rest.upper), drvmem_fmt_bytes((uint64_t)rest.bytes, bytes, sizeof(bytes)));
	return text;
}

/* What this session saw allocated in a cache and not freed, of the owners that are shown. */
static void put_seen(const struct drvmem_htmlreport *r, struct drvmem_grid *g, const struct drvmem_pool *k,
		     const struct share *v, uint32_t n)
{
	unsigned int flags = r->in.v->lossy ? DRVMEM_CELL_LOWER : 0;
	const char *owners = owners_text(r, v, n);
	int64_t sum = 0;
	uint32_t i;

	if (k->tracked.st != DRVMEM_OK) {	/* where the session does not know which of several it is */
		drvmem_grid__missing(g, "seen_bytes", k->tracked.st);
		return;
	}
	for (i = 0; i < n; i++) {
		sum += v[i].bytes;
		flags |= v[i].upper ? DRVMEM_CELL_UPPER : 0;
	}
	if (r->in.v->s->meta.sampled)
		flags = DRVMEM_CELL_LOWER | DRVMEM_CELL_UPPER;
	drvmem_grid__i64(g, "seen_bytes", sum, flags);
	if (owners && owners[0])
		drvmem_grid__text(g, "owners", owners, 0);
}

/* A free object that a CPU keeps may be counted as used. */
static bool is_upper(const struct drvmem_pool *k)
{
	return !(k->over_max.st == DRVMEM_OK && !k->over_max.v) && !(k->in_use.st == DRVMEM_OK && !k->in_use.v);
}

static void put_row(struct drvmem_grid *g, const struct drvmem_pool *k)
{
	unsigned int upper = is_upper(k) ? DRVMEM_CELL_UPPER : 0;

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", k->name, 0);
	if (k->aliases && k->aliases[0])
		drvmem_grid__text(g, "aliases", k->aliases, 0);
	drvmem_grid__maybe(g, "object_size", k->object_size, 0);
	drvmem_grid__maybe(g, "capacity", k->capacity, 0);
	drvmem_grid__maybe(g, "in_use", k->in_use, upper);
	drvmem_grid__maybe(g, "held_bytes", k->held_bytes, 0);
	drvmem_grid__maybe(g, "used_bytes", k->used_bytes, upper);
	drvmem_grid__maybe(g, "waste_bytes", k->waste_bytes, k->waste_bytes.v && upper ? DRVMEM_CELL_LOWER : 0);
}

static void add(struct drvmem_u64 *to, const struct drvmem_u64 *v)
{
	if (to->st != DRVMEM_OK)
		return;
	if (v->st != DRVMEM_OK)
		to->st = v->st;
	else
		to->v += v->v;
}

/* A sum one of whose parts is missing is missing. */
static void put_sum(struct drvmem_grid *g, enum drvmem_row_kind kind, const char *name, const struct drvmem_pool *const *v,
		    uint32_t n)
{
	struct drvmem_u64 held = { 0 }, used = { 0 }, waste = { 0 };
	bool upper = false;
	uint32_t i;

	for (i = 0; i < n; i++) {
		add(&held, &v[i]->held_bytes);
		add(&used, &v[i]->used_bytes);
		add(&waste, &v[i]->waste_bytes);
		upper |= is_upper(v[i]);
	}
	drvmem_grid__add_row(g, kind, 0);
	drvmem_grid__text(g, "name", name, 0);
	drvmem_grid__maybe(g, "held_bytes", held, 0);
	drvmem_grid__maybe(g, "used_bytes", used, upper ? DRVMEM_CELL_UPPER : 0);
	drvmem_grid__maybe(g, "waste_bytes", waste, upper && waste.v ? DRVMEM_CELL_LOWER : 0);
}

static int cmp_held(const void *a, const void *b)
{
	const struct drvmem_pool *x = *(const struct drvmem_pool *const *)a, *y = *(const struct drvmem_pool *const *)b;
	uint64_t hx = x->held_bytes.st == DRVMEM_OK ? x->held_bytes.v : 0, hy = y->held_bytes.st == DRVMEM_OK ? y->held_bytes.v : 0;

	if (hx != hy)
		return hx < hy ? 1 : -1;
	return (x > y) - (x < y);	/* pools are sorted by name */
}

static void put_rows(const struct drvmem_htmlreport *r, const struct drvmem_pool **v, uint32_t n, uint32_t top,
		     const struct share *share, uint32_t nr_shares, struct drvmem_grid *g)
{
	const struct drvmem_pools *p = r->in.v->pools;
	uint32_t i, first, end, shown = top && top < n ? top : n;
	char name[32];

	for (i = 0; i < shown; i++) {
		for (first = 0; first < nr_shares && share[first].pool != (uint32_t)(v[i] - p->v); first++)
			;
		for (end = first; end < nr_shares && share[end].pool == (uint32_t)(v[i] - p->v); end++)
			;
		put_row(g, v[i]);
		put_seen(r, g, v[i], share + first, end - first);
	}
	snprintf(name, sizeof(name), "other (%u)", n - shown);
	if (n > shown)
		put_sum(g, DRVMEM_ROW_OTHER, name, v + shown, n - shown);
	put_sum(g, DRVMEM_ROW_TOTAL, "TOTAL", v, n);
}

int drvmem_htmlreport__caches(const struct drvmem_htmlreport *r, uint32_t top, struct drvmem_grid **ret)
{
	const struct drvmem_pools *p = r->in.v->pools;
	const struct drvmem_pool **v = calloc(p->n + 1, sizeof(*v));
	struct drvmem_grid *g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	struct share *share = NULL;
	uint32_t i, n = 0, nr_shares = 0;
	int e = v && g ? make_shares(r, p, &share, &nr_shares) : -ENOMEM;

	for (i = 0; i < p->n && !e; i++)
		if (p->v[i].kind == DRVMEM_POOL_CACHE)
			v[n++] = &p->v[i];
	if (!e) {
		qsort(v, n, sizeof(*v), cmp_held);
		put_rows(r, v, n, top, share, nr_shares, g);
		e = drvmem_grid__error(g);
	}
	free(share);
	free(v);
	if (e)
		drvmem_grid__free(g);
	else
		*ret = g;
	return e;
}
