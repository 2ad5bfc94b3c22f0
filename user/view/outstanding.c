// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/outstanding.h"

#define BEFORE										\
	{ "name", "SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },				\
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 },				\
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 3 },				\
	{ "objects", "OBJECTS", NULL, DRVMEM_UNIT_COUNT, false, 0 },			\
	{ "bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },			\
	{ "verdict", "VERDICT", NULL, DRVMEM_UNIT_TEXT, false, 0 },			\
	{ "confidence", "SURE", NULL, DRVMEM_UNIT_TEXT, false, 0 }
#define AFTER										\
	{ "oldest_ns", "OLDEST", NULL, DRVMEM_UNIT_DURATION, false, 1 },		\
	{ "age_p50_ns", "AGE p50", NULL, DRVMEM_UNIT_DURATION, false, 2 },		\
	{ "rcu_pending", "RCU PENDING", NULL, DRVMEM_UNIT_COUNT, false, 4 }

static const struct drvmem_column columns[] = { BEFORE, AFTER };
/* with who holds them */
static const struct drvmem_column held_columns[] = {
	BEFORE, { "reach", "HELD", NULL, DRVMEM_UNIT_TEXT, false, 0 }, AFTER,
};

#define OLD_NS 10000000000ull
#define OLD_PART 3u	/* of a short session: it must be able to find some */

static int rank_of(const struct drvmem_growth *g)
{
	return drvmem_growth__is_sure(g) ? 0 : g->class == DRVMEM_GROWTH_GROWING ? 1 : 2;
}

uint32_t drvmem_outstanding__lost(const struct drvmem_outstanding_site *k)
{
	return k->reach[DRVMEM_REACH_DEFINITELY_LOST] + k->reach[DRVMEM_REACH_INDIRECTLY_LOST];
}

static int cmp_outstanding(const void *a, const void *b)
{
	const struct drvmem_outstanding_site *x = a, *y = b;

	if (x->mapping != y->mapping)
		return x->mapping ? 1 : -1;
	if (!drvmem_outstanding__lost(x) != !drvmem_outstanding__lost(y))
		return drvmem_outstanding__lost(x) ? -1 : 1;
	if (rank_of(&x->growth) != rank_of(&y->growth))
		return rank_of(&x->growth) - rank_of(&y->growth);
	if (x->bytes != y->bytes)
		return (x->bytes < y->bytes) - (x->bytes > y->bytes);
	if (x->objects != y->objects)
		return (x->objects < y->objects) - (x->objects > y->objects);
	return (x->site > y->site) - (x->site < y->site);
}

/* Ages of live objects into the scope's scratch. */
static uint32_t ages_of(struct drvmem_scope *v, const struct drvmem_sitesnap *t)
{
	const struct drvmem_object *o;
	uint32_t i, nr = 0;

	for (i = 0; i < t->nr_objects; i++) {
		o = &v->s->objects[t->first_object + i];
		if (!(o->flags & DRVMEM_F_RCU_PENDING))
			v->ages[nr++] = o->age_ns;
	}
	return nr;
}

static uint64_t default_age(const struct drvmem_meta *m)
{
	uint64_t part = (m->taken_ns - m->started_ns) / OLD_PART;

	return part < OLD_NS ? part : OLD_NS;
}

/* Some ends cannot be seen: of the cache, or where a driver need not unmap. */
static bool is_upper(const struct drvmem_scope *v, const struct drvmem_sitesnap *t)
{
	return v->s->caches[t->cache].upper_bound || (t->allocator == DRVMEM_MAP_DMA && v->s->meta.maps_upper);
}

