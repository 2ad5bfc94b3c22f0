// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on the sizes of objects: bundle, size-fit, buffer-sizes, size-spread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/advice_parts.h"
#include "analysis/bufsize.h"

#define MAIN_SHARE	0.9	/* of the objects: then it is the size */
#define PAIRS_MIN	50u	/* events that tell what comes together */
#define SPREAD_TIMES	16u	/* largest to smallest */
#define SPREAD_SIZES	8u
#define SPREAD_ALLOCS	1000u
#define SPREAD_LARGE	2048u	/* bytes: short texts of any length are no spread */
#define ENOUGH_OF_BEST	0.9	/* of what the best number of sizes saves */

typedef unsigned long long ull;

static bool is_kmalloc(const struct drvmem_advice_ctx *c, uint32_t site)
{
	return drvmem_advice_site(c, site)->allocator == DRVMEM_ALLOC_SLAB &&
	       drvmem_advice_cache_of(c, site)->kind == DRVMEM_CLASS_KMALLOC;
}

/* Objects of a size: now, and at most. */
static bool count_size(const struct drvmem_advice_ctx *c, uint32_t site, uint32_t bytes, uint64_t *ret_live,
		       uint64_t *ret_peak)
{
	const struct drvmem_usage *u = c->in->s->usage;
	const struct drvmem_usage_site *t = &u->site[site];
	uint32_t i;

	for (i = 0; i < t->nr_sizes; i++) {
		const struct drvmem_usage_size *z = &u->sizes[t->first_size + i];

		if (z->bytes != bytes)
			continue;
		*ret_live = z->live > 0 ? (uint64_t)z->live : 0;
		*ret_peak = z->peak > *ret_live ? z->peak : *ret_live;
		return true;
	}
	return false;
}

/* ---- bundle */

static const struct drvmem_usage_pair *find_pair(const struct drvmem_usage *u, uint32_t before, uint32_t site, bool ends)
{
	struct drvmem_usage_pair key = { .before = before, .site = site, .ends = ends };

	return u->nr_pairs ? bsearch(&key, u->pairs, u->nr_pairs, sizeof(key), drvmem_usage__cmp_pair) : NULL;
}

/* Of two that alternate the one begins that the other follows more often. */
static bool is_first(const struct drvmem_usage *u, const struct drvmem_usage_pair *p)
{
	const struct drvmem_usage_pair *back = find_pair(u, p->site, p->before, false);

	return !back || p->count > back->count || (p->count == back->count && p->before < p->site);
}

/* How often of 100 both are together, of the events of the one that is less often with the other. */
static double together(const struct drvmem_usage *u, uint32_t a, uint32_t b, bool ends)
{
	const struct drvmem_usage_pair *ab = find_pair(u, a, b, ends), *ba = ends ? find_pair(u, b, a, true) : NULL;
	uint64_t n = (ab ? ab->count : 0), of_a, of_b, least;

	if (ba && ba->count > n)
		n = ba->count;
	of_a = ends ? u->site[a].paired_ends : u->site[a].paired_allocs;
	of_b = ends ? u->site[b].paired_ends : u->site[b].paired_allocs;
	least = of_a > of_b ? of_a : of_b;	/* the larger number has the smaller share */
	return n < PAIRS_MIN || !least ? 0 : (double)n * 100 / (double)least;
}

/* In a loop each of two comes right after the other: the pair was found already. */
static bool is_bundled(const struct drvmem_advice_ctx *c, uint32_t site)
{
	uint32_t i;

	for (i = 0; i < c->out->n; i++)
		if (c->out->v[i].rule->evaluate == drvmem_advice_bundle &&
		    (c->out->v[i].index == site || c->out->v[i].second == site))
			return true;
	return false;
}

/* n objects of each size in caches of their own; UINT64_MAX: there is none such. */
static uint64_t in_caches(const struct drvmem_advice_ctx *c, const struct drvmem_advice_size *a,
			  const struct drvmem_advice_size *b, uint64_t n)
{
	struct drvmem_slub_layout la, lb;

	if (!drvmem_advice_layout(c, a->bytes, &la) || !drvmem_advice_layout(c, b->bytes, &lb))
		return UINT64_MAX;
	return drvmem_advice_slabs(c, &la, n) + drvmem_advice_slabs(c, &lb, n);
}

