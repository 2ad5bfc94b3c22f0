// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"
#include "jsoncheck.h"

#include "render/json.h"

static char *report(const struct drvmem_snapshot *prev, const struct drvmem_snapshot *s, size_t *ret_len)
{
	struct drvmem_scope *v = fix_scope(prev, s, NULL);
	char *text = fix_text(ret_len, assert_int_equal(drvmem_json__report(v, out), 0));

	drvmem_scope__free(v);
	assert_true(json_is_valid(text, *ret_len));
	assert_int_equal(text[*ret_len - 1], '\n');
	assert_ptr_equal(strchr(text, '\n'), text + *ret_len - 1);	/* one line, for streams */
	return text;
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s is not in %s", part, text);
}

static void golden_report(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text = report(NULL, s, &len);

	(void)state;
	fix_golden("report.json", text, len);
	free(text);
	drvmem_snapshot__free(s);
}

static void golden_sampled_report(void **state)
{
	struct drvmem_snapshot *s = fix_sampled();
	size_t len;
	char *text = report(NULL, s, &len);

	(void)state;
	fix_golden("report-sampled.json", text, len);
	free(text);
	drvmem_snapshot__free(s);
}

/* Our walk was switched off: who walks, and why. */
static void a_walk_that_differed(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	fix_walk_differed(s);
	text = report(NULL, s, &len);
	assert_non_null(strstr(text, "\"stack_walks\":{\"by\":\"kernel\",\"why\":\"one of our walks differed from its\","
				     "\"walked\":4096,\"fallback\":7,\"checked\":4,\"uncomparable\":0,\"mismatch\":1,\"rare_by_kernel\":5}"));
	free(text);
	drvmem_snapshot__free(s);
}

static void golden_lossy_report(void **state)
{
	struct drvmem_snapshot *prev = fix_machine(), *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	s->loss.recursion_misses = (struct drvmem_u64){ 0, DRVMEM_ABSENT };
	s->loss.nest_refused = 5;
	s->loss.table_full = 20;
	s->meta.taken_ns += 5 * FIX_S;
	s->meta.peak_exact = false;
	s->meta.max_size = 4096;
	s->sites[0].c.allocs += 10;
	text = report(prev, s, &len);
	fix_golden("report-lossy.json", text, len);
	free(text);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(s);
}

/* The keys that the issue promises; they may never change their meaning. */
static void promised_keys(void **state)
{
	static const char *const keys[] = {
		"{\"schema_version\":1,\"meta\":{", "\"kernel\":\"6.12.0-test\"", "\"arch\":\"x86_64\"",
		"\"duration_s\":10,", "\"owner_policy\":\"driver\"", "\"loss\":{",
		"\"recursion_misses\":0", "\"table_full\":0", "\"stack_missing\":0",
		"\"insert_failed\":0", "\"unmatched_frees\":17", "\"inferred_frees\":2",
		"\"owners\":[{\"owner\":\"kernel\"", "\"type\":\"kernel\"", "\"type\":\"module\"",
		"\"type\":\"drvmem\"", "\"instance\":{\"load_seq\":7,\"build_id\":\"0123456789abcdef",
		"\"loaded_at\":1700000005", "\"unloaded_at\":1700000004", "\"live_bytes\":43000,",
		"\"held_bytes\":54400,", "\"live_objects\":250,", "\"peak_bytes\":70000,",
		"\"allocs\":350,", "\"frees\":100,", "\"failures\":3,", "\"rcu_pending\":1,",
		"\"allocators\":{\"slab\":{\"live_bytes\":", "\"sites\":[{\"site\":\"",
		"\"cache\":\"kmalloc-256\"", "\"stack\":[\"e1000_open+0x1f [e1000e]\",",
		"\"size_hist\":[", "\"life_hist\":[", "\"upper_bound\":true",
	};
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text = report(NULL, s, &len);

	(void)state;
	for (size_t i = 0; i < UNIT_NR(keys); i++)
		expect_in(text, keys[i]);
	free(text);
	drvmem_snapshot__free(s);
}

/* null and the reason beside it. */
static void missing_numbers(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	s->loss.recursion_misses.st = DRVMEM_ABSENT;
	s->instances[4].peak_bytes.st = DRVMEM_ABSENT;
	s->sites[0].peak_bytes.st = DRVMEM_DENIED;
	s->caches[1].kind = DRVMEM_CLASS_NONE;
	s->meta.taken_ns = s->meta.started_ns;
	text = report(NULL, s, &len);
	expect_in(text, "\"recursion_misses\":null,\"recursion_misses_reason\":\"this kernel does not count them\"");
	expect_in(text, "\"peak_bytes\":null,\"peak_bytes_reason\":\"this kernel keeps no peak\"");
	expect_in(text, "\"peak_bytes\":null,\"peak_bytes_reason\":\"permission denied\"");
	expect_in(text, "\"held_bytes\":null,\"held_bytes_reason\":\"the cache of these objects is not known\"");
	expect_in(text, "\"held_lower_bound\":true");
	expect_in(text, "\"allocs_per_s\":null,\"allocs_per_s_reason\":\"the interval is empty\"");
	expect_in(text, "\"age_p50_ns\":null,\"age_p50_ns_reason\":\"no live objects\"");
	expect_in(text, "\"max_size\":null,\"max_size_reason\":\"no upper limit was set\"");
	expect_in(text, "\"loaded_at\":null,\"loaded_at_reason\":\"loaded before the session\"");
	expect_in(text, "\"unloaded_at\":null,\"unloaded_at_reason\":\"still loaded\"");
	expect_in(text, "\"build_id\":null,\"build_id_reason\":\"not a module\"");
	free(text);
	drvmem_snapshot__free(s);
}

