// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/slabmodel.h"

#include <errno.h>
#include <stdlib.h>

/* mm/slub.c: MIN_PARTIAL, MAX_PARTIAL */
#define MIN_PARTIAL	5u
#define MAX_PARTIAL	10u
#define NONE		DRVMEM_SLABMODEL_NONE

static uint32_t min_partial(uint32_t size)
{
	uint32_t half = size ? (31 - (uint32_t)__builtin_clz(size)) / 2 : 0;

	return half < MIN_PARTIAL ? MIN_PARTIAL : half > MAX_PARTIAL ? MAX_PARTIAL : half;
}

void drvmem_slabmodel_init(struct drvmem_slabmodel *m, uint32_t size, uint32_t objects, bool pages)
{
	*m = (struct drvmem_slabmodel){ .objects = pages ? 1 : objects, .min_partial = pages ? 0 : min_partial(size),
					.head = NONE, .tail = NONE, .gone = NONE };
}

void drvmem_slabmodel__deinit(struct drvmem_slabmodel *m)
{
	free(m->slab);
	m->slab = NULL;
}

static void link_slab(struct drvmem_slabmodel *m, uint32_t i, bool to_head)
{
	struct drvmem_slabmodel_slab *s = &m->slab[i];

	s->partial = true;
	s->prev = to_head ? NONE : m->tail;
	s->next = to_head ? m->head : NONE;
	if (s->prev != NONE)
		m->slab[s->prev].next = i;
	else
		m->head = i;
	if (s->next != NONE)
		m->slab[s->next].prev = i;
	else
		m->tail = i;
	m->nr_partial++;
}

static void unlink_slab(struct drvmem_slabmodel *m, uint32_t i)
{
	struct drvmem_slabmodel_slab *s = &m->slab[i];

	if (s->prev != NONE)
		m->slab[s->prev].next = s->next;
	else
		m->head = s->next;
	if (s->next != NONE)
		m->slab[s->next].prev = s->prev;
	else
		m->tail = s->prev;
	s->partial = false;
	m->nr_partial--;
}

/* A number that no slab has; -ENOMEM. */
static int number_slab(struct drvmem_slabmodel *m, uint32_t *ret)
{
	uint32_t cap;
	void *v;

	if (m->gone != NONE) {
		*ret = m->gone;
		m->gone = m->slab[m->gone].next;
		return 0;
	}
	if (m->nr == m->cap) {
		cap = m->cap ? m->cap * 2 : 64;
		v = cap > m->cap ? realloc(m->slab, (size_t)cap * sizeof(*m->slab)) : NULL;
		if (!v)
			return -ENOMEM;
		m->slab = v;
		m->cap = cap;
	}
	*ret = m->nr++;
	return 0;
}

int drvmem_slabmodel__take(struct drvmem_slabmodel *m, uint32_t *ret_slab)
{
	uint32_t i = m->head;
	int err;

	if (i == NONE) {
		err = number_slab(m, &i);
		if (err)
			return err;
		m->slab[i] = (struct drvmem_slabmodel_slab){ 0 };
		link_slab(m, i, true);
		m->slabs++;
		m->taken++;
	}
	if (++m->slab[i].inuse == m->objects)
		unlink_slab(m, i);
	*ret_slab = i;
	return 0;
}

void drvmem_slabmodel__give(struct drvmem_slabmodel *m, uint32_t i)
{
	struct drvmem_slabmodel_slab *s = &m->slab[i];

	if (--s->inuse || m->nr_partial < m->min_partial) {
		if (!s->partial)
			link_slab(m, i, false);
		return;
	}
	if (s->partial)
		unlink_slab(m, i);
	s->next = m->gone;
	m->gone = i;
	m->slabs--;
	m->returned++;
}
