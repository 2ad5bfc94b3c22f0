// SPDX-License-Identifier: GPL-2.0-or-later
/* Families of which there are as many series as a limit allows: caches, devices, pools, call sites, nodes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"
#include "view/metrics_parts.h"

#define MAX_LABELS	3u
#define MAX_FIGURES	3u

/* A label set and its gauges; key is the label values joined. */
struct item {
	const char *key, *label[MAX_LABELS];
	struct drvmem_u64 figure[MAX_FIGURES];
	double var[MAX_FIGURES];	/* of what was sampled */
	uint64_t counter[2];
};

/* The families of a list. */
struct families {
	const enum drvmem_metric *figure, *error;	/* error: of what was sampled; NULL = nothing is */
	uint32_t n;
};

struct list {
	struct item *v;
	uint32_t n;
	struct drvmem_arena *arena;
};

static int list_init(struct list *l, uint32_t n)
{
	*l = (struct list){ calloc((size_t)n + 1, sizeof(*l->v)), 0, drvmem_arena__new() };
	if (l->v && l->arena)
		return 0;
	free(l->v);
	drvmem_arena__free(l->arena);
	*l = (struct list){ 0 };
	return -ENOMEM;
}

static void list_deinit(struct list *l)
{
	free(l->v);
	drvmem_arena__free(l->arena);
}

/* The labels, one of which may be NULL. -ENOMEM. */
static int name_item(struct list *l, struct item *i, const char *a, const char *b, const char *c)
{
	i->label[0] = a;
	i->label[1] = b ? b : "";
	i->label[2] = c ? c : "";
	/* a list of one label is ranked, and folded, by that */
	i->key = b ? drvmem_arena__printf(l->arena, "%s\x1f%s\x1f%s", a, i->label[1], i->label[2]) : a;
	return i->key ? 0 : -ENOMEM;
}

static int cmp_key(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->key, ((const struct item *)b)->key);
}

/* Absent: there is no such figure of this one. Lost: it is not known, and so is no sum with it. */
static void add_figure(struct drvmem_u64 *to, const struct drvmem_u64 *v)
{
	if (v->st == DRVMEM_LOST || to->st == DRVMEM_LOST)
		to->st = DRVMEM_LOST;
	else if (v->st != DRVMEM_OK)
		return;
	else if (to->st == DRVMEM_OK)
		to->v += v->v;
	else
		*to = *v;
}

/* peak: the figure that is no sum; nr_figures = there is none. */
static void add_item(struct item *to, const struct item *from, uint32_t peak)
{
	uint32_t i;

	for (i = 0; i < MAX_FIGURES; i++) {
		if (i == peak)
			to->figure[i].st = DRVMEM_ABSENT;
		else
			add_figure(&to->figure[i], &from->figure[i]);
		to->var[i] += from->var[i];
	}
	to->counter[0] += from->counter[0];
	to->counter[1] += from->counter[1];
}

static void merge_equal(struct list *l, uint32_t peak)
{
	uint32_t i, n = 0;

	qsort(l->v, l->n, sizeof(*l->v), cmp_key);
	for (i = 0; i < l->n; i++) {
		if (n && !cmp_key(&l->v[n - 1], &l->v[i]))
			add_item(&l->v[n - 1], &l->v[i], peak);
		else
			l->v[n++] = l->v[i];
	}
	l->n = n;
}

/* The highest figure; of counters how much they counted. */
static double weight_of(const struct item *i)
{
	double w = 0;
	uint32_t k;

	for (k = 0; k < MAX_FIGURES; k++)
		if (i->figure[k].st == DRVMEM_OK && (double)i->figure[k].v > w)
			w = (double)i->figure[k].v;
	w += (double)i->counter[0] + (double)i->counter[1];
	return w > 1 ? w : 1;
}

static int rank(struct drvmem_topn *t, uint64_t now_ns, const struct list *l)
{
	struct drvmem_topn_row *rows = calloc((size_t)l->n + 1, sizeof(*rows));
	uint32_t i;
	int err;

	if (!rows)
		return -ENOMEM;
	for (i = 0; i < l->n; i++)
		rows[i] = (struct drvmem_topn_row){ l->v[i].key, weight_of(&l->v[i]), 1, l->v[i].counter };
	err = drvmem_topn__update(t, now_ns, rows, l->n);
	free(rows);
	return err;
}

