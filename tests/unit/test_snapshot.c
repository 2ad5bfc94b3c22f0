// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshot, arena and the names of owners. */
#include "fixture.h"

#include "model/arena.h"
#include "model/owners.h"

static void a_new_snapshot_is_empty_and_freeable(void **state)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->nr_sites + s->nr_instances + s->nr_objects + s->nr_stacks, 0);
	assert_true(s->meta.max_size == UINT64_MAX);
	drvmem_snapshot__free(s);
	drvmem_snapshot__free(NULL);
}

static void equal_strings_share_storage(void **state)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();
	char word[] = "kmalloc-64";
	const char *a = drvmem_snapshot__str(s, word), *b;

	(void)state;
	word[0] = 'K';
	b = drvmem_snapshot__str(s, "kmalloc-64");
	assert_ptr_equal(a, b);
	assert_string_equal(a, "kmalloc-64");
	assert_string_equal(drvmem_snapshot__str(s, ""), "");
	assert_null(drvmem_snapshot__str(s, NULL));
	drvmem_snapshot__free(s);
}

static void the_arena_keeps_many_and_long_strings(void **state)
{
	struct drvmem_arena *a = drvmem_arena__new();
	const char *kept[5000];
	char name[32], *big = malloc(200001);

	(void)state;
	for (int i = 0; i < 5000; i++)
		kept[i] = drvmem_arena__printf(a, "symbol_%d+0x1f", i);
	memset(big, 'x', 200000);
	big[200000] = 0;
	assert_string_equal(drvmem_arena__str(a, big), big);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "symbol_%d+0x1f", i);
		assert_string_equal(kept[i], name);
		assert_ptr_equal(drvmem_arena__str(a, name), kept[i]);
	}
	free(big);
	drvmem_arena__free(a);
	drvmem_arena__free(NULL);
}

static void counts_add_every_field(void **state)
{
	struct drvmem_counts a, b;
	uint64_t *w = (uint64_t *)&a, *x = (uint64_t *)&b;
	size_t i, n = sizeof(a) / sizeof(uint64_t);

	(void)state;
	/* every field is 64 bits wide: a field that add forgets keeps its old value */
	for (i = 0; i < n; i++) {
		w[i] = i + 1;
		x[i] = 1000 + i;
	}
	drvmem_counts__add(&a, &b);
	for (i = 0; i < n; i++)
		assert_int_equal(w[i], 1001 + 2 * i);
}

static const char **names_of(const struct drvmem_snapshot *s, struct drvmem_arena *a)
{
	const char **names = NULL;

	assert_int_equal(drvmem_owner_names(s, a, &names), 0);
	return names;
}

static void test_definition_instance(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_arena *a = drvmem_arena__new();
	const char **names = names_of(s, a);

	(void)state;
	assert_string_equal(names[0], "kernel");
	assert_string_equal(names[3], "e1000e#1");
	assert_string_equal(names[4], "nvme");
	assert_string_equal(names[5], "e1000e#7");
	free(names);
	drvmem_arena__free(a);
	drvmem_snapshot__free(s);
}

/* Also when theirs are the last names of all. */
static void the_last_names_are_told_apart(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_arena *a = drvmem_arena__new();
	const char **names;

	(void)state;
	fix_module(s, "zz", 4, 0);
	fix_module(s, "z", 5, 0);
	fix_module(s, "zz", 6, 0);
	names = names_of(s, a);
	assert_string_equal(names[3], "zz#4");
	assert_string_equal(names[4], "z");
	assert_string_equal(names[5], "zz#6");
	free(names);
	drvmem_arena__free(a);
	drvmem_snapshot__free(s);
}

static void owners_without_a_name(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_arena *a = drvmem_arena__new();
	const char **names;

	(void)state;
	fix_module(s, "", 4, 0);
	fix_module(s, "x", 5, 0);
	s->instances[4].name = NULL;
	names = names_of(s, a);
	assert_string_equal(names[3], "?#4");
	assert_string_equal(names[4], "?#5");
	free(names);
	drvmem_arena__free(a);
	drvmem_snapshot__free(s);
}

static void words_of_enums(void **state)
{
	(void)state;
	assert_string_equal(drvmem_owner_policy_name(DRVMEM_OWNER_DRIVER), "driver");
	assert_string_equal(drvmem_owner_policy_name(DRVMEM_OWNER_OUTERMOST), "outermost");
	assert_string_equal(drvmem_owner_policy_name(99), "?");
	assert_string_equal(drvmem_owner_type_name(DRVMEM_OWNER_SELF), "drvmem");
	assert_string_equal(drvmem_owner_type_name(DRVMEM_OWNER_UNKNOWN), "unknown");
	assert_string_equal(drvmem_allocator_name(DRVMEM_MAP_IOREMAP), "ioremap");
	assert_string_equal(drvmem_allocator_name(DRVMEM_NR_USES), "?");
}

/* slab, page, vmalloc, percpu, dma: no other words. */
static void test_definition_allocator(void **state)
{
	static const char *const words[] = { "slab", "page", "vmalloc", "percpu", "dma" };

	(void)state;
	assert_int_equal(DRVMEM_NR_ALLOCATORS, UNIT_NR(words));
	for (uint16_t i = 0; i < UNIT_NR(words); i++)
		assert_string_equal(drvmem_allocator_name(i), words[i]);
}

