// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* qsort_r */
#endif
#include "view/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/arena.h"
#include "view/profile_parts.h"

const char *const drvmem_profile_value_names[] = {
	[DRVMEM_PROFILE_ALLOC_OBJECTS] = "alloc_objects", [DRVMEM_PROFILE_ALLOC_SPACE] = "alloc_space",
	[DRVMEM_PROFILE_INUSE_OBJECTS] = "inuse_objects", [DRVMEM_PROFILE_INUSE_SPACE] = "inuse_space",
	[DRVMEM_NR_PROFILE_VALUES] = NULL,
};

const char *const drvmem_callers_names[] = { "known", "estimated", NULL };

bool drvmem_profile_value__is_bytes(enum drvmem_profile_value v)
{
	return v == DRVMEM_PROFILE_ALLOC_SPACE || v == DRVMEM_PROFILE_INUSE_SPACE;
}

const char *drvmem_basis__name(enum drvmem_basis b)
{
	static const char *const names[] = {
		[DRVMEM_BASIS_EXACT] = "exact", [DRVMEM_BASIS_SAMPLED] = "sampled",
		[DRVMEM_BASIS_DIFFER] = "differ", [DRVMEM_BASIS_ESTIMATED] = "estimated",
		[DRVMEM_BASIS_NONE] = "none",
	};

	return names[b];
}

const char *drvmem_profile__note(const struct drvmem_profile_sample *k)
{
	switch (k->basis) {
	case DRVMEM_BASIS_DIFFER:
		return "[callers differ]";
	case DRVMEM_BASIS_ESTIMATED:
		return "[callers estimated]";
	case DRVMEM_BASIS_NONE:
		return "[no stack]";
	case DRVMEM_BASIS_EXACT:
	case DRVMEM_BASIS_SAMPLED:
		break;
	}
	return NULL;
}

const struct drvmem_profile_function *drvmem_profile__function(const struct drvmem_profile *p,
							       const struct drvmem_profile_sample *k,
							       uint32_t i)
{
	return &p->functions[p->frames[p->path[k->first + i]].function];
}

void drvmem_apportion(int64_t value, const uint64_t *weight, uint32_t n, int64_t *parts)
{
	uint64_t whole = value < 0 ? -(uint64_t)value : (uint64_t)value, sum = 0, so_far = 0, done = 0, upto;
	uint32_t i;

	for (i = 0; i < n; i++)
		sum += weight[i];
	for (i = 0; i < n; i++) {
		so_far += weight[i];
		upto = (uint64_t)((unsigned __int128)whole * so_far / sum);
		parts[i] = (int64_t)(value < 0 ? -(upto - done) : upto - done);
		done = upto;
	}
}

static bool begins_at_site(const struct drvmem_stacksnap *k, const struct drvmem_sitesnap *t)
{
	size_t len;

	if (!k->nr)
		return false;
	if (k->ip[0])
		return k->ip[0] == t->call_site;
	/* addresses were not kept: by name, behind which a module may stand */
	len = t->site ? strlen(t->site) : 0;
	return len && k->frame[0] && !strncmp(k->frame[0], t->site, len) &&
	       (!k->frame[0][len] || k->frame[0][len] == ' ');
}

static int site_frame(struct drvmem_profile_build *b, const struct drvmem_sitesnap *t, uint32_t *ret)
{
	const char *text = t->site ? t->site : "?";

	if (t->module && text[0] != '[')
		text = drvmem_arena__printf(b->p->arena, "%s [%s]", text, t->module);
	return text ? drvmem_profile_build__frame(b, text, t->call_site, ret) : -ENOMEM;
}

/* Frames of a stack, innermost first, the call site first of all; k NULL: only that. */
struct walk {
	uint32_t nr, frame[DRVMEM_STACK_DEPTH + 1];
};

static int walk_stack(struct drvmem_profile_build *b, const struct drvmem_sitesnap *t,
		      const struct drvmem_stacksnap *k, struct walk *ret)
{
	uint32_t i;
	int err = 0;

	ret->nr = 0;
	if (!k || !begins_at_site(k, t))
		err = site_frame(b, t, &ret->frame[ret->nr++]);
	for (i = 0; k && i < k->nr && !err; i++)
		err = drvmem_profile_build__frame(b, k->frame[i], k->ip[i], &ret->frame[ret->nr++]);
	return err;
}

static struct drvmem_profile_sample describe(const struct drvmem_scope *v, uint32_t site)
{
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	const struct drvmem_cache *c = &v->s->caches[t->cache];
	bool dma = t->allocator == DRVMEM_ALLOC_DMA;

