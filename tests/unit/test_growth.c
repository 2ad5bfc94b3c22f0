// SPDX-License-Identifier: GPL-2.0-or-later
/* Lifetimes, trends and what they are called, on sites that are played event by event. */
#include "unit.h"

#include <math.h>

#include "analysis/growth.h"

#define HZ	250u
#define NS	1000000000.0
#define MOST	60000u
#define RUN_S	30.0
#define WINDOWS	12u

static uint64_t state;

static double uniform(void)	/* xorshift64*, (0, 1] */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return ((double)((state * 2685821657736338717ULL) >> 11) + 1) / 9007199254740993.0;
}

static double exponential(double mean)
{
	return -mean * log(uniform());
}

/* A site: when each object was allocated and freed, s; freed after the end: live. */
struct site {
	double born[MOST], gone[MOST];
	uint32_t n;
};

static struct site site;

static void add(double born, double life)
{
	assert_true(site.n < MOST);
	site.born[site.n] = born;
	site.gone[site.n++] = born + life;
}

/* Counts of the site at a moment, as a snapshot has them. */
static void add_point(struct drvmem_series *series, double at)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();
	struct drvmem_sitesnap one = { .id = 7 };
	uint32_t i;

	assert_non_null(s);
	for (i = 0; i < site.n; i++) {
		one.c.allocs += site.born[i] <= at;
		one.c.live_objects += site.born[i] <= at && site.gone[i] > at;
	}
	s->meta.taken_ns = (uint64_t)(at * NS + 0.5);
	s->sites = &one;
	s->nr_sites = 1;
	assert_int_equal(drvmem_series__add(series, s, false), 0);
	s->sites = NULL;
	s->nr_sites = 0;
	drvmem_snapshot__free(s);
}

static uint32_t bucket(double seconds)
{
	uint64_t jiffies = (uint64_t)(seconds * HZ);

	return jiffies ? 64 - (uint32_t)__builtin_clzll(jiffies) : 0;
}

static void split(double end, uint64_t *life, uint64_t *living, uint32_t *ret_nr)
{
	uint32_t i, nr = 0;

	memset(life, 0, DRVMEM_LIFE_BUCKETS * sizeof(*life));
	for (i = 0; i < site.n; i++) {
		if (site.born[i] > end)
			continue;
		if (site.gone[i] > end)
			living[nr++] = (uint64_t)((end - site.born[i]) * NS);
		else
			life[bucket(site.gone[i] - site.born[i])]++;
	}
	*ret_nr = nr;
}

/* What is said of the site after RUN_S. */
static struct drvmem_growth judge(const struct drvmem_growth_in *also)
{
	static uint64_t life[DRVMEM_LIFE_BUCKETS], living[MOST];
	struct drvmem_growth_in in = *also;
	struct drvmem_series series;
	struct drvmem_growth g;
	uint32_t i;

	drvmem_series__init(&series, 0, (uint64_t)(RUN_S / WINDOWS * NS) - 1000);
	for (i = 1; i <= WINDOWS; i++)
		add_point(&series, RUN_S * i / WINDOWS);
	split(RUN_S, life, living, &in.nr_living);
	in.life = life;
	in.living = living;
	in.hz = HZ;
	in.site = 7;
	in.series = &series;
	in.ended_ns = (uint64_t)(RUN_S * NS);
	in.learn = true;
	in.older_ns = 10000000000u;
	drvmem_growth(&in, &g);
	drvmem_series__fini(&series);
	return g;
}

static const struct drvmem_growth_in plain;

/* Allocations at a rate a second, each with a lifetime; keep: one of so many is never freed. */
static void churn(double rate, double mean_life, uint32_t keep)
{
	double t;

	site.n = 0;
	for (t = exponential(1 / rate); t < RUN_S; t += exponential(1 / rate))
		add(t, keep && uniform() * keep < 1 ? INFINITY : exponential(mean_life));
}

static void expect_why(const struct drvmem_growth *g, const char *part)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {};

	drvmem_growth__why(g, &b);
	if (!strstr(drvmem_strbuf__str(&b), part))
		fail_msg("not in '%s': %s", drvmem_strbuf__str(&b), part);
}

