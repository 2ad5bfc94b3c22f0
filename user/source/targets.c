// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drvmem/abi.h"
#include "source/scan_parts.h"

#define TOP_BITS	0xfe00000000000000ull	/* set in all addresses, cut off where a key has its space */
#define SPACE_SHIFT	57u
#define SPACE_PERCPU	1u
#define SPACE_DMA	2u
#define MAX_RANGES	(1u << 20)	/* keys, and extents: 40 MiB and 24 MiB */

int drvmem_targets__add_extent(struct drvmem_scan *s, uint64_t lo, uint64_t hi, uint32_t object)
{
	struct drvmem_extent *x = s->extent, *last = s->nr_extents ? &x[s->nr_extents - 1] : NULL;
	size_t cap;

	if (last && last->object == object && last->hi == lo) {
		last->hi = hi;
		return 0;
	}

	if (s->nr_extents == s->cap_extents) {
		cap = s->cap_extents ? s->cap_extents * 2 : 1024;
		x = realloc(x, cap * sizeof(*x));
		if (!x)
			return -ENOMEM;
		s->extent = x;
		s->cap_extents = cap;
	}
	s->extent[s->nr_extents++] = (struct drvmem_extent){ lo, hi, object };
	return 0;
}

/* Physical extents of what is at va, page by page; what is not mapped has none. */
static int add_mapped(struct drvmem_scan *s, uint64_t va, uint64_t bytes, uint32_t object)
{
	uint64_t pa, part;
	int e = 0;

	for (; bytes && !e; bytes -= part, va += part) {
		part = DRVMEM_KPAGE - va % DRVMEM_KPAGE;
		if (part > bytes)
			part = bytes;
		if (drvmem_kmem_port__pa(s->port, va, &pa))
			e = drvmem_targets__add_extent(s, pa, pa + part, object);
	}
	return e;
}

/* What is left for objects after this one takes nr keys and extents: two or three of each are kept for any. */
static bool is_room(const struct drvmem_scan *s, uint64_t nr)
{
	uint64_t kept = 3ull * s->o->nr;

	return s->search.nr + nr + kept <= MAX_RANGES && s->nr_extents + nr + kept <= MAX_RANGES;
}

static int add_key(struct drvmem_scan *s, uint64_t lo, uint64_t bytes, uint32_t object, enum drvmem_key_kind kind)
{
	const struct drvmem_key k = { .lo = lo, .hi = lo + bytes, .object = object, .kind = (uint8_t)kind };

	return drvmem_search__add(&s->search, &k);
}

/* The whole cell: what is in front of a driver's pointer (devres) is the same object. */
static int place_in_slab(struct drvmem_scan *s, uint32_t i, uint64_t va, const struct drvmem_kcell *cell)
{
	uint64_t lo = s->k->page_offset + cell->pa, hi = lo + cell->cache->size;
	uint64_t end = va + s->place[i].size, page = (uint64_t)s->k->l.page_size;
	uint64_t first = drvmem_kpages__head(s->kind, cell->pa >> DRVMEM_KPAGE_SHIFT);
	uint64_t last = (cell->pa + cell->cache->size - 1) >> DRVMEM_KPAGE_SHIFT;
	int e;

	/* KFENCE has objects at the end of a page of their own */
	if (end > hi && end - va <= cell->cache->size)
		hi = end;
	s->place[i].form = DRVMEM_PLACE_SLAB;
	s->place[i].cell_pa = cell->pa;
	s->place[i].cache = cell->cache;
	e = add_key(s, lo, hi - lo, i, DRVMEM_KEY_BODY);
	if (!e)	/* by any page from the slab's first to its own last */
		e = add_key(s, s->k->vmemmap + first * page, (last - first + 1) * page, i, DRVMEM_KEY_DESCRIBED);
	return e ? e : drvmem_targets__add_extent(s, cell->pa, cell->pa + (hi - lo), i);
}

