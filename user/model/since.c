// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/since.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void write_notes(struct drvmem_since *b, const struct drvmem_snapshot *s)
{
	time_t began = (time_t)(s->meta.taken_unix - (s->meta.taken_ns - s->meta.started_ns) / 1000000000u);
	uint64_t lost = drvmem_loss__total(&s->loss);
	char text[32] = "?";
	struct tm tm;

	if (gmtime_r(&began, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	snprintf(b->note[0], sizeof(b->note[0]), "this continues a recording that began %s: allocations and frees are counted "
		 "anew, what is live, and peaks, since then", text);
	b->note[1][0] = '\0';
	if (lost)
		snprintf(b->note[1], sizeof(b->note[1]), "%" PRIu64 " events were lost before this part of the recording: what "
			 "is live is a lower bound", lost);
}

int drvmem_since__begin(struct drvmem_since *b, const struct drvmem_snapshot *s)
{
	struct drvmem_since next = { .loss = s->loss, .walks = s->walks, .began_ns = s->meta.taken_ns };
	uint32_t i;

	next.site = calloc(s->nr_sites + 1, sizeof(*next.site));
	for (i = 0; next.site && i < s->nr_sites; i++) {
		next.site[i] = s->sites[i].c;
		if (drvmem_table__put(&next.at, s->sites[i].id, i)) {
			drvmem_since__deinit(&next);
			break;
		}
	}
	if (!next.site)
		return -ENOMEM;
	write_notes(&next, s);
	drvmem_since__deinit(b);
	*b = next;
	return 0;
}

void drvmem_since__deinit(struct drvmem_since *b)
{
	free(b->site);
	drvmem_table__deinit(&b->at);
	*b = (struct drvmem_since){ 0 };
}

/* Counters only rise; one that did not is of another thing in the same place, and told as it is. */
static void take_off(uint64_t *from, uint64_t what)
{
	if (*from >= what)
		*from -= what;
}

static void take_off_counts(struct drvmem_counts *c, const struct drvmem_counts *was)
{
	uint32_t i;

	take_off(&c->allocs, was->allocs);
	take_off(&c->frees, was->frees);
	take_off(&c->alloc_bytes, was->alloc_bytes);
	take_off(&c->free_bytes, was->free_bytes);
	take_off(&c->failures, was->failures);
	take_off(&c->inferred, was->inferred);
	take_off(&c->mismatched, was->mismatched);
	take_off(&c->sampled_allocs, was->sampled_allocs);
	take_off(&c->sampled_frees, was->sampled_frees);
	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++)
		take_off(&c->size_hist[i], was->size_hist[i]);
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		take_off(&c->life_hist[i], was->life_hist[i]);
}

static void take_off_loss(struct drvmem_loss *l, const struct drvmem_loss *was)
{
	if (l->recursion_misses.st == DRVMEM_OK && was->recursion_misses.st == DRVMEM_OK)
		take_off(&l->recursion_misses.v, was->recursion_misses.v);
	take_off(&l->made_up, was->made_up);
	take_off(&l->nest_refused, was->nest_refused);
	take_off(&l->table_full, was->table_full);
	take_off(&l->insert_failed, was->insert_failed);
	take_off(&l->stack_missing, was->stack_missing);
	take_off(&l->bulk_truncated, was->bulk_truncated);
	take_off(&l->maps_cut, was->maps_cut);
	take_off(&l->site_full, was->site_full);
	take_off(&l->class_full, was->class_full);
	take_off(&l->module_full, was->module_full);
	take_off(&l->stack_truncated, was->stack_truncated);
	take_off(&l->stack_full, was->stack_full);
	take_off(&l->unmatched_frees, was->unmatched_frees);
	take_off(&l->inferred_frees, was->inferred_frees);
	take_off(&l->small_frees, was->small_frees);
	take_off(&l->pending_evicted, was->pending_evicted);
	take_off(&l->events, was->events);
}

static void take_off_walks(struct drvmem_walks *w, const struct drvmem_walks *was)
{
	take_off(&w->n, was->n);
	take_off(&w->fallback, was->fallback);
	take_off(&w->checked, was->checked);
	take_off(&w->untold, was->untold);
	take_off(&w->rare, was->rare);
}

static void add_notes(const struct drvmem_since *b, struct drvmem_meta *m)
{
	const uint32_t max = sizeof(m->notes) / sizeof(m->notes[0]);
	uint32_t i, more = b->note[1][0] ? 2 : 1;

	if (m->nr_notes + more > max)
		m->nr_notes = max - more;	/* what to know of all figures comes first */
	memmove(m->notes + more, m->notes, m->nr_notes * sizeof(m->notes[0]));
	for (i = 0; i < more; i++)
		m->notes[i] = b->note[i];
	m->nr_notes += more;
}

int drvmem_since__show(const struct drvmem_since *b, const struct drvmem_snapshot *s, struct drvmem_snapshot *ret)
{
	struct drvmem_sitesnap *site;
	uint64_t place;
	uint32_t i;

	*ret = *s;
	site = malloc((s->nr_sites + 1) * sizeof(*site));
	if (!site)
		return -ENOMEM;
	memcpy(site, s->sites, s->nr_sites * sizeof(*site));
	ret->sites = site;
	if (!b->began_ns)
		return 0;
	for (i = 0; i < s->nr_sites; i++)
		if (drvmem_table__get(&b->at, site[i].id, &place))
			take_off_counts(&site[i].c, &b->site[place]);
	take_off_loss(&ret->loss, &b->loss);
	take_off_walks(&ret->walks, &b->walks);
	ret->meta.started_ns = b->began_ns;
	add_notes(b, &ret->meta);
	return 0;
}

void drvmem_since__release(struct drvmem_snapshot *shown)
{
	free(shown->sites);
	shown->sites = NULL;
}
