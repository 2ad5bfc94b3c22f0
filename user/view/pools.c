// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/pools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct drvmem_column columns[] = {
	{ "name", "POOL", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "device", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 6 },
	{ "size_bytes", "SIZE", NULL, DRVMEM_UNIT_BYTES, false, 3 },
	{ "capacity", "CAPACITY", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "in_use", "IN USE", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "tracked", "TRACKED", NULL, DRVMEM_UNIT_COUNT, false, 4 },
	{ "peak", "PEAK", NULL, DRVMEM_UNIT_COUNT, false, 2 },
	{ "low_water", "LOW", NULL, DRVMEM_UNIT_COUNT, false, 8 },
	{ "held_bytes", "HELD", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "waste_bytes", "WASTE", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "refills", "REFILLS", NULL, DRVMEM_UNIT_COUNT, false, 7 },
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 5 },
};

struct why {
	enum drvmem_pool_kind kind;
	const char *key, *text;
};

#define NO_USE "the session saw no use of this cache, or knows no more than its size class"

#define NO_COUNT "what was in use when the session began is not known, or nothing of it can be seen"
#define PAGES_ASIDE "pages in use and those in the pool's ring are told as one"
#define NO_HOOK "the functions of mempools are not traced here"

static const struct why whys[] = {
	{ DRVMEM_POOL_CACHE, "refills", "the kernel counts them with CONFIG_SLUB_STATS only" },
	{ DRVMEM_POOL_CACHE, "failures", NO_USE },
	{ DRVMEM_POOL_CACHE, "tracked", NO_USE },
	{ DRVMEM_POOL_CACHE, "tracked_bytes", NO_USE },
	{ DRVMEM_POOL_CACHE, "sheaf_capacity", "this kernel has no sheaves, or does not tell" },
	{ DRVMEM_POOL_CACHE, "waste_bytes", "the figures it needs are missing, or moved between two reads" },
	{ DRVMEM_POOL_DMA, "refills", "the kernel does not count them" },
	{ DRVMEM_POOL_DMA, "failures", "the kernel does not count them" },
	{ DRVMEM_POOL_DMA, "waste_bytes", "the text of the pool contradicts itself" },
	{ DRVMEM_POOL_PAGE, "in_use", PAGES_ASIDE },
	{ DRVMEM_POOL_PAGE, "used_bytes", PAGES_ASIDE },
	{ DRVMEM_POOL_PAGE, "waste_bytes", PAGES_ASIDE },
	{ DRVMEM_POOL_PAGE, "refills", "the kernel counts them with CONFIG_PAGE_POOL_STATS only" },
	{ DRVMEM_POOL_PAGE, "failures", "the kernel does not count them" },
	{ DRVMEM_POOL_PAGE, "size_bytes", "no page is in flight, so the order is not told" },
	{ DRVMEM_POOL_MEMPOOL, "in_use", NO_COUNT },
	{ DRVMEM_POOL_MEMPOOL, "used_bytes", NO_COUNT },
	{ DRVMEM_POOL_MEMPOOL, "low_water", NO_HOOK },
	{ DRVMEM_POOL_MEMPOOL, "requests", NO_HOOK },
	{ DRVMEM_POOL_MEMPOOL, "dips", NO_HOOK },
	{ DRVMEM_POOL_MEMPOOL, "longest_dip_ns", NO_HOOK },
	{ DRVMEM_POOL_MEMPOOL, "peak", NO_COUNT },
	{ DRVMEM_POOL_MEMPOOL, "peak_bytes", NO_COUNT },
	{ DRVMEM_POOL_MEMPOOL, "size_bytes", "what the pool's own function allocates is not known" },
	{ DRVMEM_POOL_MEMPOOL, "held_bytes", "what the pool's own function allocates is not known" },
	{ DRVMEM_POOL_MEMPOOL, "tracked", "its elements are accounted where they were allocated" },
	{ DRVMEM_POOL_MEMPOOL, "tracked_bytes", "its elements are accounted where they were allocated" },
	{ DRVMEM_POOL_MEMPOOL, "waste_bytes", "the reserve's objects are accounted in their caches" },
	{ DRVMEM_POOL_MEMPOOL, "refills", "the kernel does not count them" },
};

const char *drvmem_pools__why(const struct drvmem_pool *k, const char *key)
{
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++)
		if (whys[i].kind == k->kind && !strcmp(whys[i].key, key))
			return whys[i].text;
	return "the kernel does not tell";
}

/* The numbers of a row, by column. */
struct figures {
	struct drvmem_u64 size, capacity, in_use, tracked, peak, held, waste, refills, failures;
	bool upper;
};

static void take(const struct drvmem_pool *k, struct figures *f)
{
	*f = (struct figures){ k->size, k->capacity, k->in_use, k->tracked, k->peak, k->held_bytes,
			       k->waste_bytes, k->refills, k->failures,
			       k->kind == DRVMEM_POOL_CACHE &&
				       !(k->over_max.st == DRVMEM_OK && !k->over_max.v) &&
				       !(k->in_use.st == DRVMEM_OK && !k->in_use.v) };
}

static void add(struct drvmem_u64 *to, const struct drvmem_u64 *v)
{
	if (v->st != DRVMEM_OK)
		to->st = to->st == DRVMEM_DENIED ? to->st : v->st;
	else if (__builtin_add_overflow(to->v, v->v, &to->v))
		to->st = DRVMEM_ABSENT;
}

