// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on pages, DMA and mappings: page-multiple, large-block, init-block, dma-pool, map-churn. */
#include <stdio.h>

#include "analysis/advice_parts.h"

#define LONG_NS		10000000000ull	/* lives long */
#define SHORT_NS	16000000ull	/* lives shortly: a few jiffies */
#define INIT_NS		2000000000ull	/* after its load a driver is still starting */
#define AGAIN_SHARE	0.9
#define FOLLOWED_MIN	64u		/* mappings that tell whether buffers come again */
#define BLOCKS_MIN	16u
#define MAP_RATE_PART	10u		/* a DMA mapping costs as much as ten kmallocs, IOMMU and caches included */
#define VMAP_RATE_PART	100u		/* a vmap and its TLB flushes as a hundred */

typedef unsigned long long ull;

static uint64_t page_round(const struct drvmem_advice_ctx *c, uint64_t bytes)
{
	uint64_t page = c->in->slub->page_size;

	return (bytes + page - 1) / page * page;
}

static bool is_large_kmalloc(const struct drvmem_advice_ctx *c, uint32_t site)
{
	return drvmem_advice_site(c, site)->allocator == DRVMEM_ALLOC_SLAB &&
	       drvmem_advice_cache_of(c, site)->kind == DRVMEM_CLASS_LARGE;
}

/* Of the large kmallocs of a group, in whole pages: now and at most; what they hold. */
struct pages {
	uint64_t now, peak, held_now, held_peak;
	uint64_t live, objects;
	uint32_t largest;
};

static void sum_pages(const struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, bool large,
		      struct pages *ret)
{
	const struct drvmem_usage *u = c->in->s->usage;
	uint32_t i, k;

	*ret = (struct pages){ 0 };
	for (i = 0; i < g->nr; i++) {
		const struct drvmem_usage_site *t = &u->site[g->site[i]];
		uint64_t held = drvmem_advice_cache_of(c, g->site[i])->held;

		for (k = 0; k < t->nr_sizes && is_large_kmalloc(c, g->site[i]); k++) {
			const struct drvmem_usage_size *z = &u->sizes[t->first_size + k];
			uint64_t live = z->live > 0 ? (uint64_t)z->live : 0, peak = z->peak > live ? z->peak : live;

			if ((z->bytes >= c->in->o->large_bytes) != large)
				continue;
			ret->live += live;
			ret->objects += peak;
			ret->now += live * page_round(c, z->bytes);
			ret->peak += peak * page_round(c, z->bytes);
			ret->held_now += live * held;
			ret->held_peak += peak * held;
			ret->largest = z->bytes > ret->largest ? z->bytes : ret->largest;
		}
	}
}

static void fill_pages(const struct drvmem_advice_ctx *c, const struct pages *p, struct drvmem_advice_finding *f)
{
	f->has_saving = p->held_peak > p->peak;
	f->held_now = p->held_now;
	f->held_peak = p->held_peak;
	f->then_now = (struct drvmem_advice_bytes){ p->now, p->now, p->now };
	f->then_peak = (struct drvmem_advice_bytes){ p->peak, p->peak, p->peak };
	f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
	drvmem_advice_value(f, "live_blocks", DRVMEM_ADVICE_COUNT, (double)p->live);
	drvmem_advice_value(f, "peak_blocks", DRVMEM_ADVICE_COUNT, (double)p->objects);
	drvmem_advice_value(f, "largest", DRVMEM_ADVICE_BYTES, p->largest);
	drvmem_advice_judge(c, f, p->objects);
}

/* Coherent buffers of more than a page: of which the allocator took a power of two of pages. */
static void dma_multiple(struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g)
{
	const struct drvmem_sitesnap *t = drvmem_advice_site(c, g->site[0]);
	uint64_t asked = t->c.live_bytes > 0 ? (uint64_t)t->c.live_bytes : 0;
	uint64_t held = t->c.held_bytes > 0 ? (uint64_t)t->c.held_bytes : 0;
	struct drvmem_advice_finding *f;

	if (g->nr != 1 || !g->live || asked / g->live < c->in->slub->page_size || !drvmem_advice_worth(c, held, asked))
		return;
	f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
	if (!f)
		return;
	f->has_saving = true;
	f->held_now = f->held_peak = held;
	f->then_now = f->then_peak = (struct drvmem_advice_bytes){ asked, asked, held };
	f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
	drvmem_advice_judge(c, f, g->live);
	drvmem_advice_value(f, "live_blocks", DRVMEM_ADVICE_COUNT, (double)g->live);
	drvmem_advice_value(f, "asked_bytes", DRVMEM_ADVICE_BYTES, (double)asked);
	drvmem_advice_threshold(f, "min_saving", DRVMEM_ADVICE_BYTES, (double)c->in->o->min_saving);
	snprintf(f->why, sizeof(f->why), "%llu coherent buffers of device %s ask for %llu bytes and hold %llu: pages come in "
		 "powers of two", (ull)g->live, drvmem_advice_cache_of(c, g->site[0])->name, (ull)asked, (ull)held);
	snprintf(f->action, sizeof(f->action), "a size that is a power of two of pages, as more or fewer descriptors in "
		 "a ring; or several smaller buffers, from a dma_pool");
	snprintf(f->risk, sizeof(f->risk), "none where the device takes any number of descriptors");
}

