// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/bufsize.h"
#include "analysis/slub.h"

#define DOMAIN 24u	/* sizes of the small cases: 1 to so many */

static uint32_t seed = 12345;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

/* What a buffer of each size takes: anything, not ascending. */
static uint64_t table_held(const void *arg, uint32_t bytes, uint32_t *next)
{
	const uint64_t *table = arg;

	*next = bytes < DOMAIN ? bytes + 1 : 0;
	return table[bytes];
}

static uint64_t cost_of(uint32_t set, const struct drvmem_bufsize_need *need, uint32_t n, const uint64_t *table)
{
	uint64_t sum = 0, best;
	uint32_t i, b;

	for (i = 0; i < n; i++) {
		best = UINT64_MAX;
		for (b = need[i].bytes; b <= DOMAIN; b++)
			if (set >> b & 1 && table[b] < best)
				best = table[b];
		if (best == UINT64_MAX)
			return UINT64_MAX;
		sum += best * need[i].count;
	}
	return sum;
}

/* Of all sets of at most k sizes. */
static uint64_t brute_force(const struct drvmem_bufsize_need *need, uint32_t n, uint32_t k, const uint64_t *table)
{
	uint64_t best = UINT64_MAX, cost;
	uint32_t a, b, c;

	for (a = 1; a <= DOMAIN; a++)
		for (b = k > 1 ? a : DOMAIN; b <= DOMAIN; b++)
			for (c = k > 2 ? b : DOMAIN; c <= DOMAIN; c++) {
				cost = cost_of(1u << a | (k > 1 ? 1u << b : 0) | (k > 2 ? 1u << c : 0), need, n, table);
				best = cost < best ? cost : best;
			}
	return best;
}

static void as_good_as_brute_force(void **state)
{
	struct drvmem_bufsize_need need[8];
	struct drvmem_bufsize_set got[3];
	uint64_t table[DOMAIN + 1];
	uint32_t round, i, k, n, size, j, set;
	uint64_t buffers;

	(void)state;
	for (round = 0; round < 400; round++) {
		for (i = 1; i <= DOMAIN; i++)
			table[i] = round % 2 ? i + rnd(20) : 1 + rnd(200);
		for (n = 0, size = 0, buffers = 0; n < 8 && (size += 1 + rnd(4)) <= DOMAIN; n++) {
			need[n] = (struct drvmem_bufsize_need){ size, rnd(50) };
			buffers += need[n].count;
		}
		assert_int_equal(drvmem_bufsize(need, n, 3, table_held, table, got), 0);
		for (k = 1; k <= 3; k++) {
			uint64_t want = brute_force(need, n, k, table), sum = 0;

			if (got[k - 1].held != want)
				fail_msg("round %u, %u sizes: %llu, not %llu", round, k,
					 (unsigned long long)got[k - 1].held, (unsigned long long)want);
			/* the sizes that it names do take that much */
			assert_in_range(got[k - 1].n, 1, k);
			for (set = 0, j = 0; j < got[k - 1].n; j++) {
				set |= 1u << got[k - 1].size[j];
				sum += got[k - 1].count[j];
				assert_true(!j || got[k - 1].size[j] > got[k - 1].size[j - 1]);
			}
			assert_int_equal(cost_of(set, need, n, table), want);
			assert_int_equal(sum, buffers);
		}
	}
}

/* A dedicated cache's bytes of an object, the slab's slack included. */
static uint64_t slab_held(const void *arg, uint32_t bytes, uint32_t *next)
{
	struct drvmem_slub_layout l;

	*next = 0;
	if (!drvmem_slub(arg, &(struct drvmem_slub_cache){ .object_size = bytes }, &l))
		return 0;
	return (4096u << l.order) / l.objects;
}

static void a_million_sizes(void **state)
{
	enum { N = 1000000 };
	struct drvmem_bufsize_need *need = calloc(N, sizeof(*need));
	struct drvmem_slub_rules r;
	struct drvmem_bufsize_set got[4];
	uint32_t i;

	(void)state;
	assert_non_null(need);
	drvmem_slub_rules(6 << 16 | 12 << 8, 4096, 2, 2, 64, &r);
	for (i = 0; i < N; i++)
		need[i] = (struct drvmem_bufsize_need){ i + 1, 1 + rnd(1000) };
	assert_int_equal(drvmem_bufsize(need, N, 4, slab_held, &r, got), 0);
	for (i = 1; i < 4; i++)
		assert_true(got[i].held < got[i - 1].held);
	assert_int_equal(got[3].n, 4);
	assert_true(got[3].size[3] >= N);
	free(need);
}

static uint64_t itself(const void *arg, uint32_t bytes, uint32_t *next)
{
	(void)arg;
	*next = 0;
	return bytes;
}

static uint64_t bad_next(const void *arg, uint32_t bytes, uint32_t *next)
{
	(void)arg;
	*next = bytes;
	return bytes;
}

static uint64_t huge(const void *arg, uint32_t bytes, uint32_t *next)
{
	(void)arg;
	*next = 0;
	return bytes + (1ull << 40);
}

static void one_size_and_no_sense(void **state)
{
	const struct drvmem_bufsize_need one = { 100, 7 }, zero = { 0, 1 }, many = { 1000, UINT64_MAX / 2 };
	const struct drvmem_bufsize_need twice[] = { { 5, 1 }, { 5, 1 } };
	struct drvmem_bufsize_set got[DRVMEM_BUFSIZE_MAX];

	(void)state;
	assert_int_equal(drvmem_bufsize(&one, 1, 3, itself, NULL, got), 0);
	assert_int_equal(got[2].n, 1);
	assert_int_equal(got[2].size[0], 100);
	assert_int_equal(got[2].held, 700);
	assert_int_equal(drvmem_bufsize(&one, 0, 3, itself, NULL, got), -EINVAL);
	assert_int_equal(drvmem_bufsize(&one, 1, 0, itself, NULL, got), -EINVAL);
	assert_int_equal(drvmem_bufsize(&one, 1, DRVMEM_BUFSIZE_MAX + 1, itself, NULL, got), -EINVAL);
	assert_int_equal(drvmem_bufsize(&zero, 1, 1, itself, NULL, got), -EINVAL);
	assert_int_equal(drvmem_bufsize(twice, 2, 1, itself, NULL, got), -EINVAL);
	assert_int_equal(drvmem_bufsize(&one, 1, 1, bad_next, NULL, got), -EINVAL);
	assert_int_equal(drvmem_bufsize(&one, 1, 1, huge, NULL, got), -ERANGE);
	assert_int_equal(drvmem_bufsize(&many, 1, 1, itself, NULL, got), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_good_as_brute_force),
		cmocka_unit_test(a_million_sizes),
		cmocka_unit_test(one_size_and_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
