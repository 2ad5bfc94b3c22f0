// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "store/picture.h"

void drvmem_fixed__deinit(struct drvmem_fixed *f)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_THINGS; i++) {
		free(f->t[i].id);
		free(f->t[i].row);
	}
	drvmem_arena__free(f->arena);
	*f = (struct drvmem_fixed){ 0 };
}

void *drvmem_fixed__add(struct drvmem_fixed *f, enum drvmem_thing t, uint64_t id)
{
	size_t size = drvmem_things[t].size, cap = f->t[t].cap;
	uint64_t *ids;
	char *rows;

	if (f->t[t].nr == f->t[t].cap) {
		cap = cap ? cap * 2 : 16;
		ids = reallocarray(f->t[t].id, cap, sizeof(*ids));
		if (ids)
			f->t[t].id = ids;
		rows = reallocarray(f->t[t].row, cap, size);
		if (rows)
			f->t[t].row = rows;
		if (!ids || !rows || cap > UINT32_MAX / 2)
			return NULL;
		f->t[t].cap = (uint32_t)cap;
	}
	f->t[t].id[f->t[t].nr] = id;
	rows = f->t[t].row + f->t[t].nr++ * size;
	return memset(rows, 0, size);
}

const void *drvmem_fixed__find(const struct drvmem_fixed *f, enum drvmem_thing t, uint64_t id)
{
	uint32_t lo = 0, hi = f->t[t].nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (f->t[t].id[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->t[t].nr && f->t[t].id[lo] == id ? f->t[t].row + lo * drvmem_things[t].size : NULL;
}

struct showing {
	const struct drvmem_picture *p;
	const struct drvmem_fixed *f;
	struct drvmem_snapshot *s;
	struct drvmem_table site_at;	/* site id -> index + 1 */
	bool oom;
};

static const char *copy(struct showing *v, const char *text)
{
	const char *s = text ? drvmem_snapshot__str(v->s, text) : NULL;

	v->oom |= text && !s;
	return s;
}

/* Strings of a thing become the snapshot's own. */
static void own_strings(struct showing *v, const struct drvmem_field *f, void *obj)
{
	const char **text;
	uint16_t i;

	for (; f->name; f++) {
		text = (const char **)((char *)obj + f->offset);
		if (f->type == DRVMEM_FIELD_STR)
			*text = copy(v, *text);
		for (i = 0; f->type == DRVMEM_FIELD_LINES && i < f->n && text[i]; i++)
			text[i] = copy(v, text[i]);
	}
}

/* The thing of a row and its words into obj. -EBADMSG: there is no such row. */
static int show_thing(struct showing *v, enum drvmem_thing t, uint64_t id, const uint64_t *w, void *obj)
{
	const void *row = drvmem_fixed__find(v->f, t, id);

	if (!row)
		return -EBADMSG;
	memcpy(obj, row, drvmem_things[t].size);
	own_strings(v, drvmem_things[t].fixed, obj);
	drvmem_fields__scatter(drvmem_things[t].moving, w, obj);
	return v->oom ? -ENOMEM : 0;
}

/* Things one behind the other, in the order of their rows. */
static int show_all(struct showing *v, enum drvmem_thing t, void **ret, uint32_t *ret_nr)
{
	const struct drvmem_stream *s = &v->p->s[t];
	char *all = calloc(s->nr ? s->nr : 1, drvmem_things[t].size);
	size_t i;
	int e = 0;

	*ret = all;
	if (!all)
		return -ENOMEM;
	for (i = 0; i < s->nr && !e; i++)
		e = show_thing(v, t, s->key[i] & UINT32_MAX, s->word + i * s->width, all + i * drvmem_things[t].size);
	*ret_nr = (uint32_t)s->nr;
	return e;
}

/* Things whose ids are their places: those between are not in use. */
static int show_placed(struct showing *v, enum drvmem_thing t, void **ret, uint32_t *ret_nr)
{
	const struct drvmem_stream *s = &v->p->s[t];
	uint64_t nr = s->nr ? s->key[s->nr - 1] + 1 : 0, i, at = 0;
	char *all;
	int e = 0;

	if (nr > drvmem_things[t].max)
		return -EBADMSG;
	all = calloc(drvmem_things[t].max, drvmem_things[t].size);
	*ret = all;
	if (!all)
		return -ENOMEM;
	for (i = 0; i < nr && !e; i++) {
		void *obj = all + i * drvmem_things[t].size;

		if (s->key[at] != i)
			continue;
		e = show_thing(v, t, i, s->word + at++ * s->width, obj);
		if (!e && !*(const char **)obj)	/* the name is the first member of both */
			e = -EBADMSG;
	}
	*ret_nr = (uint32_t)nr;
	return e;
}

/*
 * What a site or an object refers to may have come while the snapshot was taken, after the owners and caches were
 * read: then it has no name yet. The arrays have room for all there can be.
 */
static bool is_instance(const struct showing *v, uint16_t slot)
{
	if (slot >= drvmem_things[DRVMEM_THING_INSTANCE].max)
		return false;
	if (slot >= v->s->nr_instances)
		v->s->nr_instances = slot + 1u;
	if (!v->s->instances[slot].name)
		v->s->instances[slot] = (struct drvmem_instance){ .name = "(new)", .type = DRVMEM_OWNER_UNKNOWN, .used = true,
								  .peak_bytes.st = DRVMEM_ABSENT };
	return true;
}

static bool is_cache(const struct showing *v, uint16_t cache)
{
	if (cache >= drvmem_things[DRVMEM_THING_CACHE].max)
		return false;
	if (cache >= v->s->nr_caches)
		v->s->nr_caches = cache + 1u;
	if (!v->s->caches[cache].name)
		v->s->caches[cache].name = "(new)";
	return true;
}

/* All that a site refers to is there. */
static bool site_is_whole(const struct showing *v, const struct drvmem_sitesnap *t)
{
	const uint16_t slot[] = { t->direct, t->innermost, t->driver, t->outermost };
	uint32_t i;

	for (i = 0; i < 4; i++)
		if (slot[i] != DRVMEM_MOD_UNSET && !is_instance(v, slot[i]))
			return false;
	return is_instance(v, t->owner) && is_cache(v, t->cache) && t->allocator < DRVMEM_NR_USES && t->site;
}

static int show_sites(struct showing *v)
{
	const struct drvmem_stream *k = &v->p->s[DRVMEM_THING_SITE], *g = &v->p->s[DRVMEM_STREAM_GENS];
	const uint64_t *w;
	uint32_t i;
	int e = show_all(v, DRVMEM_THING_SITE, (void **)&v->s->sites, &v->s->nr_sites);

	if (!e && g->nr && !(v->s->gens = calloc(v->s->nr_sites ? v->s->nr_sites : 1, sizeof(*v->s->gens))))
		e = -ENOMEM;
	for (i = 0; i < v->s->nr_sites && !e; i++) {
		if (k->key[i] >= drvmem_things[DRVMEM_THING_SITE].max || !site_is_whole(v, &v->s->sites[i]))
			return -EBADMSG;
		v->s->sites[i].id = (uint32_t)k->key[i];
		e = drvmem_table__put(&v->site_at, k->key[i], i + 1);
		w = v->s->gens ? drvmem_stream__find(g, k->key[i]) : NULL;
		if (w)
			memcpy(&v->s->gens[i], w, sizeof(v->s->gens[i]));
	}
	return e;
}

/* Index of a site from its id; -EBADMSG. */
static int site_index(const struct showing *v, uint32_t *site)
{
	uint64_t at;

	if (!drvmem_table__get(&v->site_at, *site, &at))
		return -EBADMSG;
	*site = (uint32_t)at - 1;
	return 0;
}

static int show_sizes(struct showing *v, struct drvmem_usage *u)
{
	const struct drvmem_stream *s = &v->p->s[DRVMEM_STREAM_USAGE_SIZE];
	struct drvmem_usage_size *z;
	struct drvmem_usage_site *t;
	size_t i;
	int e;

	u->sizes = calloc(s->nr ? s->nr : 1, sizeof(*u->sizes));
	if (!u->sizes)
		return -ENOMEM;
	for (i = 0; i < s->nr; i++) {
		z = &u->sizes[i];
		drvmem_fields__scatter(drvmem_usage_size_fields, s->word + i * s->width, z);
		z->bytes = (uint32_t)s->key[i];
		z->site = (uint32_t)(s->key[i] >> 32);
		e = site_index(v, &z->site);
		if (e)
			return e;
		t = &u->site[z->site];
		if (!t->nr_sizes++)
			t->first_size = (uint32_t)i;
	}
	u->nr_sizes = (uint32_t)s->nr;
	return 0;
}

static int show_pairs(struct showing *v, struct drvmem_usage *u)
{
	const struct drvmem_stream *s = &v->p->s[DRVMEM_STREAM_USAGE_PAIR];
	struct drvmem_usage_pair *p;
	size_t i;
	int e = 0;

	u->pairs = calloc(s->nr ? s->nr : 1, sizeof(*u->pairs));
	if (!u->pairs)
		return -ENOMEM;
	for (i = 0; i < s->nr && !e; i++) {
		p = &u->pairs[i];
		*p = (struct drvmem_usage_pair){ (uint32_t)(s->key[i] >> 32), (uint32_t)s->key[i] >> 1, s->key[i] & 1,
						 s->word[i * s->width] };
		e = site_index(v, &p->before);
		if (!e)
			e = site_index(v, &p->site);
	}
	u->nr_pairs = (uint32_t)s->nr;
	qsort(u->pairs, u->nr_pairs, sizeof(*u->pairs), drvmem_usage__cmp_pair);
	return e;
}

static int show_usage(struct showing *v)
{
	const struct drvmem_stream *s = &v->p->s[DRVMEM_STREAM_USAGE];
	struct drvmem_usage *u;
	uint32_t site, i;
	int e = 0;

	if (!s->nr)
		return 0;
	u = v->s->usage = calloc(1, sizeof(*u));
	if (u)
		u->site = calloc(v->s->nr_sites ? v->s->nr_sites : 1, sizeof(*u->site));
	if (!u || !u->site)
		return -ENOMEM;
	for (i = 0; i < s->nr && !e; i++) {
		site = (uint32_t)s->key[i];
		e = site_index(v, &site);
		if (!e)
			drvmem_fields__scatter(drvmem_usage_fields, s->word + i * s->width, &u->site[site]);
	}
	if (!e)
		e = show_sizes(v, u);
	return e ? e : show_pairs(v, u);
}

static int show_stacks(struct showing *v)
{
	struct drvmem_stacksnap *k;
	uint32_t i, n;
	int e = show_all(v, DRVMEM_THING_STACK, (void **)&v->s->stacks, &v->s->nr_stacks);

	for (i = 0; i < v->s->nr_stacks && !e; i++) {
		k = &v->s->stacks[i];
		e = site_index(v, &k->site);
		for (n = 0; n < DRVMEM_STACK_DEPTH && k->frame[n]; n++)
			;
		if (k->nr > n)	/* a frame without a name is not shown */
			e = -EBADMSG;
	}
	return e;
}

static int show_mempools(struct showing *v)
{
	uint32_t i;
	int e = show_all(v, DRVMEM_THING_MEMPOOL, (void **)&v->s->mempools, &v->s->nr_mempools);

	for (i = 0; i < v->s->nr_mempools && !e; i++) {
		v->s->mempools[i].key = v->p->s[DRVMEM_THING_MEMPOOL].key[i];
		if (v->s->mempools[i].owner > UINT16_MAX || !is_instance(v, (uint16_t)v->s->mempools[i].owner) || !v->s->mempools[i].function)
			e = -EBADMSG;
	}
	return e;
}

static int show_named(struct showing *v)
{
	uint32_t i;
	int e = show_all(v, DRVMEM_THING_DEVICE, (void **)&v->s->syncs, &v->s->nr_syncs);

	if (!e)
		e = show_all(v, DRVMEM_THING_EXACT, (void **)&v->s->exact, &v->s->nr_exact);
	for (i = 0; i < v->s->nr_syncs && !e; i++)
		e = v->s->syncs[i].device ? 0 : -EBADMSG;
	for (i = 0; i < v->s->nr_exact && !e; i++)
		e = v->s->exact[i].owner ? 0 : -EBADMSG;
	return e;
}

static void show_counters(const struct drvmem_stream *s, uint32_t when, uint32_t nr, struct drvmem_u64 *ret)
{
	const uint64_t *w;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		w = drvmem_stream__find(s, (uint64_t)when << 16 | i);
		ret[i] = w && w[0] <= DRVMEM_LOST ? (struct drvmem_u64){ w[1], (enum drvmem_avail)w[0] }
						  : (struct drvmem_u64){ 0, DRVMEM_ABSENT };
	}
}

/* Slabs and areas of one of the readings. */
static int show_rows(struct showing *v, uint32_t when, struct drvmem_reading *r)
{
	const struct drvmem_stream *s = &v->p->s[DRVMEM_THING_SLAB], *a = &v->p->s[DRVMEM_STREAM_AREA];
	size_t i;
	int e = 0;

	r->slabs = calloc(s->nr ? s->nr : 1, sizeof(*r->slabs));
	r->areas = calloc(a->nr ? a->nr : 1, sizeof(*r->areas));
	if (!r->slabs || !r->areas)
		return -ENOMEM;
	for (i = 0; i < s->nr && !e; i++)
		if (s->key[i] >> 32 == when)
			e = show_thing(v, DRVMEM_THING_SLAB, s->key[i] & UINT32_MAX, s->word + i * s->width,
				       &r->slabs[r->nr_slabs++]);
	for (i = 0; i < a->nr; i++)
		if (a->word[i * a->width + when])
			r->areas[r->nr_areas++] = (struct drvmem_area_reading){ a->key[i],
										a->word[i * a->width + when] - 1 };
	drvmem_reading__seal(r);
	return e;
}

static int show_readings(struct showing *v)
{
	struct drvmem_reading *r;
	const uint64_t *w;
	uint32_t when;
	int e = 0;

	for (when = 0; when < DRVMEM_NR_WHEN && !e; when++) {
		w = drvmem_stream__find(&v->p->s[DRVMEM_STREAM_READING], when);
		if (!w)
			continue;
		r = v->s->kernel[when] = drvmem_reading__new();
		if (!r)
			return -ENOMEM;
		drvmem_fields__scatter(drvmem_reading_fields, w, r);
		if (r->slabs_st > DRVMEM_LOST || r->areas_st > DRVMEM_LOST)
			return -EBADMSG;
		show_counters(&v->p->s[DRVMEM_STREAM_MEM], when, DRVMEM_NR_MEM, r->mem);
		show_counters(&v->p->s[DRVMEM_STREAM_VM], when, DRVMEM_NR_VM, r->vm);
		e = show_rows(v, when, r);
	}
	return e;
}

static int show_objects(struct showing *v, const struct drvmem_stream *s)
{
	struct drvmem_object *o;
	size_t i;
	int e = 0;

	v->s->objects = calloc(s->nr ? s->nr : 1, sizeof(*v->s->objects));
	if (!v->s->objects)
		return -ENOMEM;
	for (i = 0; i < s->nr && !e; i++) {
		o = &v->s->objects[i];
		o->inverted = s->key[i];
		drvmem_fields__scatter(drvmem_object_fields, s->word + i * s->width, o);
		e = site_index(v, &o->site);
		if (!is_cache(v, o->cache) || o->epoch >= DRVMEM_EPOCHS)
			e = -EBADMSG;
	}
	v->s->nr_objects = (uint32_t)s->nr;
	return e ? e : drvmem_snapshot__group_objects(v->s);
}

static void show_meta(struct showing *v, const struct drvmem_meta *meta, const struct drvmem_moment *m)
{
	struct drvmem_meta *to = &v->s->meta;
	const struct drvmem_stream *s = &v->p->s[DRVMEM_STREAM_EPOCH];
	size_t i;

	*to = *meta;
	own_strings(v, drvmem_meta_fields, to);
	for (i = 0; i < to->nr_notes; i++)
		to->notes[i] = copy(v, to->notes[i]);
	to->taken_ns = m->taken_ns;
	to->taken_unix = m->taken_unix;
	to->table_slots = m->table_slots;
	to->table_live = m->table_live;
	to->map_bytes = m->map_bytes;
	to->now_epoch = m->now_epoch < DRVMEM_EPOCHS ? m->now_epoch : 0;
	to->mark = m->mark;
	to->traced = m->traced;
	to->sampled = m->sampled;
	for (i = 0; i < s->nr && s->key[i] < DRVMEM_EPOCHS; i++)
		drvmem_fields__scatter(drvmem_epoch_fields, s->word + i * s->width, &to->epoch[s->key[i]]);
	v->s->loss = m->loss;
	v->s->walks = m->walks;
	v->s->walks.why = copy(v, m->walks.why);
	v->s->cost = m->cost;
	v->s->cost.why = copy(v, m->cost.why);
	v->s->mempools_traced = m->mempools_traced;
}

static int show(struct showing *v, const struct drvmem_stream *objects)
{
	int e = show_placed(v, DRVMEM_THING_INSTANCE, (void **)&v->s->instances, &v->s->nr_instances);

	if (!e)
		e = show_placed(v, DRVMEM_THING_CACHE, (void **)&v->s->caches, &v->s->nr_caches);
	if (!e)
		e = show_sites(v);
	if (!e)
		e = show_usage(v);
	if (!e)
		e = show_stacks(v);
	if (!e)
		e = show_mempools(v);
	if (!e)
		e = show_named(v);
	if (!e)
		e = show_readings(v);
	if (!e && objects)
		e = show_objects(v, objects);
	return v->oom ? -ENOMEM : e;
}

int drvmem_picture__show(const struct drvmem_picture *p, const struct drvmem_stream *objects,
			 const struct drvmem_fixed *f, const struct drvmem_meta *meta, const struct drvmem_moment *m,
			 struct drvmem_snapshot **ret)
{
	struct showing v = { .p = p, .f = f, .s = drvmem_snapshot__new() };
	int e;

	if (!v.s)
		return -ENOMEM;
	show_meta(&v, meta, m);
	e = show(&v, objects);
	drvmem_table__deinit(&v.site_at);
	if (e) {
		drvmem_snapshot__free(v.s);
		return e;
	}
	*ret = v.s;
	return 0;
}

int drvmem_picture__show_pools(const struct drvmem_picture *p, const struct drvmem_fixed *f, struct drvmem_pools **ret)
{
	const struct drvmem_stream *s = &p->s[DRVMEM_THING_POOL];
	struct drvmem_pools *pools = drvmem_pools__new();
	const struct drvmem_pool *row;
	struct drvmem_pool *q;
	const char **text;
	size_t i, j;
	bool oom = !pools;

	for (i = 0; i < s->nr && !oom; i++) {
		row = drvmem_fixed__find(f, DRVMEM_THING_POOL, s->key[i]);
		q = row && row->kind < DRVMEM_NR_POOL_KINDS && row->name ? drvmem_pools__add(pools, row->kind) : NULL;
		if (!q) {
			drvmem_pools__free(pools);
			return -EBADMSG;
		}
		*q = *row;
		text = (const char *[]){ row->name, row->owner, row->owner_by, row->device, row->driver, row->aliases, row->site };
		const char **to[] = { &q->name, &q->owner, &q->owner_by, &q->device, &q->driver, &q->aliases, &q->site };

		for (j = 0; j < sizeof(to) / sizeof(to[0]); j++) {
			*to[j] = drvmem_pools__str(pools, text[j]);
			oom |= text[j] && !*to[j];
		}
		drvmem_fields__scatter(drvmem_things[DRVMEM_THING_POOL].moving, s->word + i * s->width, q);
	}
	if (oom) {
		drvmem_pools__free(pools);
		return -ENOMEM;
	}
	drvmem_pools__sort(pools);
	*ret = pools;
	return 0;
}