void drvmem_advice_page_multiple(struct drvmem_advice_ctx *c)
{
	struct drvmem_advice_finding *f;
	struct pages p;
	uint32_t i;

	for (i = 0; i < c->nr_groups; i++) {
		if (drvmem_advice_site(c, c->group[i].site[0])->allocator == DRVMEM_ALLOC_DMA)
			dma_multiple(c, &c->group[i]);
		sum_pages(c, &c->group[i], false, &p);
		if (!p.objects || !drvmem_advice_worth(c, p.held_peak, p.peak))
			continue;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, c->group[i].site[0]);
		if (!f)
			return;
		fill_pages(c, &p, f);
		drvmem_advice_threshold(f, "min_saving", DRVMEM_ADVICE_BYTES, (double)c->in->o->min_saving);
		snprintf(f->why, sizeof(f->why), "%llu blocks of up to %u bytes (at most %llu at once), which kmalloc "
			 "rounds up to a power of two of pages", (ull)p.live, p.largest, (ull)p.objects);
		snprintf(f->action, sizeof(f->action), "alloc_pages_exact(size, gfp) and free_pages_exact(), or kvmalloc(): "
			 "whole pages");
		snprintf(f->risk, sizeof(f->risk), "alloc_pages_exact() still needs adjacent pages for a moment; memory from "
			 "kvmalloc() is not for DMA by its address");
	}
}

static bool lives_long(const struct drvmem_advice_group *g)
{
	return g->life_p50_ns >= LONG_NS;
}

/* Blocks of the page allocator: as large as they were asked for, but as adjacent. */
static void sum_blocks(const struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, struct pages *p)
{
	const struct drvmem_usage *u = c->in->s->usage;
	uint32_t i, k;

	for (i = 0; i < g->nr; i++)
		for (k = 0; k < u->site[g->site[i]].nr_sizes; k++) {
			const struct drvmem_usage_size *z = &u->sizes[u->site[g->site[i]].first_size + k];
			uint64_t live = z->live > 0 ? (uint64_t)z->live : 0, peak = z->peak > live ? z->peak : live;

			if (z->bytes < c->in->o->large_bytes)
				continue;
			p->live += live;
			p->objects += peak;
			p->now += live * z->bytes;
			p->peak += peak * z->bytes;
			p->largest = z->bytes > p->largest ? z->bytes : p->largest;
		}
	p->held_now = p->now;
	p->held_peak = p->peak;
}

void drvmem_advice_large_block(struct drvmem_advice_ctx *c)
{
	struct drvmem_advice_finding *f;
	struct pages p;
	uint32_t i;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		sum_pages(c, g, true, &p);
		if (drvmem_advice_site(c, g->site[0])->allocator == DRVMEM_ALLOC_PAGE)
			sum_blocks(c, g, &p);
		if (!p.live || !lives_long(g) || drvmem_advice_is_of_mempool(c, g->site[0]))
			continue;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
		if (!f)
			return;
		fill_pages(c, &p, f);
		drvmem_advice_threshold(f, "large_bytes", DRVMEM_ADVICE_BYTES, (double)c->in->o->large_bytes);
		snprintf(f->why, sizeof(f->why), "%llu long-lived blocks of up to %u bytes, of adjacent pages: such blocks are "
			 "scarce once memory is fragmented, and cannot be moved", (ull)p.live, p.largest);
		snprintf(f->action, sizeof(f->action), "kvmalloc(size, GFP_KERNEL) and kvfree(); for DMA dma_alloc_coherent(), "
			 "or dma_alloc_noncontiguous()");
		snprintf(f->risk, sizeof(f->risk), "pages of kvmalloc() are not adjacent: not for a device that gets one "
			 "address; access costs more TLB entries");
	}
}

