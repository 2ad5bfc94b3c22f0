// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* qsort_r */
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"
#include "view/scope.h"

/* Hoare's selection: expected linear time, whatever order the ages come in. */
uint64_t drvmem_ages_p50(uint64_t *ages, uint32_t n)
{
	int64_t lo = 0, hi = (int64_t)n - 1, want = (hi - lo) / 2, i, j;
	uint64_t pivot, t;

	while (lo < hi) {
		pivot = ages[lo + (hi - lo) / 2];
		for (i = lo, j = hi; i <= j;) {
			while (ages[i] < pivot)
				i++;
			while (ages[j] > pivot)
				j--;
			if (i > j)
				break;
			t = ages[i];
			ages[i++] = ages[j];
			ages[j--] = t;
		}
		if (want <= j)
			hi = j;
		else if (want >= i)
			lo = i;
		else
			break;
	}
	return ages[want];
}

static int cmp_aged(const void *a, const void *b)
{
	const struct drvmem_aged *x = a, *y = b;

	return (x->age_ns > y->age_ns) - (x->age_ns < y->age_ns);
}

uint64_t drvmem_aged_p50(struct drvmem_aged *aged, uint32_t n)
{
	double all = 0, below = 0;
	uint32_t i;

	qsort(aged, n, sizeof(*aged), cmp_aged);
	for (i = 0; i < n; i++)
		all += aged[i].n;
	for (i = 0; i + 1 < n; i++) {
		below += aged[i].n;
		if (2 * below >= all)
			break;
	}
	return aged[i].age_ns;
}

static int cmp_by_owner(const void *a, const void *b, void *arg)
{
	const struct drvmem_sitesnap *sites = arg;
	const uint32_t *x = a, *y = b;
	uint16_t ox = sites[*x].owner, oy = sites[*y].owner;

	return ox != oy ? (ox > oy) - (ox < oy) : (*x > *y) - (*x < *y);
}

static int cmp_stack(const void *a, const void *b, void *arg)
{
	const struct drvmem_stacksnap *stacks = arg;
	const struct drvmem_stacksnap *x = &stacks[*(const uint32_t *)a];
	const struct drvmem_stacksnap *y = &stacks[*(const uint32_t *)b];

	if (x->site != y->site)
		return (x->site > y->site) - (x->site < y->site);
	if (x->count != y->count)
		return (x->count < y->count) - (x->count > y->count);
	return (x > y) - (x < y);
}

/* Every index inside its array: a snapshot may come from a file. */
static bool is_consistent(const struct drvmem_snapshot *s)
{
	const struct drvmem_sitesnap *t;
	uint64_t nr_objects = 0;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++) {
		t = &s->sites[i];
		nr_objects += t->nr_objects;
		if (t->owner >= s->nr_instances || t->cache >= s->nr_caches ||
		    t->allocator >= DRVMEM_NR_USES)
			return false;
		if (t->first_object > s->nr_objects ||
		    t->nr_objects > s->nr_objects - t->first_object)
			return false;
	}
	for (i = 0; i < s->nr_stacks; i++)
		if (s->stacks[i].site >= s->nr_sites || s->stacks[i].nr > DRVMEM_STACK_DEPTH)
			return false;
	return nr_objects <= s->nr_objects;
}

static void *alloc_array(uint32_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}

static int alloc_parts(struct drvmem_scope *v)
{
	const struct drvmem_snapshot *s = v->s;

	v->arena = drvmem_arena__new();
	v->by_owner = alloc_array(s->nr_sites, sizeof(*v->by_owner));
	v->owners = alloc_array(s->nr_instances, sizeof(*v->owners));
	v->stacks = alloc_array(s->nr_stacks, sizeof(*v->stacks));
	v->ages = alloc_array(s->nr_objects, sizeof(*v->ages));
	if (s->meta.sampled) {
		v->aged = alloc_array(s->nr_objects, sizeof(*v->aged));
		if (!v->aged)
			return -ENOMEM;
	}
	if (!v->arena || !v->by_owner || !v->owners || !v->stacks || !v->ages)
		return -ENOMEM;
	return drvmem_owner_names(s, v->arena, &v->owner_name);
}

static void collect_sites(struct drvmem_scope *v, const bool *keep)
{
	uint32_t i;

	for (i = 0; i < v->s->nr_sites; i++)
		if (keep[i])
			v->by_owner[v->nr_kept++] = i;
	qsort_r(v->by_owner, v->nr_kept, sizeof(*v->by_owner), cmp_by_owner, v->s->sites);
}

static void slice_owners(struct drvmem_scope *v)
{
	struct drvmem_owner_slice *o = NULL;
	uint16_t owner;
	uint32_t i;

	for (i = 0; i < v->nr_kept; i++) {
		owner = v->s->sites[v->by_owner[i]].owner;
		if (!o || o->owner != owner) {
			o = &v->owners[v->nr_owners++];
			*o = (struct drvmem_owner_slice){ owner, true, i, 0 };
		}
		o->nr++;
	}
}

