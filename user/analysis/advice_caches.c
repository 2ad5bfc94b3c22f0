// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on kmem_caches of a driver: merged-cache, alignment. A cache is judged as a whole, whichever sites use it. */
#include <stdio.h>
#include <string.h>

#include "analysis/advice_parts.h"

#define MERGED_BYTES	(1u << 20)	/* less is not missed in what the kernel counts */

typedef unsigned long long ull;

/* Objects of an owner in a cache. */
struct objects {
	uint32_t site;			/* with most live bytes */
	uint64_t live, peak;
};

static bool is_of_cache(const struct drvmem_advice_ctx *c, uint32_t site)
{
	return drvmem_advice_site(c, site)->allocator == DRVMEM_ALLOC_SLAB &&
	       drvmem_advice_cache_of(c, site)->kind == DRVMEM_CLASS_CACHE && !drvmem_advice_cache_of(c, site)->destroyed;
}

/* Of the owner and cache of this site; false: a site before it was of both, too. */
static bool sum_objects(const struct drvmem_advice_ctx *c, uint32_t site, struct objects *ret)
{
	const struct drvmem_sitesnap *t = drvmem_advice_site(c, site), *other;
	bool first = true;
	uint32_t i, k;

	*ret = (struct objects){ .site = site };
	for (i = 0; i < c->nr_groups; i++)
		for (k = 0; k < c->group[i].nr; k++) {
			other = drvmem_advice_site(c, c->group[i].site[k]);
			if (other->owner != t->owner || other->cache != t->cache || !is_of_cache(c, c->group[i].site[k]))
				continue;
			if (first && other != t)
				return false;
			first = false;
			ret->live += other->c.live_objects > 0 ? (uint64_t)other->c.live_objects : 0;
			ret->peak += drvmem_advice_peak(c, c->group[i].site[k]);
			if (other->c.live_bytes > drvmem_advice_site(c, ret->site)->c.live_bytes)
				ret->site = c->group[i].site[k];
		}
	return true;
}

static bool is_in(const char *names, const char *name)
{
	size_t n = strlen(name), k;

	for (; names && *names; names += k + (names[k] == ',')) {
		k = strcspn(names, ",");
		if (k == n && !strncmp(names, name, n))
			return true;
	}
	return false;
}

static const struct drvmem_pool *pool_of(const struct drvmem_advice_ctx *c, const struct drvmem_cache *cache)
{
	uint32_t i;

	for (i = 0; c->in->pools && i < c->in->pools->n; i++)
		if (c->in->pools->v[i].kind == DRVMEM_POOL_CACHE &&
		    (!strcmp(c->in->pools->v[i].name, cache->name) || is_in(c->in->pools->v[i].aliases, cache->name)))
			return &c->in->pools->v[i];
	return NULL;
}

static void each_cache(struct drvmem_advice_ctx *c, void (*fn)(struct drvmem_advice_ctx *c, const struct objects *o))
{
	struct objects o;
	uint32_t i, k;

	for (i = 0; i < c->nr_groups; i++)
		for (k = 0; k < c->group[i].nr && !c->oom; k++)
			if (is_of_cache(c, c->group[i].site[k]) && sum_objects(c, c->group[i].site[k], &o))
				fn(c, &o);
}

/* ---- merged-cache */

static void merged(struct drvmem_advice_ctx *c, const struct objects *o)
{
	const struct drvmem_cache *cache = drvmem_advice_cache_of(c, o->site);
	const struct drvmem_pool *pool = pool_of(c, cache);
	struct drvmem_advice_finding *f;
	struct drvmem_slub_layout l;
	uint64_t more;

	if (!cache->aliases || !cache->aliases[0] || o->live * cache->held < MERGED_BYTES ||
	    !drvmem_advice_layout(c, cache->object_size, &l))
		return;
	f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, o->site);
	if (!f)
		return;
	more = c->in->s->meta.nr_cpus * ((uint64_t)c->in->slub->page_size << l.order);
	f->severity = DRVMEM_LEVEL_LOW;
	f->held_now = o->live * cache->held;
	drvmem_advice_judge(c, f, o->live);
	drvmem_advice_value(f, "live_objects", DRVMEM_ADVICE_COUNT, (double)o->live);
	drvmem_advice_value(f, "live_bytes", DRVMEM_ADVICE_BYTES, (double)f->held_now);
	if (pool && pool->in_use.st == DRVMEM_OK)
		drvmem_advice_value(f, "objects_of_all", DRVMEM_ADVICE_COUNT, (double)pool->in_use.v);
	drvmem_advice_value(f, "more_at_most", DRVMEM_ADVICE_BYTES, (double)more);
	drvmem_advice_threshold(f, "min_live_bytes", DRVMEM_ADVICE_BYTES, MERGED_BYTES);
	snprintf(f->why, sizeof(f->why), "%llu objects are in cache %.40s, which the kernel made one with %.120s: it counts them "
		 "together, and a stray write hits the others' objects", (ull)o->live, cache->name, cache->aliases);
	snprintf(f->action, sizeof(f->action), "SLAB_NO_MERGE for kmem_cache_create(); before 6.5 a constructor, or "
		 "kmem_cache_create_usercopy() with a region of a byte");
	snprintf(f->risk, sizeof(f->risk), "each CPU keeps slabs of one cache more: about %llu bytes. No memory is saved", (ull)more);
}

