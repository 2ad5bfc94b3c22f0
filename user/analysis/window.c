// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/window.h"

/* Never below 0: an end may be counted an instant before what was made. */
static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static struct drvmem_tally tally_of(const struct drvmem_gen *g)
{
	return (struct drvmem_tally){ g->objects, g->bytes };
}

static struct drvmem_tally tally_less(struct drvmem_tally a, struct drvmem_tally b)
{
	return (struct drvmem_tally){ less(a.objects, b.objects), less(a.bytes, b.bytes) };
}

void drvmem_window(const struct drvmem_snapshot *s, uint32_t site, uint32_t gen, struct drvmem_window_sums *ret)
{
	const struct drvmem_gens *g = &s->gens[site];
	const struct drvmem_counts *c = &s->sites[site].c;
	uint32_t at = gen % DRVMEM_GENS;
	struct drvmem_tally made = tally_of(&g->made[at]);
	struct drvmem_tally all = { c->allocs, c->alloc_bytes };

	ret->aifi = tally_of(&g->own[at]);
	ret->aifo = tally_less(made, ret->aifi);
	ret->later = tally_less(tally_of(&g->born[at]), ret->aifi);
	ret->aofi = tally_less(tally_of(&g->died[at]), ret->aifi);
	ret->aofo = tally_less(tally_less(all, made), ret->aofi);
}

static void add(struct drvmem_tally *dst, const struct drvmem_tally *src)
{
	dst->objects += src->objects;
	dst->bytes += src->bytes;
}

void drvmem_window__add(struct drvmem_window_sums *dst, const struct drvmem_window_sums *src)
{
	add(&dst->aifi, &src->aifi);
	add(&dst->aifo, &src->aifo);
	add(&dst->later, &src->later);
	add(&dst->aofi, &src->aofi);
	add(&dst->aofo, &src->aofo);
}
