// SPDX-License-Identifier: GPL-2.0-or-later
/* Windows between two snapshots: against objects that are followed one by one, whatever is known of their ages. */
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
		drvmem_between(b, d, NULL, 0, &r);
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

#define TICK 4000000ull

static uint32_t bucket(uint64_t ticks)
{
	return ticks ? 64 - (uint32_t)__builtin_clzll(ticks) : 0;
}

/* A snapshot of now_ns whose counters are read later, with the lifetimes of what had ended. */
static struct drvmem_snapshot *told(const struct life *l, uint32_t n, uint64_t now_ns, uint64_t late_ns, bool listed)
{
	struct drvmem_snapshot *s = at(l, n, now_ns + late_ns, listed);
	uint32_t i;

	memset(s->sites[0].c.life_hist, 0, sizeof(s->sites[0].c.life_hist));
	for (i = 0; i < n; i++)
		if (l[i].died_ns <= now_ns + late_ns)
			s->sites[0].c.life_hist[bucket(l[i].died_ns / TICK - l[i].born_ns / TICK)]++;
	s->meta.taken_ns = now_ns;
	return s;
}

struct truth {
	uint64_t aifo, aifi, aofi, aofo;
};

static struct truth truth_of(const struct life *l, uint32_t n, uint64_t from, uint64_t to)
{
	struct truth t = { 0 };
	uint32_t i;

	for (i = 0; i < n; i++) {
		bool in = l[i].born_ns > from, ended = l[i].died_ns <= to;

		if (l[i].died_ns <= from || l[i].born_ns > to)
			continue;
		t.aifo += in && !ended;
		t.aifi += in && ended;
		t.aofi += !in && ended;
		t.aofo += !in && !ended;
	}
	return t;
}

static void all_within(const struct drvmem_between *r, const struct truth *t)
{
	assert_int_equal(r->allocs, t->aifo + t->aifi);
	assert_int_equal(r->ends, t->aifi + t->aofi);
	within(r->aifo, t->aifo);
	within(r->aifi, t->aifi);
	within(r->aofi, t->aofi);
	within(r->aofo, t->aofo);
}

static uint64_t gap(const struct drvmem_between *r)
{
	return r->aifo.max - r->aifo.min;
}

/*
 * A window in the middle of a session of many intervals, whose counters are read up to 0.2 s late. Lifetimes, and a
 * list that is read after it, never contradict the truth, never tell less than counters, and mostly tell more.
 */
static void lifetimes_bound(void **state)
{
	const uint64_t s_ns = 1000000000;
	uint64_t late[21], known = 0, counted = 0;
	struct drvmem_between r, plain;
	struct drvmem_snapshot *b, *a, *k;
	struct drvmem_inside w;
	struct drvmem_delta *d;
	struct life l[400];
	struct truth truth;
	uint32_t round, i, n;

	(void)state;
	for (round = 0; round < 300; round++) {
		rnd_state = round + 77;
		n = rnd(400);
		for (i = 0; i < n; i++) {
			l[i].born_ns = 1 + rnd(20000) * 1000000ull;
			l[i].died_ns = rnd(3) ? l[i].born_ns + rnd(rnd(2) ? 30 : 9000) * 1000000ull : UINT64_MAX;
		}
		for (i = 0; i <= 20; i++)
			late[i] = rnd(200) * 1000000ull;
		drvmem_inside__init(&w, 6 * s_ns, 14 * s_ns);
		for (i = 6; i <= 20; i++) {
			k = told(l, n, i * s_ns, late[i], false);
			if (i == 20) {	/* ages are those of the moment: only what was there then */
				drvmem_snapshot__free(k);
				k = told(l, n, i * s_ns, 0, round & 1);
			}
			assert_int_equal(drvmem_inside__add(&w, k), 0);
			drvmem_snapshot__free(k);
		}
		a = told(l, n, 6 * s_ns, late[6], false);
		b = told(l, n, 14 * s_ns, late[14], false);
		assert_int_equal(drvmem_delta__new(a, b, &d), 0);
		truth = truth_of(l, n, 6 * s_ns + late[6], 14 * s_ns + late[14]);
		drvmem_between(b, d, NULL, 0, &plain);
		drvmem_between(b, d, &w, 0, &r);
		all_within(&plain, &truth);
		all_within(&r, &truth);
		assert_true(r.aifo.min >= plain.aifo.min && r.aifo.max <= plain.aifo.max);
		assert_int_equal(drvmem_between__is_exact(&r), !gap(&r));
		known += gap(&r);
		counted += gap(&plain);
		drvmem_delta__free(d);
		drvmem_inside__deinit(&w);
		drvmem_snapshot__free(a);
		drvmem_snapshot__free(b);
	}
	assert_true(known < counted / 2);
}

