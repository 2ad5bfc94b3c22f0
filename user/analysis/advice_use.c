// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on how memory is used: churn, atomic-fail, unaccounted, and on pools: reserve, occupancy. */
#include <stdio.h>
#include <string.h>

#include "analysis/advice_parts.h"

#define SHORT_NS	16000000ull	/* lives shortly: a few jiffies */
#define DEPTH_MAX	4096u		/* more at once is no reserve any more */
#define LAPS_FOR_P99	100u
#define USER_SHARE	0.9
#define USER_ALLOCS	1000u
#define USER_BYTES	(256u << 10)
#define USER_RISES	5u		/* laps in which it grew: what is done once is no request of users */
#define REQUESTS_MIN	500u
#define DIPS_MIN	100u		/* requests that the reserve served, or that came meanwhile: they tell how deep it must be */
#define OCCUPIED	50.0		/* percent */

typedef unsigned long long ull;

/* ---- churn */

struct way {
	uint64_t part;			/* of min_rate */
	const char *call, *why;
};

/* By what a call of each allocator costs beside a kmalloc. Objects of caches come from lists of their own. */
static const struct way *way_of(const struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g)
{
	static const struct way kmalloc = { 1, "a list of free ones of the driver's own, or mempool_create_kmalloc_pool()", "" },
		pages = { 5, "page_pool_create() for a network driver, or a list of free ones", "" },
		percpu = { 10, "keep them, or count without a percpu counter", ": each is looked for in all chunks" },
		areas = { 100, "keep them", ": each costs page tables and TLB flushes" },
		dma = { 100, "dma_pool_create(), or keep the buffers", "" };

	if (drvmem_advice_is_of_mempool(c, g->site[0]))
		return NULL;	/* it has a pool already */
	switch (drvmem_advice_site(c, g->site[0])->allocator) {
	case DRVMEM_ALLOC_SLAB:
		return drvmem_advice_cache_of(c, g->site[0])->kind == DRVMEM_CLASS_CACHE ? NULL : &kmalloc;
	case DRVMEM_ALLOC_PAGE:
		return &pages;
	case DRVMEM_ALLOC_VMALLOC:
		return &areas;
	case DRVMEM_ALLOC_PERCPU:
		return &percpu;
	case DRVMEM_ALLOC_DMA:
		return &dma;
	default:
		return NULL;
	}
}

static void churn(struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, const struct way *w, double rate,
		  uint32_t bytes)
{
	uint32_t id = drvmem_advice_site(c, g->site[0])->id;
	uint64_t p99 = drvmem_laps__quantile(c->in->laps, id, 99), depth = g->peak;
	uint64_t each = drvmem_advice_cache_of(c, g->site[0])->held, kept = depth * (each > bytes ? each : bytes);
	struct drvmem_advice_finding *f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
	double limit = (double)c->in->o->min_rate / (double)w->part;

	if (!f)
		return;
	if (drvmem_advice_site(c, g->site[0])->allocator == DRVMEM_ALLOC_SLAB)
		kept = drvmem_advice_kmallocs(c, bytes, depth);
	f->severity = rate >= 10 * limit ? DRVMEM_LEVEL_MEDIUM : DRVMEM_LEVEL_LOW;
	drvmem_advice_judge(c, f, g->allocs);
	drvmem_advice_value(f, "allocs_per_second", DRVMEM_ADVICE_PER_SECOND, rate);
	drvmem_advice_value(f, "asked", DRVMEM_ADVICE_BYTES, bytes);
	drvmem_advice_value(f, "life_p50", DRVMEM_ADVICE_NS, (double)g->life_p50_ns);
	drvmem_advice_value(f, "depth_max", DRVMEM_ADVICE_COUNT, (double)depth);
	if (c->in->laps->nr_laps >= LAPS_FOR_P99)
		drvmem_advice_value(f, "depth_p99", DRVMEM_ADVICE_COUNT, (double)p99);
	drvmem_advice_value(f, "kept_bytes", DRVMEM_ADVICE_BYTES, (double)kept);
	drvmem_advice_threshold(f, "min_rate", DRVMEM_ADVICE_PER_SECOND, limit);
	snprintf(f->why, sizeof(f->why), "%.0f of %u bytes are taken and given back in a second, half of them live less than "
		 "%.0f ms; never more than %llu at once%s", rate, bytes, (double)g->life_p50_ns / 1e6, (ull)depth, w->why);
	snprintf(f->action, sizeof(f->action), "%s: depth %llu (of %u bytes)", w->call, (ull)depth, bytes);
	snprintf(f->risk, sizeof(f->risk), "what is kept is never given back: %llu bytes", (ull)kept);
}

