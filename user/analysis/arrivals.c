// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/arrivals.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define NS_PER_S	1000000000.0
#define NEVER_NS	1e18		/* above any time that is played */

/* What is drawn from. */
struct source {
	const struct drvmem_arrival_kind *kind;
	uint32_t n;
	uint64_t *upto;			/* allocations of the kinds up to and with this one */
	double *kept;
	uint64_t *freed;		/* objects in its histogram */
	double jiffy_ns;
	uint64_t state;			/* of the generator */
};

/* splitmix64 (Steele, Lea and Flood 2014): one state, and every seed is as good as another. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* Evenly below n, but for one part in 2^64 / n. */
static uint64_t below(uint64_t *state, uint64_t n)
{
	return (uint64_t)((unsigned __int128)next(state) * n >> 64);
}

/* In (0, 1]. */
static double share(uint64_t *state)
{
	return (double)((next(state) >> 11) + 1) * 0x1p-53;
}

static double bucket_from(uint32_t bucket)
{
	return bucket ? ldexp(1, (int)bucket - 1) : 0;
}

/* E[min(life, t)] in a bucket; jiffies. */
static double mean_until(uint32_t bucket, double t)
{
	double a = bucket_from(bucket);

	if (!bucket)
		return t >= 1 ? 0.5 : t - t * t / 2;
	if (t <= a)
		return t;
	/* the density is 1 / (x ln 2) from a to 2a */
	return t >= 2 * a ? a / M_LN2 : (t - a) / M_LN2 + t * log2(2 * a / t);
}

static double mean_of(const struct drvmem_arrival_kind *k, double t, double *ret_n)
{
	double sum = 0, n = 0;
	uint32_t i;

	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++) {
		n += (double)k->life[i];
		sum += (double)k->life[i] * mean_until(i, t);
	}
	*ret_n = n;
	return n > 0 ? sum / n : 0;
}

double drvmem_arrival__mean_life(const struct drvmem_arrival_kind *k, uint32_t hz)
{
	double n;

	return mean_of(k, NEVER_NS, &n) * NS_PER_S / hz;
}

double drvmem_arrival__kept(const struct drvmem_arrival_kind *k, uint64_t traced_ns, uint32_t hz)
{
	double t = (double)traced_ns * hz / NS_PER_S, n, alive, live, kept;

	if (!k->allocs)
		return 0;
	alive = mean_of(k, t, &n) / t;
	if (n <= 0)
		return 1;
	live = (double)k->live / (double)k->allocs;
	if (alive >= 1)
		return 0;
	kept = (live - alive) / (1 - alive);
	return kept < 0 ? 0 : kept > 1 ? 1 : kept;
}

static void source_deinit(struct source *s)
{
	free(s->upto);
	free(s->kept);
	free(s->freed);
}

static int source_init(struct source *s, const struct drvmem_arrival_kind *kind, uint32_t n, uint64_t traced_ns,
		       uint32_t hz, uint64_t seed)
{
	uint64_t all = 0;
	uint32_t i, b;

	*s = (struct source){ .kind = kind, .n = n, .jiffy_ns = NS_PER_S / hz, .state = seed };
	s->upto = calloc(n ? n : 1, sizeof(*s->upto));
	s->kept = calloc(n ? n : 1, sizeof(*s->kept));
	s->freed = calloc(n ? n : 1, sizeof(*s->freed));
	if (!s->upto || !s->kept || !s->freed)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (__builtin_add_overflow(all, kind[i].allocs, &all) || all >> 63)
			return -ERANGE;
		s->upto[i] = all;
		s->kept[i] = drvmem_arrival__kept(&kind[i], traced_ns, hz);
		for (b = 0; b < DRVMEM_LIFE_BUCKETS; b++)
			if (__builtin_add_overflow(s->freed[i], kind[i].life[b], &s->freed[i]))
				return -ERANGE;
	}
	return all ? 0 : -EINVAL;
}