/* Bytes of live objects of a site that were made while its module started. */
static uint64_t made_at_start(const struct drvmem_advice_ctx *c, uint32_t site, uint64_t *ret_objects)
{
	const struct drvmem_snapshot *s = c->in->s;
	const struct drvmem_sitesnap *t = &s->sites[site];
	uint64_t loaded = s->instances[t->owner].loaded_ns, bytes = 0;
	uint32_t i;

	*ret_objects = 0;
	for (i = 0; i < t->nr_objects && loaded; i++) {
		const struct drvmem_object *o = &s->objects[t->first_object + i];

		if (s->meta.taken_ns - o->age_ns > loaded + INIT_NS || (o->flags & DRVMEM_F_RCU_PENDING))
			continue;
		bytes += o->asked;
		++*ret_objects;
	}
	return bytes;
}

void drvmem_advice_init_block(struct drvmem_advice_ctx *c)
{
	struct drvmem_advice_finding *f;
	uint64_t bytes, objects, n;
	uint32_t i, k;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];

		if (DRVMEM_IS_MAPPING(drvmem_advice_site(c, g->site[0])->allocator))
			continue;
		for (k = 0, bytes = objects = 0; k < g->nr; k++) {
			bytes += made_at_start(c, g->site[k], &n);
			objects += n;
		}
		if (bytes < c->in->o->init_bytes)
			continue;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);
		if (!f)
			return;
		f->held_now = bytes;
		f->severity = DRVMEM_LEVEL_LOW;
		drvmem_advice_judge(c, f, UINT64_MAX);
		drvmem_advice_value(f, "bytes_at_start", DRVMEM_ADVICE_BYTES, (double)bytes);
		drvmem_advice_value(f, "objects_at_start", DRVMEM_ADVICE_COUNT, (double)objects);
		drvmem_advice_threshold(f, "init_bytes", DRVMEM_ADVICE_BYTES, (double)c->in->o->init_bytes);
		snprintf(f->why, sizeof(f->why), "%llu bytes in %llu objects were taken while the driver started, and are still "
			 "held; whether they are used is not seen", (ull)bytes, (ull)objects);
		snprintf(f->action, sizeof(f->action), "allocate when the device is opened, or by what it is asked to do; a "
			 "module parameter for the size");
		snprintf(f->risk, sizeof(f->risk), "memory that is fragmented later may not give large blocks: that failure "
			 "must be handled");
	}
}

void drvmem_advice_dma_pool(struct drvmem_advice_ctx *c)
{
	uint64_t page = c->in->slub->page_size, n, live, per, then;
	struct drvmem_advice_finding *f;
	struct drvmem_advice_size z;
	uint32_t i, block;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];
		uint32_t site = g->site[0];

		if (drvmem_advice_site(c, site)->allocator != DRVMEM_ALLOC_DMA || g->nr != 1 ||
		    !drvmem_advice_main_size(c, site, &z) || z.share < 0.9 || !z.bytes || z.bytes > page / 2 ||
		    g->peak < BLOCKS_MIN)
			continue;
		block = (z.bytes + 7) / 8 * 8;	/* mm/dmapool.c: at the least what its free list needs */
		per = page / block;
		n = (uint64_t)((double)g->peak * z.share);
		live = (uint64_t)((double)g->live * z.share);
		then = (n + per - 1) / per * page;
		if (!drvmem_advice_worth(c, n * page, then))
			continue;
		f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, site);
		if (!f)
			return;
		f->has_saving = true;
		f->held_peak = n * page;
		f->held_now = live * page;
		f->then_peak = (struct drvmem_advice_bytes){ then, then, then };
		then = (live + per - 1) / per * page;
		f->then_now = (struct drvmem_advice_bytes){ then, then, then };
		f->severity = drvmem_advice_severity(drvmem_advice__saved(f));
		drvmem_advice_judge(c, f, n);
		drvmem_advice_value(f, "live_blocks", DRVMEM_ADVICE_COUNT, (double)live);
		drvmem_advice_value(f, "peak_blocks", DRVMEM_ADVICE_COUNT, (double)n);
		drvmem_advice_value(f, "asked", DRVMEM_ADVICE_BYTES, z.bytes);
		drvmem_advice_value(f, "blocks_per_page", DRVMEM_ADVICE_COUNT, (double)per);
		drvmem_advice_threshold(f, "min_saving", DRVMEM_ADVICE_BYTES, (double)c->in->o->min_saving);
		snprintf(f->why, sizeof(f->why), "%llu coherent blocks of %u bytes of device %s, a page each", (ull)live,
			 z.bytes, drvmem_advice_cache_of(c, site)->name);
		snprintf(f->action, sizeof(f->action), "dma_pool_create(\"NAME\", dev, %u, ALIGN, 0) and dma_pool_alloc(): %llu "
			 "blocks in a page; BOUNDARY where the device must not cross one", block, (ull)per);
		snprintf(f->risk, sizeof(f->risk), "blocks are aligned to ALIGN, no longer to a page: as the device wants it");
	}
}

