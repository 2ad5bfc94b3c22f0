// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/marked.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct drvmem_column columns[] = {
	{ "name", "SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 3 },
	{ "aifo_objects", "AIFO", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "aifo_bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "aifi_objects", "AIFI", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "aifi_bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 2 },
	{ "aofi_objects", "AOFI", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "aofi_bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 2 },
};

static int cmp_marked(const void *a, const void *b)
{
	const struct drvmem_marked_site *x = a, *y = b;

	if (x->w.aifo.bytes != y->w.aifo.bytes)
		return x->w.aifo.bytes < y->w.aifo.bytes ? 1 : -1;
	if (x->w.aifo.objects != y->w.aifo.objects)
		return x->w.aifo.objects < y->w.aifo.objects ? 1 : -1;
	if (x->w.aifi.bytes != y->w.aifi.bytes)
		return x->w.aifi.bytes < y->w.aifi.bytes ? 1 : -1;
	return (x->site > y->site) - (x->site < y->site);
}

/* Bytes alone: of a part of an object. */
static bool is_any(const struct drvmem_tally *t)
{
	return t->objects || t->bytes;
}

int drvmem_marked__new(const struct drvmem_scope *v, const struct drvmem_marks_at *at, struct drvmem_marked **ret)
{
	struct drvmem_marked *m = calloc(1, sizeof(*m));
	struct drvmem_marked_site one;
	uint32_t i;

	if (m)
		m->site = calloc(v->nr_kept ? v->nr_kept : 1, sizeof(*m->site));
	if (!m || !m->site) {
		free(m);
		return -ENOMEM;
	}
	m->at = *at;
	m->ns = (at->to_ns ? at->to_ns : v->s->meta.taken_ns) - at->from_ns;
	for (i = 0; i < v->nr_kept; i++) {
		one.site = v->by_owner[i];
		if (DRVMEM_IS_MAPPING(v->s->sites[one.site].allocator))	/* memory that is counted elsewhere */
			continue;
		drvmem_window(v->s, one.site, at->gen, &one.w);
		drvmem_window__add(&m->total, &one.w);
		if (!is_any(&one.w.aifi) && !is_any(&one.w.aifo) && !is_any(&one.w.aofi))
			continue;
		m->upper_bound |= drvmem_scope__is_upper(v, one.site);
		m->site[m->nr_sites++] = one;
	}
	qsort(m->site, m->nr_sites, sizeof(*m->site), cmp_marked);
	*ret = m;
	return 0;
}

void drvmem_marked__free(struct drvmem_marked *m)
{
	if (!m)
		return;
	free(m->site);
	free(m);
}

static void set_sums(struct drvmem_grid *g, const struct drvmem_window_sums *w, unsigned int flags)
{
	drvmem_grid__u64(g, "aifo_objects", w->aifo.objects, flags);
	drvmem_grid__u64(g, "aifo_bytes", w->aifo.bytes, flags);
	drvmem_grid__u64(g, "aifi_objects", w->aifi.objects, flags);
	drvmem_grid__u64(g, "aifi_bytes", w->aifi.bytes, flags);
	drvmem_grid__u64(g, "aofi_objects", w->aofi.objects, flags);
	drvmem_grid__u64(g, "aofi_bytes", w->aofi.bytes, flags);
}

static void add_other(const struct drvmem_marked *m, uint32_t from, unsigned int flags, struct drvmem_grid *g)
{
	struct drvmem_window_sums sums = { 0 };
	char label[32];
	uint32_t i;

	for (i = from; i < m->nr_sites; i++)
		drvmem_window__add(&sums, &m->site[i].w);
	snprintf(label, sizeof(label), "other (%u)", m->nr_sites - from);
	drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
	drvmem_grid__text(g, "name", label, 0);
	set_sums(g, &sums, flags);
}

int drvmem_marked__grid(const struct drvmem_scope *v, const struct drvmem_marked *m, uint32_t top,
			struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	unsigned int flags = (v->lossy ? DRVMEM_CELL_LOWER : 0) | (m->upper_bound ? DRVMEM_CELL_UPPER : 0);
	uint32_t i;

	if (!g)
		return -ENOMEM;
	for (i = 0; i < m->nr_sites && (!top || i < top); i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[m->site[i].site];

		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", t->site ? t->site : "?", 0);
		drvmem_grid__text(g, "owner", v->owner_name[t->owner], 0);
		drvmem_grid__text(g, "cache", v->s->caches[t->cache].name, 0);
		set_sums(g, &m->site[i].w, drvmem_scope__is_upper(v, m->site[i].site) ? DRVMEM_CELL_UPPER : 0);
	}
	if (i < m->nr_sites)
		add_other(m, i, flags, g);
	drvmem_grid__add_row(g, DRVMEM_ROW_TOTAL, 0);
	drvmem_grid__text(g, "name", "TOTAL", 0);
	set_sums(g, &m->total, flags);
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}
