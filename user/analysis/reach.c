// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/reach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY	UINT32_MAX

/* One pass: who holds whom, as lists by holder. */
struct graph {
	const struct drvmem_reach_pass *p, *other;
	uint64_t *first;		/* [nr + 1], into to[] */
	uint32_t *to;
	uint32_t *todo;			/* [nr], objects whose own words are to be followed */
	uint32_t *in;			/* [nr], lost objects that hold it */
	uint8_t *class;
	uint32_t *by;			/* object that it is held by, NOBODY */
};

static void free_graph(struct graph *g)
{
	free(g->first);
	free(g->to);
	free(g->todo);
	free(g->in);
	free(g->class);
	free(g->by);
}

static int make_graph(const struct drvmem_reach_pass *p, struct graph *g)
{
	uint64_t i, n = p->nr ? p->nr : 1, *at;

	*g = (struct graph){ .p = p };
	g->first = calloc(n + 2, sizeof(*g->first));
	g->to = calloc(p->nr_edges ? p->nr_edges : 1, sizeof(*g->to));
	g->todo = calloc(n, sizeof(*g->todo));
	g->in = calloc(n, sizeof(*g->in));
	g->class = calloc(n, sizeof(*g->class));
	g->by = calloc(n, sizeof(*g->by));
	if (!g->first || !g->to || !g->todo || !g->in || !g->class || !g->by) {
		free_graph(g);
		return -ENOMEM;
	}
	/* counted two places on, then filled one place on: at the end each is where it begins */
	at = g->first + 1;
	for (i = 0; i < p->nr_edges; i++)
		g->first[p->edge[i].from + 2]++;
	for (i = 1; i <= p->nr; i++)
		g->first[i + 1] += g->first[i];
	for (i = 0; i < p->nr_edges; i++)
		g->to[at[p->edge[i].from]++] = p->edge[i].to;
	return 0;
}

/* All that from[0 .. n) in todo hold, directly and not, and that has no class yet. */
static void follow(struct graph *g, uint32_t n, enum drvmem_reach_class class)
{
	uint32_t i, to;
	uint64_t e;

	for (i = 0; i < n; i++) {
		for (e = g->first[g->todo[i]]; e < g->first[g->todo[i] + 1]; e++) {
			to = g->to[e];
			if (g->class[to] != DRVMEM_NR_REACH)
				continue;
			g->class[to] = (uint8_t)class;
			g->by[to] = g->todo[i];
			g->todo[n++] = to;
		}
	}
}

/* It may be held, or gone, in a way that no word tells: so may be what it holds. */
static bool is_doubtful(const struct graph *g, uint32_t i)
{
	const struct drvmem_reach_target *t = &g->p->target[i], *o = &g->other->target[i];

	return t->maybe_free || o->maybe_free || t->by_number || o->by_number || t->sum != o->sum || o->free;
}

static void mark_held(struct graph *g)
{
	const struct drvmem_reach_target *t = g->p->target;
	uint32_t i, n = 0;

	for (i = 0; i < g->p->nr; i++) {
		g->by[i] = NOBODY;
		g->class[i] = t[i].free ? DRVMEM_REACH_FREED : t[i].judged ? DRVMEM_NR_REACH : DRVMEM_REACH_UNKNOWN;
		if (g->class[i] == DRVMEM_NR_REACH && t[i].named)
			g->class[g->todo[n++] = i] = DRVMEM_REACH_REACHABLE;
		else if (g->class[i] == DRVMEM_REACH_UNKNOWN)
			g->todo[n++] = i;	/* nothing is known against it */
	}
	follow(g, n, DRVMEM_REACH_REACHABLE);
	/* what a freed object still says may be old */
	for (i = n = 0; i < g->p->nr; i++) {
		if (g->class[i] == DRVMEM_REACH_FREED)
			g->todo[n++] = i;
		else if (g->class[i] == DRVMEM_NR_REACH && (t[i].unnamed || is_doubtful(g, i)))
			g->class[g->todo[n++] = i] = DRVMEM_REACH_POSSIBLY_LOST;
	}
	follow(g, n, DRVMEM_REACH_POSSIBLY_LOST);
}

