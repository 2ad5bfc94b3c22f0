// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "simfixture.h"

#include "analysis/arrivals.h"
#include "analysis/slabmodel.h"

static uint32_t lcg = 12345;

static uint32_t rnd(uint32_t below)
{
	lcg = lcg * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(lcg >> 8) * below >> 24);
}

/* ---- slabs */

/* As mm/slub.c has it: half of log2, 5 to 10. */
static void empty_slabs_that_are_kept(void **state)
{
	static const uint32_t want[][2] = { { 8, 5 }, { 192, 5 }, { 2048, 5 }, { 4096, 6 }, { 65536, 8 }, { 1 << 20, 10 },
					    { 4 << 20, 10 } };
	struct drvmem_slabmodel m;
	uint32_t slab[400], i, n;

	(void)state;
	for (i = 0; i < UNIT_NR(want); i++) {
		drvmem_slabmodel_init(&m, want[i][0], 4, false);
		assert_int_equal(m.min_partial, want[i][1]);
		for (n = 0; n < UNIT_NR(slab); n++)
			assert_int_equal(drvmem_slabmodel__take(&m, &slab[n]), 0);
		assert_int_equal(m.slabs, UNIT_NR(slab) / 4);
		for (n = 0; n < UNIT_NR(slab); n++)
			drvmem_slabmodel__give(&m, slab[n]);
		/* a slab counts itself among those on the list */
		assert_int_equal(m.slabs, want[i][1] - 1);
		assert_int_equal(m.nr_partial, want[i][1] - 1);
		assert_int_equal(m.taken - m.returned, m.slabs);
		drvmem_slabmodel__deinit(&m);
	}
	/* of one object it is not on the list when that comes back */
	drvmem_slabmodel_init(&m, 32768, 1, false);
	for (n = 0; n < 20; n++)
		assert_int_equal(drvmem_slabmodel__take(&m, &slab[n]), 0);
	for (n = 0; n < 20; n++)
		drvmem_slabmodel__give(&m, slab[n]);
	assert_int_equal(m.slabs, 7);
	drvmem_slabmodel__deinit(&m);
	drvmem_slabmodel_init(&m, 8192, 1, true);
	assert_int_equal(drvmem_slabmodel__take(&m, &slab[0]), 0);
	assert_int_equal(m.slabs, 1);
	drvmem_slabmodel__give(&m, slab[0]);
	assert_int_equal(m.slabs, 0);
	drvmem_slabmodel__deinit(&m);
}

/* Partial slabs before new ones, the one that was partial first; one that was full goes to the end. */
static void which_slab_an_object_comes_from(void **state)
{
	struct drvmem_slabmodel m;
	uint32_t slab[7], i;

	(void)state;
	drvmem_slabmodel_init(&m, 64, 2, false);
	for (i = 0; i < 6; i++)
		assert_int_equal(drvmem_slabmodel__take(&m, &slab[i]), 0);
	assert_int_equal(slab[0], slab[1]);
	assert_int_not_equal(slab[1], slab[2]);
	assert_int_equal(m.nr_partial, 0);
	drvmem_slabmodel__give(&m, slab[4]);
	drvmem_slabmodel__give(&m, slab[0]);
	assert_int_equal(drvmem_slabmodel__take(&m, &i), 0);
	assert_int_equal(i, slab[4]);
	assert_int_equal(drvmem_slabmodel__take(&m, &i), 0);
	assert_int_equal(i, slab[0]);
	assert_int_equal(m.slabs, 3);
	assert_int_equal(drvmem_slabmodel__take(&m, &i), 0);
	assert_int_equal(m.slabs, 4);
	drvmem_slabmodel__deinit(&m);
}

/* Objects at random: no slab has more than fit, none is lost, and empty ones are at most min_partial. */
static void slabs_add_up(void **state)
{
	enum { N = 3000 };
	uint32_t slab[N], n = 0, step, i, at, empty, inuse;
	struct drvmem_slabmodel m;

	(void)state;
	drvmem_slabmodel_init(&m, 512, 7, false);
	for (step = 0; step < 40000; step++) {
		if (n < N && (!n || rnd(100) < (step / 5000 % 2 ? 40u : 60u))) {
			assert_int_equal(drvmem_slabmodel__take(&m, &slab[n]), 0);
			n++;
		} else {
			at = rnd(n);
			drvmem_slabmodel__give(&m, slab[at]);
			slab[at] = slab[--n];
		}
		if (step % 1000)
			continue;
		for (i = 0, empty = 0, inuse = 0; i < m.nr; i++) {
			assert_true(m.slab[i].inuse <= 7);
			inuse += m.slab[i].inuse;
			empty += m.slab[i].partial && !m.slab[i].inuse;
			if (m.slab[i].inuse)
				assert_int_equal(m.slab[i].partial, m.slab[i].inuse < 7);
		}
		assert_int_equal(inuse, n);
		assert_true(empty <= m.min_partial);
		assert_true(m.slabs * 7 >= n && m.slabs == m.taken - m.returned);
	}
	drvmem_slabmodel__deinit(&m);
}

