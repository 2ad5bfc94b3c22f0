// SPDX-License-Identifier: GPL-2.0-or-later
/* The most objects of sites, lap by lap: how laps merge, and what is read from them. */
#include "unit.h"

#include "model/laps.h"
#include "session/use.h"

static void add(struct drvmem_laps *l, uint32_t site, uint64_t most)
{
	assert_int_equal(drvmem_laps__add(l, site, most), 0);
}

static void nothing_is_nothing(void **state)
{
	struct drvmem_laps l = { 0 };

	(void)state;
	assert_int_equal(drvmem_laps__quantile(&l, 1, 100), 0);
	add(&l, 1, 0);
	assert_int_equal(l.nr, 0);	/* a site that never had one takes no memory */
	add(&l, 1, 7);
	assert_int_equal(drvmem_laps__quantile(&l, 1, 100), 0);	/* no lap is over */
	drvmem_laps__close(&l);
	assert_int_equal(drvmem_laps__quantile(&l, 1, 100), 7);
	assert_int_equal(drvmem_laps__quantile(&l, 0, 100), 0);
	assert_int_equal(drvmem_laps__quantile(&l, 2, 100), 0);
	drvmem_laps__fini(&l);
	assert_int_equal(l.nr_laps, 0);
	assert_null(l.v);
}

/* Of one lap the largest counts; what does not fit 32 bits is the most that does. */
static void the_largest_of_a_lap(void **state)
{
	struct drvmem_laps l = { 0 };

	(void)state;
	add(&l, 3, 5);
	add(&l, 3, 9);
	add(&l, 3, 2);
	add(&l, 4, UINT64_C(1) << 40);
	drvmem_laps__close(&l);
	assert_int_equal(drvmem_laps__quantile(&l, 3, 100), 9);
	assert_int_equal(drvmem_laps__quantile(&l, 4, 100), UINT32_MAX);
	add(&l, 3, 1);
	drvmem_laps__close(&l);
	assert_int_equal(l.nr_laps, 2);
	assert_int_equal(drvmem_laps__quantile(&l, 3, 100), 9);
	assert_int_equal(drvmem_laps__quantile(&l, 3, 50), 1);
	drvmem_laps__fini(&l);
}

/* Sites come in any order; laps before the first one, and those without any, were of none. */
static void sites_that_come_late(void **state)
{
	static const uint32_t order[] = { 900, 2, 500, 1, 899, 700 };
	struct drvmem_laps l = { 0 };
	uint32_t i, k;

	(void)state;
	for (i = 0; i < UNIT_NR(order); i++) {
		for (k = 0; k <= i; k++)
			add(&l, order[k], order[k] + i);
		drvmem_laps__close(&l);
	}
	assert_int_equal(l.nr, UNIT_NR(order));
	for (i = 1; i < l.nr; i++)
		assert_true(l.v[i - 1].site < l.v[i].site);
	assert_int_equal(drvmem_laps__quantile(&l, 900, 1), 900);
	assert_int_equal(drvmem_laps__quantile(&l, 900, 100), 905);
	/* first seen in the fifth of six laps */
	assert_int_equal(drvmem_laps__quantile(&l, 899, 100), 904);
	assert_int_equal(drvmem_laps__quantile(&l, 899, 80), 903);
	assert_int_equal(drvmem_laps__quantile(&l, 899, 66), 0);
	assert_int_equal(l.v[l.nr - 2].site, 899);
	assert_int_equal(l.v[l.nr - 2].first, 4);
	drvmem_laps__close(&l);
	assert_int_equal(drvmem_laps__quantile(&l, 900, 10), 0);
	drvmem_laps__fini(&l);
}

