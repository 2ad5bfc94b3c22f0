// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a word that points to an object is: a reference with a name, one in memory of nobody that
 * is known, or what allocators and lists of free memory leave, which is none.
 */
#include <stdlib.h>
#include <string.h>

#include "source/scan_parts.h"

#define MAX_EDGES	(1u << 21)	/* 16 MiB */
#define MODULES_END	0xffffffffff000000ull
#define KERNEL_HALF	0xff00000000000000ull
#define SHEAF_SURE	4u	/* old entries that make an empty array of free objects one */
#define MAX_SLAB	(64u * DRVMEM_KPAGE)	/* more than any slab has */
#define MAX_PIECE	(64u << 20)	/* of memory, as a list describes it */
#define PERCPU_MORE	(64u << 10)	/* behind the kernel's own in the first chunk: modules', and more */

struct word {
	uint64_t pa, va;	/* va: outside the direct map where it has such an address, else in it */
	const uint64_t *w;	/* the word */
	struct drvmem_kcell cell;
	bool in_slab;
	bool perhaps;		/* it may be a list of free objects */
	enum drvmem_kpage kind;
};

static bool in_cache(const struct word *at, const char *name)
{
	return at->in_slab && !strcmp(at->cell.cache->name, name);
}

static uint64_t word_of(const struct drvmem_scan *s, const struct word *at, int32_t field)
{
	return field < 0 ? 0 : drvmem_kmem_port__u64(s->port, s->k->page_offset + at->cell.pa + (uint64_t)field);
}

/*
 * mm/vmalloc.c: struct vmap_area begins with its two ends. Other caches may be one with its cache, and their
 * objects begin as they like: it is one if its area begins where it does, or its list leads back.
 */
static bool is_vmap_area(const struct drvmem_scan *s, const struct word *at)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t ends[2], list = s->k->syms.vmap_area_cachep, me = s->k->page_offset + at->cell.pa, vm;

	if (at->pa - at->cell.pa >= 16 || l->vmap_vm < 0 || l->vmap_list < 0 ||
	    !(in_cache(at, "vmap_area") ||
	      (list && at->cell.cache->addr == drvmem_kmem_port__u64(s->port, list))))
		return false;
	if (!drvmem_kmem_port__read(s->port, me, ends, sizeof(ends)) || ends[0] >= ends[1] ||
	    ends[0] % DRVMEM_KPAGE || ends[1] % DRVMEM_KPAGE)
		return false;
	vm = word_of(s, at, l->vmap_vm);
	if (vm >= KERNEL_HALF && l->area_addr >= 0 &&
	    drvmem_kmem_port__u64(s->port, vm + (uint64_t)l->area_addr) == ends[0])
		return true;
	/* a range that is free, or is about to be */
	return drvmem_kmem_port__u64(s->port, word_of(s, at, l->vmap_list) + 8) == me + (uint64_t)l->vmap_list;
}

/*
 * mm/vmalloc.c: struct vm_struct, of so many bytes from the word on that is its address. A driver's structure
 * may have address and size as well; it does not have who called vmalloc.
 */
static bool is_vm_struct(const struct drvmem_scan *s, const struct word *at, uint64_t *ret_size)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t flags = word_of(s, at, l->area_flags);

	*ret_size = word_of(s, at, l->area_size);
	return l->area_addr >= 0 && at->pa - at->cell.pa == (uint64_t)l->area_addr &&
	       !strncmp(at->cell.cache->name, "kmalloc-", 8) && flags < 0x10000 && flags & 7 &&
	       *ret_size && !(*ret_size % DRVMEM_KPAGE) && word_of(s, at, l->area_caller) >= DRVMEM_KMEM_TOP;
}

/* The area's own record. What only looks a little like one is a reference. */
static bool is_area_record(const struct drvmem_scan *s, const struct word *at, const struct drvmem_key *k)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t len = (k->hi - k->lo + DRVMEM_KPAGE - 1) & ~(uint64_t)(DRVMEM_KPAGE - 1), size;

	if (!at->in_slab)
		return false;
	if (is_vmap_area(s, at))
		return true;
	if (k->kind != DRVMEM_KEY_AREA || at->w[0] != k->lo || !is_vm_struct(s, at, &size))
		return false;
	return (size == len + DRVMEM_KPAGE || size == len) && word_of(s, at, l->area_pages) >= KERNEL_HALF &&
	       (uint32_t)word_of(s, at, l->area_nr_pages) == len >> DRVMEM_KPAGE_SHIFT;
}