void drvmem_advice_churn(struct drvmem_advice_ctx *c)
{
	struct drvmem_advice_size z;
	const struct way *w;
	double rate;
	uint32_t i;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		w = way_of(c, g);
		rate = (double)(g->allocs < g->ends ? g->allocs : g->ends) / c->seconds;
		if (w && g->nr == 1 && g->life_p50_ns <= SHORT_NS && rate * (double)w->part >= (double)c->in->o->min_rate &&
		    g->peak && g->peak <= DEPTH_MAX && drvmem_advice_main_size(c, g->site[0], &z) && z.share >= 0.9)
			churn(c, g, w, rate, z.bytes);
	}
}

/* ---- atomic-fail */

void drvmem_advice_atomic_fail(struct drvmem_advice_ctx *c)
{
	struct drvmem_advice_finding *f;
	struct drvmem_advice_size z;
	uint64_t failed, tried;
	uint32_t i, k;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		for (k = 0, failed = tried = 0; k < g->nr; k++) {
			failed += c->in->s->usage->site[g->site[k]].failed_atomic;
			tried += c->in->s->usage->site[g->site[k]].atomic;
		}
		if (!failed || drvmem_advice_is_of_mempool(c, g->site[0]))
			continue;	/* a mempool falls back on its reserve */
		tried += failed;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
		if (!f)
			return;
		f->severity = failed * 100 >= tried ? DRVMEM_LEVEL_HIGH : DRVMEM_LEVEL_MEDIUM;
		drvmem_advice_judge(c, f, tried);
		drvmem_advice_value(f, "failed", DRVMEM_ADVICE_COUNT, (double)failed);
		drvmem_advice_value(f, "tried", DRVMEM_ADVICE_COUNT, (double)tried);
		drvmem_advice_value(f, "depth_max", DRVMEM_ADVICE_COUNT, (double)g->peak);
		drvmem_advice_threshold(f, "failures", DRVMEM_ADVICE_COUNT, 1);
		snprintf(f->why, sizeof(f->why), "%llu of %llu allocations that may not wait failed; at most %llu were live at once",
			 (ull)failed, (ull)tried, (ull)g->peak);
		if (drvmem_advice_main_size(c, g->site[0], &z))
			snprintf(f->action, sizeof(f->action), "mempool_create_kmalloc_pool(min_nr, %u) with min_nr for what must "
				 "not fail, at most %llu; or allocate where waiting is allowed", z.bytes, (ull)g->peak);
		else
			snprintf(f->action, sizeof(f->action), "a mempool with what must not fail; or allocate where waiting is "
				 "allowed");
		snprintf(f->risk, sizeof(f->risk), "a reserve is held all the time");
	}
}

/* ---- unaccounted */

/* net/core/skbuff.c */
static bool is_packet(const char *site)
{
	return strstr(site, "_skb") || !strncmp(site, "kmalloc_reserve", 15) || !strncmp(site, "build_skb", 9);
}

