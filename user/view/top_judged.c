// SPDX-License-Identifier: GPL-2.0-or-later
/* A word for each call site and owner of a snapshot, and why. */
#include "analysis/standing.h"
#include "view/top_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "view/outstanding.h"

#define WHY_SITES	2u	/* of an owner, so many are told */

struct drvmem_top_judged {
	const struct drvmem_top_feed *f;
	bool ages;			/* of the objects are known */
	struct drvmem_standing_is *site;	/* by index into sites[] */
};

bool drvmem_top__judges(enum drvmem_top_view view)
{
	return view == DRVMEM_TOP_OWNERS || view == DRVMEM_TOP_SITES || view == DRVMEM_TOP_SITES_OF ||
	       view == DRVMEM_TOP_STACK || view == DRVMEM_TOP_TIMELINE || view == DRVMEM_TOP_LEAKS;
}

/* Objects of the site that a scan found nobody for. */
static uint32_t count_lost(const struct drvmem_verdicts *d, const struct drvmem_sitesnap *t)
{
	uint32_t i, lost = 0;

	if (!d || !d->reader || DRVMEM_IS_MAPPING(t->allocator))
		return 0;
	for (i = t->first_object; i < t->first_object + t->nr_objects; i++)
		lost += d->asked[i] != UINT32_MAX && (d->v[d->asked[i]].class == DRVMEM_REACH_DEFINITELY_LOST ||
						      d->v[d->asked[i]].class == DRVMEM_REACH_INDIRECTLY_LOST);
	return lost;
}

/* g gets what the ages tell. */
static struct drvmem_standing_in seen(const struct drvmem_top_judged *j, uint32_t site, struct drvmem_growth *g)
{
	const struct drvmem_outstanding_opts o = { .learn = true, .series = j->f->series };
	struct drvmem_scope *v = j->f->scope;
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	const struct drvmem_instance *owner = &v->s->instances[t->owner];

	if (j->ages)
		drvmem_outstanding__judge(v, site, &o, g);
	return (struct drvmem_standing_in){
		.growth = j->ages ? g : NULL, .series = j->f->series, .site = t->id,
		.started_ns = v->s->meta.started_ns, .now_ns = v->s->meta.taken_ns,
		.unloaded_ns = owner->unloaded ? owner->unloaded_ns : 0,
		.allocs = t->c.allocs, .frees = t->c.frees, .live_objects = t->c.live_objects,
		.lost = count_lost(j->f->verdicts, t), .reclaimable = v->s->caches[t->cache].reclaimable,
		.upper_bound = drvmem_scope__is_upper(v, site), .sampled = v->s->meta.sampled,
	};
}

int drvmem_top_judged__new(const struct drvmem_top_feed *f, struct drvmem_top_judged **ret)
{
	const struct drvmem_snapshot *s = f->scope->s;
	struct drvmem_top_judged *j = calloc(1, sizeof(*j));
	uint32_t i;

	if (j)
		j->site = calloc(s->nr_sites ? s->nr_sites : 1, sizeof(*j->site));
	if (!j || !j->site) {
		free(j);
		return -ENOMEM;
	}
	j->f = f;
	j->ages = !s->meta.sampled && (s->nr_objects || !s->meta.table_live);
	for (i = 0; i < f->scope->nr_kept; i++) {
		uint32_t site = f->scope->by_owner[i];
		struct drvmem_standing_in in;
		struct drvmem_growth g;

		if (s->sites[site].c.live_objects <= 0)
			continue;	/* NONE */
		in = seen(j, site, &g);
		drvmem_standing(&in, &j->site[site]);
	}
	*ret = j;
	return 0;
}

void drvmem_top_judged__free(struct drvmem_top_judged *j)
{
	if (!j)
		return;
	free(j->site);
	free(j);
}

/* Memory that is counted elsewhere makes no owner large. */
static struct drvmem_standing_of of_owner(const struct drvmem_top_judged *j, const struct drvmem_owner_slice *o)
{
	struct drvmem_standing_of sum = { 0 };
	const struct drvmem_sitesnap *t;
	uint32_t i;

	for (i = o->first; i < o->first + o->nr; i++) {
		t = &j->f->scope->s->sites[j->f->scope->by_owner[i]];
		if (!DRVMEM_IS_MAPPING(t->allocator))
			drvmem_standing_of__add(&sum, &j->site[j->f->scope->by_owner[i]], t->c.live_bytes);
	}
	return sum;
}

