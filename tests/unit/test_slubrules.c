// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's command line says of SLUB, and the machine's CPUs. */
#include "unit.h"

#include "slubrules.h"

static const struct drvmem_slub_rules before = { .min_order = 0, .max_order = 3, .min_objects = 12 };

static struct drvmem_slub_rules with(const char *text)
{
	struct drvmem_slub_rules r = before;
	size_t n = strlen(text) + 1;
	char *exact = unit_exact(text, n);

	drvmem_slubrules__cmdline(exact, &r);
	free(exact);
	return r;
}

static void expect(const char *text, uint32_t min_order, uint32_t max_order, uint32_t min_objects)
{
	struct drvmem_slub_rules r = with(text);

	if (r.min_order != min_order || r.max_order != max_order || r.min_objects != min_objects)
		fail_msg("'%s': %u, %u, %u", text, r.min_order, r.max_order, r.min_objects);
}

static void nothing_is_said(void **state)
{
	(void)state;
	expect("", 0, 3, 12);
	expect("\n", 0, 3, 12);
	expect("BOOT_IMAGE=/vmlinuz root=/dev/vda ro quiet\n", 0, 3, 12);
	expect("slub_debug=FZ slab_nomerge slub_", 0, 3, 12);
}

static void each_knob(void **state)
{
	(void)state;
	expect("ro slub_max_order=1 quiet", 0, 1, 12);
	expect("slab_max_order=0", 0, 0, 12);
	expect("slub_min_order=2", 2, 3, 12);
	expect("slub_min_objects=64", 0, 3, 64);
	expect("slub_min_objects=1\tslab_max_order=5  slub_min_order=1", 1, 5, 1);
	expect("slub_max_order=1 slub_max_order=2", 0, 2, 12);	/* the last one counts */
}

/* The file ends with a new line. */
static void the_last_word(void **state)
{
	(void)state;
	expect("quiet slub_max_order=0\n", 0, 0, 12);
	expect("slub_min_objects=32\n", 0, 3, 32);
	expect("slub_min_order=1\r\n", 1, 3, 12);
}

/* mm/slub.c: a smallest order above the largest one raises it. */
static void orders_that_contradict(void **state)
{
	(void)state;
	expect("slub_min_order=5", 5, 5, 12);
	expect("slub_max_order=1 slub_min_order=2", 2, 2, 12);
}

static void bad_values(void **state)
{
	(void)state;
	expect("slub_max_order=11", 0, 3, 12);
	expect("slub_max_order=", 0, 3, 12);
	expect("slub_max_order", 0, 3, 12);
	expect("slub_max_order=-1", 0, 3, 12);
	expect("slub_max_order=two", 0, 3, 12);
	expect("slub_max_order=1x", 0, 3, 12);
	expect("slub_max_order=99999999999999999999999", 0, 3, 12);
	expect("slub_min_objects=65537", 0, 3, 12);
	expect("=3 slub_=3 slu=3 xslub_max_order=1 slob_max_order=1", 0, 3, 12);
	expect("slub_max_orders=1 slub_max_orde=1", 0, 3, 12);
}

/* SLUB counts CPUs that are present, and numbers that are possible. */
static void lists_of_cpus(void **state)
{
	static const struct { const char *text; uint32_t n, ids; } t[] = {
		{ "0\n", 1, 1 }, { "0-1\n", 2, 2 }, { "0,2-3\n", 3, 4 }, { "0-3,8", 5, 9 }, { "4-127\n", 124, 128 },
	};
	static const char *const bad[] = { "", "\n", "x", "-", "3-1", "0-65536", "0-99999999999999999999" };
	uint32_t ids, i;

	(void)state;
	for (i = 0; i < UNIT_NR(t); i++) {
		assert_int_equal(drvmem_slubrules__cpus(t[i].text, &ids), t[i].n);
		assert_int_equal(ids, t[i].ids);
	}
	for (i = 0; i < UNIT_NR(bad); i++)
		if (drvmem_slubrules__cpus(bad[i], &ids))
			fail_msg("'%s' has CPUs", bad[i]);
}

/* Of the machine that runs the test. */
static void this_machine(void **state)
{
	struct drvmem_slub_rules r;

	(void)state;
	if (!drvmem_slubrules__read(&r))
		skip();
	assert_true(r.page_size >= 4096 && r.page_size % 4096 == 0);
	assert_true(r.min_order <= r.max_order && r.max_order <= 10);
	assert_true(r.min_objects > 0);
	assert_true(r.cache_line >= 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said),
		cmocka_unit_test(each_knob),
		cmocka_unit_test(the_last_word),
		cmocka_unit_test(orders_that_contradict),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(lists_of_cpus),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
