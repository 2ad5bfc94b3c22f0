// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "view/verify.h"

#define FRAMES 8u	/* of the stack of what is left */

static const struct drvmem_column subject_columns[] = {
	{ "name", "OF", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "covered", "COVERED", NULL, DRVMEM_UNIT_TEXT, false, 3 },
	{ "lived_ns", "LIVED", NULL, DRVMEM_UNIT_DURATION, false, 4 },
	{ "verdict", "VERDICT", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "left_objects", "LEFT", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "left_bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "left_mappings", "MAPS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "left_mapped_bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 2 },
	{ "custody_objects", "IN CUSTODY", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "rcu_pending", "RCU PENDING", NULL, DRVMEM_UNIT_COUNT, false, 5 },
	{ "live_bytes", "HOLDS", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "peak_bytes", "PEAK", NULL, DRVMEM_UNIT_BYTES, false, 2 },
};

static const struct drvmem_column leftover_columns[] = {
	{ "name", "LEFT AT", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "of", "OF", NULL, DRVMEM_UNIT_TEXT, false, 1 },
	{ "kind", "KIND", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 2 },
	{ "objects", "OBJECTS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "class", "CLASS", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "oldest_ns", "OLDEST", NULL, DRVMEM_UNIT_DURATION, false, 3 },
};

static const struct drvmem_column kind_columns[] = {
	{ "name", "KIND", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "attempted", "ATTEMPTED", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "succeeded", "SUCCEEDED", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "failed", "FAILED", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "not_tracked", "NOT TRACKED", NULL, DRVMEM_UNIT_COUNT, false, 2 },
	{ "live_objects", "CURRENT", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "peak_objects", "PEAK", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "live_bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "peak_bytes", "PEAK BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
};

const char *drvmem_verify__name(const struct drvmem_scope *v, const struct drvmem_verify *k,
				const struct drvmem_verify_subject *subject)
{
	return subject->device ? k->device->name : v->owner_name[subject->instance];
}

static int finish(struct drvmem_grid *g, struct drvmem_grid **ret)
{
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

/* Of a module that is loaded nothing is left yet, and of one that is gone nothing is held. */
static void add_subject(const struct drvmem_scope *v, const struct drvmem_verify *k,
			const struct drvmem_verify_subject *u, struct drvmem_grid *g)
{
	uint64_t end = u->ended_ns ? u->ended_ns : v->s->meta.taken_ns;
	char since[32] = "since ";

	drvmem_verify__time(&v->s->meta, v->s->meta.started_ns, since + strlen(since), sizeof(since) - strlen(since));
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", drvmem_verify__name(v, k, u), 0);
	drvmem_grid__text(g, "covered", u->against & DRVMEM_VERIFY_BEFORE ? since :
			  u->device ? "since bind" : "since load", 0);
	if (u->begun_ns && end >= u->begun_ns)
		drvmem_grid__u64(g, "lived_ns", end - u->begun_ns, 0);
	else
		drvmem_grid__missing(g, "lived_ns", DRVMEM_ABSENT);
	drvmem_grid__text(g, "verdict", drvmem_verify_verdict__name(u->verdict, u->device), 0);
	if (u->ended_ns) {
		drvmem_grid__u64(g, "left_objects", u->leak.objects + u->held.objects, 0);
		drvmem_grid__u64(g, "left_bytes", u->leak.bytes + u->held.bytes, 0);
		drvmem_grid__u64(g, "left_mappings", u->leak.mappings + u->held.mappings, 0);
		drvmem_grid__u64(g, "left_mapped_bytes", u->leak.mapped_bytes + u->held.mapped_bytes, 0);
		drvmem_grid__u64(g, "custody_objects", u->custody.objects, 0);
	} else {
		drvmem_grid__i64(g, "live_bytes", u->live_bytes, 0);
	}
	drvmem_grid__i64(g, "rcu_pending", u->rcu_pending, 0);
	drvmem_grid__maybe(g, "peak_bytes", u->peak_bytes, v->s->meta.peak_exact ? 0 : DRVMEM_CELL_GUESS);
}

int drvmem_verify__subjects_grid(const struct drvmem_scope *v, const struct drvmem_verify *k, uint32_t top,
				 struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(subject_columns,
						 sizeof(subject_columns) / sizeof(subject_columns[0]));
	uint32_t i;

	(void)top;
	if (!g)
		return -ENOMEM;
	for (i = 0; i < k->nr_subjects; i++)
		add_subject(v, k, &k->subject[i], g);
	return finish(g, ret);
}

static void add_stack(const struct drvmem_scope *v, uint32_t site, struct drvmem_grid *g)
{
	const struct drvmem_stacksnap *t;
	uint32_t first, nr, i;

	drvmem_scope__stacks(v, site, &first, &nr);
	if (!nr)
		return;
	t = &v->s->stacks[v->stacks[first]];
	/* the first one is the site */
	for (i = 1; i < t->nr && i < FRAMES; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_FRAME, 2);
		drvmem_grid__text(g, "name", t->frame[i] ? t->frame[i] : "?", 0);
	}
}

static void add_leftover(const struct drvmem_scope *v, const char *of, const struct drvmem_leftover *l,
			 struct drvmem_grid *g)
{
	const struct drvmem_sitesnap *t = &v->s->sites[l->site];
	const struct drvmem_cache *c = &v->s->caches[t->cache];
	char class[96], lost[32] = "";

	if (l->lost)
		snprintf(lost, sizeof(lost), l->lost < l->objects ? ", %u lost" : ", lost", l->lost);
	snprintf(class, sizeof(class), "%s%s%s%s%s", drvmem_leftover__name(l->class), l->custody ? ": " : "",
		 drvmem_custody__name(l->custody), c->destroyed ? ", cache destroyed" : "", lost);
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "name", t->site ? t->site : "?", 0);
	drvmem_grid__text(g, "of", of, 0);
	drvmem_grid__text(g, "kind", drvmem_allocator_name(t->allocator), 0);
	drvmem_grid__text(g, "cache", c->name, 0);
	drvmem_grid__u64(g, "objects", l->objects, l->unseen ? DRVMEM_CELL_UPPER : 0);
	drvmem_grid__u64(g, "bytes", l->bytes, l->unseen ? DRVMEM_CELL_UPPER : 0);
	drvmem_grid__text(g, "class", class, 0);
	drvmem_grid__u64(g, "oldest_ns", l->oldest_ns, 0);
	if (l->class != DRVMEM_LEFTOVER_CUSTODY)
		add_stack(v, l->site, g);
}

/* Objects and mappings are not added up. */
static void add_other(const struct drvmem_verify *k, const struct drvmem_verify_subject *u, const char *of,
		      uint32_t from, struct drvmem_grid *g)
{
	uint64_t objects = 0, bytes = 0;
	bool maps = false;
	char label[32];
	uint32_t i;

	for (i = from; i < u->nr_sites; i++) {
		const struct drvmem_leftover *l = &k->leftover[u->first_site + i];

		maps |= DRVMEM_IS_MAPPING(k->s->sites[l->site].allocator);
		objects += l->objects;
		bytes += l->bytes;
	}
	snprintf(label, sizeof(label), "other (%u)", u->nr_sites - from);
	drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
	drvmem_grid__text(g, "name", label, 0);
	drvmem_grid__text(g, "of", of, 0);
	if (maps)
		return;
	drvmem_grid__u64(g, "objects", objects, 0);
	drvmem_grid__u64(g, "bytes", bytes, 0);
}

int drvmem_verify__leftovers_grid(const struct drvmem_scope *v, const struct drvmem_verify *k, uint32_t top,
				  struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(leftover_columns,
						 sizeof(leftover_columns) / sizeof(leftover_columns[0]));
	uint32_t i, j;

	if (!g)
		return -ENOMEM;
	for (i = 0; i < k->nr_subjects; i++) {
		const struct drvmem_verify_subject *u = &k->subject[i];
		const char *of = drvmem_verify__name(v, k, u);

		for (j = 0; j < u->nr_sites && (!top || j < top); j++)
			add_leftover(v, of, &k->leftover[u->first_site + j], g);
		if (j < u->nr_sites)
			add_other(k, u, of, j, g);
	}
	return finish(g, ret);
}

static void add_kind(const struct drvmem_verify_kind *n, uint32_t kind, struct drvmem_grid *g)
{
	struct drvmem_u64 attempted = n->failed;

	attempted.v += n->succeeded;
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 1);
	drvmem_grid__text(g, "name", drvmem_allocator_name((uint16_t)kind), 0);
	if (!n->traced) {
		for (size_t i = 1; i < g->nr_columns; i++)
			drvmem_grid__missing(g, g->columns[i].key, DRVMEM_ABSENT);
		return;
	}
	drvmem_grid__maybe(g, "attempted", attempted, 0);
	drvmem_grid__u64(g, "succeeded", n->succeeded, 0);
	drvmem_grid__maybe(g, "failed", n->failed, 0);
	drvmem_grid__maybe(g, "not_tracked", n->not_tracked, 0);
	drvmem_grid__i64(g, "live_objects", n->live_objects, 0);
	drvmem_grid__maybe(g, "peak_objects", n->peak_objects, n->peak_objects_exact ? 0 : DRVMEM_CELL_GUESS);
	drvmem_grid__i64(g, "live_bytes", n->live_bytes, 0);
	drvmem_grid__maybe(g, "peak_bytes", n->peak_bytes, n->peak_bytes_exact ? 0 : DRVMEM_CELL_GUESS);
}

/* A kind that nothing was asked of has nothing to tell. */
static bool is_told(const struct drvmem_verify_kind *n)
{
	return !n->traced || n->succeeded || n->failed.v;
}

static void add_kinds(const struct drvmem_verify_subject *u, const char *name, struct drvmem_grid *g)
{
	uint32_t kind;
	bool any = false;

	for (kind = 0; kind < DRVMEM_NR_USES; kind++) {
		if (!is_told(&u->kind[kind]))
			continue;
		if (!any)
			drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		if (!any)
			drvmem_grid__text(g, "name", name, 0);
		any = true;
		add_kind(&u->kind[kind], kind, g);
	}
}

int drvmem_verify__kinds_grid(const struct drvmem_scope *v, const struct drvmem_verify *k, uint32_t top,
			      struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(kind_columns, sizeof(kind_columns) / sizeof(kind_columns[0]));
	uint32_t i;

	(void)top;
	if (!g)
		return -ENOMEM;
	for (i = 0; i < k->nr_subjects; i++)
		add_kinds(&k->subject[i], drvmem_verify__name(v, k, &k->subject[i]), g);
	return finish(g, ret);
}
