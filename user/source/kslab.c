// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/kslab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS		1024u		/* at first: a kernel has a few hundred caches */
#define SLAB_PAGES	64u		/* more than any slab has */
#define MAX_CELL	(SLAB_PAGES * DRVMEM_KPAGE)

int drvmem_kslab__init(struct drvmem_kslab *s, const struct drvmem_kmem *k, struct drvmem_kmem_port *p,
		       const uint8_t *kind)
{
	*s = (struct drvmem_kslab){ .k = k, .p = p, .kind = kind };
	s->cache = calloc(SLOTS, sizeof(struct drvmem_kcache *));
	s->slots = s->cache ? SLOTS : 0;
	return s->cache ? 0 : -ENOMEM;
}

void drvmem_kslab__deinit(struct drvmem_kslab *s)
{
	uint32_t i;

	for (i = 0; s->cache && i < s->slots; i++)
		free(s->cache[i]);
	free(s->cache);
	s->cache = NULL;
	s->nr = s->slots = 0;
}

static uint32_t u32_at(struct drvmem_kslab *s, uint64_t addr, int32_t field)
{
	return field < 0 ? 0 : drvmem_kmem_port__u32(s->p, addr + (uint64_t)field);
}

/* mm/slub.c: calculate_sizes(), fixup_red_left() */
static void read_free_pointer(struct drvmem_kslab *s, uint64_t addr, struct drvmem_kcache *c)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint32_t pad = u32_at(s, addr, l->cache_red_left_pad), object = u32_at(s, addr, l->cache_object_size);

	c->no_free_test = true;
	c->constructed = l->cache_ctor < 0 || drvmem_kmem_port__u64(s->p, addr + (uint64_t)l->cache_ctor);
	if (l->cache_offset < 0 || !object || pad > c->size)
		return;
	c->offset = pad + u32_at(s, addr, l->cache_offset);
	c->object_end = pad + object;
	c->free_outside = c->offset >= c->object_end;
	if (l->cache_random < 0 || l->cache_flags < 0)
		return;
	c->random = drvmem_kmem_port__u64(s->p, addr + (uint64_t)l->cache_random);
	c->no_free_test = c->offset + 8 > c->object_end || c->constructed ||
			  u32_at(s, addr, l->cache_flags) & l->unzeroed_flags;
}

static bool read_cache(struct drvmem_kslab *s, uint64_t addr, struct drvmem_kcache *c)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t name;

	*c = (struct drvmem_kcache){ .addr = addr };
	c->size = drvmem_kmem_port__u32(s->p, addr + (uint64_t)l->cache_size);
	if (!c->size || c->size > MAX_CELL)
		return false;
	name = drvmem_kmem_port__u64(s->p, addr + (uint64_t)l->cache_name);
	if (!drvmem_kmem_port__read(s->p, name, c->name, sizeof(c->name) - 1))
		strcpy(c->name, "?");
	c->name[sizeof(c->name) - 1] = '\0';
	read_free_pointer(s, addr, c);
	return true;
}

static uint32_t slot_of(uint64_t addr, uint32_t slots)
{
	return (uint32_t)(addr * 0x9E3779B97F4A7C15ull >> 32) % slots;
}

/* At half full. Where memory is short the table stays, and no more caches are kept. */
static bool grow(struct drvmem_kslab *s)
{
	uint32_t slots = s->slots * 2, at, i;
	struct drvmem_kcache **v;

	if (s->nr < s->slots / 2)
		return true;
	v = calloc(slots, sizeof(*v));
	if (!v)
		return s->nr < s->slots - 1;
	for (i = 0; i < s->slots; i++) {
		if (!s->cache[i])
			continue;
		for (at = slot_of(s->cache[i]->addr, slots); v[at]; at = (at + 1) % slots)
			;
		v[at] = s->cache[i];
	}
	free(s->cache);
	s->cache = v;
	s->slots = slots;
	return true;
}

static const struct drvmem_kcache *find_cache(struct drvmem_kslab *s, uint64_t addr)
{
	struct drvmem_kcache c, *n;
	uint32_t at;

	for (at = slot_of(addr, s->slots); s->cache[at]; at = (at + 1) % s->slots)
		if (s->cache[at]->addr == addr)
			return s->cache[at];
	if (!drvmem_kmem__is_direct(s->k, addr) || !read_cache(s, addr, &c) || !grow(s))
		return NULL;
	n = malloc(sizeof(*n));
	if (!n)
		return NULL;
	*n = c;
	for (at = slot_of(addr, s->slots); s->cache[at]; at = (at + 1) % s->slots)
		;
	s->cache[at] = n;
	s->nr++;
	return n;
}

bool drvmem_kslab__cell(struct drvmem_kslab *s, uint64_t pa, struct drvmem_kcell *ret)
{
	uint64_t pfn = pa >> DRVMEM_KPAGE_SHIFT, cache;

	if (pfn >= s->k->nr_pfn || drvmem_kpage__kind(s->kind[pfn]) != DRVMEM_KPAGE_SLAB)
		return false;
	pfn = drvmem_kpages__head(s->kind, pfn);
	cache = drvmem_kmem_port__u64(s->p, s->k->vmemmap + pfn * (uint64_t)s->k->l.page_size +
				      (uint64_t)s->k->l.slab_cache);
	ret->cache = find_cache(s, cache);
	if (!ret->cache)
		return false;
	pfn <<= DRVMEM_KPAGE_SHIFT;
	ret->pa = pa - (pa - pfn) % ret->cache->size;
	return true;
}

/* mm/slab_common.c: they are objects of a cache of that name, which is merged with no other. */
const struct drvmem_kcache *drvmem_kslab__cache(struct drvmem_kslab *s, uint64_t addr)
{
	struct drvmem_kcell of;

	if (!drvmem_kmem__is_direct(s->k, addr) || !drvmem_kslab__cell(s, addr - s->k->page_offset, &of) ||
	    of.pa != addr - s->k->page_offset || strcmp(of.cache->name, "kmem_cache"))
		return NULL;
	return find_cache(s, addr);
}

/* mm/slub.c: freelist_ptr_decode() */
bool drvmem_kslab__is_free(struct drvmem_kslab *s, const struct drvmem_kcell *cell)
{
	const struct drvmem_kcache *c = cell->cache;
	uint64_t at = s->k->page_offset + cell->pa + c->offset, v, slab;

	if (c->no_free_test || !drvmem_kmem_port__read(s->p, at, &v, sizeof(v)))
		return false;
	v ^= c->random ^ __builtin_bswap64(at);
	if (!v)
		return true;
	slab = s->k->page_offset +
	       (drvmem_kpages__head(s->kind, cell->pa >> DRVMEM_KPAGE_SHIFT) << DRVMEM_KPAGE_SHIFT);
	return v - slab < MAX_CELL && !((v - slab) % c->size);
}