/* A block of pages of which some were given back. */
static bool is_parted(const struct drvmem_scan *s, uint32_t i)
{
	return s->o->object[i].allocator == DRVMEM_ALLOC_PAGE && s->o->object[i].held != s->place[i].size;
}

static int place_pages(struct drvmem_scan *s, uint32_t i, uint64_t va)
{
	uint64_t pa = va - s->k->page_offset, size = s->place[i].size, page = (uint64_t)s->k->l.page_size;
	uint64_t first = pa >> DRVMEM_KPAGE_SHIFT;
	uint64_t nr = ((pa + size + DRVMEM_KPAGE - 1) >> DRVMEM_KPAGE_SHIFT) - first;
	int e;

	s->place[i].form = DRVMEM_PLACE_PAGES;
	e = add_key(s, va, size, i, DRVMEM_KEY_BODY);
	if (!e)
		e = add_key(s, s->k->vmemmap + first * page, nr * page, i, DRVMEM_KEY_PAGE);
	if (e || is_parted(s, i))
		return e;	/* some of it is others': whose its words are is not known */
	return drvmem_targets__add_extent(s, pa, pa + size, i);
}

static int place_area(struct drvmem_scan *s, uint32_t i, uint64_t va)
{
	int e;

	if (!is_room(s, s->place[i].size / DRVMEM_KPAGE + 2))
		return 0;
	s->place[i].form = DRVMEM_PLACE_AREA;
	e = add_key(s, va, s->place[i].size, i, DRVMEM_KEY_AREA);
	return e ? e : add_mapped(s, va, s->place[i].size, i);
}

/* A percpu pointer is an offset on most kernels, a kernel address on the newest. */
static int place_percpu(struct drvmem_scan *s, uint32_t i, uint64_t cookie)
{
	uint64_t size = s->place[i].size;
	uint32_t cpu;
	int e;

	if (!s->k->nr_cpus || !is_room(s, 1 + s->k->nr_cpus * (1 + size / DRVMEM_KPAGE + 1)))
		return 0;
	s->place[i].form = DRVMEM_PLACE_PERCPU;
	/* percpu_ref keeps flags in the low bits */
	e = add_key(s, cookie, size < 4 ? 4 : size, i, DRVMEM_KEY_COOKIE);
	for (cpu = 0; !e && cpu < s->k->nr_cpus; cpu++) {
		e = add_key(s, cookie + s->k->cpu_offset[cpu], size, i, DRVMEM_KEY_PERCPU);
		if (!e)
			e = add_mapped(s, cookie + s->k->cpu_offset[cpu], size, i);
	}
	return e;
}

static int place_address(struct drvmem_scan *s, uint32_t i, uint64_t va)
{
	struct drvmem_kcell cell;

	if (!drvmem_kmem__is_direct(s->k, va))	/* a slab's is there always: in memory that was added meanwhile */
		return s->o->object[i].allocator == DRVMEM_ALLOC_SLAB ? 0 : place_area(s, i, va);
	if (drvmem_kslab__cell(&s->slab, va - s->k->page_offset, &cell))
		return place_in_slab(s, i, va, &cell);
	return place_pages(s, i, va);
}