/* Those that nobody holds, then what they hold; of a ring that is left the first is the head. */
static void mark_lost(struct graph *g)
{
	uint32_t i, n = 0;
	uint64_t e;

	for (i = 0; i < g->p->nr; i++)
		for (e = g->first[i]; g->class[i] == DRVMEM_NR_REACH && e < g->first[i + 1]; e++)
			g->in[g->to[e]]++;
	for (i = 0; i < g->p->nr; i++)
		if (g->class[i] == DRVMEM_NR_REACH && !g->in[i])
			g->todo[n++] = i;
	for (i = 0; i < n; i++)
		g->class[g->todo[i]] = DRVMEM_REACH_DEFINITELY_LOST;
	follow(g, n, DRVMEM_REACH_INDIRECTLY_LOST);
	for (i = 0; i < g->p->nr; i++) {
		if (g->class[i] != DRVMEM_NR_REACH)
			continue;
		g->class[i] = DRVMEM_REACH_DEFINITELY_LOST;
		g->todo[0] = i;
		follow(g, 1, DRVMEM_REACH_INDIRECTLY_LOST);
	}
}

static bool is_lost(uint8_t class)
{
	return class >= DRVMEM_REACH_INDIRECTLY_LOST;
}

/* Words that hold something may be missing. */
static bool is_cut(const struct drvmem_reach_pass *p)
{
	return p->edges_cut || p->ram_changed;
}

static void set_holder(const struct graph *g, uint32_t i, struct drvmem_holder *ret)
{
	if (g->by[i] != NOBODY)
		*ret = (struct drvmem_holder){ .kind = DRVMEM_HOLDER_OBJECT, .object = g->by[i] };
	else
		*ret = g->p->target[i].holder;
}

/* Of the two passes the one that found more to hold it; one that could not look, or met it freed, decides. */
static void judge_one(const struct graph *a, const struct graph *b, uint32_t i, struct drvmem_reach_verdict *v)
{
	const struct graph *g = a->class[i] < b->class[i] ? a : b;

	*v = (struct drvmem_reach_verdict){ .class = g->class[i], .dead = b->p->target[i].dead };
	if (v->class == DRVMEM_REACH_POSSIBLY_LOST && g->by[i] == NOBODY && !g->p->target[i].unnamed) {
		v->changed = a->p->target[i].sum != b->p->target[i].sum;
		v->maybe_free = b->p->target[i].maybe_free;
		v->by_number = b->p->target[i].by_number;
	}
	v->cut = is_lost(v->class) && (is_cut(a->p) || is_cut(b->p));
	if (v->cut)
		v->class = DRVMEM_REACH_POSSIBLY_LOST;
	else if (v->class > DRVMEM_REACH_FREED && v->class < DRVMEM_REACH_DEFINITELY_LOST)
		set_holder(g, i, &v->holder);
}

int drvmem_reach__judge(const struct drvmem_reach_pass *first, const struct drvmem_reach_pass *last,
			struct drvmem_reach_verdict *ret)
{
	struct graph a, b;
	uint32_t i;
	int e = make_graph(first, &a);

	if (e)
		return e;
	e = make_graph(last, &b);
	if (e) {
		free_graph(&a);
		return e;
	}
	a.other = last;
	b.other = first;
	mark_held(&a);
	mark_lost(&a);
	mark_held(&b);
	mark_lost(&b);
	for (i = 0; i < first->nr; i++)
		judge_one(&a, &b, i, &ret[i]);
	free_graph(&a);
	free_graph(&b);
	return 0;
}

const char *drvmem_reach__name(enum drvmem_reach_class class)
{
	static const char *const name[DRVMEM_NR_REACH] = {
		"not looked for", "freed meanwhile", "still reachable", "possibly lost", "indirectly lost",
		"definitely lost",
	};

	return class < DRVMEM_NR_REACH ? name[class] : "?";
}
