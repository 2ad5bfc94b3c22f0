// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/usage.h"

#include <errno.h>
#include <stdlib.h>

struct build {
	struct drvmem_usage *u;
	const uint32_t *index;
	uint32_t nr_ids;
};

/* The index of a site, or false: it came after the sites were read. */
static bool find_site(const struct build *b, uint32_t id, uint32_t *ret)
{
	if (id >= b->nr_ids || !b->index[id])
		return false;
	*ret = b->index[id] - 1;
	return true;
}

static void add_size(void *arg, uint64_t key, const void *value)
{
	const struct drvmem_sized *v = value;
	struct build *b = arg;
	uint32_t site;

	if (b->u->nr_sizes == DRVMEM_SIZES || !find_site(b, DRVMEM_SIZE_SITE(key), &site))
		return;
	b->u->sizes[b->u->nr_sizes++] = (struct drvmem_usage_size){
		.site = site, .bytes = DRVMEM_SIZE_BYTES(key), .allocs = v->allocs, .live = v->live, .peak = v->peak };
}

static void add_pair(void *arg, uint64_t key, const void *value)
{
	struct build *b = arg;
	struct drvmem_usage_pair p = { .ends = DRVMEM_PAIR_FREES(key), .count = *(const uint64_t *)value };

	if (b->u->nr_pairs == DRVMEM_PAIRS || !find_site(b, DRVMEM_PAIR_BEFORE(key), &p.before) ||
	    !find_site(b, DRVMEM_PAIR_SITE(key), &p.site))
		return;
	b->u->pairs[b->u->nr_pairs++] = p;
}

static int cmp_size(const void *a, const void *b)
{
	const struct drvmem_usage_size *x = a, *y = b;

	if (x->site != y->site)
		return x->site < y->site ? -1 : 1;
	return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* One that came twice while the map was read is one; what a site has is together. */
static void slice_sizes(struct drvmem_usage *u)
{
	uint32_t i, n = 0;

	qsort(u->sizes, u->nr_sizes, sizeof(*u->sizes), cmp_size);
	for (i = 0; i < u->nr_sizes; i++) {
		struct drvmem_usage_size *v = &u->sizes[i];

		if (n && !cmp_size(&u->sizes[n - 1], v))
			continue;
		if (!u->site[v->site].nr_sizes++)
			u->site[v->site].first_size = n;
		u->sizes[n++] = *v;
	}
	u->nr_sizes = n;
}

static void unite_pairs(struct drvmem_usage *u)
{
	uint32_t i, n = 0;

	qsort(u->pairs, u->nr_pairs, sizeof(*u->pairs), drvmem_usage__cmp_pair);
	for (i = 0; i < u->nr_pairs; i++)
		if (!n || drvmem_usage__cmp_pair(&u->pairs[n - 1], &u->pairs[i]))
			u->pairs[n++] = u->pairs[i];
	u->nr_pairs = n;
}

static void read_site(const struct drvmem_use *in, struct drvmem_usage_site *ret)
{
	const volatile struct drvmem_use *v = in;

	*ret = (struct drvmem_usage_site){
		.live = v->live, .peak = v->peak, .unsized = v->unsized, .waited = v->waited, .atomic = v->atomic,
		.failed_atomic = v->failed_atomic, .by_user = v->by_user, .paired_allocs = v->paired[0],
		.paired_ends = v->paired[1], .remaps_new = v->remaps_new, .remaps_again = v->remaps_again,
		.remaps_cut = v->remaps_full != 0,
	};
}

int drvmem_usage__read(struct drvmem_session *s, const struct drvmem_session_maps *m, const uint32_t *index,
		       struct drvmem_snapshot *snap)
{
	struct drvmem_usage *u = m->uses ? calloc(1, sizeof(*u)) : NULL;
	struct build b = { u, index, m->nr_sites };
	uint32_t i;

	if (!m->uses)
		return 0;
	if (u) {
		u->site = calloc(snap->nr_sites ? snap->nr_sites : 1, sizeof(*u->site));
		u->sizes = calloc(DRVMEM_SIZES, sizeof(*u->sizes));
		u->pairs = calloc(DRVMEM_PAIRS, sizeof(*u->pairs));
	}
	if (!u || !u->site || !u->sizes || !u->pairs) {
		drvmem_usage__free(u);
		return -ENOMEM;
	}
	for (i = 0; i < snap->nr_sites; i++)
		read_site(&m->uses[snap->sites[i].id], &u->site[i]);
	drvmem_session__each_value(s, DRVMEM_HASH_SIZES, add_size, &b);
	drvmem_session__each_value(s, DRVMEM_HASH_PAIRS, add_pair, &b);
	slice_sizes(u);
	unite_pairs(u);
	snap->usage = u;
	return 0;
}