static void bundle(struct drvmem_advice_ctx *c, uint32_t a, uint32_t b)
{
	const struct drvmem_usage *u = c->in->s->usage;
	double allocs = together(u, a, b, false), ends = together(u, a, b, true), percent = (double)c->in->o->pair_percent;
	struct drvmem_advice_size za, zb;
	struct drvmem_advice_finding *f;
	uint64_t la, pa, lb, pb, n, two, one;
	uint32_t sum;

	if (allocs < percent || ends < percent || !drvmem_advice_main_size(c, a, &za) || !drvmem_advice_main_size(c, b, &zb) ||
	    za.share < MAIN_SHARE || zb.share < MAIN_SHARE || !count_size(c, a, za.bytes, &la, &pa) ||
	    !count_size(c, b, zb.bytes, &lb, &pb))
		return;
	sum = (za.bytes + 7) / 8 * 8 + zb.bytes;
	n = pa < pb ? pa : pb;
	two = drvmem_advice_kmallocs(c, za.bytes, n) + drvmem_advice_kmallocs(c, zb.bytes, n);
	one = drvmem_advice_kmallocs(c, sum, n);
	/* one that takes more is none to advise; nor one where caches for each would save far more: size-fit says so */
	if (sum > c->in->slub->page_size || one > two || drvmem_advice_worth(c, one, in_caches(c, &za, &zb, n)))
		return;
	f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, b);
	if (!f)
		return;
	f->second = a;
	f->has_saving = true;
	f->held_peak = two;
	f->then_peak = (struct drvmem_advice_bytes){ one, one, one };
	n = la < lb ? la : lb;
	f->held_now = drvmem_advice_kmallocs(c, za.bytes, n) + drvmem_advice_kmallocs(c, zb.bytes, n);
	one = drvmem_advice_kmallocs(c, sum, n);
	f->then_now = (struct drvmem_advice_bytes){ one, one, one };
	f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
	drvmem_advice_judge(c, f, u->site[a].paired_allocs);
	drvmem_advice_value(f, "together_allocated", DRVMEM_ADVICE_PERCENT, allocs);
	drvmem_advice_value(f, "together_freed", DRVMEM_ADVICE_PERCENT, ends);
	drvmem_advice_value(f, "first_bytes", DRVMEM_ADVICE_BYTES, za.bytes);
	drvmem_advice_value(f, "second_bytes", DRVMEM_ADVICE_BYTES, zb.bytes);
	drvmem_advice_value(f, "together_bytes", DRVMEM_ADVICE_BYTES, sum);
	drvmem_advice_value(f, "looked_at", DRVMEM_ADVICE_COUNT, (double)u->site[a].paired_allocs);
	drvmem_advice_threshold(f, "pair_percent", DRVMEM_ADVICE_PERCENT, percent);
	snprintf(f->why, sizeof(f->why), "%.0f %% of %u bytes are allocated right after %u of %.100s, and %.0f %% freed "
		 "beside them", allocs, zb.bytes, za.bytes, drvmem_advice_site(c, a)->site, ends);
	snprintf(f->action, sizeof(f->action), "one structure of both, kmalloc(%u): half the calls", sum);
	snprintf(f->risk, sizeof(f->risk), "if one part outlives the other in some case, it holds both");
}

