// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/coverage_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"

#define KEY_LEN		DRVMEM_CACHE_NAME_LEN	/* what was traced has no longer names */

/* One row to be: sums over all caches that the kernel or the snapshot has under the name. */
struct side {
	char key[KEY_LEN];
	uint64_t active[DRVMEM_NR_WHEN];
	struct drvmem_u64 slack[DRVMEM_NR_WHEN];
	struct drvmem_counts traced;
	bool unseen;		/* some frees of it cannot be seen */
};

struct build {
	struct drvmem_coverage *c;
	struct side *side;	/* by key */
	uint32_t nr;
	struct drvmem_counts *sum;	/* [nr_caches] of the snapshot */
	const char **name;		/* [nr_caches] the key it goes to, NULL = nothing was traced */
	bool unknown;		/* objects of caches that are not known were traced */
};

/*
 * "kmalloc-64", "kmalloc-rcl-64", "kmalloc-cg-1k", "kmalloc-rnd-03-64", "dma-kmalloc-64": an event
 * of kmalloc tells the size only. Of that kind are the buckets of kmem_buckets_create() too
 * (mm/slab_common.c; its users are ipc/msgutil.c and mm/util.c).
 */
uint64_t drvmem_kmalloc_size(const char *cache)
{
	static const char *const prefix[] = { "kmalloc-", "dma-kmalloc-", "memdup_user-", "msg_msg-" };
	const char *last = strrchr(cache, '-');
	uint64_t size = 0;
	unsigned int i, digits = 0;

	for (i = 0; i < 4; i++)
		if (!strncmp(cache, prefix[i], strlen(prefix[i])))
			break;
	if (i == 4 || !last)
		return 0;
	for (last++; *last >= '0' && *last <= '9' && digits < 9; last++, digits++)
		size = size * 10 + (uint64_t)(*last - '0');
	if (digits && *last == 'k' && !last[1])
		return size << 10;
	if (digits && *last == 'M' && !last[1])
		return size << 20;
	return *last ? 0 : size;
}

/* The name of the row that a cache goes to. */
static void make_key(const char *cache, char key[KEY_LEN])
{
	uint64_t size = drvmem_kmalloc_size(cache);

	if (size >= 1024 && !(size % 1024))
		snprintf(key, KEY_LEN, "kmalloc-%lluk", (unsigned long long)size / 1024);
	else if (size)
		snprintf(key, KEY_LEN, "kmalloc-%llu", (unsigned long long)size);
	else
		snprintf(key, KEY_LEN, "%.*s", KEY_LEN - 1, cache);
}

static int cmp_side(const void *a, const void *b)
{
	const struct side *x = a, *y = b;

	return strncmp(x->key, y->key, KEY_LEN);
}

static struct side *find_side(const struct build *b, const char *cache)
{
	struct side key;

	if (!b->nr)
		return NULL;
	make_key(cache, key.key);
	return bsearch(&key, b->side, b->nr, sizeof(*b->side), cmp_side);
}

/* Rows of one name become one; only the keys are filled yet. */
static void unite(struct build *b)
{
	uint32_t i, n = 0;

	if (b->nr)
		qsort(b->side, b->nr, sizeof(*b->side), cmp_side);
	for (i = 0; i < b->nr; i++)
		if (!n || cmp_side(&b->side[n - 1], &b->side[i]))
			b->side[n++] = b->side[i];
	b->nr = n;
}

static void add_kernel_names(struct build *b)
{
	unsigned int when;
	uint32_t i;

	for (when = 0; when < DRVMEM_NR_WHEN; when++) {
		const struct drvmem_reading *r = b->c->s->kernel[when];

		for (i = 0; i < r->nr_slabs; i++)
			make_key(r->slabs[i].name, b->side[b->nr++].key);
	}
	unite(b);
}

static void sum_caches(struct build *b)
{
	const struct drvmem_snapshot *s = b->c->s;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++)
		if (s->sites[i].allocator == DRVMEM_ALLOC_SLAB && s->sites[i].cache < s->nr_caches)
			drvmem_counts__add(&b->sum[s->sites[i].cache], &s->sites[i].c);
}

/* A name that the kernel has: the cache's own, or one of those it was merged with. NULL on ENOMEM. */
static const char *kernels_name(struct build *b, const struct drvmem_cache *cache)
{
	const char *p = cache->aliases;
	char alias[KEY_LEN + 32];
	size_t n;

	if (find_side(b, cache->name))
		return cache->name;
	for (; p && *p; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		if (n >= sizeof(alias))
			continue;
		snprintf(alias, sizeof(alias), "%.*s", (int)n, p);
		if (n && find_side(b, alias))
			return drvmem_arena__str(b->c->arena, alias);
	}
	return cache->name;
}

static int name_caches(struct build *b)
{
	const struct drvmem_snapshot *s = b->c->s;
	uint32_t i, known = b->nr;

	for (i = 0; i < s->nr_caches; i++) {
		const struct drvmem_cache *cache = &s->caches[i];

		if (!b->sum[i].allocs || cache->kind == DRVMEM_CLASS_LARGE)
			continue;
		if ((cache->kind != DRVMEM_CLASS_CACHE && cache->kind != DRVMEM_CLASS_KMALLOC) ||
		    !cache->name || cache->name[0] == '(') {
			b->unknown = true;
			continue;
		}
		b->name[i] = kernels_name(b, cache);
		if (!b->name[i])
			return -ENOMEM;
	}
	for (i = 0; i < s->nr_caches; i++)
		if (b->name[i])
			make_key(b->name[i], b->side[b->nr++].key);
	if (b->nr != known)
		unite(b);
	return 0;
}

