// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "render/json.h"
#include "render/json_writer.h"
#include "render/session_json.h"
#include "render/simulate.h"

/* Digits that a simulation has, not those of the last bit of libm. */
static double rounded(double v)
{
	return round(v * 1000) / 1000;
}

static void put_levels(struct drvmem_json *w, const struct drvmem_simulated *r)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_SIMULATED; i++) {
		drvmem_json__key(w, drvmem_simulated_level_name(i));
		drvmem_json__begin_object(w);
		drvmem_json__kv_double(w, "mean", rounded(r->level[i].mean));
		drvmem_json__kv_u64(w, "peak", r->level[i].peak);
		drvmem_json__kv_u64(w, "end", r->level[i].end);
		drvmem_json__end_object(w);
	}
}

static void put_cache(struct drvmem_json *w, const struct drvmem_simulated_cache *c)
{
	char name[64];

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "name", drvmem_simulated_name(c, name, sizeof(name)));
	drvmem_json__kv_str(w, "kind", drvmem_simulated_kind_name(c->kind));
	drvmem_json__kv_u64(w, "object_bytes", c->size);
	drvmem_json__kv_u64(w, "objects_per_slab", c->objects);
	drvmem_json__kv_u64(w, "slab_bytes", c->slab_bytes);
	drvmem_json__kv_bool(w, "pooled", c->pooled);
	drvmem_json__kv_u64(w, "allocs", c->allocs);
	drvmem_json__kv_u64(w, "objects", c->live);
	drvmem_json__kv_u64(w, "peak_objects", c->peak);
	drvmem_json__kv_u64(w, "slabs", c->slabs);
	drvmem_json__kv_u64(w, "peak_slabs", c->slabs_peak);
	drvmem_json__kv_u64(w, "refills", c->refills);
	drvmem_json__end_object(w);
}

static void put_if(struct drvmem_json *w, const char *key, bool is, uint64_t v, const char *why)
{
	if (is)
		drvmem_json__kv_u64(w, key, v);
	else
		drvmem_json__kv_missing(w, key, why);
}

static void put_result(struct drvmem_json *w, const char *key, const struct drvmem_simulated_view *v,
		       const struct drvmem_simulated *r, const struct drvmem_simulate_config *c)
{
	uint32_t i;

	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	put_levels(w, r);
	drvmem_json__kv_u64(w, "allocs", r->allocs);
	drvmem_json__kv_u64(w, "frees", r->frees);
	drvmem_json__kv_u64(w, "failures", r->failures);
	drvmem_json__kv_u64(w, "refills", r->refills);
	drvmem_json__kv_double(w, "refills_per_s", rounded(drvmem_simulated_refill_rate(v->s, r)));
	drvmem_json__kv_u64(w, "refills_beforehand", r->refills_start);
	drvmem_json__kv_u64(w, "slabs_given_back", r->returned);
	put_if(w, "list_hits", c && c->depth, r->list_hits, "no list");
	put_if(w, "list_misses", c && c->depth, r->list_misses, "no list");
	put_if(w, "reserve_hits", c && c->reserve, r->reserve_hits, "no reserve");
	put_if(w, "reserve_low", c && c->reserve, r->reserve_low, "no reserve");
	drvmem_json__key(w, "caches");
	drvmem_json__begin_array(w);
	for (i = 0; i < r->nr_caches; i++)
		put_cache(w, &r->cache[i]);
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
}

static void put_recorded(struct drvmem_json *w, const struct drvmem_simulated_view *v)
{
	const struct drvmem_simulation *s = v->s;

	drvmem_json__key(w, "recorded");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "kernel", v->d->kernel[0] ? v->d->kernel : NULL);
	drvmem_json__kv_double(w, "traced_s", drvmem_json__seconds(s->traced_ns));
	drvmem_json__kv_u64(w, "sites", s->sites);
	drvmem_json__kv_u64(w, "sites_left_out", s->skipped);
	drvmem_json__kv_u64(w, "sizes", s->sizes);
	drvmem_json__kv_u64(w, "allocs", s->recorded_allocs);
	drvmem_json__kv_u64(w, "allocs_without_size", s->unsized);
	drvmem_json__kv_u64(w, "live_objects", s->recorded_live);
	put_if(w, "peak_objects", s->recorded_peak, s->recorded_peak, "not recorded of all call sites");
	drvmem_json__kv_bool(w, "peak_upper_bound", s->peak_bound);
	drvmem_json__end_object(w);
}

static void put_config(struct drvmem_json *w, const struct drvmem_simulate_config *c)
{
	uint32_t i;

	drvmem_json__key(w, "configuration");
	drvmem_json__begin_object(w);
	drvmem_json__key(w, "sizes");
	drvmem_json__begin_array(w);
	for (i = 0; i < c->nr_sizes; i++)
		drvmem_json__u64(w, c->size[i]);
	drvmem_json__end_array(w);
	drvmem_json__kv_u64(w, "depth", c->depth);
	put_if(w, "limit", c->limit, c->limit, "none");
	drvmem_json__kv_u64(w, "reserve", c->reserve);
	drvmem_json__end_object(w);
}

void drvmem_json__simulation(const struct drvmem_simulated_view *v, FILE *out)
{
	struct drvmem_json w;
	uint32_t i;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__kv_u64(&w, "schema_version", DRVMEM_JSON_SCHEMA_VERSION);
	put_recorded(&w, v);
	drvmem_json__kv_u64(&w, "seed", v->s->seed);
	drvmem_json__kv_u64(&w, "events", v->s->events);
	drvmem_json__kv_double(&w, "played_s", drvmem_json__seconds(v->s->played_ns));
	drvmem_json__kv_bool(&w, "cut", v->s->cut);
	put_config(&w, v->c);
	drvmem_json__key(&w, "notes");
	drvmem_json__begin_array(&w);
	for (i = 0; i < v->nr_notes; i++)
		drvmem_json__str(&w, v->note[i]);
	drvmem_json__end_array(&w);
	put_result(&w, "today", v, &v->s->today, NULL);
	put_result(&w, "proposed", v, &v->s->proposed, v->c);
	drvmem_json__end_object(&w);
	putc('\n', out);
}