static int cmp_slice(const void *a, const void *b)
{
	const struct drvmem_owner_slice *x = a, *y = b;

	return (x->owner > y->owner) - (x->owner < y->owner);
}

static struct drvmem_owner_slice *find_slice(const struct drvmem_scope *v, uint16_t owner)
{
	struct drvmem_owner_slice want = { .owner = owner };

	return bsearch(&want, v->owners, v->nr_owners, sizeof(want), cmp_slice);
}

const struct drvmem_owner_slice *drvmem_scope__owner(const struct drvmem_scope *v, uint16_t owner)
{
	return find_slice(v, owner);
}

static void mark_partial(struct drvmem_scope *v, const bool *keep)
{
	struct drvmem_owner_slice *hit;
	uint32_t i;

	for (i = 0; i < v->s->nr_sites; i++) {
		hit = keep[i] ? NULL : find_slice(v, v->s->sites[i].owner);
		if (hit)
			hit->whole = false;
	}
}

static void order_stacks(struct drvmem_scope *v)
{
	uint32_t i;

	for (i = 0; i < v->s->nr_stacks; i++)
		v->stacks[i] = i;
	qsort_r(v->stacks, v->s->nr_stacks, sizeof(*v->stacks), cmp_stack, v->s->stacks);
}

/* Nobody can free these any more: their cache is gone. */
static void count_destroyed(struct drvmem_scope *v)
{
	uint32_t i;

	for (i = 0; i < v->nr_kept; i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[v->by_owner[i]];

		if (!v->s->caches[t->cache].destroyed)
			continue;
		v->destroyed_objects += t->c.live_objects;
		v->destroyed_bytes += t->c.live_bytes;
	}
}

int drvmem_scope__new(const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur,
		      const struct drvmem_filter *f, struct drvmem_scope **ret)
{
	struct drvmem_scope *v;
	bool *keep = NULL;
	int err;

	if (!is_consistent(cur))
		return -EINVAL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	v->s = cur;
	v->lossy = drvmem_loss__total(&cur->loss) != 0;
	err = alloc_parts(v);
	if (!err)
		err = drvmem_delta__new(prev, cur, &v->delta);
	if (!err)
		err = drvmem_coverage__new(cur, &v->coverage);
	if (!err)
		err = drvmem_filter__apply(f, cur, &keep);
	if (err) {
		drvmem_scope__free(v);
		return err;
	}
	collect_sites(v, keep);
	slice_owners(v);
	mark_partial(v, keep);
	order_stacks(v);
	count_destroyed(v);
	free(keep);
	*ret = v;
	return 0;
}

void drvmem_scope__free(struct drvmem_scope *v)
{
	if (!v)
		return;
	drvmem_delta__free(v->delta);
	drvmem_coverage__free(v->coverage);
	drvmem_arena__free(v->arena);
	free(v->owner_name);
	free(v->by_owner);
	free(v->owners);
	free(v->stacks);
	free(v->ages);
	free(v->aged);
	drvmem_places__free(v->places);
	free(v);
}

bool drvmem_scope__place(const struct drvmem_scope *v, uint64_t ip, char *buf, size_t size)
{
	const struct drvmem_place *p;
	uint32_t n;

	buf[0] = '\0';
	p = drvmem_places__at(v->places, ip, &n);
	p = n ? drvmem_places__best(p, n) : NULL;
	if (!p || !p->file)
		return false;
	if (p->line)
		snprintf(buf, size, "%s:%u", p->file, p->line);
	else
		snprintf(buf, size, "%s", p->file);
	return true;
}

/*
 * Variance of what n sampled objects waste. Of a kmem_cache each wastes the same; of a kmalloc
 * less than half of what it holds, as the next smaller class would serve it.
 */
static double waste_var(const struct drvmem_cache *c, const struct drvmem_sitesnap *t)
{
	double each = c->kind == DRVMEM_CLASS_CACHE ? (double)c->held - c->object_size :
						      (double)c->held / 2;

	return each * each * drvmem_counts__live_var(&t->c);
}

double drvmem_scope__waste_var(const struct drvmem_scope *v, uint32_t site)
{
	const struct drvmem_sitesnap *t = &v->s->sites[site];

	return v->s->caches[t->cache].kind == DRVMEM_CLASS_NONE ? 0 : waste_var(&v->s->caches[t->cache], t);
}

static void add_waste(const struct drvmem_scope *v, const struct drvmem_sitesnap *t,
		      struct drvmem_sum *ret)
{
	if (v->s->caches[t->cache].kind == DRVMEM_CLASS_NONE) {
		if (t->c.live_objects)
			ret->waste_partial = true;
		return;
	}
	ret->waste_bytes += t->c.held_bytes - t->c.live_bytes;
	ret->waste_var += waste_var(&v->s->caches[t->cache], t);
	ret->waste_st = DRVMEM_OK;
}

