// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"
#include "jsoncheck.h"

#include "render/err.h"

static struct drvmem_err err_of(const char *what, const char *remedy)
{
	struct drvmem_err err = { 0 };

	drvmem_err__set(&err, -ENOENT, DRVMEM_EXIT_CANNOT_RUN, "%s", what);
	if (remedy)
		drvmem_err__remedy(&err, "%s", remedy);
	return err;
}

static void expect(const char *cmd, const struct drvmem_err *err, bool json, const char *want)
{
	char *text = fix_text(NULL, drvmem_err__render(cmd, err, json, out));

	assert_string_equal(text, want);
	if (json)
		assert_true(json_is_valid(text, strlen(text)));
	free(text);
}

static void for_people(void **state)
{
	struct drvmem_err err = err_of("tracepoint kmem:kmalloc is missing (ENOENT)", "one\ntwo");

	(void)state;
	expect("leaks", &err, false, "drvmem leaks: tracepoint kmem:kmalloc is missing (ENOENT).\n"
				     "  one\n  two\n");
	expect(NULL, &err, false, "drvmem: tracepoint kmem:kmalloc is missing (ENOENT).\n"
				  "  one\n  two\n");
	err = err_of("what", "do this ~!");
	expect("x", &err, false, "drvmem x: what.\n  do this ~!\n");
	err = err_of("a sentence.", NULL);
	expect("x", &err, false, "drvmem x: a sentence.\n");
}

static void for_programs(void **state)
{
	struct drvmem_err err = err_of("what \"it\" is", "do this");

	(void)state;
	expect("leaks", &err, true, "{\"error\":{\"command\":\"leaks\",\"what\":\"what \\\"it\\\" is\","
				    "\"remedy\":\"do this\",\"code\":\"ENOENT\",\"exit\":3}}\n");
	err = err_of("w", NULL);
	expect(NULL, &err, true, "{\"error\":{\"command\":null,\"what\":\"w\",\"remedy\":null,"
				 "\"code\":\"ENOENT\",\"exit\":3}}\n");
}

static void what_was_typed_cannot_harm_a_terminal(void **state)
{
	struct drvmem_err err = err_of("unknown option '--\033[2J'", "a\033b");

	(void)state;
	expect("x", &err, false, "drvmem x: unknown option '--?[2J'.\n  a?b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_people),
		cmocka_unit_test(for_programs),
		cmocka_unit_test(what_was_typed_cannot_harm_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
