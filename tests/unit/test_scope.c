// SPDX-License-Identifier: GPL-2.0-or-later
/* Sums over groups of sites: where most definitions become numbers. */
#include "fixture.h"

#include "view/report.h"

static struct drvmem_sum owner_sum(struct drvmem_scope *v, uint16_t owner)
{
	const struct drvmem_owner_slice *o = drvmem_scope__owner(v, owner);
	struct drvmem_sum sum;

	assert_non_null(o);
	drvmem_scope__owner_sum(v, o, &sum);
	return sum;
}

static struct drvmem_sum site_sum(struct drvmem_scope *v, const char *name)
{
	struct drvmem_sum sum;
	uint32_t site = fix_find(v->s, name);

	drvmem_scope__sum(v, &site, 1, &sum);
	return sum;
}

/* Bytes asked for, of live objects: not what the cache gives. */
static void test_definition_live_bytes(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_sum sum = owner_sum(v, 3);

	(void)state;
	assert_int_equal(sum.c.live_bytes, 200 * 200 + 50 * 60);
	assert_int_equal(sum.c.live_objects, 250);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void test_definition_held_bytes(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_sum sum = owner_sum(v, 3);

	(void)state;
	assert_int_equal(sum.c.held_bytes, 200 * 256 + 50 * 64);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* held - live; where the cache is not known there is no such number. */
static void test_definition_waste(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_sum sum = owner_sum(v, 3);

	(void)state;
	assert_int_equal(sum.waste_st, DRVMEM_OK);
	assert_int_equal(sum.waste_bytes, 200 * 56 + 50 * 4);
	assert_false(sum.waste_partial);
	s->caches[0].kind = DRVMEM_CLASS_NONE;	/* kmalloc-64 */
	sum = owner_sum(v, 3);
	assert_int_equal(sum.waste_bytes, 200 * 56);
	assert_true(sum.waste_partial);
	sum = site_sum(v, "e1000_probe+0x10");
	assert_int_equal(sum.waste_st, DRVMEM_ABSENT);
	sum = site_sum(v, "getname_flags+0x4e");	/* nothing live: nothing wasted */
	assert_int_equal(sum.waste_st, DRVMEM_OK);
	assert_int_equal(sum.waste_bytes, 0);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Per site and, separately, per owner; never a sum of peaks. */
static void test_definition_peak(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_sum sum = owner_sum(v, 3);
	uint32_t two[2] = { fix_find(s, "e1000_open+0x1f"), fix_find(s, "usb_alloc_urb+0x2a") };

	(void)state;
	assert_int_equal(sum.peak_bytes.st, DRVMEM_OK);
	assert_int_equal(sum.peak_bytes.v, 70000);
	assert_false(sum.peak_sampled);
	sum = site_sum(v, "e1000_open+0x1f");
	assert_int_equal(sum.peak_bytes.v, 300 * 200);
	drvmem_scope__sum(v, two, 2, &sum);
	assert_int_equal(sum.peak_bytes.st, DRVMEM_ABSENT);
	s->meta.peak_exact = false;
	sum = owner_sum(v, 3);
	assert_true(sum.peak_sampled);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* What is left of a destroyed cache is told, of the sites that the filter keeps. */
static void objects_of_destroyed_caches_are_counted(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_strlist only = { 0 };
	struct drvmem_filter f = { .owners = &only };
	int64_t objects = 0, bytes = 0;
	struct drvmem_scope *v;
	uint32_t i;

	(void)state;
	v = fix_scope(NULL, s, NULL);
	assert_int_equal(v->destroyed_objects, 0);
	drvmem_scope__free(v);
	s->caches[0].destroyed = true;
	for (i = 0; i < s->nr_sites; i++) {
		objects += s->sites[i].cache ? 0 : s->sites[i].c.live_objects;
		bytes += s->sites[i].cache ? 0 : s->sites[i].c.live_bytes;
	}
	assert_true(objects > 0);
	v = fix_scope(NULL, s, NULL);
	assert_int_equal(v->destroyed_objects, objects);
	assert_int_equal(v->destroyed_bytes, bytes);
	drvmem_scope__free(v);
	assert_int_equal(drvmem_strlist__add(&only, "nobody"), 0);
	v = fix_scope(NULL, s, &f);
	assert_int_equal(v->destroyed_objects, 0);
	drvmem_scope__free(v);
	drvmem_strlist__deinit(&only);
	drvmem_snapshot__free(s);
}

/* A filter that cuts sites of an owner leaves no counter for what is left. */
static void a_filtered_owner_has_no_peak(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_strlist only = { 0 };
	struct drvmem_filter f = { .sites = &only };
	struct drvmem_scope *v;
	struct drvmem_sum sum;

	(void)state;
	assert_int_equal(drvmem_strlist__add(&only, "e1000_open,nvme_*"), 0);
	v = fix_scope(NULL, s, &f);
	assert_int_equal(v->nr_kept, 2);
	assert_int_equal(v->nr_owners, 2);
	sum = owner_sum(v, 3);
	assert_int_equal(sum.peak_bytes.st, DRVMEM_ABSENT);
	sum = owner_sum(v, 4);
	assert_int_equal(sum.peak_bytes.v, 4000);
	assert_null(drvmem_scope__owner(v, 0));
	drvmem_scope__free(v);
	drvmem_strlist__deinit(&only);
	/* the first site of all is the one that is cut */
	assert_int_equal(drvmem_strlist__add(&only, "usb_*"), 0);
	v = fix_scope(NULL, s, &f);
	sum = owner_sum(v, 3);
	assert_int_equal(sum.peak_bytes.st, DRVMEM_ABSENT);
	drvmem_scope__free(v);
	drvmem_strlist__deinit(&only);
	drvmem_snapshot__free(s);
}

/* What was handed to kfree_rcu is neither live nor leak: its age counts for nothing. */
static void test_definition_freed(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_sum sum = site_sum(v, "e1000_open+0x1f");

	(void)state;
	assert_int_equal(sum.c.rcu_pending, 1);
	assert_int_equal(sum.c.live_objects, 200);
	/* ages 9 s and 6 s live, 1 s pending */
	assert_int_equal(sum.age_p50_ns.v, 6 * FIX_S);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void test_definition_failure(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_sum sum = owner_sum(v, 5);

	(void)state;
	assert_int_equal(sum.c.failures, 3);
	assert_int_equal(sum.c.allocs, 10);	/* a failure is no object */
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void test_definition_upper_bound(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);

	(void)state;
	assert_true(site_sum(v, "__alloc_skb+0x8c").upper_bound);
	assert_false(site_sum(v, "__alloc_skb+0xd0").upper_bound);
	assert_true(owner_sum(v, 0).upper_bound);
	assert_false(owner_sum(v, 3).upper_bound);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* Sites of one owner are summed over allocators; slab, page, vmalloc, percpu and dma count, mappings do not. */
static void test_definition_owner_total(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_scope *v;
	struct drvmem_sum sum;
	uint32_t m, t;

	(void)state;
	fix_cache(s, "kmalloc-64", 64, false);
	m = fix_module(s, "drv", 1, 5000);
	for (uint16_t a = 0; a < DRVMEM_NR_USES; a++) {
		t = fix_site(s, m, 0, "f+0x1", 10u << a, 0, 10);
		s->sites[t].allocator = a;
	}
	v = fix_scope(NULL, s, NULL);
	sum = owner_sum(v, (uint16_t)m);
	assert_int_equal(sum.c.live_bytes, 10 * (10 + 20 + 40 + 80 + 160));
	assert_int_equal(sum.d.live_bytes, sum.c.live_bytes);
	/* what is mapped is counted elsewhere */
	assert_int_equal(sum.map.live_bytes, 10 * (320 + 640 + 1280));
	assert_int_equal(sum.map_d.live_bytes, sum.map.live_bytes);
	assert_int_equal(sum.map.live_objects, 320 + 640 + 1280);
	assert_int_equal(sum.nr_maps, 3);
	assert_int_equal(sum.allocators, 0xff);
	assert_true(drvmem_scope__has_maps(v));
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void p50_is_the_lower_median(void **state)
{
	uint64_t a[9], sorted[9], seed = 1;

	(void)state;
	for (uint32_t n = 1; n <= 9; n++) {
		for (uint32_t round = 0; round < 200; round++) {
			for (uint32_t i = 0; i < n; i++) {
				seed = seed * 6364136223846793005ull + 1442695040888963407ull;
				a[i] = sorted[i] = (seed >> 33) % (round % 10 + 1);
			}
			for (uint32_t i = 1; i < n; i++)
				for (uint32_t k = i; k && sorted[k - 1] > sorted[k]; k--) {
					uint64_t t = sorted[k];

					sorted[k] = sorted[k - 1];
					sorted[k - 1] = t;
				}
			assert_int_equal(drvmem_ages_p50(a, n), sorted[(n - 1) / 2]);
		}
	}
}

/* No object wastes less than nothing: of a sample that is 0, with its error; else a sum between two CPUs, as it is. */
static void sampled_waste_is_not_below_0(void **state)
{
	struct drvmem_snapshot *s[] = { fix_sampled(), fix_machine() };
	const struct drvmem_report_opts o = { .by = DRVMEM_BY_SITE, .sort = DRVMEM_SORT_LIVE };

	(void)state;
	for (size_t i = 0; i < UNIT_NR(s); i++) {
		struct drvmem_scope *v;
		const struct drvmem_cell *c;
		struct drvmem_sum sum;
		struct drvmem_grid *g;
		uint32_t site = 0, row = 0;

		for (uint32_t k = 0; k < s[i]->nr_sites; k++)
			s[i]->sites[k].c.held_bytes = s[i]->sites[k].c.live_bytes;
		for (; strcmp(s[i]->sites[site].site, "e1000_open+0x1f"); site++)
			;
		s[i]->sites[site].c.held_bytes -= 12;
		v = fix_scope(NULL, s[i], NULL);
		drvmem_scope__sum(v, &site, 1, &sum);
		assert_int_equal(sum.waste_bytes, i ? -12 : 0);
		assert_int_equal(sum.c.held_bytes, sum.c.live_bytes + sum.waste_bytes);
		assert_int_equal(sum.waste_var > 0, !i);
		drvmem_scope__sum(v, v->by_owner, v->nr_kept, &sum);
		assert_int_equal(sum.waste_bytes, i ? -12 : 0);
		assert_int_equal(drvmem_report__build(v, &o, &g), 0);
		for (; g->rows[row].kind != DRVMEM_ROW_TOTAL; row++)
			;
		c = drvmem_grid__cell(g, row, "waste_bytes");
		assert_int_equal(c->i, i ? -12 : 0);
		assert_int_equal(!(c->flags & DRVMEM_CELL_GUESS), !i);
		assert_int_equal(c->error > 0, !i);
		drvmem_grid__free(g);
		drvmem_scope__free(v);
		drvmem_snapshot__free(s[i]);
	}
}

static void p50_of_sampled_ages_goes_by_weight(void **state)
{
	struct drvmem_aged a[] = { { 30, 1 }, { 10, 1 }, { 20, 5 } }, b[] = { { 9, 1 }, { 5, 1 }, { 7, 1 } };
	struct drvmem_aged one[] = { { 4, 0.5 } };
	struct drvmem_snapshot *s = fix_sampled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);

	(void)state;
	assert_int_equal(drvmem_aged_p50(a, 3), 20);
	assert_int_equal(drvmem_aged_p50(b, 3), 7);
	assert_int_equal(drvmem_aged_p50(one, 1), 4);
	/* 33 bytes stand for 124.6 objects, 200 for 21: weights, not numbers, decide */
	assert_true(drvmem_snapshot__weight(s, &s->objects[s->sites[fix_find(s, "e1000_probe+0x10")]
								    .first_object]) > 124);
	assert_int_equal(owner_sum(v, 0).age_p50_ns.v, 8 * FIX_S);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void ages_that_were_not_read_are_missing(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);

	(void)state;
	assert_int_equal(owner_sum(v, 4).age_p50_ns.st, DRVMEM_ABSENT);
	assert_int_equal(owner_sum(v, 0).age_p50_ns.v, 8 * FIX_S);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void stacks_come_most_sampled_first(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	uint32_t first, nr;

	(void)state;
	drvmem_scope__stacks(v, fix_find(s, "e1000_open+0x1f"), &first, &nr);
	assert_int_equal(nr, 2);
	assert_int_equal(s->stacks[v->stacks[first]].count, 9);
	assert_int_equal(s->stacks[v->stacks[first + 1]].count, 3);
	drvmem_scope__free(v);
	for (uint64_t i = 1; i <= 40; i++) {
		fix_stack(s, fix_find(s, "nvme_setup_cmd+0x4c"), "x", i * 7 % 41);
		fix_stack(s, fix_find(s, "usb_alloc_urb+0x2a"), "y", 5);
	}
	v = fix_scope(NULL, s, NULL);
	drvmem_scope__stacks(v, fix_find(s, "nvme_setup_cmd+0x4c"), &first, &nr);
	assert_int_equal(nr, 40);
	for (uint32_t i = 0; i < nr; i++)
		assert_int_equal(s->stacks[v->stacks[first + i]].count, 40 - i);
	/* equals stay in the order of the snapshot */
	drvmem_scope__stacks(v, fix_find(s, "usb_alloc_urb+0x2a"), &first, &nr);
	assert_int_equal(nr, 40);
	for (uint32_t i = 1; i < nr; i++)
		assert_true(v->stacks[first + i - 1] < v->stacks[first + i]);
	drvmem_scope__stacks(v, fix_find(s, "getname_flags+0x4e"), &first, &nr);
	assert_int_equal(nr, 0);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* A snapshot may come from a file: an index outside its array is refused, not followed. */
static void inconsistent_snapshots_are_refused(void **state)
{
	struct drvmem_scope *v = NULL;

	(void)state;
	for (int i = 0; i < 7; i++) {
		struct drvmem_snapshot *s = fix_machine();

		switch (i) {
		case 0: s->sites[1].owner = 77; break;
		case 1: s->sites[1].cache = 77; break;
		case 2: s->sites[1].allocator = DRVMEM_NR_USES; break;
		case 3: s->sites[0].first_object = 77; break;
		case 4: s->sites[0].nr_objects = 77; break;
		case 5: s->stacks[0].site = 77; break;
		case 6: s->stacks[0].nr = DRVMEM_STACK_DEPTH + 1; break;
		}
		assert_int_equal(drvmem_scope__new(NULL, s, NULL, &v), -EINVAL);
		assert_null(v);
		drvmem_snapshot__free(s);
	}
}

static void overlapping_slices_are_refused(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = NULL;

	(void)state;
	for (uint32_t i = 0; i < s->nr_sites; i++) {
		s->sites[i].first_object = 0;
		s->sites[i].nr_objects = s->nr_objects;
	}
	assert_int_equal(drvmem_scope__new(NULL, s, NULL, &v), -EINVAL);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_definition_live_bytes),
		cmocka_unit_test(test_definition_held_bytes),
		cmocka_unit_test(test_definition_waste),
		cmocka_unit_test(test_definition_peak),
		cmocka_unit_test(objects_of_destroyed_caches_are_counted),
		cmocka_unit_test(a_filtered_owner_has_no_peak),
		cmocka_unit_test(test_definition_freed),
		cmocka_unit_test(test_definition_failure),
		cmocka_unit_test(test_definition_upper_bound),
		cmocka_unit_test(test_definition_owner_total),
		cmocka_unit_test(p50_is_the_lower_median),
		cmocka_unit_test(sampled_waste_is_not_below_0),
		cmocka_unit_test(p50_of_sampled_ages_goes_by_weight),
		cmocka_unit_test(ages_that_were_not_read_are_missing),
		cmocka_unit_test(stacks_come_most_sampled_first),
		cmocka_unit_test(inconsistent_snapshots_are_refused),
		cmocka_unit_test(overlapping_slices_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
