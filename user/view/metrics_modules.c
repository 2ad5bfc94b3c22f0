// SPDX-License-Identifier: GPL-2.0-or-later
/* Families by owner: all instances of a name are one module, as a series is a name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "view/metrics_parts.h"

/* Counters of a row, in the order of the ledger. */
enum { ALLOC_BYTES, FREE_BYTES, ALLOCS, FREES, FAILURES, MISMATCHED, PER_USE };
#define UNLOAD_BYTES (PER_USE * DRVMEM_NR_USES)
#define UNLOADS (UNLOAD_BYTES + 1)
#define NR_COUNTERS (UNLOADS + 1)
_Static_assert(NR_COUNTERS == DRVMEM_METRICS_COUNTERS, "the ledger has room for all");

static const char *const age_names[] = { "1m", "10m", "1h", "1d", "older" };
#define NR_AGES 5u

static const char *const confidences[] = { "low", "medium", "high" };
#define NR_CONFIDENCES 3u

struct module {
	const char *name;
	struct drvmem_counts by[DRVMEM_NR_USES];	/* of it, what add_counts() adds */
	uint64_t counter[NR_COUNTERS];
	uint32_t uses;			/* bit per allocator and mapping seen */
	int64_t live_bytes, waste_bytes;
	bool waste_known, has_image, is_module, is_leaky;
	uint64_t image_bytes, leak[NR_CONFIDENCES];
	double age[NR_AGES];
	struct drvmem_u64 peak_bytes;	/* highest of the instances; absent for "other" */
};

static int cmp_name(const void *a, const void *b)
{
	return strcmp(((const struct module *)a)->name, ((const struct module *)b)->name);
}

/* What gauges and errors are made of: without the histograms, which are most of a site's bytes. */
static void add_counts(struct drvmem_counts *dst, const struct drvmem_counts *src)
{
	dst->live_objects += src->live_objects;
	dst->live_bytes += src->live_bytes;
	dst->rcu_pending += src->rcu_pending;
	dst->allocs_var += src->allocs_var;
	dst->frees_var += src->frees_var;
	dst->alloc_bytes_var += src->alloc_bytes_var;
	dst->free_bytes_var += src->free_bytes_var;
}

static void merge(struct module *dst, const struct module *src)
{
	unsigned int i;

	for (i = 0; i < DRVMEM_NR_USES; i++)
		add_counts(&dst->by[i], &src->by[i]);
	for (i = 0; i < NR_COUNTERS; i++)
		dst->counter[i] += src->counter[i];
	for (i = 0; i < NR_AGES; i++)
		dst->age[i] += src->age[i];
	for (i = 0; i < NR_CONFIDENCES; i++)
		dst->leak[i] += src->leak[i];
	dst->uses |= src->uses;
	dst->live_bytes += src->live_bytes;
	dst->waste_bytes += src->waste_bytes;
	dst->image_bytes += src->image_bytes;
	dst->waste_known |= src->waste_known;
	dst->has_image |= src->has_image;
	dst->is_module |= src->is_module;
	dst->is_leaky |= src->is_leaky;
}

static void add_ages(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t, struct module *m)
{
	static const uint64_t limit_s[NR_AGES - 1] = { 60, 600, 3600, 86400 };
	const struct drvmem_object *o = &s->objects[t->first_object];
	uint32_t i, band;

	for (i = 0; i < t->nr_objects && !DRVMEM_IS_MAPPING(t->allocator); i++) {
		if (o[i].flags & DRVMEM_F_RCU_PENDING)
			continue;
		for (band = 0; band < NR_AGES - 1 && o[i].age_ns > limit_s[band] * 1000000000u; band++)
			;
		m->age[band] += o[i].asked * drvmem_snapshot__weight(s, &o[i]);
	}
}

static void add_use(const struct drvmem_sitesnap *t, struct module *m)
{
	uint64_t *k = &m->counter[PER_USE * t->allocator];

	add_counts(&m->by[t->allocator], &t->c);
	m->uses |= 1u << t->allocator;
	k[ALLOC_BYTES] += t->c.alloc_bytes;
	k[FREE_BYTES] += t->c.free_bytes;
	k[ALLOCS] += t->c.allocs;
	k[FREES] += t->c.frees;
	k[FAILURES] += t->c.failures;
	k[MISMATCHED] += t->c.mismatched;
}

/* Booked once, at the first look after the unload: what is freed later was outstanding all the same. */
static int add_unload(struct drvmem_metrics *ms, const struct drvmem_instance *in, struct module *m)
{
	uint64_t bytes = m->live_bytes > 0 ? (uint64_t)m->live_bytes : 0;

	if (!in->unloaded)
		return 0;
	if (!drvmem_table__get(&ms->unload_of, in->load_seq, &bytes) &&
	    drvmem_table__put(&ms->unload_of, in->load_seq, bytes))
		return -ENOMEM;
	m->counter[UNLOAD_BYTES] = bytes;
	m->counter[UNLOADS] = 1;
	return 0;
}