void drvmem_advice_unaccounted(struct drvmem_advice_ctx *c)
{
	const struct drvmem_snapshot *s = c->in->s;
	struct drvmem_advice_finding *f;
	uint64_t waited, by_user;
	int64_t bytes;
	bool of_cache;
	uint32_t i, k;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];
		uint64_t loaded = s->instances[drvmem_advice_site(c, g->site[0])->owner].loaded_ns;

		/* buffers of packets are sockets' business, which have an account of their own */
		if (is_packet(drvmem_advice_site(c, g->site[0])->site) ||
		    drvmem_laps__rises(c->in->laps, drvmem_advice_site(c, g->site[0])->id) < USER_RISES)
			continue;
		/* objects of a cache that is SLAB_ACCOUNT are charged, whatever they are asked with */
		of_cache = drvmem_advice_site(c, g->site[0])->allocator == DRVMEM_ALLOC_SLAB &&
			   drvmem_advice_cache_of(c, g->site[0])->kind == DRVMEM_CLASS_CACHE;
		if (of_cache && (drvmem_advice_cache_of(c, g->site[0])->accounted.st != DRVMEM_OK ||
				 drvmem_advice_cache_of(c, g->site[0])->accounted.v))
			continue;
		/* a module that is loaded allocates for the process that loads it, which is not meant */
		if (loaded && s->meta.taken_ns - loaded < 2 * c->in->o->min_time_ns)
			continue;
		for (k = 0, waited = by_user = 0, bytes = 0; k < g->nr; k++) {
			waited += s->usage->site[g->site[k]].waited;
			by_user += s->usage->site[g->site[k]].by_user;
			bytes += s->sites[g->site[k]].c.live_bytes;
		}
		if (by_user < USER_ALLOCS || (double)by_user < USER_SHARE * (double)waited || bytes < USER_BYTES)
			continue;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
		if (!f)
			return;
		f->held_now = (uint64_t)bytes;
		f->severity = DRVMEM_LEVEL_LOW;
		drvmem_advice_judge(c, f, by_user);
		drvmem_advice_value(f, "for_processes", DRVMEM_ADVICE_COUNT, (double)by_user);
		drvmem_advice_value(f, "allocations", DRVMEM_ADVICE_COUNT, (double)waited);
		drvmem_advice_value(f, "live_bytes", DRVMEM_ADVICE_BYTES, (double)bytes);
		drvmem_advice_threshold(f, "min_live_bytes", DRVMEM_ADVICE_BYTES, USER_BYTES);
		drvmem_advice_threshold(f, "min_allocations", DRVMEM_ADVICE_COUNT, USER_ALLOCS);
		drvmem_advice_threshold(f, "min_times_it_grew", DRVMEM_ADVICE_COUNT, USER_RISES);
		snprintf(f->why, sizeof(f->why), "%llu of %llu allocations were made by processes' requests, and %lld bytes are held: "
			 "no memory cgroup is charged", (ull)by_user, (ull)waited, (long long)bytes);
		snprintf(f->action, sizeof(f->action), "%s", of_cache ? "SLAB_ACCOUNT for kmem_cache_create(), or "
			 "GFP_KERNEL_ACCOUNT in place of GFP_KERNEL" : "GFP_KERNEL_ACCOUNT in place of GFP_KERNEL");
		snprintf(f->risk, sizeof(f->risk), "an allocation may fail when the process is at its limit; charging costs a "
			 "few ns. Not for what is shared between processes");
	}
}

/* ---- pools */

enum reserve_why { RESERVE_EMPTY, RESERVE_UNUSED, RESERVE_DIPS };

/* The most elements of the reserve that were out at once. */
static uint64_t taken(const struct drvmem_pool *p)
{
	return p->capacity.v > p->low_water.v ? p->capacity.v - p->low_water.v : 0;
}

static void explain_reserve(const struct drvmem_pool *p, enum reserve_why why, char *buf, size_t size)
{
	if (why == RESERVE_EMPTY)
		snprintf(buf, size, "the reserve of %llu was used up (low-water mark 0) while %llu elements were in use",
			 (ull)p->capacity.v, (ull)p->peak.v);
	else if (why == RESERVE_UNUSED)
		snprintf(buf, size, "never more than %llu elements were in use at once, of a reserve of %llu", (ull)p->peak.v,
			 (ull)p->capacity.v);
	else
		snprintf(buf, size, "%llu times the reserve of %llu was in use, for want of memory: at most %llu of it at once",
			 (ull)p->dips.v, (ull)p->capacity.v, (ull)taken(p));
}

