// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"
#include "model/pools.h"

const char *const drvmem_pagepool_stat_names[DRVMEM_PAGEPOOL_STATS] = {
	"alloc_fast", "alloc_slow", "alloc_slow_high_order", "alloc_empty", "alloc_refill",
	"alloc_waive", "recycle_cached", "recycle_cache_full", "recycle_ring",
	"recycle_ring_full", "recycle_released_refcnt",
};

const char *drvmem_pool_kind_name(enum drvmem_pool_kind kind)
{
	static const char *const names[] = { "kmem_cache", "dma_pool", "page_pool", "mempool" };

	return (unsigned int)kind < DRVMEM_NR_POOL_KINDS ? names[kind] : "?";
}

struct drvmem_pools *drvmem_pools__new(void)
{
	struct drvmem_pools *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->arena = drvmem_arena__new();
	if (!p->arena) {
		free(p);
		return NULL;
	}
	for (unsigned int i = 0; i < DRVMEM_NR_POOL_KINDS; i++)
		p->source[i] = (struct drvmem_pool_source){ DRVMEM_ABSENT, "", "not read", 0 };
	return p;
}

void drvmem_pools__free(struct drvmem_pools *p)
{
	if (!p)
		return;
	drvmem_arena__free(p->arena);
	free(p->v);
	free(p);
}

static uint32_t count_kind(const struct drvmem_pools *p, enum drvmem_pool_kind kind)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n; i++)
		n += p->v[i].kind == kind;
	return n;
}

bool drvmem_pools__has(const struct drvmem_pools *p, enum drvmem_pool_kind kind)
{
	return count_kind(p, kind) > 0;
}

static void make_absent(struct drvmem_pool *k)
{
	const struct drvmem_u64 absent = { 0, DRVMEM_ABSENT };
	struct drvmem_u64 *const all[] = {
		&k->size, &k->capacity, &k->in_use, &k->over_max, &k->peak, &k->held_bytes,
		&k->used_bytes, &k->peak_bytes, &k->waste_bytes, &k->refills, &k->failures,
		&k->tracked, &k->tracked_bytes, &k->object_size, &k->order, &k->per_slab, &k->slabs,
		&k->partial, &k->cpu_slabs, &k->cpu_partial, &k->sheaf_capacity, &k->pages,
		&k->ifindex, &k->napi_id, &k->detached_at, &k->low_water, &k->requests, &k->dips,
		&k->align, &k->outside, &k->longest_dip_ns,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		*all[i] = absent;
	for (unsigned int i = 0; i < DRVMEM_PAGEPOOL_STATS; i++)
		k->stats[i] = absent;
}

struct drvmem_pool *drvmem_pools__add(struct drvmem_pools *p, enum drvmem_pool_kind kind)
{
	uint32_t cap = p->cap ? p->cap * 2 : 64;
	struct drvmem_pool *v;

	/* only a list that is long in all can have too many of one kind */
	if (p->n >= DRVMEM_POOLS_MAX && count_kind(p, kind) >= DRVMEM_POOLS_MAX) {
		p->source[kind].overflow++;
		return NULL;
	}
	if (p->n == p->cap) {
		v = realloc(p->v, cap * sizeof(*v));
		if (!v)
			return NULL;
		p->v = v;
		p->cap = cap;
	}
	v = &p->v[p->n++];
	*v = (struct drvmem_pool){ .kind = kind, .name = "?" };
	make_absent(v);
	return v;
}

const char *drvmem_pools__str(struct drvmem_pools *p, const char *text)
{
	return text ? drvmem_arena__str(p->arena, text) : NULL;
}

void drvmem_pools__note(struct drvmem_pools *p, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (p->nr_notes >= DRVMEM_POOL_NOTES) {
		p->notes_dropped++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->notes[p->nr_notes] = drvmem_pools__str(p, text);
	if (p->notes[p->nr_notes])
		p->nr_notes++;
}

int drvmem_pools__borrow(const struct drvmem_pools *p, struct drvmem_pools *ret)
{
	struct drvmem_pool *v = malloc((p->n ? p->n : 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	if (p->n)
		memcpy(v, p->v, p->n * sizeof(*v));
	*ret = *p;
	ret->v = v;
	ret->cap = p->n;
	return 0;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_key(const void *a, const void *b)
{
	const struct drvmem_pool *x = a, *y = b;
	int c;

	if (x->kind != y->kind)
		return (x->kind > y->kind) - (x->kind < y->kind);
	c = compare_text(x->name, y->name);
	if (!c)
		c = compare_text(x->device, y->device);
	return c ? c : (x->id > y->id) - (x->id < y->id);
}

void drvmem_pools__sort(struct drvmem_pools *p)
{
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare_key);
}

struct drvmem_pool *drvmem_pools__find(const struct drvmem_pools *p, const struct drvmem_pool *key)
{
	return p->n ? bsearch(key, p->v, p->n, sizeof(*p->v), compare_key) : NULL;
}
