// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "source/lockdown.h"

static int parse_text(const char *s, enum drvmem_lockdown *ret)
{
	char *text = unit_exact(s, strlen(s));
	int err = drvmem_lockdown__parse(text, strlen(s), ret);

	free(text);
	return err;
}

static void the_level_in_brackets_counts(void **state)
{
	enum drvmem_lockdown v;

	(void)state;
	assert_int_equal(parse_text("[none] integrity confidentiality\n", &v), 0);
	assert_int_equal(v, DRVMEM_LOCKDOWN_NONE);
	assert_int_equal(parse_text("none [integrity] confidentiality\n", &v), 0);
	assert_int_equal(v, DRVMEM_LOCKDOWN_INTEGRITY);
	assert_int_equal(parse_text("none integrity [confidentiality]", &v), 0);
	assert_int_equal(v, DRVMEM_LOCKDOWN_CONFIDENTIALITY);
	/* a level that a later kernel adds does not hide the known one */
	assert_int_equal(parse_text("none extra [integrity] confidentiality\n", &v), 0);
	assert_int_equal(v, DRVMEM_LOCKDOWN_INTEGRITY);
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "", "\n", "none integrity confidentiality\n",
					   "[none integrity]\n", "[]\n", "[total]\n", "[none",
					   "\n[none]\n" };
	enum drvmem_lockdown v = DRVMEM_LOCKDOWN_INTEGRITY;

	(void)state;
	for (size_t i = 0; i < UNIT_NR(bad); i++)
		assert_int_equal(parse_text(bad[i], &v), -EINVAL);
	assert_int_equal(v, DRVMEM_LOCKDOWN_INTEGRITY);
}

static void this_kernel(void **state)
{
	enum drvmem_lockdown v;
	int ret = drvmem_lockdown__load(&v);

	(void)state;
	assert_true(ret == 0 || ret == -ENOENT || ret == -EACCES || ret == -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_level_in_brackets_counts),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