static void reserve(struct drvmem_advice_ctx *c, uint32_t index, uint64_t want, enum reserve_why why)
{
	bool larger = why == RESERVE_EMPTY;
	const struct drvmem_pool *p = &c->in->pools->v[index];
	uint64_t have = p->capacity.v, size = p->size.st == DRVMEM_OK ? p->size.v : 0;
	struct drvmem_advice_finding *f = drvmem_advice_add(c, DRVMEM_ADVICE_POOL, index);

	if (!f)
		return;
	f->held_now = f->held_peak = have * size;
	f->then_now = f->then_peak = (struct drvmem_advice_bytes){ want * size, want * size, want * size };
	f->has_saving = !larger && size;
	f->severity = larger ? DRVMEM_LEVEL_MEDIUM : drvmem_advice_severity(drvmem_advice__saved(f));
	drvmem_advice_judge(c, f, why == RESERVE_DIPS ? p->dips.v : p->requests.v);
	drvmem_advice_value(f, "reserve", DRVMEM_ADVICE_COUNT, (double)have);
	if (p->peak.st == DRVMEM_OK)
		drvmem_advice_value(f, "in_use_peak", DRVMEM_ADVICE_COUNT, (double)p->peak.v);
	drvmem_advice_value(f, "low_water", DRVMEM_ADVICE_COUNT, (double)p->low_water.v);
	drvmem_advice_value(f, "requests", DRVMEM_ADVICE_COUNT, (double)p->requests.v);
	if (p->failures.st == DRVMEM_OK)
		drvmem_advice_value(f, "failures", DRVMEM_ADVICE_COUNT, (double)p->failures.v);
	if (p->dips.st == DRVMEM_OK)
		drvmem_advice_value(f, "dips", DRVMEM_ADVICE_COUNT, (double)p->dips.v);
	if (p->dips.st == DRVMEM_OK && p->dips.v && p->longest_dip_ns.st == DRVMEM_OK)
		drvmem_advice_value(f, "longest_dip", DRVMEM_ADVICE_NS, (double)p->longest_dip_ns.v);
	drvmem_advice_threshold(f, "min_requests", DRVMEM_ADVICE_COUNT, REQUESTS_MIN);
	if (why == RESERVE_DIPS)
		drvmem_advice_threshold(f, "min_dips", DRVMEM_ADVICE_COUNT, DIPS_MIN);
	explain_reserve(p, why, f->why, sizeof(f->why));
	snprintf(f->action, sizeof(f->action), "min_nr %llu: mempool_resize(pool, %llu), or where it is created", (ull)want,
		 (ull)want);
	snprintf(f->risk, sizeof(f->risk), "%s", larger ? "the reserve is held all the time" :
		 "a load that this session did not have may use more at once; the reserve is what goes on when memory is short");
}

/* How large it should be; false: that is not told. */
static bool want_reserve(const struct drvmem_pool *p, uint64_t *ret_want, enum reserve_why *ret_why)
{
	bool has_peak = p->peak.st == DRVMEM_OK;

	if (has_peak && !p->low_water.v && p->peak.v > p->capacity.v) {
		*ret_want = p->peak.v;
		*ret_why = RESERVE_EMPTY;
		return true;
	}
	*ret_want = has_peak && p->peak.v ? 2 * p->peak.v : 1;	/* mempool_resize() takes no 0 */
	*ret_why = RESERVE_UNUSED;
	/* what came from the allocator needs no reserve: where memory was short, that tells more */
	if (p->dips.st == DRVMEM_OK && p->dips.v >= DIPS_MIN && p->low_water.v && taken(p) &&
	    (!has_peak || taken(p) < p->peak.v)) {
		*ret_want = 2 * taken(p);
		*ret_why = RESERVE_DIPS;
		return true;
	}
	return has_peak;
}

