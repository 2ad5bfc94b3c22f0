// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/baseline.h"
#include "render/coverage.h"
#include "render/devices_json.h"
#include "render/growth_json.h"
#include "render/reach.h"
#include "render/json.h"
#include "render/json_writer.h"
#include "render/marked.h"
#include "render/pools.h"
#include "render/session_json.h"
#include "render/where.h"

#define NO_COUNTER	"no single counter covers this sum"

struct ranked {
	uint32_t index;		/* into by_owner[] slices or sites[] */
	struct drvmem_sum sum;
};

static void put_hist(struct drvmem_json *w, const char *key, const uint64_t *v, uint32_t n)
{
	uint32_t i;

	drvmem_json__key(w, key);
	drvmem_json__begin_array(w);
	for (i = 0; i < n; i++)
		drvmem_json__u64(w, v[i]);
	drvmem_json__end_array(w);
}

static void put_held(struct drvmem_json *w, const struct drvmem_sum *m)
{
	if (m->waste_st != DRVMEM_OK) {
		drvmem_json__kv_missing(w, "held_bytes", "the cache of these objects is not known");
		return;
	}
	drvmem_json__kv_i64(w, "held_bytes", m->c.held_bytes);
	if (m->waste_partial)
		drvmem_json__kv_bool(w, "held_lower_bound", true);
}

static void put_rate(struct drvmem_json *w, const struct drvmem_scope *v, const char *key,
		     uint64_t events)
{
	double rate = 0;

	if (drvmem_delta__rate(v->delta, events, &rate) == DRVMEM_OK)
		drvmem_json__kv_double(w, key, rate);
	else
		drvmem_json__kv_missing(w, key, "the interval is empty");
}

/* Halves of 95 % intervals, where objects were sampled. */
static void put_errors(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_sum *m)
{
	double s = drvmem_json__seconds(v->delta->interval_ns), live = drvmem_counts__live_var(&m->c);
	double bytes = drvmem_counts__live_bytes_var(&m->c);

	if (!v->s->meta.sampled)
		return;
	drvmem_json__kv_u64(w, "sampled_allocs", m->c.sampled_allocs);
	drvmem_json__kv_u64(w, "sampled_live", m->c.sampled_allocs - m->c.sampled_frees);
	drvmem_json__kv_double(w, "live_bytes_error", drvmem_error95(bytes));
	drvmem_json__kv_double(w, "live_objects_error", drvmem_error95(live));
	if (m->waste_st == DRVMEM_OK)	/* held is live and waste */
		drvmem_json__kv_double(w, "held_bytes_error",
				       drvmem_error95(bytes) + drvmem_error95(m->waste_var));
	drvmem_json__kv_double(w, "allocs_error", drvmem_error95(m->c.allocs_var));
	drvmem_json__kv_double(w, "frees_error", drvmem_error95(m->c.frees_var));
	drvmem_json__kv_double(w, "alloc_bytes_error", drvmem_error95(m->c.alloc_bytes_var));
	drvmem_json__kv_double(w, "free_bytes_error", drvmem_error95(m->c.free_bytes_var));
	drvmem_json__kv_double(w, "delta_bytes_error", drvmem_error95(m->d.live_bytes_var));
	if (s > 0) {
		drvmem_json__kv_double(w, "allocs_per_s_error", drvmem_error95(m->d.allocs_var) / s);
		drvmem_json__kv_double(w, "frees_per_s_error", drvmem_error95(m->d.frees_var) / s);
	}
}