void drvmem_advice_bundle(struct drvmem_advice_ctx *c)
{
	const struct drvmem_snapshot *s = c->in->s;
	const struct drvmem_usage *u = s->usage;
	bool *asked = calloc(s->nr_sites + 1, sizeof(*asked));
	uint32_t i;

	c->oom |= !asked;
	for (i = 0; i < c->nr_groups && asked; i++)
		asked[c->group[i].site[0]] = c->group[i].nr == 1 && is_kmalloc(c, c->group[i].site[0]);
	for (i = 0; i < u->nr_pairs && asked && !c->oom; i++) {
		const struct drvmem_usage_pair *p = &u->pairs[i];

		if (!p->ends && p->before != p->site && p->count >= PAIRS_MIN && asked[p->before] && asked[p->site] &&
		    is_first(u, p) && !is_bundled(c, p->before) && !is_bundled(c, p->site) &&
		    s->sites[p->before].owner == s->sites[p->site].owner)
			bundle(c, p->before, p->site);
	}
	free(asked);
}

/* ---- size-fit */

/* The largest size class below, or 0. */
static uint32_t class_below(const struct drvmem_advice_ctx *c, uint32_t bytes)
{
	uint32_t class[DRVMEM_SLUB_CLASSES], n = drvmem_slub__classes(c->in->slub, class), i, best = 0;

	for (i = 0; i < n; i++)
		if (class[i] < bytes)
			best = class[i];
	return best;
}

static void fit(struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, uint32_t bytes, uint64_t live,
		uint64_t peak)
{
	uint64_t held = drvmem_advice_kmallocs(c, bytes, peak);
	uint32_t class = drvmem_advice_cache_of(c, g->site[0])->held, below = class_below(c, bytes), n;
	struct drvmem_advice_finding *f;
	struct drvmem_slub_layout l;

	if (!drvmem_advice_layout(c, bytes, &l) || l.size >= class ||
	    !drvmem_advice_worth(c, held, drvmem_advice_slabs(c, &l, peak)))
		return;
	f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
	if (!f)
		return;
	f->has_saving = true;
	f->held_peak = held;
	f->held_now = drvmem_advice_kmallocs(c, bytes, live);
	f->then_peak = drvmem_advice_cache(c, &l, peak);
	f->then_now = drvmem_advice_cache(c, &l, live);
	f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
	drvmem_advice_judge(c, f, peak);
	drvmem_advice_value(f, "live_objects", DRVMEM_ADVICE_COUNT, (double)live);
	drvmem_advice_value(f, "peak_objects", DRVMEM_ADVICE_COUNT, (double)peak);
	drvmem_advice_value(f, "asked", DRVMEM_ADVICE_BYTES, bytes);
	drvmem_advice_value(f, "size_class", DRVMEM_ADVICE_BYTES, class);
	drvmem_advice_value(f, "object_size", DRVMEM_ADVICE_BYTES, l.size);
	drvmem_advice_value(f, "objects_per_slab", DRVMEM_ADVICE_COUNT, l.objects);
	drvmem_advice_value(f, "slab_order", DRVMEM_ADVICE_COUNT, l.order);
	drvmem_advice_threshold(f, "min_saving", DRVMEM_ADVICE_BYTES, (double)c->in->o->min_saving);
	drvmem_advice_threshold(f, "min_saving_percent", DRVMEM_ADVICE_PERCENT, (double)c->in->o->min_saving_percent);
	snprintf(f->why, sizeof(f->why), "%llu objects of %u bytes (at most %llu at once), each in %u bytes of %s",
		 (ull)live, bytes, (ull)peak, class, drvmem_advice_cache_of(c, g->site[0])->name);
	n = (uint32_t)snprintf(f->action, sizeof(f->action),
			       "kmem_cache_create(\"NAME\", %u, 0, 0, NULL): %u objects in a slab of %u page%s", bytes,
			       l.objects, 1u << l.order, l.order ? "s" : "");
	if (below && bytes - below <= bytes / 8 && n < sizeof(f->action))
		snprintf(f->action + n, sizeof(f->action) - n, "; or make it %u bytes smaller, which fits kmalloc(%u)",
			 bytes - below, below);
	snprintf(f->risk, sizeof(f->risk), "the kernel may merge the cache with another of that size; a module must "
		 "destroy it when it goes, after all objects");
}

