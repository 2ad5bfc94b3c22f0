// SPDX-License-Identifier: GPL-2.0-or-later
/* Patterns of owners as names and prefixes that let through at least what they match. */
#include "unit.h"

#include "drvmem/abi.h"
#include "drvmem/config.h"
#include "session/only.h"

static struct drvmem_only make(const char *const *v, uint32_t n)
{
	struct drvmem_strlist list = { .n = n };
	struct drvmem_only o;
	uint32_t i;

	for (i = 0; i < n; i++)
		list.v[i] = v[i];
	drvmem_only__make(&list, &o);
	return o;
}

#define MAKE(...) make((const char *const[]){ __VA_ARGS__ },				\
		       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void names_and_prefixes(void **state)
{
	struct drvmem_only o;

	(void)state;
	o = MAKE("e1000e", "snd_*", "nvme?", "usb[cd]ore", "bridge#7", "a\\*b");
	assert_int_equal(o.bits, DRVMEM_ONLY_ON | 1u << DRVMEM_MOD_UNKNOWN);
	assert_int_equal(o.n, 6);
	assert_string_equal(o.name[0], "e1000e");
	assert_string_equal(o.name[1], "snd_*");
	assert_string_equal(o.name[2], "nvme*");
	assert_string_equal(o.name[3], "usb*");
	assert_string_equal(o.name[4], "bridge");
	assert_string_equal(o.name[5], "a*");
}

static void all_owners(void **state)
{
	(void)state;
	assert_int_equal(MAKE("*").bits, 0);
	assert_int_equal(MAKE("e1000e", "?vme").bits, 0);
	assert_int_equal(MAKE("").bits, 0);
	/* nearly everything */
	assert_int_equal(MAKE("e1000e", "kernel").bits, 0);
	assert_int_equal(MAKE("kernel:net*").bits, 0);
	assert_int_equal(MAKE("k*").bits, 0);
}

static void reserved_owners(void **state)
{
	(void)state;
	assert_true(MAKE("drvmem").bits & 1u << DRVMEM_MOD_DRVMEM);
	assert_true(MAKE("drv*").bits & 1u << DRVMEM_MOD_DRVMEM);
	assert_false(MAKE("drvmem_test").bits & 1u << DRVMEM_MOD_DRVMEM);
	assert_false(MAKE("drvmem").bits & 1u << DRVMEM_MOD_KERNEL);
}

static void a_name_that_is_too_long(void **state)
{
	(void)state;
	assert_int_equal(MAKE("a_name_of_a_module_that_is_longer_than_any_that_the_kernel_can_load_")
				 .bits, 0);
}

static void no_patterns(void **state)
{
	struct drvmem_only o;

	(void)state;
	drvmem_only__make(NULL, &o);
	assert_int_equal(o.bits, 0);
	assert_int_equal(make(NULL, 0).bits, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_prefixes),
		cmocka_unit_test(all_owners),
		cmocka_unit_test(reserved_owners),
		cmocka_unit_test(a_name_that_is_too_long),
		cmocka_unit_test(no_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