/* The fields that owners, their allocators and sites have in common. */
static void put_figures(struct drvmem_json *w, const struct drvmem_scope *v,
			const struct drvmem_sum *m, const char *no_peak)
{
	drvmem_json__kv_i64(w, "live_bytes", m->c.live_bytes);
	put_held(w, m);
	drvmem_json__kv_i64(w, "live_objects", m->c.live_objects);
	drvmem_json__maybe(w, "peak_bytes", m->peak_bytes, no_peak);
	if (m->peak_bytes.st == DRVMEM_OK)
		drvmem_json__kv_bool(w, "peak_sampled", m->peak_sampled);
	drvmem_json__kv_u64(w, "allocs", m->c.allocs);
	drvmem_json__kv_u64(w, "frees", m->c.frees);
	drvmem_json__kv_u64(w, "failures", m->c.failures);
	drvmem_json__kv_i64(w, "rcu_pending", m->c.rcu_pending);
	drvmem_json__kv_i64(w, "rcu_pending_bytes", m->c.rcu_pending_bytes);
	drvmem_json__kv_u64(w, "alloc_bytes", m->c.alloc_bytes);
	drvmem_json__kv_u64(w, "free_bytes", m->c.free_bytes);
	drvmem_json__kv_u64(w, "inferred_frees", m->c.inferred);
	drvmem_json__kv_i64(w, "delta_bytes", m->d.live_bytes);
	put_rate(w, v, "allocs_per_s", m->d.allocs);
	put_rate(w, v, "frees_per_s", m->d.frees);
	drvmem_json__maybe(w, "age_p50_ns", m->age_p50_ns,
		  v->s->nr_objects ? "no live objects" : "ages were not read");
	drvmem_json__kv_bool(w, "upper_bound", m->upper_bound);
	drvmem_json__kv_bool(w, "lower_bound", v->lossy);
	put_hist(w, "size_hist", m->c.size_hist, DRVMEM_SIZE_BUCKETS);
	put_hist(w, "life_hist", m->c.life_hist, DRVMEM_LIFE_BUCKETS);
	put_errors(w, v, m);
}

/* Mappings of memory that is counted elsewhere. */
static void put_map_figures(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_sum *m)
{
	const struct drvmem_counts *c = &m->map;

	drvmem_json__kv_i64(w, "mappings", c->live_objects);
	drvmem_json__kv_i64(w, "mapped_bytes", c->live_bytes);
	drvmem_json__kv_u64(w, "maps", c->allocs);
	drvmem_json__kv_u64(w, "unmaps", c->frees);
	drvmem_json__kv_u64(w, "failures", c->failures);
	drvmem_json__kv_u64(w, "size_mismatches", c->mismatched);
	drvmem_json__kv_u64(w, "total_mapped_bytes", c->alloc_bytes);
	drvmem_json__kv_i64(w, "delta_bytes", m->map_d.live_bytes);
	put_rate(w, v, "maps_per_s", m->map_d.allocs);
	put_rate(w, v, "unmaps_per_s", m->map_d.frees);
	drvmem_json__maybe(w, "age_p50_ns", m->age_p50_ns,
		  v->s->nr_objects ? "no live mappings" : "ages were not read");
	drvmem_json__kv_bool(w, "upper_bound", v->s->meta.maps_upper && m->allocators & 1u << DRVMEM_MAP_DMA);
	drvmem_json__kv_bool(w, "lower_bound", v->lossy);
	put_hist(w, "size_hist", c->size_hist, DRVMEM_SIZE_BUCKETS);
	put_hist(w, "life_hist", c->life_hist, DRVMEM_LIFE_BUCKETS);
	if (!c->sampled_allocs)
		return;
	drvmem_json__kv_double(w, "mappings_error", drvmem_error95(drvmem_counts__live_var(c)));
	drvmem_json__kv_double(w, "mapped_bytes_error",
			       drvmem_error95(drvmem_counts__live_bytes_var(c)));
}

static void put_when(struct drvmem_json *w, const struct drvmem_meta *m, const char *key,
		     uint64_t when_ns, const char *why)
{
	if (when_ns)
		drvmem_json__kv_double(w, key, drvmem_json__unix_time(m, when_ns));
	else
		drvmem_json__kv_missing(w, key, why);
}

static void put_instance(struct drvmem_json *w, const struct drvmem_meta *m,
			 const struct drvmem_instance *i)
{
	bool module = i->type == DRVMEM_OWNER_MODULE;

	drvmem_json__key(w, "instance");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "load_seq", i->load_seq);
	if (i->build_id[0])
		drvmem_json__kv_str(w, "build_id", i->build_id);
	else
		drvmem_json__kv_missing(w, "build_id", module ? "not known" : "not a module");
	put_when(w, m, "loaded_at", i->loaded_ns,
		 module ? "loaded before the session" : "not a module");
	put_when(w, m, "unloaded_at", i->unloaded_ns,
		 module ? i->unloaded ? "time not known" : "still loaded" : "not a module");
	drvmem_json__kv_bool(w, "library", i->library);
	drvmem_json__end_object(w);
}

/* The modules of the site tuple; null where the policy did not need to find out. */
static void put_tuple(struct drvmem_json *w, const struct drvmem_scope *v,
		      const struct drvmem_sitesnap *t)
{
	const struct {
		const char *key;
		uint16_t at;
	} parts[] = { { "direct", t->direct }, { "innermost", t->innermost },
		      { "driver", t->driver }, { "outermost", t->outermost } };
	unsigned int i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		drvmem_json__kv_str(w, parts[i].key, parts[i].at < v->s->nr_instances ?
				    v->owner_name[parts[i].at] : NULL);
}

