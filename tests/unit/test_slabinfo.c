// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "source/slabinfo.h"

#define TAIL " : tunables    0    0    0 : slabdata      3      4      0\n"

static struct drvmem_slabinfo *parse_text(const char *s, size_t n)
{
	struct drvmem_slabinfo *si = NULL;
	char *text = unit_exact(s, n);
	int ret = drvmem_slabinfo__parse(text, n, &si);

	free(text);
	assert_int_equal(ret, 0);
	return si;
}

static void a_real_file(void **state)
{
	size_t len;
	char *text = unit_data("slabinfo-6.18.txt", &len);
	struct drvmem_slabinfo *si = parse_text(text, len);
	const struct drvmem_slabrow *r = drvmem_slabinfo__find(si, "kmalloc-256");

	(void)state;
	free(text);
	assert_int_equal(si->n, 49);
	assert_int_equal(si->skipped, 0);
	assert_non_null(r);
	assert_int_equal(r->objsize, 256);
	assert_int_equal(r->objs_per_slab, 16);
	assert_int_equal(r->pages_per_slab, 1);
	assert_true(r->num_objs >= r->active_objs);
	assert_true(r->num_objs == r->num_slabs * r->objs_per_slab);
	assert_null(drvmem_slabinfo__find(si, "kmalloc-25"));
	drvmem_slabinfo__free(si);
}

static void names_may_hold_spaces_and_colons(void **state)
{
	static const char text[] = "odd name: x(12:y)      1    2    312   13    1" TAIL;
	struct drvmem_slabinfo *si = parse_text(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(si->n, 1);
	assert_string_equal(si->v[0].name, "odd name: x(12:y)");
	assert_int_equal(si->v[0].active_objs, 1);
	assert_int_equal(si->v[0].num_objs, 2);
	assert_int_equal(si->v[0].objsize, 312);
	assert_int_equal(si->v[0].active_slabs, 3);
	assert_int_equal(si->v[0].num_slabs, 4);
	drvmem_slabinfo__free(si);
}

static void malformed_rows_are_counted(void **state)
{
	static const char text[] =
		"slabinfo - version: 2.1 (statistics)\n"
		"# name            <active_objs>\n"
		"five 1 2 3 4" TAIL
		"letters 1 2 x 4 5" TAIL
		"1 2 3 4 5" TAIL
		"noslabdata 1 2 3 4 5 : tunables 0 0 0\n"
		"swapped 1 2 3 4 5 : slabdata 1 2 3 : tunables 0 0 0\n"
		"shortdata 1 2 3 4 5 : tunables 0 0 0 : slabdata 1\n"
		"overflow 18446744073709551616 2 3 4 5" TAIL
		"n\0l 1 2 3 4 5" TAIL
		"a_cache_name_of_more_than_sixty_three_characters_is_not_one_we_can_keep 1 2 3 4 5"
		TAIL
		"good 1 2 3 4 5" TAIL
		"debug 1 2 3 4 5 : tunables 0 0 0 : slabdata 1 2 0 : globalstat 1 2 : cpustat 3\n";
	struct drvmem_slabinfo *si = parse_text(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(si->n, 2);
	assert_int_equal(si->skipped, 9);
	assert_non_null(drvmem_slabinfo__find(si, "good"));
	assert_non_null(drvmem_slabinfo__find(si, "debug"));
	drvmem_slabinfo__free(si);
}

static void an_unknown_version_is_refused(void **state)
{
	static const char text[] = "slabinfo - version: 3.0\nx 1 2 3 4 5" TAIL;
	struct drvmem_slabinfo *si = NULL;

	(void)state;
	assert_int_equal(drvmem_slabinfo__parse(text, sizeof(text) - 1, &si), -ENOTSUP);
	assert_null(si);
}

static void empty_and_truncated(void **state)
{
	struct drvmem_slabinfo *si = parse_text("", 0);
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(si->n, 0);
	drvmem_slabinfo__free(si);
	drvmem_slabinfo__free(NULL);
	text = unit_data("slabinfo-6.18.txt", &len);
	for (size_t n = 25; n < 1200 && n < len; n++)
		drvmem_slabinfo__free(parse_text(text, n));
	free(text);
}

static void this_kernels_file_is_read(void **state)
{
	struct drvmem_slabinfo *si;
	int ret = drvmem_slabinfo__load(&si);

	(void)state;
	if (ret) {
		print_message("no /proc/slabinfo for this process (%d)\n", ret);
		assert_true(ret == -EACCES || ret == -ENOENT);
		skip();
	}
	assert_int_equal(si->skipped, 0);
	assert_in_range(si->n, 20, 100000);
	drvmem_slabinfo__free(si);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_file),
		cmocka_unit_test(names_may_hold_spaces_and_colons),
		cmocka_unit_test(malformed_rows_are_counted),
		cmocka_unit_test(an_unknown_version_is_refused),
		cmocka_unit_test(empty_and_truncated),
		cmocka_unit_test(this_kernels_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