	return (struct drvmem_profile_sample){
		.at = site,
		.owner = v->owner_name[t->owner],
		.owner_name = v->s->instances[t->owner].name ? v->s->instances[t->owner].name : "?",
		.site = t->site ? t->site : "?",
		.allocator = drvmem_allocator_name(t->allocator),
		.cache = dma ? NULL : c->name,
		.device = dma ? c->name : NULL,
		.upper_bound = c->upper_bound,
		.value = {
			[DRVMEM_PROFILE_ALLOC_OBJECTS] = (int64_t)t->c.allocs,
			[DRVMEM_PROFILE_ALLOC_SPACE] = (int64_t)t->c.alloc_bytes,
			[DRVMEM_PROFILE_INUSE_OBJECTS] = t->c.live_objects,
			[DRVMEM_PROFILE_INUSE_SPACE] = t->c.live_bytes,
		},
	};
}

static bool is_empty(const struct drvmem_profile_sample *k)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_PROFILE_VALUES; i++)
		if (k->value[i])
			return false;
	return true;
}

static int add_sample(struct drvmem_profile_build *b, struct drvmem_profile_sample k, const struct walk *w,
		      enum drvmem_basis basis)
{
	uint32_t i;

	if (is_empty(&k))
		return 0;
	k.basis = basis;
	k.first = (uint32_t)b->path.n;
	k.nr = w->nr;
	for (i = w->nr; i-- > 0;)
		if (drvmem_vec__push(&b->path, w->frame[i]))
			return -ENOMEM;
	for (i = 0; i < DRVMEM_NR_PROFILE_VALUES; i++)
		b->p->total[i] += k.value[i];
	return drvmem_vec__push(&b->samples, k);
}

static const struct drvmem_stacksnap *stack_at(const struct drvmem_profile_build *b, uint32_t i)
{
	return &b->v->s->stacks[b->v->stacks[i]];
}

/* What all stacks of a site have in common, from the call site outwards. */
static int find_common(struct drvmem_profile_build *b, uint32_t site, uint32_t first, uint32_t nr, struct walk *ret,
		       bool *ret_differ)
{
	const struct drvmem_sitesnap *t = &b->v->s->sites[site];
	uint32_t i, same;
	struct walk o;
	int err = walk_stack(b, t, stack_at(b, first), ret);

	*ret_differ = false;
	for (i = 1; i < nr && !err; i++) {
		err = walk_stack(b, t, stack_at(b, first + i), &o);
		if (err)
			break;
		for (same = 0; same < ret->nr && same < o.nr && ret->frame[same] == o.frame[same]; same++)
			;
		*ret_differ |= same < ret->nr || same < o.nr;
		ret->nr = same;
	}
	if (!err && !ret->nr)	/* of tail calls: not even the site is in all of them */
		err = walk_stack(b, t, NULL, ret);
	return err;
}

/* A sample for each stack, with its share of the site's figures. */
static int add_shares(struct drvmem_profile_build *b, uint32_t site, uint32_t first, uint32_t nr)
{
	struct drvmem_profile_sample whole = describe(b->v, site), k = whole;
	struct walk w;
	uint32_t i, j;
	int err = 0;

	for (i = 0; i < nr; i++)
		b->weights[i] = stack_at(b, first + i)->count;
	for (j = 0; j < DRVMEM_NR_PROFILE_VALUES; j++)
		drvmem_apportion(whole.value[j], b->weights, nr, b->parts + (size_t)j * nr);
	for (i = 0; i < nr && !err; i++) {
		for (j = 0; j < DRVMEM_NR_PROFILE_VALUES; j++)
			k.value[j] = b->parts[(size_t)j * nr + i];
		err = walk_stack(b, &b->v->s->sites[site], stack_at(b, first + i), &w);
		if (!err)
			err = add_sample(b, k, &w, DRVMEM_BASIS_ESTIMATED);
	}
	return err;
}

static int add_one(struct drvmem_profile_build *b, uint32_t site, const struct drvmem_stacksnap *k)
{
	enum drvmem_basis basis = DRVMEM_BASIS_NONE;
	struct walk w;
	int err = walk_stack(b, &b->v->s->sites[site], k, &w);

	if (k)
		basis = b->v->s->meta.full_stacks ? DRVMEM_BASIS_EXACT : DRVMEM_BASIS_SAMPLED;
	return err ? err : add_sample(b, describe(b->v, site), &w, basis);
}

static int add_several(struct drvmem_profile_build *b, uint32_t site, uint32_t first, uint32_t nr)
{
	uint64_t counted = 0;
	struct walk w;
	bool differ;
	uint32_t i;
	int err = find_common(b, site, first, nr, &w, &differ);

	if (err)
		return err;
	if (!differ)
		return add_sample(b, describe(b->v, site), &w, DRVMEM_BASIS_SAMPLED);
	for (i = 0; i < nr; i++)
		counted |= stack_at(b, first + i)->count;
	if (b->callers == DRVMEM_CALLERS_ESTIMATED && counted)
		return add_shares(b, site, first, nr);
	return add_sample(b, describe(b->v, site), &w, DRVMEM_BASIS_DIFFER);
}