static bool standing_of_row(const struct drvmem_top_judged *j, const struct drvmem_row *r,
			    struct drvmem_standing_is *ret)
{
	const struct drvmem_owner_slice *o = r->owner ? drvmem_scope__owner(j->f->scope, (uint16_t)(r->owner - 1)) : NULL;
	struct drvmem_standing_of sum;

	if (r->site) {
		*ret = j->site[r->site - 1];
		return true;
	}
	if (!o)
		return false;
	sum = of_owner(j, o);
	*ret = drvmem_standing_of__word(&sum);
	return true;
}

const char *drvmem_top_judged__word(const struct drvmem_top_judged *j, const struct drvmem_row *r)
{
	struct drvmem_standing_is k;

	return standing_of_row(j, r, &k) ? drvmem_standing__name(&k) : NULL;
}

uint32_t drvmem_top_judged__worry(const struct drvmem_top_judged *j, const struct drvmem_row *r)
{
	struct drvmem_standing_is k;

	return standing_of_row(j, r, &k) ? (uint32_t)k.word * (DRVMEM_CONFIDENCE_HIGH + 1u) + (uint32_t)k.confidence : 0;
}

static void say_site(const struct drvmem_top_judged *j, uint32_t site, struct drvmem_strbuf *out)
{
	struct drvmem_growth g;
	struct drvmem_standing_in in = seen(j, site, &g);

	drvmem_standing__why(&in, &j->site[site], out);
}

void drvmem_top_judged__why_site(const struct drvmem_top_judged *j, uint32_t id, struct drvmem_strbuf *out)
{
	const struct drvmem_scope *v = j->f->scope;
	uint32_t i;

	for (i = 0; i < v->nr_kept; i++) {
		if (v->s->sites[v->by_owner[i]].id != id)
			continue;
		drvmem_strbuf__printf(out, "%s: ", drvmem_standing__name(&j->site[v->by_owner[i]]));
		say_site(j, v->by_owner[i], out);
		return;
	}
}

/* The site of this word that has most, but those that were told. */
static uint32_t next_of(const struct drvmem_top_judged *j, const struct drvmem_owner_slice *o,
			const struct drvmem_standing_is *k, const uint32_t *told, uint32_t nr_told)
{
	const struct drvmem_sitesnap *sites = j->f->scope->s->sites;
	uint32_t best = DRVMEM_TOP_NONE, i, n;

	for (i = o->first; i < o->first + o->nr; i++) {
		uint32_t site = j->f->scope->by_owner[i];

		for (n = 0; n < nr_told && told[n] != site; n++)
			;
		if (n < nr_told || j->site[site].word != k->word || j->site[site].confidence != k->confidence ||
		    DRVMEM_IS_MAPPING(sites[site].allocator))
			continue;
		if (best == DRVMEM_TOP_NONE || sites[site].c.live_bytes > sites[best].c.live_bytes)
			best = site;
	}
	return best;
}

static const struct drvmem_owner_slice *owner_by_name(const struct drvmem_scope *v, const char *name)
{
	uint32_t i;

	for (i = 0; i < v->nr_owners; i++)
		if (!strcmp(v->owner_name[v->owners[i].owner], name))
			return &v->owners[i];
	return NULL;
}

void drvmem_top_judged__why_owner(const struct drvmem_top_judged *j, const char *name, struct drvmem_strbuf *out)
{
	const struct drvmem_owner_slice *o = owner_by_name(j->f->scope, name);
	char some[DRVMEM_UNIT_LEN], all[DRVMEM_UNIT_LEN];
	uint32_t told[WHY_SITES], n;
	struct drvmem_standing_of sum;
	struct drvmem_standing_is k;

	if (!o)
		return;
	sum = of_owner(j, o);
	k = drvmem_standing_of__word(&sum);
	if (k.word == DRVMEM_STANDING_NONE)
		return;
	drvmem_strbuf__printf(out, "%s: %u of its %u call sites, with %s%s of %s live.", drvmem_standing__name(&k),
			      sum.sites[k.word][k.confidence], o->nr, j->f->scope->s->meta.sampled ? "about " : "",
			      drvmem_fmt_bytes(sum.bytes[k.word][k.confidence], some, sizeof(some)),
			      drvmem_fmt_bytes(sum.all, all, sizeof(all)));
	for (n = 0; n < WHY_SITES; n++) {
		told[n] = next_of(j, o, &k, told, n);
		if (told[n] == DRVMEM_TOP_NONE)
			return;
		drvmem_strbuf__printf(out, " %s: ", j->f->scope->s->sites[told[n]].site ? : "?");
		say_site(j, told[n], out);
		drvmem_strbuf__append(out, ".");
	}
}
