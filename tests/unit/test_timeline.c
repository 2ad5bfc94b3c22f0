// SPDX-License-Identifier: GPL-2.0-or-later
/* model/timeline: sums to the byte at every point, sparse rows, halving, events. */
#include "fixture.h"

#include "model/timeline.h"

/* A machine of 12 sites of 3 owners and 2 allocators, whose counts follow from the step and the site. */
static struct drvmem_snapshot *moment(uint32_t step, uint32_t nr_sites)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "kmalloc-64", 64, false), a, b, i, t;
	uint64_t allocs;

	a = fix_module(s, "alpha", 1, 0);
	b = fix_module(s, "beta", 2, 0);
	s->meta.taken_ns = (10 + step) * FIX_S;
	for (i = 0; i < nr_sites; i++) {
		/* a third of the sites never moves after its first step */
		allocs = i % 3 ? 10 + i + (uint64_t)step * i : 7 + i;
		t = fix_site(s, i % 3 == 0 ? 0 : i % 3 == 1 ? a : b, cache, "site", allocs, allocs / 3, 10 + i);
		s->sites[t].allocator = i % 4 == 3 ? DRVMEM_ALLOC_PAGE : DRVMEM_ALLOC_SLAB;
		if (i % 6 == 5)
			s->sites[t].allocator = DRVMEM_MAP_DMA;
	}
	return s;
}

static void same(const struct drvmem_timeline_counts *a, const struct drvmem_timeline_counts *b)
{
	assert_int_equal(a->allocs, b->allocs);
	assert_int_equal(a->frees, b->frees);
	assert_int_equal(a->alloc_bytes, b->alloc_bytes);
	assert_int_equal(a->free_bytes, b->free_bytes);
	assert_int_equal(a->live_objects, b->live_objects);
	assert_int_equal(a->live_bytes, b->live_bytes);
	assert_int_equal(a->held_bytes, b->held_bytes);
}

/* The point is what the snapshot said: each site, each owner, and all together. */
static void check_point(const struct drvmem_timeline *t, uint32_t point, const struct drvmem_snapshot *s)
{
	struct drvmem_timeline_counts all = { 0 }, owner, c, got;
	uint32_t i, o, a;

	for (o = 0; o < s->nr_instances; o++) {
		for (a = 0; a < DRVMEM_NR_USES; a++) {
			owner = (struct drvmem_timeline_counts){ 0 };
			for (i = 0; i < s->nr_sites; i++) {
				const struct drvmem_sitesnap *k = &s->sites[i];

				if (k->owner != o || k->allocator != a)
					continue;
				c = (struct drvmem_timeline_counts){ k->c.allocs, k->c.frees, k->c.alloc_bytes,
					k->c.free_bytes, k->c.live_objects, k->c.live_bytes, k->c.held_bytes };
				got = drvmem_timeline__site(t, point, k->id);
				same(&got, &c);
				drvmem_timeline_counts__add(&owner, &c);
			}
			got = drvmem_timeline__owner(t, point, (uint16_t)o, (uint16_t)a);
			same(&got, &owner);
			if (!DRVMEM_IS_MAPPING(a))
				drvmem_timeline_counts__add(&all, &owner);
		}
	}
	got = drvmem_timeline__total(t, point);
	same(&got, &all);
}

static void add(struct drvmem_timeline *t, uint32_t step, uint32_t nr_sites)
{
	struct drvmem_snapshot *s = moment(step, nr_sites);

	assert_int_equal(drvmem_timeline__add(t, s), 0);
	drvmem_snapshot__free(s);
}

static void test_every_point_is_its_snapshot(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_snapshot *s;
	uint32_t i;

	(void)state;
	assert_non_null(t);
	for (i = 0; i < 20; i++)
		add(t, i, 3 + i / 2);	/* sites come while it runs */
	assert_int_equal(t->nr_points, 20);
	for (i = 0; i < 20; i++) {
		s = moment(i, 3 + i / 2);
		check_point(t, i, s);
		assert_int_equal(t->points[i].taken_ns, (10 + i) * FIX_S);
		assert_int_equal(t->points[i].events, 1000000);
		assert_null(t->points[i].mem);
		drvmem_snapshot__free(s);
	}
	drvmem_timeline__free(t);
}

static void test_a_site_that_does_not_move_has_one_row(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	uint64_t rows = 0;
	uint32_t i;

	(void)state;
	for (i = 0; i < 10; i++)
		add(t, i, 6);
	for (i = 0; i < t->nr_sites; i++) {
		assert_int_equal(t->sites[i].nr_rows, i % 3 ? 10 : 1);
		rows += t->sites[i].nr_rows;
	}
	for (i = 0; i < t->nr_owners; i++)
		rows += t->owners[i].nr_rows;
	assert_int_equal(rows, t->nr_rows);
	drvmem_timeline__free(t);
}

/* 100 moments into at most 8 points: even steps, each point one of the moments, the last one the last. */
static void check_bounded(struct drvmem_timeline *t, uint32_t n)
{
	struct drvmem_snapshot *s;
	uint32_t i, step;

	for (i = 0; i < n; i++) {
		add(t, i, 9);
		assert_true(t->nr_points <= t->max_points);
		assert_int_equal(t->points[t->nr_points - 1].taken_ns, (10 + i) * FIX_S);
	}
	for (i = 0; i < t->nr_points; i++) {
		step = (uint32_t)(t->points[i].taken_ns / FIX_S) - 10;
		s = moment(step, 9);
		check_point(t, i, s);
		drvmem_snapshot__free(s);
	}
	for (i = 2; i + 1 < t->nr_points; i++)
		assert_int_equal(t->points[i].taken_ns - t->points[i - 1].taken_ns,
				 t->points[1].taken_ns - t->points[0].taken_ns);
}

