// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"

#define STREAM_ROWS_MAX	(1u << 24)	/* of a file that may be damaged: more than any kernel has */

void drvmem_picture__init(struct drvmem_picture *p)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_STREAMS; i++)
		drvmem_stream__init(&p->s[i], drvmem_stream_width((enum drvmem_stream_id)i));
}

void drvmem_picture__deinit(struct drvmem_picture *p)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_STREAMS; i++)
		drvmem_stream__deinit(&p->s[i]);
}

void drvmem_picture__reset(struct drvmem_picture *p)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_STREAMS; i++)
		drvmem_stream__reset(&p->s[i]);
}

struct taking {
	struct drvmem_picture *p;
	const struct drvmem_snapshot *s;
	bool hide;
	drvmem_fixed_fn fn;
	void *arg;
	struct drvmem_table *stacks;	/* how often each was there already: cut stacks can be equal */
};

static int count_stack(const struct taking *k, uint64_t id, uint64_t *ret)
{
	uint64_t *n = drvmem_table__ref(k->stacks, id);

	if (!n)
		return -ENOMEM;
	*ret = (*n)++;
	return 0;
}

/* A thing: its row, and its words under the row's id and what else is in the key, above it. */
static int take_thing(const struct taking *k, enum drvmem_thing t, const void *obj, uint64_t id, uint64_t more)
{
	uint64_t *w;
	int e = k->fn(k->arg, t, obj, &id);

	if (!e && t == DRVMEM_THING_STACK)
		e = count_stack(k, id, &more);
	if (e)
		return e;
	w = drvmem_stream__add(&k->p->s[t], more << 32 | id);
	if (!w)
		return -ENOMEM;
	drvmem_fields__gather(drvmem_things[t].moving, obj, k->hide, w);
	return 0;
}

/* An array of things whose ids are their places (by_place), or are set. */
static int take_all(const struct taking *k, enum drvmem_thing t, const void *v, uint32_t nr, bool by_place)
{
	uint32_t i;
	int e = 0;

	for (i = 0; i < nr && !e; i++) {
		const char *obj = (const char *)v + i * drvmem_things[t].size;

		if (by_place && !*(const char *const *)obj)	/* no name, the first member: the place is not in use */
			continue;
		e = take_thing(k, t, obj, by_place ? i : 0, 0);
	}
	return e;
}

static int take_sites(const struct taking *k)
{
	const struct drvmem_snapshot *s = k->s;
	uint64_t *w;
	uint32_t i;
	int e = 0;

	for (i = 0; i < s->nr_sites && !e; i++) {
		e = take_thing(k, DRVMEM_THING_SITE, &s->sites[i], s->sites[i].id, 0);
		if (e || !s->gens)
			continue;
		w = drvmem_stream__add(&k->p->s[DRVMEM_STREAM_GENS], s->sites[i].id);
		if (!w)
			return -ENOMEM;
		memcpy(w, &s->gens[i], sizeof(s->gens[i]));
	}
	return e;
}

static int take_usage(const struct taking *k)
{
	const struct drvmem_usage *u = k->s->usage;
	const struct drvmem_sitesnap *site = k->s->sites;
	uint64_t *w;
	uint32_t i;

	if (!u)
		return 0;
	for (i = 0; i < k->s->nr_sites; i++) {
		w = drvmem_stream__add(&k->p->s[DRVMEM_STREAM_USAGE], site[i].id);
		if (w)
			drvmem_fields__gather(drvmem_usage_fields, &u->site[i], false, w);
	}
	for (i = 0; i < u->nr_sizes; i++) {
		w = drvmem_stream__add(&k->p->s[DRVMEM_STREAM_USAGE_SIZE],
				       (uint64_t)site[u->sizes[i].site].id << 32 | u->sizes[i].bytes);
		if (w)
			drvmem_fields__gather(drvmem_usage_size_fields, &u->sizes[i], false, w);
	}
	for (i = 0; i < u->nr_pairs; i++) {
		w = drvmem_stream__add(&k->p->s[DRVMEM_STREAM_USAGE_PAIR], (uint64_t)site[u->pairs[i].before].id << 32 |
				       (uint64_t)site[u->pairs[i].site].id << 1 | u->pairs[i].ends);
		if (w)
			*w = u->pairs[i].count;
	}
	return 0;	/* what found no memory is told when the streams are sealed */
}

static int take_stacks(const struct taking *k)
{
	const struct drvmem_snapshot *s = k->s;
	struct drvmem_stacksnap stack;
	uint32_t i;
	int e = 0;

	for (i = 0; i < s->nr_stacks && !e; i++) {
		stack = s->stacks[i];
		stack.site = s->sites[stack.site].id;
		e = take_thing(k, DRVMEM_THING_STACK, &stack, 0, 0);
	}
	return e;
}

static int add_maybe(struct drvmem_stream *s, uint32_t when, uint32_t i, struct drvmem_u64 v)
{
	uint64_t *w = drvmem_stream__add(s, (uint64_t)when << 16 | i);

	if (!w)
		return -ENOMEM;
	w[0] = v.st;
	w[1] = v.st == DRVMEM_OK ? v.v : 0;
	return 0;
}

static int take_reading(const struct taking *k, uint32_t when, const struct drvmem_reading *r)
{
	uint64_t *w = drvmem_stream__add(&k->p->s[DRVMEM_STREAM_READING], when);
	uint32_t i;
	int e = w ? 0 : -ENOMEM;

	if (w)
		drvmem_fields__gather(drvmem_reading_fields, r, k->hide, w);
	for (i = 0; i < DRVMEM_NR_MEM && !e; i++)
		e = add_maybe(&k->p->s[DRVMEM_STREAM_MEM], when, i, r->mem[i]);
	for (i = 0; i < DRVMEM_NR_VM && !e; i++)
		e = add_maybe(&k->p->s[DRVMEM_STREAM_VM], when, i, r->vm[i]);
	for (i = 0; i < r->nr_slabs && !e; i++)
		e = take_thing(k, DRVMEM_THING_SLAB, &r->slabs[i], 0, when);
	return e;
}