/* mm/percpu.c: where a chunk begins, as its areas and itself know it. An object may begin there too. */
static bool is_chunk_base(const struct drvmem_scan *s, const struct word *at)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t size, vm;

	if (at->w[0] % DRVMEM_KPAGE || !at->in_slab)
		return false;
	if (is_vm_struct(s, at, &size))
		return true;
	if (l->chunk_base < 0 || l->chunk_data < 0 || l->area_addr < 0 ||
	    at->pa - at->cell.pa != (uint64_t)l->chunk_base)
		return false;
	vm = drvmem_kmem_port__u64(s->port, word_of(s, at, l->chunk_data));
	return vm >= KERNEL_HALF && drvmem_kmem_port__u64(s->port, vm + (uint64_t)l->area_addr) == at->w[0];
}

/* What struct pages of these say is of former times. */
static bool is_dead_page(uint8_t kind)
{
	switch (drvmem_kpage__kind(kind)) {
	case DRVMEM_KPAGE_FREE:
	case DRVMEM_KPAGE_UNUSED:
	case DRVMEM_KPAGE_PARKED:
		return true;
	default:
		return false;
	}
}

/* The array of struct pages: what page allocators keep there about the block itself. */
static bool is_page_record(const struct drvmem_scan *s, const struct word *at, const struct drvmem_key *k)
{
	uint64_t lru = (uint64_t)s->k->l.page_lru, pfn, off, other;

	if (!drvmem_kmem__page_of(s->k, at->va, &pfn))
		return false;
	if (is_dead_page(s->kind[pfn]))
		return true;
	off = at->va - s->k->vmemmap - pfn * (uint64_t)s->k->l.page_size;
	/* what the block's own descriptor has of the block (page_private(), a list's head) is found by who has the block */
	if (k->kind == DRVMEM_KEY_BODY && s->place[k->object].form == DRVMEM_PLACE_PAGES &&
	    (pfn << DRVMEM_KPAGE_SHIFT) - (k->lo - s->k->page_offset) < k->hi - k->lo)
		return true;
	/* a slab's list of its own free objects, which stays behind when the page is another's */
	if (k->kind != DRVMEM_KEY_PAGE)
		return off == (uint64_t)s->k->l.slab_freelist &&
		       at->w[0] - s->k->page_offset - (pfn << DRVMEM_KPAGE_SHIFT) < MAX_SLAB;
	/* compound_head, which lies over the list */
	if (at->w[0] & 1 && off == lru && s->kind[pfn] & DRVMEM_KPAGE_TAIL)
		return true;
	if (at->va - k->lo < k->hi - k->lo)
		return true;	/* of the block itself */
	/* a list that does not lead back is an old one */
	if (off != lru && off != lru + 8)
		return false;
	other = drvmem_kmem_port__u64(s->port, at->w[0] + (off == lru ? 8 : 0));
	return other != at->va - off + lru;
}

static bool overlaps(uint64_t pa, uint64_t offset, uint64_t bytes, const struct drvmem_place *p)
{
	return bytes && bytes <= MAX_PIECE && offset <= MAX_PIECE && pa + offset < p->cell_pa + p->cache->size &&
	       p->cell_pa < pa + offset + bytes;
}

/*
 * A piece of memory by its page: struct scatterlist has page, offset, length, with two flags in the page;
 * bio_vec and the fragments of skbs have page, length, offset. Other words that are struct pages say nothing
 * of one object of many on it.
 */
static bool is_described(const struct drvmem_scan *s, const struct word *at, uint32_t object)
{
	uint64_t page = at->w[0] & ~3ull, pfn, next;

	if (!drvmem_kmem__page_of(s->k, page, &pfn) || (page - s->k->vmemmap) % (uint64_t)s->k->l.page_size)
		return false;
	next = drvmem_kmem_port__u64(s->port, s->k->page_offset + at->pa + 8);
	pfn <<= DRVMEM_KPAGE_SHIFT;
	return overlaps(pfn, (uint32_t)next, next >> 32, &s->place[object]) ||
	       overlaps(pfn, next >> 32, (uint32_t)next, &s->place[object]);
}

enum sheaf { SHEAF_NONE, SHEAF_STALE, SHEAF_HAS, SHEAF_PERHAPS };

/* An entry of an array of free objects: where an object of the cache begins. */
static bool is_entry(struct drvmem_scan *s, uint64_t entry, const struct drvmem_kcache *cache)
{
	struct drvmem_kcell of;

	return drvmem_kmem__is_direct(s->k, entry) &&
	       drvmem_kslab__cell(&s->slab, entry - s->k->page_offset, &of) && of.cache == cache &&
	       entry - s->k->page_offset == of.pa;
}