void drvmem_advice_merged_cache(struct drvmem_advice_ctx *c)
{
	each_cache(c, merged);
}

/* ---- alignment */

/*
 * The layouts of a cache as it is, and with its objects aligned to words only. False: it is none that the
 * kernel's arithmetic gives (debugging adds to objects), or it is not known whether it is.
 */
static bool both_layouts(const struct drvmem_advice_ctx *c, const struct drvmem_pool *p, struct drvmem_slub_layout *now,
			 struct drvmem_slub_layout *then)
{
	struct drvmem_slub_cache cache = { 0 };

	if (!p || p->object_size.st != DRVMEM_OK || p->size.st != DRVMEM_OK || p->align.st != DRVMEM_OK ||
	    p->outside.st != DRVMEM_OK || p->per_slab.st != DRVMEM_OK || p->object_size.v > UINT32_MAX || p->align.v > UINT32_MAX ||
	    p->align.v <= c->in->slub->word)
		return false;
	cache.object_size = (uint32_t)p->object_size.v;
	cache.pointer_outside = p->outside.v;
	if (!drvmem_slub(c->in->slub, &cache, then))
		return false;
	cache.align = (uint32_t)p->align.v;
	return drvmem_slub(c->in->slub, &cache, now) && now->size == p->size.v && now->objects == p->per_slab.v;
}

static void alignment(struct drvmem_advice_ctx *c, const struct objects *o)
{
	const struct drvmem_cache *cache = drvmem_advice_cache_of(c, o->site);
	const struct drvmem_pool *p = pool_of(c, cache);
	struct drvmem_advice_finding *f;
	struct drvmem_slub_layout now, then;

	if (o->peak < c->in->o->min_objects || !both_layouts(c, p, &now, &then) ||
	    !drvmem_advice_worth(c, drvmem_advice_slabs(c, &now, o->peak), drvmem_advice_slabs(c, &then, o->peak)))
		return;
	f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, o->site);
	if (!f)
		return;
	f->has_saving = true;
	f->held_now = drvmem_advice_slabs(c, &now, o->live);
	f->held_peak = drvmem_advice_slabs(c, &now, o->peak);
	f->then_now = drvmem_advice_cache(c, &then, o->live);
	f->then_peak = drvmem_advice_cache(c, &then, o->peak);
	f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
	drvmem_advice_judge(c, f, o->peak);
	drvmem_advice_value(f, "live_objects", DRVMEM_ADVICE_COUNT, (double)o->live);
	drvmem_advice_value(f, "peak_objects", DRVMEM_ADVICE_COUNT, (double)o->peak);
	drvmem_advice_value(f, "asked", DRVMEM_ADVICE_BYTES, (double)p->object_size.v);
	drvmem_advice_value(f, "aligned_to", DRVMEM_ADVICE_BYTES, (double)p->align.v);
	drvmem_advice_value(f, "object_size", DRVMEM_ADVICE_BYTES, now.size);
	drvmem_advice_value(f, "object_size_then", DRVMEM_ADVICE_BYTES, then.size);
	drvmem_advice_value(f, "objects_per_slab_then", DRVMEM_ADVICE_COUNT, then.objects);
	drvmem_advice_threshold(f, "min_saving", DRVMEM_ADVICE_BYTES, (double)c->in->o->min_saving);
	drvmem_advice_threshold(f, "min_saving_percent", DRVMEM_ADVICE_PERCENT, (double)c->in->o->min_saving_percent);
	snprintf(f->why, sizeof(f->why), "%llu objects of %llu bytes (at most %llu at once) of cache %.40s take %u each: they are "
		 "aligned to %llu", (ull)o->live, (ull)p->object_size.v, (ull)o->peak, cache->name, now.size, (ull)p->align.v);
	snprintf(f->action, sizeof(f->action), "kmem_cache_create() without SLAB_HWCACHE_ALIGN, or with a smaller alignment: %u bytes "
		 "each, %u objects in a slab of %u page%s", then.size, then.objects, 1u << then.order, then.order ? "s" : "");
	snprintf(f->risk, sizeof(f->risk), "what different CPUs write at the same time may share a cache line then, which is slow; "
		 "an alignment that a device needs must stay");
}

void drvmem_advice_alignment(struct drvmem_advice_ctx *c)
{
	each_cache(c, alignment);
}
