// SPDX-License-Identifier: GPL-2.0-or-later
/* What the scan said of the objects of the last list: kept with it, given back by index of the objects. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "store/reader.h"
#include "store/writer.h"

#define WORDS	10u	/* of a verdict: see put_one() */
#define ASKED_MAX	(1u << 24)

/* What is said of the scan as a whole. */
static const struct drvmem_field scan_fields[] = {
	DRVMEM_FIELD(drvmem_verdicts, not_asked, U32),
	DRVMEM_FIELD(drvmem_verdicts, bytes, U64),
	DRVMEM_FIELD(drvmem_verdicts, unreadable, U64),
	DRVMEM_FIELD(drvmem_verdicts, ns, U64),
	DRVMEM_FIELD(drvmem_verdicts, gap_ns, U64),
	DRVMEM_FIELD(drvmem_verdicts, own_bytes, U64),
	DRVMEM_FIELD(drvmem_verdicts, tasks, U32),
	DRVMEM_FIELD(drvmem_verdicts, tasks_whole, BOOL),
	DRVMEM_FIELD(drvmem_verdicts, zeroed, BOOL),
	DRVMEM_FIELD(drvmem_verdicts, cut, BOOL),
	DRVMEM_FIELD(drvmem_verdicts, ram_changed, BOOL),
	{ NULL, 0, 0, 0, 0 }
};

static int put_name(struct drvmem_store *st, const char *text, struct drvmem_table *ids, uint64_t *ret)
{
	uint64_t h = drvmem_fnv1a(text);
	int e;

	if (drvmem_table__get(ids, h, ret))
		return 0;
	*ret = drvmem_table__count(ids) + 1;
	e = drvmem_table__put(ids, h, *ret);
	return e ? e : drvmem_store_holder(st, *ret, text);
}

/* The key of an object in the list of objects: its address, or its number where addresses are hidden. */
static uint64_t key_of(const struct drvmem_store *st, const struct drvmem_snapshot *s, uint32_t object)
{
	return st->hide & DRVMEM_HIDE_ADDRESS ? object : s->objects[object].inverted;
}

static int put_one(struct drvmem_store *st, const struct drvmem_snapshot *s, const struct drvmem_verdicts *d, uint32_t i,
		   uint64_t name, struct drvmem_stream *to)
{
	const struct drvmem_reach_verdict *v = &d->v[i];
	uint64_t *w = drvmem_stream__add(to, key_of(st, s, d->object[i]));

	if (!w)
		return -ENOMEM;
	w[0] = v->class;
	w[1] = (uint64_t)v->changed | (uint64_t)v->maybe_free << 1 | (uint64_t)v->by_number << 2 | (uint64_t)v->cut << 3;
	w[2] = v->dead;
	w[3] = v->holder.kind;
	w[4] = v->holder.pid;
	w[5] = v->holder.offset;
	w[6] = v->holder.kind == DRVMEM_HOLDER_OBJECT && v->holder.object < d->nr ? key_of(st, s, d->object[v->holder.object]) : 0;
	w[7] = st->hide & DRVMEM_HIDE_ADDRESS ? 0 : v->holder.inv_va;
	w[8] = name;
	w[9] = i;
	return 0;
}

int drvmem_store_judged(struct drvmem_store *st, const struct drvmem_snapshot *s, const struct drvmem_verdicts *d)
{
	struct drvmem_table names = { 0 };
	struct drvmem_stream v, scan;
	uint64_t name, *w;
	uint32_t i;
	int e = 0;

	drvmem_stream__init(&v, WORDS);
	for (i = 0; i < d->nr && !e; i++) {
		name = 0;
		if (d->name[i])
			e = put_name(st, d->name[i], &names, &name);
		if (!e)
			e = put_one(st, s, d, i, name, &v);
	}
	drvmem_table__deinit(&names);
	if (e)
		drvmem_stream__deinit(&v);
	else
		e = drvmem_store_part(st, "verdicts", &v);
	if (e)
		return e;
	drvmem_stream__init(&scan, drvmem_fields__width(scan_fields));
	w = drvmem_stream__add(&scan, 0);
	if (w)
		drvmem_fields__gather(scan_fields, d, false, w);
	e = drvmem_store_part(st, "scan", &scan);
	return e ? e : drvmem_store_holder(st, 0, d->reader);
}

void drvmem_stored_verdicts__deinit(struct drvmem_stored_verdicts *o)
{
	free(o->v);
	free(o->asked);
	free(o->object);
	free(o->name);
	drvmem_arena__free(o->arena);
	*o = (struct drvmem_stored_verdicts){ 0 };
}

