// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "base/opt.h"

#define S 1000000000ull
#define UNTOUCHED 0xdeadbeefull

struct good {
	const char *text;
	uint64_t want;
};

struct bad {
	const char *text;
	int want;
};

typedef int (*parser)(const char *, uint64_t *);

static void check_good(parser parse, const struct good *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t v = UNTOUCHED;

		if (parse(c[i].text, &v) || v != c[i].want)
			fail_msg("'%s' gave %llu", c[i].text, (unsigned long long)v);
	}
}

static void check_bad(parser parse, const struct bad *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t v = UNTOUCHED;
		int ret = parse(c[i].text, &v);

		if (ret != c[i].want || v != UNTOUCHED)
			fail_msg("'%s' gave %d, %llu", c[i].text, ret, (unsigned long long)v);
	}
}

static void numbers(void **state)
{
	static const struct good good[] = {
		{ "0", 0 }, { "7", 7 }, { "007", 7 }, { "18446744073709551615", UINT64_MAX },
	};
	static const struct bad bad[] = {
		{ "", -EINVAL }, { " 1", -EINVAL }, { "1 ", -EINVAL }, { "-1", -EINVAL },
		{ "+1", -EINVAL }, { "0x10", -EINVAL }, { "1.5", -EINVAL }, { "1K", -EINVAL },
		{ "abc", -EINVAL }, { "18446744073709551616", -ERANGE },
		{ "99999999999999999999999999", -ERANGE },
	};

	(void)state;
	check_good(drvmem_parse_u64, good, UNIT_NR(good));
	check_bad(drvmem_parse_u64, bad, UNIT_NR(bad));
}

static void sizes(void **state)
{
	static const struct good good[] = {
		{ "0", 0 }, { "512", 512 }, { "512B", 512 }, { "64K", 65536 }, { "64k", 65536 },
		{ "64KB", 65536 }, { "64Ki", 65536 }, { "64KiB", 65536 }, { "1.5M", 1572864 },
		{ "2GiB", 2147483648ull }, { "1T", 1ull << 40 }, { "1P", 1ull << 50 },
		{ "15E", 15ull << 60 }, { "15.999E", 18445591152204944769ull },
		{ "0.5K", 512 }, { "0.0009K", 0 }, { "1.0000000000000000000000000001K", 1024 },
		{ "18446744073709551615", UINT64_MAX },
	};
	static const struct bad bad[] = {
		{ "", -EINVAL }, { "K", -EINVAL }, { ".5K", -EINVAL }, { "1.", -EINVAL },
		{ "1.K", -EINVAL }, { "1.5", -EINVAL }, { "1.5B", -EINVAL }, { "1 K", -EINVAL },
		{ "1KK", -EINVAL }, { "1Kib2", -EINVAL }, { "1iB", -EINVAL }, { "1X", -EINVAL },
		{ "-1K", -EINVAL }, { "1e3", -EINVAL }, { "1K ", -EINVAL }, { "16E", -ERANGE },
		{ "99999999999999999E", -ERANGE }, { "18446744073709551616", -ERANGE },
	};

	(void)state;
	check_good(drvmem_parse_size, good, UNIT_NR(good));
	check_bad(drvmem_parse_size, bad, UNIT_NR(bad));
}

static void durations(void **state)
{
	static const struct good good[] = {
		{ "0", 0 }, { "10", 10 * S }, { "0.5", S / 2 }, { "1.5", S + S / 2 },
		{ "500ms", S / 2 }, { "2s", 2 * S }, { "2m", 120 * S }, { "2min", 120 * S },
		{ "1h30m", 5400 * S }, { "1d", 86400 * S }, { "1d2h3m4s5ms6us7ns", 93784005006007ull },
		{ "1.5h", 5400 * S }, { "1h1.5m", 3690 * S },
		{ "250us", 250000 }, { "7ns", 7 }, { "0.1ns", 0 },
		{ "213503d", 213503ull * 86400 * S },
	};
	static const struct bad bad[] = {
		{ "", -EINVAL }, { "s", -EINVAL }, { "10x", -EINVAL }, { "1h30", -EINVAL }, { "1d30", -EINVAL },
		{ "30m1h", -EINVAL }, { "1h1h", -EINVAL }, { "1.5h30m", -EINVAL },
		{ "-1s", -EINVAL }, { "1 s", -EINVAL }, { "1S", -EINVAL }, { "1M", -EINVAL },
		{ "1.s", -EINVAL }, { "1mss", -EINVAL }, { "1minutes", -EINVAL },
		{ "213504d", -ERANGE }, { "18446744073710", -ERANGE },
		/* a sum that overflows though each part fits */
		{ "213503d99h", -ERANGE },
	};

	(void)state;
	check_good(drvmem_parse_duration, good, UNIT_NR(good));
	check_bad(drvmem_parse_duration, bad, UNIT_NR(bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(sizes),
		cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
