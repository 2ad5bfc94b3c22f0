// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cache each kind of object lies in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/simulate_parts.h"
#include "analysis/slub.h"
#include "base/cleanup.h"

/* Where a kind lies; equal places are one cache. */
struct place {
	struct drvmem_simulated_cache c;
	uint32_t kind;			/* index of the kind of object */
	uint32_t number;		/* of --sizes, of NEW */
};

bool drvmem_simulate__is_kmalloc(const char *cache)
{
	/* kmalloc-256, kmalloc-rcl-256, kmalloc-cg-256, kmalloc-rnd-03-256, dma-kmalloc-256 (mm/slab_common.c: kmalloc_info) */
	return !strncmp(cache, "kmalloc-", 8) || !strncmp(cache, "dma-kmalloc-", 12);
}

static uint64_t align_up(uint64_t v, uint64_t align)
{
	return (v + align - 1) / align * align;
}

static void put_pages(uint64_t bytes, struct drvmem_simulated_cache *ret)
{
	*ret = (struct drvmem_simulated_cache){ .kind = DRVMEM_SIMULATED_PAGES, .size = bytes, .objects = 1,
						.slab_bytes = bytes };
}

static uint64_t block_bytes(const struct drvmem_slub_rules *r, uint64_t bytes)
{
	uint64_t block = r->page_size;

	while (block < bytes)
		block *= 2;
	return block;
}

static bool put_slab(const struct drvmem_slub_rules *r, enum drvmem_simulated_kind kind, const char *name,
		     uint32_t bytes, uint32_t align, struct drvmem_simulated_cache *ret)
{
	struct drvmem_slub_cache cache = { .object_size = bytes, .align = align };
	struct drvmem_slub_layout l;

	if (!drvmem_slub(r, &cache, &l))
		return false;
	*ret = (struct drvmem_simulated_cache){ .kind = kind, .name = name, .size = l.size, .objects = l.objects,
						.asked = kind == DRVMEM_SIMULATED_KMALLOC ? 0 : bytes,
						.slab_bytes = (uint64_t)r->page_size << l.order };
	return true;
}

static void put_kmalloc(const struct drvmem_slub_rules *r, uint32_t bytes, struct drvmem_simulated_cache *ret)
{
	bool pages;
	uint32_t class = drvmem_slub__kmalloc(r, bytes, &pages);

	/* size classes of a power of two are aligned to themselves (mm/slab_common.c: create_kmalloc_cache()) */
	if (!class || pages ||
	    !put_slab(r, DRVMEM_SIMULATED_KMALLOC, NULL, class, class & (class - 1) ? 0 : class, ret))
		put_pages(block_bytes(r, bytes), ret);
}

static bool find_size(const struct drvmem_simulate_config *c, uint32_t bytes, uint32_t *ret)
{
	uint32_t i;

	for (i = 0; i < c->nr_sizes; i++) {
		if (bytes > c->size[i])
			continue;
		*ret = i;
		return true;
	}
	return false;
}

static int put_place(const struct drvmem_distribution *d, const struct drvmem_simulate_config *c,
		     const struct drvmem_distribution_site *t, uint32_t bytes, struct place *ret)
{
	const struct drvmem_slub_rules *r = &d->slub;

	if (t->allocator == DRVMEM_ALLOC_VMALLOC || t->allocator == DRVMEM_ALLOC_DMA) {
		put_pages(align_up(bytes, r->page_size), &ret->c);
	} else if (t->allocator != DRVMEM_ALLOC_SLAB) {
		put_pages(block_bytes(r, bytes), &ret->c);
	} else if (!drvmem_simulate__is_kmalloc(t->cache)) {
		if (!put_slab(r, DRVMEM_SIMULATED_CACHE, t->cache, bytes, 0, &ret->c))
			put_pages(block_bytes(r, bytes), &ret->c);
	} else if (find_size(c, bytes, &ret->number)) {
		if (!put_slab(r, DRVMEM_SIMULATED_NEW, NULL, c->size[ret->number], 0, &ret->c))
			return -EINVAL;
	} else {
		put_kmalloc(r, bytes, &ret->c);
	}
	ret->c.pooled = (c->depth || c->reserve) && (!c->nr_sizes || ret->c.kind == DRVMEM_SIMULATED_NEW);
	return 0;
}

static int cmp_cache(const struct drvmem_simulated_cache *x, const struct drvmem_simulated_cache *y)
{
	int names;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	names = x->name && y->name ? strcmp(x->name, y->name) : 0;
	if (names)
		return names;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return (x->asked > y->asked) - (x->asked < y->asked);
}

static int cmp_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = cmp_cache(&x->c, &y->c);

	return c ? c : (x->kind > y->kind) - (x->kind < y->kind);
}

int drvmem_simulate_plan(const struct drvmem_distribution *d, const struct drvmem_simulate_kinds *k,
			 const struct drvmem_simulate_config *c, struct drvmem_simulate_plan *p,
			 struct drvmem_simulated *ret, uint32_t *ret_unused)
{
	_cleanup_free_ struct place *place = calloc(k->n, sizeof(*place));
	uint32_t i, used = 0;
	int err = 0;

	*p = (struct drvmem_simulate_plan){ .cache = calloc(k->n, sizeof(*p->cache)), .c = *c };
	ret->cache = calloc(k->n, sizeof(*ret->cache));
	if (!place || !p->cache || !ret->cache)
		return -ENOMEM;
	for (i = 0; !err && i < k->n; i++) {
		place[i].kind = i;
		err = put_place(d, c, &d->sites[k->site[i]], k->asked[i], &place[i]);
		if (place[i].c.kind == DRVMEM_SIMULATED_NEW)
			used |= 1u << place[i].number;
	}
	if (err)
		return err;
	qsort(place, k->n, sizeof(*place), cmp_place);
	for (i = 0; i < k->n; i++) {
		if (!i || cmp_cache(&place[i - 1].c, &place[i].c))
			ret->cache[ret->nr_caches++] = place[i].c;
		p->cache[place[i].kind] = ret->nr_caches - 1;
	}
	*ret_unused = ((1u << c->nr_sizes) - 1) & ~used;
	return 0;
}