static int fill_owner(struct drvmem_metrics_call *c, const struct drvmem_owner_slice *o, struct module *m)
{
	const struct drvmem_snapshot *s = c->in->scope->s;
	struct drvmem_sum sum;
	uint32_t i;

	drvmem_scope__owner_sum(c->in->scope, o, &sum);
	m->name = drvmem_metrics_owner(c->in->scope, o->owner);
	m->is_module = s->instances[o->owner].type == DRVMEM_OWNER_MODULE;
	m->live_bytes = sum.c.live_bytes;
	m->waste_bytes = sum.waste_bytes;
	m->waste_known = sum.waste_st == DRVMEM_OK;
	m->peak_bytes = sum.peak_bytes;
	for (i = 0; i < o->nr; i++) {
		const struct drvmem_sitesnap *t = &s->sites[c->in->scope->by_owner[o->first + i]];

		add_use(t, m);
		if (c->m->o.ages)
			add_ages(s, t, m);
	}
	return add_unload(c->m, &s->instances[o->owner], m);
}

/* Sorted by name, so that equal names are side by side. A peak of several is the highest, if all are known. */
static uint32_t merge_names(struct module *v, uint32_t n)
{
	uint32_t i, kept = 0;

	qsort(v, n, sizeof(*v), cmp_name);
	for (i = 0; i < n; i++) {
		struct module *last = kept ? &v[kept - 1] : NULL;

		if (!last || strcmp(last->name, v[i].name)) {
			v[kept++] = v[i];
			continue;
		}
		merge(last, &v[i]);
		if (!v[i].uses)
			continue;
		if (v[i].peak_bytes.st != DRVMEM_OK)
			last->peak_bytes.st = v[i].peak_bytes.st;
		else if (v[i].peak_bytes.v > last->peak_bytes.v)
			last->peak_bytes.v = v[i].peak_bytes.v;
	}
	return kept;
}

static struct module *find_module(struct module *v, uint32_t n, const char *name)
{
	struct module key = { .name = name };

	return bsearch(&key, v, n, sizeof(*v), cmp_name);
}

static uint32_t confidence_of(const struct drvmem_metrics_leak *l)
{
	uint32_t i;

	for (i = 0; i + 1 < NR_CONFIDENCES && strcmp(confidences[i], l->confidence); i++)
		;
	return i;
}

/* Images and what was judged, of names that hold something; of others, into "other". */
static void add_images(const struct drvmem_metrics_input *in, struct module *v, uint32_t n, struct module *other)
{
	struct module *m;
	uint32_t i;

	for (i = 0; i < in->nr_images; i++) {
		m = find_module(v, n, in->images[i].module);
		m = m ? m : other;
		m->image_bytes += in->images[i].bytes;
		m->has_image = true;
	}
	for (i = 0; i < in->nr_leaks; i++) {
		m = find_module(v, n, in->leaks[i].module);
		m = m ? m : other;
		m->leak[confidence_of(&in->leaks[i])] += in->leaks[i].bytes;
		m->is_leaky = true;
	}
}

/* An owner of the scope is a row; instances without a site that was kept have had no memory. */
static int collect(struct drvmem_metrics_call *c, struct module **ret, uint32_t *ret_n)
{
	struct drvmem_scope *v = c->in->scope;
	struct module *m = calloc(v->nr_owners + 1, sizeof(*m));
	uint32_t i;
	int err = 0;

	if (!m)
		return -ENOMEM;
	for (i = 0; !err && i < v->nr_owners; i++)
		err = fill_owner(c, &v->owners[i], &m[i]);
	if (err) {
		free(m);
		return err;
	}
	*ret_n = merge_names(m, v->nr_owners);
	*ret = m;
	return 0;
}

/* Most series that a module may have: what it uses now, all families of it. */
static uint32_t cost_of(const struct drvmem_metrics_call *c, const struct module *m)
{
	uint32_t kinds = (uint32_t)__builtin_popcount(m->uses & ((1u << DRVMEM_NR_ALLOCATORS) - 1));
	uint32_t maps = (uint32_t)__builtin_popcount(m->uses) - kinds;
	bool sampled = c->in->scope->s->meta.sampled, errors = sampled && c->m->o.errors;
	uint32_t each = 8 + (errors ? 6 : sampled), each_map = 6 + (errors ? 4 : 0);

	return kinds * each + maps * each_map + 5 + (c->in->judged_unix.st == DRVMEM_OK ? NR_CONFIDENCES : 0) +
	       (c->m->o.ages ? NR_AGES : 0);
}

