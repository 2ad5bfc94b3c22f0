// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include "model/delta.h"

static struct drvmem_snapshot *one_site(uint32_t id, uint64_t allocs, uint64_t frees, uint64_t taken_s)
{
	struct drvmem_snapshot *s = fix_new();

	fix_cache(s, "kmalloc-64", 64, false);
	fix_site(s, 0, 0, "f+0x1", allocs, frees, 60);
	s->sites[0].id = id;
	s->meta.taken_ns = taken_s * FIX_S;
	return s;
}

static struct drvmem_delta *delta_of(const struct drvmem_snapshot *prev,
				     const struct drvmem_snapshot *cur)
{
	struct drvmem_delta *d = NULL;

	assert_int_equal(drvmem_delta__new(prev, cur, &d), 0);
	return d;
}

/* Live now minus live at the previous snapshot. */
static void test_definition_delta(void **state)
{
	struct drvmem_snapshot *prev = one_site(9, 10, 2, 15), *cur = one_site(9, 30, 25, 20);
	struct drvmem_delta *d = delta_of(prev, cur);
	double rate = -1;

	(void)state;
	assert_int_equal(d->site[0].live_objects, 5 - 8);
	assert_int_equal(d->site[0].live_bytes, (5 - 8) * 60);
	assert_int_equal(d->site[0].allocs, 20);
	assert_int_equal(d->site[0].frees, 23);
	assert_false(d->since_start);
	assert_int_equal(d->interval_ns, 5 * FIX_S);
	assert_int_equal(drvmem_delta__rate(d, d->site[0].allocs, &rate), DRVMEM_OK);
	assert_true(rate == 4.0);
	drvmem_delta__free(d);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
}

static void without_a_previous_snapshot_since_the_start(void **state)
{
	struct drvmem_snapshot *cur = one_site(9, 30, 25, 20);
	struct drvmem_delta *d = delta_of(NULL, cur);

	(void)state;
	assert_true(d->since_start);
	assert_int_equal(d->interval_ns, 15 * FIX_S);
	assert_int_equal(d->site[0].live_objects, 5);
	assert_int_equal(d->site[0].allocs, 30);
	drvmem_delta__free(d);
	drvmem_snapshot__free(cur);
}

static void a_new_site_counts_from_nothing(void **state)
{
	struct drvmem_snapshot *prev = one_site(9, 10, 2, 15), *cur = one_site(10, 3, 1, 20);
	struct drvmem_delta *d = delta_of(prev, cur);

	(void)state;
	assert_int_equal(d->site[0].live_objects, 2);
	assert_int_equal(d->site[0].allocs, 3);
	drvmem_delta__free(d);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
}

/* Sites are matched by id, whatever their order. */
static void order_does_not_matter(void **state)
{
	struct drvmem_snapshot *prev = fix_new(), *cur = fix_new();
	struct drvmem_delta *d;

	(void)state;
	fix_cache(prev, "c", 64, false);
	fix_cache(cur, "c", 64, false);
	for (uint32_t i = 0; i < 50; i++) {
		fix_site(prev, 0, 0, "f", i, 0, 1);
		fix_site(cur, 0, 0, "f", 100 + i, 0, 1);
		prev->sites[i].id = 100 - i;
		cur->sites[i].id = 51 + i;
	}
	d = delta_of(prev, cur);
	/* cur i has id 51 + i, which is prev's number 49 - i */
	for (uint32_t i = 0; i < 50; i++)
		assert_int_equal(d->site[i].allocs, 100 + i - (49 - i));
	drvmem_delta__free(d);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
}

static void counters_never_run_backwards(void **state)
{
	struct drvmem_snapshot *prev = one_site(9, 10, 2, 15), *cur = one_site(9, 9, 1, 14);
	struct drvmem_delta *d = delta_of(prev, cur);
	double rate = -1;

	(void)state;
	assert_int_equal(d->site[0].allocs, 0);
	assert_int_equal(d->site[0].frees, 0);
	assert_int_equal(d->interval_ns, 0);
	/* no interval, no rate: missing, not 0 */
	assert_int_equal(drvmem_delta__rate(d, 0, &rate), DRVMEM_ABSENT);
	assert_true(rate == -1);
	drvmem_delta__free(d);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
}

