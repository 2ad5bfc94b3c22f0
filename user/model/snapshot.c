// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "model/arena.h"
#include "model/snapshot.h"

struct drvmem_snapshot *drvmem_snapshot__new(void)
{
	struct drvmem_snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->meta.max_size = UINT64_MAX;
	s->arena = drvmem_arena__new();
	if (!s->arena) {
		free(s);
		return NULL;
	}
	return s;
}

void drvmem_snapshot__free(struct drvmem_snapshot *s)
{
	unsigned int i;

	if (!s)
		return;
	for (i = 0; i < DRVMEM_NR_WHEN; i++)
		drvmem_reading__unref(s->kernel[i]);
	free(s->instances);
	free(s->caches);
	free(s->sites);
	free(s->gens);
	drvmem_usage__free(s->usage);
	free(s->objects);
	free(s->stacks);
	free(s->syncs);
	free(s->mempools);
	free(s->exact);
	free(s->pages);
	drvmem_arena__free(s->arena);
	free(s);
}

const char *drvmem_snapshot__str(struct drvmem_snapshot *s, const char *text)
{
	return drvmem_arena__str(s->arena, text);
}

uint64_t drvmem_loss__total(const struct drvmem_loss *l)
{
	uint64_t sum = l->nest_refused + l->table_full + l->insert_failed + l->stack_missing +
		       l->bulk_truncated + l->maps_cut;

	if (l->recursion_misses.st == DRVMEM_OK)
		sum += l->recursion_misses.v;
	return sum;
}

double drvmem_own_cost__per_run(const struct drvmem_own_cost *c)
{
	return c->runs ? (double)c->ns / (double)c->runs : 0;
}

double drvmem_own_cost__all_ns(const struct drvmem_own_cost *c, uint64_t events, uint64_t period_ns)
{
	double each = drvmem_own_cost__per_run(c);

	if (!c->span_ns)
		return each * (double)events;
	if (c->events >= c->runs)	/* one run may free many objects */
		return c->events ? (double)c->ns / (double)c->events * (double)events : 0;
	return each * ((double)events + (double)(c->runs - c->events) * (double)period_ns / (double)c->span_ns);
}

double drvmem_own_cost__of(const struct drvmem_snapshot *s)
{
	const struct drvmem_meta *m = &s->meta;

	return drvmem_own_cost__all_ns(&s->cost, s->loss.events,
				       m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0);
}

double drvmem_loss__ppm(const struct drvmem_loss *l)
{
	uint64_t lost = drvmem_loss__total(l);

	if (!lost)
		return 0;
	return l->events ? (double)lost * 1e6 / (double)l->events : 1e6;
}

static double at_least_0(double v)
{
	return v > 0 ? v : 0;
}

double drvmem_counts__live_var(const struct drvmem_counts *c)
{
	return at_least_0(c->allocs_var - c->frees_var);
}

double drvmem_counts__live_bytes_var(const struct drvmem_counts *c)
{
	return at_least_0(c->alloc_bytes_var - c->free_bytes_var);
}

double drvmem_error95(double var)
{
	return 1.959964 * sqrt(at_least_0(var));
}

double drvmem_snapshot__weight(const struct drvmem_snapshot *s, const struct drvmem_object *o)
{
	uint64_t rate = o->epoch < DRVMEM_EPOCHS ? s->meta.epoch[o->epoch].sample_bytes : 0;

	return rate && o->asked ? -1 / expm1(-(double)o->asked / (double)rate) : 1;
}

void drvmem_counts__add(struct drvmem_counts *dst, const struct drvmem_counts *src)
{
	unsigned int i;

	dst->allocs += src->allocs;
	dst->frees += src->frees;
	dst->alloc_bytes += src->alloc_bytes;
	dst->free_bytes += src->free_bytes;
	dst->live_objects += src->live_objects;
	dst->live_bytes += src->live_bytes;
	dst->held_bytes += src->held_bytes;
	dst->failures += src->failures;
	dst->inferred += src->inferred;
	dst->rcu_pending += src->rcu_pending;
	dst->rcu_pending_bytes += src->rcu_pending_bytes;
	dst->mismatched += src->mismatched;
	dst->sampled_allocs += src->sampled_allocs;
	dst->sampled_frees += src->sampled_frees;
	dst->allocs_var += src->allocs_var;
	dst->frees_var += src->frees_var;
	dst->alloc_bytes_var += src->alloc_bytes_var;
	dst->free_bytes_var += src->free_bytes_var;
	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++)
		dst->size_hist[i] += src->size_hist[i];
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		dst->life_hist[i] += src->life_hist[i];
}

int drvmem_snapshot__group_objects(struct drvmem_snapshot *s)
{
	struct drvmem_object *from = s->objects;
	struct drvmem_object *to = malloc((s->nr_objects ? s->nr_objects : 1) * sizeof(*to));
	uint32_t i, sum = 0;

	if (!to)
		return -ENOMEM;
	for (i = 0; i < s->nr_sites; i++)
		s->sites[i].nr_objects = 0;
	for (i = 0; i < s->nr_objects; i++)
		s->sites[from[i].site].nr_objects++;
	for (i = 0; i < s->nr_sites; i++) {
		s->sites[i].first_object = sum;
		sum += s->sites[i].nr_objects;
	}
	/* first_object serves as the place of the next one */
	for (i = 0; i < s->nr_objects; i++)
		to[s->sites[from[i].site].first_object++] = from[i];
	for (i = 0; i < s->nr_sites; i++)
		s->sites[i].first_object -= s->sites[i].nr_objects;
	s->objects = to;
	free(from);
	return 0;
}
