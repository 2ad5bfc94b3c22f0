// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/diffed_stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "view/profile.h"

/* A sample of one side, and how many of its frames are shown, from the innermost on. */
struct stack {
	const struct drvmem_profile *p;
	const struct drvmem_profile_sample *k;
	const struct drvmem_scope *v;
	uint32_t keep;
	bool differ;
};

struct stacks {
	struct drvmem_profile *profile[2];
	struct stack *v;
	uint32_t n;
};

static const struct drvmem_profile_function *frame(const struct stack *s, uint32_t i)
{
	return drvmem_profile__function(s->p, s->k, s->k->nr - 1 - i);
}

static int cmp_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int cmp_frames(const struct stack *x, const struct stack *y, uint32_t i)
{
	int c = strcmp(frame(x, i)->name, frame(y, i)->name);

	return c ? c : cmp_text(frame(x, i)->module, frame(y, i)->module);
}

/* What allocates: an owner, a function, an allocator. */
static int cmp_origin(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;
	int c = strcmp(x->k->owner_name, y->k->owner_name);

	if (!c)
		c = strcmp(x->k->allocator, y->k->allocator);
	return c ? c : cmp_frames(x, y, 0);
}

/* Every stack of v[0..n) keeps what all of them have in common. */
static void keep_common(struct stack *v, uint32_t n)
{
	uint32_t common = v[0].k->nr, i, f;
	bool differ = false;

	for (i = 0; i < n; i++) {
		differ |= v[i].k->basis == DRVMEM_BASIS_DIFFER || v[i].k->nr != v[0].k->nr;
		for (f = 0; f < common && f < v[i].k->nr && !cmp_frames(&v[0], &v[i], f); f++)
			;
		common = f;
	}
	for (i = 0; i < n; i++) {
		v[i].differ = differ || common < v[i].k->nr;
		v[i].keep = common;
	}
}

static void cut(struct stacks *s)
{
	uint32_t i, n;

	qsort(s->v, s->n, sizeof(*s->v), cmp_origin);
	for (i = 0; i < s->n; i += n) {
		for (n = 1; i + n < s->n && !cmp_origin(&s->v[i], &s->v[i + n]); n++)
			;
		keep_common(&s->v[i], n);
	}
}

static const char *text_of(const struct stack *s, struct drvmem_arena *arena)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = {};
	uint32_t i;

	for (i = 0; i < s->keep; i++) {
		const struct drvmem_profile_function *f = frame(s, i);

		drvmem_strbuf__printf(&b, "%s%s", i ? "\n" : "", f->name);
		if (f->module && f->name[0] != '[')
			drvmem_strbuf__printf(&b, " [%s]", f->module);
	}
	if (s->differ)
		drvmem_strbuf__append(&b, "\n" DRVMEM_DIFFED_DIFFER);
	else if (s->k->basis == DRVMEM_BASIS_NONE)
		drvmem_strbuf__append(&b, "\n[no stack]");
	return drvmem_strbuf__error(&b) ? NULL : drvmem_arena__str(arena, drvmem_strbuf__str(&b));
}

/* Those of one side, in ret. */
static int make_items(const struct stacks *s, const struct drvmem_profile *p, struct drvmem_arena *arena,
		      struct drvmem_compare_item *ret, uint32_t *ret_n)
{
	uint32_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		const struct stack *k = &s->v[i];
		const struct drvmem_snapshot *snap = k->v->s;
		const struct drvmem_sitesnap *t = &snap->sites[k->k->at];

		if (k->p != p)
			continue;
		ret[n] = (struct drvmem_compare_item){
			.type = snap->instances[t->owner].type, .owner = k->k->owner_name,
			.name = text_of(k, arena), .cache = snap->caches[t->cache].name,
			.allocator = t->allocator, .f = drvmem_compare_figures__of(snap, t),
		};
		if (!ret[n++].name)
			return -ENOMEM;
	}
	*ret_n = n;
	return 0;
}

static void collect(struct stacks *s, const struct drvmem_scope *v, const struct drvmem_profile *p)
{
	uint32_t i;

	for (i = 0; i < p->nr_samples; i++)
		s->v[s->n++] = (struct stack){ .p = p, .k = &p->samples[i], .v = v, .keep = p->samples[i].nr };
}

static int compare(struct stacks *s, const struct drvmem_scope *a, const struct drvmem_scope *b,
		   struct drvmem_arena *arena, struct drvmem_compare **ret)
{
	uint32_t na = s->profile[0]->nr_samples, nb = s->profile[1]->nr_samples;
	_cleanup_free_ struct drvmem_compare_item *ia = calloc((size_t)na + 1, sizeof(*ia));
	_cleanup_free_ struct drvmem_compare_item *ib = calloc((size_t)nb + 1, sizeof(*ib));
	int err;

	s->v = calloc((size_t)na + nb + 1, sizeof(*s->v));
	if (!s->v || !ia || !ib)
		return -ENOMEM;
	collect(s, a, s->profile[0]);
	collect(s, b, s->profile[1]);
	if (!a->s->meta.full_stacks || !b->s->meta.full_stacks)
		cut(s);
	err = make_items(s, s->profile[0], arena, ia, &na);
	if (!err)
		err = make_items(s, s->profile[1], arena, ib, &nb);
	return err ? err : drvmem_compare__join(ia, na, ib, nb, NULL, NULL, ret);
}

int drvmem_diffed_stacks__compare(const struct drvmem_scope *a, const struct drvmem_scope *b,
				  struct drvmem_compare **ret)
{
	struct drvmem_arena *arena = drvmem_arena__new();
	struct stacks s = { 0 };
	int err = arena ? drvmem_profile__new(a, DRVMEM_CALLERS_KNOWN, &s.profile[0]) : -ENOMEM;

	if (!err)
		err = drvmem_profile__new(b, DRVMEM_CALLERS_KNOWN, &s.profile[1]);
	if (!err)
		err = compare(&s, a, b, arena, ret);
	if (err)
		drvmem_arena__free(arena);
	else
		(*ret)->arena = arena;
	drvmem_profile__free(s.profile[0]);
	drvmem_profile__free(s.profile[1]);
	free(s.v);
	return err;
}