static void put_item(struct drvmem_metrics_call *c, const struct item *i, const struct families *f)
{
	bool errors = f->error && c->m->o.errors && c->in->scope->s->meta.sampled;
	uint32_t k;

	for (k = 0; k < f->n; k++) {
		if (i->figure[k].st != DRVMEM_OK)
			continue;
		drvmem_exposition__u64(c->x, f->figure[k], i->figure[k].v, i->label[0], i->label[1], i->label[2]);
		if (errors)
			drvmem_exposition__real(c->x, f->error[k], drvmem_error95(i->var[k]), i->label[0], i->label[1],
						i->label[2]);
	}
}

/* Ranks and writes; what has no place, together as other. */
static int put_list(struct drvmem_metrics_call *c, struct drvmem_topn *t, struct list *l, struct item *other,
		    const struct families *f, uint32_t peak)
{
	int err = rank(t, c->now_ns, l);
	uint32_t i;

	for (i = 0; i < MAX_FIGURES; i++)
		other->figure[i].st = DRVMEM_ABSENT;
	for (i = 0; !err && i < t->n; i++) {
		if (t->v[i].row == DRVMEM_TOPN_NO_ROW)
			continue;
		if (t->v[i].own)
			put_item(c, &l->v[t->v[i].row], f);
		else
			add_item(other, &l->v[t->v[i].row], peak);
	}
	if (!err && t->nr_folded)
		put_item(c, other, f);
	return err;
}

static struct drvmem_u64 known_or_lost(const struct drvmem_u64 *v)
{
	return (struct drvmem_u64){ v->v, v->st == DRVMEM_OK ? DRVMEM_OK : DRVMEM_LOST };
}

static struct drvmem_u64 known(uint64_t v)
{
	return (struct drvmem_u64){ v, DRVMEM_OK };
}

static uint64_t no_less_than_0(int64_t v)
{
	return v > 0 ? (uint64_t)v : 0;
}

/* Of all that the kernel has, by its own count: merged caches are one. */
int drvmem_metrics_caches(struct drvmem_metrics_call *c)
{
	static const enum drvmem_metric metrics[] = { DRVMEM_M_SLAB_CACHE_BYTES, DRVMEM_M_SLAB_CACHE_ACTIVE,
						      DRVMEM_M_SLAB_CACHE_OBJECTS };
	const struct families f = { metrics, NULL, 3 };
	const struct drvmem_reading *r = c->in->scope->s->kernel[DRVMEM_AT_SNAPSHOT];
	struct item other = { .label = { DRVMEM_TOPN_OTHER, "", "" } };
	struct list l;
	uint32_t i;
	int err;

	if (!r || r->slabs_st != DRVMEM_OK || !r->nr_slabs)
		return 0;
	err = list_init(&l, r->nr_slabs);
	for (i = 0; !err && i < r->nr_slabs; i++) {
		const struct drvmem_slab_reading *s = &r->slabs[i];
		double each = s->total ? (double)s->slab_bytes / (double)s->total : 0;

		if (!s->slab_bytes)
			continue;	/* has nothing, and would take a place */
		l.v[l.n].figure[0] = known(s->slab_bytes);
		l.v[l.n].figure[1] = known((uint64_t)((double)s->active * each));
		l.v[l.n].figure[2] = known(s->active);
		err = name_item(&l, &l.v[l.n++], s->name, NULL, NULL);
	}
	if (err) {
		list_deinit(&l);
		return err;
	}
	merge_equal(&l, MAX_FIGURES);
	err = put_list(c, c->m->caches, &l, &other, &f, MAX_FIGURES);
	c->folded_caches = c->m->caches->nr_folded;
	list_deinit(&l);
	return err;
}

static const char *or_unknown(const char *text)
{
	return text && text[0] ? text : "?";
}

