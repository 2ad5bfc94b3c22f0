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

/*
 * By what is surely of each class: as one number is missing, what is of another class is not of this one. Contradictions
 * (a list that was not read at once, parts of objects) tell nothing.
 */
static void by_lifetimes(const struct drvmem_inside_least *l, uint64_t allocs, uint64_t ends, uint64_t live,
			 struct drvmem_bounds *r)
{
	uint64_t min = l->aifo > r->min ? l->aifo : r->min, max = r->max, most;

	most = allocs - lesser(allocs, l->aifi);
	max = lesser(max, most);
	most = live - lesser(live, l->aofo);
	max = lesser(max, most);
	most = ends - lesser(ends, l->aofi);	/* AIFI at most */
	most = allocs - lesser(allocs, most);
	min = most > min ? most : min;
	if (min <= max && l->aifi <= allocs && l->aofo <= live && l->aofi <= ends)
		*r = (struct drvmem_bounds){ min, max };
}

static void fill_from(struct drvmem_between *b, uint64_t live)
{
	b->aifi = rest(b->allocs, b->aifo);
	b->aofi = rest(b->ends, b->aifi);
	b->aofo = rest(live, b->aifo);
}

bool drvmem_between__is_marked(const struct drvmem_snapshot *s, const struct drvmem_inside *w)
{
	return w && s->gens && w->gen < w->gen_end && s->meta.mark == w->gen_end && w->gen_end - w->gen < DRVMEM_GENS_KEPT;
}

/*
 * Between marks. What ended inside is told exactly of each generation by itself; of several, what was made in one and
 * ended in another is known with what ended since the last mark, until the snapshot was taken.
 */
static void by_generations(const struct drvmem_snapshot *s, const struct drvmem_inside *w, uint32_t site,
			   struct drvmem_between *ret)
{
	const struct drvmem_gens *g = &s->gens[site];
	uint64_t own = 0, born = 0, live = above_zero(s->sites[site].c.live_objects), since;
	uint32_t i, at;

	for (i = w->gen; i < w->gen_end; i++) {
		at = i % DRVMEM_GENS;
		ret->allocs += g->made[at].objects;
		ret->ends += g->died[at].objects;
		own += g->own[at].objects;
		born += g->born[at].objects;
	}
	at = w->gen_end % DRVMEM_GENS;
	since = g->made[at].objects;
	live = live + g->died[at].objects;	/* at the last mark */
	live -= lesser(live, since);
	if (w->gen_end - w->gen == 1)
		born = own;
	born = lesser(lesser(born, ret->ends), ret->allocs);
	ret->aifo = rest(ret->allocs, (struct drvmem_bounds){ lesser(own, born), born });
	ret->listed = true;
	fill_from(ret, live);
}

void drvmem_between(const struct drvmem_snapshot *s, const struct drvmem_delta *d, const struct drvmem_inside *w,
		    uint32_t site, struct drvmem_between *ret)
{
	const struct drvmem_sitesnap *t = &s->sites[site];
	const struct drvmem_change *c = &d->site[site];
	uint64_t live = above_zero(t->c.live_objects);
	struct drvmem_inside_least least;

	*ret = (struct drvmem_between){ 0 };
	if (drvmem_between__is_marked(s, w)) {
		by_generations(s, w, site, ret);
		return;
	}
	ret->allocs = c->allocs;
	ret->ends = above_zero((int64_t)c->allocs - c->live_objects);
	ret->aifo.max = lesser(c->allocs, live);
	ret->aifo.min = lesser(above_zero(c->live_objects), ret->aifo.max);
	ret->listed = by_ages(s, t, d->interval_ns, &ret->aifo);
	if (w) {
		least = drvmem_inside__at(w, t->id);
		by_lifetimes(&least, ret->allocs, ret->ends, live, &ret->aifo);
	}
	fill_from(ret, live);
}

static bool is_one(struct drvmem_bounds r)
{
	return r.min == r.max;
}

bool drvmem_between__is_exact(const struct drvmem_between *b)
{
	return is_one(b->aifo) && is_one(b->aifi) && is_one(b->aofi) && is_one(b->aofo);
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
