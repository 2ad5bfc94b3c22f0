// SPDX-License-Identifier: GPL-2.0-or-later
/* What was live before: a minute ago, at the mark, over the session; in bounded memory. */
#include "fixture.h"

#include "model/history.h"
#include "model/series.h"

static const struct drvmem_history_of owner3 = { false, 3 };

static void add(struct drvmem_history *h, uint64_t at_s, uint64_t objects, bool mark)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "kmalloc-64", 64, false), owner = fix_module(s, "mod", 1, 0);

	assert_int_equal(owner, 3);
	s->meta.taken_ns = s->meta.started_ns + at_s * FIX_S;
	fix_site(s, owner, cache, "mod_a+0x1", objects, 0, 1);
	fix_site(s, owner, cache, "mod_b+0x1", 5, 0, 2);
	fix_site(s, owner, cache, "mod_map+0x1", 7, 0, 1000);
	s->sites[2].allocator = DRVMEM_MAP_DMA;
	assert_int_equal(mark ? drvmem_history__mark(h, s) : drvmem_history__add(h, s), 0);
	drvmem_snapshot__free(s);
}

static void changes(void **state)
{
	struct drvmem_history *h = drvmem_history__new();
	const struct drvmem_history_of site = { true, DRVMEM_SITE_FIRST }, map = { true, DRVMEM_SITE_FIRST + 2 };
	int64_t v = -1;

	(void)state;
	assert_non_null(h);
	assert_false(drvmem_history__change(h, owner3, 60 * FIX_S, &v));
	for (uint64_t s = 2; s <= 50; s += 2)
		add(h, s, s * 10, false);
	/* younger than a minute: since the start, when there was nothing; mappings are none of it */
	assert_true(drvmem_history__change(h, owner3, 60 * FIX_S, &v));
	assert_int_equal(v, 510);
	assert_true(drvmem_history__change(h, site, 60 * FIX_S, &v));
	assert_int_equal(v, 500);
	assert_false(drvmem_history__change(h, map, 60 * FIX_S, &v));
	for (uint64_t s = 52; s <= 100; s += 2)
		add(h, s, s * 10, false);
	assert_true(drvmem_history__change(h, owner3, 60 * FIX_S, &v));
	assert_int_equal(v, 600);
	/* nothing is known of about a minute ago after a long silence */
	add(h, 500, 7000, false);
	assert_false(drvmem_history__change(h, owner3, 60 * FIX_S, &v));
	assert_int_equal(v, 600);
	drvmem_history__free(h);
}

static void marks(void **state)
{
	struct drvmem_history *h = drvmem_history__new();
	const struct drvmem_history_of none = { false, 99 };
	uint64_t at;
	int64_t v = -1, n = -1;

	(void)state;
	add(h, 1, 100, false);
	assert_false(drvmem_history__change_of_mark(h, owner3, &v, &n));
	assert_int_equal(drvmem_history__marks(h, &at), 0);
	add(h, 2, 150, true);
	assert_true(drvmem_history__change_of_mark(h, owner3, &v, &n));
	assert_int_equal(v, 0);
	add(h, 3, 140, false);
	assert_true(drvmem_history__change_of_mark(h, owner3, &v, &n));
	assert_int_equal(v, -10);
	assert_int_equal(n, -10);	/* objects of 1 byte */
	add(h, 4, 300, true);
	assert_int_equal(drvmem_history__marks(h, &at), 2);
	assert_int_equal(at, 9 * FIX_S);
	assert_false(drvmem_history__change_of_mark(h, none, &v, &n));
	drvmem_history__free(h);
}

/* Ten hours, each second: the trend is of all of them, and rises as what was fed did. */
static void trend_of_hours(void **state)
{
	struct drvmem_history *h = drvmem_history__new();
	int64_t v[100];
	uint32_t n, i;

	(void)state;
	assert_int_equal(drvmem_history__trend(h, owner3, 8, v), 0);
	for (uint64_t s = 1; s <= 36000; s += 20)
		add(h, s, s, false);
	n = drvmem_history__trend(h, owner3, 100, v);
	assert_true(n > DRVMEM_HISTORY_POINTS / 3 && n <= DRVMEM_HISTORY_POINTS);
	for (i = 1; i < n; i++)
		assert_true(v[i] > v[i - 1]);
	assert_true(v[0] < 36000 / 10);
	n = drvmem_history__trend(h, owner3, 8, v);
	assert_int_equal(n, 8);
	assert_true(v[0] < 36000 / 5 && v[7] > 35000);
	assert_true(drvmem_history__span(h) > 30000 * FIX_S);
	drvmem_history__free(h);
}

