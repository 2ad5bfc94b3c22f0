// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <fnmatch.h>

#include "base/fnv.h"
#include "base/glob.h"

static void matches(void **state)
{
	static const char *const yes[][2] = {
		{ "e1000e", "e1000e" }, { "*", "" }, { "*", "x" }, { "**", "abc" },
		{ "snd_*", "snd_hda_intel" }, { "*intel", "snd_hda_intel" },
		{ "*hda*", "snd_hda_intel" }, { "a*b*c", "aXbYbZc" }, { "?", "x" },
		{ "kmalloc-[0-9]*", "kmalloc-256" }, { "[!a]x", "bx" }, { "[^a]x", "bx" },
		{ "[]]x", "]x" }, { "[a-]x", "-x" }, { "[\\]]x", "]x" }, { "\\*", "*" },
		{ "a\\?b", "a?b" }, { ":000*", ":0000200" }, { "[a-c][x-z]", "bz" },
		{ "[a-c]", "a" }, { "[a-c]", "c" },
		{ "[!]]", "a" },
	};
	static const char *const no[][2] = {
		{ "e1000", "e1000e" }, { "e1000e", "e1000" }, { "?", "" }, { "??", "x" },
		{ "snd_*", "usb_snd" }, { "a*b*c", "aXbY" }, { "[!a]x", "ax" },
		{ "[0-9]", "a" }, { "\\*", "x" }, { "*x", "xy" }, { "A", "a" },
		{ "[z-a]", "m" }, { "[a-c]", "d" }, { "[b-c]", "a" }, { "[\\a]", "\\" }, { "a-b", "a_b" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_NR(yes); i++)
		if (!drvmem_glob__match(yes[i][0], yes[i][1]))
			fail_msg("'%s' should match '%s'", yes[i][0], yes[i][1]);
	for (size_t i = 0; i < UNIT_NR(no); i++)
		if (drvmem_glob__match(no[i][0], no[i][1]))
			fail_msg("'%s' should not match '%s'", no[i][0], no[i][1]);
}

static void invalid_patterns(void **state)
{
	static const char *const bad[] = { "", "[", "[a", "a[", "[!", "[]", "[!]", "a\\", "[a\\]",
					   "[\\" };

	(void)state;
	for (size_t i = 0; i < UNIT_NR(bad); i++) {
		if (drvmem_glob__check(bad[i]) != -EINVAL)
			fail_msg("'%s' should be refused", bad[i]);
		assert_false(drvmem_glob__match(bad[i], "a"));
		assert_false(drvmem_glob__match(bad[i], ""));
	}
	assert_int_equal(drvmem_glob__check("a[b]*?\\["), 0);
}

static void module_names_take_dash_for_underscore(void **state)
{
	(void)state;
	assert_true(drvmem_glob__match_module("snd-hda-*", "snd_hda_intel"));
	assert_true(drvmem_glob__match_module("snd_hda_*", "snd-hda-intel"));
	assert_true(drvmem_glob__match_module("nvme[-]core", "nvme_core"));
	assert_false(drvmem_glob__match_module("snd-hda", "sndxhda"));
}

static void lists(void **state)
{
	struct drvmem_strlist l = {0};

	(void)state;
	assert_true(drvmem_glob__match_list(NULL, "any"));
	assert_true(drvmem_glob__match_list(&l, "any"));
	assert_int_equal(drvmem_strlist__add(&l, "snd_*,e1000e"), 0);
	assert_true(drvmem_glob__match_list(&l, "e1000e"));
	assert_true(drvmem_glob__match_list(&l, "snd_pcm"));
	assert_false(drvmem_glob__match_list(&l, "e1000"));
	drvmem_strlist__deinit(&l);
}

/* Exponential in a naive matcher. */
static void many_stars_stay_fast(void **state)
{
	char pattern[201], name[2001];

	(void)state;
	for (int i = 0; i < 200; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[199] = 'b';
	pattern[200] = '\0';
	memset(name, 'a', 2000);
	name[2000] = '\0';
	assert_false(drvmem_glob__match(pattern, name));
}

/* libc as the oracle, over all short strings of a small alphabet. */
static void agrees_with_fnmatch(void **state)
{
	static const char alphabet[] = "ab*?[]!-";
	char pattern[6], name[4];
	unsigned int checked = 0;

	(void)state;
	for (unsigned int p = 1; p < 8 * 8 * 8 * 8 * 8; p++) {
		unsigned int n = 0;

		for (unsigned int v = p; v && n < 5; v /= 8)
			pattern[n++] = alphabet[v % 8];
		pattern[n] = '\0';
		if (drvmem_glob__check(pattern))
			continue;
		for (unsigned int s = 0; s < 27; s++) {
			name[0] = "ab-"[s % 3];
			name[1] = "ab-"[s / 3 % 3];
			name[2] = "\0a-"[s / 9];
			name[3] = '\0';
			if (drvmem_glob__match(pattern, name) != !fnmatch(pattern, name, 0))
				fail_msg("'%s' on '%s'", pattern, name);
			checked++;
		}
	}
	assert_true(checked > 100000);
}

static void fnv_is_the_known_one(void **state)
{
	(void)state;
	/* test vectors of the FNV authors, 64-bit FNV-1a */
	assert_true(drvmem_fnv1a("") == 0xcbf29ce484222325ull);
	assert_true(drvmem_fnv1a("a") == 0xaf63dc4c8601ec8cull);
	assert_true(drvmem_fnv1a("foobar") == 0x85944171f73967e8ull);
	assert_true(drvmem_fnv1a_more(drvmem_fnv1a("foo"), "bar", 3) == drvmem_fnv1a("foobar"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(invalid_patterns),
		cmocka_unit_test(module_names_take_dash_for_underscore),
		cmocka_unit_test(lists),
		cmocka_unit_test(many_stars_stay_fast),
		cmocka_unit_test(agrees_with_fnmatch),
		cmocka_unit_test(fnv_is_the_known_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