/* ---- lifetimes */

/* The 95 % interval of the share that lives on has the true one in it, though most are censored. */
static void test_survival_covers_the_truth(void **st)
{
	static uint64_t life[DRVMEM_LIFE_BUCKETS], living[MOST];
	uint32_t run, nr, in = 0, runs = 1000;
	struct drvmem_lifetime l;
	double truth;

	(void)st;
	state = 20261122;
	for (run = 0; run < runs; run++) {
		double t;

		/* lifetimes of a mean of 1 s, or for ever (a tenth), seen for 30 s */
		site.n = 0;
		for (t = 0; t < RUN_S; t += 0.1)
			add(t, uniform() < 0.1 ? INFINITY : exponential(1));
		split(RUN_S, life, living, &nr);
		drvmem_lifetime(life, living, nr, HZ, &l);
		assert_int_equal(l.old_ns.st, DRVMEM_OK);
		truth = 0.1 + 0.9 * exp(-(double)l.old_ns.v / NS);
		in += l.survive_low <= truth && truth <= l.survive_high;
	}
	assert_in_range(in, runs * 92 / 100, runs * 98 / 100);
}

/* Old is more than what 99 % of the freed ones lived, whatever share is never freed. */
static void test_old_is_beyond_the_usual(void **st)
{
	static const uint32_t keep[] = { 0, 100, 10, 2 };
	static uint64_t life[DRVMEM_LIFE_BUCKETS], living[MOST];
	struct drvmem_lifetime l;
	uint32_t i, run, nr;

	(void)st;
	state = 7;
	for (i = 0; i < UNIT_NR(keep); i++) {
		for (run = 0; run < 50; run++) {
			churn(100, 0.2, keep[i]);
			split(RUN_S, life, living, &nr);
			drvmem_lifetime(life, living, nr, HZ, &l);
			assert_int_equal(l.old_ns.st, DRVMEM_OK);
			/* 99 % of an exponential: 4.6 means; at most two powers of two above */
			assert_in_range(l.old_ns.v, (uint64_t)(0.2 * 4.6 * NS), (uint64_t)(0.2 * 4.6 * 8 * NS));
			assert_int_equal(l.living, nr);
			assert_true(l.survive >= (keep[i] ? 0.3 / keep[i] : 0));
		}
	}
}

static void test_too_few_tell_nothing(void **st)
{
	uint64_t life[DRVMEM_LIFE_BUCKETS] = { 0 }, living[] = { 1, UINT64_MAX };
	struct drvmem_lifetime l;

	(void)st;
	drvmem_lifetime(life, living, 2, HZ, &l);
	assert_int_equal(l.old_ns.st, DRVMEM_ABSENT);
	assert_true(l.survive == 1);
	life[3] = DRVMEM_LIFETIME_FREED_MIN - 1;
	drvmem_lifetime(life, living, 2, HZ, &l);
	assert_int_equal(l.old_ns.st, DRVMEM_ABSENT);
	life[3]++;
	drvmem_lifetime(life, living, 2, HZ, &l);
	assert_int_equal(l.old_ns.st, DRVMEM_OK);
	assert_int_equal(l.old_ns.v, 16 * 1000000000ull / HZ);
	assert_int_equal(l.reached, 1);
	/* all in the last bucket, which has no end */
	memset(life, 0, sizeof(life));
	life[DRVMEM_LIFE_BUCKETS - 1] = 100;
	drvmem_lifetime(life, living, 0, HZ, &l);
	assert_int_equal(l.old_ns.st, DRVMEM_OK);
	assert_int_equal(l.reached, 0);
	assert_true(l.survive == 0);
}

/* ---- trends */

