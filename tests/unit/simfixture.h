/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distributions made by hand, and simulations of them. */
#ifndef DRVMEM_TESTS_SIMFIXTURE_H
#define DRVMEM_TESTS_SIMFIXTURE_H

#include <math.h>

#include "fixture.h"

#include "analysis/simulate.h"
#include "source/distribution.h"

#define SIM_JIFFY_S	0.004	/* hz is 250 */

/* Of 100 s, with the rules of a kernel of two CPUs; no sites. */
static inline struct drvmem_distribution *sim_new(void)
{
	struct drvmem_distribution *d = drvmem_distribution__new();

	assert_non_null(d);
	d->slub = (struct drvmem_slub_rules){ 4096, 8, 64, 0, 3, 12, 8, true };
	d->hz = 250;
	d->traced_ns = 100 * FIX_S;
	return d;
}

/* A site whose freed objects lived in one bucket; sizes follow by sim_size(). */
static inline void sim_site(struct drvmem_distribution *d, uint16_t allocator, const char *cache, uint32_t bucket)
{
	struct drvmem_distribution_site t = { .site = "f+0x1", .owner = "drv", .cache = cache, .allocator = allocator,
					      .first_size = d->nr_sizes };

	t.life[bucket] = 1;
	fix_push(d->sites, d->nr_sites, t);
}

static inline void sim_size(struct drvmem_distribution *d, uint32_t bytes, uint64_t allocs, uint64_t live)
{
	struct drvmem_distribution_site *t = &d->sites[d->nr_sites - 1];

	fix_push(d->sizes, d->nr_sizes, (struct drvmem_distribution_size){ bytes, allocs, live, 0 });
	t->nr_sizes++;
	t->allocs += allocs;
	t->live += live;
	t->frees += allocs - live;
}

static inline struct drvmem_simulate_in sim_in(const struct drvmem_distribution *d)
{
	static const uint32_t all[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	assert_true(d->nr_sites <= UNIT_NR(all));
	return (struct drvmem_simulate_in){ .d = d, .site = all, .nr_sites = d->nr_sites, .seed = 1 };
}

/* What holds of every simulation. */
static inline void sim_check(const struct drvmem_simulated *r)
{
	const struct drvmem_simulated_value *l = r->level;
	uint64_t objects = 0, slabs = 0, refills = 0, allocs = 0;
	uint32_t i;

	assert_int_equal(r->allocs, r->frees + r->failures + l[DRVMEM_SIMULATED_OBJECTS].end);
	assert_true(l[DRVMEM_SIMULATED_HELD].mean >= l[DRVMEM_SIMULATED_ASKED].mean);
	assert_true(l[DRVMEM_SIMULATED_HELD].peak >= l[DRVMEM_SIMULATED_ASKED].peak);
	assert_int_equal(l[DRVMEM_SIMULATED_HELD].end, l[DRVMEM_SIMULATED_ASKED].end + l[DRVMEM_SIMULATED_WASTE].end +
			 l[DRVMEM_SIMULATED_SLACK].end);
	assert_true(fabs(l[DRVMEM_SIMULATED_HELD].mean - l[DRVMEM_SIMULATED_ASKED].mean - l[DRVMEM_SIMULATED_WASTE].mean -
			 l[DRVMEM_SIMULATED_SLACK].mean) < 1);
	for (i = 0; i < DRVMEM_NR_SIMULATED; i++)
		assert_true(l[i].mean <= (double)l[i].peak && l[i].end <= l[i].peak);
	for (i = 0; i < r->nr_caches; i++) {
		const struct drvmem_simulated_cache *c = &r->cache[i];

		assert_true(c->slabs * c->objects >= c->live && c->slabs <= c->slabs_peak);
		assert_true(c->objects * c->size <= c->slab_bytes && c->live <= c->peak);
		objects += c->live;
		allocs += c->allocs;
		refills += c->refills;
		slabs += c->slabs * c->slab_bytes;
	}
	assert_int_equal(objects, l[DRVMEM_SIMULATED_OBJECTS].end);
	assert_int_equal(allocs, r->allocs - r->failures);
	assert_int_equal(refills, r->refills);
	assert_int_equal(slabs, l[DRVMEM_SIMULATED_HELD].end);
}

static inline struct drvmem_simulation sim_run(const struct drvmem_simulate_in *in)
{
	struct drvmem_simulation s;
	int err = drvmem_simulate(in, &s);

	if (err)
		fail_msg("drvmem_simulate: %d", err);
	sim_check(&s.today);
	sim_check(&s.proposed);
	assert_int_equal(s.today.allocs, s.proposed.allocs);
	assert_int_equal(s.today.failures, 0);
	assert_int_equal(s.events, s.today.allocs + s.today.frees);
	return s;
}

#endif /* DRVMEM_TESTS_SIMFIXTURE_H */