/*
 * max(live, peak, growth), where growth is at most live, and the highest of one instance may be below
 * what all of them hold. A module that was seen at all is worth a free place.
 */
static double weight_of(const struct module *m)
{
	double live = (double)m->live_bytes, peak = m->peak_bytes.st == DRVMEM_OK ? (double)m->peak_bytes.v : 0;
	double w = live > peak ? live : peak;

	return w > 1 ? w : m->uses ? 1 : 0;
}

static int rank(struct drvmem_metrics_call *c, const struct module *m, uint32_t n)
{
	struct drvmem_topn_row *rows = calloc(n + 1, sizeof(*rows));
	uint32_t i;
	int err;

	if (!rows)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		rows[i] = (struct drvmem_topn_row){ m[i].name, weight_of(&m[i]), cost_of(c, &m[i]), m[i].counter };
	err = drvmem_topn__update(c->m->modules, c->now_ns, rows, n);
	free(rows);
	c->folded_modules = c->m->modules->nr_folded;
	return err;
}

/* Gauges by use: the counters' families come from the ledger. */
static int64_t live_bytes(const struct drvmem_counts *c)
{
	return c->live_bytes;
}

static int64_t live_objects(const struct drvmem_counts *c)
{
	return c->live_objects;
}

static int64_t rcu_pending(const struct drvmem_counts *c)
{
	return c->rcu_pending;
}

static double live_bytes_error(const struct drvmem_counts *c)
{
	return drvmem_error95(drvmem_counts__live_bytes_var(c));
}

static double live_objects_error(const struct drvmem_counts *c)
{
	return drvmem_error95(drvmem_counts__live_var(c));
}

static double alloc_bytes_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->alloc_bytes_var);
}

static double free_bytes_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->free_bytes_var);
}

static double allocs_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->allocs_var);
}

static double frees_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->frees_var);
}

static const struct use_family {
	enum drvmem_metric metric;
	bool maps, optin;
	int counter;			/* -1 = gauge or error */
	int64_t (*value)(const struct drvmem_counts *c);
	double (*error)(const struct drvmem_counts *c);
} use_families[] = {
	{ DRVMEM_M_MODULE_LIVE_BYTES, false, false, -1, live_bytes, NULL },
	{ DRVMEM_M_MODULE_LIVE_OBJECTS, false, false, -1, live_objects, NULL },
	{ DRVMEM_M_MODULE_ALLOCATED_BYTES, false, false, ALLOC_BYTES, NULL, NULL },
	{ DRVMEM_M_MODULE_FREED_BYTES, false, false, FREE_BYTES, NULL, NULL },
	{ DRVMEM_M_MODULE_ALLOCATIONS, false, false, ALLOCS, NULL, NULL },
	{ DRVMEM_M_MODULE_FREES, false, false, FREES, NULL, NULL },
	{ DRVMEM_M_MODULE_FAILURES, false, false, FAILURES, NULL, NULL },
	{ DRVMEM_M_MODULE_RCU_PENDING, false, false, -1, rcu_pending, NULL },
	{ DRVMEM_M_MODULE_MAPPED_BYTES, true, false, -1, live_bytes, NULL },
	{ DRVMEM_M_MODULE_MAPPINGS, true, false, -1, live_objects, NULL },
	{ DRVMEM_M_MODULE_MAPS, true, false, ALLOCS, NULL, NULL },
	{ DRVMEM_M_MODULE_UNMAPS, true, false, FREES, NULL, NULL },
	{ DRVMEM_M_MODULE_MAP_FAILURES, true, false, FAILURES, NULL, NULL },
	{ DRVMEM_M_MODULE_MAP_MISMATCHES, true, false, MISMATCHED, NULL, NULL },
	{ DRVMEM_M_MODULE_LIVE_BYTES_ERROR, false, false, -1, NULL, live_bytes_error },
	{ DRVMEM_M_MODULE_LIVE_OBJECTS_ERROR, false, true, -1, NULL, live_objects_error },
	{ DRVMEM_M_MODULE_ALLOCATED_BYTES_ERROR, false, true, -1, NULL, alloc_bytes_error },
	{ DRVMEM_M_MODULE_FREED_BYTES_ERROR, false, true, -1, NULL, free_bytes_error },
	{ DRVMEM_M_MODULE_ALLOCATIONS_ERROR, false, true, -1, NULL, allocs_error },
	{ DRVMEM_M_MODULE_FREES_ERROR, false, true, -1, NULL, frees_error },
	{ DRVMEM_M_MODULE_MAPPED_BYTES_ERROR, true, true, -1, NULL, live_bytes_error },
	{ DRVMEM_M_MODULE_MAPPINGS_ERROR, true, true, -1, NULL, live_objects_error },
	{ DRVMEM_M_MODULE_MAPS_ERROR, true, true, -1, NULL, allocs_error },
	{ DRVMEM_M_MODULE_UNMAPS_ERROR, true, true, -1, NULL, frees_error },
};