static void test_trend_of_a_line_and_of_noise(void **st)
{
	double t[12], y[12];
	struct drvmem_trend r;
	uint32_t i, run, found = 0, in = 0;

	(void)st;
	for (i = 0; i < 12; i++) {
		t[i] = i;
		y[i] = 5 + 3.0 * i;
	}
	y[7] = 1000;	/* one far off changes little */
	drvmem_trend(t, y, 12, &r);
	assert_true(fabs(r.slope - 3) < 1e-9 && r.low > 0 && r.p < 0.01);
	drvmem_trend(t, y, 1, &r);
	assert_true(r.slope == 0 && r.p == 1 && isinf(r.high));
	for (i = 0; i < 12; i++)
		y[i] = 4;
	drvmem_trend(t, y, 12, &r);
	assert_true(r.slope == 0 && r.low == 0 && r.high == 0 && r.p == 1);
	/* no trend: found in no more than the 5 % that the test allows; the interval holds the slope */
	state = 99;
	for (run = 0; run < 2000; run++) {
		for (i = 0; i < 12; i++)
			y[i] = uniform();
		drvmem_trend(t, y, 12, &r);
		found += r.p < 0.05;
		in += r.low <= 0 && 0 <= r.high;
	}
	assert_in_range(found, 40, 120);
	assert_in_range(in, 1860, 1990);
}

/* ---- what it is called */

#define SEEDS 200u

static void test_clean_sites_do_not_grow(void **st)
{
	struct drvmem_growth g;
	uint32_t seed, sure = 0;
	double t;

	(void)st;
	for (seed = 1; seed <= SEEDS; seed++) {
		state = seed * 1000003ull;
		churn(200, 0.05, 0);		/* short lived */
		g = judge(&plain);
		sure += drvmem_growth__is_sure(&g);
		churn(100, 3, 0);		/* lives for a tenth of the run */
		g = judge(&plain);
		sure += drvmem_growth__is_sure(&g);
		site.n = 0;			/* the load grows to ten times what it was */
		for (t = 0; t < RUN_S; t += exponential(1 / (20 + 6 * t)))
			add(t, exponential(1));
		g = judge(&plain);
		sure += drvmem_growth__is_sure(&g);
		site.n = 0;			/* a heavy tail: Pareto, one of a hundred lives 100 times as long */
		for (t = 0; t < RUN_S; t += exponential(0.01))
			add(t, 0.01 / uniform());
		g = judge(&plain);
		sure += drvmem_growth__is_sure(&g);
	}
	assert_int_equal(sure, 0);
}

static void test_leaks_are_found(void **st)
{
	uint32_t seed, often = 0, rare = 0;
	struct drvmem_growth g;

	(void)st;
	for (seed = 1; seed <= SEEDS; seed++) {
		state = seed * 7919ull;
		churn(200, 0.05, 100);		/* one of a hundred */
		g = judge(&plain);
		often += drvmem_growth__is_sure(&g);
		churn(200, 0.05, 300);		/* on an error path: twenty in all */
		g = judge(&plain);
		assert_true(g.class != DRVMEM_GROWTH_WARM_UP || g.confidence < DRVMEM_CONFIDENCE_HIGH);
		rare += g.class == DRVMEM_GROWTH_GROWING;
	}
	assert_in_range(often, SEEDS * 95 / 100, SEEDS);
	assert_in_range(rare, SEEDS * 80 / 100, SEEDS);
	assert_int_equal(drvmem_growth__is_sure(&g), g.confidence == DRVMEM_CONFIDENCE_HIGH);
}

static void test_a_cache_that_fills_is_warm_up(void **st)
{
	struct drvmem_growth g;
	uint32_t seed;

	(void)st;
	for (seed = 1; seed <= SEEDS; seed++) {
		double t;

		state = seed * 104729ull;
		site.n = 0;
		/* a cache misses less and less often: nothing is kept after 8 s */
		for (t = 0; t < RUN_S; t += exponential(0.005))
			add(t, t < 8 && uniform() < exp(-t / 2) ? INFINITY : exponential(0.05));
		g = judge(&plain);
		assert_int_equal(g.class, DRVMEM_GROWTH_WARM_UP);
		assert_int_equal(g.confidence, DRVMEM_CONFIDENCE_MEDIUM);
	}
	assert_string_equal(drvmem_growth__name(g.class), "warm-up");
	expect_why(&g, "none is left");
	/* made once, and nothing allocated since */
	site.n = 0;
	for (seed = 0; seed < 50; seed++)
		add(1, INFINITY);
	g = judge(&plain);
	assert_int_equal(g.class, DRVMEM_GROWTH_QUIET);
	assert_false(g.learnt);
	assert_int_equal(g.old, 50);
	expect_why(&g, "none was allocated");
}