/* ---- what was recorded */

/* Objects that are in use = rate x life: Little's law, with the variance of an M/G/infinity queue over a time. */
static void littles_law(void **state)
{
	struct drvmem_distribution *d = sim_new();
	struct drvmem_simulate_in in;
	struct drvmem_simulation s;
	double rate = 2000, t = 100, a = 16 * SIM_JIFFY_S, mean = a / M_LN2, square = 1.5 * a * a / M_LN2, want, sigma;

	(void)state;
	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-192", 5);
	sim_size(d, 136, 200000, 184);
	in = sim_in(d);
	s = sim_run(&in);
	/* it begins empty: what would have been there already is missing */
	want = rate * (mean - square / (2 * t));
	sigma = sqrt(rate * square / t);
	assert_true(sigma < 0.5);
	if (fabs(s.today.level[DRVMEM_SIMULATED_OBJECTS].mean - want) > 3 * sigma)
		fail_msg("%f objects, not %f +- %f", s.today.level[DRVMEM_SIMULATED_OBJECTS].mean, want, sigma);
	assert_true(fabs((double)s.today.allocs - 200000) < 4 * sqrt(200000));
	assert_true(fabs(s.today.level[DRVMEM_SIMULATED_ASKED].mean - 136 * s.today.level[DRVMEM_SIMULATED_OBJECTS].mean) < 1);
	assert_false(s.cut);
	assert_int_equal(s.played_ns, s.traced_ns);
	drvmem_simulation__deinit(&s);
	drvmem_distribution__free(d);
}

/* Short lives and long ones: at the end as many are live as were recorded. */
static void as_many_are_left_as_recorded(void **state)
{
	static const struct { uint32_t bucket; uint64_t allocs, live; } t[] = {
		{ 0, 20000, 0 }, { 3, 20000, 5000 }, { 10, 20000, 4000 }, { 12, 50000, 50000 }, { 13, 40000, 20000 },
		{ 5, 40000, 39000 },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(t); i++) {
		struct drvmem_distribution *d = sim_new();
		struct drvmem_simulate_in in;
		struct drvmem_simulation s;
		double left;

		sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-64", t[i].bucket);
		sim_size(d, 40, t[i].allocs, t[i].live);
		in = sim_in(d);
		s = sim_run(&in);
		left = (double)s.today.level[DRVMEM_SIMULATED_OBJECTS].end;
		if (fabs(left - (double)t[i].live) > 4 * sqrt((double)t[i].live) + 6)
			fail_msg("row %u: %f are left, %llu were", i, left, (unsigned long long)t[i].live);
		drvmem_simulation__deinit(&s);
		drvmem_distribution__free(d);
	}
}

