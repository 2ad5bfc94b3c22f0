// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "model/topn.h"

#define HOUR DRVMEM_TOPN_STAY_NS
#define NAMES 40u
#define LIMIT 7u
#define K 2u

/* xorshift: the same sequence everywhere */
static uint64_t seed;

static uint64_t rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

struct world {
	struct drvmem_topn *t;
	struct drvmem_topn_row row[NAMES];
	char name[NAMES][16];
	uint64_t count[NAMES][K], shown[NAMES][K], entered[NAMES], other[K];
	bool there[NAMES], own[NAMES];
	uint64_t now;
};

static void setup(struct world *w, uint64_t start, uint64_t max_cost)
{
	const struct drvmem_topn_opts o = { LIMIT, max_cost, HOUR, K };

	memset(w, 0, sizeof(*w));
	seed = start;
	w->t = drvmem_topn__new(&o);
	assert_non_null(w->t);
	for (uint32_t i = 0; i < NAMES; i++)
		snprintf(w->name[i], sizeof(w->name[i]), i == 3 ? "other" : "m%u", i);
}

/* Modules come, go for good, count, grow and shrink; scrapes lie seconds to hours apart. */
static uint32_t change(struct world *w, uint32_t *ret_index)
{
	uint32_t n = 0;

	w->now += rnd(4) ? rnd(HOUR / 8) + 1 : rnd(2 * HOUR);
	for (uint32_t i = 0; i < NAMES; i++) {
		w->there[i] = w->there[i] ? rnd(50) != 0 : rnd(10) == 0;
		for (uint32_t k = 0; k < K; k++)
			w->count[i][k] += w->there[i] && rnd(3) ? rnd(1000) : 0;
		if (!w->there[i])
			continue;
		ret_index[n] = i;
		w->row[n++] = (struct drvmem_topn_row){ w->name[i], (double)rnd(100 + 40 * i), 1 + (uint32_t)rnd(9),
							w->count[i] };
	}
	return n;
}

static uint64_t all_of(const struct world *w, uint32_t k)
{
	uint64_t sum = w->t->other[k];

	for (uint32_t i = 0; i < w->t->n; i++)
		sum += w->t->v[i].shown[k];
	return sum;
}

/*
 * Everything that was ever counted is in some series, once; and what was counted since the last time is in
 * one that is seen now.
 */
static void expect_sums(const struct world *w, const uint64_t *gained)
{
	uint64_t want, seen;

	for (uint32_t k = 0; k < K; k++) {
		want = 0;
		for (uint32_t i = 0; i < NAMES; i++)
			want += w->count[i][k];
		assert_int_equal(all_of(w, k), want);
		seen = w->t->other[k] - w->other[k];
		for (uint32_t i = 0; i < NAMES; i++) {
			const struct drvmem_topn_entry *e = drvmem_topn__find(w->t, w->name[i]);

			if (e && e->own)
				seen += e->shown[k] - w->shown[i][k];
		}
		assert_int_equal(seen, gained[k]);
	}
}

static void expect_series(struct world *w)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < NAMES; i++) {
		const struct drvmem_topn_entry *e = drvmem_topn__find(w->t, w->name[i]);
		bool own = e && e->own;

		n += own;
		if (own)
			assert_string_not_equal(e->name, "other");
		/* nothing flaps */
		if (own && !w->own[i])
			w->entered[i] = w->now;
		if (!own && w->own[i])
			assert_true(w->now - w->entered[i] >= HOUR || !w->there[i]);
		w->own[i] = own;
		for (uint32_t k = 0; e && k < K; k++) {
			assert_true(e->shown[k] >= w->shown[i][k]);
			w->shown[i][k] = e->shown[k];
		}
	}
	for (uint32_t k = 0; k < K; k++) {
		assert_true(w->t->other[k] >= w->other[k]);
		w->other[k] = w->t->other[k];
	}
	assert_true(n <= LIMIT && n == w->t->nr_own);
}

static void sums_hold_and_nothing_goes_down(void **state)
{
	uint32_t index[NAMES], n, moves = 0;
	uint64_t gained[K], sum[K];
	bool own[NAMES];
	struct world w;

	(void)state;
	for (uint64_t s = 1; s <= 20; s++) {
		setup(&w, s * 7919, 0);
		for (uint32_t step = 0; step < 400; step++) {
			for (uint32_t k = 0; k < K; k++)
				sum[k] = all_of(&w, k);
			memcpy(own, w.own, sizeof(own));
			n = change(&w, index);
			assert_int_equal(drvmem_topn__update(w.t, w.now, w.row, n), 0);
			for (uint32_t k = 0; k < K; k++)
				gained[k] = all_of(&w, k) - sum[k];
			expect_sums(&w, gained);
			expect_series(&w);
			assert_true(w.t->nr_folded + w.t->nr_own >= n);
			moves += memcmp(own, w.own, sizeof(own)) != 0;
		}
		drvmem_topn__free(w.t);
	}
	assert_true(moves > 500);	/* the sequences do move modules to and fro */
}