/* It never quite ends, but ever less is kept; or it ends late, and what is old is long. */
static void test_a_cache_that_fills_slowly_does_not_surely_grow(void **st)
{
	struct drvmem_growth g;
	uint32_t seed, sure = 0;
	double t;

	(void)st;
	for (seed = 1; seed <= SEEDS; seed++) {
		state = seed * 32452843ull;
		site.n = 0;
		for (t = 0; t < RUN_S; t += exponential(0.005))
			add(t, uniform() < exp(-t / 5) ? INFINITY : exponential(0.05));
		g = judge(&plain);
		sure += drvmem_growth__is_sure(&g);
		site.n = 0;
		for (t = 0; t < RUN_S; t += exponential(0.02))
			add(t, uniform() < (t < 12 ? 0.07 : 0) ? INFINITY : exponential(1.5));
		g = judge(&plain);
		sure += drvmem_growth__is_sure(&g);
		site.n = 0;
		for (t = 0; t < RUN_S; t += exponential(0.02))
			add(t, uniform() < (t < 15 ? 0.07 : 0) ? INFINITY : exponential(0.8));
		g = judge(&plain);
		sure += drvmem_growth__is_sure(&g);
		/* kept from the start, and frees of others that were lost now and then */
		churn(200, 0.05, 0);
		for (t = 0; t < 50; t++)
			add(0.5, INFINITY);
		for (t = 0; t < 20; t++)
			add(1.5 * t, INFINITY);
		g = judge(&(struct drvmem_growth_in){ .lost = 20 });
		sure += drvmem_growth__is_sure(&g);
	}
	assert_int_equal(sure, 0);
}

static void test_a_sawtooth_is_none(void **st)
{
	struct drvmem_growth g;
	uint32_t seed, i;
	double t;

	(void)st;
	for (seed = 1; seed <= SEEDS; seed++) {
		state = seed * 15485863ull;
		site.n = 0;
		/* kept until a flush, each 11 s; the last one is long ago when the run ends */
		for (t = 0; t < RUN_S; t += exponential(0.01)) {
			for (i = 1; i * 11.0 < t; i++)
				;
			add(t, uniform() < 0.5 ? exponential(0.02) : i * 11.0 - t);
		}
		g = judge(&plain);
		assert_false(drvmem_growth__is_sure(&g));
	}
}

/* A device that is made late and stays, its objects on both sides of a window's edge: a step of two windows. */
static void test_a_step_does_not_surely_grow(void **st)
{
	static const int64_t live[WINDOWS] = { 0, 0, 0, 0, 0, 45, 85, 89, 92, 95, 97, 99 };
	struct drvmem_series_count count[WINDOWS];
	uint64_t life[DRVMEM_LIFE_BUCKETS] = { [3] = 335 }, living[85];
	struct drvmem_series series = { .nr = WINDOWS };
	struct drvmem_growth_in in = { .life = life, .living = living, .nr_living = 85, .hz = HZ, .site = 7,
				       .series = &series, .ended_ns = (uint64_t)(RUN_S * NS), .learn = true };
	struct drvmem_growth g;
	uint32_t i;

	(void)st;
	for (i = 0; i < WINDOWS; i++) {
		count[i] = (struct drvmem_series_count){ 7, i < 8 ? 0 : i == 8 ? 380 : 420, live[i] };
		series.point[i] = (struct drvmem_series_point){ (uint64_t)(RUN_S * (i + 1) / WINDOWS * NS), &count[i], 1 };
	}
	/* born in the 9th and the 10th window, so that some are of the last third */
	for (i = 0; i < 85; i++)
		living[i] = (uint64_t)(RUN_S * (i < 45 ? 3.5 : 2.5) / WINDOWS * NS);
	drvmem_growth(&in, &g);
	assert_int_equal(g.class, DRVMEM_GROWTH_GROWING);
	assert_int_equal(g.windows_left, 2);
	assert_false(drvmem_growth__is_sure(&g));
	expect_why(&g, "of many windows none is left");
}

