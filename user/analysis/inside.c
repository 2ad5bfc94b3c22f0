// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct drvmem_inside_site {
	struct drvmem_inside_least least;
	uint64_t life[DRVMEM_LIFE_BUCKETS];	/* of the snapshot before */
	uint64_t read_ns;			/* its moment; 0: the site was in none, and had ended nothing */
};

/* An object was born not before lo and not after hi, and ended so too; live: not before the window's end. */
struct span {
	uint64_t born_lo, born_hi, end_lo, end_hi;
	bool live;
};

void drvmem_inside__init(struct drvmem_inside *w, uint64_t from_ns, uint64_t to_ns)
{
	*w = (struct drvmem_inside){ .from_ns = from_ns, .to_ns = to_ns };
}

void drvmem_inside__deinit(struct drvmem_inside *w)
{
	drvmem_table__deinit(&w->index);
	free(w->site);
	*w = (struct drvmem_inside){ 0 };
}

static struct drvmem_inside_site *site_of(struct drvmem_inside *w, uint32_t id)
{
	uint64_t *at = drvmem_table__ref(&w->index, id);
	uint32_t cap = w->cap ? w->cap * 2 : 256;
	struct drvmem_inside_site *v;

	if (!at)
		return NULL;
	if (*at)
		return &w->site[*at - 1];
	if (w->nr == w->cap) {
		v = reallocarray(w->site, cap, sizeof(*v));
		if (!v)
			return NULL;
		w->site = v;
		w->cap = cap;
	}
	memset(&w->site[w->nr], 0, sizeof(*w->site));
	*at = ++w->nr;
	return &w->site[w->nr - 1];
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * n objects of one span, into the class that all of them are of, if one is sure. An edge is the moment at which the
 * counters were read there: up to READ_NS after the snapshot's.
 */
static void sort_in(struct drvmem_inside *w, struct drvmem_inside_least *l, const struct span *o, uint64_t n)
{
	bool before = o->born_hi <= w->from_ns;
	bool inside = o->born_lo > w->from_ns + DRVMEM_INSIDE_READ_NS && o->born_hi <= w->to_ns;
	bool ended = !o->live && o->end_lo >= w->from_ns && o->end_hi <= w->to_ns + DRVMEM_INSIDE_READ_NS;
	bool lived = o->live || o->end_lo >= w->to_ns;

	if (before && ended)
		l->aofi += n;
	else if (before && lived)
		l->aofo += n;
	else if (inside && ended)
		l->aifi += n;
	else if (inside && lived)
		l->aifo += n;
}

/* Those that ended between two snapshots, by how many ticks they lived: [2^(i-1), 2^i) is a time of a tick less, and more. */
static void add_ended(struct drvmem_inside *w, struct drvmem_inside_site *t, const uint64_t *life, uint64_t from_ns,
		      uint64_t now_ns, uint64_t tick)
{
	struct span o = { .end_lo = from_ns, .end_hi = now_ns + DRVMEM_INSIDE_READ_NS };
	uint64_t at_least, at_most, n;
	uint32_t i;

	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++) {
		n = less(life[i], t->life[i]);
		at_least = i > 1 ? ((1ull << (i - 1)) - 1) * tick : 0;
		at_most = i < DRVMEM_LIFE_BUCKETS - 1 ? (1ull << i) * tick : UINT64_MAX;
		o.born_lo = less(o.end_lo, at_most);
		o.born_hi = less(o.end_hi, at_least);
		if (n)
			sort_in(w, &t->least, &o, n);
	}
}

/* Of a list that was read after the window: what is in it lived through its end. */
static void add_live(struct drvmem_inside *w, struct drvmem_inside_site *t, const struct drvmem_snapshot *s,
		     const struct drvmem_sitesnap *k, uint64_t tick)
{
	const struct drvmem_object *v = s->objects + k->first_object;
	struct span o = { .live = true };
	uint32_t i;

	for (i = 0; i < k->nr_objects; i++) {
		o.born_lo = less(s->meta.taken_ns, v[i].age_ns + tick);
		o.born_hi = less(s->meta.taken_ns + tick, v[i].age_ns);
		sort_in(w, &t->least, &o, 1);
	}
}

int drvmem_inside__add(struct drvmem_inside *w, const struct drvmem_snapshot *s)
{
	uint64_t now = s->meta.taken_ns, tick = 1000000000u / s->meta.hz;
	const struct drvmem_sitesnap *k;
	struct drvmem_inside_site *t;
	uint64_t last = w->last_ns ? w->last_ns : w->from_ns;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++) {
		k = &s->sites[i];
		t = site_of(w, k->id);
		if (!t)
			return -ENOMEM;
		if (now > w->from_ns)	/* what the first one counted ended before the window */
			add_ended(w, t, k->c.life_hist, t->read_ns ? t->read_ns : last, now, tick);
		if (now > w->to_ns && s->objects)
			add_live(w, t, s, k, tick);
		memcpy(t->life, k->c.life_hist, sizeof(t->life));
		t->read_ns = now;
	}
	w->last_ns = now;
	return 0;
}

struct drvmem_inside_least drvmem_inside__at(const struct drvmem_inside *w, uint32_t site_id)
{
	uint64_t at;

	return drvmem_table__get(&w->index, site_id, &at) ? w->site[at - 1].least : (struct drvmem_inside_least){ 0 };
}