static void put_site(struct drvmem_json *w, const struct drvmem_scope *v, const struct ranked *r)
{
	const struct drvmem_sitesnap *t = &v->s->sites[r->index];
	const struct drvmem_cache *c = &v->s->caches[t->cache];

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "site", t->site);
	drvmem_json__kv_str(w, "module", t->module);
	drvmem_json__kv_str(w, DRVMEM_IS_MAPPING(t->allocator) ? "kind" : "allocator",
			    drvmem_allocator_name(t->allocator));
	if (t->allocator == DRVMEM_MAP_DMA)
		drvmem_json__kv_str(w, "device", c->name);
	if (!DRVMEM_IS_MAPPING(t->allocator)) {
		drvmem_json__kv_str(w, "cache", c->name);
		drvmem_json__kv_str(w, "cache_aliases", c->aliases);
		drvmem_json__kv_bool(w, "cache_destroyed", c->destroyed);
	}
	drvmem_json__kv_str(w, "component", t->component);
	drvmem_json__kv_bool(w, "component_guess", t->component_guess);
	put_tuple(w, v, t);
	drvmem_json__stacks(w, v, r->index);
	drvmem_json__lines(w, v, v->places, r->index);
	if (DRVMEM_IS_MAPPING(t->allocator))
		put_map_figures(w, v, &r->sum);
	else
		put_figures(w, v, &r->sum, "this kernel keeps no peak");
	drvmem_json__end_object(w);
}

static int cmp_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->sum.c.live_bytes != y->sum.c.live_bytes)
		return (x->sum.c.live_bytes < y->sum.c.live_bytes) -
		       (x->sum.c.live_bytes > y->sum.c.live_bytes);
	if (x->sum.map.live_bytes != y->sum.map.live_bytes)
		return (x->sum.map.live_bytes < y->sum.map.live_bytes) -
		       (x->sum.map.live_bytes > y->sum.map.live_bytes);
	return (x->index > y->index) - (x->index < y->index);
}

/* Those of memory, or of mappings. */
static int put_sites(struct drvmem_json *w, struct drvmem_scope *v,
		     const struct drvmem_owner_slice *o, bool maps)
{
	struct ranked *r = calloc(o->nr, sizeof(*r));
	uint32_t i, n = 0;

	if (!r)
		return -ENOMEM;
	for (i = 0; i < o->nr; i++) {
		r[n].index = v->by_owner[o->first + i];
		if (DRVMEM_IS_MAPPING(v->s->sites[r[n].index].allocator) != maps)
			continue;
		drvmem_scope__sum(v, &r[n].index, 1, &r[n].sum);
		n++;
	}
	qsort(r, n, sizeof(*r), cmp_ranked);
	drvmem_json__key(w, maps ? "mapping_sites" : "sites");
	drvmem_json__begin_array(w);
	for (i = 0; i < n; i++)
		put_site(w, v, &r[i]);
	drvmem_json__end_array(w);
	free(r);
	return 0;
}

/*
 * By allocator, or by kind of mapping. An owner that uses one allocator only has the owner's peak
 * for it.
 */
