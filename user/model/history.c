// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/vec.h"

#define POINTS		DRVMEM_HISTORY_POINTS
#define STEP_NS		1000000000ull	/* between points of the last minute, and of the session to begin with */
#define LATE_NS		(STEP_NS / 10)	/* what is meant to come each second does not come to the nanosecond */
#define IS_SITE		(UINT64_C(1) << 32)

struct past {
	int64_t now, mark;
	int64_t now_objects, mark_objects;
	int64_t recent[POINTS];		/* a ring, times in recent_ns */
	int64_t all[POINTS];
};

struct drvmem_history {
	DRVMEM_VEC(struct past) of;
	struct drvmem_table index;	/* key_of() -> of.v[] */
	uint64_t started_ns, now_ns, mark_ns;
	uint32_t marks;
	uint64_t recent_ns[POINTS];
	uint32_t next, nr_recent;
	uint64_t all_ns[POINTS], all_step_ns;
	uint32_t nr_all;
};

struct drvmem_history *drvmem_history__new(void)
{
	struct drvmem_history *h = calloc(1, sizeof(*h));

	if (h)
		h->all_step_ns = STEP_NS;
	return h;
}

void drvmem_history__free(struct drvmem_history *h)
{
	if (!h)
		return;
	drvmem_vec__deinit(&h->of);
	drvmem_table__deinit(&h->index);
	free(h);
}

static uint64_t key_of(struct drvmem_history_of of)
{
	return of.site ? IS_SITE | of.id : of.id;
}

static const struct past *find(const struct drvmem_history *h, struct drvmem_history_of of)
{
	uint64_t i;

	return drvmem_table__get(&h->index, key_of(of), &i) ? &h->of.v[i] : NULL;
}

/* Adds to what it has now; one more than there is room for is left out. */
static int count(struct drvmem_history *h, struct drvmem_history_of of, const struct drvmem_counts *c)
{
	uint64_t i;
	int err;

	if (!drvmem_table__get(&h->index, key_of(of), &i)) {
		if (h->of.n >= DRVMEM_HISTORY_MAX)
			return 0;
		i = h->of.n;
		err = drvmem_vec__push(&h->of, (struct past){ 0 });
		if (err)
			return err;
		err = drvmem_table__put(&h->index, key_of(of), i);
		if (err) {
			h->of.n--;
			return err;
		}
	}
	h->of.v[i].now += c->live_bytes;
	h->of.v[i].now_objects += c->live_objects;
	return 0;
}

/* Keeps the first, the third, ...: then the step is twice as long. */
static void thin_out(struct drvmem_history *h)
{
	uint32_t i;
	size_t k;

	for (i = 0; i < POINTS; i += 2)
		h->all_ns[i / 2] = h->all_ns[i];
	for (k = 0; k < h->of.n; k++)
		for (i = 0; i < POINTS; i += 2)
			h->of.v[k].all[i / 2] = h->of.v[k].all[i];
	h->nr_all = POINTS / 2;
	h->all_step_ns *= 2;
}

static void keep_recent(struct drvmem_history *h)
{
	uint32_t last = (h->next + POINTS - 1) % POINTS;
	size_t k;

	if (h->nr_recent && h->now_ns - h->recent_ns[last] < STEP_NS - LATE_NS)
		return;
	h->recent_ns[h->next] = h->now_ns;
	for (k = 0; k < h->of.n; k++)
		h->of.v[k].recent[h->next] = h->of.v[k].now;
	h->next = (h->next + 1) % POINTS;
	h->nr_recent += h->nr_recent < POINTS;
}

static bool all_is_due(const struct drvmem_history *h)
{
	return !h->nr_all || h->now_ns - h->all_ns[h->nr_all - 1] >= h->all_step_ns - LATE_NS;
}