static void empty_snapshots(void **state)
{
	struct drvmem_snapshot *prev = fix_new(), *cur = fix_new();
	struct drvmem_delta *d = delta_of(prev, cur);

	(void)state;
	assert_int_equal(d->nr_sites, 0);
	drvmem_delta__free(d);
	drvmem_delta__free(NULL);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
}

static void changes_add_every_field(void **state)
{
	struct drvmem_change a = { 1, 2, 3, 4, 5, 6, 7, 8 }, b = { 10, -20, 30, 40, 50, 60, 70, 80 };

	(void)state;
	drvmem_change__add(&a, &b);
	assert_int_equal(a.live_bytes, 11);
	assert_int_equal(a.live_objects, -18);
	assert_int_equal(a.allocs, 33);
	assert_int_equal(a.frees, 44);
	assert_int_equal(a.failures, 55);
	assert_true(a.allocs_var == 66 && a.frees_var == 77 && a.live_bytes_var == 88);
}

/* By what came and went while nothing long-lived was there, by what is live where much came and went. */
static void variance_of_live_is_the_smaller_bound(void **state)
{
	struct drvmem_snapshot *prev = fix_new(), *cur = fix_new();
	struct drvmem_delta *d;
	uint32_t cache;

	(void)state;
	cache = fix_cache(prev, "kmalloc-64", 64, false);
	fix_cache(cur, "kmalloc-64", 64, false);
	fix_site(prev, 0, cache, "f+0x1", 100, 50, 64);
	fix_site(cur, 0, cache, "f+0x1", 200, 150, 64);
	prev->sites[0].c.alloc_bytes_var = 1000;
	prev->sites[0].c.free_bytes_var = 900;
	cur->sites[0].c.alloc_bytes_var = 5000;
	cur->sites[0].c.free_bytes_var = 4880;
	cur->sites[0].c.allocs_var = 7;
	assert_int_equal(drvmem_delta__new(prev, cur, &d), 0);
	assert_true(d->site[0].live_bytes_var == 220);	/* 100 + 120, not 4000 + 3980 */
	assert_true(d->site[0].allocs_var == 7 && d->site[0].frees_var == 0);
	drvmem_delta__free(d);
	cur->sites[0].c.alloc_bytes_var = 1040;
	cur->sites[0].c.free_bytes_var = 905;
	assert_int_equal(drvmem_delta__new(prev, cur, &d), 0);
	assert_true(d->site[0].live_bytes_var == 45);	/* 40 + 5 */
	drvmem_delta__free(d);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
}

static void a_window_has_what_changed_in_it(void **state)
{
	struct drvmem_snapshot *prev = fix_new(), *cur = fix_new();
	uint32_t cache = fix_cache(prev, "kmalloc-64", 64, false);

	(void)state;
	fix_cache(cur, "kmalloc-64", 64, false);
	fix_site(prev, 0, cache, "f+0x1", 100, 50, 64);
	fix_site(cur, 0, cache, "f+0x1", 130, 90, 64);
	fix_site(cur, 0, cache, "g+0x1", 7, 3, 10);
	prev->meta.taken_ns = cur->meta.started_ns + 5 * FIX_S;
	prev->loss.events = 100;
	prev->loss.table_full = 3;
	cur->loss.events = 150;
	cur->loss.table_full = 3;
	assert_int_equal(drvmem_delta__subtract(prev, cur), 0);
	assert_int_equal(cur->sites[0].c.allocs, 30);
	assert_int_equal(cur->sites[0].c.live_objects, 130 - 90 - (100 - 50));
	assert_int_equal(cur->sites[0].c.live_bytes, (130 - 90 - (100 - 50)) * 64);
	assert_int_equal(cur->sites[0].c.alloc_bytes, 30 * 64);
	assert_int_equal(cur->sites[1].c.allocs, 7);
	assert_int_equal(cur->sites[1].c.live_bytes, 40);
	assert_int_equal(cur->meta.started_ns, prev->meta.taken_ns);
	assert_int_equal(cur->loss.events, 50);
	assert_int_equal(drvmem_loss__total(&cur->loss), 0);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_definition_delta),
		cmocka_unit_test(without_a_previous_snapshot_since_the_start),
		cmocka_unit_test(a_new_site_counts_from_nothing),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(counters_never_run_backwards),
		cmocka_unit_test(empty_snapshots),
		cmocka_unit_test(changes_add_every_field),
		cmocka_unit_test(variance_of_live_is_the_smaller_bound),
		cmocka_unit_test(a_window_has_what_changed_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