/* One that came later had nothing before. */
static void newcomer(void **state)
{
	struct drvmem_history *h = drvmem_history__new();
	struct drvmem_snapshot *s;
	int64_t v[8];

	(void)state;
	add(h, 2, 10, false);
	add(h, 4, 10, false);
	s = fix_new();
	s->meta.taken_ns = s->meta.started_ns + 6 * FIX_S;
	fix_cache(s, "kmalloc-64", 64, false);
	fix_module(s, "mod", 1, 0);
	fix_site(s, fix_module(s, "late", 2, 0), 0, "late+0x1", 4, 0, 100);
	assert_int_equal(drvmem_history__add(h, s), 0);
	assert_int_equal(drvmem_history__trend(h, (struct drvmem_history_of){ false, 4 }, 8, v), 3);
	assert_int_equal(v[0], 0);
	assert_int_equal(v[1], 0);
	assert_int_equal(v[2], 400);
	/* and one that is gone has nothing now */
	assert_int_equal(drvmem_history__trend(h, owner3, 8, v), 3);
	assert_int_equal(v[1], 20);
	assert_int_equal(v[2], 0);
	drvmem_snapshot__free(s);
	drvmem_history__free(h);
}

/* More owners and sites than are kept: those that came too late have no history, and nothing grows. */
static void bounded(void **state)
{
	struct drvmem_history *h = drvmem_history__new();
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "kmalloc-64", 64, false), i;
	int64_t v;

	(void)state;
	fix_site(s, 0, cache, "f+0x1", 1, 0, 8);
	s->sites = realloc(s->sites, (DRVMEM_HISTORY_MAX + 10) * sizeof(*s->sites));
	assert_non_null(s->sites);
	for (i = 1; i < DRVMEM_HISTORY_MAX + 10; i++) {
		s->sites[i] = s->sites[0];
		s->sites[i].id += i;
	}
	s->nr_sites = i;
	assert_int_equal(drvmem_history__add(h, s), 0);
	assert_true(drvmem_history__change(h, (struct drvmem_history_of){ false, 0 }, 60 * FIX_S, &v));
	assert_int_equal(v, (DRVMEM_HISTORY_MAX + 10) * 8);
	assert_false(drvmem_history__change(h, (struct drvmem_history_of){ true, s->sites[i - 1].id }, 60 * FIX_S, &v));
	drvmem_snapshot__free(s);
	drvmem_history__free(h);
}

/* A copy that ends now; the series goes on as it was. */
static void series_until(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_series series, copy;
	uint32_t i;

	(void)state;
	fix_site(s, 0, fix_cache(s, "kmalloc-64", 64, false), "f+0x1", 3, 1, 8);
	drvmem_series__init(&series, s->meta.started_ns, FIX_S);
	for (i = 1; i <= DRVMEM_SERIES_POINTS; i++) {
		s->meta.taken_ns = s->meta.started_ns + i * FIX_S;
		assert_int_equal(drvmem_series__add(&series, s, false), 0);
	}
	assert_int_equal(series.nr, DRVMEM_SERIES_POINTS);
	/* the last point is this snapshot already */
	assert_int_equal(drvmem_series__until(&series, s, &copy), 0);
	assert_int_equal(copy.nr, DRVMEM_SERIES_POINTS);
	drvmem_series__fini(&copy);
	s->meta.taken_ns += FIX_S / 2;
	s->sites[0].c.live_objects = 9;
	assert_int_equal(drvmem_series__until(&series, s, &copy), 0);
	assert_int_equal(copy.nr, DRVMEM_SERIES_POINTS / 2 + 1);
	assert_int_equal(drvmem_series__at(&copy, copy.nr - 1, s->sites[0].id).live_objects, 9);
	assert_int_equal(series.nr, DRVMEM_SERIES_POINTS);
	assert_int_equal(drvmem_series__at(&series, series.nr - 1, s->sites[0].id).live_objects, 2);
	drvmem_series__fini(&copy);
	drvmem_series__fini(&series);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),	cmocka_unit_test(marks),   cmocka_unit_test(trend_of_hours),
		cmocka_unit_test(newcomer),	cmocka_unit_test(bounded), cmocka_unit_test(series_until),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