/* A module that the source has no more (m NULL) keeps its counters: they say what was. */
static void put_use(struct drvmem_metrics_call *c, const struct use_family *f, const char *name,
		    const struct module *m, const uint64_t *shown, uint32_t uses)
{
	uint16_t a = f->maps ? DRVMEM_NR_ALLOCATORS : 0, end = f->maps ? DRVMEM_NR_USES : DRVMEM_NR_ALLOCATORS;

	if ((f->optin && !c->m->o.errors) || (f->error && !c->in->scope->s->meta.sampled))
		return;
	for (; a < end; a++) {
		if (!(uses & (1u << a)))
			continue;
		if (f->counter >= 0)
			drvmem_exposition__u64(c->x, f->metric, shown[PER_USE * a + f->counter], name,
					       drvmem_allocator_name(a), NULL);
		else if (m && f->error)
			drvmem_exposition__real(c->x, f->metric, f->error(&m->by[a]), name,
						drvmem_allocator_name(a), NULL);
		else if (m)
			drvmem_exposition__i64(c->x, f->metric, f->value(&m->by[a]), name,
					       drvmem_allocator_name(a), NULL);
	}
}

static void put_bands(struct drvmem_metrics_call *c, const char *name, const struct module *m)
{
	uint32_t i;

	for (i = 0; i < NR_AGES && c->m->o.ages && m->uses; i++)
		drvmem_exposition__real(c->x, DRVMEM_M_MODULE_LIVE_AGE_BYTES, m->age[i], name, age_names[i], NULL);
	for (i = 0; i < NR_CONFIDENCES && m->is_leaky; i++)
		drvmem_exposition__u64(c->x, DRVMEM_M_MODULE_LEAK_SUSPECTED, m->leak[i], name, confidences[i], NULL);
}

static void put_module(struct drvmem_metrics_call *c, const char *name, const struct module *m,
		       const uint64_t *shown, bool is_module)
{
	uint32_t uses = m ? m->uses : 0, i;
	uint16_t a;

	for (a = 0; a < DRVMEM_NR_USES; a++)
		for (i = 0; i < PER_USE; i++)
			uses |= shown[PER_USE * a + i] ? 1u << a : 0;
	for (i = 0; i < sizeof(use_families) / sizeof(use_families[0]); i++)
		put_use(c, &use_families[i], name, m, shown, uses);
	if (is_module || shown[UNLOADS]) {
		drvmem_exposition__u64(c->x, DRVMEM_M_MODULE_UNLOAD_OUTSTANDING, shown[UNLOAD_BYTES], name, NULL, NULL);
		drvmem_exposition__u64(c->x, DRVMEM_M_MODULE_UNLOADS, shown[UNLOADS], name, NULL, NULL);
	}
	if (!m)
		return;
	if (m->uses && m->peak_bytes.st == DRVMEM_OK)
		drvmem_exposition__u64(c->x, DRVMEM_M_MODULE_PEAK_BYTES, m->peak_bytes.v, name, NULL, NULL);
	if (m->waste_known)
		drvmem_exposition__i64(c->x, DRVMEM_M_MODULE_SLACK_BYTES, m->waste_bytes, name, NULL, NULL);
	if (m->has_image)
		drvmem_exposition__u64(c->x, DRVMEM_M_MODULE_IMAGE_BYTES, m->image_bytes, name, NULL, NULL);
	put_bands(c, name, m);
}

static bool has_counted(const uint64_t *shown)
{
	uint32_t i;

	for (i = 0; i < NR_COUNTERS; i++)
		if (shown[i])
			return true;
	return false;
}

int drvmem_metrics_modules(struct drvmem_metrics_call *c)
{
	const struct drvmem_topn *t = c->m->modules;
	struct module *v, other = { .name = DRVMEM_TOPN_OTHER, .peak_bytes = { .st = DRVMEM_ABSENT } };
	uint32_t n, i;
	int err = collect(c, &v, &n);

	if (err)
		return err;
	add_images(c->in, v, n, &other);
	err = rank(c, v, n);
	for (i = 0; !err && i < t->n; i++) {
		const struct drvmem_topn_entry *e = &t->v[i];
		const struct module *m = e->row == DRVMEM_TOPN_NO_ROW ? NULL : &v[e->row];

		if (e->own)
			put_module(c, e->name, m, e->shown, m && m->is_module);
		else if (m)
			merge(&other, m);
	}
	if (!err && (t->nr_folded || other.has_image || other.is_leaky || has_counted(t->other)))
		put_module(c, DRVMEM_TOPN_OTHER, &other, t->other, other.is_module);
	free(v);
	return err;
}
