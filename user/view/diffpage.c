// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/diffpage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/table.h"
#include "model/arena.h"

#define STACK_BYTES	600000u	/* of the page: callers of the stacks that have most on either side */
#define ROOM_INDEX	5u	/* an index and its comma, about */
#define ROOM_STACK	40u	/* figures of one, about */

static const enum drvmem_profile_value values[DRVMEM_NR_DIFFPAGE_VALUES] = {
	[DRVMEM_DIFFPAGE_INUSE] = DRVMEM_PROFILE_INUSE_SPACE, [DRVMEM_DIFFPAGE_ALLOC] = DRVMEM_PROFILE_ALLOC_SPACE,
};

/* "func [mod]", as in the folded form. */
static const char *frame_text(struct drvmem_arena *arena, const struct drvmem_profile_function *f)
{
	return f->module && f->name[0] != '[' ? drvmem_arena__printf(arena, "%s [%s]", f->name, f->module) : f->name;
}

/* Appends the samples of one side; at: where the frames of the next one go. */
static int add_side(struct drvmem_diffpage *p, uint32_t side, const char ***at)
{
	const struct drvmem_profile *k = p->profile[side];
	const char **text = calloc(k->nr_functions + 1, sizeof(*text));
	uint32_t i, j;
	int e = text ? 0 : -ENOMEM;

	for (i = 0; i < k->nr_functions && !e; i++) {
		text[i] = frame_text(p->arena, &k->functions[i]);
		e = text[i] ? 0 : -ENOMEM;
	}
	for (i = 0; i < k->nr_samples && !e; i++) {
		const struct drvmem_profile_sample *m = &k->samples[i];
		struct drvmem_diffpage_stack *t = &p->stacks[p->nr_stacks++];
		const char *note = drvmem_profile__note(m);

		/* one place is left in front, see unite() */
		*t = (struct drvmem_diffpage_stack){ .frame = *at + !note, .exact = m->basis == DRVMEM_BASIS_EXACT };
		t->has[side] = true;
		t->frame[t->nr++] = m->owner_name;
		if (note)
			t->frame[t->nr++] = note;
		t->first = t->nr;
		for (j = 0; j < m->nr; j++)
			t->frame[t->nr++] = text[drvmem_profile__function(k, m, j) - k->functions];
		for (j = 0; j < DRVMEM_NR_DIFFPAGE_VALUES; j++)
			t->v[side][j] = m->value[values[j]];
		*at = t->frame + t->nr;
	}
	free(text);
	return e;
}

static int cmp_frames(const void *a, const void *b)
{
	const struct drvmem_diffpage_stack *x = a, *y = b;
	uint32_t i;
	int c;

	for (i = 0; i < x->nr && i < y->nr; i++) {
		c = strcmp(x->frame[i], y->frame[i]);
		if (c)
			return c;
	}
	return (x->nr > y->nr) - (x->nr < y->nr);
}

/* Sorted by their frames, each once. */
static void merge(struct drvmem_diffpage *p)
{
	uint32_t i, side, k, to = 0;

	qsort(p->stacks, p->nr_stacks, sizeof(*p->stacks), cmp_frames);
	for (i = 0; i < p->nr_stacks; i++) {
		if (!to || cmp_frames(&p->stacks[to - 1], &p->stacks[i])) {
			p->stacks[to++] = p->stacks[i];
			continue;
		}
		p->stacks[to - 1].exact &= p->stacks[i].exact;
		for (side = 0; side < 2; side++) {
			p->stacks[to - 1].has[side] |= p->stacks[i].has[side];
			for (k = 0; k < DRVMEM_NR_DIFFPAGE_VALUES; k++)
				p->stacks[to - 1].v[side][k] += p->stacks[i].v[side][k];
		}
	}
	p->nr_stacks = to;
}

/* By owner and call site. */
static int cmp_place(const void *a, const void *b)
{
	const struct drvmem_diffpage_stack *x = a, *y = b;
	int c = strcmp(x->frame[0], y->frame[0]);

	return c ? c : strcmp(x->frame[x->nr - 1], y->frame[y->nr - 1]);
}

/*
 * Both sides have the place, but not by the same callers: of what was only sampled that is no change, since either may
 * have missed what the other one saw.
 */
static bool differs_by_chance(const struct drvmem_diffpage_stack *t, uint32_t n)
{
	bool has[2] = { false, false }, one_sided = false, exact = true;
	uint32_t i;

	for (i = 0; i < n; i++) {
		has[0] |= t[i].has[0];
		has[1] |= t[i].has[1];
		one_sided |= t[i].has[0] != t[i].has[1];
		exact &= t[i].exact;
	}
	return has[0] && has[1] && one_sided && !exact;
}

/* All of them under the callers that they have in common, from the call site outwards. */
static void unite(struct drvmem_diffpage_stack *t, uint32_t n)
{
	uint32_t common = t[0].nr - t[0].first, i, j, keep;
	const struct drvmem_profile_sample differ = { .basis = DRVMEM_BASIS_DIFFER };
	const char *owner = t[0].frame[0];

	for (i = 1; i < n; i++) {
		for (j = 0; j < common && j < t[i].nr - t[i].first; j++)
			if (strcmp(t[0].frame[t[0].nr - 1 - j], t[i].frame[t[i].nr - 1 - j]))
				break;
		common = j;
	}
	for (i = 0; i < n; i++) {
		keep = t[i].nr - common;	/* 1 at least: then the place in front is used */
		t[i].frame = t[i].frame + keep - 2;
		t[i].frame[0] = owner;
		t[i].frame[1] = drvmem_profile__note(&differ);
		t[i].nr = common + 2;
		t[i].first = 2;
	}
}