static int place_object(struct drvmem_scan *s, uint32_t i)
{
	const struct drvmem_reach_object *o = &s->o->object[i];
	uint64_t key = ~o->inv_key, low = key & ((1ull << SPACE_SHIFT) - 1), pfn;
	uint32_t space = (uint32_t)(key >> SPACE_SHIFT & 0x3f);
	bool is_address = key >> SPACE_SHIFT == 0x7f, high = low >> (SPACE_SHIFT - 1);

	s->place[i] = (struct drvmem_place){ .inv_va = ~key, .size = o->held ? o->held : 1 };
	if (o->allocator == DRVMEM_ALLOC_PAGE) {
		if (!is_address || !drvmem_kmem__page_of(s->k, key, &pfn))
			return 0;
		s->place[i].inv_va = ~(s->k->page_offset + (pfn << DRVMEM_KPAGE_SHIFT));
		/* a block that is given back in parts is known by all of it */
		s->place[i].size = (uint64_t)DRVMEM_KPAGE << (key % DRVMEM_PAGE_STRUCT);
		return place_pages(s, i, ~s->place[i].inv_va);
	}
	if (is_address)
		return place_address(s, i, key);
	s->place[i].inv_va = ~(high ? low | TOP_BITS : low);
	if (space == SPACE_PERCPU)
		return place_percpu(s, i, ~s->place[i].inv_va);
	/* a buffer that is described by a table of pages alone has no address to look for */
	return space == SPACE_DMA && high ? place_address(s, i, ~s->place[i].inv_va) : 0;
}

/* ---- what is left out */

static int mask_stack(struct drvmem_scan *s, const struct drvmem_ktask *t, bool own)
{
	uint64_t va, pa, dead = own ? t->bytes : t->sp - t->stack;
	int e = 0;

	for (va = t->stack; !e && va < t->stack + dead; va += DRVMEM_KPAGE) {
		if (!drvmem_kmem_port__pa(s->port, va, &pa))
			continue;
		if (t->stack + dead - va >= DRVMEM_KPAGE)
			s->kind[pa >> DRVMEM_KPAGE_SHIFT] = own ? DRVMEM_KPAGE_OWN : DRVMEM_KPAGE_STACK;
		else
			e = drvmem_targets__add_extent(s, pa, pa + (t->stack + dead - va), DRVMEM_EXTENT_MASKED);
	}
	return e;
}

bool drvmem_targets__is_own(const struct drvmem_scan *s, const struct drvmem_ktask *t)
{
	return s->own_tgid && t->tgid == s->own_tgid;
}

/* Below the stack pointer is what calls have left; our own tasks hold what we are looking for. */
static int mask_tasks(struct drvmem_scan *s)
{
	const struct drvmem_ktask *t;
	struct drvmem_kcell cell;
	uint32_t i;
	bool own;
	int e = 0;

	for (i = 0; !e && i < s->tasks.nr; i++) {
		t = &s->tasks.v[i];
		own = drvmem_targets__is_own(s, t);
		e = mask_stack(s, t, own);
		if (!e && own && drvmem_kmem__is_direct(s->k, t->addr) &&
		    drvmem_kslab__cell(&s->slab, t->addr - s->k->page_offset, &cell))
			e = drvmem_targets__add_extent(s, cell.pa, cell.pa + cell.cache->size, DRVMEM_EXTENT_MASKED);
	}
	return e;
}

/* Bytes of a variable of each CPU. */
static int mask_percpu(struct drvmem_scan *s, uint64_t symbol, int32_t bytes)
{
	uint32_t cpu;
	int e = 0;

	if (!symbol || bytes <= 0)
		return 0;
	for (cpu = 0; !e && cpu < s->k->nr_cpus; cpu++)
		e = add_mapped(s, symbol + s->k->cpu_offset[cpu], (uint64_t)bytes, DRVMEM_EXTENT_MASKED);
	return e;
}

/* net/core/skbuff.c: of the heads of buffers that a CPU keeps, those above the count are stale. */
static int mask_heads(struct drvmem_scan *s)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t at, from;
	uint32_t cpu;
	int e = 0;

	if (!s->k->syms.napi_alloc_cache || l->napi_count < 0 || l->napi_heads < 0)
		return 0;
	for (cpu = 0; !e && cpu < s->k->nr_cpus; cpu++) {
		at = s->k->syms.napi_alloc_cache + s->k->cpu_offset[cpu];
		from = (uint64_t)l->napi_heads + 8ull * drvmem_kmem_port__u32(s->port, at + (uint64_t)l->napi_count);
		if (from < (uint64_t)l->napi_cache_size)
			e = add_mapped(s, at + from, (uint64_t)l->napi_cache_size - from, DRVMEM_EXTENT_MASKED);
	}
	return e;
}

