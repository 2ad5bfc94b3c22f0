// SPDX-License-Identifier: GPL-2.0-or-later
/* One word for what memory does: each from what must be seen for it, and never more than that. */
#include "fixture.h"

#include "analysis/standing.h"

/* Of one site with id 7: allocs[i] and live[i] each 10 s. */
static void fill_series(struct drvmem_series *z, const uint64_t *allocs, const int64_t *live, uint32_t n)
{
	static struct drvmem_series_count count[DRVMEM_SERIES_POINTS];

	*z = (struct drvmem_series){ .nr = n };
	for (uint32_t i = 0; i < n; i++) {
		count[i] = (struct drvmem_series_count){ 7, allocs[i], live[i] };
		z->point[i] = (struct drvmem_series_point){ .taken_ns = (10 + 10 * i) * FIX_S, .count = &count[i],
							    .nr = allocs[i] != 0 };
	}
}

static const uint64_t many[] = { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140 };
static const int64_t flat[] = { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 };
static const int64_t rising[] = { 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70 };

static struct drvmem_standing_in seen(const struct drvmem_series *z, const struct drvmem_growth *g)
{
	return (struct drvmem_standing_in){ .growth = g, .series = z, .site = 7, .now_ns = 140 * FIX_S,
					    .allocs = 140, .frees = 90, .live_objects = 50 };
}

static const char *word(const struct drvmem_standing_in *in)
{
	struct drvmem_standing_is k;

	drvmem_standing(in, &k);
	return drvmem_standing__name(&k);
}

static char *why(const struct drvmem_standing_in *in)
{
	struct drvmem_strbuf b = { 0 };
	struct drvmem_standing_is k;
	char *text;

	drvmem_standing(in, &k);
	drvmem_standing__why(in, &k, &b);
	text = drvmem_strbuf__steal(&b);
	drvmem_strbuf__deinit(&b);
	return text;
}

/* Where ages are known, the word of growth.h; a shape that is none of a leak is stable. */
static void by_ages(void **state)
{
	static const enum drvmem_growth_class classes[] = { DRVMEM_GROWTH_STEADY, DRVMEM_GROWTH_WARM_UP,
							    DRVMEM_GROWTH_QUIET, DRVMEM_GROWTH_SAWTOOTH };
	struct drvmem_growth g = { .class = DRVMEM_GROWTH_GROWING, .confidence = DRVMEM_CONFIDENCE_HIGH };
	struct drvmem_standing_in in = seen(NULL, &g);

	(void)state;
	assert_string_equal(word(&in), "growing high");
	g.confidence = DRVMEM_CONFIDENCE_LOW;
	assert_string_equal(word(&in), "growing low");
	g.class = DRVMEM_GROWTH_SHORT;
	assert_string_equal(word(&in), "too short");
	for (size_t i = 0; i < UNIT_NR(classes); i++) {
		g.class = classes[i];
		assert_string_equal(word(&in), "stable");
	}
	in.allocs = 499;
	assert_string_equal(word(&in), "stable");
	in.allocs = 500;
	assert_string_equal(word(&in), "churn");
	in.live_objects = 0;
	assert_string_equal(word(&in), "-");
}

/* Without ages nothing is sure, whatever the counts say. */
static void by_counts(void **state)
{
	struct drvmem_series z;
	struct drvmem_standing_in in = seen(&z, NULL);
	char *text;

	(void)state;
	fill_series(&z, many, rising, 14);
	assert_string_equal(word(&in), "growing low");
	text = why(&in);
	assert_non_null(strstr(text, "140 allocated, 90 freed, 50 live; live objects +0.5/s (0.5 to 0.5); the ages are not known"));
	free(text);
	fill_series(&z, many, flat, 14);
	assert_string_equal(word(&in), "stable");
	fill_series(&z, many, rising, 8);
	in.now_ns = 80 * FIX_S;
	assert_string_equal(word(&in), "growing low");
	fill_series(&z, many, rising, 7);
	in.now_ns = 70 * FIX_S;
	assert_string_equal(word(&in), "too short");
	in.series = NULL;
	assert_string_equal(word(&in), "too short");
	text = why(&in);
	assert_non_null(strstr(text, "too early"));
	free(text);
}