/* What the session should have seen and did not; nothing else is in the total. */
static void test_definition_loss(void **state)
{
	struct drvmem_loss l = { .recursion_misses = { 1, DRVMEM_OK }, .nest_refused = 2,
				 .table_full = 4, .insert_failed = 8, .stack_missing = 16,
				 .bulk_truncated = 32, .maps_cut = 64, .events = 1000000 };

	(void)state;
	assert_int_equal(drvmem_loss__total(&l), 127);
	assert_true(drvmem_loss__ppm(&l) == 127.0);
	l.recursion_misses.st = DRVMEM_ABSENT;
	assert_int_equal(drvmem_loss__total(&l), 126);
	l.events = 0;
	assert_true(drvmem_loss__ppm(&l) == 1e6);
	l = (struct drvmem_loss){ .site_full = 1, .class_full = 1, .module_full = 1,
				  .stack_truncated = 1, .stack_full = 1 };
	assert_int_equal(drvmem_loss__total(&l), 0);
	assert_true(drvmem_loss__ppm(&l) == 0);
}

static void own_cost_has_all_runs(void **state)
{
	struct drvmem_own_cost c = { .runs = 1000, .ns = 50000, .events = 1000, .span_ns = 500, .why = "" };
	struct drvmem_snapshot s = { .cost = c, .loss.events = 4000, .meta = { .started_ns = 100, .taken_ns = 2100 } };

	(void)state;
	/* every run an event: 50 ns for each */
	assert_float_equal(drvmem_own_cost__all_ns(&c, 4000, 2000), 200000, 0.001);
	assert_float_equal(drvmem_own_cost__of(&s), 200000, 0.001);
	/* 900 of them none: as often in the rest, whether there are events or not */
	c.events = 100;
	assert_float_equal(drvmem_own_cost__all_ns(&c, 4000, 2000), 50.0 * (4000 + 900 * 4), 0.001);
	assert_float_equal(drvmem_own_cost__all_ns(&c, 0, 2000), 50.0 * 900 * 4, 0.001);
	/* a run that frees five objects */
	c.events = 5000;
	assert_float_equal(drvmem_own_cost__all_ns(&c, 10000, 2000), 100000, 0.001);
	/* of an old file */
	c.events = c.span_ns = 0;
	assert_float_equal(drvmem_own_cost__all_ns(&c, 4000, 2000), 200000, 0.001);
	c.runs = c.ns = 0;
	assert_float_equal(drvmem_own_cost__all_ns(&c, 4000, 2000), 0, 0.001);
}

static void test_definition_unmatched_free(void **state)
{
	struct drvmem_loss l = { .unmatched_frees = 5, .small_frees = 5, .pending_evicted = 5 };

	(void)state;
	assert_int_equal(drvmem_loss__total(&l), 0);
}

static void test_definition_inferred_free(void **state)
{
	struct drvmem_loss l = { .inferred_frees = 5 };

	(void)state;
	assert_int_equal(drvmem_loss__total(&l), 0);
}

/* In sites of none, one and many: each object once, where its site says. */
static void objects_are_grouped_by_site(void **state)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();
	const uint32_t n = 20000, nr_sites = 7;
	uint64_t x = 88172645463325252ULL;
	uint32_t i, j, seen = 0, count[7] = {};
	uint32_t *site_of = calloc(n, sizeof(*site_of));

	(void)state;
	assert_non_null(s);
	s->sites = calloc(nr_sites, sizeof(*s->sites));
	s->nr_sites = nr_sites;
	s->objects = calloc(n, sizeof(*s->objects));
	s->nr_objects = n;
	assert_true(s->sites && s->objects && site_of);
	for (i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		site_of[i] = s->objects[i].site = i ? (uint32_t)(x % 5 + 1) : 6;	/* 0 has none, 6 one */
		s->objects[i].asked = i;
		count[site_of[i]]++;
	}
	assert_int_equal(drvmem_snapshot__group_objects(s), 0);
	for (i = 0; i < nr_sites; i++) {
		assert_int_equal(s->sites[i].first_object, seen);
		assert_int_equal(s->sites[i].nr_objects, count[i]);
		for (j = seen; j < seen + count[i]; j++) {
			assert_int_equal(s->objects[j].site, i);
			assert_int_equal(site_of[s->objects[j].asked], i);
			site_of[s->objects[j].asked] = UINT32_MAX;	/* not twice */
		}
		seen += s->sites[i].nr_objects;
	}
	assert_int_equal(seen, n);
	assert_int_equal(s->sites[0].nr_objects, 0);
	assert_int_equal(s->sites[6].nr_objects, 1);
	free(site_of);
	drvmem_snapshot__free(s);
}

static void no_objects_are_grouped(void **state)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();

	(void)state;
	assert_non_null(s);
	assert_int_equal(drvmem_snapshot__group_objects(s), 0);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_grouped_by_site),
		cmocka_unit_test(no_objects_are_grouped),
		cmocka_unit_test(a_new_snapshot_is_empty_and_freeable),
		cmocka_unit_test(equal_strings_share_storage),
		cmocka_unit_test(the_arena_keeps_many_and_long_strings),
		cmocka_unit_test(counts_add_every_field),
		cmocka_unit_test(test_definition_instance),
		cmocka_unit_test(the_last_names_are_told_apart),
		cmocka_unit_test(owners_without_a_name),
		cmocka_unit_test(words_of_enums),
		cmocka_unit_test(test_definition_allocator),
		cmocka_unit_test(test_definition_loss),
		cmocka_unit_test(own_cost_has_all_runs),
		cmocka_unit_test(test_definition_unmatched_free),
		cmocka_unit_test(test_definition_inferred_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