static void test_too_many_points_halve_the_resolution(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new_bounded(8, UINT64_MAX);

	(void)state;
	check_bounded(t, 100);
	assert_true(t->nr_points > 4);
	drvmem_timeline__free(t);
}

static void test_an_odd_number_of_points_halves_too(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new_bounded(7, UINT64_MAX);
	struct drvmem_snapshot *s;
	uint32_t i;

	(void)state;
	for (i = 0; i < 60; i++) {
		add(t, i, 9);
		assert_true(t->nr_points <= 7);
		s = moment(i, 9);
		check_point(t, t->nr_points - 1, s);
		drvmem_snapshot__free(s);
	}
	drvmem_timeline__free(t);
}

static void test_too_many_rows_halve_the_resolution(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new_bounded(2000, 300);
	uint32_t i;

	(void)state;
	for (i = 0; i < 500; i++) {
		add(t, i, 9);
		assert_true(t->nr_rows <= 300 + 9 + 6);
	}
	assert_true(t->nr_points > 10 && t->nr_points < 100);
	drvmem_timeline__free(t);
}

static void test_time_does_not_go_back(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_snapshot *s = moment(0, 3);

	(void)state;
	add(t, 5, 3);
	assert_int_equal(drvmem_timeline__add(t, s), -EINVAL);
	assert_int_equal(t->nr_points, 1);
	drvmem_snapshot__free(s);
	drvmem_timeline__free(t);
}

static void test_nothing_is_zero(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_timeline_counts zero = { 0 }, got = drvmem_timeline__total(t, 0);

	(void)state;
	same(&got, &zero);
	got = drvmem_timeline__site(t, 3, 7);
	same(&got, &zero);
	add(t, 0, 0);
	got = drvmem_timeline__total(t, 0);
	same(&got, &zero);
	drvmem_timeline__free(t);
	drvmem_timeline__free(NULL);
}

static void test_modules_come_and_go_once(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_snapshot *s;
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		s = moment(i, 6);
		s->instances[3].loaded_ns = 10 * FIX_S + FIX_S / 2;
		s->instances[4].loaded_ns = 10 * FIX_S + FIX_S / 4;
		s->instances[3].unloaded_ns = i == 2 ? 11 * FIX_S : 0;
		s->meta.mark = i;
		assert_int_equal(drvmem_timeline__add(t, s), 0);
		drvmem_snapshot__free(s);
		if (!i)
			assert_int_equal(drvmem_timeline__add_mark(t, 1, 10 * FIX_S + 1, "load"), 0);
	}
	assert_int_equal(t->nr_events, 5);
	assert_int_equal(t->events[0].kind, DRVMEM_TIMELINE_MARK);
	assert_true(t->events[0].exact && t->events[0].number == 1);
	assert_string_equal(t->events[0].name, "load");
	assert_int_equal(t->events[1].kind, DRVMEM_TIMELINE_LOAD);
	assert_string_equal(t->events[1].name, "beta");
	assert_string_equal(t->events[2].name, "alpha");
	assert_int_equal(t->events[3].kind, DRVMEM_TIMELINE_UNLOAD);
	assert_int_equal(t->events[3].number, 3);
	assert_int_equal(t->events[4].kind, DRVMEM_TIMELINE_MARK);
	assert_true(!t->events[4].exact && t->events[4].number == 2);
	drvmem_timeline__free(t);
}

static void test_the_kernels_own_counts_are_kept_where_they_were_read(void **state)
{
	struct drvmem_timeline *t = drvmem_timeline__new();
	struct drvmem_snapshot *s = moment(0, 3);

	(void)state;
	s->kernel[DRVMEM_AT_SNAPSHOT] = drvmem_reading__new();
	assert_non_null(s->kernel[DRVMEM_AT_SNAPSHOT]);
	s->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_SUNRECLAIM] = drvmem_some(4096);
	s->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU].st = DRVMEM_ABSENT;
	assert_int_equal(drvmem_timeline__add(t, s), 0);
	drvmem_snapshot__free(s);
	add(t, 1, 3);
	assert_int_equal(t->points[0].mem[DRVMEM_MEM_SUNRECLAIM].v, 4096);
	assert_int_equal(t->points[0].mem[DRVMEM_MEM_PERCPU].st, DRVMEM_ABSENT);
	assert_null(t->points[1].mem);
	drvmem_timeline__free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_point_is_its_snapshot),
		cmocka_unit_test(test_a_site_that_does_not_move_has_one_row),
		cmocka_unit_test(test_too_many_points_halve_the_resolution),
		cmocka_unit_test(test_an_odd_number_of_points_halves_too),
		cmocka_unit_test(test_too_many_rows_halve_the_resolution),
		cmocka_unit_test(test_time_does_not_go_back),
		cmocka_unit_test(test_nothing_is_zero),
		cmocka_unit_test(test_modules_come_and_go_once),
		cmocka_unit_test(test_the_kernels_own_counts_are_kept_where_they_were_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
