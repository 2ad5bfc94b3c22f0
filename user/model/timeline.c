// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* Keys of seen: what an instance's events were taken for. */
#define SEEN(slot_, kind_) ((uint64_t)(slot_) << 8 | (kind_))

struct drvmem_timeline *drvmem_timeline__new_bounded(uint32_t max_points, uint64_t max_rows)
{
	struct drvmem_timeline *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->max_points = max_points < 2 ? 2 : max_points;
	t->max_rows = max_rows;
	t->arena = drvmem_arena__new();
	if (t->arena)
		return t;
	free(t);
	return NULL;
}

struct drvmem_timeline *drvmem_timeline__new(void)
{
	return drvmem_timeline__new_bounded(DRVMEM_TIMELINE_POINTS, DRVMEM_TIMELINE_ROWS);
}

static void free_tracks(struct drvmem_timeline_track *k, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		free(k[i].rows);
	free(k);
}

void drvmem_timeline__free(struct drvmem_timeline *t)
{
	uint32_t i;

	if (!t)
		return;
	for (i = 0; i < t->nr_points; i++)
		free(t->points[i].mem);
	free(t->points);
	free_tracks(t->sites, t->nr_sites);
	free_tracks(t->owners, t->nr_owners);
	free(t->events);
	drvmem_table__deinit(&t->site_at);
	drvmem_table__deinit(&t->owner_at);
	drvmem_table__deinit(&t->seen);
	drvmem_arena__free(t->arena);
	free(t);
}

/* Differences wrap around and come back: a sum of them is exact whatever the order. */
void drvmem_timeline_counts__add(struct drvmem_timeline_counts *d, const struct drvmem_timeline_counts *s)
{
	d->allocs += s->allocs;
	d->frees += s->frees;
	d->alloc_bytes += s->alloc_bytes;
	d->free_bytes += s->free_bytes;
	d->live_objects += s->live_objects;
	d->live_bytes += s->live_bytes;
	d->held_bytes += s->held_bytes;
}

struct drvmem_timeline_counts drvmem_timeline_counts__less(const struct drvmem_timeline_counts *a,
							   const struct drvmem_timeline_counts *b)
{
	return (struct drvmem_timeline_counts){
		.allocs = a->allocs - b->allocs, .frees = a->frees - b->frees,
		.alloc_bytes = a->alloc_bytes - b->alloc_bytes, .free_bytes = a->free_bytes - b->free_bytes,
		.live_objects = a->live_objects - b->live_objects, .live_bytes = a->live_bytes - b->live_bytes,
		.held_bytes = a->held_bytes - b->held_bytes,
	};
}

static struct drvmem_timeline_counts counts_of(const struct drvmem_counts *c)
{
	return (struct drvmem_timeline_counts){
		.allocs = c->allocs, .frees = c->frees, .alloc_bytes = c->alloc_bytes, .free_bytes = c->free_bytes,
		.live_objects = c->live_objects, .live_bytes = c->live_bytes, .held_bytes = c->held_bytes,
	};
}

static bool is_zero(const struct drvmem_timeline_counts *c)
{
	return !(c->allocs | c->frees | c->alloc_bytes | c->free_bytes) && !c->live_objects && !c->live_bytes &&
	       !c->held_bytes;
}

/* ---- rows */

static struct drvmem_timeline_counts last_of(const struct drvmem_timeline_track *k)
{
	return k->nr_rows ? k->rows[k->nr_rows - 1].c : (struct drvmem_timeline_counts){ 0 };
}

static int put_row(struct drvmem_timeline *t, struct drvmem_timeline_track *k, uint32_t point,
		   const struct drvmem_timeline_counts *c)
{
	size_t cap = k->cap_rows;
	void *p;

	if (k->nr_rows && k->rows[k->nr_rows - 1].point == point) {
		k->rows[k->nr_rows - 1].c = *c;
		return 0;
	}
	p = drvmem_vec_grown(k->rows, &cap, (size_t)k->nr_rows + 1, sizeof(*k->rows));
	if (!p)
		return -ENOMEM;
	k->rows = p;
	k->cap_rows = (uint32_t)cap;
	k->rows[k->nr_rows++] = (struct drvmem_timeline_row){ point, *c };
	t->nr_rows++;
	return 0;
}