void drvmem_advice_reserve(struct drvmem_advice_ctx *c)
{
	enum reserve_why why;
	uint64_t size, want;
	uint32_t i;

	for (i = 0; i < c->in->pools->n; i++) {
		const struct drvmem_pool *p = &c->in->pools->v[i];

		if (p->kind != DRVMEM_POOL_MEMPOOL || !drvmem_advice_asks_pool(c->in, p) || p->capacity.st != DRVMEM_OK ||
		    p->low_water.st != DRVMEM_OK || p->requests.st != DRVMEM_OK || p->requests.v < REQUESTS_MIN ||
		    !want_reserve(p, &want, &why))
			continue;
		size = p->size.st == DRVMEM_OK ? p->size.v : 0;
		if (why == RESERVE_EMPTY || drvmem_advice_worth(c, p->capacity.v * size, want * size))
			reserve(c, i, want, why);
	}
}

static bool is_known(const struct drvmem_pool *p)
{
	return p->capacity.st == DRVMEM_OK && p->in_use.st == DRVMEM_OK && p->per_slab.st == DRVMEM_OK &&
	       p->slabs.st == DRVMEM_OK && p->held_bytes.st == DRVMEM_OK && p->over_max.st == DRVMEM_OK &&
	       p->tracked.st == DRVMEM_OK && p->per_slab.v && p->slabs.v &&
	       p->in_use.v <= p->tracked.v + p->over_max.v;	/* the session saw them all */
}

/* Only caches that are a driver's own, and all of whose objects the session saw. */
void drvmem_advice_occupancy(struct drvmem_advice_ctx *c)
{
	uint64_t used, slab, then, held;
	struct drvmem_advice_finding *f;
	uint32_t i;

	for (i = 0; i < c->in->pools->n; i++) {
		const struct drvmem_pool *p = &c->in->pools->v[i];

		if (p->kind != DRVMEM_POOL_CACHE || !drvmem_advice_asks_pool(c->in, p) || p->owner_guess || p->users != 1 || !is_known(p))
			continue;
		used = p->tracked.v;
		slab = p->held_bytes.v / p->slabs.v;
		held = p->held_bytes.v;
		then = (used + p->per_slab.v - 1) / p->per_slab.v * slab;
		if ((double)used * 100 >= OCCUPIED * (double)p->capacity.v || !drvmem_advice_worth(c, held, then))
			continue;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_POOL, i);
		if (!f)
			return;
		f->has_saving = true;
		f->held_now = f->held_peak = held;
		f->then_now = f->then_peak = (struct drvmem_advice_bytes){ then, then, then + slab * c->in->s->meta.nr_cpus };
		f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
		drvmem_advice_judge(c, f, p->slabs.v);
		drvmem_advice_value(f, "live_objects", DRVMEM_ADVICE_COUNT, (double)used);
		drvmem_advice_value(f, "capacity", DRVMEM_ADVICE_COUNT, (double)p->capacity.v);
		drvmem_advice_value(f, "slabs", DRVMEM_ADVICE_COUNT, (double)p->slabs.v);
		drvmem_advice_value(f, "occupied", DRVMEM_ADVICE_PERCENT, (double)used * 100 / (double)p->capacity.v);
		drvmem_advice_threshold(f, "max_occupied", DRVMEM_ADVICE_PERCENT, OCCUPIED);
		snprintf(f->why, sizeof(f->why), "%llu objects keep %llu slabs with room for %llu%s%s", (ull)used, (ull)p->slabs.v,
			 (ull)p->capacity.v, p->aliases ? "; the cache is merged with " : "", p->aliases ? p->aliases : "");
		snprintf(f->action, sizeof(f->action), "free what a burst made in whole, or allocate long-lived objects from a cache "
			 "of their own; kmem_cache_shrink() gives back slabs that are empty");
		snprintf(f->risk, sizeof(f->risk), "none; the next burst takes slabs again");
	}
}