static void judge_site(struct drvmem_scope *v, const struct drvmem_sitesnap *t, uint64_t older_ns,
		       const struct drvmem_outstanding_opts *opts, struct drvmem_growth *ret)
{
	static const struct drvmem_series none;
	const struct drvmem_growth_in in = {
		.life = t->c.life_hist,
		.living = v->ages,
		.nr_living = ages_of(v, t),
		.hz = v->s->meta.hz,
		.site = t->id,
		.series = opts->series ? opts->series : &none,
		.started_ns = v->s->meta.started_ns,
		.ended_ns = v->s->meta.taken_ns,
		.older_ns = older_ns,
		.learn = opts->learn,
		.lost = drvmem_loss__total(&v->s->loss),
		.inferred = t->c.inferred,
		.upper_bound = is_upper(v, t) || v->s->caches[t->cache].destroyed,
		.shared = v->s->instances[t->owner].type != DRVMEM_OWNER_MODULE ||
			  v->s->caches[t->cache].reclaimable,
	};

	drvmem_growth(&in, ret);
}

static uint64_t older_than(const struct drvmem_scope *v, const struct drvmem_outstanding_opts *opts)
{
	return opts->learn ? default_age(&v->s->meta) : opts->older_ns;
}

void drvmem_outstanding__judge(struct drvmem_scope *v, uint32_t site, const struct drvmem_outstanding_opts *opts,
			       struct drvmem_growth *ret)
{
	judge_site(v, &v->s->sites[site], older_than(v, opts), opts, ret);
}

static bool is_asked_for(const struct drvmem_object *o, const struct drvmem_growth *g,
			 const struct drvmem_outstanding_opts *opts)
{
	return o->age_ns >= g->old_ns && (!opts->mark || o->mark == opts->mark);
}

/* Adds what the scan said of an object. False: it is free by now, and out of the question. */
static bool count_reach(const struct drvmem_verdicts *d, uint32_t object, uint32_t asked_bytes,
			struct drvmem_outstanding_site *ret)
{
	const struct drvmem_reach_verdict *r;
	uint32_t i;

	if (!d || !d->reader)
		return true;
	i = d->asked[object];
	if (i == UINT32_MAX) {
		ret->reach[DRVMEM_REACH_UNKNOWN]++;
		return true;
	}
	r = &d->v[i];
	ret->reach[r->class]++;
	if (r->class >= DRVMEM_REACH_INDIRECTLY_LOST)
		ret->lost_bytes += asked_bytes;
	ret->changed += r->changed;
	ret->maybe_free += r->maybe_free;
	ret->by_number += r->by_number;
	ret->dead += r->dead && r->class >= DRVMEM_REACH_INDIRECTLY_LOST;
	return r->class != DRVMEM_REACH_FREED;
}

/* What holds most objects of a site. */
static void find_holder(const struct drvmem_scope *v, const struct drvmem_sitesnap *t,
			const struct drvmem_outstanding_opts *opts, struct drvmem_outstanding_site *ret)
{
	const struct drvmem_verdicts *d = opts->verdicts;
	struct drvmem_holder_vote vote = { 0 };
	uint32_t i;

	for (i = t->first_object; i < t->first_object + t->nr_objects; i++)
		if (is_asked_for(&v->s->objects[i], &ret->growth, opts))
			drvmem_holder_vote__add(&vote, drvmem_verdicts__holder(d, i));
	for (i = t->first_object; i < t->first_object + t->nr_objects; i++)
		if (is_asked_for(&v->s->objects[i], &ret->growth, opts))
			drvmem_holder_vote__count(&vote, drvmem_verdicts__holder(d, i));
	ret->holder = vote.name;
	ret->holder_objects = vote.objects;
}

