// SPDX-License-Identifier: GPL-2.0-or-later
/* The comparison of page_owner's two readings; of allocinfo's: baseline.c. */
#include "source/baseline.h"

#include <errno.h>
#include <stdlib.h>

#define TRACES(s, what) ((s)->meta.traced & (1u << DRVMEM_ALLOC_##what))

/* What tracing counts as a module's blocks of pages: without DMA traced, pages of DMA buffers too. */
static uint64_t bytes_of(const struct drvmem_snapshot *s, const struct drvmem_po_owner *o, bool newer)
{
	uint64_t direct, dma;

	if (!o)
		return 0;
	direct = newer ? o->direct.newer_bytes : o->direct.bytes;
	dma = newer ? o->dma.newer_bytes : o->dma.bytes;
	return TRACES(s, DMA) ? direct : direct + dma;
}

static const char *why_not(const struct drvmem_snapshot *s, const struct drvmem_pageowner *then,
			   const struct drvmem_pageowner *now)
{
	if (!TRACES(s, PAGE))
		return "direct pages are not traced in this session";
	/* tracing leaves out what it was told to leave out */
	if (s->meta.only || s->meta.min_size || s->meta.max_size != UINT64_MAX)
		return "only some owners or sizes were traced";
	if (s->meta.sampled)
		return "sampled: what was traced is an estimate";
	if (now->err)
		return now->why;
	return now->form != then->form ? "the two readings are of different files" : NULL;
}

int drvmem_baseline__pages(const struct drvmem_baseline *b, const struct drvmem_pageowner *now,
			   struct drvmem_snapshot *s)
{
	const struct drvmem_pageowner *then = b->pages;
	bool newer = then->timed && now->timed;
	const char *name;
	size_t i;

	s->pages_why = why_not(s, then, now);
	if (s->pages_why)
		return 0;
	s->pages_skipped = now->skipped;
	s->pages = calloc(then->n + now->n + 1, sizeof(*s->pages));
	if (!s->pages)
		return -ENOMEM;
	for (i = 0; i < now->n + then->n; i++) {
		const struct drvmem_po_owner *o = i < now->n ? &now->v[i] : &then->v[i - now->n];

		/* of modules that are gone: those of now come first */
		if (i >= now->n && drvmem_pageowner__find(now, o->name))
			continue;
		name = drvmem_snapshot__str(s, o->name);
		if (!name)
			return -ENOMEM;
		s->pages[s->nr_pages++] = (struct drvmem_exact){
			name, newer ? 0 : bytes_of(s, drvmem_pageowner__find(then, name), false),
			bytes_of(s, drvmem_pageowner__find(now, name), newer),
		};
	}
	return 0;
}