static bool is_old_sheaf(struct drvmem_scan *s, const struct word *at, const struct drvmem_kcache *cache)
{
	uint64_t cell = s->k->page_offset + at->cell.pa, entry, off;
	uint32_t n = 0;

	for (off = (uint64_t)s->k->l.sheaf_objects; off + 8 <= at->cell.cache->size; off += 8) {
		entry = drvmem_kmem_port__u64(s->port, cell + off);
		if (!entry)
			continue;
		if (!drvmem_kmem__is_direct(s->k, entry))
			return false;
		n += is_entry(s, entry, cache);
	}
	return n >= SHEAF_SURE;
}

/*
 * mm/slub.c, 6.18 and later: arrays of free objects of one cache, which are objects of kmalloc. Those
 * below the count are free, those above were. One that is empty is told by several old entries that are
 * objects of the cache, and nothing else than addresses beside them; else it may be a driver's structure.
 */
static enum sheaf sheaf_of(struct drvmem_scan *s, const struct word *at, uint32_t object)
{
	const struct drvmem_klayout *l = &s->k->l;
	const struct drvmem_place *p = &s->place[object];
	uint64_t off = at->pa - at->cell.pa, cell = s->k->page_offset + at->cell.pa, entry, i;
	uint32_t count;

	if (!at->in_slab || l->sheaf_cache < 0 || l->sheaf_objects < 0 || l->sheaf_size < 0 ||
	    p->form != DRVMEM_PLACE_SLAB || off < (uint64_t)l->sheaf_objects ||
	    strncmp(at->cell.cache->name, "kmalloc-", 8) ||
	    drvmem_kmem_port__u64(s->port, cell + (uint64_t)l->sheaf_cache) != p->cache->addr)
		return SHEAF_NONE;
	count = drvmem_kmem_port__u32(s->port, cell + (uint64_t)l->sheaf_size);
	if (!count)
		return is_old_sheaf(s, at, p->cache) ? SHEAF_STALE : SHEAF_PERHAPS;
	if (count > (at->cell.cache->size - (uint32_t)l->sheaf_objects) / 8)
		return SHEAF_NONE;
	for (i = 0; i < count; i++) {
		entry = drvmem_kmem_port__u64(s->port, cell + (uint64_t)l->sheaf_objects + 8 * i);
		if (!is_entry(s, entry, p->cache))
			return SHEAF_NONE;
	}
	return (off - (uint64_t)l->sheaf_objects) / 8 < count ? SHEAF_HAS : SHEAF_STALE;
}

/*
 * A word in an array of any cache's free objects, by who has the array now: where the object's memory was another's
 * before, or the array is empty, its entries do not tell.
 */
static bool is_in_array(struct drvmem_scan *s, const struct word *at)
{
	const struct drvmem_klayout *l = &s->k->l;
	const struct drvmem_kcache *cache;

	if (!at->in_slab || l->sheaf_cache < 0 || l->sheaf_objects < 0 ||
	    at->pa - at->cell.pa < (uint64_t)l->sheaf_objects || strncmp(at->cell.cache->name, "kmalloc-", 8))
		return false;
	cache = drvmem_kslab__cache(&s->slab, word_of(s, at, l->sheaf_cache));
	return cache && drvmem_ksheaf__is_array(&s->sheaves, &at->cell, cache);
}

static bool is_free_pointer(const struct word *at)
{
	return at->in_slab && at->cell.cache->free_outside &&
	       at->pa - at->cell.pa == at->cell.cache->offset;
}

/* What user space had in its vector registers when the task was last switched away from. */
static bool is_user_register(const struct drvmem_scan *s, const struct word *at)
{
	return s->k->l.task_fpregs > 0 && in_cache(at, "task_struct") &&
	       at->pa - at->cell.pa >= (uint64_t)s->k->l.task_fpregs;
}

/*
 * kernel/bpf/trampoline.c, 7.0 and later: an image of a trampoline that waits for tasks to leave it still
 * names the trampoline, which may be freed. One that is not is in the table of all trampolines as well.
 */
static bool is_image_of_trampoline(const struct drvmem_scan *s, const struct word *at)
{
	static const char begin[] = "bpf_trampoline_";
	const struct drvmem_klayout *l = &s->k->l;
	char name[sizeof(begin) - 1];

	return l->tramp_image_tr >= 0 && l->tramp_image_name >= 0 && at->in_slab &&
	       at->pa - at->cell.pa == (uint64_t)l->tramp_image_tr &&
	       drvmem_kmem_port__read(s->port, s->k->page_offset + at->cell.pa + (uint64_t)l->tramp_image_name, name,
				      sizeof(name)) &&
	       !memcmp(name, begin, sizeof(name));
}