/* Sizes and peaks add up to nothing that is meant; objects of different sizes neither. */
static void sum(const struct drvmem_pool *const *v, uint32_t n, struct figures *ret)
{
	const struct drvmem_u64 absent = { 0, DRVMEM_ABSENT };
	struct figures f;

	*ret = (struct figures){ .size = absent, .peak = absent };
	for (uint32_t i = 0; i < n; i++) {
		take(v[i], &f);
		add(&ret->capacity, &f.capacity);
		add(&ret->in_use, &f.in_use);
		add(&ret->tracked, &f.tracked);
		add(&ret->held, &f.held);
		add(&ret->waste, &f.waste);
		add(&ret->refills, &f.refills);
		add(&ret->failures, &f.failures);
		ret->upper |= f.upper;
	}
}

static void put_figures(struct drvmem_grid *g, const struct figures *f)
{
	drvmem_grid__maybe(g, "capacity", f->capacity, 0);
	drvmem_grid__maybe(g, "in_use", f->in_use, f->upper ? DRVMEM_CELL_UPPER : 0);
	drvmem_grid__maybe(g, "tracked", f->tracked, 0);
	drvmem_grid__maybe(g, "held_bytes", f->held, 0);
	drvmem_grid__maybe(g, "waste_bytes", f->waste, 0);
	drvmem_grid__maybe(g, "refills", f->refills, 0);
	drvmem_grid__maybe(g, "failures", f->failures, 0);
}

static void put_pool(struct drvmem_grid *g, const struct drvmem_pool *k)
{
	char text[32];
	struct figures f;

	take(k, &f);
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 1);
	drvmem_grid__text(g, "name", k->name, 0);
	snprintf(text, sizeof(text), "(%u)", (unsigned int)k->users);
	drvmem_grid__text(g, "owner", k->owner ? k->owner : k->users > 1 ? text : NULL,
			  k->owner && k->owner_guess ? DRVMEM_CELL_GUESS : 0);
	if (k->device)
		drvmem_grid__text(g, "device", k->device, 0);
	drvmem_grid__maybe(g, "size_bytes", f.size, 0);
	drvmem_grid__maybe(g, "peak", f.peak, k->peak_sampled ? DRVMEM_CELL_GUESS : 0);
	if (k->kind == DRVMEM_POOL_MEMPOOL)
		drvmem_grid__maybe(g, "low_water", k->low_water, 0);
	put_figures(g, &f);
}

static void put_sum(struct drvmem_grid *g, enum drvmem_row_kind kind, uint16_t depth, const char *name,
		    const struct drvmem_pool *const *v, uint32_t n)
{
	struct figures f;
	char text[64];

	sum(v, n, &f);
	snprintf(text, sizeof(text), "%s (%u)", name, (unsigned int)n);
	drvmem_grid__add_row(g, kind, depth);
	drvmem_grid__text(g, "name", text, 0);
	put_figures(g, &f);
}

static uint64_t weight(const struct drvmem_pool *k)
{
	if (k->held_bytes.st == DRVMEM_OK)
		return k->held_bytes.v;
	return k->used_bytes.st == DRVMEM_OK ? k->used_bytes.v : 0;
}

static int compare_weight(const void *a, const void *b)
{
	const struct drvmem_pool *x = *(const struct drvmem_pool *const *)a;
	const struct drvmem_pool *y = *(const struct drvmem_pool *const *)b;

	if (weight(x) != weight(y))
		return weight(x) < weight(y) ? 1 : -1;
	return (x > y) - (x < y);	/* the list is sorted by name */
}

/* A kind that could not be read has a row too: its figures are missing, not 0. */
static void put_missing(struct drvmem_grid *g, const struct drvmem_pool_source *src, const char *name)
{
	static const char *const keys[] = { "capacity", "in_use", "tracked", "held_bytes",
					    "waste_bytes", "refills", "failures" };

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", name, 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		drvmem_grid__missing(g, keys[i], src->st);
}

static void put_kind(struct drvmem_grid *g, const struct drvmem_pools *p, enum drvmem_pool_kind kind,
		     uint32_t top, const struct drvmem_pool **v)
{
	const char *name = drvmem_pool_kind_name(kind);
	uint32_t i, n = 0, shown;

	for (i = 0; i < p->n; i++)
		if (p->v[i].kind == kind)
			v[n++] = &p->v[i];
	if (!n && p->source[kind].st != DRVMEM_OK) {
		put_missing(g, &p->source[kind], name);
		return;
	}
	if (n)
		qsort(v, n, sizeof(*v), compare_weight);
	put_sum(g, DRVMEM_ROW_DATA, 0, name, v, n);
	shown = top && n > top ? top : n;
	for (i = 0; i < shown; i++)
		put_pool(g, v[i]);
	if (n > shown)
		put_sum(g, DRVMEM_ROW_OTHER, 1, "other", v + shown, n - shown);
}

int drvmem_pools__grid(const struct drvmem_pools *p, uint32_t top, struct drvmem_grid **ret)
{
	const struct drvmem_pool **v = calloc(p->n + 1, sizeof(*v));
	struct drvmem_grid *g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	int err = -ENOMEM;

	for (unsigned int k = 0; v && g && k < DRVMEM_NR_POOL_KINDS; k++)
		put_kind(g, p, (enum drvmem_pool_kind)k, top, v);
	if (v && g)
		err = drvmem_grid__error(g);
	if (err)
		drvmem_grid__free(g);
	else
		*ret = g;
	free(v);
	return err;
}