/* Lifetimes that are drawn fall into the buckets that they were drawn from. */
static void lifetimes_are_as_recorded(void **state)
{
	uint64_t life[DRVMEM_LIFE_BUCKETS] = { [0] = 1000, [1] = 500, [4] = 2000, [7] = 500 }, seen[DRVMEM_LIFE_BUCKETS] = { 0 };
	const struct drvmem_arrival_kind kind[] = { { 100000, 0, life }, { 0, 0, life }, { 300000, 0, life } };
	struct drvmem_arrivals a;
	uint64_t n = 0, of[3] = { 0 }, before = 0;
	double squares = 0, gap;
	uint32_t i, b;

	(void)state;
	assert_int_equal(drvmem_arrivals(kind, 3, 100 * FIX_S, 250, 7, 1000000, &a), 0);
	for (i = 0; i < a.n; i++) {
		assert_true(a.v[i].at_ns >= before && a.v[i].at_ns <= a.length_ns);
		gap = (double)(a.v[i].at_ns - before);
		squares += gap * gap;
		before = a.v[i].at_ns;
		of[a.v[i].kind]++;
	}
	/* exponential gaps: the mean of their squares is twice the square of their mean */
	gap = (double)a.length_ns / a.n;
	assert_true(fabs(squares / a.n / (gap * gap) - 2) < 0.05);
	for (i = 0; i < a.nr_ends; i++) {
		double jiffies = (double)(a.end[i].end_ns - a.v[a.end[i].index].at_ns) / 4e6;

		assert_true(a.end[i].end_ns == a.v[a.end[i].index].end_ns && (!i || a.end[i].end_ns >= a.end[i - 1].end_ns));
		for (b = 0; jiffies >= ldexp(1, (int)b); b++)
			;
		seen[b]++;
		n++;
	}
	for (b = 0; b < DRVMEM_LIFE_BUCKETS; b++)
		assert_true(fabs((double)seen[b] - (double)life[b] / 4000 * (double)n) <= 4 * sqrt((double)n) * 0.5);
	assert_int_equal(of[1], 0);
	assert_true(fabs((double)of[0] - (double)a.n / 4) < 4 * sqrt((double)a.n) * 0.5);
	assert_true(fabs(drvmem_arrival__mean_life(&kind[0], 250) - 4e6 *
			 (0.25 * 0.5 + 0.125 / M_LN2 + 0.5 * 8 / M_LN2 + 0.125 * 64 / M_LN2)) < 1);
	drvmem_arrivals__deinit(&a);
}

/* The last ones end after all have come. */
static void all_of_it_is_played(void **state)
{
	struct drvmem_distribution *d = sim_new();
	struct drvmem_simulate_in in;
	struct drvmem_simulation s;

	(void)state;
	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-64", 8);
	sim_size(d, 60, 200, 0);
	d->sites[0].peak = 7;
	in = sim_in(d);
	for (in.seed = 0; in.seed < 40; in.seed++) {
		s = sim_run(&in);
		assert_int_equal(s.recorded_peak, 7);
		assert_false(s.peak_bound);
		drvmem_simulation__deinit(&s);
	}
	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-96", 8);
	sim_size(d, 90, 200, 0);
	in = sim_in(d);
	s = sim_run(&in);
	assert_int_equal(s.recorded_peak, 0);	/* of one it is not known */
	drvmem_simulation__deinit(&s);
	d->sites[1].peak = 5;
	s = sim_run(&in);
	assert_int_equal(s.recorded_peak, 12);
	assert_true(s.peak_bound);
	drvmem_simulation__deinit(&s);
	drvmem_distribution__free(d);
}

static void no_sense(void **state)
{
	const uint64_t life[DRVMEM_LIFE_BUCKETS] = { 1 }, much[DRVMEM_LIFE_BUCKETS] = { UINT64_MAX, 1 };
	const struct drvmem_arrival_kind none = { 0, 0, life }, kind = { 5, 0, life }, huge = { 5, 0, much };
	const struct drvmem_arrival_kind two[] = { { UINT64_MAX / 2, 0, life }, { UINT64_MAX / 2, 0, life } };
	struct drvmem_arrivals a;

	(void)state;
	assert_int_equal(drvmem_arrivals(&none, 1, FIX_S, 250, 1, 10, &a), -EINVAL);
	assert_int_equal(drvmem_arrivals(&kind, 0, FIX_S, 250, 1, 10, &a), -EINVAL);
	assert_int_equal(drvmem_arrivals(&kind, 1, 0, 250, 1, 10, &a), -EINVAL);
	assert_int_equal(drvmem_arrivals(&kind, 1, FIX_S, 0, 1, 10, &a), -EINVAL);
	assert_int_equal(drvmem_arrivals(&kind, 1, FIX_S, 250, 1, 0, &a), -EINVAL);
	assert_int_equal(drvmem_arrivals(&huge, 1, FIX_S, 250, 1, 10, &a), -ERANGE);
	assert_int_equal(drvmem_arrivals(two, 2, FIX_S, 250, 1, 10, &a), -ERANGE);
}

/* ---- configurations */

static struct drvmem_distribution *driver(void)
{
	struct drvmem_distribution *d = sim_new();

	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-192", 4);
	sim_size(d, 136, 30000, 900);
	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-1k", 6);
	sim_size(d, 520, 8000, 200);
	sim_size(d, 544, 8000, 200);
	sim_size(d, 700, 4000, 100);
	return d;
}

