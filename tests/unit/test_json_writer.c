// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"
#include "jsoncheck.h"

#include <math.h>

#include "render/json_writer.h"
#include "render/utf8.h"

#define expect(want, ...)					\
	do {							\
		struct drvmem_json w;				\
		char *text_got = fix_text(NULL, ({		\
			drvmem_json__init(&w, out);		\
			__VA_ARGS__;				\
		}));						\
		assert_string_equal(text_got, want);		\
		assert_true(json_is_valid(text_got, strlen(text_got)));	\
		free(text_got);					\
	} while (0)

static void commas_belong_to_the_writer(void **state)
{
	(void)state;
	expect("{}", drvmem_json__begin_object(&w); drvmem_json__end_object(&w));
	expect("[]", drvmem_json__begin_array(&w); drvmem_json__end_array(&w));
	expect("{\"a\":1,\"b\":[1,[],{},\"x\"],\"c\":null}", ({
		drvmem_json__begin_object(&w);
		drvmem_json__kv_u64(&w, "a", 1);
		drvmem_json__key(&w, "b");
		drvmem_json__begin_array(&w);
		drvmem_json__u64(&w, 1);
		drvmem_json__begin_array(&w);
		drvmem_json__end_array(&w);
		drvmem_json__begin_object(&w);
		drvmem_json__end_object(&w);
		drvmem_json__str(&w, "x");
		drvmem_json__end_array(&w);
		drvmem_json__kv_str(&w, "c", NULL);
		drvmem_json__end_object(&w);
	}));
	expect("{\"n\":null,\"n_reason\":\"why\",\"t\":true,\"f\":false}", ({
		drvmem_json__begin_object(&w);
		drvmem_json__kv_missing(&w, "n", "why");
		drvmem_json__kv_bool(&w, "t", true);
		drvmem_json__kv_bool(&w, "f", false);
		drvmem_json__end_object(&w);
	}));
}

static void numbers_are_exact(void **state)
{
	(void)state;
	expect("18446744073709551615", drvmem_json__u64(&w, UINT64_MAX));
	expect("9007199254740993", drvmem_json__u64(&w, (1ull << 53) + 1));
	expect("-9223372036854775808", drvmem_json__i64(&w, INT64_MIN));
	expect("0", drvmem_json__u64(&w, 0));
	expect("0.1", drvmem_json__double(&w, 0.1));
	expect("10", drvmem_json__double(&w, 10.0));
	expect("0.30000000000000004", drvmem_json__double(&w, 0.1 + 0.2));
	expect("1e+300", drvmem_json__double(&w, 1e300));
	expect("null", drvmem_json__double(&w, NAN));
	expect("null", drvmem_json__double(&w, -INFINITY));
}

static void text_is_escaped(void **state)
{
	(void)state;
	expect("\"a\\\"b\\\\c/\"", drvmem_json__str(&w, "a\"b\\c/"));
	expect("\"\\b\\t\\n\\u000b\\f\\r\\u0001\\u001f\\u007f\"",
	       drvmem_json__str(&w, "\b\t\n\v\f\r\x01\x1f\x7f"));
	expect("\"é€😀\"", drvmem_json__str(&w, "é€😀"));
	expect("\"\"", drvmem_json__str(&w, ""));
	expect("{\"k\\\"\":1}", ({
		drvmem_json__begin_object(&w);
		drvmem_json__kv_u64(&w, "k\"", 1);
		drvmem_json__end_object(&w);
	}));
}

/* Lone continuation, overlong form, surrogate, beyond U+10FFFF, cut short. */
static void bytes_that_are_not_utf8_are_replaced(void **state)
{
	(void)state;
	expect("\"a\\ufffdb\"", drvmem_json__str(&w, "a\x80" "b"));
	expect("\"\\ufffd\\ufffd\"", drvmem_json__str(&w, "\xc0\xaf"));
	expect("\"\\ufffd\\ufffd\\ufffd\"", drvmem_json__str(&w, "\xed\xa0\x80"));
	expect("\"\\ufffd\\ufffd\\ufffd\\ufffd\"", drvmem_json__str(&w, "\xf4\x90\x80\x80"));
	expect("\"\xf4\x8f\xbf\xbf\"", drvmem_json__str(&w, "\xf4\x8f\xbf\xbf"));
	expect("\"\xed\x9f\xbf\xee\x80\x80\"", drvmem_json__str(&w, "\xed\x9f\xbf\xee\x80\x80"));
	expect("\"\\ufffd\\ufffd\"", drvmem_json__str(&w, "\xe2\x82"));
	expect("\"\\ufffd\\ufffd\\ufffd\"", drvmem_json__str(&w, "\xe0\x80\x80"));
	expect("\"\\ufffdx\"", drvmem_json__str(&w, "\xe2x"));
	expect("\"\\ufffd\\ufffd\"", drvmem_json__str(&w, "\xff\xfe"));
}

/* Every string of two bytes gives valid JSON. */
static void any_bytes_make_valid_json(void **state)
{
	struct drvmem_json w;
	char in[3] = "", *text;
	size_t len;

	(void)state;
	for (int a = 1; a < 256; a++) {
		text = fix_text(&len, ({
			drvmem_json__init(&w, out);
			drvmem_json__begin_array(&w);
			for (int b = 1; b < 256; b++) {
				in[0] = (char)a;
				in[1] = (char)b;
				drvmem_json__str(&w, in);
			}
			drvmem_json__end_array(&w);
		}));
		assert_true(json_is_valid(text, len));
		free(text);
	}
}

static void deep_nesting(void **state)
{
	struct drvmem_json w;
	size_t len;
	char *text;

	(void)state;
	text = fix_text(&len, ({
		drvmem_json__init(&w, out);
		for (int i = 0; i < DRVMEM_JSON_MAX_DEPTH; i++) {
			drvmem_json__begin_array(&w);
			drvmem_json__u64(&w, 1);
		}
		for (int i = 0; i < DRVMEM_JSON_MAX_DEPTH; i++)
			drvmem_json__end_array(&w);
	}));
	assert_true(json_is_valid(text, len));
	free(text);
}

/* The judge itself refuses what is not JSON. */
static void the_check_can_fail(void **state)
{
	static const char *const bad[] = { "", "{", "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\" 1}",
					   "\"\n\"", "\"\\x\"", "\"\\u12\"", "01", "1.", "nul",
					   "{\"a\":1,\"a\":2}", "\"\x80\"", "[] []", "NaN" };

	(void)state;
	for (size_t i = 0; i < UNIT_NR(bad); i++)
		if (json_is_valid(bad[i], strlen(bad[i])))
			fail_msg("taken for JSON: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_belong_to_the_writer),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(any_bytes_make_valid_json),
		cmocka_unit_test(deep_nesting),
		cmocka_unit_test(the_check_can_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
