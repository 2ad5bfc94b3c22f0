// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "base/table.h"

static uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static void empty(void **state)
{
	struct drvmem_table t = {0};
	uint64_t k, v = 5;
	size_t it = 0;

	(void)state;
	assert_false(drvmem_table__get(&t, 1, &v));
	assert_false(drvmem_table__get(&t, 0, &v));
	assert_int_equal(v, 5);
	assert_false(drvmem_table__del(&t, 1));
	assert_false(drvmem_table__del(&t, 0));
	assert_false(drvmem_table__next(&t, &it, &k, &v));
	assert_int_equal(drvmem_table__count(&t), 0);
	drvmem_table__deinit(&t);
}

static void zero_is_a_key(void **state)
{
	struct drvmem_table t = {0};
	uint64_t v, k;
	size_t it = 0;

	(void)state;
	assert_int_equal(drvmem_table__put(&t, 0, 9), 0);
	assert_true(drvmem_table__get(&t, 0, &v));
	assert_int_equal(v, 9);
	assert_int_equal(drvmem_table__count(&t), 1);
	assert_true(drvmem_table__next(&t, &it, &k, &v));
	assert_int_equal(k, 0);
	assert_false(drvmem_table__next(&t, &it, &k, &v));
	assert_true(drvmem_table__del(&t, 0));
	assert_int_equal(*drvmem_table__ref(&t, 0), 0);
	drvmem_table__deinit(&t);
}

/* Against an array as model: inserts, replacements and removals of crowded keys. */
static void behaves_like_an_array(void **state)
{
	enum { KEYS = 512 };
	struct drvmem_table t = {0};
	uint64_t model[KEYS] = {0}, seed = 88172645463325252ull, v, k;
	size_t it = 0, present = 0, seen = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		uint64_t r = next_random(&seed);

		k = r % KEYS;
		if (r >> 63) {
			model[k] = (r >> 32) | 1;
			assert_int_equal(drvmem_table__put(&t, k, model[k]), 0);
		} else {
			assert_int_equal(drvmem_table__del(&t, k), model[k] != 0);
			model[k] = 0;
		}
	}
	for (k = 0; k < KEYS; k++) {
		present += model[k] != 0;
		assert_int_equal(drvmem_table__get(&t, k, &v), model[k] != 0);
		if (model[k])
			assert_true(v == model[k]);
	}
	assert_int_equal(drvmem_table__count(&t), present);
	while (drvmem_table__next(&t, &it, &k, &v)) {
		assert_true(model[k] == v);
		seen++;
	}
	assert_int_equal(seen, present);
	drvmem_table__deinit(&t);
}

static void a_million_addresses(void **state)
{
	struct drvmem_table t = {0};
	uint64_t v;

	(void)state;
	for (uint64_t i = 1; i <= 1000000; i++)
		*drvmem_table__ref(&t, 0xffff888000000000ull + i * 64) += i;
	assert_int_equal(drvmem_table__count(&t), 1000000);
	assert_true(drvmem_table__get(&t, 0xffff888000000000ull + 64, &v));
	assert_int_equal(v, 1);
	assert_true(drvmem_table__get(&t, 0xffff888000000000ull + 64000000, &v));
	assert_int_equal(v, 1000000);
	assert_false(drvmem_table__get(&t, 0xffff888000000001ull, NULL));
	drvmem_table__deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(zero_is_a_key),
		cmocka_unit_test(behaves_like_an_array),
		cmocka_unit_test(a_million_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
