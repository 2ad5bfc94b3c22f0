// SPDX-License-Identifier: GPL-2.0-or-later
/* What modules hold at the stages of their lives, from looks at them. */
#include "unit.h"

#include "model/phases.h"

#define S 1000000000ull

static struct drvmem_phases p;

static const struct drvmem_phase *look(uint64_t now_s, uint64_t load_s, uint64_t unload_s, int64_t live)
{
	struct drvmem_module m = { .load_ns = load_s * S, .unload_ns = unload_s * S, .live_bytes = live };

	drvmem_phases__look(&p, 7, &m, now_s * S);
	return &p.v[7];
}

static void expect(const struct drvmem_u64 *v, int64_t want)
{
	assert_int_equal(v->st, want < 0 ? DRVMEM_ABSENT : DRVMEM_OK);
	if (want >= 0)
		assert_int_equal(v->v, want);
}

static void expect_all(const struct drvmem_phase *f, int64_t init, int64_t steady, int64_t after)
{
	assert_true(f->seen);
	expect(&f->init_bytes, init);
	expect(&f->steady_bytes, steady);
	expect(&f->after_bytes, after);
}

static void a_life(void **state)
{
	(void)state;
	p = (struct drvmem_phases){ 0 };
	expect_all(look(10, 10, 0, 500), -1, -1, -1);
	expect_all(look(11, 10, 0, 900), -1, -1, -1);
	expect_all(look(12, 10, 0, 700), 700, 700, -1);	/* it has started; from here on on average */
	expect_all(look(13, 10, 0, 9000), 700, 4850, -1);
	expect_all(look(13, 10, 0, 2), 700, 3234, -1);
	expect_all(look(14, 10, 14, 300), 700, 3234, 300);
	expect_all(look(15, 10, 14, 0), 700, 3234, 0);
	assert_int_equal(p.v[7].loaded_ns, 10 * S);
	assert_int_equal(p.v[7].unloaded_ns, 14 * S);
	assert_false(p.v[6].seen);
	assert_false(p.v[8].seen);
}

/* Its start was before the session; it went before it had started; more was given than taken so far. */
static void moments_that_were_not_seen(void **state)
{
	(void)state;
	p = (struct drvmem_phases){ 0 };
	expect_all(look(100, 0, 0, 500), -1, 500, -1);
	expect_all(look(101, 0, 0, 700), -1, 600, -1);
	p = (struct drvmem_phases){ 0 };
	look(10, 10, 0, 500);
	expect_all(look(13, 10, 11, 20), -1, -1, 20);
	p = (struct drvmem_phases){ 0 };
	expect_all(look(13, 10, 11, 20), -1, -1, 20);
	expect_all(look(14, 10, 11, -5), -1, -1, 0);
}

static void slots_that_are_none(void **state)
{
	struct drvmem_module m = { .live_bytes = 1 };

	(void)state;
	p = (struct drvmem_phases){ 0 };
	drvmem_phases__look(&p, DRVMEM_MAX_MODULES - 1, &m, S);
	assert_true(p.v[DRVMEM_MAX_MODULES - 1].seen);
	drvmem_phases__look(&p, DRVMEM_MAX_MODULES, &m, S);
	drvmem_phases__look(&p, UINT32_MAX, &m, S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life),
		cmocka_unit_test(moments_that_were_not_seen),
		cmocka_unit_test(slots_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