static void the_same_seed_the_same_result(void **state)
{
	struct drvmem_distribution *d = driver();
	struct drvmem_simulate_in in = sim_in(d);
	struct drvmem_simulation a, b, c;

	(void)state;
	in.c = (struct drvmem_simulate_config){ .size = { 136, 544 }, .nr_sizes = 2, .depth = 8, .limit = 1000, .reserve = 9 };
	a = sim_run(&in);
	b = sim_run(&in);
	in.seed = 2;
	c = sim_run(&in);
	assert_memory_equal(a.today.level, b.today.level, sizeof(a.today.level));
	assert_memory_equal(a.proposed.level, b.proposed.level, sizeof(a.proposed.level));
	assert_int_equal(a.events, b.events);
	assert_int_equal(a.proposed.refills, b.proposed.refills);
	assert_int_equal(a.proposed.failures, b.proposed.failures);
	assert_int_not_equal(a.events, c.events);
	drvmem_simulation__deinit(&a);
	drvmem_simulation__deinit(&b);
	drvmem_simulation__deinit(&c);
	drvmem_distribution__free(d);
}

/* Slabs of exactly the one size there is: full but for the last one. */
static void one_size_that_stays(void **state)
{
	static const uint32_t sizes[] = { 8, 72, 136, 520, 1000, 3000, 5000, 20000, 40000 };
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(sizes); i++) {
		struct drvmem_distribution *d = sim_new();
		struct drvmem_simulate_in in;
		struct drvmem_simulation s;
		const struct drvmem_simulated_cache *c;
		uint64_t n;

		sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-x", 0);
		sim_size(d, sizes[i], 5000, 5000);
		in = sim_in(d);
		in.c = (struct drvmem_simulate_config){ .size = { sizes[i] }, .nr_sizes = 1 };
		s = sim_run(&in);
		assert_int_equal(s.proposed.nr_caches, 1);
		c = &s.proposed.cache[0];
		n = s.proposed.allocs;
		assert_int_equal(c->kind, DRVMEM_SIMULATED_NEW);
		assert_int_equal(s.proposed.frees, 0);
		assert_int_equal(s.proposed.level[DRVMEM_SIMULATED_HELD].end, (n + c->objects - 1) / c->objects * c->slab_bytes);
		assert_int_equal(s.proposed.level[DRVMEM_SIMULATED_ASKED].end, n * sizes[i]);
		assert_int_equal(s.proposed.refills, (n + c->objects - 1) / c->objects);
		assert_true(s.today.level[DRVMEM_SIMULATED_HELD].end + c->slab_bytes >= s.proposed.level[DRVMEM_SIMULATED_HELD].end);
		assert_int_equal(s.sizes, 1);
		drvmem_simulation__deinit(&s);
		drvmem_distribution__free(d);
	}
}

static void a_list_that_is_long_enough(void **state)
{
	struct drvmem_distribution *d = driver();
	struct drvmem_simulate_in in = sim_in(d);
	struct drvmem_simulation s;

	(void)state;
	in.c.depth = 5000;
	s = sim_run(&in);
	assert_true(s.today.refills > 0);
	assert_int_equal(s.proposed.refills, 0);
	assert_int_equal(s.proposed.list_misses, 0);
	assert_int_equal(s.proposed.returned, 0);
	assert_int_equal(s.proposed.list_hits, s.proposed.allocs);
	assert_true(s.proposed.refills_start > 0);
	/* what lies there is held from the start to the end */
	assert_int_equal(s.proposed.level[DRVMEM_SIMULATED_HELD].end, s.proposed.level[DRVMEM_SIMULATED_HELD].peak);
	assert_true(fabs(s.proposed.level[DRVMEM_SIMULATED_HELD].mean - (double)s.proposed.level[DRVMEM_SIMULATED_HELD].peak) < 1);
	drvmem_simulation__deinit(&s);
	/* a shorter one serves some */
	in.c.depth = 5;
	s = sim_run(&in);
	assert_true(s.proposed.list_misses > 0 && s.proposed.list_hits > 0);
	assert_int_equal(s.proposed.list_hits + s.proposed.list_misses, s.proposed.allocs);
	drvmem_simulation__deinit(&s);
	drvmem_distribution__free(d);
}