void drvmem_advice_size_fit(struct drvmem_advice_ctx *c)
{
	struct drvmem_advice_size z;
	uint64_t live, peak;
	uint32_t i;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		if (is_kmalloc(c, g->site[0]) && g->nr == 1 && !is_bundled(c, g->site[0]) && drvmem_advice_main_size(c, g->site[0], &z) &&
		    z.share >= MAIN_SHARE && count_size(c, g->site[0], z.bytes, &live, &peak) &&
		    peak >= c->in->o->min_objects)
			fit(c, g, z.bytes, live, peak);
	}
}

/* Another rule has said what to do about the sizes of these. */
static bool has_finding(const struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g,
			void (*rule)(struct drvmem_advice_ctx *c))
{
	uint32_t i;

	for (i = 0; i < c->out->n; i++)
		if (c->out->v[i].subject == DRVMEM_ADVICE_SITE && c->out->v[i].index == g->site[0] &&
		    c->out->v[i].rule->evaluate == rule)
			return true;
	return false;
}

/* ---- buffer-sizes */

struct needs {
	struct drvmem_bufsize_need *v;
	uint32_t n;
	uint64_t objects;
	bool live;		/* as they are now; else the most there were of each size */
	uint64_t today;		/* bytes that they take */
};

static int cmp_need(const void *a, const void *b)
{
	const struct drvmem_bufsize_need *x = a, *y = b;

	return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* Size classes are shared by what needs them: their slabs are filled by all together. */
static uint64_t held_today(const struct drvmem_advice_ctx *c, const struct needs *need)
{
	uint64_t held = 0, count = 0;
	uint32_t i, class = 0, next;
	bool pages;

	for (i = 0; i < need->n; i++) {
		next = drvmem_slub__kmalloc(c->in->slub, need->v[i].bytes, &pages);
		if (next != class && count)
			held += drvmem_advice_kmallocs(c, class, count);
		count = next == class ? count + need->v[i].count : need->v[i].count;
		class = next;
	}
	return count ? held + drvmem_advice_kmallocs(c, class, count) : held;
}

/* kmallocs of a call, of any size. */
static void collect(struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, struct needs *ret)
{
	const struct drvmem_usage *u = c->in->s->usage;
	uint32_t i, k, n = 0;

	*ret = (struct needs){ .live = g->live >= c->in->o->min_objects };
	for (i = 0; i < g->nr; i++)
		n += u->site[g->site[i]].nr_sizes;
	ret->v = calloc(n + 1, sizeof(*ret->v));
	c->oom |= !ret->v;
	for (i = 0; i < g->nr && ret->v; i++) {
		const struct drvmem_usage_site *t = &u->site[g->site[i]];

		for (k = 0; k < t->nr_sizes; k++) {
			const struct drvmem_usage_size *z = &u->sizes[t->first_size + k];
			uint64_t count = !ret->live ? z->peak : z->live > 0 ? (uint64_t)z->live : 0;

			if (!count || !z->bytes)
				continue;
			ret->v[ret->n++] = (struct drvmem_bufsize_need){ z->bytes, count };
			ret->objects += count;
		}
	}
	if (ret->v)
		qsort(ret->v, ret->n, sizeof(*ret->v), cmp_need);
	/* a size that two classes serve (krealloc in place) is one */
	for (i = 0, n = 0; i < ret->n; i++) {
		if (n && ret->v[n - 1].bytes == ret->v[i].bytes)
			ret->v[n - 1].count += ret->v[i].count;
		else
			ret->v[n++] = ret->v[i];
	}
	ret->n = n;
	ret->today = held_today(c, ret);
}

/* Of a cache of its own, slack included; what no slab holds takes whole pages. */
static uint64_t held_by_cache(const void *arg, uint32_t bytes, uint32_t *next)
{
	const struct drvmem_advice_ctx *c = arg;
	struct drvmem_slub_layout l;

	*next = 0;
	if (!drvmem_advice_layout(c, bytes, &l))
		return (bytes + c->in->slub->page_size - 1) / c->in->slub->page_size * (uint64_t)c->in->slub->page_size;
	return ((uint64_t)c->in->slub->page_size << l.order) / l.objects;
}

static struct drvmem_advice_bytes bytes_of_set(const struct drvmem_advice_ctx *c, const struct drvmem_bufsize_set *set)
{
	struct drvmem_advice_bytes all = { 0 }, one;
	struct drvmem_slub_layout l;
	uint32_t i;

	for (i = 0; i < set->n; i++) {
		if (drvmem_advice_layout(c, set->size[i], &l))
			one = drvmem_advice_cache(c, &l, set->count[i]);
		else
			one.low = one.likely = one.high = held_by_cache(c, set->size[i], &(uint32_t){ 0 }) * set->count[i];
		all.low += one.low;
		all.likely += one.likely;
		all.high += one.high;
	}
	return all;
}

static void name_set(const struct drvmem_bufsize_set *set, uint64_t objects, struct drvmem_advice_finding *f)
{
	size_t n = (size_t)snprintf(f->action, sizeof(f->action), "kmem_cache_create(\"NAME-SIZE\", SIZE, 0, 0, NULL) for");
	uint32_t i;

	for (i = 0; i < set->n && n < sizeof(f->action); i++)
		n += (size_t)snprintf(f->action + n, sizeof(f->action) - n, "%s %u (%.0f %%)", i ? "," : " SIZE =",
				      set->size[i], (double)set->count[i] * 100 / (double)objects);
}

static void suggest_sizes(struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, const struct needs *need)
{
	struct drvmem_bufsize_set set[DRVMEM_BUFSIZE_MAX];
	uint32_t k, max = (uint32_t)c->in->o->max_sizes;
	struct drvmem_advice_finding *f;
	struct drvmem_advice_bytes best, then;

	if (drvmem_bufsize(need->v, need->n, max, held_by_cache, c, set))
		return;
	best = bytes_of_set(c, &set[max - 1]);
	if (!drvmem_advice_worth(c, need->today, best.likely))
		return;
	for (k = 0; k + 1 < max; k++) {
		then = bytes_of_set(c, &set[k]);
		if (then.likely < need->today &&
		    (double)(need->today - then.likely) >= ENOUGH_OF_BEST * (double)(need->today - best.likely))
			break;
	}
	then = bytes_of_set(c, &set[k]);
	if (!drvmem_advice_worth(c, need->today, then.likely))
		return;
	f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
	if (!f)
		return;
	f->has_saving = true;
	f->held_peak = need->today;
	f->then_peak = then;
	if (need->live) {
		f->held_now = need->today;
		f->then_now = then;
	}
	f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
	drvmem_advice_judge(c, f, need->objects);
	drvmem_advice_value(f, need->live ? "live_objects" : "peak_objects", DRVMEM_ADVICE_COUNT, (double)need->objects);
	drvmem_advice_value(f, "distinct_sizes", DRVMEM_ADVICE_COUNT, need->n);
	drvmem_advice_value(f, "smallest", DRVMEM_ADVICE_BYTES, need->v[0].bytes);
	drvmem_advice_value(f, "largest", DRVMEM_ADVICE_BYTES, need->v[need->n - 1].bytes);
	drvmem_advice_value(f, "suggested_sizes", DRVMEM_ADVICE_COUNT, set[k].n);
	drvmem_advice_threshold(f, "max_sizes", DRVMEM_ADVICE_COUNT, max);
	drvmem_advice_threshold(f, "min_saving", DRVMEM_ADVICE_BYTES, (double)c->in->o->min_saving);
	snprintf(f->why, sizeof(f->why), "%s%llu buffers of %u sizes from %u to %u bytes, in kmalloc's size classes",
		 need->live ? "" : "at most ", (ull)need->objects, need->n, need->v[0].bytes, need->v[need->n - 1].bytes);
	name_set(&set[k], need->objects, f);
	snprintf(f->risk, sizeof(f->risk), "sizes that did not occur in this session need kmalloc beside the caches, or a "
		 "cache for the largest");
}

void drvmem_advice_buffer_sizes(struct drvmem_advice_ctx *c)
{
	struct needs need;
	uint32_t i;

	for (i = 0; i < c->nr_groups && !c->oom; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		if (drvmem_advice_site(c, g->site[0])->allocator != DRVMEM_ALLOC_SLAB ||
		    drvmem_advice_cache_of(c, g->site[0])->kind == DRVMEM_CLASS_CACHE ||
		    has_finding(c, g, drvmem_advice_size_fit) || is_bundled(c, g->site[0]))
			continue;
		collect(c, g, &need);
		if (need.n > 1 && need.objects >= c->in->o->min_objects &&
		    need.v[need.n - 1].bytes <= 2 * c->in->slub->page_size)
			suggest_sizes(c, g, &need);
		free(need.v);
	}
}

/* ---- size-spread */

static int cmp_bytes(const void *key, const void *v)
{
	uint32_t a = *(const uint32_t *)key, b = ((const struct drvmem_usage_size *)v)->bytes;

	return (a > b) - (a < b);
}

/* Sizes of the k-th site that those before it do not have: two classes may serve one (__GFP_ACCOUNT, krealloc in place). */
static uint32_t new_sizes(const struct drvmem_usage *u, const struct drvmem_advice_group *g, uint32_t k)
{
	const struct drvmem_usage_site *t = &u->site[g->site[k]], *other;
	uint32_t i, j, n = 0;

	for (i = 0; i < t->nr_sizes; i++) {
		for (j = 0; j < k; j++) {
			other = &u->site[g->site[j]];
			if (bsearch(&u->sizes[t->first_size + i].bytes, u->sizes + other->first_size, other->nr_sizes,
				    sizeof(*u->sizes), cmp_bytes))
				break;
		}
		n += j == k;
	}
	return n;
}

void drvmem_advice_size_spread(struct drvmem_advice_ctx *c)
{
	const struct drvmem_usage *u = c->in->s->usage;
	struct drvmem_advice_finding *f;
	uint32_t i, k, lo, hi, n;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		lo = UINT32_MAX;
		hi = n = 0;
		for (k = 0; k < g->nr; k++) {
			const struct drvmem_usage_site *t = &u->site[g->site[k]];

			if (!t->nr_sizes)
				continue;
			n += new_sizes(u, g, k);
			lo = u->sizes[t->first_size].bytes < lo ? u->sizes[t->first_size].bytes : lo;
			hi = u->sizes[t->first_size + t->nr_sizes - 1].bytes > hi ?
			     u->sizes[t->first_size + t->nr_sizes - 1].bytes : hi;
		}
		/* of caches sizes are fixed; a block of pages or a mapping may be of any size */
		if (drvmem_advice_site(c, g->site[0])->allocator != DRVMEM_ALLOC_SLAB || n < SPREAD_SIZES ||
		    g->allocs < SPREAD_ALLOCS || hi / SPREAD_TIMES < lo || hi < SPREAD_LARGE ||
		    has_finding(c, g, drvmem_advice_buffer_sizes))
			continue;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
		if (!f)
			return;
		f->severity = DRVMEM_LEVEL_LOW;
		drvmem_advice_judge(c, f, g->allocs);
		drvmem_advice_value(f, "distinct_sizes", DRVMEM_ADVICE_COUNT, n);
		drvmem_advice_value(f, "smallest", DRVMEM_ADVICE_BYTES, lo);
		drvmem_advice_value(f, "largest", DRVMEM_ADVICE_BYTES, hi);
		drvmem_advice_value(f, "allocations", DRVMEM_ADVICE_COUNT, (double)g->allocs);
		drvmem_advice_threshold(f, "largest_to_smallest", DRVMEM_ADVICE_COUNT, SPREAD_TIMES);
		snprintf(f->why, sizeof(f->why), "%u sizes from %u to %u bytes come from one call", n, lo, hi);
		snprintf(f->action, sizeof(f->action), "a bound for the common case with a fixed buffer, kvmalloc() for what "
			 "is larger");
		snprintf(f->risk, sizeof(f->risk), "none, if the large case still works");
	}
}