static void cut_rows(struct drvmem_timeline *t, struct drvmem_timeline_track *k, uint32_t n, uint32_t point)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		k[i].change = (struct drvmem_timeline_counts){ 0 };
		while (k[i].nr_rows && k[i].rows[k[i].nr_rows - 1].point >= point) {
			k[i].nr_rows--;
			t->nr_rows--;
		}
	}
}

/* Of two rows that become one point the later one holds. */
static void halve_rows(struct drvmem_timeline *t, struct drvmem_timeline_track *k, uint32_t n)
{
	uint32_t i, j, to;

	for (i = 0; i < n; i++) {
		for (j = to = 0; j < k[i].nr_rows; j++) {
			k[i].rows[j].point /= 2;
			if (to && k[i].rows[to - 1].point == k[i].rows[j].point)
				to--;
			k[i].rows[to++] = k[i].rows[j];
		}
		t->nr_rows -= k[i].nr_rows - to;
		k[i].nr_rows = to;
	}
}

/* Keeps the second point, the fourth, ..., and the last one: a row holds from its point on. */
static void thin_out(struct drvmem_timeline *t)
{
	uint64_t step = (t->points[t->nr_points - 1].taken_ns - t->points[0].taken_ns) / (t->nr_points - 1);
	uint32_t i, n = 0;

	if (!t->base_step_ns)
		t->base_step_ns = step;
	/* moments tremble: half of the time between two of them is allowed for */
	t->min_step_ns = 2 * step - t->base_step_ns / 2;
	for (i = 0; i < t->nr_points; i++) {
		if (i % 2 || i + 1 == t->nr_points)
			t->points[n++] = t->points[i];
		else
			free(t->points[i].mem);
	}
	t->nr_points = n;
	halve_rows(t, t->sites, t->nr_sites);
	halve_rows(t, t->owners, t->nr_owners);
}

/* ---- tracks */

static struct drvmem_timeline_track *track(struct drvmem_table *at, struct drvmem_timeline_track **v, uint32_t *n,
					   uint32_t *cap, uint64_t key, const struct drvmem_timeline_track *fresh)
{
	size_t room = *cap;
	uint64_t i;
	void *p;

	if (drvmem_table__get(at, key, &i))
		return &(*v)[i];
	p = drvmem_vec_grown(*v, &room, (size_t)*n + 1, sizeof(**v));
	if (!p)
		return NULL;
	*v = p;
	*cap = (uint32_t)room;
	if (drvmem_table__put(at, key, *n))
		return NULL;
	(*v)[*n] = *fresh;
	return &(*v)[(*n)++];
}

static uint64_t owner_key(uint16_t owner, uint16_t allocator)
{
	return (uint64_t)owner << 16 | allocator;
}

/* A site's owner is that of its first moment: its bytes must not wander. */
static int add_site(struct drvmem_timeline *t, const struct drvmem_sitesnap *in, uint32_t point)
{
	const struct drvmem_timeline_track fresh = { .site = in->id, .owner = in->owner, .allocator = in->allocator };
	struct drvmem_timeline_counts now = counts_of(&in->c), before, change;
	struct drvmem_timeline_track *site, *owner, of = fresh;

	site = track(&t->site_at, &t->sites, &t->nr_sites, &t->cap_sites, in->id, &fresh);
	if (!site)
		return -ENOMEM;
	before = last_of(site);
	change = drvmem_timeline_counts__less(&now, &before);
	if (is_zero(&change))
		return 0;
	of.site = 0;
	of.owner = site->owner;
	of.allocator = site->allocator;
	owner = track(&t->owner_at, &t->owners, &t->nr_owners, &t->cap_owners, owner_key(of.owner, of.allocator), &of);
	if (!owner)
		return -ENOMEM;
	drvmem_timeline_counts__add(&owner->change, &change);
	return put_row(t, site, point, &now);
}