static void count_site(struct drvmem_scope *v, uint32_t site, uint64_t older_ns,
		       const struct drvmem_outstanding_opts *opts, struct drvmem_outstanding_site *ret)
{
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	const struct drvmem_object *o;
	uint32_t i, nr_ages = 0;

	*ret = (struct drvmem_outstanding_site){ .site = site, .mapping = DRVMEM_IS_MAPPING(t->allocator) };
	judge_site(v, t, older_ns, opts, &ret->growth);
	ret->upper_bound = is_upper(v, t);
	for (i = 0; i < t->nr_objects; i++) {
		o = &v->s->objects[t->first_object + i];
		if (!is_asked_for(o, &ret->growth, opts))
			continue;
		if (o->flags & DRVMEM_F_RCU_PENDING) {
			ret->rcu_pending++;
			continue;
		}
		if (!DRVMEM_IS_MAPPING(t->allocator) &&
		    !count_reach(opts->verdicts, t->first_object + i, o->asked, ret))
			continue;
		ret->objects++;
		ret->bytes += o->asked;
		if (o->age_ns > ret->oldest_ns)
			ret->oldest_ns = o->age_ns;
		v->ages[nr_ages++] = o->age_ns;
	}
	if (nr_ages)
		ret->age_p50_ns = drvmem_ages_p50(v->ages, nr_ages);
	find_holder(v, t, opts, ret);
}

bool drvmem_outstanding__is_finding(const struct drvmem_outstanding *o, const struct drvmem_outstanding_site *k)
{
	/* their end is the page's, or the device's, as often as the driver's own */
	if (k->mapping)
		return drvmem_growth__is_sure(&k->growth);
	return !o->by_reach || drvmem_outstanding__lost(k) || k->reach[DRVMEM_REACH_POSSIBLY_LOST] ||
	       k->reach[DRVMEM_REACH_UNKNOWN] || drvmem_growth__is_sure(&k->growth);
}

/* What most speaks for a leak. */
static const char *reach_text(const struct drvmem_outstanding_site *k, char *buf, size_t size)
{
	int c;

	for (c = DRVMEM_NR_REACH - 1; c > DRVMEM_REACH_UNKNOWN && !k->reach[c]; c--)
		;
	if (k->reach[c] == k->objects)
		return drvmem_reach__name((enum drvmem_reach_class)c);
	snprintf(buf, size, "%u %s", k->reach[c], drvmem_reach__name((enum drvmem_reach_class)c));
	return buf;
}

static int describe(const struct drvmem_scope *v, const struct drvmem_outstanding_opts *opts,
		    struct drvmem_outstanding_site *k)
{
	struct drvmem_strbuf b = {};

	/* a mapping is known by a hash of its addresses */
	if (opts->list && !k->mapping &&
	    drvmem_listed__oldest(v->s, &v->s->sites[k->site], k->growth.old_ns, opts->mark, opts->verdicts, opts->list,
				  &k->listed, &k->nr_listed))
		return -ENOMEM;
	drvmem_growth__why(&k->growth, &b);
	k->why = drvmem_strbuf__steal(&b);
	drvmem_strbuf__deinit(&b);
	return k->why ? 0 : -ENOMEM;
}

static void add_sums(struct drvmem_outstanding *o, const struct drvmem_outstanding_site *k)
{
	bool sure = k->objects && drvmem_growth__is_sure(&k->growth);
	uint32_t c;

	o->findings += k->objects && drvmem_outstanding__is_finding(o, k);
	if (k->mapping) {
		o->nr_mappings += k->objects != 0;
		o->mappings_growing += sure;
		return;
	}
	o->rcu_pending += k->rcu_pending;
	o->lost_bytes += k->lost_bytes;
	for (c = 0; c < DRVMEM_NR_REACH; c++)
		o->reach[c] += k->reach[c];
	o->nr_sites += k->objects != 0;
	o->objects += k->objects;
	o->bytes += k->bytes;
	o->upper_bound |= k->objects && k->upper_bound;
	o->growing += sure;
}

int drvmem_outstanding__new(struct drvmem_scope *v, const struct drvmem_outstanding_opts *opts,
			    struct drvmem_outstanding **ret)
{
	struct drvmem_outstanding *o = calloc(1, sizeof(*o));
	struct drvmem_outstanding_site one;
	uint32_t i, nr = 0;
	int failed;

