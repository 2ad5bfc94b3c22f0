// SPDX-License-Identifier: GPL-2.0-or-later
/* Windows between two snapshots: against objects that are followed one by one, with and without their list. */
#include "fixture.h"

#include "analysis/between.h"
#include "view/between.h"

static uint64_t rnd_state;
static uint32_t rnd(uint32_t n)
{
	rnd_state = rnd_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(rnd_state >> 33) % n;
}

struct life {
	uint64_t born_ns, died_ns;	/* UINT64_MAX = lives */
};

/* A site's counters at a moment, and its live objects when they are listed. */
static struct drvmem_snapshot *at(const struct life *l, uint32_t n, uint64_t now_ns, bool listed)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t cache = fix_cache(s, "kmalloc-64", 64, false), module = fix_module(s, "drv", 1, 0), i;
	uint64_t allocs = 0, frees = 0;

	for (i = 0; i < n; i++) {
		allocs += l[i].born_ns <= now_ns;
		frees += l[i].died_ns <= now_ns;
	}
	fix_site(s, module, cache, "alloc+0x1", allocs, frees, 60);
	for (i = 0; i < n && listed; i++)
		if (l[i].born_ns <= now_ns && l[i].died_ns > now_ns)	/* by ticks of 4 ms */
			fix_object(s, (now_ns / 4000000 - l[i].born_ns / 4000000) * 4000000, 60, 0);
	s->meta.taken_ns = now_ns;
	return s;
}

static void within(struct drvmem_bounds r, uint64_t v)
{
	assert_in_range(v, r.min, r.max);
}

static void truth_is_within(void **state)
{
	const uint64_t from = 1000000000, to = 2000000000;
	uint64_t aifo, aifi, aofi, aofo, near;
	struct drvmem_snapshot *a, *b;
	struct drvmem_delta *d;
	struct drvmem_between r;
	struct life l[200];
	uint32_t round, i, n, tight = 0;
	bool in, ended;

	(void)state;
	for (round = 0; round < 400; round++) {
		rnd_state = round + 1;
		n = rnd(200);
		aifo = aifi = aofi = aofo = near = 0;
		for (i = 0; i < n; i++) {
			l[i].born_ns = 1 + rnd(2000) * 1000000ull;
			l[i].died_ns = rnd(3) ? l[i].born_ns + rnd(1500) * 1000000ull : UINT64_MAX;
			in = l[i].born_ns > from;
			ended = l[i].died_ns <= to;
			near += l[i].born_ns + 8000000 > from && l[i].born_ns < from + 8000000 && !ended;
			if (l[i].died_ns <= from)
				continue;
			aifo += in && !ended;
			aifi += in && ended;
			aofi += !in && ended;
			aofo += !in && !ended;
		}
		a = at(l, n, from, false);
		b = at(l, n, to, round & 1);
		assert_int_equal(drvmem_delta__new(a, b, &d), 0);
		drvmem_between(b, d, 0, &r);
		assert_int_equal(r.allocs, aifo + aifi);
		assert_int_equal(r.ends, aifi + aofi);
		within(r.aifo, aifo);
		within(r.aifi, aifi);
		within(r.aofi, aofi);
		within(r.aofo, aofo);
		if (round & 1 && b->nr_objects) {
			assert_true(r.listed);
			assert_true(r.aifo.max - r.aifo.min <= near);
			tight += r.aifo.max == r.aifo.min;
		}
		drvmem_delta__free(d);
		drvmem_snapshot__free(a);
		drvmem_snapshot__free(b);
	}
	assert_true(tight > 20);
}

static void grid(void **state)
{
	struct drvmem_snapshot *a = fix_machine(), *b = fix_machine();
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	uint32_t last;

	(void)state;
	b->meta.taken_ns += 5 * FIX_S;
	b->sites[0].c.allocs += 10;
	b->sites[0].c.frees += 4;
	b->sites[0].c.live_objects += 6;
	v = fix_scope(a, b, NULL);
	assert_int_equal(drvmem_between__grid(v, 1, &g), 0);
	last = g->nr_rows - 1;
	assert_int_equal(g->nr_rows, 2);	/* the others did nothing */
	assert_int_equal(drvmem_grid__cell(g, 0, "allocs")->u, 10);
	assert_int_equal(drvmem_grid__cell(g, 0, "ends")->u, 4);
	assert_in_range(drvmem_grid__cell(g, 0, "aifo_min")->u, 6, 10);
	assert_int_equal(drvmem_grid__cell(g, last, "allocs")->u, 10);
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	b->meta.sampled = true;
	v = fix_scope(a, b, NULL);
	assert_int_equal(drvmem_between__grid(v, 0, &g), -EINVAL);
	drvmem_scope__free(v);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(truth_is_within), cmocka_unit_test(grid) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