/* What contradicts the counters tells nothing; nor does a site that was never seen. */
static void nonsense_tells_nothing(void **state)
{
	const struct life l[] = { { 500000000, UINT64_MAX }, { 1500000000, UINT64_MAX }, { 100000000, 1600000000 } };
	struct drvmem_snapshot *a = told(l, 3, 1000000000, 0, false), *b = told(l, 3, 2000000000, 0, false);
	struct drvmem_between r, plain;
	struct drvmem_inside w;
	struct drvmem_delta *d;

	(void)state;
	assert_int_equal(drvmem_delta__new(a, b, &d), 0);
	drvmem_between(b, d, NULL, 0, &plain);
	drvmem_inside__init(&w, 1000000000, 2000000000);
	assert_int_equal(drvmem_inside__at(&w, 12345).aofi, 0);
	drvmem_between(b, d, &w, 0, &r);
	assert_memory_equal(&r, &plain, sizeof(r));
	assert_int_equal(drvmem_inside__add(&w, a), 0);
	b->sites[0].c.life_hist[20] += 50;	/* more long lives than ends */
	assert_int_equal(drvmem_inside__add(&w, b), 0);
	assert_int_equal(drvmem_inside__at(&w, b->sites[0].id).aofi, 50);
	drvmem_between(b, d, &w, 0, &r);
	assert_memory_equal(&r, &plain, sizeof(r));
	drvmem_inside__deinit(&w);
	drvmem_delta__free(d);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

static uint32_t gen_of(const uint64_t *mark, uint32_t nr, uint64_t ns)
{
	uint32_t g = 0;

	while (g < nr && mark[g] < ns)
		g++;
	return g;
}

/* Marks, a snapshot a little after each: one generation is exact, several are but for what ended since the last mark. */
static void generations(void **state)
{
	const uint64_t mark[] = { 1000000000, 2000000000, 3500000000, 5000000000, 6000000000 };
	struct drvmem_snapshot *a, *b;
	struct drvmem_between r;
	struct drvmem_inside w;
	struct drvmem_delta *d;
	struct truth truth;
	struct life l[300];
	uint32_t round, i, born, died;

	(void)state;
	for (round = 0; round < 200; round++) {
		uint32_t from = round % 4, to = from + 1 + rnd(4 - from), nr = to + 1;
		uint64_t now = mark[to] + 30000000;

		rnd_state = round + 5;
		for (i = 0; i < 300; i++) {
			l[i].born_ns = 1 + rnd(7000) * 1000000ull;
			l[i].died_ns = rnd(3) ? l[i].born_ns + rnd(3000) * 1000000ull : UINT64_MAX;
		}
		a = told(l, 300, mark[from] + 30000000, 0, false);
		b = told(l, 300, now, 0, false);
		b->meta.mark = nr;
		b->gens = calloc(1, sizeof(*b->gens));
		for (i = 0; i < 300; i++) {
			born = gen_of(mark, nr, l[i].born_ns);
			died = gen_of(mark, nr, l[i].died_ns);
			if (l[i].born_ns > now)
				continue;
			b->gens->made[born].objects++;
			if (l[i].died_ns > now)
				continue;
			b->gens->born[born].objects++;
			b->gens->died[died].objects++;
			b->gens->own[born].objects += born == died;
		}
		assert_int_equal(drvmem_delta__new(a, b, &d), 0);
		drvmem_inside__init(&w, mark[from], mark[to]);
		w.gen = from + 1;
		w.gen_end = to + 1;
		assert_true(drvmem_between__is_marked(b, &w));
		truth = truth_of(l, 300, mark[from], mark[to]);
		drvmem_between(b, d, &w, 0, &r);
		all_within(&r, &truth);
		if (to == from + 1)
			assert_true(drvmem_between__is_exact(&r));
		b->meta.mark++;		/* taken after one more mark: of what ended since, nothing is told */
		assert_false(drvmem_between__is_marked(b, &w));
		drvmem_delta__free(d);
		drvmem_snapshot__free(a);
		drvmem_snapshot__free(b);
	}
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
	assert_string_equal(drvmem_grid__cell(g, 0, "known")->s, "bounds");
	assert_int_equal(drvmem_grid__cell(g, 0, "aifo_min")->flags, DRVMEM_CELL_LOWER);
	assert_int_equal(drvmem_grid__cell(g, 0, "aifo_max")->flags, DRVMEM_CELL_UPPER);
	assert_int_equal(drvmem_grid__cell(g, 0, "allocs")->flags, 0);
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(truth_is_within), cmocka_unit_test(lifetimes_bound),
					   cmocka_unit_test(nonsense_tells_nothing), cmocka_unit_test(generations),
					   cmocka_unit_test(grid) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