	if (o)
		o->site = calloc(v->nr_kept ? v->nr_kept : 1, sizeof(*o->site));
	if (!o || !o->site) {
		free(o);
		return -ENOMEM;
	}
	o->older_ns = older_than(v, opts);
	o->learn = opts->learn;
	o->verdicts = opts->verdicts;
	o->mark = opts->mark;
	o->by_reach = opts->by_reach && opts->verdicts && opts->verdicts->reader;
	o->listed = opts->list != 0;
	for (i = 0; i < v->nr_kept; i++) {
		count_site(v, v->by_owner[i], o->older_ns, opts, &one);
		add_sums(o, &one);
		if (!one.objects)
			continue;
		failed = describe(v, opts, &one);
		o->site[nr++] = one;
		if (failed) {
			o->nr_sites = nr;
			o->nr_mappings = 0;
			drvmem_outstanding__free(o);
			return -ENOMEM;
		}
	}
	qsort(o->site, nr, sizeof(*o->site), cmp_outstanding);
	*ret = o;
	return 0;
}

void drvmem_outstanding__free(struct drvmem_outstanding *o)
{
	uint32_t i;

	if (!o)
		return;
	for (i = 0; i < o->nr_sites + o->nr_mappings; i++) {
		free(o->site[i].why);
		free(o->site[i].listed);
	}
	free(o->site);
	free(o);
}

static void set_counts(struct drvmem_grid *g, uint64_t objects, uint64_t bytes, unsigned int flags)
{
	drvmem_grid__u64(g, "objects", objects, flags);
	drvmem_grid__u64(g, "bytes", bytes, flags);
}

static void add_site(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
		     const struct drvmem_outstanding_site *k, struct drvmem_grid *g)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];
	char text[64];

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__stands_for(g, 0, k->site + 1);
	drvmem_grid__text(g, "name", t->site ? t->site : "?", 0);
	drvmem_grid__text(g, "owner", v->owner_name[t->owner], 0);
	drvmem_grid__text(g, "cache", v->s->caches[t->cache].name, 0);
	set_counts(g, k->objects, k->bytes, k->upper_bound ? DRVMEM_CELL_UPPER : 0);
	drvmem_grid__text(g, "verdict", drvmem_growth__name(k->growth.class), 0);
	drvmem_grid__text(g, "confidence", drvmem_confidence__name(k->growth.confidence), 0);
	if (o->verdicts && o->verdicts->reader)
		drvmem_grid__text(g, "reach", reach_text(k, text, sizeof(text)), 0);
	drvmem_grid__u64(g, "oldest_ns", k->oldest_ns, 0);
	drvmem_grid__u64(g, "age_p50_ns", k->age_p50_ns, 0);
	drvmem_grid__u64(g, "rcu_pending", k->rcu_pending, 0);
}

static void add_other(const struct drvmem_outstanding *o, uint32_t from, unsigned int lower,
		      struct drvmem_grid *g)
{
	uint64_t objects = 0, bytes = 0, oldest = 0, pending = 0;
	bool upper = false;
	char label[32];
	uint32_t i;

	for (i = from; i < o->nr_sites; i++) {
		objects += o->site[i].objects;
		bytes += o->site[i].bytes;
		pending += o->site[i].rcu_pending;
		upper |= o->site[i].upper_bound;
		if (o->site[i].oldest_ns > oldest)
			oldest = o->site[i].oldest_ns;
	}
	snprintf(label, sizeof(label), "other (%u)", o->nr_sites - from);
	drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
	drvmem_grid__text(g, "name", label, 0);
	set_counts(g, objects, bytes, lower | (upper ? DRVMEM_CELL_UPPER : 0));
	drvmem_grid__u64(g, "oldest_ns", oldest, 0);
	drvmem_grid__missing(g, "age_p50_ns", DRVMEM_ABSENT);
	drvmem_grid__u64(g, "rcu_pending", pending, 0);
}

