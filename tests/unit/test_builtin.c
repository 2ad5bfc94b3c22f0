// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "symbol/symbol.h"

#define STEXT 0xffffffff81000000ull

static struct drvmem_builtin *parse_text(const char *s, size_t n, uint64_t stext)
{
	struct drvmem_builtin *b = NULL;
	char *text = unit_exact(s, n);
	int ret = drvmem_builtin__parse(text, n, stext, &b);

	free(text);
	assert_int_equal(ret, 0);
	return b;
}

static void ranges_name_modules(void **state)
{
	size_t len;
	char *text = unit_data("modules.builtin.ranges.txt", &len);
	struct drvmem_builtin *b = parse_text(text, len, STEXT);

	(void)state;
	free(text);
	assert_int_equal(drvmem_builtin__count(b), 5);	/* .text alone */
	assert_null(drvmem_builtin__find(b, STEXT));
	assert_null(drvmem_builtin__find(b, STEXT + 0xbaef));
	assert_string_equal(drvmem_builtin__find(b, STEXT + 0xbaf0), "amd_uncore");
	assert_string_equal(drvmem_builtin__find(b, STEXT + 0xcb0f), "amd_uncore");
	assert_null(drvmem_builtin__find(b, STEXT + 0xcb10));
	assert_string_equal(drvmem_builtin__find(b, STEXT + 0xba0200),
			    "intel_skl_int3472_discrete,intel_skl_int3472_tps68470");
	assert_string_equal(drvmem_builtin__find(b, STEXT + 0xba03c0),
			    "intel_skl_int3472_tps68470");
	/* offsets of other sections must not be taken for text */
	assert_null(drvmem_builtin__find(b, STEXT + 0x10000));
	assert_null(drvmem_builtin__find(b, STEXT + 0xf020));
	assert_null(drvmem_builtin__find(b, 0));
	drvmem_builtin__free(b);
}

static void unordered_lines_are_sorted(void **state)
{
	static const char text[] = ".text 2000-3000 two\n.text 0-1000 zero\n.text 1000-2000 one";
	struct drvmem_builtin *b = parse_text(text, sizeof(text) - 1, 0x10);

	(void)state;
	assert_string_equal(drvmem_builtin__find(b, 0x10), "zero");
	assert_string_equal(drvmem_builtin__find(b, 0x1010), "one");
	assert_string_equal(drvmem_builtin__find(b, 0x300f), "two");
	assert_null(drvmem_builtin__find(b, 0x3010));
	drvmem_builtin__free(b);
}

static void malformed_lines_are_dropped(void **state)
{
	static const char text[] =
		".text\n.text \n.text 10\n.text 10-\n.text 10-20\n.text 10-20 \n.text -20 x\n"
		".text 20-10 backwards\n.text 10-10 empty\n.text 0x10-0x20 prefixed\n"
		".text 11112222333344445-2 long\n.text ffffffffffffff00-ffffffffffffffff over\n"
		".textual 10-20 x\ntext 10-20 x\n\n10-20 x\n"
		".text 10-20\tgood  again \r\n";
	struct drvmem_builtin *b = parse_text(text, sizeof(text) - 1, STEXT);

	(void)state;
	assert_int_equal(drvmem_builtin__count(b), 1);
	assert_string_equal(drvmem_builtin__find(b, STEXT + 0x10), "good,again");
	drvmem_builtin__free(b);
}

static void empty_and_absent(void **state)
{
	struct drvmem_builtin *b = parse_text("", 0, STEXT);
	int ret;

	(void)state;
	assert_null(drvmem_builtin__find(b, STEXT));
	drvmem_builtin__free(b);
	drvmem_builtin__free(NULL);
	assert_null(drvmem_builtin__find(NULL, STEXT));
	assert_int_equal(drvmem_builtin__load(0, &b), -EINVAL);
	ret = drvmem_builtin__load(STEXT, &b);
	if (!ret)
		drvmem_builtin__free(b);
	else
		assert_int_equal(ret, -ENOENT);
}

static void huge_lines_are_skipped(void **state)
{
	size_t len = 10000;
	char *text = malloc(len);
	struct drvmem_builtin *b;

	(void)state;
	memset(text, 'x', len);
	memcpy(text, ".text 10-20 ", 12);
	b = parse_text(text, len, STEXT);
	assert_int_equal(drvmem_builtin__count(b), 0);
	drvmem_builtin__free(b);
	free(text);
}

static void every_truncation_is_survived(void **state)
{
	size_t len;
	char *text = unit_data("modules.builtin.ranges.txt", &len);

	(void)state;
	for (size_t n = 0; n < len; n++)
		drvmem_builtin__free(parse_text(text, n, STEXT));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_name_modules),
		cmocka_unit_test(unordered_lines_are_sorted),
		cmocka_unit_test(malformed_lines_are_dropped),
		cmocka_unit_test(empty_and_absent),
		cmocka_unit_test(huge_lines_are_skipped),
		cmocka_unit_test(every_truncation_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
