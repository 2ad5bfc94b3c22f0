// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/lifetime.h"

#include <math.h>
#include <string.h>

#define USUAL		0.99	/* of those that are freed at all */
#define NS_PER_S	1000000000.0

struct life_table {
	double survive[DRVMEM_LIFE_BUCKETS];	/* share alive at the end of a bucket */
	double greenwood[DRVMEM_LIFE_BUCKETS];	/* sum of d / (n (n - d)) up to there */
	uint64_t censored[DRVMEM_LIFE_BUCKETS];
	int last;				/* bucket with the oldest that was freed, -1: none was */
};

static uint32_t bucket_of(uint64_t age_ns, uint32_t hz)
{
	uint64_t jiffies = (uint64_t)((double)age_ns / NS_PER_S * hz);
	uint32_t i = jiffies ? 64 - (uint32_t)__builtin_clzll(jiffies) : 0;

	return i < DRVMEM_LIFE_BUCKETS ? i : DRVMEM_LIFE_BUCKETS - 1;
}

/* The end of a bucket; the last one has none, its objects are older than any. */
static double end_ns(uint32_t bucket, uint32_t hz)
{
	return ldexp(1, (int)bucket) * NS_PER_S / hz;
}

static void make_table(const uint64_t *life, const uint64_t *living, uint32_t nr, uint32_t hz,
		       struct life_table *t)
{
	double left = 0, exposed, s = 1, g = 0;
	uint32_t i;

	memset(t, 0, sizeof(*t));
	t->last = -1;
	for (i = 0; i < nr; i++)
		t->censored[bucket_of(living[i], hz)]++;
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		left += (double)life[i] + (double)t->censored[i];
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++) {
		/* who is censored in a bucket was there for half of it on average */
		exposed = left - (double)t->censored[i] / 2;
		if (life[i] && exposed > 0) {
			t->last = (int)i;
			s *= 1 - (double)life[i] / exposed;
			if (exposed > (double)life[i])
				g += (double)life[i] / (exposed * (exposed - (double)life[i]));
			if (s < 0)
				s = 0;
		}
		t->survive[i] = s;
		t->greenwood[i] = g;
		left -= (double)life[i] + (double)t->censored[i];
	}
}

/* The 95 % interval of a share alive; that of none or all has no width by this formula. */
static void interval(double s, double greenwood, double *ret_low, double *ret_high)
{
	double w;

	*ret_low = *ret_high = s;
	if (s <= 0 || s >= 1)
		return;
	w = exp(1.96 * sqrt(greenwood) / fabs(log(s)));
	*ret_low = pow(s, w);
	*ret_high = pow(s, 1 / w);
}

void drvmem_lifetime(const uint64_t *life, const uint64_t *living, uint32_t nr_living, uint32_t hz,
		     struct drvmem_lifetime *ret)
{
	struct life_table t;
	uint32_t i, old;
	double stay;

	*ret = (struct drvmem_lifetime){ .living = nr_living, .old_ns = { 0, DRVMEM_ABSENT },
					 .survive = 1, .survive_low = 1, .survive_high = 1 };
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		ret->freed += life[i];
	make_table(life, living, nr_living, hz, &t);
	if (ret->freed < DRVMEM_LIFETIME_FREED_MIN || t.last < 0)
		return;
	stay = t.survive[t.last];
	for (old = 0; old < (uint32_t)t.last; old++)
		if (1 - t.survive[old] >= USUAL * (1 - stay))
			break;
	if (old + 1 < DRVMEM_LIFE_BUCKETS)
		old++;
	ret->old_ns = drvmem_some((uint64_t)end_ns(old, hz));
	ret->survive = t.survive[old];
	interval(t.survive[old], t.greenwood[old], &ret->survive_low, &ret->survive_high);
	for (i = 0; i < nr_living; i++)
		ret->reached += living[i] >= ret->old_ns.v;
	for (i = old + 1; i < DRVMEM_LIFE_BUCKETS; i++)
		ret->reached_freed += life[i];
	ret->reached += ret->reached_freed;
}