/* The smallest size that holds it, else what it has today; other caches are left as they are. */
static void who_gets_which_size(void **state)
{
	struct drvmem_distribution *d = driver();
	struct drvmem_simulate_in in;
	struct drvmem_simulation s;
	uint32_t i, seen = 0;

	(void)state;
	sim_site(d, DRVMEM_ALLOC_SLAB, "drv_ctx", 4);
	sim_size(d, 100, 500, 10);
	sim_site(d, DRVMEM_ALLOC_PAGE, "order-1", 4);
	sim_size(d, 8192, 500, 10);
	sim_site(d, DRVMEM_ALLOC_DMA, "0000:00:03.0", 4);
	sim_size(d, 5000, 500, 10);
	sim_site(d, DRVMEM_ALLOC_PERCPU, "", 4);
	sim_size(d, 64, 500, 10);
	in = sim_in(d);
	in.c = (struct drvmem_simulate_config){ .size = { 32, 136, 544 }, .nr_sizes = 3, .depth = 2 };
	s = sim_run(&in);
	assert_int_equal(s.skipped, 1);
	assert_int_equal(s.sites, 5);
	assert_int_equal(s.sizes, 7);
	assert_int_equal(s.unused_sizes, 1);
	assert_true(s.kmalloc);
	assert_int_equal(s.recorded_allocs, 51500);
	for (i = 0; i < s.proposed.nr_caches; i++) {
		const struct drvmem_simulated_cache *c = &s.proposed.cache[i];

		seen |= 1u << c->kind;
		assert_int_equal(c->pooled, c->kind == DRVMEM_SIMULATED_NEW);
		if (c->kind == DRVMEM_SIMULATED_CACHE)
			assert_true(!strcmp(c->name, "drv_ctx") && c->size == 104);
		else if (c->kind == DRVMEM_SIMULATED_PAGES)
			assert_int_equal(c->size, 8192);
		else if (c->kind == DRVMEM_SIMULATED_KMALLOC)
			assert_int_equal(c->size, 1024);
		else
			assert_true(c->asked == 136 || c->asked == 544);
		if (c->kind == DRVMEM_SIMULATED_NEW && c->asked == 544)
			assert_in_range(c->allocs, 15400, 16600);
	}
	assert_int_equal(seen, 15);
	assert_int_equal(s.proposed.nr_caches, 5);
	assert_int_equal(s.today.nr_caches, 4);
	drvmem_simulation__deinit(&s);
	drvmem_distribution__free(d);
}

/* A limit is never exceeded; a reserve gives what it has beyond it, and makes fewer fail. */
static void limits_and_reserves(void **state)
{
	static const uint64_t limits[] = { 1, 7, 100, 900 };
	struct drvmem_distribution *d = driver();
	struct drvmem_simulate_in in = sim_in(d);
	struct drvmem_simulation s;
	uint64_t fails, before;
	uint32_t i, r;

	(void)state;
	in.nr_sites = 1;	/* one cache: one reserve */
	for (i = 0; i < UNIT_NR(limits); i++) {
		for (r = 0, before = UINT64_MAX; r <= 20 && r <= limits[i]; r += 5, before = fails) {
			in.c = (struct drvmem_simulate_config){ .limit = limits[i], .reserve = r };
			s = sim_run(&in);
			fails = s.proposed.failures;
			assert_true(s.proposed.level[DRVMEM_SIMULATED_OBJECTS].peak <= limits[i] + r);
			assert_true(fails <= before);
			assert_true(s.today.level[DRVMEM_SIMULATED_OBJECTS].peak > limits[i] ? fails || r : !fails);
			assert_true(s.proposed.reserve_low <= r && (r || !s.proposed.reserve_hits));
			if (fails && r)
				assert_true(s.proposed.reserve_low == 0 && s.proposed.reserve_hits >= r);
			drvmem_simulation__deinit(&s);
		}
	}
	drvmem_distribution__free(d);
}

/* Any configuration keeps the sums: sim_check(). */
static void any_configuration(void **state)
{
	struct drvmem_distribution *d = driver();
	struct drvmem_simulate_in in = sim_in(d);
	struct drvmem_simulation s;
	uint32_t round, i;

	(void)state;
	in.max_events = 20000;
	for (round = 0; round < 60; round++) {
		in.seed = round;
		in.c = (struct drvmem_simulate_config){ .nr_sizes = rnd(4) };
		for (i = 0; i < in.c.nr_sizes; i++)
			in.c.size[i] = (i ? in.c.size[i - 1] : 0) + 1 + rnd(400);
		in.c.limit = rnd(2) ? 20 + rnd(800) : 0;
		in.c.depth = rnd(20);
		in.c.reserve = in.c.limit ? rnd(20) : 0;
		s = sim_run(&in);
		assert_true(s.events <= 20000);
		if (in.c.limit)
			assert_true(s.proposed.level[DRVMEM_SIMULATED_OBJECTS].peak <= in.c.limit +
				    in.c.reserve * s.proposed.nr_caches);
		drvmem_simulation__deinit(&s);
	}
	drvmem_distribution__free(d);
}

