// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <limits.h>

#include "base/err.h"

static void the_first_cause_wins(void **state)
{
	struct drvmem_err e = {0};

	(void)state;
	assert_int_equal(drvmem_err__set(&e, -ENOENT, DRVMEM_EXIT_CANNOT_RUN, "no %s", "file"),
			 -ENOENT);
	drvmem_err__remedy(&e, "make %d", 1);
	assert_int_equal(drvmem_err__set(&e, -EIO, DRVMEM_EXIT_INTERNAL, "later"), -EIO);
	assert_int_equal(e.code, -ENOENT);
	assert_int_equal(e.exit, DRVMEM_EXIT_CANNOT_RUN);
	assert_string_equal(e.what, "no file");
	assert_string_equal(e.remedy, "make 1");
}

static void no_receiver_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(drvmem_err__set(NULL, -EPERM, DRVMEM_EXIT_USAGE, "x"), -EPERM);
	drvmem_err__remedy(NULL, "x");
}

static void long_text_is_cut(void **state)
{
	struct drvmem_err e = {0};
	char text[1000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	drvmem_err__set(&e, -EIO, DRVMEM_EXIT_INTERNAL, "%s", text);
	drvmem_err__remedy(&e, "%s", text);
	assert_int_equal(strlen(e.what), sizeof(e.what) - 1);
	assert_int_equal(strlen(e.remedy), sizeof(e.remedy) - 1);
}

static void errno_names(void **state)
{
	(void)state;
	assert_string_equal(drvmem_errno_name(-ENOENT), "ENOENT");
	assert_string_equal(drvmem_errno_name(ENOENT), "ENOENT");
	assert_string_equal(drvmem_errno_name(-EPERM), "EPERM");
	assert_string_equal(drvmem_errno_name(-524), "ENOTSUPP");
	assert_string_equal(drvmem_errno_name(-999), "E999");
	assert_string_equal(drvmem_errno_name(0), "E0");
	assert_string_equal(drvmem_errno_name(INT_MIN), "E2147483648");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_cause_wins),
		cmocka_unit_test(no_receiver_is_allowed),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(errno_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