/* Of samples neither ages nor a first time are known; what is known without them is told all the same. */
static void of_samples(void **state)
{
	static const uint64_t late[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 30, 40, 50 };
	struct drvmem_series z;
	struct drvmem_standing_in in = seen(&z, NULL);
	struct drvmem_standing_of of = { 0 };
	struct drvmem_standing_is k;
	char *text;

	(void)state;
	fill_series(&z, late, rising, 14);
	in.sampled = true;
	assert_string_equal(word(&in), "sampled");
	text = why(&in);
	assert_string_equal(text, "estimated from samples: 140 allocated, 90 freed, 50 live; "
				  "sampled: ages of single objects are not known");
	free(text);
	drvmem_standing(&in, &k);
	drvmem_standing_of__add(&of, &k, 100);
	k = drvmem_standing_of__word(&of);
	assert_string_equal(drvmem_standing__name(&k), "sampled");
	in.unloaded_ns = in.now_ns - 10 * FIX_S;
	assert_string_equal(word(&in), "leftover");
	in.live_objects = 0;
	assert_string_equal(word(&in), "-");
}

/* Nothing until a minute ago, and it was looked for as long before. */
static void newcomers(void **state)
{
	static const uint64_t late[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 30, 40, 50 };
	static const uint64_t earlier[] = { 0, 0, 0, 0, 0, 0, 0, 1, 1, 10, 20, 30, 40, 50 };
	struct drvmem_growth g = { .class = DRVMEM_GROWTH_SHORT };
	struct drvmem_series z;
	struct drvmem_standing_in in = seen(&z, &g);

	(void)state;
	fill_series(&z, late, rising, 14);
	assert_string_equal(word(&in), "new");
	fill_series(&z, earlier, rising, 14);
	assert_string_equal(word(&in), "too short");
	fill_series(&z, late, rising, 11);
	in.now_ns = 110 * FIX_S;	/* a session of less than two minutes */
	assert_string_equal(word(&in), "too short");
}

/* What is known for sure goes before what numbers look like. */
static void sure_ones(void **state)
{
	struct drvmem_growth g = { .class = DRVMEM_GROWTH_GROWING, .confidence = DRVMEM_CONFIDENCE_HIGH };
	struct drvmem_standing_in in = seen(NULL, &g);
	char *text;

	(void)state;
	in.reclaimable = true;
	assert_string_equal(word(&in), "cache*");
	in.unloaded_ns = in.now_ns - 9 * FIX_S;
	assert_string_equal(word(&in), "unloading");
	in.unloaded_ns = in.now_ns - 10 * FIX_S;
	assert_string_equal(word(&in), "leftover");
	in.lost = 3;
	in.upper_bound = true;
	assert_string_equal(word(&in), "lost");
	text = why(&in);
	assert_non_null(strstr(text, "at most 50 live; a scan of memory found nobody who holds 3 of them; "));
	free(text);
	in.live_objects = 0;
	text = why(&in);
	assert_non_null(strstr(text, "nothing is left"));
	free(text);
}

static void add(struct drvmem_standing_of *o, enum drvmem_standing w, enum drvmem_confidence c, int64_t bytes)
{
	const struct drvmem_standing_is k = { .word = w, .confidence = c };

	drvmem_standing_of__add(o, &k, bytes);
}

static const char *of(const struct drvmem_standing_of *o)
{
	struct drvmem_standing_is k = drvmem_standing_of__word(o);

	return drvmem_standing__name(&k);
}

static void of_owners(void **state)
{
	struct drvmem_standing_of o = { 0 };

	(void)state;
	assert_string_equal(of(&o), "-");
	add(&o, DRVMEM_STANDING_NONE, 0, 0);
	assert_string_equal(of(&o), "-");
	add(&o, DRVMEM_STANDING_SHORT, 0, 10);
	add(&o, DRVMEM_STANDING_STABLE, 0, 1000);
	assert_string_equal(of(&o), "stable");
	/* one that may be none, and is little, names nobody; one of a tenth does */
	add(&o, DRVMEM_STANDING_GROWING, DRVMEM_CONFIDENCE_LOW, 900);
	add(&o, DRVMEM_STANDING_GROWING, DRVMEM_CONFIDENCE_MEDIUM, 100);
	assert_string_equal(of(&o), "stable");
	add(&o, DRVMEM_STANDING_GROWING, DRVMEM_CONFIDENCE_LOW, 101);
	assert_string_equal(of(&o), "growing low");
	add(&o, DRVMEM_STANDING_GROWING, DRVMEM_CONFIDENCE_MEDIUM, 200);
	assert_string_equal(of(&o), "growing medium");
	/* what is surely so does, however little */
	add(&o, DRVMEM_STANDING_GROWING, DRVMEM_CONFIDENCE_HIGH, 1);
	assert_string_equal(of(&o), "growing high");
	add(&o, DRVMEM_STANDING_LEFTOVER, 0, 1);
	assert_string_equal(of(&o), "leftover");
	add(&o, DRVMEM_STANDING_LOST, 0, 0);
	assert_string_equal(of(&o), "lost");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_ages),   cmocka_unit_test(by_counts), cmocka_unit_test(of_samples), cmocka_unit_test(newcomers),
		cmocka_unit_test(sure_ones), cmocka_unit_test(of_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