/* Too many events: the rate stays, the time is shorter, and that is told. */
static void more_than_can_be_played(void **state)
{
	struct drvmem_distribution *d = sim_new();
	struct drvmem_simulate_in in;
	struct drvmem_simulation s;

	(void)state;
	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-192", 2);
	sim_size(d, 136, 100000000, 0);
	in = sim_in(d);
	in.max_events = 100000;
	s = sim_run(&in);
	assert_true(s.cut);
	assert_int_equal(s.today.allocs, 50000);
	assert_int_equal(s.max_events, 100000);
	/* a million a second: a twentieth of one */
	assert_true(fabs((double)s.played_ns - 5e7) < 4 * 5e7 / sqrt(50000));
	drvmem_simulation__deinit(&s);
	drvmem_distribution__free(d);
}

static void what_cannot_be_simulated(void **state)
{
	static const struct drvmem_simulate_config bad[] = {
		{ .size = { 0 }, .nr_sizes = 1 }, { .size = { 5, 5 }, .nr_sizes = 2 }, { .size = { 5, 4 }, .nr_sizes = 2 },
		{ .nr_sizes = DRVMEM_SIMULATE_SIZES + 1 }, { .reserve = 1 }, { .limit = 5, .reserve = 6 },
		{ .limit = 5, .depth = 6 }, { .depth = DRVMEM_SIMULATE_DEPTH + 1 }, { .size = { 5 << 20 }, .nr_sizes = 1 },
	};
	struct drvmem_distribution *d = driver();
	struct drvmem_simulate_in in = sim_in(d);
	struct drvmem_simulation s;
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(bad); i++) {
		in.c = bad[i];
		assert_int_equal(drvmem_simulate(&in, &s), -EINVAL);
		drvmem_simulation__deinit(&s);
	}
	in.c = (struct drvmem_simulate_config){ .depth = 1 };
	in.max_events = 1;
	assert_int_equal(drvmem_simulate(&in, &s), -EINVAL);
	in.max_events = 0;
	in.nr_sites = 0;
	assert_int_equal(drvmem_simulate(&in, &s), -ENODATA);
	assert_int_equal(s.recorded_allocs, 0);
	drvmem_distribution__free(d);
	d = sim_new();
	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-64", 3);
	sim_size(d, 60, DRVMEM_SIMULATE_MIN - 1, 0);
	in = sim_in(d);
	in.c.depth = 1;
	assert_int_equal(drvmem_simulate(&in, &s), -ENODATA);
	assert_int_equal(s.recorded_allocs, DRVMEM_SIMULATE_MIN - 1);
	drvmem_simulation__deinit(&s);
	for (i = 0; i < 40; i++)	/* a cache each */
		sim_size(d, 8192 << (i % 8), 100, 0);
	in = sim_in(d);
	in.c = (struct drvmem_simulate_config){ .depth = DRVMEM_SIMULATE_DEPTH, .reserve = 999999, .limit = 10000000 };
	sim_site(d, DRVMEM_ALLOC_SLAB, "other", 3);
	for (i = 0; i < 20; i++)
		sim_size(d, 8 + 8 * i, 100, 0);
	in.nr_sites = 2;
	assert_int_equal(drvmem_simulate(&in, &s), -E2BIG);
	drvmem_simulation__deinit(&s);
	drvmem_distribution__free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_slabs_that_are_kept),
		cmocka_unit_test(which_slab_an_object_comes_from),
		cmocka_unit_test(slabs_add_up),
		cmocka_unit_test(littles_law),
		cmocka_unit_test(as_many_are_left_as_recorded),
		cmocka_unit_test(lifetimes_are_as_recorded),
		cmocka_unit_test(all_of_it_is_played),
		cmocka_unit_test(no_sense),
		cmocka_unit_test(the_same_seed_the_same_result),
		cmocka_unit_test(one_size_that_stays),
		cmocka_unit_test(a_list_that_is_long_enough),
		cmocka_unit_test(who_gets_which_size),
		cmocka_unit_test(limits_and_reserves),
		cmocka_unit_test(any_configuration),
		cmocka_unit_test(more_than_can_be_played),
		cmocka_unit_test(what_cannot_be_simulated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