static int put_allocators(struct drvmem_json *w, struct drvmem_scope *v,
			  const struct drvmem_owner_slice *o, const struct drvmem_sum *all, bool maps)
{
	uint32_t *sites = malloc(o->nr * sizeof(*sites)), i, n;
	struct drvmem_sum sum;
	uint16_t a;

	if (!sites)
		return -ENOMEM;
	drvmem_json__key(w, maps ? "mapped" : "allocators");
	drvmem_json__begin_object(w);
	for (a = maps ? DRVMEM_NR_ALLOCATORS : 0; a < (maps ? DRVMEM_NR_USES : DRVMEM_NR_ALLOCATORS); a++) {
		for (i = 0, n = 0; i < o->nr; i++)
			if (v->s->sites[v->by_owner[o->first + i]].allocator == a)
				sites[n++] = v->by_owner[o->first + i];
		if (!n)
			continue;
		drvmem_scope__sum(v, sites, n, &sum);
		sum.peak_sampled = all->peak_sampled;
		sum.peak_bytes = all->peak_bytes;
		if (n != o->nr - all->nr_maps)
			sum.peak_bytes.st = DRVMEM_ABSENT;
		drvmem_json__key(w, drvmem_allocator_name(a));
		drvmem_json__begin_object(w);
		if (maps)
			put_map_figures(w, v, &sum);
		else
			put_figures(w, v, &sum, NO_COUNTER);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_object(w);
	free(sites);
	return 0;
}

/* The owner's mappings of all kinds, beside its memory. */
static void put_mapped(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_sum *m)
{
	static const uint32_t kinds = 1u << DRVMEM_MAP_DMA | 1u << DRVMEM_MAP_VMAP |
				      1u << DRVMEM_MAP_IOREMAP;

	if (v->s->meta.traced & kinds) {
		drvmem_json__kv_i64(w, "mappings", m->map.live_objects);
		drvmem_json__kv_i64(w, "mapped_bytes", m->map.live_bytes);
		return;
	}
	drvmem_json__kv_missing(w, "mappings", "mappings are not traced here");
	drvmem_json__kv_missing(w, "mapped_bytes", "mappings are not traced here");
}

static int put_owner(struct drvmem_json *w, struct drvmem_scope *v, const struct ranked *r)
{
	const struct drvmem_owner_slice *o = &v->owners[r->index];
	const struct drvmem_instance *i = &v->s->instances[o->owner];
	int err;

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "owner", i->name);
	drvmem_json__kv_str(w, "name", v->owner_name[o->owner]);
	drvmem_json__kv_str(w, "type", drvmem_owner_type_name(i->type));
	put_instance(w, &v->s->meta, i);
	put_figures(w, v, &r->sum, o->whole ? "this kernel keeps no peak" :
		    "the peak is that of the whole owner and a filter cut some sites");
	put_mapped(w, v, &r->sum);
	err = put_allocators(w, v, o, &r->sum, false);
	if (!err)
		err = put_allocators(w, v, o, &r->sum, true);
	if (!err)
		err = put_sites(w, v, o, false);
	if (!err)
		err = put_sites(w, v, o, true);
	drvmem_json__end_object(w);
	return err;
}

static int put_owners(struct drvmem_json *w, struct drvmem_scope *v)
{
	struct ranked *r = calloc(v->nr_owners ? v->nr_owners : 1, sizeof(*r));
	uint32_t i;
	int err = 0;

	if (!r)
		return -ENOMEM;
	for (i = 0; i < v->nr_owners; i++) {
		r[i].index = i;
		drvmem_scope__owner_sum(v, &v->owners[i], &r[i].sum);
	}
	qsort(r, v->nr_owners, sizeof(*r), cmp_ranked);
	drvmem_json__key(w, "owners");
	drvmem_json__begin_array(w);
	for (i = 0; i < v->nr_owners && !err; i++)
		err = put_owner(w, v, &r[i]);
	drvmem_json__end_array(w);
	free(r);
	return err;
}

int drvmem_json__report(struct drvmem_scope *v, FILE *out)
{
	struct drvmem_json w;
	int err;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__session(&w, v);
	drvmem_json__debug_files(&w, v->places);
	drvmem_json__coverage(&w, v->coverage);
	drvmem_json__syncs(&w, v->s);
	err = drvmem_json__exact(&w, v->s);
	if (!err)
		err = put_owners(&w, v);
	if (v->pools)
		drvmem_json__pools(&w, v->pools);
	drvmem_json__end_object(&w);
	putc('\n', out);
	return err;
}

/* An object that is open, with whose site it is. */
static void begin_site(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_sitesnap *t)
{
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "owner", v->s->instances[t->owner].name);
	drvmem_json__kv_str(w, "name", v->owner_name[t->owner]);
	drvmem_json__kv_str(w, "site", t->site);
	drvmem_json__kv_str(w, "module", t->module);
}

static void put_outstanding_site(struct drvmem_json *w, const struct drvmem_scope *v,
				 const struct drvmem_outstanding *o, const struct drvmem_outstanding_site *k)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];

	begin_site(w, v, t);
	drvmem_json__kv_str(w, "allocator", drvmem_allocator_name(t->allocator));
	drvmem_json__kv_str(w, "cache", v->s->caches[t->cache].name);
	drvmem_json__kv_bool(w, "cache_destroyed", v->s->caches[t->cache].destroyed);
	drvmem_json__kv_u64(w, "objects", k->objects);
	drvmem_json__kv_u64(w, "bytes", k->bytes);
	drvmem_json__kv_u64(w, "oldest_ns", k->oldest_ns);
	drvmem_json__kv_u64(w, "age_p50_ns", k->age_p50_ns);
	drvmem_json__kv_u64(w, "rcu_pending", k->rcu_pending);
	drvmem_json__kv_bool(w, "upper_bound", k->upper_bound);
	drvmem_json__growth(w, &k->growth, k->why);
	drvmem_json__reach_site(w, o, k);
	drvmem_json__stacks(w, v, k->site);
	drvmem_json__where(w, v, o, k);
	drvmem_json__end_object(w);
}

