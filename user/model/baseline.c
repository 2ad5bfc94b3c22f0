// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/baseline.h"

#include <stdlib.h>

const char *const drvmem_baseline_part_names[] = {
	[DRVMEM_BASE_SLAB] = "slab",	 [DRVMEM_BASE_VMALLOC] = "vmalloc",
	[DRVMEM_BASE_PERCPU] = "percpu", [DRVMEM_BASE_IMAGES] = "images", NULL,
};

struct drvmem_baseline *drvmem_baseline__new(void)
{
	static const struct drvmem_u64 absent = { 0, DRVMEM_ABSENT };
	struct drvmem_baseline *b = calloc(1, sizeof(*b));
	uint32_t i;

	if (!b)
		return NULL;
	b->arena = drvmem_arena__new();
	if (!b->arena) {
		free(b);
		return NULL;
	}
	for (i = 0; i < DRVMEM_NR_BASE_PARTS; i++)
		b->part[i].bytes = b->part[i].named = absent;
	b->stack_bytes = b->image_area_bytes = b->bpf_map_bytes = absent;
	b->allocinfo_bytes = b->vmallocinfo = absent;
	b->devres_count = b->devres_bytes = absent;
	return b;
}

void drvmem_baseline__free(struct drvmem_baseline *b)
{
	if (!b)
		return;
	drvmem_arena__free(b->arena);
	drvmem_pageowner__free(b->pages);
	free(b->rows);
	free(b->devs);
	free(b);
}

/* Texts that lie can hold any number: a sum that does not fit is the largest one. */
static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t drvmem_baseline_row__bytes(const struct drvmem_baseline_row *r)
{
	return r->vmalloc_bytes + r->slab_bytes + r->devres_bytes +
	       (r->image_bytes.st == DRVMEM_OK ? r->image_bytes.v : 0);
}

uint64_t drvmem_baseline__total(const struct drvmem_baseline *b, bool *ret_partial)
{
	uint64_t sum = 0;
	uint32_t i;

	*ret_partial = false;
	for (i = 0; i < DRVMEM_NR_BASE_PARTS; i++) {
		if (b->part[i].bytes.st == DRVMEM_OK)
			sum = add(sum, b->part[i].bytes.v);
		else
			*ret_partial = true;
	}
	return sum;
}

uint64_t drvmem_baseline__named(const struct drvmem_baseline *b, bool *ret_partial)
{
	uint64_t sum = b->spread_named;
	uint32_t i;

	*ret_partial = b->devres_asked && b->devres_bytes.st != DRVMEM_OK;
	for (i = 0; i < DRVMEM_NR_BASE_PARTS; i++) {
		if (b->part[i].named.st == DRVMEM_OK)
			sum = add(sum, b->part[i].named.v);
		else
			*ret_partial = true;
	}
	return sum;
}
