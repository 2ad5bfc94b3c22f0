// SPDX-License-Identifier: GPL-2.0-or-later
/* One configuration under the objects that come and go. */
#include <errno.h>
#include <stdlib.h>

#include "analysis/simulate_parts.h"
#include "analysis/slabmodel.h"

#define FAILED	DRVMEM_SLABMODEL_NONE

/* Free objects that are kept, by the slab that they lie in; the last one in is the first out. */
struct stack {
	uint32_t *slab;
	uint32_t n, cap;
};

struct front {
	struct drvmem_slabmodel slabs;
	struct stack list, reserve;
	uint64_t peak;			/* slabs */
};

/* What is now; HELD, WASTE and SLACK follow. */
struct now {
	uint64_t objects, asked, sized, backing;
};

struct play {
	const struct drvmem_simulate_plan *p;
	const struct drvmem_simulate_kinds *k;
	const struct drvmem_arrivals *a;
	struct drvmem_simulated *out;
	struct front *front;		/* by cache */
	uint32_t *slab;			/* by arrival: where it lies, FAILED */
	struct now now;
	double sum[DRVMEM_NR_SIMULATED];	/* over time, ns */
	uint64_t at_ns;
	uint64_t dipped;		/* objects that are out of the reserves */
};

static void levels(const struct now *n, uint64_t ret[DRVMEM_NR_SIMULATED])
{
	ret[DRVMEM_SIMULATED_OBJECTS] = n->objects;
	ret[DRVMEM_SIMULATED_ASKED] = n->asked;
	ret[DRVMEM_SIMULATED_WASTE] = n->sized - n->asked;
	ret[DRVMEM_SIMULATED_SLACK] = n->backing - n->sized;
	ret[DRVMEM_SIMULATED_HELD] = n->backing;
}

static void advance(struct play *y, uint64_t to_ns)
{
	uint64_t v[DRVMEM_NR_SIMULATED];
	double dt = (double)(to_ns - y->at_ns);
	uint32_t i;

	levels(&y->now, v);
	for (i = 0; i < DRVMEM_NR_SIMULATED; i++)
		y->sum[i] += dt * (double)v[i];
	y->at_ns = to_ns;
}

static void note_peaks(struct play *y)
{
	uint64_t v[DRVMEM_NR_SIMULATED];
	uint32_t i;

	levels(&y->now, v);
	for (i = 0; i < DRVMEM_NR_SIMULATED; i++)
		if (v[i] > y->out->level[i].peak)
			y->out->level[i].peak = v[i];
}

static int take_slab(struct play *y, uint32_t cache, uint32_t *ret)
{
	struct front *f = &y->front[cache];
	uint64_t before = f->slabs.slabs;
	int err = drvmem_slabmodel__take(&f->slabs, ret);

	if (!err)
		y->now.backing += (f->slabs.slabs - before) * y->out->cache[cache].slab_bytes;
	if (f->slabs.slabs > f->peak)
		f->peak = f->slabs.slabs;
	return err;
}

static void give_slab(struct play *y, uint32_t cache, uint32_t slab)
{
	struct front *f = &y->front[cache];
	uint64_t before = f->slabs.slabs;

	drvmem_slabmodel__give(&f->slabs, slab);
	y->now.backing -= (before - f->slabs.slabs) * y->out->cache[cache].slab_bytes;
}

/* A slab that the object lies in, or FAILED. */
static int get_object(struct play *y, uint32_t cache, uint32_t *ret)
{
	const struct drvmem_simulate_config *c = &y->p->c;
	struct front *f = &y->front[cache];
	struct drvmem_simulated *o = y->out;

	if (c->limit && y->now.objects - y->dipped >= c->limit) {
		*ret = FAILED;
		if (!f->reserve.n)
			return 0;
		*ret = f->reserve.slab[--f->reserve.n];
		if (f->reserve.n < o->reserve_low)
			o->reserve_low = f->reserve.n;
		o->reserve_hits++;
		y->dipped++;
		return 0;
	}
	if (f->list.n) {
		*ret = f->list.slab[--f->list.n];
		o->list_hits++;
		return 0;
	}
	o->list_misses += f->list.cap != 0;
	return take_slab(y, cache, ret);
}

static void put_object(struct play *y, uint32_t cache, uint32_t slab)
{
	struct front *f = &y->front[cache];

	if (f->reserve.n < f->reserve.cap) {
		f->reserve.slab[f->reserve.n++] = slab;
		y->dipped--;
	} else if (f->list.n < f->list.cap) {
		f->list.slab[f->list.n++] = slab;
	} else {
		give_slab(y, cache, slab);
	}
}