/* mm/kmemleak.c: the lowest and the highest address of all objects, which may be one's. */
static int mask_kmemleak(struct drvmem_scan *s)
{
	const struct drvmem_kmem_syms *syms = &s->k->syms;
	size_t i;
	int e = 0;

	for (i = 0; !e && syms->kmemleak_alloc && i < sizeof(syms->kmemleak_end) / sizeof(syms->kmemleak_end[0]); i++)
		if (syms->kmemleak_end[i])
			e = add_mapped(s, syms->kmemleak_end[i], sizeof(uint64_t), DRVMEM_EXTENT_MASKED);
	return e;
}

/* arch/x86: the stack of a CPU for the first instructions of an entry has user space's registers. */
static int mask_stale(struct drvmem_scan *s)
{
	int e = mask_heads(s);

	if (!e)
		e = mask_kmemleak(s);
	return e ? e : mask_percpu(s, s->k->syms.entry_stack_storage, DRVMEM_KPAGE);
}

static int cmp_extent(const void *a, const void *b)
{
	const struct drvmem_extent *x = a, *y = b;

	if (x->lo != y->lo)
		return (x->lo > y->lo) - (x->lo < y->lo);
	/* what is masked comes first */
	return (x->object < y->object) - (x->object > y->object);
}

/* Afterwards none lies in another. Two objects in one place: one of them is gone, which is not known. */
static void part_extents(struct drvmem_scan *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nr_extents; i++) {
		struct drvmem_extent e = s->extent[i], *last = n ? &s->extent[n - 1] : NULL;

		if (last && e.lo < last->hi) {
			if (last->object != DRVMEM_EXTENT_MASKED && e.object != DRVMEM_EXTENT_MASKED &&
			    last->object != e.object)
				last->object = e.object = DRVMEM_EXTENT_ROOT;
			e.lo = last->hi;
		}
		if (e.lo < e.hi)
			s->extent[n++] = e;
	}
	s->nr_extents = n;
}

/* One whose words cannot be looked for is not judged: what it holds itself is held then. */
static int place_all(struct drvmem_scan *s)
{
	uint32_t i;
	int e = 0;

	for (i = 0; !e && i < s->o->nr; i++) {
		e = place_object(s, i);
		if (e == -ERANGE) {
			s->place[i].form = DRVMEM_PLACE_NONE;
			e = 0;
		}
	}
	return e;
}

int drvmem_targets__prepare(struct drvmem_scan *s)
{
	int e;

	s->nr_extents = 0;
	e = drvmem_search__init(&s->search);
	if (!e)
		e = drvmem_kslab__init(&s->slab, s->k, s->port, s->kind);
	drvmem_ksheaf__init(&s->sheaves, s->k, s->port);
	if (!e)
		e = place_all(s);
	if (!e)
		e = mask_tasks(s);
	if (!e)
		e = mask_stale(s);
	if (e)
		return e;
	drvmem_search__seal(&s->search);
	qsort(s->extent, s->nr_extents, sizeof(*s->extent), cmp_extent);
	part_extents(s);
	return 0;
}

void drvmem_targets__deinit(struct drvmem_scan *s)
{
	drvmem_search__deinit(&s->search);
	drvmem_ksheaf__deinit(&s->sheaves);
	drvmem_kslab__deinit(&s->slab);
	if (s->extent)
		explicit_bzero(s->extent, s->cap_extents * sizeof(*s->extent));
	free(s->extent);
	s->extent = NULL;
	s->nr_extents = s->cap_extents = 0;
}

static void hold(struct drvmem_reach_target *t, enum drvmem_holder_kind kind)
{
	t->named = true;
	t->holder = (struct drvmem_holder){ .kind = (uint8_t)kind };
}

