// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <locale.h>

#include "base/opt.h"
#include "base/units.h"

struct unsigned_case {
	uint64_t v;
	const char *want;
};

struct signed_case {
	int64_t v;
	const char *want;
};

static void check(const char *(*fmt)(uint64_t, char *, size_t), const struct unsigned_case *c,
		  size_t n)
{
	char buf[DRVMEM_UNIT_LEN];

	for (size_t i = 0; i < n; i++)
		assert_string_equal(fmt(c[i].v, buf, sizeof(buf)), c[i].want);
}

static void bytes(void **state)
{
	static const struct unsigned_case c[] = {
		{ 0, "0" }, { 812, "812" }, { 1023, "1023" }, { 1024, "1.0Ki" },
		{ 5222, "5.1Ki" }, { 102348, "99.9Ki" }, { 1022976, "999.0Ki" },
		{ 1023999, "1000Ki" }, { 1047552, "1023Ki" }, { 1048063, "1023Ki" },
		{ 1048064, "1.0Mi" }, { 1048575, "1.0Mi" },
		{ 222717542, "212.4Mi" }, { 2061584302, "1.92Gi" },
		{ 10737418240ull, "10.0Gi" }, { 1ull << 40, "1.00Ti" },
		{ UINT64_MAX, "16.0Ei" },
	};

	(void)state;
	check(drvmem_fmt_bytes, c, UNIT_NR(c));
}

static void bytes_are_never_wider_than_seven(void **state)
{
	char buf[DRVMEM_UNIT_LEN];

	(void)state;
	for (unsigned int shift = 0; shift < 64; shift++) {
		for (int64_t d = -2000; d <= 2000; d++) {
			uint64_t v = (1ull << shift) + (uint64_t)d;

			drvmem_fmt_bytes(v, buf, sizeof(buf));
			assert_in_range(strlen(buf), 1, 7);
			drvmem_fmt_count(v, buf, sizeof(buf));
			assert_in_range(strlen(buf), 1, 5);
			drvmem_fmt_duration(v, buf, sizeof(buf));
			if (v < 10000ull * 86400 * 1000000000)
				assert_in_range(strlen(buf), 1, 5);
		}
	}
}

static void counts(void **state)
{
	static const struct unsigned_case c[] = {
		{ 0, "0" }, { 9999, "9999" }, { 10000, "10.0k" }, { 12345, "12.3k" },
		{ 99949, "99.9k" }, { 99950, "100k" }, { 182000, "182k" }, { 999499, "999k" },
		{ 999500, "1.0M" }, { 1200000, "1.2M" }, { UINT64_MAX, "18.4E" },
	};

	(void)state;
	check(drvmem_fmt_count, c, UNIT_NR(c));
}

static void durations(void **state)
{
	static const struct unsigned_case c[] = {
		{ 0, "0ns" }, { 812, "812ns" }, { 1000, "1.0us" }, { 2100, "2.1us" },
		{ 38000000, "38ms" }, { 999499999, "999ms" }, { 999500000, "1.0s" },
		{ 2100000000ull, "2.1s" }, { 59400000000ull, "59s" }, { 59900000000ull, "1.0m" },
		{ 2280000000000ull, "38m" }, { 7560000000000ull, "2.1h" },
		{ 293760000000000ull, "3.4d" }, { 800ull * 86400000000000ull, "800d" },
	};

	(void)state;
	check(drvmem_fmt_duration, c, UNIT_NR(c));
}

static void deltas(void **state)
{
	static const struct signed_case c[] = {
		{ 0, "0" }, { 1, "+1" }, { -812, "-812" }, { 3250586, "+3.1Mi" },
		{ -1258291, "-1.2Mi" }, { INT64_MAX, "+8.00Ei" }, { INT64_MIN, "-8.00Ei" },
	};
	char buf[DRVMEM_UNIT_LEN];

	(void)state;
	for (size_t i = 0; i < UNIT_NR(c); i++)
		assert_string_equal(drvmem_fmt_bytes_delta(c[i].v, buf, sizeof(buf)), c[i].want);
	assert_string_equal(drvmem_fmt_count_delta(-12345, buf, sizeof(buf)), "-12.3k");
	assert_string_equal(drvmem_fmt_count_delta(12345, buf, sizeof(buf)), "+12.3k");
}

static void exact_forms_are_read_back(void **state)
{
	static const uint64_t v[] = { 0, 1, 512, 1000, 1024, 1536, 65536, 1ull << 30, 1ull << 60,
				      60000000000ull, 3600000000000ull, 500000000, UINT64_MAX };
	char buf[DRVMEM_UNIT_LEN];
	uint64_t back;

	(void)state;
	for (size_t i = 0; i < UNIT_NR(v); i++) {
		drvmem_fmt_size_exact(v[i], buf, sizeof(buf));
		assert_int_equal(drvmem_parse_size(buf, &back), 0);
		assert_true(back == v[i]);
		drvmem_fmt_duration_exact(v[i], buf, sizeof(buf));
		assert_int_equal(drvmem_parse_duration(buf, &back), 0);
		assert_true(back == v[i]);
	}
	assert_string_equal(drvmem_fmt_size_exact(65536, buf, sizeof(buf)), "64K");
	assert_string_equal(drvmem_fmt_duration_exact(500000000, buf, sizeof(buf)), "500ms");
	assert_string_equal(drvmem_fmt_duration_exact(0, buf, sizeof(buf)), "0s");
}

static void small_buffers_are_respected(void **state)
{
	char *buf = unit_exact("zzz", 3);

	(void)state;
	drvmem_fmt_bytes(222717542, buf, 3);
	assert_string_equal(buf, "21");
	drvmem_fmt_bytes_delta(-222717542, buf, 3);
	assert_string_equal(buf, "-2");
	drvmem_fmt_bytes_delta(-5, buf, 1);
	assert_string_equal(buf, "");
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(bytes_are_never_wider_than_seven),
		cmocka_unit_test(counts),
		cmocka_unit_test(durations),
		cmocka_unit_test(deltas),
		cmocka_unit_test(exact_forms_are_read_back),
		cmocka_unit_test(small_buffers_are_respected),
	};

	/* a decimal comma must not appear; where the locale is missing this changes nothing */
	setlocale(LC_ALL, "de_DE.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
