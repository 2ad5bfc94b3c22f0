// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/topn.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct drvmem_topn *drvmem_topn__new(const struct drvmem_topn_opts *o)
{
	struct drvmem_topn *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->o = *o;
	t->other = calloc(o->nr_counters + 1, sizeof(*t->other));
	if (!t->other) {
		free(t);
		return NULL;
	}
	return t;
}

static void free_entry(struct drvmem_topn_entry *e)
{
	free(e->name);
	free(e->shown);
	free(e->last);
}

void drvmem_topn__free(struct drvmem_topn *t)
{
	uint32_t i;

	if (!t)
		return;
	for (i = 0; i < t->n; i++)
		free_entry(&t->v[i]);
	free(t->v);
	free(t->other);
	free(t);
}

static int cmp_entry(const void *a, const void *b)
{
	const struct drvmem_topn_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int cmp_key(const void *key, const void *entry)
{
	return strcmp(key, ((const struct drvmem_topn_entry *)entry)->name);
}

static struct drvmem_topn_entry *find(const struct drvmem_topn *t, uint32_t n, const char *name)
{
	return n ? bsearch(name, t->v, n, sizeof(*t->v), cmp_key) : NULL;
}

const struct drvmem_topn_entry *drvmem_topn__find(const struct drvmem_topn *t, const char *name)
{
	return find(t, t->n, name);
}

static int add_entry(struct drvmem_topn *t, const char *name)
{
	struct drvmem_topn_entry e = { .is_new = true }, *v;
	uint32_t cap = t->cap ? t->cap * 2 : 64;

	if (t->n == t->cap) {
		v = realloc(t->v, cap * sizeof(*v));
		if (!v)
			return -ENOMEM;
		t->v = v;
		t->cap = cap;
	}
	e.name = strdup(name);
	e.shown = calloc(t->o.nr_counters + 1, sizeof(*e.shown));
	e.last = calloc(t->o.nr_counters + 1, sizeof(*e.last));
	if (!e.name || !e.shown || !e.last) {
		free_entry(&e);
		return -ENOMEM;
	}
	t->v[t->n++] = e;
	return 0;
}

/* An entry for each row. What could not be added is added by the next update. */
static int add_entries(struct drvmem_topn *t, const struct drvmem_topn_row *rows, uint32_t n)
{
	uint32_t i, known = t->n;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		if (!find(t, known, rows[i].name))
			err = add_entry(t, rows[i].name);
	if (t->n > known)
		qsort(t->v, t->n, sizeof(*t->v), cmp_entry);
	return err;
}

static void take_rows(struct drvmem_topn *t, const struct drvmem_topn_row *rows, uint32_t n)
{
	struct drvmem_topn_entry *e;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		t->v[i].was_own = t->v[i].own;
		t->v[i].row = DRVMEM_TOPN_NO_ROW;
		t->v[i].weight = t->v[i].cost = 0;
	}
	for (i = 0; i < n; i++) {
		e = find(t, t->n, rows[i].name);
		e->row = i;
		e->weight = rows[i].weight;
		e->cost = rows[i].cost;
	}
}

/* A candidate in the order of its claim. */
struct claim {
	struct drvmem_topn_entry *e;
	double strength;
};

/* Who came less than stay_ns ago cannot be beaten; who has a place, only by twice its weight. */
static double strength_of(const struct drvmem_topn *t, const struct drvmem_topn_entry *e, uint64_t now_ns)
{
	if (!strcmp(e->name, DRVMEM_TOPN_OTHER))
		return -1;
	if (!e->own)
		return e->weight;
	return now_ns - e->since_ns < t->o.stay_ns ? HUGE_VAL : e->weight > 0 ? 2 * e->weight : 0;
}

static int cmp_claim(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->strength != y->strength)
		return x->strength < y->strength ? 1 : -1;
	if (x->e->own != y->e->own)
		return x->e->own ? -1 : 1;
	if (x->e->weight != y->e->weight)
		return x->e->weight < y->e->weight ? 1 : -1;
	return strcmp(x->e->name, y->e->name);
}

static void grant(struct drvmem_topn *t, struct claim *c, uint64_t now_ns)
{
	uint64_t cost = 0;
	bool full = false, fits;
	uint32_t i;

	t->nr_own = 0;
	for (i = 0; i < t->n; i++) {
		struct drvmem_topn_entry *e = c[i].e;

		fits = t->nr_own < t->o.max_names && (!t->o.max_cost || cost + e->cost <= t->o.max_cost);
		/* nobody comes in before one with a better claim that does not fit */
		if (!e->own && (full || !fits || c[i].strength <= 0)) {
			full = true;
			continue;
		}
		e->own = fits;
		if (!fits)
			continue;
		if (!e->was_own)
			e->since_ns = now_ns;
		cost += e->cost;
		t->nr_own++;
	}
}

/*
 * What a name gained while it was in "other" stays there: neither may go down. The gain that ends
 * with a move to a series of its own was still the other's.
 */
static void book(struct drvmem_topn *t, struct drvmem_topn_entry *e, const uint64_t *counter)
{
	uint64_t *to = e->own && (e->was_own || e->is_new) ? e->shown : t->other;
	uint32_t k;

	for (k = 0; k < t->o.nr_counters; k++) {
		if (counter[k] > e->last[k])
			to[k] += counter[k] - e->last[k];
		e->last[k] = counter[k];
	}
}

static bool has_counted(const struct drvmem_topn *t, const struct drvmem_topn_entry *e)
{
	uint32_t k;

	for (k = 0; k < t->o.nr_counters; k++)
		if (e->last[k])
			return true;
	return false;
}

/* Forgets names that are gone and that counted nothing: what others counted must not be booked twice if they come back. */
static void forget_gone(struct drvmem_topn *t)
{
	uint32_t i, n = 0;

	for (i = 0; i < t->n; i++) {
		struct drvmem_topn_entry *e = &t->v[i];

		if (e->row == DRVMEM_TOPN_NO_ROW && !has_counted(t, e)) {
			t->nr_own -= e->own;
			free_entry(e);
			continue;
		}
		t->v[n++] = *e;
	}
	t->n = n;
}

int drvmem_topn__update(struct drvmem_topn *t, uint64_t now_ns, const struct drvmem_topn_row *rows, uint32_t n)
{
	int err = add_entries(t, rows, n);
	struct claim *c;
	uint32_t i;

	if (err)
		return err;
	c = calloc(t->n + 1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	take_rows(t, rows, n);
	for (i = 0; i < t->n; i++)
		c[i] = (struct claim){ &t->v[i], strength_of(t, &t->v[i], now_ns) };
	qsort(c, t->n, sizeof(*c), cmp_claim);
	grant(t, c, now_ns);
	free(c);
	t->nr_folded = 0;
	for (i = 0; i < t->n; i++) {
		struct drvmem_topn_entry *e = &t->v[i];

		if (e->row == DRVMEM_TOPN_NO_ROW)
			continue;
		t->nr_folded += !e->own;
		if (t->o.nr_counters)
			book(t, e, rows[e->row].counter);
		e->is_new = false;
	}
	forget_gone(t);
	return 0;
}
