// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/allocinfo by module, and the memlock line of a BPF map. */
#include "unit.h"

#include <errno.h>

#include "session/bpfmaps.h"
#include "source/allocinfo.h"

static int parse(const char *text, size_t len, struct drvmem_allocinfo **ret)
{
	char *exact = unit_exact(text, len);
	int e = drvmem_allocinfo__parse(exact, len, ret);

	free(exact);
	return e;
}

static void summed_by_module(void **state)
{
	struct drvmem_allocinfo *a;
	size_t len;
	char *text = unit_data("allocinfo-6.12.txt", &len);

	(void)state;
	assert_int_equal(parse(text, len, &a), 0);
	assert_int_equal(a->lines, 8);
	assert_int_equal(a->skipped, 0);
	assert_int_equal(a->n, 3);
	assert_int_equal(a->kernel_bytes, 2834432 + 8192);
	assert_int_equal(a->kernel_calls, 348);
	assert_int_equal(drvmem_allocinfo__find(a, "e1000e")->bytes, 36864 + 4096);
	assert_int_equal(drvmem_allocinfo__find(a, "e1000e")->calls, 10);
	assert_int_equal(drvmem_allocinfo__find(a, "drvmem_test")->bytes, 102400);
	assert_int_equal(drvmem_allocinfo__find(a, "ext4")->bytes, 0);
	assert_null(drvmem_allocinfo__find(a, "e1000"));
	drvmem_allocinfo__free(a);
	free(text);
}

static void malformed_lines_are_counted(void **state)
{
	static const char text[] =
		"allocinfo - version: 2.0\n"
		"#     <size>  <calls> <tag info>\n"
		"1 1 a.c:1\n"
		"x 1 a.c:1 func:f\n"
		"1 x a.c:1 func:f\n"
		"1 - a.c:1 func:f\n"
		"1 1 a.c func:f\n"
		"1 1 a.c:1 [m func:f\n"
		"1 1 a.c:1 [] func:f\n"
		"1 1 a.c:1 [m]\n"
		"1 1 a.c:1 [a_name_that_is_longer_than_any_module_name_can_be_in_the_kernel_at_all] func:f\n"
		"99999999999999999999 1 a.c:1 func:f\n"
		"\n"
		"7 1 a.c:1 [m] func:f";
	struct drvmem_allocinfo *a;

	(void)state;
	assert_int_equal(parse(text, sizeof(text) - 1, &a), 0);
	assert_int_equal(a->skipped, 10);
	assert_int_equal(a->lines, 1);
	assert_int_equal(drvmem_allocinfo__find(a, "m")->bytes, 7);
	drvmem_allocinfo__free(a);
}

static void other_files_are_refused(void **state)
{
	static const char *const texts[] = { "", "\n", "allocinfo - version: 3.0\n", "1 1 a.c:1 func:f\n" };
	struct drvmem_allocinfo *a = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(texts); i++)
		assert_int_equal(parse(texts[i], strlen(texts[i]), &a), -ENOTSUP);
	assert_null(a);
	drvmem_allocinfo__free(NULL);
}

static int memlock(const char *text, uint64_t *ret)
{
	char *exact = unit_exact(text, strlen(text));
	int e = drvmem_bpfmaps__parse_memlock(exact, strlen(text), ret);

	free(exact);
	return e;
}

static void memlock_of_a_map(void **state)
{
	uint64_t v = 1;

	(void)state;
	assert_int_equal(memlock("pos:\t0\nflags:\t02000002\nmap_type:\t2\nmemlock:\t4096\nmap_id:\t7\n", &v), 0);
	assert_int_equal(v, 4096);
	assert_int_equal(memlock("memlock:\t8192", &v), 0);
	assert_int_equal(v, 8192);
	assert_int_equal(memlock("", &v), -EINVAL);
	assert_int_equal(memlock("memlock:\n", &v), -EINVAL);
	assert_int_equal(memlock("memlock:\tx\n", &v), -EINVAL);
	assert_int_equal(memlock("xmemlock:\t1\n", &v), -EINVAL);
	assert_int_equal(v, 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summed_by_module),
		cmocka_unit_test(malformed_lines_are_counted),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(memlock_of_a_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