static uint32_t draw_kind(struct source *s)
{
	uint64_t at = below(&s->state, s->upto[s->n - 1]);
	uint32_t lo = 0, hi = s->n - 1, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->upto[mid] > at)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Three numbers are drawn of each object, needed or not: what one is does not move the others. */
static double draw_life(struct source *s, uint32_t kind)
{
	const uint64_t *life = s->kind[kind].life;
	bool kept = share(&s->state) <= s->kept[kind];
	uint64_t at = below(&s->state, s->freed[kind] ? s->freed[kind] : 1);
	double u = share(&s->state);
	uint32_t b = 0;

	if (kept || !s->freed[kind])
		return NEVER_NS;
	for (; at >= life[b]; b++)
		at -= life[b];
	return (b ? bucket_from(b) * exp2(u) : u) * s->jiffy_ns;
}

static void draw_object(struct source *s, double now, uint64_t length_ns, struct drvmem_arrival *ret)
{
	double end;

	ret->at_ns = (uint64_t)now;
	ret->kind = draw_kind(s);
	end = now + draw_life(s, ret->kind);
	if (end >= (double)length_ns) {
		ret->end_ns = DRVMEM_ARRIVAL_STAYS;
		return;
	}
	ret->end_ns = (uint64_t)end > ret->at_ns ? (uint64_t)end : ret->at_ns + 1;
}

static int cmp_end(const void *a, const void *b)
{
	const struct drvmem_arrival_end *x = a, *y = b;

	if (x->end_ns != y->end_ns)
		return x->end_ns < y->end_ns ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static int sort_ends(struct drvmem_arrivals *a)
{
	uint32_t i;

	a->end = calloc(a->n ? a->n : 1, sizeof(*a->end));
	if (!a->end)
		return -ENOMEM;
	for (i = 0; i < a->n; i++) {
		if (a->v[i].end_ns >= a->length_ns)
			a->v[i].end_ns = DRVMEM_ARRIVAL_STAYS;
		else
			a->end[a->nr_ends++] = (struct drvmem_arrival_end){ a->v[i].end_ns, i };
	}
	qsort(a->end, a->nr_ends, sizeof(*a->end), cmp_end);
	return 0;
}

static int draw(struct source *s, uint64_t traced_ns, uint32_t max, struct drvmem_arrivals *a)
{
	double gap = (double)traced_ns / (double)s->upto[s->n - 1], now = 0;
	uint32_t cap = 0;
	void *v;

	a->length_ns = traced_ns;
	for (;;) {
		now -= gap * log(share(&s->state));
		if (now >= (double)traced_ns)
			return 0;
		if (a->n == max) {
			/* the rate stays as it was, the time ends where the next one would have come */
			a->cut = true;
			a->length_ns = (uint64_t)now ? (uint64_t)now : 1;
			return 0;
		}
		if (a->n == cap) {
			cap = cap ? (cap > max / 2 ? max : cap * 2) : (max < 1024 ? max : 1024);
			v = realloc(a->v, (size_t)cap * sizeof(*a->v));
			if (!v)
				return -ENOMEM;
			a->v = v;
		}
		draw_object(s, now, traced_ns, &a->v[a->n++]);
	}
}

int drvmem_arrivals(const struct drvmem_arrival_kind *kind, uint32_t n, uint64_t traced_ns, uint32_t hz,
		    uint64_t seed, uint32_t max, struct drvmem_arrivals *ret)
{
	struct drvmem_arrivals a = { 0 };
	struct source s;
	int err;

	if (!n || !traced_ns || !hz || !max || max > 1u << 31)
		return -EINVAL;
	err = source_init(&s, kind, n, traced_ns, hz, seed);
	if (!err)
		err = draw(&s, traced_ns, max, &a);
	if (!err)
		err = sort_ends(&a);
	source_deinit(&s);
	if (err) {
		drvmem_arrivals__deinit(&a);
		return err;
	}
	*ret = a;
	return 0;
}

void drvmem_arrivals__deinit(struct drvmem_arrivals *a)
{
	free(a->v);
	free(a->end);
	a->v = NULL;
	a->end = NULL;
}