static void put_mapping_site(struct drvmem_json *w, const struct drvmem_scope *v,
			     const struct drvmem_outstanding_site *k)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];

	begin_site(w, v, t);
	drvmem_json__kv_str(w, "kind", drvmem_allocator_name(t->allocator));
	drvmem_json__kv_str(w, "device", v->s->caches[t->cache].name);
	drvmem_json__kv_u64(w, "mappings", k->objects);
	drvmem_json__kv_u64(w, "mapped_bytes", k->bytes);
	drvmem_json__kv_u64(w, "oldest_ns", k->oldest_ns);
	drvmem_json__kv_u64(w, "age_p50_ns", k->age_p50_ns);
	drvmem_json__kv_bool(w, "upper_bound", k->upper_bound);
	drvmem_json__growth(w, &k->growth, k->why);
	drvmem_json__stacks(w, v, k->site);
	drvmem_json__end_object(w);
}

void drvmem_json__outstanding(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			      FILE *out)
{
	struct drvmem_json w;
	uint32_t i;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__session(&w, v);
	drvmem_json__kv_u64(&w, "older_ns", o->older_ns);
	drvmem_json__kv_bool(&w, "learnt", o->learn);
	drvmem_json__debug_files(&w, o->places);
	drvmem_json__key(&w, "total");
	drvmem_json__begin_object(&w);
	drvmem_json__kv_u64(&w, "objects", o->objects);
	drvmem_json__kv_u64(&w, "bytes", o->bytes);
	drvmem_json__kv_u64(&w, "rcu_pending", o->rcu_pending);
	drvmem_json__kv_u64(&w, "growing", o->growing);
	drvmem_json__kv_bool(&w, "upper_bound", o->upper_bound);
	drvmem_json__kv_bool(&w, "lower_bound", v->lossy);
	drvmem_json__end_object(&w);
	drvmem_json__reach(&w, o);
	drvmem_json__marked(&w, v, o->marked);
	drvmem_json__key(&w, "outstanding");
	drvmem_json__begin_array(&w);
	for (i = 0; i < o->nr_sites; i++)
		put_outstanding_site(&w, v, o, &o->site[i]);
	drvmem_json__end_array(&w);
	drvmem_json__key(&w, "outstanding_mappings");
	drvmem_json__begin_array(&w);
	for (; i < o->nr_sites + o->nr_mappings; i++)
		put_mapping_site(&w, v, &o->site[i]);
	drvmem_json__end_array(&w);
	drvmem_json__end_object(&w);
	putc('\n', out);
}

static void put_cell(struct drvmem_json *w, const char *key, const struct drvmem_cell *c)
{
	if (c->type == DRVMEM_CELL_BLANK)
		return;
	if (c->st != DRVMEM_OK)
		drvmem_json__kv_missing(w, key, drvmem_json__reason(c->st));
	else if (c->type == DRVMEM_CELL_TEXT)
		drvmem_json__kv_str(w, key, c->s);
	else if (c->type == DRVMEM_CELL_U64)
		drvmem_json__kv_u64(w, key, c->u);
	else if (c->type == DRVMEM_CELL_I64)
		drvmem_json__kv_i64(w, key, c->i);
	else
		drvmem_json__kv_double(w, key, c->d);
}

void drvmem_json__grid_rows(struct drvmem_json *w, const char *name, const struct drvmem_grid *g)
{
	uint32_t row, col;

	drvmem_json__key(w, name);
	drvmem_json__begin_array(w);
	for (row = 0; row < g->nr_rows; row++) {
		drvmem_json__begin_object(w);
		for (col = 0; col < g->nr_columns; col++)
			put_cell(w, g->columns[col].key,
				 &g->cells[(size_t)row * g->nr_columns + col]);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

void drvmem_json__grid(const struct drvmem_grid *g, const char *name, FILE *out)
{
	struct drvmem_json w;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__kv_u64(&w, "schema_version", DRVMEM_JSON_SCHEMA_VERSION);
	drvmem_json__grid_rows(&w, name, g);
	drvmem_json__end_object(&w);
	putc('\n', out);
}