static int collect_devices(const struct drvmem_scope *v, struct list *l)
{
	uint32_t i;
	int err = 0;

	for (i = 0; !err && i < v->nr_kept; i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[v->by_owner[i]];
		bool maps = t->allocator == DRVMEM_MAP_DMA;
		struct item *d = &l->v[l->n];

		if (!maps && t->allocator != DRVMEM_ALLOC_DMA)
			continue;
		l->n++;
		d->figure[0].st = d->figure[1].st = d->figure[2].st = DRVMEM_ABSENT;
		d->figure[maps] = known(no_less_than_0(t->c.live_bytes));
		d->var[maps] = drvmem_counts__live_bytes_var(&t->c);
		err = name_item(l, d, or_unknown(v->s->caches[t->cache].name), drvmem_metrics_owner(v, t->owner), NULL);
	}
	return err;
}

static void put_syncs(struct drvmem_metrics_call *c, const char *device, const uint64_t *n)
{
	drvmem_exposition__u64(c->x, DRVMEM_M_DEVICE_SYNCS, n[0], device, "cpu", NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_DEVICE_SYNCS, n[1], device, "device", NULL);
}

static int add_syncs(struct drvmem_metrics_call *c)
{
	const struct drvmem_snapshot *s = c->in->scope->s;
	const struct drvmem_topn *t = c->m->syncs;
	struct list l;
	uint32_t i;
	int err = list_init(&l, s->nr_syncs);

	for (i = 0; !err && i < s->nr_syncs; i++) {
		l.v[i].counter[0] = s->syncs[i].for_cpu;
		l.v[i].counter[1] = s->syncs[i].for_device;
		err = name_item(&l, &l.v[l.n++], or_unknown(s->syncs[i].device), NULL, NULL);
	}
	if (err) {
		list_deinit(&l);
		return err;
	}
	merge_equal(&l, MAX_FIGURES);
	err = rank(c->m->syncs, c->now_ns, &l);
	for (i = 0; !err && i < t->n; i++)
		if (t->v[i].own)
			put_syncs(c, t->v[i].name, t->v[i].shown);
	if (!err && (t->nr_folded || t->other[0] || t->other[1]))
		put_syncs(c, DRVMEM_TOPN_OTHER, t->other);
	list_deinit(&l);
	return err;
}

int drvmem_metrics_devices(struct drvmem_metrics_call *c)
{
	static const enum drvmem_metric metrics[] = { DRVMEM_M_DEVICE_LIVE_BYTES, DRVMEM_M_DEVICE_MAPPED_BYTES };
	static const enum drvmem_metric errors[] = { DRVMEM_M_DEVICE_LIVE_BYTES_ERROR, DRVMEM_M_DEVICE_MAPPED_BYTES_ERROR };
	const struct families f = { metrics, errors, 2 };
	struct item other = { .label = { DRVMEM_TOPN_OTHER, DRVMEM_TOPN_OTHER, "" } };
	struct list l;
	int err = list_init(&l, c->in->scope->nr_kept);

	if (err)
		return err;
	err = collect_devices(c->in->scope, &l);
	c->has_devices = l.n || c->in->scope->s->nr_syncs;
	merge_equal(&l, MAX_FIGURES);
	if (!err)
		err = put_list(c, c->m->devices, &l, &other, &f, MAX_FIGURES);
	list_deinit(&l);
	if (!err)
		err = add_syncs(c);
	c->folded_devices = c->m->devices->nr_folded + c->m->syncs->nr_folded;
	return err;
}

/* A site without a symbol, or a mempool made there, is known by its address, which is not told. */
static const char *no_address(const char *site)
{
	return site && site[0] && strncmp(site, "0x", 2) ? site : "?";
}

static int put_pools_of(struct drvmem_metrics_call *c, enum drvmem_pool_kind kind)
{
	static const enum drvmem_metric metrics[] = { DRVMEM_M_POOL_HELD, DRVMEM_M_POOL_USED, DRVMEM_M_POOL_PEAK };
	const struct families f = { metrics, NULL, 3 };
	struct item other = { .label = { DRVMEM_TOPN_OTHER, drvmem_pool_kind_name(kind), "" } };
	const struct drvmem_pools *p = c->in->scope->pools;
	struct list l;
	uint32_t i;
	int err = list_init(&l, p->n);

	for (i = 0; !err && i < p->n; i++) {
		const struct drvmem_pool *k = &p->v[i];

		if (k->kind != kind)
			continue;
		l.v[l.n].figure[0] = known_or_lost(&k->held_bytes);
		l.v[l.n].figure[1] = known_or_lost(&k->used_bytes);
		l.v[l.n].figure[2] = k->peak_bytes;
		/* a guess would make series come and go */
		err = name_item(&l, &l.v[l.n++], no_address(k->name), drvmem_pool_kind_name(kind),
				k->owner && !k->owner_guess ? k->owner : "");
	}
	if (err) {
		list_deinit(&l);
		return err;
	}
	merge_equal(&l, 2);
	err = put_list(c, c->m->pools[kind], &l, &other, &f, 2);
	c->folded_pools += c->m->pools[kind]->nr_folded;
	list_deinit(&l);
	return err;
}

