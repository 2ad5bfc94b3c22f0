// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "model/delta.h"

struct site_ref {
	uint32_t id, index;
};

static int cmp_ref(const void *a, const void *b)
{
	const struct site_ref *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* Sites of a snapshot in the order of their ids; NULL when there are none or on ENOMEM. */
static struct site_ref *index_sites(const struct drvmem_snapshot *s)
{
	struct site_ref *refs;
	uint32_t i;

	if (!s || !s->nr_sites)
		return NULL;
	refs = malloc(s->nr_sites * sizeof(*refs));
	if (!refs)
		return NULL;
	for (i = 0; i < s->nr_sites; i++)
		refs[i] = (struct site_ref){ .id = s->sites[i].id, .index = i };
	qsort(refs, s->nr_sites, sizeof(*refs), cmp_ref);
	return refs;
}

static uint64_t grown(uint64_t before, uint64_t now)
{
	return now > before ? now - before : 0;
}

static void set_change(struct drvmem_change *c, const struct drvmem_counts *before,
		       const struct drvmem_counts *now)
{
	c->live_bytes = now->live_bytes - before->live_bytes;
	c->live_objects = now->live_objects - before->live_objects;
	c->allocs = grown(before->allocs, now->allocs);
	c->frees = grown(before->frees, now->frees);
	c->failures = grown(before->failures, now->failures);
	c->allocs_var = fmax(now->allocs_var - before->allocs_var, 0);
	c->frees_var = fmax(now->frees_var - before->frees_var, 0);
	/* two bounds: by what came and went, and by what was live at either time */
	c->live_bytes_var = fmin(fmax(now->alloc_bytes_var - before->alloc_bytes_var, 0) +
				 fmax(now->free_bytes_var - before->free_bytes_var, 0),
				 drvmem_counts__live_bytes_var(now) +
				 drvmem_counts__live_bytes_var(before));
}

static void fill_sites(struct drvmem_delta *d, const struct drvmem_snapshot *prev,
		       const struct drvmem_snapshot *cur, const struct site_ref *refs)
{
	static const struct drvmem_counts nothing;
	const struct drvmem_counts *before;
	const struct site_ref *hit;
	struct site_ref want = { 0 };
	uint32_t i;

	for (i = 0; i < cur->nr_sites; i++) {
		want.id = cur->sites[i].id;
		hit = refs ? bsearch(&want, refs, prev->nr_sites, sizeof(*refs), cmp_ref) : NULL;
		before = hit ? &prev->sites[hit->index].c : &nothing;
		set_change(&d->site[i], before, &cur->sites[i].c);
	}
}

int drvmem_delta__new(const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur,
		      struct drvmem_delta **ret)
{
	uint64_t from = prev ? prev->meta.taken_ns : cur->meta.started_ns;
	struct site_ref *refs = index_sites(prev);
	struct drvmem_delta *d;

	if (!refs && prev && prev->nr_sites)
		return -ENOMEM;
	d = calloc(1, sizeof(*d));
	if (d)
		d->site = calloc(cur->nr_sites ? cur->nr_sites : 1, sizeof(*d->site));
	if (!d || !d->site) {
		free(refs);
		drvmem_delta__free(d);
		return -ENOMEM;
	}
	d->since_start = !prev;
	d->nr_sites = cur->nr_sites;
	d->interval_ns = grown(from, cur->meta.taken_ns);
	fill_sites(d, prev, cur, refs);
	free(refs);
	*ret = d;
	return 0;
}

void drvmem_delta__free(struct drvmem_delta *d)
{
	if (!d)
		return;
	free(d->site);
	free(d);
}

static void subtract_counts(const struct drvmem_counts *before, struct drvmem_counts *now)
{
	now->live_bytes -= before->live_bytes;
	now->live_objects -= before->live_objects;
	now->held_bytes -= before->held_bytes;
	now->rcu_pending -= before->rcu_pending;
	now->rcu_pending_bytes -= before->rcu_pending_bytes;
	now->allocs = grown(before->allocs, now->allocs);
	now->frees = grown(before->frees, now->frees);
	now->alloc_bytes = grown(before->alloc_bytes, now->alloc_bytes);
	now->free_bytes = grown(before->free_bytes, now->free_bytes);
	now->failures = grown(before->failures, now->failures);
	now->inferred = grown(before->inferred, now->inferred);
	now->mismatched = grown(before->mismatched, now->mismatched);
}

static void subtract_loss(const struct drvmem_loss *before, struct drvmem_loss *now)
{
	now->recursion_misses.v = grown(before->recursion_misses.v, now->recursion_misses.v);
	now->made_up = grown(before->made_up, now->made_up);
	now->nest_refused = grown(before->nest_refused, now->nest_refused);
	now->table_full = grown(before->table_full, now->table_full);
	now->insert_failed = grown(before->insert_failed, now->insert_failed);
	now->stack_missing = grown(before->stack_missing, now->stack_missing);
	now->bulk_truncated = grown(before->bulk_truncated, now->bulk_truncated);
	now->maps_cut = grown(before->maps_cut, now->maps_cut);
	now->site_full = grown(before->site_full, now->site_full);
	now->class_full = grown(before->class_full, now->class_full);
	now->module_full = grown(before->module_full, now->module_full);
	now->stack_truncated = grown(before->stack_truncated, now->stack_truncated);
	now->stack_full = grown(before->stack_full, now->stack_full);
	now->unmatched_frees = grown(before->unmatched_frees, now->unmatched_frees);
	now->inferred_frees = grown(before->inferred_frees, now->inferred_frees);
	now->small_frees = grown(before->small_frees, now->small_frees);
	now->pending_evicted = grown(before->pending_evicted, now->pending_evicted);
	now->events = grown(before->events, now->events);
}

int drvmem_delta__subtract(const struct drvmem_snapshot *prev, struct drvmem_snapshot *cur)
{
	struct site_ref *refs = index_sites(prev);
	const struct site_ref *hit;
	struct site_ref want = { 0 };
	uint32_t i;

	if (!refs && prev->nr_sites)
		return -ENOMEM;
	for (i = 0; i < cur->nr_sites; i++) {
		want.id = cur->sites[i].id;
		hit = refs ? bsearch(&want, refs, prev->nr_sites, sizeof(*refs), cmp_ref) : NULL;
		if (hit)
			subtract_counts(&prev->sites[hit->index].c, &cur->sites[i].c);
	}
	subtract_loss(&prev->loss, &cur->loss);
	cur->meta.started_ns = prev->meta.taken_ns;
	free(refs);
	return 0;
}

void drvmem_change__add(struct drvmem_change *dst, const struct drvmem_change *src)
{
	dst->live_bytes += src->live_bytes;
	dst->live_objects += src->live_objects;
	dst->allocs += src->allocs;
	dst->frees += src->frees;
	dst->failures += src->failures;
	dst->allocs_var += src->allocs_var;
	dst->frees_var += src->frees_var;
	dst->live_bytes_var += src->live_bytes_var;
}

enum drvmem_avail drvmem_delta__rate(const struct drvmem_delta *d, uint64_t events, double *ret)
{
	if (!d->interval_ns)
		return DRVMEM_ABSENT;
	*ret = (double)events * 1e9 / (double)d->interval_ns;
	return DRVMEM_OK;
}