static void map_churn(struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g, double rate, double limit,
		      bool dma)
{
	const struct drvmem_usage_site *u = &c->in->s->usage->site[g->site[0]];
	uint64_t followed = u->remaps_new + u->remaps_again;
	struct drvmem_advice_finding *f = drvmem_advice_add(c, DRVMEM_ADVICE_SITE, g->site[0]);

	if (!f)
		return;
	f->severity = rate >= 10 * limit ? DRVMEM_LEVEL_MEDIUM : DRVMEM_LEVEL_LOW;
	drvmem_advice_judge(c, f, dma ? followed : g->allocs);
	drvmem_advice_value(f, "maps_per_second", DRVMEM_ADVICE_PER_SECOND, rate);
	drvmem_advice_value(f, "peak_mappings", DRVMEM_ADVICE_COUNT, (double)g->peak);
	drvmem_advice_value(f, "life_p50", DRVMEM_ADVICE_NS, (double)g->life_p50_ns);
	drvmem_advice_threshold(f, "min_rate", DRVMEM_ADVICE_PER_SECOND, limit);
	if (dma) {
		drvmem_advice_value(f, "mapped_again", DRVMEM_ADVICE_PERCENT, (double)u->remaps_again * 100 / (double)followed);
		drvmem_advice_threshold(f, "min_mapped_again", DRVMEM_ADVICE_PERCENT, AGAIN_SHARE * 100);
		snprintf(f->why, sizeof(f->why), "%.0f mappings in a second, %.0f %% of addresses that were mapped before, at "
			 "most %llu at once", rate, (double)u->remaps_again * 100 / (double)followed, (ull)g->peak);
		snprintf(f->action, sizeof(f->action), "map once and dma_sync_single_for_device()/_for_cpu() around each use; for "
			 "network buffers page_pool_create() with PP_FLAG_DMA_MAP");
		snprintf(f->risk, sizeof(f->risk), "with an IOMMU an address that comes again need not be the same memory: look "
			 "whether the buffers are");
	} else {
		snprintf(f->why, sizeof(f->why), "%.0f areas mapped in a second, for %.1f ms in the middle: each end flushes TLBs",
			 rate, (double)g->life_p50_ns / 1e6);
		snprintf(f->action, sizeof(f->action), "keep the mapping as long as its buffer; kmap_local_page() for one page");
		snprintf(f->risk, sizeof(f->risk), "address space for what stays mapped");
	}
}

void drvmem_advice_map_churn(struct drvmem_advice_ctx *c)
{
	const struct drvmem_usage *u = c->in->s->usage;
	double rate, limit;
	uint32_t i;

	for (i = 0; i < c->nr_groups; i++) {
		const struct drvmem_advice_group *g = &c->group[i];
		const struct drvmem_usage_site *t = &u->site[g->site[0]];
		uint16_t kind = drvmem_advice_site(c, g->site[0])->allocator;
		bool dma = kind == DRVMEM_MAP_DMA;

		if (!DRVMEM_IS_MAPPING(kind) || g->life_p50_ns > SHORT_NS)
			continue;
		rate = (double)(g->allocs < g->ends ? g->allocs : g->ends) / c->seconds;
		limit = (double)c->in->o->min_rate / (dma ? MAP_RATE_PART : VMAP_RATE_PART);
		if (rate < limit)
			continue;
		if (dma && (g->nr != 1 || t->remaps_cut || t->remaps_new + t->remaps_again < FOLLOWED_MIN ||
			    (double)t->remaps_again < AGAIN_SHARE * (double)(t->remaps_new + t->remaps_again)))
			continue;
		map_churn(c, g, rate, limit, dma);
	}
}
