// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/simulate.h"

#include <errno.h>
#include <stdlib.h>

#include "analysis/simulate_parts.h"
#include "base/cleanup.h"

static bool is_sound(const struct drvmem_simulate_config *c)
{
	uint32_t i;

	if (c->nr_sizes > DRVMEM_SIMULATE_SIZES || c->depth > DRVMEM_SIMULATE_DEPTH)
		return false;
	for (i = 0; i < c->nr_sizes; i++)
		if (!c->size[i] || (i && c->size[i] <= c->size[i - 1]))
			return false;
	if (c->reserve && !c->limit)
		return false;
	return !c->limit || (c->depth <= c->limit && c->reserve <= c->limit);
}

/* percpu memory comes in chunks that all share: nothing of a site's own is held. */
static bool can_play(const struct drvmem_distribution_site *t)
{
	return t->nr_sizes && t->allocator != DRVMEM_ALLOC_PERCPU;
}

static void kinds_deinit(struct drvmem_simulate_kinds *k)
{
	free(k->arrival);
	free(k->asked);
	free(k->site);
}

static void add_site(const struct drvmem_simulate_in *in, uint32_t site, struct drvmem_simulate_kinds *k,
		     struct drvmem_simulation *s)
{
	const struct drvmem_distribution_site *t = &in->d->sites[site];
	uint64_t sized = 0;
	uint32_t i;

	for (i = 0; i < t->nr_sizes; i++) {
		const struct drvmem_distribution_size *z = &in->d->sizes[t->first_size + i];

		sized += z->allocs;
		if (!z->allocs)
			continue;
		k->arrival[k->n] = (struct drvmem_arrival_kind){ z->allocs, z->live, t->life };
		k->asked[k->n] = z->bytes;
		k->site[k->n++] = site;
		s->recorded_live += z->live;
	}
	s->recorded_allocs += sized;
	s->unsized += t->allocs > sized ? t->allocs - sized : 0;
	s->recorded_peak += t->peak;
	s->kmalloc |= t->allocator == DRVMEM_ALLOC_SLAB && drvmem_simulate__is_kmalloc(t->cache);
	s->sites++;
}

static int cmp_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int count_sizes(const struct drvmem_simulate_kinds *k, uint32_t *ret)
{
	_cleanup_free_ uint32_t *v = calloc(k->n ? k->n : 1, sizeof(*v));
	uint32_t i, n = 0;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < k->n; i++)
		v[i] = k->asked[i];
	qsort(v, k->n, sizeof(*v), cmp_u32);
	for (i = 0; i < k->n; i++)
		n += !i || v[i] != v[i - 1];
	*ret = n;
	return 0;
}

static int collect(const struct drvmem_simulate_in *in, struct drvmem_simulate_kinds *k, struct drvmem_simulation *s)
{
	uint32_t i, most = 0;
	bool unknown = false;

	for (i = 0; i < in->nr_sites; i++)
		most += in->d->sites[in->site[i]].nr_sizes;
	k->arrival = calloc(most ? most : 1, sizeof(*k->arrival));
	k->asked = calloc(most ? most : 1, sizeof(*k->asked));
	k->site = calloc(most ? most : 1, sizeof(*k->site));
	if (!k->arrival || !k->asked || !k->site)
		return -ENOMEM;
	for (i = 0; i < in->nr_sites; i++) {
		const struct drvmem_distribution_site *t = &in->d->sites[in->site[i]];

		if (!can_play(t)) {
			s->skipped++;
			continue;
		}
		add_site(in, in->site[i], k, s);
		unknown |= !t->peak;
	}
	s->peak_bound = s->sites > 1;
	if (unknown)
		s->recorded_peak = 0;
	return count_sizes(k, &s->sizes);
}

static int play(const struct drvmem_simulate_in *in, const struct drvmem_simulate_kinds *k,
		const struct drvmem_simulate_config *c, const struct drvmem_arrivals *a, struct drvmem_simulated *ret,
		uint32_t *ret_unused)
{
	struct drvmem_simulate_plan p;
	int err = drvmem_simulate_plan(in->d, k, c, &p, ret, ret_unused);

	if (!err)
		err = drvmem_simulate_play(&p, k, a, ret);
	free(p.cache);
	return err;
}

int drvmem_simulate(const struct drvmem_simulate_in *in, struct drvmem_simulation *ret)
{
	static const struct drvmem_simulate_config today;
	uint64_t events = in->max_events ? in->max_events : DRVMEM_SIMULATE_EVENTS;
	struct drvmem_simulate_kinds k = { 0 };
	struct drvmem_arrivals a = { 0 };
	uint32_t unused;
	int err;

	*ret = (struct drvmem_simulation){ .seed = in->seed, .traced_ns = in->d->traced_ns, .max_events = events };
	if (!is_sound(&in->c) || events < 2 || events > 1ull << 32)
		return -EINVAL;
	err = collect(in, &k, ret);
	if (!err && ret->recorded_allocs < DRVMEM_SIMULATE_MIN)
		err = -ENODATA;
	if (!err)
		err = drvmem_arrivals(k.arrival, k.n, in->d->traced_ns, in->d->hz, in->seed, (uint32_t)(events / 2), &a);
	if (!err)
		err = play(in, &k, &today, &a, &ret->today, &unused);
	if (!err)
		err = play(in, &k, &in->c, &a, &ret->proposed, &ret->unused_sizes);
	ret->events = (uint64_t)a.n + a.nr_ends;
	ret->played_ns = a.length_ns;
	ret->cut = a.cut;
	drvmem_arrivals__deinit(&a);
	kinds_deinit(&k);
	return err;
}

void drvmem_simulation__deinit(struct drvmem_simulation *s)
{
	free(s->today.cache);
	free(s->proposed.cache);
	s->today.cache = s->proposed.cache = NULL;
}
