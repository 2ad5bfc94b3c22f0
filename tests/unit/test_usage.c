// SPDX-License-Identifier: GPL-2.0-or-later
/* How sites use memory, as it is read from the maps; these are replaced here. */
#include "unit.h"

#include <errno.h>

#include "source/usage.h"

struct sized {
	uint64_t key;
	struct drvmem_sized v;
};

struct paired {
	uint64_t key, n;
};

struct drvmem_session {
	const struct sized *size;
	const struct paired *pair;
	uint32_t nr_sizes, nr_pairs;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include "../../user/source/usage.c"
#pragma GCC diagnostic pop

void drvmem_session__each_value(struct drvmem_session *s, enum drvmem_hash which,
				void (*fn)(void *arg, uint64_t key, const void *value), void *arg)
{
	uint32_t i;

	for (i = 0; which == DRVMEM_HASH_SIZES && i < s->nr_sizes; i++)
		fn(arg, s->size[i].key, &s->size[i].v);
	for (i = 0; which == DRVMEM_HASH_PAIRS && i < s->nr_pairs; i++)
		fn(arg, s->pair[i].key, &s->pair[i].n);
}

#define LAST	(DRVMEM_SITE_FIRST + 3)

/* Sites of the ids FIRST and FIRST + 2; one came after they were read. */
struct scene {
	struct drvmem_snapshot *s;
	struct drvmem_use uses[LAST];
	uint32_t index[LAST];
	struct drvmem_session_maps maps;
};

static void scene_init(struct scene *c)
{
	memset(c, 0, sizeof(*c));
	c->s = drvmem_snapshot__new();
	assert_non_null(c->s);
	c->s->sites = calloc(2, sizeof(*c->s->sites));
	assert_non_null(c->s->sites);
	c->s->nr_sites = 2;
	c->s->sites[0].id = DRVMEM_SITE_FIRST;
	c->s->sites[1].id = DRVMEM_SITE_FIRST + 2;
	c->index[DRVMEM_SITE_FIRST] = 1;
	c->index[DRVMEM_SITE_FIRST + 2] = 2;
	c->maps = (struct drvmem_session_maps){ .uses = c->uses, .nr_sites = LAST };
}

#define KEY(site_, bytes_)	DRVMEM_SIZE_KEY(DRVMEM_SITE_FIRST + (site_), bytes_)
#define PAIR(ends_, a_, b_)	DRVMEM_PAIR_KEY(ends_, DRVMEM_SITE_FIRST + (a_), DRVMEM_SITE_FIRST + (b_))

static void a_session_without_use(void **state)
{
	struct drvmem_session s = { 0 };
	struct scene c;

	(void)state;
	scene_init(&c);
	c.maps.uses = NULL;
	assert_int_equal(drvmem_usage__read(&s, &c.maps, c.index, c.s), 0);
	assert_null(c.s->usage);
	drvmem_snapshot__free(c.s);
}

static void counts_of_sites(void **state)
{
	struct drvmem_session s = { 0 };
	const struct drvmem_usage_site *t;
	struct scene c;

	(void)state;
	scene_init(&c);
	c.uses[DRVMEM_SITE_FIRST + 2] = (struct drvmem_use){
		.live = -1, .peak = 2, .lap_peak = { 3, 4 }, .unsized = 5, .atomic = 6, .failed_atomic = 7, .waited = 8,
		.by_user = 9, .paired = { 10, 11 }, .remaps_new = 12, .remaps_again = 13, .remaps_full = 14 };
	assert_int_equal(drvmem_usage__read(&s, &c.maps, c.index, c.s), 0);
	t = &c.s->usage->site[1];
	assert_int_equal(t->live, -1);
	assert_int_equal(t->peak, 2);
	assert_int_equal(t->unsized, 5);
	assert_int_equal(t->atomic, 6);
	assert_int_equal(t->failed_atomic, 7);
	assert_int_equal(t->waited, 8);
	assert_int_equal(t->by_user, 9);
	assert_int_equal(t->paired_allocs, 10);
	assert_int_equal(t->paired_ends, 11);
	assert_int_equal(t->remaps_new, 12);
	assert_int_equal(t->remaps_again, 13);
	assert_true(t->remaps_cut);
	assert_int_equal(t->nr_sizes, 0);
	assert_false(c.s->usage->site[0].remaps_cut);
	drvmem_snapshot__free(c.s);
}

/* In no order, some twice, some of sites that are not there. */
static void sizes_of_sites(void **state)
{
	static const struct sized size[] = {
		{ KEY(2, 96), { 4, 1, 2 } }, { KEY(0, 0xffffffff), { 1, 1, 1 } }, { KEY(1, 8), { 9, 9, 9 } },
		{ KEY(2, 8), { 7, -1, 6 } }, { KEY(9, 8), { 9, 9, 9 } }, { KEY(2, 96), { 5, 2, 3 } },
		{ DRVMEM_SIZE_KEY(0, 64), { 9, 9, 9 } },
	};
	struct drvmem_session s = { .size = size, .nr_sizes = UNIT_NR(size) };
	const struct drvmem_usage *u;
	struct scene c;

	(void)state;
	scene_init(&c);
	assert_int_equal(drvmem_usage__read(&s, &c.maps, c.index, c.s), 0);
	u = c.s->usage;
	assert_int_equal(u->nr_sizes, 3);
	assert_int_equal(u->site[0].nr_sizes, 1);
	assert_int_equal(u->site[1].nr_sizes, 2);
	assert_int_equal(u->sizes[u->site[0].first_size].bytes, 0xffffffff);
	assert_int_equal(u->sizes[u->site[0].first_size].site, 0);
	assert_int_equal(u->site[1].first_size, 1);
	assert_int_equal(u->sizes[1].bytes, 8);
	assert_int_equal(u->sizes[1].allocs, 7);
	assert_int_equal(u->sizes[1].live, -1);
	assert_int_equal(u->sizes[1].peak, 6);
	assert_int_equal(u->sizes[2].bytes, 96);
	drvmem_snapshot__free(c.s);
}

static void pairs_of_sites(void **state)
{
	static const struct paired pair[] = {
		{ PAIR(1, 2, 0), 5 }, { PAIR(0, 2, 0), 6 }, { PAIR(0, 0, 2), 7 }, { PAIR(0, 0, 1), 8 },
		{ PAIR(0, 1, 0), 9 }, { PAIR(1, 2, 0), 5 },
	};
	struct drvmem_session s = { .pair = pair, .nr_pairs = UNIT_NR(pair) };
	const struct drvmem_usage *u;
	struct scene c;

	(void)state;
	scene_init(&c);
	assert_int_equal(drvmem_usage__read(&s, &c.maps, c.index, c.s), 0);
	u = c.s->usage;
	assert_int_equal(u->nr_pairs, 3);
	assert_true(u->pairs[0].before == 0 && u->pairs[0].site == 1 && !u->pairs[0].ends && u->pairs[0].count == 7);
	assert_true(u->pairs[1].before == 1 && u->pairs[1].site == 0 && !u->pairs[1].ends && u->pairs[1].count == 6);
	assert_true(u->pairs[2].before == 1 && u->pairs[2].site == 0 && u->pairs[2].ends && u->pairs[2].count == 5);
	drvmem_snapshot__free(c.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_without_use),
		cmocka_unit_test(counts_of_sites),
		cmocka_unit_test(sizes_of_sites),
		cmocka_unit_test(pairs_of_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