static int add_site(struct drvmem_profile_build *b, uint32_t site)
{
	uint32_t first, nr;

	if (DRVMEM_IS_MAPPING(b->v->s->sites[site].allocator))
		return 0;
	drvmem_scope__stacks(b->v, site, &first, &nr);
	if (nr > 1)
		return add_several(b, site, first, nr);
	return add_one(b, site, nr ? stack_at(b, first) : NULL);
}

/* By owner, then from the outermost frame on: what lies in one caller is side by side. */
static int cmp_samples(const void *x, const void *y, void *arg)
{
	const struct drvmem_profile *p = arg;
	const struct drvmem_profile_sample *a = x, *b = y;
	const char *na = drvmem_profile__note(a), *nb = drvmem_profile__note(b);
	uint32_t i;
	int c = strcmp(a->owner, b->owner);

	if (!c)
		c = strcmp(na ? na : "", nb ? nb : "");
	for (i = 0; !c && i < a->nr && i < b->nr; i++)
		c = strcmp(drvmem_profile__function(p, a, i)->name, drvmem_profile__function(p, b, i)->name);
	if (!c)
		c = (a->nr > b->nr) - (a->nr < b->nr);
	/* in the order they came */
	return c ? c : (a->first > b->first) - (a->first < b->first);
}

/* What was collected goes to the profile, which frees it. */
static void hand_over(struct drvmem_profile_build *b)
{
	struct drvmem_profile *p = b->p;

	p->nr_images = (uint32_t)b->images.n;
	p->images = drvmem_steal_ptr(&b->images.v);
	p->nr_functions = (uint32_t)b->functions.n;
	p->functions = drvmem_steal_ptr(&b->functions.v);
	p->nr_frames = (uint32_t)b->frames.n;
	p->frames = drvmem_steal_ptr(&b->frames.v);
	p->nr_path = (uint32_t)b->path.n;
	p->path = drvmem_steal_ptr(&b->path.v);
	p->nr_samples = (uint32_t)b->samples.n;
	p->samples = drvmem_steal_ptr(&b->samples.v);
	drvmem_table__deinit(&b->by_text);
	drvmem_table__deinit(&b->by_name);
	drvmem_vec__deinit(&b->older);
	drvmem_vec__deinit(&b->keys);
	drvmem_vec__deinit(&b->of_image);
	free(b->parts);
	free(b->weights);
}

static int collect(struct drvmem_profile_build *b)
{
	uint32_t i, nr = b->v->s->nr_stacks ? b->v->s->nr_stacks : 1;
	int err;

	b->parts = calloc((size_t)nr * DRVMEM_NR_PROFILE_VALUES, sizeof(*b->parts));
	b->weights = calloc(nr, sizeof(*b->weights));
	if (!b->parts || !b->weights)
		return -ENOMEM;
	err = drvmem_profile_build__kernel(b);
	for (i = 0; i < b->v->nr_kept && !err; i++)
		err = add_site(b, b->v->by_owner[i]);
	return err;
}

int drvmem_profile__new(const struct drvmem_scope *v, enum drvmem_callers callers,
			struct drvmem_profile **ret)
{
	const struct drvmem_meta *m = &v->s->meta;
	struct drvmem_profile_build b = { .v = v, .callers = callers };
	int err;

	b.p = calloc(1, sizeof(*b.p));
	if (!b.p)
		return -ENOMEM;
	b.p->arena = drvmem_arena__new();
	b.p->taken_unix = m->taken_unix;
	b.p->duration_ns = m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0;
	b.p->period_bytes = m->sampled && m->epoch[m->now_epoch].sample_bytes ?
			    m->epoch[m->now_epoch].sample_bytes : 1;
	err = b.p->arena ? collect(&b) : -ENOMEM;
	hand_over(&b);
	if (!err && b.p->nr_samples)
		qsort_r(b.p->samples, b.p->nr_samples, sizeof(*b.p->samples), cmp_samples, b.p);
	if (!err)
		err = drvmem_profile__comment(b.p, v, callers);
	if (err) {
		drvmem_profile__free(b.p);
		return err;
	}
	*ret = b.p;
	return 0;
}

void drvmem_profile__free(struct drvmem_profile *p)
{
	if (!p)
		return;
	drvmem_arena__free(p->arena);
	free(p->images);
	free(p->functions);
	free(p->frames);
	free(p->path);
	free(p->samples);
	free(p->comments);
	free(p);
}