/* Indices of objects by their key. */
static int index_objects(const struct drvmem_snapshot *s, struct drvmem_table *at)
{
	uint32_t i;
	int e = 0;

	for (i = 0; i < s->nr_objects && !e; i++)
		e = drvmem_table__put(at, s->objects[i].inverted, i);
	return e;
}

static int get_one(const uint64_t *w, const struct drvmem_table *asked_of, struct drvmem_reach_verdict *v)
{
	uint64_t holder = 0;

	if (w[0] >= DRVMEM_NR_REACH || w[3] > DRVMEM_HOLDER_FREE_SLOT)
		return -EBADMSG;
	*v = (struct drvmem_reach_verdict){
		.class = (uint8_t)w[0], .changed = w[1] & 1, .maybe_free = w[1] & 2, .by_number = w[1] & 4, .cut = w[1] & 8,
		.dead = (uint32_t)w[2],
		.holder = { .kind = (uint8_t)w[3], .pid = (uint32_t)w[4], .offset = (uint32_t)w[5], .inv_va = w[7] },
	};
	if (w[3] == DRVMEM_HOLDER_OBJECT && !drvmem_table__get(asked_of, w[6], &holder))
		return -EBADMSG;
	v->holder.object = (uint32_t)holder;
	return 0;
}

/* Room for nr verdicts on the objects of s, nobody asked yet. */
static int make_room(struct drvmem_stored_verdicts *o, uint32_t nr, const struct drvmem_snapshot *s)
{
	uint32_t i;

	o->arena = drvmem_arena__new();
	o->v = calloc(nr ? nr : 1, sizeof(*o->v));
	o->object = calloc(nr ? nr : 1, sizeof(*o->object));
	o->name = calloc(nr ? nr : 1, sizeof(*o->name));
	o->asked = malloc((s->nr_objects + 1ull) * sizeof(*o->asked));
	if (!o->arena || !o->v || !o->object || !o->name || !o->asked)
		return -ENOMEM;
	for (i = 0; i < s->nr_objects; i++)
		o->asked[i] = UINT32_MAX;
	return 0;
}

static int fill(struct drvmem_stored *r, const struct drvmem_snapshot *s, const struct drvmem_stream *v,
		struct drvmem_stored_verdicts *o)
{
	struct drvmem_table at = { 0 }, asked_of = { 0 };
	uint64_t object;
	const uint64_t *w;
	uint32_t i;
	int e = index_objects(s, &at);

	for (i = 0; i < v->nr && !e; i++)
		e = drvmem_table__put(&asked_of, v->key[i], i);
	for (i = 0; i < v->nr && !e; i++) {
		w = v->word + i * v->width;
		if (!drvmem_table__get(&at, v->key[i], &object)) {
			e = -EBADMSG;
			break;
		}
		o->object[i] = (uint32_t)object;
		o->asked[object] = i;
		e = get_one(w, &asked_of, &o->v[i]);
		if (!e && w[8])
			e = drvmem_stored_holder(r, w[8], o->arena, &o->name[i]);
	}
	drvmem_table__deinit(&at);
	drvmem_table__deinit(&asked_of);
	return e;
}

static int get_all(struct drvmem_stored *r, const struct drvmem_snapshot *s, struct drvmem_stored_verdicts *o)
{
	struct drvmem_stream v, scan;
	int e = drvmem_stored_stream(r, "verdicts", WORDS, ASKED_MAX, &v);

	if (e)
		return e;
	e = make_room(o, (uint32_t)v.nr, s);
	if (!e)
		e = fill(r, s, &v, o);
	o->verdicts.nr = (uint32_t)v.nr;
	drvmem_stream__deinit(&v);
	if (e)
		return e;
	e = drvmem_stored_stream(r, "scan", drvmem_fields__width(scan_fields), 1, &scan);
	if (!e && scan.nr == 1)
		drvmem_fields__scatter(scan_fields, scan.word, &o->verdicts);
	drvmem_stream__deinit(&scan);
	if (!e)
		e = drvmem_stored_holder(r, 0, o->arena, &o->verdicts.reader);
	o->verdicts.v = o->v;
	o->verdicts.asked = o->asked;
	o->verdicts.object = o->object;
	o->verdicts.name = o->name;
	return e;
}

int drvmem_stored__verdicts(struct drvmem_stored *r, const struct drvmem_snapshot *s, struct drvmem_stored_verdicts *ret,
			    struct drvmem_err *err)
{
	int e = get_all(r, s, ret);

	if (e)
		drvmem_stored_verdicts__deinit(ret);
	return e && e != -ENODATA ? drvmem_stored_damaged(r, e, err) : e;
}