static void test_what_speaks_against_it(void **st)
{
	struct drvmem_growth_in in = plain;
	struct drvmem_growth g;
	double t;

	(void)st;
	state = 3;
	churn(200, 0.05, 100);
	g = judge(&in);
	assert_true(drvmem_growth__is_sure(&g));
	assert_int_equal(g.against, 0);
	in.lost = g.left_late;
	g = judge(&in);
	assert_int_equal(g.confidence, DRVMEM_CONFIDENCE_LOW);
	assert_string_equal(drvmem_growth__name(g.class), "growing");
	expect_why(&g, "lost events could explain it");
	in.lost = g.left_late - 1;
	g = judge(&in);
	assert_true(drvmem_growth__is_sure(&g));
	in.shared = true;
	g = judge(&in);
	assert_int_equal(g.confidence, DRVMEM_CONFIDENCE_MEDIUM);
	in.shared = false;
	in.upper_bound = true;
	g = judge(&in);
	assert_int_equal(g.confidence, DRVMEM_CONFIDENCE_LOW);
	/* addresses of live ones were handed out again: their frees are not seen */
	in.upper_bound = false;
	in.inferred = g.old / 5;
	g = judge(&in);
	assert_int_equal(g.confidence, DRVMEM_CONFIDENCE_LOW);
	/* nothing was ever freed: what is usual is not known */
	site.n = 0;
	for (t = 0; t < RUN_S; t += 0.1)
		add(t, INFINITY);
	g = judge(&plain);
	assert_int_equal(g.class, DRVMEM_GROWTH_GROWING);
	assert_int_equal(g.against, DRVMEM_AGAINST_UNLEARNT);
	assert_int_equal(g.confidence, DRVMEM_CONFIDENCE_MEDIUM);
	assert_int_equal(g.old_ns, 10000000000u);
	expect_why(&g, "too few were freed");
	/* nothing there at all */
	site.n = 0;
	g = judge(&plain);
	assert_int_equal(g.old, 0);
	assert_false(drvmem_growth__is_sure(&g));
}

/* ---- the series */

static void test_series_thins_itself_out(void **st)
{
	struct drvmem_series s;
	uint32_t i;

	(void)st;
	site.n = 0;
	for (i = 0; i < 1000; i++)
		add(i * 0.1, INFINITY);
	drvmem_series__init(&s, 0, 1000000000u);
	for (i = 1; i <= 100; i++)
		add_point(&s, i);
	assert_in_range(s.nr, DRVMEM_SERIES_POINTS / 2, DRVMEM_SERIES_POINTS);
	assert_int_equal(s.step_ns, 8000000000u);
	for (i = 1; i < s.nr; i++) {
		assert_in_range(s.point[i].taken_ns - s.point[i - 1].taken_ns, 7999999999u, 8000000001u);
		assert_true(drvmem_series__at(&s, i, 7).allocs > drvmem_series__at(&s, i - 1, 7).allocs);
	}
	assert_int_equal(drvmem_series__at(&s, 0, 6).allocs, 0);
	assert_int_equal(drvmem_series__at(&s, 99, 7).allocs, 0);
	drvmem_series__fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_survival_covers_the_truth),
		cmocka_unit_test(test_old_is_beyond_the_usual),
		cmocka_unit_test(test_too_few_tell_nothing),
		cmocka_unit_test(test_trend_of_a_line_and_of_noise),
		cmocka_unit_test(test_clean_sites_do_not_grow),
		cmocka_unit_test(test_leaks_are_found),
		cmocka_unit_test(test_a_cache_that_fills_is_warm_up),
		cmocka_unit_test(test_a_cache_that_fills_slowly_does_not_surely_grow),
		cmocka_unit_test(test_a_sawtooth_is_none),
		cmocka_unit_test(test_a_step_does_not_surely_grow),
		cmocka_unit_test(test_what_speaks_against_it),
		cmocka_unit_test(test_series_thins_itself_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