static void the_cost_is_never_exceeded(void **state)
{
	uint32_t index[NAMES];
	struct world w;

	(void)state;
	setup(&w, 42, 20);
	for (uint32_t step = 0; step < 2000; step++) {
		uint64_t cost = 0;

		assert_int_equal(drvmem_topn__update(w.t, w.now, w.row, change(&w, index)), 0);
		for (uint32_t i = 0; i < w.t->n; i++)
			cost += w.t->v[i].own ? w.t->v[i].cost : 0;
		assert_true(cost <= 20);
		assert_true(w.t->other[0] >= w.other[0]);
		w.other[0] = w.t->other[0];
	}
	drvmem_topn__free(w.t);
}

static void update(struct drvmem_topn *t, uint64_t now, double a, double b, double c)
{
	const struct drvmem_topn_row rows[] = { { "a", a, 1, NULL }, { "b", b, 1, NULL }, { "c", c, 1, NULL } };

	assert_int_equal(drvmem_topn__update(t, now, rows, 3), 0);
}

static bool owns(const struct drvmem_topn *t, const char *name)
{
	return drvmem_topn__find(t, name)->own;
}

static void hysteresis(void **state)
{
	const struct drvmem_topn_opts o = { 2, 0, HOUR, 0 };
	struct drvmem_topn *t = drvmem_topn__new(&o);

	(void)state;
	update(t, 1000, 100, 60, 50);
	assert_true(owns(t, "a") && owns(t, "b") && !owns(t, "c"));
	update(t, 1000 + HOUR / 2, 100, 1, 500);	/* too early */
	assert_true(owns(t, "b"));
	update(t, 1000 + HOUR, 100, 60, 120);		/* b is just half of c */
	assert_true(owns(t, "b"));
	update(t, 1001 + HOUR, 100, 59, 120);
	assert_true(!owns(t, "b") && owns(t, "c"));
	update(t, 1002 + HOUR, 100, 300, 120);		/* a is beaten, c has just come */
	assert_true(!owns(t, "a") && owns(t, "b") && owns(t, "c"));
	update(t, 1003 + HOUR, 0, 300, 0);
	assert_true(owns(t, "c"));
	drvmem_topn__free(t);
}

static void who_weighs_nothing_takes_no_place(void **state)
{
	const struct drvmem_topn_opts o = { 2, 0, HOUR, 0 };
	struct drvmem_topn *t = drvmem_topn__new(&o);

	(void)state;
	update(t, 1, 5, 0, -3);
	assert_true(owns(t, "a") && !owns(t, "b") && !owns(t, "c"));
	assert_int_equal(t->nr_folded, 2);
	assert_int_equal(drvmem_topn__update(t, 2, NULL, 0), 0);	/* all gone: nothing to remember */
	assert_int_equal(t->n, 0);
	assert_int_equal(t->nr_own, 0);
	drvmem_topn__free(t);
}

/* What was counted in "other" stays there; a gone name keeps what it had. */
static void counters_move_by_increments(void **state)
{
	const struct drvmem_topn_opts o = { 1, 0, 0, 1 };
	struct drvmem_topn *t = drvmem_topn__new(&o);
	uint64_t a = 100, b = 7;
	struct drvmem_topn_row rows[] = { { "a", 10, 1, &a }, { "b", 1, 1, &b } };

	(void)state;
	assert_int_equal(drvmem_topn__update(t, 1, rows, 2), 0);
	assert_int_equal(drvmem_topn__find(t, "a")->shown[0], 100);
	assert_int_equal(t->other[0], 7);
	a = 110, b = 9, rows[1].weight = 50;
	assert_int_equal(drvmem_topn__update(t, 2, rows, 2), 0);
	assert_true(owns(t, "b"));
	assert_int_equal(drvmem_topn__find(t, "b")->shown[0], 0);
	assert_int_equal(t->other[0], 19);		/* 7 + 2 + 10 */
	b = 14;
	assert_int_equal(drvmem_topn__update(t, 3, rows, 2), 0);
	assert_int_equal(drvmem_topn__find(t, "b")->shown[0], 5);
	assert_int_equal(drvmem_topn__update(t, 4, rows, 1), 0);	/* b is gone, a is heavier than nothing */
	assert_true(owns(t, "a"));
	assert_int_equal(drvmem_topn__find(t, "a")->shown[0], 100);
	assert_int_equal(drvmem_topn__find(t, "b")->shown[0], 5);
	assert_int_equal(t->other[0], 19);
	drvmem_topn__free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_hold_and_nothing_goes_down),
		cmocka_unit_test(the_cost_is_never_exceeded),
		cmocka_unit_test(hysteresis),
		cmocka_unit_test(who_weighs_nothing_takes_no_place),
		cmocka_unit_test(counters_move_by_increments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
