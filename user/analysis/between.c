// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/between.h"

static uint64_t above_zero(int64_t v)
{
	return v > 0 ? (uint64_t)v : 0;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* total less a range of it. */
static struct drvmem_bounds rest(uint64_t total, struct drvmem_bounds r)
{
	return (struct drvmem_bounds){ total - lesser(total, r.max), total - lesser(total, r.min) };
}

/* By the ages of all its live objects: a clock of ticks does not tell those of the tick that the window began in. */
static bool by_ages(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t, uint64_t window_ns,
		    struct drvmem_bounds *r)
{
	const struct drvmem_object *o = s->objects + t->first_object;
	uint64_t tick = 1000000000u / s->meta.hz, min = 0, max = 0;
	uint32_t i;

	if (!s->objects || (int64_t)t->nr_objects != t->c.live_objects)
		return false;
	for (i = 0; i < t->nr_objects; i++) {
		min += o[i].age_ns + tick <= window_ns;
		max += o[i].age_ns <= window_ns + tick;
	}
	if (min > r->max || max < r->min)	/* the list was not read at the same moment as the counters */
		return false;
	r->min = min > r->min ? min : r->min;
	r->max = lesser(max, r->max);
	return true;
}

void drvmem_between(const struct drvmem_snapshot *s, const struct drvmem_delta *d, uint32_t site,
		    struct drvmem_between *ret)
{
	const struct drvmem_sitesnap *t = &s->sites[site];
	const struct drvmem_change *c = &d->site[site];
	uint64_t live = above_zero(t->c.live_objects);

	*ret = (struct drvmem_between){ .allocs = c->allocs, .ends = above_zero((int64_t)c->allocs - c->live_objects) };
	ret->aifo.max = lesser(c->allocs, live);
	ret->aifo.min = lesser(above_zero(c->live_objects), ret->aifo.max);
	ret->listed = by_ages(s, t, d->interval_ns, &ret->aifo);
	ret->aifi = rest(c->allocs, ret->aifo);
	ret->aofi = rest(ret->ends, ret->aifi);
	ret->aofo = rest(live, ret->aifo);
}

static void add_range(struct drvmem_bounds *dst, const struct drvmem_bounds *src)
{
	dst->min += src->min;
	dst->max += src->max;
}

void drvmem_between__add(struct drvmem_between *dst, const struct drvmem_between *src)
{
	dst->allocs += src->allocs;
	dst->ends += src->ends;
	add_range(&dst->aifo, &src->aifo);
	add_range(&dst->aifi, &src->aifi);
	add_range(&dst->aofi, &src->aofi);
	add_range(&dst->aofo, &src->aofo);
	dst->listed &= src->listed;
}