/* Areas of the four readings side by side: most of them are in all. */
static int take_areas(const struct taking *k)
{
	struct drvmem_stream *s = &k->p->s[DRVMEM_STREAM_AREA];
	uint32_t at[DRVMEM_NR_WHEN] = { 0 }, i;
	const struct drvmem_reading *r;
	uint64_t id = 0, *w;
	bool any;

	for (;;) {
		any = false;
		for (i = 0; i < DRVMEM_NR_WHEN; i++) {
			r = k->s->kernel[i];
			if (r && at[i] < r->nr_areas && (!any || r->areas[at[i]].id < id)) {
				id = r->areas[at[i]].id;
				any = true;
			}
		}
		if (!any)
			return 0;
		w = drvmem_stream__add(s, id);
		if (!w)
			return -ENOMEM;
		for (i = 0; i < DRVMEM_NR_WHEN; i++) {
			r = k->s->kernel[i];
			for (; r && at[i] < r->nr_areas && r->areas[at[i]].id == id; at[i]++)
				w[i] = r->areas[at[i]].pages + 1;
		}
	}
}

static int take_readings(const struct taking *k)
{
	uint32_t i;
	int e = 0;

	for (i = 0; i < DRVMEM_NR_WHEN && !e; i++)
		if (k->s->kernel[i])
			e = take_reading(k, i, k->s->kernel[i]);
	return e ? e : take_areas(k);
}

static int take_epochs(const struct taking *k)
{
	uint64_t *w;
	uint32_t i;

	for (i = 0; i < DRVMEM_EPOCHS; i++) {
		if (!k->s->meta.epoch[i].since_ns)
			continue;
		w = drvmem_stream__add(&k->p->s[DRVMEM_STREAM_EPOCH], i);
		if (!w)
			return -ENOMEM;
		drvmem_fields__gather(drvmem_epoch_fields, &k->s->meta.epoch[i], false, w);
	}
	return 0;
}

int drvmem_picture__take(struct drvmem_picture *p, const struct drvmem_snapshot *s, bool hide, drvmem_fixed_fn fn,
			 void *arg)
{
	struct drvmem_table stacks = { 0 };
	const struct taking k = { p, s, hide, fn, arg, &stacks };
	uint32_t i;
	int e = take_all(&k, DRVMEM_THING_INSTANCE, s->instances, s->nr_instances, true);

	if (!e)
		e = take_all(&k, DRVMEM_THING_CACHE, s->caches, s->nr_caches, true);
	if (!e)
		e = take_sites(&k);
	if (!e)
		e = take_usage(&k);
	if (!e)
		e = take_stacks(&k);
	if (!e)
		e = take_all(&k, DRVMEM_THING_MEMPOOL, s->mempools, s->nr_mempools, false);
	if (!e)
		e = take_all(&k, DRVMEM_THING_DEVICE, s->syncs, s->nr_syncs, false);
	if (!e)
		e = take_all(&k, DRVMEM_THING_EXACT, s->exact, s->nr_exact, false);
	if (!e)
		e = take_readings(&k);
	if (!e)
		e = take_epochs(&k);
	for (i = 0; i < DRVMEM_NR_STREAMS && !e; i++)
		e = drvmem_stream__seal(&p->s[i]);
	drvmem_table__deinit(&stacks);
	return e;
}

int drvmem_picture__pools(struct drvmem_picture *p, const struct drvmem_pools *pools, drvmem_fixed_fn fn, void *arg)
{
	struct drvmem_table stacks = { 0 };
	const struct taking k = { p, NULL, false, fn, arg, &stacks };
	int e = take_all(&k, DRVMEM_THING_POOL, pools->v, pools->n, false);

	return e ? e : drvmem_stream__seal(&p->s[DRVMEM_THING_POOL]);
}

int drvmem_picture__objects(const struct drvmem_snapshot *s, bool hide, struct drvmem_stream *ret)
{
	struct drvmem_object o;
	uint64_t *w;
	uint32_t i;

	drvmem_stream__init(ret, drvmem_fields__width(drvmem_object_fields));
	for (i = 0; i < s->nr_objects; i++) {
		o = s->objects[i];
		o.site = s->sites[o.site].id;
		w = drvmem_stream__add(ret, hide ? i : o.inverted);
		if (!w)
			break;
		drvmem_fields__gather(drvmem_object_fields, &o, hide, w);
	}
	return drvmem_stream__seal(ret);
}

void drvmem_picture__encode(const struct drvmem_picture *prev, const struct drvmem_picture *cur, struct drvmem_pack *to)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_STREAMS; i++)
		drvmem_stream__encode(prev ? &prev->s[i] : NULL, &cur->s[i], to);
}

int drvmem_picture__decode(struct drvmem_picture *p, const struct drvmem_pack *from)
{
	struct drvmem_unpack u = { .p = from->p, .len = from->len };
	uint32_t i;
	int e = 0;

	for (i = 0; i < DRVMEM_NR_STREAMS && !e; i++)
		e = drvmem_stream__decode(&p->s[i], &u, STREAM_ROWS_MAX);
	if (!e && !drvmem_unpack__done(&u))
		e = -EBADMSG;
	return e;
}
