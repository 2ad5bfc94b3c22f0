// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/pools.h"

static void put(struct drvmem_json *w, const struct drvmem_pool *k, const char *key,
		struct drvmem_u64 v)
{
	if (v.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, key, v.v);
	else
		drvmem_json__kv_missing(w, key, v.st == DRVMEM_DENIED ? "permission denied" :
							drvmem_pools__why(k, key));
}

static void put_cache(struct drvmem_json *w, const struct drvmem_pool *k)
{
	drvmem_json__kv_str(w, "aliases", k->aliases);
	put(w, k, "object_size", k->object_size);
	put(w, k, "over_max", k->over_max);
	put(w, k, "slabs", k->slabs);
	put(w, k, "order", k->order);
	put(w, k, "objs_per_slab", k->per_slab);
	put(w, k, "partial", k->partial);
	put(w, k, "cpu_slabs", k->cpu_slabs);
	put(w, k, "cpu_partial", k->cpu_partial);
	put(w, k, "sheaf_capacity", k->sheaf_capacity);
}

static void put_page_pool(struct drvmem_json *w, const struct drvmem_pool *k)
{
	unsigned int i;

	drvmem_json__kv_u64(w, "id", k->id);
	put(w, k, "ifindex", k->ifindex);
	put(w, k, "napi_id", k->napi_id);
	if (k->detached_at.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, "detached_at", k->detached_at.v);
	else
		drvmem_json__kv_missing(w, "detached_at", "the pool is attached");
	drvmem_json__key(w, "stats");
	drvmem_json__begin_object(w);
	for (i = 0; i < DRVMEM_PAGEPOOL_STATS; i++) {
		if (k->stats[i].st == DRVMEM_OK)
			drvmem_json__kv_u64(w, drvmem_pagepool_stat_names[i], k->stats[i].v);
		else
			drvmem_json__kv_missing(w, drvmem_pagepool_stat_names[i],
						drvmem_pools__why(k, "refills"));
	}
	drvmem_json__end_object(w);
}

static void put_mempool(struct drvmem_json *w, const struct drvmem_pool *k)
{
	drvmem_json__kv_str(w, "site", k->site);
	put(w, k, "low_water", k->low_water);
	put(w, k, "requests", k->requests);
	put(w, k, "dips", k->dips);
	put(w, k, "longest_dip_ns", k->longest_dip_ns);
}

static void put_owner(struct drvmem_json *w, const struct drvmem_pool *k)
{
	if (k->owner)
		drvmem_json__kv_str(w, "owner", k->owner);
	else
		drvmem_json__kv_missing(w, "owner", k->users > 1 ? "several owners used it" : "not known");
	drvmem_json__kv_str(w, "owner_by", k->owner_by);
	drvmem_json__kv_bool(w, "owner_guess", k->owner_guess);
	drvmem_json__kv_u64(w, "users", k->users);
	drvmem_json__kv_str(w, "device", k->device);
	drvmem_json__kv_str(w, "driver", k->driver);
}

static void put_pool(struct drvmem_json *w, const struct drvmem_pool *k)
{
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "kind", drvmem_pool_kind_name(k->kind));
	drvmem_json__kv_str(w, "name", k->name);
	put_owner(w, k);
	put(w, k, "size_bytes", k->size);
	put(w, k, "capacity", k->capacity);
	put(w, k, "in_use", k->in_use);
	put(w, k, "tracked", k->tracked);
	put(w, k, "tracked_bytes", k->tracked_bytes);
	put(w, k, "peak", k->peak);
	put(w, k, "peak_bytes", k->peak_bytes);
	drvmem_json__kv_bool(w, "peak_sampled", k->peak_sampled);
	put(w, k, "held_bytes", k->held_bytes);
	put(w, k, "used_bytes", k->used_bytes);
	put(w, k, "waste_bytes", k->waste_bytes);
	put(w, k, "refills", k->refills);
	put(w, k, "failures", k->failures);
	if (k->kind == DRVMEM_POOL_CACHE)
		put_cache(w, k);
	else if (k->kind == DRVMEM_POOL_DMA)
		put(w, k, "pages", k->pages);
	else if (k->kind == DRVMEM_POOL_PAGE)
		put_page_pool(w, k);
	else
		put_mempool(w, k);
	drvmem_json__end_object(w);
}

static void put_sources(struct drvmem_json *w, const struct drvmem_pools *p)
{
	unsigned int i;

	drvmem_json__key(w, "pool_sources");
	drvmem_json__begin_array(w);
	for (i = 0; i < DRVMEM_NR_POOL_KINDS; i++) {
		const struct drvmem_pool_source *s = &p->source[i];

		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "kind", drvmem_pool_kind_name((enum drvmem_pool_kind)i));
		drvmem_json__kv_str(w, "state", s->st == DRVMEM_OK ? "ok" :
				    s->st == DRVMEM_DENIED ? "denied" : "absent");
		drvmem_json__kv_str(w, "from", s->from);
		drvmem_json__kv_str(w, "why", s->why[0] ? s->why : NULL);
		drvmem_json__kv_u64(w, "left_out", s->overflow);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

void drvmem_json__pools(struct drvmem_json *w, const struct drvmem_pools *p)
{
	uint32_t i;

	drvmem_json__kv_u64(w, "pool_readings", p->readings);
	put_sources(w, p);
	drvmem_json__key(w, "pool_notes");
	drvmem_json__begin_array(w);
	for (i = 0; i < p->nr_notes; i++)
		drvmem_json__str(w, p->notes[i]);
	drvmem_json__end_array(w);
	drvmem_json__kv_u64(w, "pool_notes_left_out", p->notes_dropped);
	drvmem_json__key(w, "pools");
	drvmem_json__begin_array(w);
	for (i = 0; i < p->n; i++)
		put_pool(w, &p->v[i]);
	drvmem_json__end_array(w);
}
