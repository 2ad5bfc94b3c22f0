// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "base/strbuf.h"

static void empty_is_a_string(void **state)
{
	struct drvmem_strbuf b = {0};
	char *s;

	(void)state;
	assert_string_equal(drvmem_strbuf__str(&b), "");
	drvmem_strbuf__append(&b, "");
	drvmem_strbuf__appendn(&b, NULL, 0);
	drvmem_strbuf__fill(&b, 'x', 0);
	drvmem_strbuf__printf(&b, "%s", "");
	assert_int_equal(drvmem_strbuf__error(&b), 0);
	s = drvmem_strbuf__steal(&b);
	assert_string_equal(s, "");
	free(s);
}

static void appends_of_all_kinds(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {0};

	(void)state;
	drvmem_strbuf__append(&b, "ab");
	drvmem_strbuf__appendn(&b, "cdef", 2);
	drvmem_strbuf__putc(&b, 'e');
	drvmem_strbuf__fill(&b, '.', 3);
	drvmem_strbuf__printf(&b, "%d-%s", 42, "x");
	assert_string_equal(drvmem_strbuf__str(&b), "abcde...42-x");
	assert_int_equal(b.len, 12);
	drvmem_strbuf__reset(&b);
	assert_string_equal(drvmem_strbuf__str(&b), "");
}

static void grows_across_many_sizes(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {0};

	(void)state;
	for (int i = 0; i < 20000; i++)
		drvmem_strbuf__printf(&b, "%d,", i);
	assert_int_equal(drvmem_strbuf__error(&b), 0);
	assert_int_equal(b.len, strlen(drvmem_strbuf__str(&b)));
	assert_int_equal(b.len, 108890);
	assert_string_equal(drvmem_strbuf__str(&b) + b.len - 6, "19999,");
}

static void the_error_sticks_and_keeps_the_prefix(void **state)
{
	struct drvmem_strbuf b = {0};

	(void)state;
	drvmem_strbuf__append(&b, "kept");
	drvmem_strbuf__fill(&b, 'x', SIZE_MAX / 2);
	assert_int_equal(drvmem_strbuf__error(&b), -ENOMEM);
	drvmem_strbuf__append(&b, "lost");
	drvmem_strbuf__printf(&b, "%s", "lost");
	drvmem_strbuf__putc(&b, 'l');
	assert_string_equal(drvmem_strbuf__str(&b), "kept");
	assert_null(drvmem_strbuf__steal(&b));
	assert_string_equal(drvmem_strbuf__str(&b), "");
	drvmem_strbuf__append(&b, "again");
	drvmem_strbuf__fill(&b, 'x', SIZE_MAX / 2);
	drvmem_strbuf__reset(&b);
	assert_int_equal(drvmem_strbuf__error(&b), 0);
	drvmem_strbuf__deinit(&b);
}

static void steal_leaves_an_empty_buffer(void **state)
{
	struct drvmem_strbuf b = {0};
	char *s;

	(void)state;
	drvmem_strbuf__append(&b, "mine");
	s = drvmem_strbuf__steal(&b);
	assert_string_equal(s, "mine");
	free(s);
	assert_int_equal(b.len, 0);
	assert_null(b.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_a_string),
		cmocka_unit_test(appends_of_all_kinds),
		cmocka_unit_test(grows_across_many_sizes),
		cmocka_unit_test(the_error_sticks_and_keeps_the_prefix),
		cmocka_unit_test(steal_leaves_an_empty_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