static void add_kernel_counts(struct build *b)
{
	unsigned int when;
	uint32_t i;

	for (when = 0; when < DRVMEM_NR_WHEN; when++) {
		const struct drvmem_reading *r = b->c->s->kernel[when];

		for (i = 0; i < r->nr_slabs; i++) {
			struct side *d = find_side(b, r->slabs[i].name);
			struct drvmem_u64 slack = drvmem_reading__slack(r, &r->slabs[i]);

			d->active[when] += r->slabs[i].active;
			d->slack[when].v += slack.v;
			if (slack.st != DRVMEM_OK)
				d->slack[when].st = slack.st;
		}
	}
}

static void add_traced(struct build *b)
{
	const struct drvmem_snapshot *s = b->c->s;
	struct side *d;
	uint32_t i;

	for (i = 0; i < s->nr_caches; i++) {
		if (!b->name[i])
			continue;
		d = find_side(b, b->name[i]);
		drvmem_counts__add(&d->traced, &b->sum[i]);
		d->unseen |= s->caches[i].upper_bound;
	}
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* A cache that is not listed has no objects; a list that cannot be read says nothing. */
static struct drvmem_u64 count_at(const struct build *b, const struct side *d, enum drvmem_when when)
{
	enum drvmem_avail st = b->c->s->kernel[when]->slabs_st;

	return (struct drvmem_u64){ st == DRVMEM_OK ? d->active[when] : 0, st };
}

static int add_row(struct build *b, const struct side *d)
{
	struct drvmem_coverage *c = b->c;
	struct drvmem_coverage_row *row = &c->rows[c->nr_rows];

	*row = (struct drvmem_coverage_row){
		.name = drvmem_arena__str(c->arena, d->key), .kind = DRVMEM_COVER_CACHE, .why = "",
		.tracked = d->traced.live_objects,
		.tracked_error = drvmem_error95(drvmem_counts__live_var(&d->traced)),
		.events = d->traced.allocs + d->traced.frees,
		.start = count_at(b, d, DRVMEM_AFTER_START), .now = count_at(b, d, DRVMEM_AT_SNAPSHOT),
		.start_slack = d->slack[DRVMEM_AFTER_START], .slack = d->slack[DRVMEM_AT_SNAPSHOT],
		.moment = apart(d->active[DRVMEM_AT_START], d->active[DRVMEM_AFTER_START]) +
			  apart(d->active[DRVMEM_AT_SNAPSHOT], d->active[DRVMEM_AFTER_SNAPSHOT]),
		.inferred = d->traced.inferred,
		.pending = d->traced.rcu_pending > 0 ? (uint64_t)d->traced.rcu_pending : 0,
	};
	if (!row->name)
		return -ENOMEM;
	if (b->unknown && !drvmem_kmalloc_size(d->key))
		row->why = "objects of caches that are not known were traced";
	drvmem_coverage_judge_cache(c, row, d->unseen || !c->s->meta.frees_rcu_seen ||
					     !c->s->meta.frees_bulk_seen);
	c->nr_rows++;
	return 0;
}

static int fill(struct build *b)
{
	uint32_t i;
	int err;

	add_kernel_names(b);
	sum_caches(b);
	err = name_caches(b);
	if (err)
		return err;
	add_kernel_counts(b);
	add_traced(b);
	for (i = 0; i < b->nr && !err; i++)
		err = add_row(b, &b->side[i]);
	return err;
}

int drvmem_coverage_add_caches(struct drvmem_coverage *c)
{
	const struct drvmem_snapshot *s = c->s;
	struct build b = { .c = c };
	uint32_t room = 1 + s->nr_caches;
	unsigned int when;
	int err = -ENOMEM;

	for (when = 0; when < DRVMEM_NR_WHEN; when++)
		room += s->kernel[when]->nr_slabs;
	b.side = calloc(room, sizeof(*b.side));
	b.sum = calloc(s->nr_caches ? s->nr_caches : 1, sizeof(*b.sum));
	b.name = calloc(s->nr_caches ? s->nr_caches : 1, sizeof(*b.name));
	if (b.side && b.sum && b.name)
		err = fill(&b);
	free(b.side);
	free(b.sum);
	free(b.name);
	return err;
}

uint64_t drvmem_coverage_kfence(const struct drvmem_snapshot *s)
{
	uint64_t ms = s->kernel[DRVMEM_AT_SNAPSHOT]->kfence_ms, ns;

	ns = s->meta.taken_ns > s->meta.started_ns ? s->meta.taken_ns - s->meta.started_ns : 0;
	return ms ? ns / (ms * 1000000u) + 1 : 0;
}

struct drvmem_u64 drvmem_coverage_large(const struct drvmem_reading *r)
{
	const struct drvmem_u64 *recl = &r->mem[DRVMEM_MEM_SRECLAIMABLE];
	const struct drvmem_u64 *rest = &r->mem[DRVMEM_MEM_SUNRECLAIM];
	struct drvmem_u64 v = { .st = r->slabs_st };
	uint64_t held = 0;
	uint32_t i;

	if (v.st == DRVMEM_OK)
		v.st = recl->st != DRVMEM_OK ? recl->st : rest->st;
	if (v.st != DRVMEM_OK)
		return v;
	for (i = 0; i < r->nr_slabs; i++)
		held += r->slabs[i].slab_bytes;
	v.v = recl->v + rest->v;
	/* slabs made of fewer pages when memory was short: slabinfo takes them for whole ones */
	v.v = v.v > held ? v.v - held : 0;
	return v;
}