static int add_owners(struct drvmem_timeline *t, uint32_t point)
{
	struct drvmem_timeline_counts now;
	uint32_t i;

	for (i = 0; i < t->nr_owners; i++) {
		struct drvmem_timeline_track *k = &t->owners[i];

		if (is_zero(&k->change))
			continue;
		now = last_of(k);
		drvmem_timeline_counts__add(&now, &k->change);
		k->change = (struct drvmem_timeline_counts){ 0 };
		if (put_row(t, k, point, &now))
			return -ENOMEM;
	}
	return 0;
}

/* ---- events */

static int add_event(struct drvmem_timeline *t, const struct drvmem_timeline_event *e)
{
	size_t cap = t->cap_events;
	uint32_t i;
	void *p = drvmem_vec_grown(t->events, &cap, (size_t)t->nr_events + 1, sizeof(*t->events));

	if (!p)
		return -ENOMEM;
	t->events = p;
	t->cap_events = (uint32_t)cap;
	for (i = t->nr_events++; i && t->events[i - 1].when_ns > e->when_ns; i--)
		t->events[i] = t->events[i - 1];
	t->events[i] = *e;
	return 0;
}

int drvmem_timeline__add_mark(struct drvmem_timeline *t, uint32_t number, uint64_t when_ns, const char *text)
{
	const struct drvmem_timeline_event e = { DRVMEM_TIMELINE_MARK, when_ns, true, number,
						 drvmem_arena__str(t->arena, text ? text : "") };
	int r = e.name ? add_event(t, &e) : -ENOMEM;

	if (!r && number > t->marks)
		t->marks = number;
	return r;
}

static int add_module_event(struct drvmem_timeline *t, const struct drvmem_snapshot *s, uint32_t slot,
			    enum drvmem_timeline_kind kind, uint64_t when_ns)
{
	struct drvmem_timeline_event e = { kind, when_ns, true, slot, NULL };

	if (!when_ns || drvmem_table__get(&t->seen, SEEN(slot, kind), NULL))
		return 0;
	e.name = drvmem_arena__str(t->arena, s->instances[slot].name ? s->instances[slot].name : "?");
	if (!e.name || drvmem_table__put(&t->seen, SEEN(slot, kind), 1))
		return -ENOMEM;
	return add_event(t, &e);
}

static int add_events(struct drvmem_timeline *t, const struct drvmem_snapshot *s)
{
	struct drvmem_timeline_event mark = { DRVMEM_TIMELINE_MARK, s->meta.taken_ns, false, 0, "" };
	uint32_t i;
	int r = 0;

	for (i = 0; i < s->nr_instances && !r; i++) {
		r = add_module_event(t, s, i, DRVMEM_TIMELINE_LOAD, s->instances[i].loaded_ns);
		if (!r)
			r = add_module_event(t, s, i, DRVMEM_TIMELINE_UNLOAD, s->instances[i].unloaded_ns);
	}
	while (!r && t->marks < s->meta.mark) {
		mark.number = ++t->marks;
		r = add_event(t, &mark);
	}
	return r;
}

/* ---- points */

static int make_point(const struct drvmem_snapshot *s, struct drvmem_timeline_point *ret)
{
	const struct drvmem_reading *k = s->kernel[DRVMEM_AT_SNAPSHOT];

	*ret = (struct drvmem_timeline_point){
		.taken_ns = s->meta.taken_ns, .taken_unix = s->meta.taken_unix,
		.lost = drvmem_loss__total(&s->loss), .events = s->loss.events, .sampled = s->meta.sampled,
	};
	if (!k)
		return 0;
	ret->mem = malloc(sizeof(k->mem));
	if (!ret->mem)
		return -ENOMEM;
	memcpy(ret->mem, k->mem, sizeof(k->mem));
	return 0;
}