static bool is_kmemleak_cache(const char *name)
{
	return !strcmp(name, "kmemleak_object") || !strcmp(name, "kmemleak_scan_area");
}

/* mm/kmemleak.c: a record of an object names it, in its way. Records refer to each other like anybody else. */
static bool is_kmemleak_record(const struct drvmem_scan *s, const struct word *at, uint32_t object)
{
	const struct drvmem_place *p = &s->place[object];

	return at->in_slab && is_kmemleak_cache(at->cell.cache->name) &&
	       !(p->form == DRVMEM_PLACE_SLAB && is_kmemleak_cache(p->cache->name));
}

/*
 * fs/proc/kcore.c: what is read passes through a page of each who has the file open, and stays in it: here what
 * the port for hits read last, as the ends of an area. It is that page if it follows what the port reads.
 */
static bool is_page_of_reader(struct drvmem_scan *s, const struct word *at)
{
	uint64_t text[8], cell[8];

	if (s->k->bpf || !s->k->image_bytes || !at->in_slab || at->cell.cache->size != DRVMEM_KPAGE)
		return false;
	if (at->cell.pa == s->reader_pa)
		return true;
	if (!drvmem_kmem_port__read(s->port, s->k->page_offset + s->k->image_pa, text, sizeof(text)) ||
	    !drvmem_kmem_port__read(s->port, s->k->page_offset + at->cell.pa, cell, sizeof(cell)) ||
	    memcmp(text, cell, sizeof(text)))
		return false;
	s->reader_pa = at->cell.pa;
	return true;
}

/* Nobody's reference, whatever it points to. */
static bool is_metadata(struct drvmem_scan *s, struct word *at, const struct drvmem_key *k)
{
	enum sheaf sheaf;

	if ((k->kind == DRVMEM_KEY_AREA || k->kind == DRVMEM_KEY_PERCPU) && is_area_record(s, at, k))
		return true;
	if (k->kind == DRVMEM_KEY_PERCPU && is_chunk_base(s, at))
		return true;
	if (k->kind == DRVMEM_KEY_DESCRIBED && !is_described(s, at, k->object))
		return true;
	if (is_page_record(s, at, k))
		return true;
	sheaf = sheaf_of(s, at, k->object);
	s->pass->target[k->object].free |= sheaf == SHEAF_HAS;
	at->perhaps = sheaf == SHEAF_PERHAPS;
	if (sheaf == SHEAF_HAS || sheaf == SHEAF_STALE || is_in_array(s, at))
		return true;
	return is_free_pointer(at) || is_user_register(s, at) || is_image_of_trampoline(s, at) ||
	       is_kmemleak_record(s, at, k->object) || is_page_of_reader(s, at);
}

static void name_holder(const struct drvmem_scan *s, const struct word *at, struct drvmem_holder *h)
{
	const struct drvmem_kmem *k = s->k;
	const struct drvmem_ktask *t;
	uint64_t pfn;

	*h = (struct drvmem_holder){ .inv_va = ~at->va };
	if (at->in_slab) {
		h->kind = DRVMEM_HOLDER_SLAB;
		h->inv_va = ~(k->page_offset + at->cell.pa);
		h->offset = (uint32_t)(at->pa - at->cell.pa);
		memcpy(h->name, at->cell.cache->name, sizeof(h->name));
	} else if (drvmem_kmem__page_of(k, at->va, &pfn)) {
		h->kind = DRVMEM_HOLDER_STRUCT_PAGE;
		h->inv_va = pfn;
		h->offset = (uint32_t)((at->va - k->vmemmap) % (uint64_t)k->l.page_size);
	} else if ((t = drvmem_ktasks__find(&s->tasks, at->va))) {
		h->kind = DRVMEM_HOLDER_STACK;
		h->pid = t->pid;
		h->offset = (uint32_t)(at->va - t->sp);
		memcpy(h->name, t->comm, sizeof(t->comm));
	} else if (at->va - k->image_va < k->image_bytes) {
		h->kind = DRVMEM_HOLDER_KERNEL;
	} else if (at->va >= DRVMEM_KMEM_TOP && at->va < MODULES_END) {
		h->kind = DRVMEM_HOLDER_MODULE;
	} else if (at->kind == DRVMEM_KPAGE_RESERVED) {
		h->kind = DRVMEM_HOLDER_BOOT;
	} else {
		h->kind = drvmem_kmem__is_direct(k, at->va) ? DRVMEM_HOLDER_PAGE : DRVMEM_HOLDER_VMALLOC;
	}
}