static int come(struct play *y, uint32_t index)
{
	const struct drvmem_arrival *v = &y->a->v[index];
	uint32_t cache = y->p->cache[v->kind];
	struct drvmem_simulated_cache *c = &y->out->cache[cache];
	int err;

	advance(y, v->at_ns);
	y->out->allocs++;
	err = get_object(y, cache, &y->slab[index]);
	if (err)
		return err;
	if (y->slab[index] == FAILED) {
		y->out->failures++;
		return 0;
	}
	y->now.objects++;
	y->now.asked += y->k->asked[v->kind];
	y->now.sized += c->size;
	c->allocs++;
	if (++c->live > c->peak)
		c->peak = c->live;
	note_peaks(y);
	return 0;
}

static void go(struct play *y, const struct drvmem_arrival_end *e)
{
	const struct drvmem_arrival *v = &y->a->v[e->index];
	uint32_t cache = y->p->cache[v->kind];
	struct drvmem_simulated_cache *c = &y->out->cache[cache];

	if (y->slab[e->index] == FAILED)
		return;
	advance(y, e->end_ns);
	put_object(y, cache, y->slab[e->index]);
	y->now.objects--;
	y->now.asked -= y->k->asked[v->kind];
	y->now.sized -= c->size;
	c->live--;
	y->out->frees++;
	note_peaks(y);
}

static int fill(struct play *y, uint32_t cache, uint64_t n, struct stack *s)
{
	int err = 0;

	if (!n)
		return 0;
	s->slab = calloc(n, sizeof(*s->slab));
	if (!s->slab)
		return -ENOMEM;
	for (s->cap = (uint32_t)n; !err && s->n < s->cap; s->n++)
		err = take_slab(y, cache, &s->slab[s->n]);
	return err;
}

/* Takes what is to be there beforehand. */
static int begin(struct play *y)
{
	const struct drvmem_simulate_config *c = &y->p->c;
	struct drvmem_simulated *o = y->out;
	uint64_t pooled = 0;
	uint32_t i;
	int err = 0;

	for (i = 0; i < o->nr_caches; i++)
		pooled += o->cache[i].pooled;
	if (pooled && c->depth + c->reserve > DRVMEM_SIMULATE_BEFOREHAND / pooled)
		return -E2BIG;
	y->front = calloc(o->nr_caches, sizeof(*y->front));
	y->slab = calloc(y->a->n ? y->a->n : 1, sizeof(*y->slab));
	if (!y->front || !y->slab)
		return -ENOMEM;
	o->reserve_low = pooled ? c->reserve : 0;
	for (i = 0; i < o->nr_caches; i++)
		drvmem_slabmodel_init(&y->front[i].slabs, (uint32_t)o->cache[i].size, o->cache[i].objects,
				      o->cache[i].kind == DRVMEM_SIMULATED_PAGES);
	for (i = 0; !err && i < o->nr_caches; i++) {
		if (!o->cache[i].pooled)
			continue;
		err = fill(y, i, c->reserve, &y->front[i].reserve);
		if (!err)
			err = fill(y, i, c->depth, &y->front[i].list);
		o->refills_start += y->front[i].slabs.taken;
		y->front[i].slabs.taken = 0;
	}
	note_peaks(y);
	return err;
}

static void finish(struct play *y)
{
	struct drvmem_simulated *o = y->out;
	uint64_t v[DRVMEM_NR_SIMULATED];
	uint32_t i;

	advance(y, y->a->length_ns);
	levels(&y->now, v);
	for (i = 0; i < DRVMEM_NR_SIMULATED; i++) {
		o->level[i].mean = y->sum[i] / (double)y->a->length_ns;
		o->level[i].end = v[i];
	}
	for (i = 0; i < o->nr_caches; i++) {
		o->cache[i].slabs = y->front[i].slabs.slabs;
		o->cache[i].slabs_peak = y->front[i].peak;
		o->cache[i].refills = y->front[i].slabs.taken;
		o->refills += y->front[i].slabs.taken;
		o->returned += y->front[i].slabs.returned;
	}
}

int drvmem_simulate_play(const struct drvmem_simulate_plan *p, const struct drvmem_simulate_kinds *k,
			 const struct drvmem_arrivals *a, struct drvmem_simulated *ret)
{
	struct play y = { .p = p, .k = k, .a = a, .out = ret };
	uint32_t i, end = 0;
	int err = begin(&y);

	for (i = 0; !err && i < a->n; i++) {
		for (; end < a->nr_ends && a->end[end].end_ns <= a->v[i].at_ns; end++)
			go(&y, &a->end[end]);
		err = come(&y, i);
	}
	for (; !err && end < a->nr_ends; end++)
		go(&y, &a->end[end]);
	if (!err)
		finish(&y);
	for (i = 0; y.front && i < ret->nr_caches; i++) {
		drvmem_slabmodel__deinit(&y.front[i].slabs);
		free(y.front[i].list.slab);
		free(y.front[i].reserve.slab);
	}
	free(y.front);
	free(y.slab);
	return err;
}