/* The last point stands for a moment that is too near to the one before it. */
static bool is_provisional(const struct drvmem_timeline *t)
{
	return t->min_step_ns && t->nr_points > 1 &&
	       t->points[t->nr_points - 1].taken_ns - t->points[t->nr_points - 2].taken_ns < t->min_step_ns;
}

static int make_room(struct drvmem_timeline *t)
{
	size_t cap = t->cap_points;
	void *p;

	if (is_provisional(t))	/* its rows stay: those that change are overwritten */
		free(t->points[--t->nr_points].mem);
	else if (t->nr_points == t->max_points || (t->nr_rows > t->max_rows && t->nr_points > 1))
		thin_out(t);
	p = drvmem_vec_grown(t->points, &cap, (size_t)t->nr_points + 1, sizeof(*t->points));
	if (!p)
		return -ENOMEM;
	t->points = p;
	t->cap_points = (uint32_t)cap;
	return 0;
}

int drvmem_timeline__add(struct drvmem_timeline *t, const struct drvmem_snapshot *s)
{
	struct drvmem_timeline_point p = { 0 };
	uint32_t i;
	int r;

	if (t->nr_points && s->meta.taken_ns < t->points[t->nr_points - 1].taken_ns)
		return -EINVAL;
	r = make_room(t);
	if (!r)
		r = make_point(s, &p);
	for (i = 0; i < s->nr_sites && !r; i++)
		r = add_site(t, &s->sites[i], t->nr_points);
	if (!r)
		r = add_owners(t, t->nr_points);
	if (!r)
		r = add_events(t, s);
	if (r) {
		cut_rows(t, t->sites, t->nr_sites, t->nr_points);
		cut_rows(t, t->owners, t->nr_owners, t->nr_points);
		free(p.mem);
		return r;
	}
	t->started_ns = s->meta.started_ns;
	t->points[t->nr_points++] = p;
	return 0;
}

/* ---- values */

struct drvmem_timeline_counts drvmem_timeline_track__at(const struct drvmem_timeline_track *k, uint32_t point)
{
	uint32_t lo = 0, hi = k->nr_rows, mid;

	while (lo < hi) {	/* the first row after the point */
		mid = lo + (hi - lo) / 2;
		if (k->rows[mid].point <= point)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? k->rows[lo - 1].c : (struct drvmem_timeline_counts){ 0 };
}

static struct drvmem_timeline_counts at(const struct drvmem_table *index, const struct drvmem_timeline_track *v,
					uint64_t key, uint32_t point)
{
	uint64_t i;

	if (!drvmem_table__get(index, key, &i))
		return (struct drvmem_timeline_counts){ 0 };
	return drvmem_timeline_track__at(&v[i], point);
}

struct drvmem_timeline_counts drvmem_timeline__site(const struct drvmem_timeline *t, uint32_t point, uint32_t id)
{
	return at(&t->site_at, t->sites, id, point);
}

struct drvmem_timeline_counts drvmem_timeline__owner(const struct drvmem_timeline *t, uint32_t point,
						     uint16_t owner, uint16_t allocator)
{
	return at(&t->owner_at, t->owners, owner_key(owner, allocator), point);
}

struct drvmem_timeline_counts drvmem_timeline__total(const struct drvmem_timeline *t, uint32_t point)
{
	struct drvmem_timeline_counts sum = { 0 }, c;
	uint32_t i;

	for (i = 0; i < t->nr_owners; i++) {
		if (DRVMEM_IS_MAPPING(t->owners[i].allocator))
			continue;
		c = drvmem_timeline_track__at(&t->owners[i], point);
		drvmem_timeline_counts__add(&sum, &c);
	}
	return sum;
}
