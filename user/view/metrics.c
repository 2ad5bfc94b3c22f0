// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/metrics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/metrics_parts.h"

static struct drvmem_topn *new_topn(uint32_t max, uint64_t max_cost, uint32_t nr_counters)
{
	const struct drvmem_topn_opts o = { max, max_cost, DRVMEM_TOPN_STAY_NS, nr_counters };

	return drvmem_topn__new(&o);
}

struct drvmem_metrics *drvmem_metrics__new(const struct drvmem_metrics_opts *o)
{
	struct drvmem_metrics *m = calloc(1, sizeof(*m));
	bool ok;
	int i;

	if (!m)
		return NULL;
	m->o = *o;
	m->modules = new_topn(o->max_modules, (uint64_t)o->max_modules * DRVMEM_METRICS_COST,
			      DRVMEM_METRICS_COUNTERS);
	m->caches = new_topn(o->max_caches, 0, 0);
	m->devices = new_topn(DRVMEM_METRICS_DEVICES, 0, 0);
	m->syncs = new_topn(DRVMEM_METRICS_DEVICES, 0, 2);
	m->callsites = new_topn(o->max_callsites, 0, 0);
	ok = m->modules && m->caches && m->devices && m->syncs && m->callsites;
	for (i = 0; i < DRVMEM_NR_POOL_KINDS; i++) {
		m->pools[i] = new_topn(DRVMEM_METRICS_POOLS, 0, 0);
		ok &= m->pools[i] != NULL;
	}
	if (ok)
		return m;
	drvmem_metrics__free(m);
	return NULL;
}

void drvmem_metrics__free(struct drvmem_metrics *m)
{
	int i;

	if (!m)
		return;
	drvmem_topn__free(m->modules);
	drvmem_topn__free(m->caches);
	drvmem_topn__free(m->devices);
	drvmem_topn__free(m->syncs);
	drvmem_topn__free(m->callsites);
	for (i = 0; i < DRVMEM_NR_POOL_KINDS; i++)
		drvmem_topn__free(m->pools[i]);
	drvmem_table__deinit(&m->unload_of);
	free(m);
}

static void put_bucket(struct drvmem_exposition *x, enum drvmem_metric m, const char *alloc, const char *le,
		       uint64_t below)
{
	drvmem_exposition__add(x, m, &(struct drvmem_metric_sample){
		.label = { alloc }, .le = le, .part = DRVMEM_SAMPLE_BUCKET, .value = { .whole = below } });
}

/*
 * Bucket i of size_hist holds [2^(i-1), 2^i), so its upper bound, inclusive as
 * Prometheus wants it, is 2^i - 1. Every second one is written, the last is open.
 */
static void put_size_hist(struct drvmem_exposition *x, const char *alloc, const struct drvmem_counts *c)
{
	uint64_t below = 0;
	char le[32];
	uint32_t i;

	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++) {
		below += c->size_hist[i];
		if (i < 4 || i % 2 || i == DRVMEM_SIZE_BUCKETS - 1)
			continue;
		snprintf(le, sizeof(le), "%u", (1u << i) - 1);
		put_bucket(x, DRVMEM_M_ALLOCATION_SIZE, alloc, le, below);
	}
	put_bucket(x, DRVMEM_M_ALLOCATION_SIZE, alloc, "+Inf", below);
	drvmem_exposition__add(x, DRVMEM_M_ALLOCATION_SIZE, &(struct drvmem_metric_sample){
		.label = { alloc }, .part = DRVMEM_SAMPLE_SUM, .value = { .whole = c->alloc_bytes } });
	drvmem_exposition__add(x, DRVMEM_M_ALLOCATION_SIZE, &(struct drvmem_metric_sample){
		.label = { alloc }, .part = DRVMEM_SAMPLE_COUNT, .value = { .whole = below } });
}

/* Bucket 0: less than one jiffy; i: [2^(i-1), 2^i) jiffies. The sum is not measured: no sample. */
static void put_life_hist(struct drvmem_exposition *x, const char *alloc, const struct drvmem_counts *c, uint32_t hz)
{
	uint64_t below = 0;
	char le[32];
	uint32_t i;

	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++) {
		below += c->life_hist[i];
		if (i % 2 || i == DRVMEM_LIFE_BUCKETS - 1)
			continue;
		snprintf(le, sizeof(le), "%.10g", (double)((uint64_t)1 << i) / hz);
		put_bucket(x, DRVMEM_M_ALLOCATION_LIFETIME, alloc, le, below);
	}
	put_bucket(x, DRVMEM_M_ALLOCATION_LIFETIME, alloc, "+Inf", below);
	drvmem_exposition__add(x, DRVMEM_M_ALLOCATION_LIFETIME, &(struct drvmem_metric_sample){
		.label = { alloc }, .part = DRVMEM_SAMPLE_COUNT, .value = { .whole = below } });
}

/* Of all that a site counts, what is written here. */
static void add_totals(struct drvmem_counts *dst, const struct drvmem_counts *src)
{
	uint32_t i;

	dst->allocs += src->allocs;
	dst->frees += src->frees;
	dst->alloc_bytes += src->alloc_bytes;
	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++)
		dst->size_hist[i] += src->size_hist[i];
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		dst->life_hist[i] += src->life_hist[i];
}

void drvmem_metrics_totals(struct drvmem_metrics_call *c)
{
	struct drvmem_counts sum[DRVMEM_NR_ALLOCATORS] = { { 0 } };
	const struct drvmem_scope *v = c->in->scope;
	uint32_t seen = 0, i;
	uint16_t a;

	for (i = 0; i < v->nr_kept; i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[v->by_owner[i]];

		if (DRVMEM_IS_MAPPING(t->allocator))
			continue;
		add_totals(&sum[t->allocator], &t->c);
		seen |= 1u << t->allocator;
	}
	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++) {
		const char *alloc = drvmem_allocator_name(a);

		if (!(seen & (1u << a)))
			continue;
		put_size_hist(c->x, alloc, &sum[a]);
		if (v->s->meta.hz)
			put_life_hist(c->x, alloc, &sum[a], v->s->meta.hz);
		drvmem_exposition__u64(c->x, DRVMEM_M_EVENTS, sum[a].allocs, alloc, "alloc", NULL);
		drvmem_exposition__u64(c->x, DRVMEM_M_EVENTS, sum[a].frees, alloc, "free", NULL);
	}
}

static int build(struct drvmem_metrics_call *c)
{
	int err = drvmem_metrics_modules(c);

	if (!err)
		err = drvmem_metrics_callsites(c);
	if (!err)
		err = drvmem_metrics_caches(c);
	if (!err)
		err = drvmem_metrics_devices(c);
	if (!err)
		err = drvmem_metrics_pools(c);
	if (err)
		return err;
	drvmem_metrics_totals(c);
	drvmem_metrics_nodes(c);
	drvmem_metrics_machine(c);
	drvmem_metrics_self(c);
	return drvmem_exposition__error(c->x);
}

int drvmem_metrics__build(struct drvmem_metrics *m, const struct drvmem_metrics_input *in,
			  struct drvmem_exposition **ret)
{
	struct drvmem_metrics_call c = { .m = m, .in = in, .now_ns = in->scope->s->meta.taken_ns };
	int err;

	c.x = drvmem_exposition__new();
	err = c.x ? build(&c) : -ENOMEM;
	if (err) {
		drvmem_exposition__free(c.x);
		return err;
	}
	*ret = c.x;
	return 0;
}