int drvmem_outstanding__grid(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			     uint32_t top, struct drvmem_grid **ret)
{
	bool held = o->verdicts && o->verdicts->reader;
	struct drvmem_grid *g = held ?
		drvmem_grid__new(held_columns, sizeof(held_columns) / sizeof(held_columns[0])) :
		drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	unsigned int lower = v->lossy ? DRVMEM_CELL_LOWER : 0;
	uint32_t i;

	if (!g)
		return -ENOMEM;
	for (i = 0; i < o->nr_sites && (!top || i < top); i++)
		add_site(v, o, &o->site[i], g);
	if (i < o->nr_sites)
		add_other(o, i, lower, g);
	drvmem_grid__add_row(g, DRVMEM_ROW_TOTAL, 0);
	drvmem_grid__text(g, "name", "TOTAL", 0);
	set_counts(g, o->objects, o->bytes, lower | (o->upper_bound ? DRVMEM_CELL_UPPER : 0));
	drvmem_grid__u64(g, "rcu_pending", o->rcu_pending, 0);
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

static const struct drvmem_column map_columns[] = {
	{ "name", "SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "kind", "KIND", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "device", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 3 },
	{ "mappings", "MAPPINGS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "verdict", "VERDICT", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "confidence", "SURE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "oldest_ns", "OLDEST", NULL, DRVMEM_UNIT_DURATION, false, 1 },
	{ "age_p50_ns", "AGE p50", NULL, DRVMEM_UNIT_DURATION, false, 2 },
};

static void add_other_maps(const struct drvmem_outstanding_site *k, const struct drvmem_outstanding_site *end,
			   unsigned int flags, struct drvmem_grid *g)
{
	uint64_t mappings = 0, bytes = 0;
	char label[32];

	snprintf(label, sizeof(label), "other (%u)", (uint32_t)(end - k));
	for (; k < end; k++) {
		mappings += k->objects;
		bytes += k->bytes;
		flags |= k->upper_bound ? DRVMEM_CELL_UPPER : 0;
	}
	drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
	drvmem_grid__text(g, "name", label, 0);
	drvmem_grid__u64(g, "mappings", mappings, flags);
	drvmem_grid__u64(g, "bytes", bytes, flags);
}

int drvmem_outstanding__map_grid(const struct drvmem_scope *v, const struct drvmem_outstanding *o, uint32_t top,
				 struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(map_columns, sizeof(map_columns) / sizeof(map_columns[0]));
	const struct drvmem_outstanding_site *k = o->site + o->nr_sites, *end = k + o->nr_mappings;

	if (!g)
		return -ENOMEM;
	for (; k < end && (!top || k < o->site + o->nr_sites + top); k++) {
		const struct drvmem_sitesnap *t = &v->s->sites[k->site];

		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", t->site ? t->site : "?", 0);
		drvmem_grid__text(g, "owner", v->owner_name[t->owner], 0);
		drvmem_grid__text(g, "kind", drvmem_allocator_name(t->allocator), 0);
		drvmem_grid__text(g, "device", v->s->caches[t->cache].name, 0);
		drvmem_grid__u64(g, "mappings", k->objects, k->upper_bound ? DRVMEM_CELL_UPPER : 0);
		drvmem_grid__u64(g, "bytes", k->bytes, k->upper_bound ? DRVMEM_CELL_UPPER : 0);
		drvmem_grid__text(g, "verdict", drvmem_growth__name(k->growth.class), 0);
		drvmem_grid__text(g, "confidence", drvmem_confidence__name(k->growth.confidence), 0);
		drvmem_grid__u64(g, "oldest_ns", k->oldest_ns, 0);
		drvmem_grid__u64(g, "age_p50_ns", k->age_p50_ns, 0);
	}
	if (k < end)
		add_other_maps(k, end, v->lossy ? DRVMEM_CELL_LOWER : 0, g);
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}