static void unite_places(struct drvmem_diffpage *p)
{
	uint32_t i, j;

	qsort(p->stacks, p->nr_stacks, sizeof(*p->stacks), cmp_place);
	for (i = 0; i < p->nr_stacks; i = j) {
		for (j = i + 1; j < p->nr_stacks && !cmp_place(&p->stacks[i], &p->stacks[j]); j++)
			;
		if (differs_by_chance(p->stacks + i, j - i))
			unite(p->stacks + i, j - i);
	}
	merge(p);
}

static int64_t most(const struct drvmem_diffpage_stack *t, uint32_t k)
{
	int64_t a = llabs(t->v[0][k]), b = llabs(t->v[1][k]);

	return a > b ? a : b;
}

static int cmp_weight(const void *a, const void *b)
{
	const struct drvmem_diffpage_stack *x = a, *y = b;
	uint32_t k;

	for (k = 0; k < DRVMEM_NR_DIFFPAGE_VALUES; k++)
		if (most(x, k) != most(y, k))
			return most(x, k) < most(y, k) ? 1 : -1;
	return cmp_frames(a, b);
}

/* What a stack adds to the page, about; seen: hashes of texts that are in it. 0: no memory. */
static size_t room_of(const struct drvmem_diffpage_stack *t, struct drvmem_table *seen)
{
	size_t room = ROOM_STACK;
	uint64_t *known;
	uint32_t i;

	for (i = 0; i < t->nr; i++, room += ROOM_INDEX) {
		known = drvmem_table__ref(seen, drvmem_fnv1a(t->frame[i]));
		if (!known)
			return 0;
		if (!(*known)++)
			room += strlen(t->frame[i]) + 3;
	}
	return room;
}

/* What has no room keeps its bytes, below its owner. */
static int bound(struct drvmem_diffpage *p)
{
	struct drvmem_table seen = { 0 };
	size_t sum = 0, room = 1;
	uint32_t i;

	qsort(p->stacks, p->nr_stacks, sizeof(*p->stacks), cmp_weight);
	for (i = 0; i < p->nr_stacks && room; i++) {
		struct drvmem_diffpage_stack *t = &p->stacks[i];

		room = sum <= STACK_BYTES ? room_of(t, &seen) : 1;
		sum += room;
		if (sum <= STACK_BYTES || t->nr < 2)
			continue;
		t->frame[1] = DRVMEM_DIFFPAGE_NONE;
		t->nr = t->first = 2;
		p->stacks_without++;
	}
	drvmem_table__deinit(&seen);
	merge(p);
	return room ? 0 : -ENOMEM;
}

static int cmp_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int collect_frames(struct drvmem_diffpage *p)
{
	uint32_t i, j, n = 0, to = 0;

	for (i = 0; i < p->nr_stacks; i++)
		n += p->stacks[i].nr;
	p->frame = calloc(n + 1, sizeof(*p->frame));
	if (!p->frame)
		return -ENOMEM;
	for (i = 0, n = 0; i < p->nr_stacks; i++)
		for (j = 0; j < p->stacks[i].nr; j++)
			p->frame[n++] = p->stacks[i].frame[j];
	qsort(p->frame, n, sizeof(*p->frame), cmp_text);
	for (i = 0; i < n; i++)
		if (!to || strcmp(p->frame[to - 1], p->frame[i]))
			p->frame[to++] = p->frame[i];
	p->nr_frames = to;
	return 0;
}

static int make_stacks(struct drvmem_diffpage *p)
{
	uint32_t nr = p->profile[0]->nr_samples + p->profile[1]->nr_samples, i, side;
	size_t frames = 2 * (size_t)nr;		/* owners, and what must be said */
	const char **at;
	int e;

	for (side = 0; side < 2; side++)
		for (i = 0; i < p->profile[side]->nr_samples; i++)
			frames += p->profile[side]->samples[i].nr;
	p->stacks = calloc(nr + 1, sizeof(*p->stacks));
	p->path = calloc(frames + 1, sizeof(*p->path));
	if (!p->stacks || !p->path)
		return -ENOMEM;
	at = p->path;
	e = add_side(p, 0, &at);
	if (!e)
		e = add_side(p, 1, &at);
	if (e)
		return e;
	merge(p);
	unite_places(p);
	e = bound(p);
	return e ? e : collect_frames(p);
}

int drvmem_diffpage__new(const struct drvmem_diffpage_in *in, struct drvmem_diffpage **ret)
{
	struct drvmem_diffpage *p = calloc(1, sizeof(*p));
	int e;

	if (!p)
		return -ENOMEM;
	p->in = *in;
	p->arena = drvmem_arena__new();
	e = p->arena ? drvmem_profile__new(in->owners->a, DRVMEM_CALLERS_KNOWN, &p->profile[0]) : -ENOMEM;
	if (!e)
		e = drvmem_profile__new(in->owners->b, DRVMEM_CALLERS_KNOWN, &p->profile[1]);
	if (!e)
		e = make_stacks(p);
	if (!e)
		e = drvmem_diffpage__make_cards(p);
	if (e) {
		drvmem_diffpage__free(p);
		return e;
	}
	*ret = p;
	return 0;
}

void drvmem_diffpage__free(struct drvmem_diffpage *p)
{
	if (!p)
		return;
	drvmem_profile__free(p->profile[0]);
	drvmem_profile__free(p->profile[1]);
	drvmem_arena__free(p->arena);
	free(p->stacks);
	free(p->path);
	free(p->frame);
	free(p);
}
