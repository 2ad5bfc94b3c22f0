/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver "drv" and how it used memory, by hand, for the tests of advice: 60 s of tracing, two CPUs,
 * 6.12 with pages of 4 KiB. Sites are made one after the other, each followed by its sizes.
 */
#ifndef DRVMEM_TESTS_ADVICEFIXTURE_H
#define DRVMEM_TESTS_ADVICEFIXTURE_H

#include "fixture.h"

#include "analysis/advice.h"

#define WORLD_S		60u
#define KIB		1024u
#define MIB		(1024u * KIB)

struct world {
	struct drvmem_snapshot *s;
	struct drvmem_usage *u;
	struct drvmem_laps laps;
	struct drvmem_pools *pools;
	struct drvmem_numa *numa;	/* NULL: one node */
	struct drvmem_slub_rules slub;
	struct drvmem_advice_opts o;
	struct drvmem_advice a;
	uint32_t drv;
};

static inline struct world world(void)
{
	struct world w = { .s = fix_new(), .o = drvmem_advice_defaults };

	w.u = w.s->usage = calloc(1, sizeof(*w.u));
	assert_non_null(w.u);
	w.s->meta.taken_ns = w.s->meta.started_ns + WORLD_S * FIX_S;
	w.s->meta.traced = (1u << DRVMEM_NR_USES) - 1;
	drvmem_slub_rules(6 << 16 | 12 << 8, 4096, 2, 2, 64, &w.slub);
	w.drv = fix_module(w.s, "drv", 1, 0);
	w.pools = drvmem_pools__new();
	assert_non_null(w.pools);
	return w;
}

static inline void done(struct world *w)
{
	drvmem_advice__deinit(&w->a);
	drvmem_laps__fini(&w->laps);
	drvmem_pools__free(w->pools);
	drvmem_numa__free(w->numa);
	drvmem_snapshot__free(w->s);
}

/* The same cache again where it is there already. */
static inline uint32_t cache(struct world *w, const char *name, uint16_t kind, uint32_t held)
{
	uint32_t i;

	for (i = 0; i < w->s->nr_caches; i++)
		if (!strcmp(w->s->caches[i].name, name))
			return i;
	i = fix_cache(w->s, name, held, false);
	w->s->caches[i].kind = kind;
	return i;
}

/* A site without sizes so far. peak: objects. */
static inline uint32_t site(struct world *w, uint32_t owner, uint16_t allocator, uint32_t in, const char *name,
			    uint64_t allocs, uint64_t frees, uint32_t bytes, uint64_t peak)
{
	uint32_t t = fix_site(w->s, owner, in, name, allocs, frees, bytes), n = t;

	w->s->sites[t].allocator = allocator;
	fix_push(w->u->site, n, (struct drvmem_usage_site){
		.live = (int64_t)(allocs - frees), .peak = peak, .first_size = w->u->nr_sizes });
	return t;
}

/* Of the site that was made last; ascending. */
static inline void size(struct world *w, uint32_t bytes, uint64_t allocs, int64_t live, uint64_t peak)
{
	uint32_t t = w->s->nr_sites - 1;

	fix_push(w->u->sizes, w->u->nr_sizes, (struct drvmem_usage_size){
		.site = t, .bytes = bytes, .allocs = allocs, .live = live, .peak = peak });
	w->u->site[t].nr_sizes++;
}

/* A site of the driver's whose objects have one size. Of n objects the rest has ended. */
static inline uint32_t plain(struct world *w, uint16_t allocator, uint32_t in, const char *name, uint32_t bytes,
			     uint64_t n, uint64_t live, uint64_t peak)
{
	uint32_t t = site(w, w->drv, allocator, in, name, n, n - live, bytes, peak);

	size(w, bytes, n, (int64_t)live, peak);
	return t;
}

/* All that ended did after [2^(k-1), 2^k) jiffies of 4 ms. */
static inline void life(struct world *w, uint32_t t, uint32_t k)
{
	memset(w->s->sites[t].c.life_hist, 0, sizeof(w->s->sites[t].c.life_hist));
	w->s->sites[t].c.life_hist[k] = w->s->sites[t].c.frees;
}

static inline void pair(struct world *w, uint32_t before, uint32_t t, bool ends, uint64_t count)
{
	fix_push(w->u->pairs, w->u->nr_pairs, (struct drvmem_usage_pair){
		.before = before, .site = t, .ends = ends, .count = count });
	qsort(w->u->pairs, w->u->nr_pairs, sizeof(*w->u->pairs), drvmem_usage__cmp_pair);
}

static inline int try_advise(struct world *w)
{
	uint32_t *all = calloc(w->s->nr_sites + 1, sizeof(*all)), i;
	struct drvmem_advice_in in = { .s = w->s, .site = all, .nr_sites = w->s->nr_sites, .laps = &w->laps,
				       .pools = w->pools, .numa = w->numa, .slub = &w->slub, .o = &w->o };
	int e;

	assert_non_null(all);
	for (i = 0; i < w->s->nr_sites; i++)
		all[i] = i;
	drvmem_advice__deinit(&w->a);
	e = drvmem_advice(&in, &w->a);
	free(all);
	return e;
}

static inline uint32_t findings(struct world *w, const char *rule)
{
	uint32_t i, n = 0;

	assert_int_equal(try_advise(w), 0);
	for (i = 0; i < w->a.n; i++)
		n += !strcmp(w->a.v[i].rule->id, rule);
	return n;
}

/* The one finding that there is, of this rule. */
static inline const struct drvmem_advice_finding *only(struct world *w, const char *rule)
{
	uint32_t i;

	assert_int_equal(try_advise(w), 0);
	for (i = 0; i < w->a.n; i++)
		if (w->a.n != 1 || strcmp(w->a.v[i].rule->id, rule))
			fail_msg("'%s' of %u findings: %s", w->a.v[i].rule->id, w->a.n, w->a.v[i].why);
	if (!w->a.n)
		fail_msg("no finding, though %s was expected", rule);
	return &w->a.v[0];
}

static inline void expect_none(struct world *w)
{
	assert_int_equal(try_advise(w), 0);
	if (w->a.n)
		fail_msg("%s: %s", w->a.v[0].rule->id, w->a.v[0].why);
}

static inline void says(const struct drvmem_advice_finding *f, const char *name, double v)
{
	uint32_t i;

	for (i = 0; i < f->nr_values; i++) {
		if (strcmp(f->value[i].name, name))
			continue;
		if (f->value[i].v < v - 1e-6 * v || f->value[i].v > v + 1e-6 * v)
			fail_msg("%s is %f, not %f", name, f->value[i].v, v);
		return;
	}
	fail_msg("no value %s", name);
}

static inline void says_threshold(const struct drvmem_advice_finding *f, const char *name, double v)
{
	uint32_t i;

	says(f, name, v);
	for (i = 0; i < f->nr_values; i++)
		if (!strcmp(f->value[i].name, name))
			assert_true(f->value[i].threshold);
}

static inline void says_bytes(const struct drvmem_advice_bytes *b, uint64_t low, uint64_t likely, uint64_t high)
{
	assert_int_equal(b->low, low);
	assert_int_equal(b->likely, likely);
	assert_int_equal(b->high, high);
}

#endif /* DRVMEM_TESTS_ADVICEFIXTURE_H */
