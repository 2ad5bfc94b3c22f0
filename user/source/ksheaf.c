// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/ksheaf.h"

#include <stdlib.h>

#include "base/clock.h"

#define MAX_COUNT	4096u		/* of objects in an array: the kernel has up to 60, a cache may ask for more */
#define MAX_LISTED	64u		/* arrays of a node: the kernel has 10 */
#define MAX_NODES	1024u
#define MAX_SPOTS	(1u << 19)	/* 8 MiB */
#define CHUNK		64u		/* entries that are read at once */
/* Looking may take this much, and that part of the pass: a machine with many CPUs has many arrays. */
#define LOOK_NS		100000000u
#define LOOK_PART	8u

/* Where an array is known. Physical addresses: plain ones would hold what lies there. */
struct array {
	uint64_t pa;
	uint64_t cpu_pa;		/* of the CPU's struct slub_percpu_sheaves; UINT64_MAX = on a node's list */
};

struct spot {
	uint64_t pa;			/* of the cell */
	uint32_t array, index;
};

/* Of one cache. */
struct drvmem_ksheaf_set {
	const struct drvmem_kcache *cache;
	struct array *array;
	struct spot *spot;		/* by pa */
	uint32_t nr_arrays, cap_arrays, nr_spots, cap_spots;
	uint64_t read_ns, cost_ns;	/* when it was last read, and how long that took */
};

void drvmem_ksheaf__init(struct drvmem_ksheaves *s, const struct drvmem_kmem *k, struct drvmem_kmem_port *p)
{
	*s = (struct drvmem_ksheaves){ .k = k, .p = p, .began_ns = drvmem_now_ns() };
}

void drvmem_ksheaf__deinit(struct drvmem_ksheaves *s)
{
	uint32_t i;

	for (i = 0; i < s->nr; i++) {
		free(s->set[i].array);
		free(s->set[i].spot);
	}
	free(s->set);
	s->set = NULL;
	s->nr = s->cap = s->cap_spots = 0;
}

uint64_t drvmem_ksheaf__bytes(const struct drvmem_ksheaves *s)
{
	uint64_t n = s->cap * sizeof(*s->set);
	uint32_t i;

	for (i = 0; i < s->nr; i++)
		n += s->set[i].cap_arrays * sizeof(struct array) + s->set[i].cap_spots * sizeof(struct spot);
	return n;
}

static uint64_t u64_at(struct drvmem_ksheaves *s, uint64_t va, int32_t field)
{
	return drvmem_kmem_port__u64(s->p, va + (uint64_t)field);
}

/* It names the cache, as its arrays do. */
static bool is_of(struct drvmem_ksheaves *s, uint64_t sheaf, const struct drvmem_kcache *cache)
{
	return !(sheaf % 8) && drvmem_kmem__is_direct(s->k, sheaf) &&
	       u64_at(s, sheaf, s->k->l.sheaf_cache) == cache->addr;
}

/* Objects in an array of the cache's. 0: none, or it is no such array (any more). */
static uint32_t count_of(struct drvmem_ksheaves *s, uint64_t sheaf, const struct drvmem_kcache *cache)
{
	uint32_t n = is_of(s, sheaf, cache) ? drvmem_kmem_port__u32(s->p, sheaf + (uint64_t)s->k->l.sheaf_size) : 0;

	return n > MAX_COUNT ? 0 : n;
}

/* ---- what is kept of a cache */

static bool add_array(struct drvmem_ksheaf_set *t, uint64_t pa, uint64_t cpu_pa)
{
	uint32_t cap = t->cap_arrays ? t->cap_arrays * 2 : 16;
	struct array *v = t->array;

	if (t->nr_arrays == t->cap_arrays) {
		v = realloc(v, cap * sizeof(*v));
		if (!v)
			return false;
		t->array = v;
		t->cap_arrays = cap;
	}
	v[t->nr_arrays++] = (struct array){ pa, cpu_pa };
	return true;
}

/* Room for n more. */
static bool reserve_spots(struct drvmem_ksheaves *s, struct drvmem_ksheaf_set *t, uint32_t n)
{
	uint32_t cap = t->cap_spots ? t->cap_spots : 256;
	struct spot *v;

	while (cap < t->nr_spots + n)
		cap *= 2;
	if (cap == t->cap_spots)
		return true;
	if (s->cap_spots - t->cap_spots + cap > MAX_SPOTS)
		return false;
	v = realloc(t->spot, cap * sizeof(*v));
	if (!v)
		return false;
	t->spot = v;
	s->cap_spots += cap - t->cap_spots;
	t->cap_spots = cap;
	return true;
}