/* Pages that user space maps, or that are a file's, are held by that. True: the page is free. */
static bool judge_page(struct drvmem_scan *s, uint64_t pfn, struct drvmem_reach_target *t)
{
	uint64_t alias = s->k->alias[pfn];

	/* mapped elsewhere in the kernel, which only page tables tell: vmap, struct pages of added memory */
	if (alias > DRVMEM_KMEM_TABLE && alias - s->k->image_va >= s->k->image_bytes)
		hold(t, DRVMEM_HOLDER_TABLE);
	switch (drvmem_kpage__kind(s->kind[pfn])) {
	case DRVMEM_KPAGE_USER:
	case DRVMEM_KPAGE_MAPPED:
	case DRVMEM_KPAGE_CACHE:
		hold(t, DRVMEM_HOLDER_USER);
		return false;
	case DRVMEM_KPAGE_TABLE:
		hold(t, DRVMEM_HOLDER_TABLE);
		return false;
	case DRVMEM_KPAGE_SLAB:		/* one that was refilled as we looked */
	case DRVMEM_KPAGE_RESERVED:
	case DRVMEM_KPAGE_OTHER:
		return false;
	case DRVMEM_KPAGE_FREE:
	case DRVMEM_KPAGE_PARKED:
	case DRVMEM_KPAGE_UNUSED:
		return true;
	default:
		t->judged = false;
		return false;
	}
}

/*
 * Every page: a driver may have mapped some of a block only. Of a block that is given back in parts some
 * are others' by now, and it is free when all are; of any other block one that is free tells of all.
 */
static void judge_pages(struct drvmem_scan *s, uint32_t i, struct drvmem_reach_target *t)
{
	const struct drvmem_reach_object *o = &s->o->object[i];
	uint64_t pa = ~s->place[i].inv_va - s->k->page_offset;
	uint64_t pfn = pa >> DRVMEM_KPAGE_SHIFT, nr, free = 0, n;

	nr = ((pa + s->place[i].size + DRVMEM_KPAGE - 1) >> DRVMEM_KPAGE_SHIFT) - pfn;
	if (pfn >= s->k->nr_pfn || nr > s->k->nr_pfn - pfn) {
		t->judged = false;
		return;
	}
	for (n = 0; n < nr; n++)
		free += judge_page(s, pfn + n, t);
	t->free |= is_parted(s, i) ? free == nr : free > 0;
	/* a slab object whose page is no slab's any more */
	t->free |= o->allocator == DRVMEM_ALLOC_SLAB && pa % DRVMEM_KPAGE && !t->named && t->judged;
}

static void judge_free(struct drvmem_scan *s, uint32_t i)
{
	struct drvmem_reach_target *t = &s->pass->target[i];
	const struct drvmem_place *p = &s->place[i];
	struct drvmem_kcell cell;
	uint64_t pa;

	t->judged = p->form != DRVMEM_PLACE_NONE;
	t->by_number = s->o->object[i].by_number;
	/* pages may be another's by now, who was not seen either; a free slot is told */
	t->maybe_free = s->o->object[i].unseen &&
			!(p->form == DRVMEM_PLACE_SLAB && s->zeroed && !p->cache->no_free_test);
	if (p->form == DRVMEM_PLACE_SLAB)
		t->free |= !drvmem_kslab__cell(&s->slab, p->cell_pa, &cell) || cell.cache != p->cache ||
			   (s->zeroed && drvmem_kslab__is_free(&s->slab, &cell));
	else if (p->form == DRVMEM_PLACE_PAGES)
		judge_pages(s, i, t);
	else if (p->form == DRVMEM_PLACE_AREA)
		t->free |= !drvmem_kmem_port__pa(s->port, ~p->inv_va, &pa);
}

void drvmem_targets__find_free(struct drvmem_scan *s)
{
	uint32_t i;

	for (i = 0; i < s->o->nr; i++)
		judge_free(s, i);
}