static void exact_and_negative_numbers(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	s->sites[0].c.allocs = UINT64_MAX - 400;	/* the owner adds 50 of another site */
	s->sites[3].c.live_bytes = -250;
	text = report(NULL, s, &len);
	expect_in(text, "\"allocs\":18446744073709551215,");
	expect_in(text, "\"live_bytes\":-250,");
	free(text);
	drvmem_snapshot__free(s);
}

static void hostile_names(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	s->instances[4].name = drvmem_snapshot__str(s, "a\"b\\c\n\x1b[31m\xff€");
	s->caches[0].name = drvmem_snapshot__str(s, "k\t\x01");
	s->sites[0].site = NULL;
	s->meta.hostname = NULL;
	text = report(NULL, s, &len);
	expect_in(text, "\"owner\":\"a\\\"b\\\\c\\n\\u001b[31m\\ufffd€\"");
	expect_in(text, "\"hostname\":null");
	free(text);
	drvmem_snapshot__free(s);
}

/* Equal live bytes: the order of the snapshot. */
static void equal_owners_have_an_order(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	const char *at = NULL, *next;
	char name[64], *text;
	size_t len;

	(void)state;
	fix_cache(s, "c", 64, false);
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "m%02u", (i * 7) % 40);
		fix_site(s, fix_module(s, name, i + 1, 1), 0, name, 1, 0, 60);
	}
	text = report(NULL, s, &len);
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "{\"owner\":\"m%02u\"", (i * 7) % 40);
		next = strstr(text, name);
		assert_non_null(next);
		assert_true(!at || next > at);
		at = next;
	}
	free(text);
	drvmem_snapshot__free(s);
}

static void no_owners_and_many(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	size_t len;
	char *text = report(NULL, s, &len), name[32];

	(void)state;
	expect_in(text, "\"owners\":[]}");
	free(text);
	fix_cache(s, "kmalloc-64", 64, false);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "mod%04u", i);
		fix_site(s, fix_module(s, name, i + 1, 1), 0, "f+0x1", i + 1, 1, 60);
	}
	text = report(NULL, s, &len);
	expect_in(text, "\"owners\":[{\"owner\":\"mod4999\"");
	expect_in(text, "\"owner\":\"mod0000\"");
	free(text);
	drvmem_snapshot__free(s);
}

/* An owner with one allocator has its peak; of two, neither has a counter. */
static void one_owner_per_byte_one_peak(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text;

	(void)state;
	s->sites[1].allocator = DRVMEM_ALLOC_PAGE;
	text = report(NULL, s, &len);
	expect_in(text, "\"page\":{\"live_bytes\":3000,");
	expect_in(text, "\"peak_bytes_reason\":\"no single counter covers this sum\"");
	free(text);
	drvmem_snapshot__free(s);
}

static void golden_leaks(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_outstanding *o = NULL;
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(drvmem_outstanding__new(v, &(struct drvmem_outstanding_opts){ .older_ns = 2 * FIX_S }, &o), 0);
	text = fix_text(&len, drvmem_json__outstanding(v, o, out));
	assert_true(json_is_valid(text, len));
	fix_golden("leaks.json", text, len);
	free(text);
	drvmem_outstanding__free(o);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void any_grid(void **state)
{
	static const struct drvmem_column columns[] = {
		{ "name", "NAME", NULL, DRVMEM_UNIT_TEXT, false, 0 },
		{ "n", "N", NULL, DRVMEM_UNIT_COUNT, false, 0 },
		{ "d", "D", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	};
	struct drvmem_grid *g = drvmem_grid__new(columns, 3);
	size_t len;
	char *text;

	(void)state;
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", "x", 0);
	drvmem_grid__i64(g, "n", -1, 0);
	drvmem_grid__double(g, "d", 0.5, 0);
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__missing(g, "n", DRVMEM_LOST);
	text = fix_text(&len, drvmem_json__grid(g, "rows", out));
	assert_string_equal(text, "{\"schema_version\":1,\"rows\":[{\"name\":\"x\",\"n\":-1,\"d\":0.5},"
				  "{\"n\":null,\"n_reason\":\"lost\"}]}\n");
	assert_true(json_is_valid(text, len));
	free(text);
	drvmem_grid__free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_report),
		cmocka_unit_test(golden_sampled_report),
		cmocka_unit_test(a_walk_that_differed),
		cmocka_unit_test(golden_lossy_report),
		cmocka_unit_test(promised_keys),
		cmocka_unit_test(missing_numbers),
		cmocka_unit_test(exact_and_negative_numbers),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(equal_owners_have_an_order),
		cmocka_unit_test(no_owners_and_many),
		cmocka_unit_test(one_owner_per_byte_one_peak),
		cmocka_unit_test(golden_leaks),
		cmocka_unit_test(any_grid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