/* What is in the last array: free objects. */
static void add_spots(struct drvmem_ksheaves *s, struct drvmem_ksheaf_set *t, uint64_t sheaf)
{
	uint32_t nr = count_of(s, sheaf, t->cache), i, n;
	uint64_t entry[CHUNK], at = sheaf + (uint64_t)s->k->l.sheaf_objects;

	if (!nr || !reserve_spots(s, t, nr))
		return;
	for (i = 0; i < nr; i += n) {
		n = nr - i < CHUNK ? nr - i : CHUNK;
		if (!drvmem_kmem_port__read(s->p, at + i * 8ull, entry, n * 8ull))
			return;
		for (uint32_t j = 0; j < n; j++) {
			if (!drvmem_kmem__is_direct(s->k, entry[j]))
				continue;
			t->spot[t->nr_spots++] = (struct spot){ entry[j] - s->k->page_offset, t->nr_arrays - 1, i + j };
		}
	}
}

/* What a CPU or a node points to, which may be no array. */
static bool add_sheaf(struct drvmem_ksheaves *s, struct drvmem_ksheaf_set *t, uint64_t sheaf, uint64_t cpu_pa)
{
	return sheaf && is_of(s, sheaf, t->cache) && add_array(t, sheaf - s->k->page_offset, cpu_pa);
}

/* mm/slub.c: struct slub_percpu_sheaves. */
static void read_cpus(struct drvmem_ksheaves *s, struct drvmem_ksheaf_set *t)
{
	const struct drvmem_klayout *l = &s->k->l;
	const int32_t field[] = { l->sheaves_main, l->sheaves_spare, l->sheaves_rcu };
	uint64_t percpu = u64_at(s, t->cache->addr, l->cache_sheaves), pa, sheaf;
	uint32_t cpu, i;

	for (cpu = 0; percpu && cpu < s->k->nr_cpus; cpu++) {
		if (!drvmem_kmem_port__pa(s->p, percpu + s->k->cpu_offset[cpu], &pa))
			continue;
		for (i = 0; i < sizeof(field) / sizeof(field[0]) && field[i] >= 0; i++) {
			sheaf = u64_at(s, s->k->page_offset + pa, field[i]);
			if (add_sheaf(s, t, sheaf, pa) && field[i] != l->sheaves_rcu)
				add_spots(s, t, sheaf);
		}
	}
}

/* The node's arrays: of the cache itself from 7.0 on, of its struct kmem_cache_node before. */
static uint64_t barn_of(struct drvmem_ksheaves *s, uint64_t cache, uint32_t node)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t of;

	if (l->cache_barns >= 0 && l->barn_stride > 0)
		return u64_at(s, cache + (uint64_t)node * (uint64_t)l->barn_stride, l->cache_barns);
	if (l->cache_nodes < 0 || l->node_barn < 0)
		return 0;
	of = u64_at(s, cache + node * 8ull, l->cache_nodes);
	return drvmem_kmem__is_direct(s->k, of) ? u64_at(s, of, l->node_barn) : 0;
}

/* A node's list of arrays, which may change as it is read; an empty one has no spots. */
static void read_list(struct drvmem_ksheaves *s, struct drvmem_ksheaf_set *t, uint64_t head)
{
	uint64_t at = drvmem_kmem_port__u64(s->p, head), sheaf;
	uint32_t n;

	for (n = 0; n < MAX_LISTED && at != head && drvmem_kmem__is_direct(s->k, at); n++) {
		sheaf = at - (uint64_t)s->k->l.sheaf_list;
		if (add_sheaf(s, t, sheaf, UINT64_MAX))
			add_spots(s, t, sheaf);
		at = drvmem_kmem_port__u64(s->p, at);
	}
}

/* mm/slub.c: struct node_barn. */
static void read_nodes(struct drvmem_ksheaves *s, struct drvmem_ksheaf_set *t)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint32_t nodes = s->k->syms.nr_node_ids ? drvmem_kmem_port__u32(s->p, s->k->syms.nr_node_ids) : 1, node;
	uint64_t barn;

	if (l->barn_full < 0 || l->sheaf_list < 0)
		return;
	for (node = 0; node < nodes && node < MAX_NODES; node++) {
		barn = barn_of(s, t->cache->addr, node);
		if (!drvmem_kmem__is_direct(s->k, barn))
			continue;
		read_list(s, t, barn + (uint64_t)l->barn_full);
		if (l->barn_empty >= 0)
			read_list(s, t, barn + (uint64_t)l->barn_empty);
	}
}

static int cmp_spot(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;

	return (x->pa > y->pa) - (x->pa < y->pa);
}

static void read_set(struct drvmem_ksheaves *s, struct drvmem_ksheaf_set *t, uint64_t now)
{
	t->nr_spots = t->nr_arrays = 0;
	read_cpus(s, t);
	read_nodes(s, t);
	if (t->nr_spots)
		qsort(t->spot, t->nr_spots, sizeof(*t->spot), cmp_spot);
	t->read_ns = drvmem_now_ns();
	t->cost_ns = t->read_ns - now;
	s->spent_ns += t->cost_ns;
}

static struct drvmem_ksheaf_set *set_of(struct drvmem_ksheaves *s, const struct drvmem_kcache *cache)
{
	struct drvmem_ksheaf_set *v = s->set;
	uint32_t i, cap = s->cap ? s->cap * 2 : 64;