static void keep_all(struct drvmem_history *h)
{
	size_t k;

	if (!all_is_due(h))
		return;
	if (h->nr_all == POINTS) {
		thin_out(h);
		if (!all_is_due(h))
			return;
	}
	h->all_ns[h->nr_all] = h->now_ns;
	for (k = 0; k < h->of.n; k++)
		h->of.v[k].all[h->nr_all] = h->of.v[k].now;
	h->nr_all++;
}

int drvmem_history__add(struct drvmem_history *h, const struct drvmem_snapshot *s)
{
	const struct drvmem_sitesnap *t;
	int err = 0, e;
	uint32_t i;
	size_t k;

	h->started_ns = s->meta.started_ns;
	h->now_ns = s->meta.taken_ns;
	for (k = 0; k < h->of.n; k++)
		h->of.v[k].now = h->of.v[k].now_objects = 0;
	for (i = 0; i < s->nr_sites; i++) {
		t = &s->sites[i];
		if (DRVMEM_IS_MAPPING(t->allocator))
			continue;
		e = count(h, (struct drvmem_history_of){ false, t->owner }, &t->c);
		err = err ? err : e;
		e = count(h, (struct drvmem_history_of){ true, t->id }, &t->c);
		err = err ? err : e;
	}
	keep_recent(h);
	keep_all(h);
	return err;
}

int drvmem_history__mark(struct drvmem_history *h, const struct drvmem_snapshot *s)
{
	int err = drvmem_history__add(h, s);
	size_t k;

	for (k = 0; k < h->of.n; k++) {
		h->of.v[k].mark = h->of.v[k].now;
		h->of.v[k].mark_objects = h->of.v[k].now_objects;
	}
	h->mark_ns = h->now_ns;
	h->marks++;
	return err;
}

uint32_t drvmem_history__marks(const struct drvmem_history *h, uint64_t *ret_ns)
{
	if (ret_ns)
		*ret_ns = h->mark_ns;
	return h->marks;
}

/* Slot of the ring whose time is nearest to ns before now; -1 = none is near. */
static int nearest(const struct drvmem_history *h, uint64_t ago_ns)
{
	uint64_t best = ago_ns / 2 + 1, age, off;
	int found = -1;
	uint32_t i;

	for (i = 0; i < h->nr_recent; i++) {
		age = h->now_ns - h->recent_ns[i];
		off = age > ago_ns ? age - ago_ns : ago_ns - age;
		if (off < best) {
			best = off;
			found = (int)i;
		}
	}
	return found;
}

bool drvmem_history__change(const struct drvmem_history *h, struct drvmem_history_of of, uint64_t ago_ns,
			    int64_t *ret_bytes)
{
	const struct past *p = find(h, of);
	int slot;

	if (!p)
		return false;
	if (h->now_ns - h->started_ns <= ago_ns) {	/* when nothing was live */
		*ret_bytes = p->now;
		return true;
	}
	slot = nearest(h, ago_ns);
	if (slot < 0)
		return false;
	*ret_bytes = p->now - p->recent[slot];
	return true;
}

bool drvmem_history__change_of_mark(const struct drvmem_history *h, struct drvmem_history_of of,
				    int64_t *ret_bytes, int64_t *ret_objects)
{
	const struct past *p = find(h, of);

	if (!p || !h->marks)
		return false;
	*ret_bytes = p->now - p->mark;
	*ret_objects = p->now_objects - p->mark_objects;
	return true;
}

uint32_t drvmem_history__trend(const struct drvmem_history *h, struct drvmem_history_of of, uint32_t n,
			       int64_t *ret)
{
	const struct past *p = find(h, of);
	uint32_t all = h->nr_all, shown, i;

	if (!p || !n || !all)
		return 0;
	/* the last point is shown as it is now */
	shown = all < n ? all : n;
	for (i = 0; i + 1 < shown; i++)
		ret[i] = p->all[(uint32_t)(((uint64_t)i + 1) * all / shown) - 1];
	ret[shown - 1] = p->now;
	return shown;
}

uint64_t drvmem_history__span(const struct drvmem_history *h)
{
	return h->nr_all ? h->now_ns - h->all_ns[0] : 0;
}
