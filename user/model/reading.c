// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/reading.h"

#include <stdlib.h>
#include <string.h>

#define FULL_SHEAVES	10u	/* MAX_FULL_SHEAVES, mm/slub.c */

struct drvmem_reading *drvmem_reading__new(void)
{
	struct drvmem_reading *r = calloc(1, sizeof(*r));

	if (r)
		r->refs = 1;
	return r;
}

struct drvmem_reading *drvmem_reading__ref(struct drvmem_reading *r)
{
	if (r)
		r->refs++;
	return r;
}

void drvmem_reading__unref(struct drvmem_reading *r)
{
	if (!r || --r->refs)
		return;
	free(r->slabs);
	free(r->areas);
	free(r);
}

static int cmp_slab(const void *a, const void *b)
{
	const struct drvmem_slab_reading *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int cmp_area(const void *a, const void *b)
{
	const struct drvmem_area_reading *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

void drvmem_reading__seal(struct drvmem_reading *r)
{
	if (r->nr_slabs)
		qsort(r->slabs, r->nr_slabs, sizeof(*r->slabs), cmp_slab);
	if (r->nr_areas)
		qsort(r->areas, r->nr_areas, sizeof(*r->areas), cmp_area);
}

uint64_t drvmem_reading__areas_gone(const struct drvmem_reading *a, const struct drvmem_reading *b)
{
	uint64_t pages = 0;
	uint32_t i, j = 0;

	for (i = 0; i < a->nr_areas; i++) {
		while (j < b->nr_areas && b->areas[j].id < a->areas[i].id)
			j++;
		if (j < b->nr_areas && b->areas[j].id == a->areas[i].id)
			j++;	/* each stands for one: hidden addresses make equal ids */
		else
			pages += a->areas[i].pages;
	}
	return pages;
}

/*
 * Slabs on a CPU's partial list. Since b47291ef02b0 (5.16) the limit is a number of slabs, each
 * assumed half full: DIV_ROUND_UP(2 * cpu_partial, objects per slab) (slub_set_cpu_partial).
 * Before, slabs were put there until the free objects they had when they came passed the limit
 * (put_cpu_partial): at most one slab for each, and one more.
 */
static uint64_t partial_slabs(const struct drvmem_reading *r, const struct drvmem_slab_reading *s)
{
	uint64_t n = s->cpu_partial.st == DRVMEM_OK ? s->cpu_partial.v : 0;

	if (!n)
		return 0;
	if (!r->partial_counts_slabs)
		return n + 1;
	return s->objs_per_slab ? (2 * n + s->objs_per_slab - 1) / s->objs_per_slab : 0;
}

/*
 * get_slabinfo() (mm/slub.c) takes only the free objects of slabs on a node's partial list for
 * free. In use seem to be: free objects of each CPU's slab and of its partial list; all in its
 * sheaves (main, spare, rcu_free: struct slub_percpu_sheaves), and in full ones of each node's
 * barn: MAX_FULL_SHEAVES, which is tested without the lock, so one more for each CPU.
 */
struct drvmem_u64 drvmem_reading__slack(const struct drvmem_reading *r,
					const struct drvmem_slab_reading *s)
{
	uint64_t cap = s->sheaf_capacity.st == DRVMEM_OK ? s->sheaf_capacity.v : 0;
	uint64_t per_cpu = partial_slabs(r, s) * s->objs_per_slab + 3 * cap;
	struct drvmem_u64 slack = { .st = s->cpu_partial.st };

	/* without SLUB_CPU_PARTIAL the file is there and says 0 (cpu_partial_show) */
	if (r->cpu_slabs)
		per_cpu += s->objs_per_slab;
	if (slack.st == DRVMEM_OK && s->sheaf_capacity.st == DRVMEM_DENIED)
		slack.st = DRVMEM_DENIED;
	slack.v = per_cpu * r->nr_cpus + (FULL_SHEAVES * r->nr_nodes + r->nr_cpus) * cap;
	return slack;
}