/* The room for sites grows. */
static void many_sites(void **state)
{
	struct drvmem_laps l = { 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		add(&l, (i * 7919) % 1000, i + 1);
	drvmem_laps__close(&l);
	assert_int_equal(l.nr, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(drvmem_laps__quantile(&l, (i * 7919) % 1000, 50), i + 1);
	drvmem_laps__fini(&l);
}

/* Nearest rank: the smallest figure that at least so many of 100 laps do not exceed. */
static void nearest_rank(void **state)
{
	struct drvmem_laps l = { 0 };
	uint32_t n, p, want;

	(void)state;
	for (n = 1; n < 500; n++) {
		add(&l, 1, 500 - n);	/* they come in falling order */
		drvmem_laps__close(&l);
		for (p = 1; p <= 100; p += n % 50 ? 7 : 1) {
			want = 500 - n + (p * n + 99) / 100 - 1;
			if (drvmem_laps__quantile(&l, 1, p) != want)
				fail_msg("%u of 100 of %u laps is %u, not %u", p, n, drvmem_laps__quantile(&l, 1, p), want);
		}
		assert_int_equal(drvmem_laps__quantile(&l, 1, 0.001), 500 - n);
	}
	drvmem_laps__fini(&l);
}

/* Two laps become one, of which the larger figure counts. */
static void laps_merge(void **state)
{
	struct drvmem_laps l = { 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < DRVMEM_LAPS_MAX; i++) {
		add(&l, 1, i % 2 ? 1 : i + 2);
		if (i >= 100)
			add(&l, 2, 3);
		drvmem_laps__close(&l);
	}
	assert_int_equal(l.nr_laps, DRVMEM_LAPS_MAX / 2);
	assert_int_equal(l.merged, 2);
	assert_int_equal(l.pending, 0);
	for (i = 0; i < l.nr_laps; i++)
		assert_int_equal(l.v[0].most[i], 2 * i + 2);
	assert_int_equal(l.v[1].first, 50);
	assert_int_equal(l.v[1].most[49], 0);
	assert_int_equal(l.v[1].most[50], 3);
	for (i = l.nr_laps; i < DRVMEM_LAPS_MAX; i++)
		assert_int_equal(l.v[0].most[i], 0);
	/* from now on one is over when two are */
	add(&l, 1, 9000);
	drvmem_laps__close(&l);
	assert_int_equal(l.nr_laps, DRVMEM_LAPS_MAX / 2);
	assert_int_equal(drvmem_laps__quantile(&l, 1, 100), DRVMEM_LAPS_MAX);
	add(&l, 1, 4);
	drvmem_laps__close(&l);
	assert_int_equal(l.nr_laps, DRVMEM_LAPS_MAX / 2 + 1);
	assert_int_equal(drvmem_laps__quantile(&l, 1, 100), 9000);
	drvmem_laps__fini(&l);
}

/* However long: never more than there is room for, and no peak is lost. */
static void five_thousand_laps(void **state)
{
	struct drvmem_laps l = { 0 };
	uint32_t i, most = 0;

	(void)state;
	for (i = 0; i < 5000; i++) {
		uint32_t v = 1 + (i * 2654435761u >> 12) % 10000;

		add(&l, 5, v);
		if (v > most)
			most = v;
		drvmem_laps__close(&l);
		assert_true(l.nr_laps < DRVMEM_LAPS_MAX);
	}
	assert_int_equal(l.merged, 8);
	assert_int_equal(l.nr_laps, 5000 / 8);
	assert_int_equal(drvmem_laps__quantile(&l, 5, 100), most);
	assert_true(drvmem_laps__quantile(&l, 5, 50) <= drvmem_laps__quantile(&l, 5, 99));
	drvmem_laps__fini(&l);
}

/* ---- where the figures come from: the maps of a session */

struct seen {
	uint64_t most[4];
	uint32_t calls;
};

static void see(void *arg, uint32_t site, uint64_t most)
{
	struct seen *s = arg;

	s->most[site] = most;
	s->calls++;
}

static void laps_of_a_session(void **state)
{
	struct drvmem_use use[4] = {
		{ .live = 5, .lap_peak = { 9, 2 } },
		{ .live = 3 },			/* no exact peaks: what is live now */
		{ .live = -1, .lap_peak = { 0, 7 } },	/* a free that came before its allocation */
		{ .live = 0 },
	};
	struct drvmem_ctl ctl = { .lap = 0 };
	struct seen s = { 0 };

	(void)state;
	drvmem_use__lap(&ctl, use, 4, see, &s);
	assert_int_equal(ctl.lap, 1);
	assert_int_equal(s.calls, 2);
	assert_int_equal(s.most[0], 9);
	assert_int_equal(s.most[1], 3);
	assert_int_equal(use[0].lap_peak[0], 0);	/* what is over is cleared, */
	assert_int_equal(use[0].lap_peak[1], 2);	/* the one that runs is not */
	s = (struct seen){ 0 };
	drvmem_use__lap(&ctl, use, 4, see, &s);
	assert_int_equal(ctl.lap, 2);
	assert_int_equal(s.calls, 3);
	assert_int_equal(s.most[0], 5);	/* as many are there all the time */
	assert_int_equal(s.most[2], 7);
	assert_int_equal(use[2].lap_peak[1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(the_largest_of_a_lap),
		cmocka_unit_test(sites_that_come_late),
		cmocka_unit_test(many_sites),
		cmocka_unit_test(nearest_rank),
		cmocka_unit_test(laps_merge),
		cmocka_unit_test(five_thousand_laps),
		cmocka_unit_test(laps_of_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