	for (i = 0; i < s->nr; i++)
		if (v[i].cache == cache)
			return &v[i];
	if (s->nr == s->cap) {
		v = realloc(v, cap * sizeof(*v));
		if (!v)
			return NULL;
		s->set = v;
		s->cap = cap;
	}
	v[s->nr] = (struct drvmem_ksheaf_set){ .cache = cache };
	return &v[s->nr++];
}

/* ---- what is so now */

/*
 * The array is one of free objects. Arrays go from CPU to node and back; one that waits for RCU has a
 * function in place of the list's way back, and is neither of the CPU's two.
 */
static bool is_owned(struct drvmem_ksheaves *s, const struct array *a)
{
	const struct drvmem_klayout *l = &s->k->l;
	uint64_t sheaf = s->k->page_offset + a->pa, cpu = s->k->page_offset + a->cpu_pa, link;

	if (a->cpu_pa != UINT64_MAX &&
	    (u64_at(s, cpu, l->sheaves_main) == sheaf || u64_at(s, cpu, l->sheaves_spare) == sheaf))
		return true;
	if (l->sheaf_list < 0)
		return false;
	link = sheaf + (uint64_t)l->sheaf_list;
	return drvmem_kmem_port__u64(s->p, drvmem_kmem_port__u64(s->p, link + 8)) == link;
}

/*
 * The count is read first: an entry that is the cell's was put there when the cell was free, and if that was
 * before the count was read, the cell was still free then. Whose the array is is read last: one that has
 * waited for RCU becomes a CPU's or a node's when that is over.
 */
static bool is_there(struct drvmem_ksheaves *s, const struct drvmem_ksheaf_set *t, const struct spot *spot)
{
	const struct array *a = &t->array[spot->array];
	uint64_t sheaf = s->k->page_offset + a->pa;

	return spot->index < count_of(s, sheaf, t->cache) &&
	       u64_at(s, sheaf + spot->index * 8ull, s->k->l.sheaf_objects) == s->k->page_offset + spot->pa &&
	       is_owned(s, a);
}

static bool find_in(struct drvmem_ksheaves *s, const struct drvmem_ksheaf_set *t, uint64_t pa)
{
	uint32_t a = 0, b = t->nr_spots, mid;

	while (a < b) {
		mid = a + (b - a) / 2;
		if (t->spot[mid].pa < pa)
			a = mid + 1;
		else
			b = mid;
	}
	for (; a < t->nr_spots && t->spot[a].pa == pa; a++)
		if (is_there(s, t, &t->spot[a]))
			return true;
	return false;
}

/* As it was when the set was last read, and still is. */
static bool is_known(struct drvmem_ksheaves *s, const struct drvmem_ksheaf_set *t, uint64_t pa)
{
	uint64_t sheaf = s->k->page_offset + pa;
	const struct array *a;
	uint32_t i;

	for (i = 0; i < t->nr_arrays; i++) {
		a = &t->array[i];
		if (a->pa == pa && is_of(s, sheaf, t->cache) &&
		    (is_owned(s, a) || (a->cpu_pa != UINT64_MAX && s->k->l.sheaves_rcu >= 0 &&
					u64_at(s, s->k->page_offset + a->cpu_pa, s->k->l.sheaves_rcu) == sheaf)))
			return true;
	}
	return false;
}

/* Looks in what is known of the cache; then anew, if that is not too dear: it may have come since. */
static bool look(struct drvmem_ksheaves *s, const struct drvmem_kcache *cache, uint64_t pa,
		 bool (*in)(struct drvmem_ksheaves *s, const struct drvmem_ksheaf_set *t, uint64_t pa))
{
	const struct drvmem_klayout *l = &s->k->l;
	struct drvmem_ksheaf_set *t;
	uint64_t now;

	if (l->cache_sheaves < 0 || l->sheaves_main < 0 || l->sheaves_spare < 0 || l->sheaf_cache < 0 ||
	    l->sheaf_size < 0 || l->sheaf_objects < 0)
		return false;
	t = set_of(s, cache);
	if (!t)
		return false;
	if (in(s, t, pa))
		return true;
	now = drvmem_now_ns();
	if (s->spent_ns > LOOK_NS + (now - s->began_ns) / LOOK_PART || now - t->read_ns < LOOK_PART * t->cost_ns)
		return false;
	read_set(s, t, now);
	return in(s, t, pa);
}

bool drvmem_ksheaf__has(struct drvmem_ksheaves *s, const struct drvmem_kcell *cell)
{
	return !cell->cache->constructed && look(s, cell->cache, cell->pa, find_in);
}

bool drvmem_ksheaf__is_array(struct drvmem_ksheaves *s, const struct drvmem_kcell *cell,
			     const struct drvmem_kcache *cache)
{
	return look(s, cache, cell->pa, is_known);
}