/* Per-CPU areas of the boot, by the offset of each CPU. */
static void name_percpu(const struct drvmem_scan *s, const struct word *at, struct drvmem_holder *h)
{
	uint64_t size = s->k->syms.per_cpu_end - s->k->syms.per_cpu_start, va = s->k->page_offset + at->pa, off;
	uint32_t cpu;

	for (cpu = 0; s->k->syms.per_cpu_end && cpu < s->k->nr_cpus; cpu++) {
		off = va - s->k->cpu_offset[cpu] - s->k->syms.per_cpu_start;
		if (off >= size + PERCPU_MORE)
			continue;
		h->kind = DRVMEM_HOLDER_PERCPU;
		h->inv_va = off < size ? ~(off + s->k->syms.per_cpu_start) : UINT64_MAX;
		h->pid = cpu;
		return;
	}
}

static void add_edge(struct drvmem_reach_pass *p, uint32_t from, uint32_t to)
{
	struct drvmem_reach_edge *e = p->edge;
	uint64_t cap;

	if (p->nr_edges && p->edge[p->nr_edges - 1].from == from && p->edge[p->nr_edges - 1].to == to)
		return;
	if (p->nr_edges == p->cap_edges) {
		cap = p->cap_edges ? p->cap_edges * 2 : 4096;
		if (cap <= MAX_EDGES)
			e = realloc(p->edge, cap * sizeof(*e));
		if (cap > MAX_EDGES || !e) {
			p->edges_cut = true;
			return;
		}
		p->edge = e;
		p->cap_edges = cap;
	}
	p->edge[p->nr_edges++] = (struct drvmem_reach_edge){ from, to };
}

/*
 * The holder is a slab object that is free. One that is asked about itself has its own verdict, which free
 * pointers are enough for.
 */
static bool is_free_slot(struct drvmem_scan *s, const struct word *at, uint32_t from)
{
	return at->in_slab && (drvmem_kslab__is_free(&s->slab, &at->cell) ||
			       (from == DRVMEM_EXTENT_MASKED && drvmem_ksheaf__has(&s->sheaves, &at->cell)));
}

static void add_hit(struct drvmem_scan *s, const struct word *at, const struct drvmem_key *k, uint32_t from)
{
	struct drvmem_reach_target *t = &s->pass->target[k->object];
	bool slot_free = is_free_slot(s, at, from);
	struct drvmem_holder h;

	if (from != DRVMEM_EXTENT_MASKED && !slot_free && !at->perhaps) {
		add_edge(s->pass, from, k->object);
		return;
	}
	if (slot_free && s->zeroed) {
		t->dead++;
		return;
	}
	name_holder(s, at, &h);
	if (h.kind == DRVMEM_HOLDER_BOOT)
		name_percpu(s, at, &h);
	if (slot_free || at->perhaps)
		h.kind = DRVMEM_HOLDER_FREE_SLOT;
	if (h.kind >= DRVMEM_HOLDER_PAGE) {
		if (!t->unnamed++)
			t->holder = h;
		return;
	}
	t->holder = h;
	__atomic_store_n(&t->named, true, __ATOMIC_RELAXED);
}

void drvmem_hits__word(struct drvmem_scan *s, uint64_t pa, const uint64_t *w, size_t at, uint32_t from)
{
	struct word word = { .pa = pa + at * 8, .w = w + at };
	const struct drvmem_key *k;
	size_t it = 0;
	bool looked = false;

	while ((k = drvmem_search__find(&s->search, w[at], &it))) {
		/* one name is enough; an object that holds itself is not held */
		if (k->object == from || __atomic_load_n(&s->pass->target[k->object].named, __ATOMIC_RELAXED))
			continue;
		pthread_mutex_lock(&s->lock);
		if (!looked) {
			uint64_t pfn = pa >> DRVMEM_KPAGE_SHIFT, alias = s->k->alias[pfn];

			word.kind = drvmem_kpage__kind(s->kind[pfn]);
			word.va = alias > DRVMEM_KMEM_TABLE ? alias + word.pa % DRVMEM_KPAGE : s->k->page_offset + word.pa;
			word.in_slab = drvmem_kslab__cell(&s->slab, word.pa, &word.cell);
			/* an area of vmalloc as well, but a stack says more */
			if (drvmem_ktasks__find(&s->tasks, word.va))
				from = DRVMEM_EXTENT_MASKED;
			looked = true;
		}
		if (!is_metadata(s, &word, k))
			add_hit(s, &word, k, from);
		pthread_mutex_unlock(&s->lock);
	}
}
