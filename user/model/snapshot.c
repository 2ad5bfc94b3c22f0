// SPDX-License-Identifier: GPL-2.0-or-later
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
	if (!s)
		return;
	free(s->instances);
	free(s->caches);
	free(s->sites);
	free(s->objects);
	free(s->stacks);
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
		       l->bulk_truncated;

	if (l->recursion_misses.st == DRVMEM_OK)
		sum += l->recursion_misses.v;
	return sum;
}

double drvmem_own_cost__per_run(const struct drvmem_own_cost *c)
{
	return c->runs ? (double)c->ns / (double)c->runs : 0;
}

double drvmem_loss__ppm(const struct drvmem_loss *l)
{
	uint64_t lost = drvmem_loss__total(l);

	if (!lost)
		return 0;
	return l->events ? (double)lost * 1e6 / (double)l->events : 1e6;
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
	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++)
		dst->size_hist[i] += src->size_hist[i];
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		dst->life_hist[i] += src->life_hist[i];
}