static void add_site(struct drvmem_scope *v, uint32_t site, struct drvmem_sum *ret)
{
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	bool map = DRVMEM_IS_MAPPING(t->allocator);

	drvmem_counts__add(map ? &ret->map : &ret->c, &t->c);
	drvmem_change__add(map ? &ret->map_d : &ret->d, &v->delta->site[site]);
	ret->upper_bound |= v->s->caches[t->cache].upper_bound;
	ret->allocators |= 1u << t->allocator;
	ret->nr_maps += map;
	if (!ret->nr_sites)
		ret->cache = t->cache;
	else if (ret->cache != t->cache)
		ret->cache = DRVMEM_CACHE_SEVERAL;
	if (!map)
		add_waste(v, t, ret);
	ret->nr_sites++;
}

/*
 * What is held is the estimate of how many objects there are, times what each holds; what was asked is an estimate
 * of its own. Their difference may come out below 0, no object's does: then the best guess is 0, with the same error.
 */
static void waste_no_less_than_0(struct drvmem_sum *ret)
{
	if (!ret->c.sampled_allocs || ret->waste_bytes >= 0)
		return;
	ret->c.held_bytes -= ret->waste_bytes;
	ret->waste_bytes = 0;
}

/* Ages of the live objects; what was handed to kfree_rcu is no longer live. */
static uint32_t collect_ages(struct drvmem_scope *v, uint32_t site, uint32_t nr)
{
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	const struct drvmem_object *o = &v->s->objects[t->first_object];
	uint32_t i;

	for (i = 0; i < t->nr_objects; i++) {
		if (o[i].flags & DRVMEM_F_RCU_PENDING)
			continue;
		if (v->aged)
			v->aged[nr] = (struct drvmem_aged){ o[i].age_ns,
							    drvmem_snapshot__weight(v->s, &o[i]) };
		v->ages[nr++] = o[i].age_ns;
	}
	return nr;
}

bool drvmem_scope__is_upper(const struct drvmem_scope *v, uint32_t site)
{
	return v->s->caches[v->s->sites[site].cache].upper_bound;
}

bool drvmem_scope__has_maps(const struct drvmem_scope *v)
{
	uint32_t i;

	for (i = 0; i < v->nr_kept; i++)
		if (DRVMEM_IS_MAPPING(v->s->sites[v->by_owner[i]].allocator))
			return true;
	return false;
}

void drvmem_scope__sum(struct drvmem_scope *v, const uint32_t *sites, uint32_t n,
		       struct drvmem_sum *ret)
{
	uint32_t i, nr_ages = 0;
	bool maps;

	memset(ret, 0, sizeof(*ret));
	ret->cache = DRVMEM_CACHE_SEVERAL;
	ret->peak_bytes.st = DRVMEM_ABSENT;
	ret->age_p50_ns.st = DRVMEM_ABSENT;
	ret->waste_st = DRVMEM_ABSENT;
	for (i = 0; i < n; i++)
		add_site(v, sites[i], ret);
	waste_no_less_than_0(ret);
	maps = ret->nr_maps == n;
	for (i = 0; i < n && v->s->nr_objects; i++)
		if (maps == DRVMEM_IS_MAPPING(v->s->sites[sites[i]].allocator))
			nr_ages = collect_ages(v, sites[i], nr_ages);
	if (!n || (ret->waste_st != DRVMEM_OK && !ret->waste_partial))
		ret->waste_st = DRVMEM_OK;
	if (n == 1) {
		ret->peak_bytes = v->s->sites[sites[0]].peak_bytes;
		ret->peak_sampled = v->s->sites[sites[0]].peak_sampled;
	}
	if (nr_ages)
		ret->age_p50_ns = (struct drvmem_u64){ v->aged ? drvmem_aged_p50(v->aged, nr_ages) :
								 drvmem_ages_p50(v->ages, nr_ages),
						       DRVMEM_OK };
}

void drvmem_scope__owner_sum(struct drvmem_scope *v, const struct drvmem_owner_slice *o,
			     struct drvmem_sum *ret)
{
	drvmem_scope__sum(v, v->by_owner + o->first, o->nr, ret);
	ret->peak_bytes = v->s->instances[o->owner].peak_bytes;
	ret->peak_sampled = !v->s->meta.peak_exact || ret->c.sampled_allocs;
	if (!o->whole)
		ret->peak_bytes = (struct drvmem_u64){ 0, DRVMEM_ABSENT };
}

void drvmem_scope__stacks(const struct drvmem_scope *v, uint32_t site, uint32_t *ret_first,
			  uint32_t *ret_nr)
{
	uint32_t lo = 0, hi = v->s->nr_stacks, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (v->s->stacks[v->stacks[mid]].site < site)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret_first = lo;
	while (lo < v->s->nr_stacks && v->s->stacks[v->stacks[lo]].site == site)
		lo++;
	*ret_nr = lo - *ret_first;
}
