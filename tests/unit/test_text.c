// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "base/text.h"

static struct drvmem_span span(const char *s)
{
	return (struct drvmem_span){ s, strlen(s) };
}

static void lines(void **state)
{
	static const char text[] = "a\n\nb\r\n\rc\r";
	char *buf = unit_exact(text, sizeof(text) - 1);
	struct drvmem_span rest = { buf, sizeof(text) - 1 }, l;

	(void)state;
	assert_true(drvmem_span__line(&rest, &l) && drvmem_span__is(l, "a"));
	assert_true(drvmem_span__line(&rest, &l) && drvmem_span__is(l, ""));
	assert_true(drvmem_span__line(&rest, &l) && drvmem_span__is(l, "b"));
	assert_true(drvmem_span__line(&rest, &l) && drvmem_span__is(l, "\rc"));
	assert_false(drvmem_span__line(&rest, &l));
	rest = (struct drvmem_span){ NULL, 0 };
	assert_false(drvmem_span__line(&rest, &l));
	free(buf);
}

static void words(void **state)
{
	struct drvmem_span rest = span(" \t ab  c\t"), w;

	(void)state;
	assert_true(drvmem_span__word(&rest, &w) && drvmem_span__is(w, "ab"));
	assert_true(drvmem_span__word(&rest, &w) && drvmem_span__is(w, "c"));
	assert_false(drvmem_span__word(&rest, &w));
	rest = span(" a b\tcd ");
	assert_true(drvmem_span__last_word(&rest, &w) && drvmem_span__is(w, "cd"));
	assert_true(drvmem_span__last_word(&rest, &w) && drvmem_span__is(w, "b"));
	assert_true(drvmem_span__last_word(&rest, &w) && drvmem_span__is(w, "a"));
	assert_false(drvmem_span__last_word(&rest, &w));
	assert_true(drvmem_span__is(drvmem_span__trim(span(" \ta b ")), "a b"));
	assert_true(drvmem_span__is(drvmem_span__trim(span("  ")), ""));
	assert_true(drvmem_span__starts(span("abc"), "ab"));
	assert_false(drvmem_span__starts(span("a"), "ab"));
	assert_false(drvmem_span__is(span("ab"), "ac"));
	assert_false(drvmem_span__is(span("ab"), "a"));
	assert_false(drvmem_span__is(span("ab"), "abc"));
}

static void numbers(void **state)
{
	uint64_t v = 5;

	(void)state;
	assert_int_equal(drvmem_span__u64(span("18446744073709551615"), &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(drvmem_span__u64(span("18446744073709551616"), &v), -ERANGE);
	assert_int_equal(drvmem_span__u64(span(""), &v), -EINVAL);
	assert_int_equal(drvmem_span__u64(span("-1"), &v), -EINVAL);
	assert_int_equal(drvmem_span__u64(span("1 "), &v), -EINVAL);
	assert_int_equal(drvmem_span__hex(span("0xFFFFffffFFFFffff"), &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(drvmem_span__hex(span("00000000000000000000ff"), &v), 0);
	assert_int_equal(v, 255);
	assert_int_equal(drvmem_span__hex(span("10000000000000000"), &v), -ERANGE);
	assert_int_equal(drvmem_span__hex(span("0x"), &v), -EINVAL);
	assert_int_equal(drvmem_span__hex(span(""), &v), -EINVAL);
	assert_int_equal(drvmem_span__hex(span("fg"), &v), -EINVAL);
	assert_int_equal(drvmem_span__hex((struct drvmem_span){ "f\0", 2 }, &v), -EINVAL);
	assert_int_equal(v, 255);
}

static void copies(void **state)
{
	char buf[4] = "old";

	(void)state;
	assert_int_equal(drvmem_span__copy(span("abcd"), buf, sizeof(buf)), -ENAMETOOLONG);
	assert_int_equal(drvmem_span__copy(span(""), buf, sizeof(buf)), -EINVAL);
	assert_int_equal(drvmem_span__copy((struct drvmem_span){ "a\0b", 3 }, buf, 4), -EINVAL);
	assert_string_equal(buf, "old");
	assert_int_equal(drvmem_span__copy(span("abc"), buf, sizeof(buf)), 0);
	assert_string_equal(buf, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(words),
		cmocka_unit_test(numbers),
		cmocka_unit_test(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