int drvmem_metrics_pools(struct drvmem_metrics_call *c)
{
	int kind, err = 0;

	for (kind = 0; c->in->scope->pools && !err && kind < DRVMEM_NR_POOL_KINDS; kind++)
		err = put_pools_of(c, (enum drvmem_pool_kind)kind);
	return err;
}

static int name_site(struct list *l, struct item *i, const char *module, const char *site)
{
	const char *function = drvmem_arena__printf(l->arena, "%.*s", (int)strcspn(site, "+"), site);

	return function ? name_item(l, i, module, function, site) : -ENOMEM;
}

int drvmem_metrics_callsites(struct drvmem_metrics_call *c)
{
	static const enum drvmem_metric metrics[] = { DRVMEM_M_CALLSITE_LIVE_BYTES, DRVMEM_M_CALLSITE_LIVE_OBJECTS };
	static const enum drvmem_metric errors[] = { DRVMEM_M_CALLSITE_LIVE_BYTES_ERROR, DRVMEM_M_CALLSITE_LIVE_OBJECTS_ERROR };
	const struct families f = { metrics, errors, 2 };
	struct item other = { .label = { DRVMEM_TOPN_OTHER, DRVMEM_TOPN_OTHER, DRVMEM_TOPN_OTHER } };
	const struct drvmem_scope *v = c->in->scope;
	struct list l;
	uint32_t i;
	int err;

	if (!c->m->o.max_callsites)
		return 0;
	err = list_init(&l, v->nr_kept);
	for (i = 0; !err && i < v->nr_kept; i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[v->by_owner[i]];

		if (DRVMEM_IS_MAPPING(t->allocator) || t->c.live_bytes <= 0)
			continue;
		l.v[l.n].figure[0] = known((uint64_t)t->c.live_bytes);
		l.v[l.n].figure[1] = known(no_less_than_0(t->c.live_objects));
		l.v[l.n].figure[2].st = DRVMEM_ABSENT;
		l.v[l.n].var[0] = drvmem_counts__live_bytes_var(&t->c);
		l.v[l.n].var[1] = drvmem_counts__live_var(&t->c);
		err = name_site(&l, &l.v[l.n++], drvmem_metrics_owner(v, t->owner), no_address(t->site));
	}
	if (err) {
		list_deinit(&l);
		return err;
	}
	merge_equal(&l, MAX_FIGURES);
	err = put_list(c, c->m->callsites, &l, &other, &f, MAX_FIGURES);
	c->folded_callsites = c->m->callsites->nr_folded;
	list_deinit(&l);
	return err;
}

/* Bytes whose node is not known are on none. */
void drvmem_metrics_nodes(struct drvmem_metrics_call *c)
{
	const struct drvmem_numa *n = c->in->numa;
	const struct drvmem_snapshot *s = c->in->scope->s;
	uint32_t node, i;
	uint16_t a;

	for (node = 0; n && node < n->nr_nodes; node++) {
		uint64_t on[DRVMEM_NR_USES] = { 0 };
		bool seen[DRVMEM_NR_USES] = { false };
		char name[12];

		for (i = 0; i < n->nr_sites && i < s->nr_sites; i++) {
			on[s->sites[i].allocator] += n->on[(size_t)i * n->nr_nodes + node];
			seen[s->sites[i].allocator] |= n->site[i].known > 0;
		}
		snprintf(name, sizeof(name), "%u", node);
		for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++)
			if (seen[a])
				drvmem_exposition__u64(c->x, DRVMEM_M_NODE_LIVE_BYTES, on[a], name,
						       drvmem_allocator_name(a), NULL);
	}
}
