// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/advice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/advice_parts.h"
#include "analysis/bufsize.h"

#define MIB			(1u << 20)
#define LIFE_MIN		30u	/* ends that tell how long objects live */
#define LOSS_PPM		1000.0	/* more lost: one level less */
#define SURE_SAMPLES		1000u
#define SOME_SAMPLES		100u
#define SURE_SECONDS		30.0

/*
 * The saving of a change is that of its slabs. Below 64 KiB the slabs that each CPU keeps of a new cache take as
 * much; below a tenth the next change of the structure undoes it. Rates: a kmalloc and its kfree take about
 * 100 ns, so that 10,000 in a second are a thousandth of a CPU. 90 of 100: the rest are error paths. Blocks of
 * 64 KiB are what block layers still ask for, and do without (block/blk-mq.c: blk_mq_alloc_rqs()).
 */
const struct drvmem_advice_opts drvmem_advice_defaults = {
	.min_saving = 64u << 10, .min_saving_percent = 10, .min_rate = 10000, .min_objects = 64, .pair_percent = 90,
	.max_sizes = 4, .large_bytes = 128u << 10, .init_bytes = 4u << 20, .min_time_ns = 5000000000ull,
};

static bool has_pools(const struct drvmem_advice_in *in)
{
	return in->pools;
}

static bool has_dma(const struct drvmem_advice_in *in)
{
	return in->s->meta.traced & (1u << DRVMEM_ALLOC_DMA | 1u << DRVMEM_MAP_DMA);
}

static bool has_mappings(const struct drvmem_advice_in *in)
{
	return in->s->meta.traced & (1u << DRVMEM_MAP_DMA | 1u << DRVMEM_MAP_VMAP | 1u << DRVMEM_MAP_IOREMAP);
}

static bool has_nodes(const struct drvmem_advice_in *in)
{
	return in->numa && in->numa->nr_nodes > 1;
}

const struct drvmem_advice_rule drvmem_advice_rules[] = {
	/* before size-fit, which is silent about what should be one structure */
	{ "bundle", "two structures that always come and go together", "all", NULL, drvmem_advice_bundle },
	{ "size-fit", "a size that fits its kmalloc size class badly", "all", NULL, drvmem_advice_size_fit },
	{ "buffer-sizes", "buffers of many sizes that few fixed sizes would serve", "all", NULL,
	  drvmem_advice_buffer_sizes },
	{ "churn", "memory of one size that is given back only to be taken again", "all", NULL, drvmem_advice_churn },
	{ "page-multiple", "blocks of pages whose last part is lost", "all", NULL, drvmem_advice_page_multiple },
	{ "large-block", "long-lived blocks of many adjacent pages", "4.12 (kvmalloc)", NULL, drvmem_advice_large_block },
	{ "init-block", "megabytes taken when the driver starts", "all", NULL, drvmem_advice_init_block },
	{ "dma-pool", "coherent DMA blocks of less than a page", "all", has_dma, drvmem_advice_dma_pool },
	{ "map-churn", "the same buffers mapped again and again", "all", has_mappings, drvmem_advice_map_churn },
	{ "atomic-fail", "allocations that may not wait, and failed", "all", NULL, drvmem_advice_atomic_fail },
	{ "unaccounted", "memory on behalf of processes that are not charged for it", "4.5", NULL,
	  drvmem_advice_unaccounted },
	{ "reserve", "a mempool's reserve that does not fit its use", "all", has_pools, drvmem_advice_reserve },
	{ "occupancy", "a cache whose slabs are mostly empty", "all", has_pools, drvmem_advice_occupancy },
	{ "alignment", "objects of a cache that are larger for being aligned", "all", has_pools, drvmem_advice_alignment },
	{ "merged-cache", "objects that the kernel counts together with others'", "6.5 (SLAB_NO_MERGE)", NULL,
	  drvmem_advice_merged_cache },
	{ "numa-remote", "memory on another NUMA node than its device, or than who asked", "all", has_nodes,
	  drvmem_advice_numa_remote },
	{ "size-spread", "one call site for very different sizes", "all", NULL, drvmem_advice_size_spread },
};
const uint32_t drvmem_advice_nr_rules = sizeof(drvmem_advice_rules) / sizeof(drvmem_advice_rules[0]);

struct drvmem_advice_finding *drvmem_advice_add(struct drvmem_advice_ctx *c, enum drvmem_advice_subject subject,
						uint32_t index)
{
	struct drvmem_advice_finding *v = c->out->v;
	uint32_t cap = c->cap ? c->cap * 2 : 16;

	if (c->out->n == c->cap) {
		v = reallocarray(v, cap, sizeof(*v));
		if (!v) {
			c->oom = true;
			return NULL;
		}
		c->out->v = v;
		c->cap = cap;
	}
	v = &v[c->out->n++];
	*v = (struct drvmem_advice_finding){ .rule = c->rule, .subject = subject, .index = index, .second = -1 };
	return v;
}

static void add_value(struct drvmem_advice_finding *f, const char *name, enum drvmem_advice_unit unit, double v,
		      bool threshold)
{
	if (f->nr_values < DRVMEM_ADVICE_VALUES)
		f->value[f->nr_values++] = (struct drvmem_advice_value){ name, unit, v, threshold };
}

void drvmem_advice_value(struct drvmem_advice_finding *f, const char *name, enum drvmem_advice_unit unit, double v)
{
	add_value(f, name, unit, v, false);
}

void drvmem_advice_threshold(struct drvmem_advice_finding *f, const char *name, enum drvmem_advice_unit unit, double v)
{
	add_value(f, name, unit, v, true);
}

void drvmem_advice_doubt(struct drvmem_advice_finding *f, const char *text)
{
	size_t n = strlen(f->doubt);

	snprintf(f->doubt + n, sizeof(f->doubt) - n, "%s%s", n ? "; " : "", text);
	if (f->confidence)
		f->confidence--;
}

void drvmem_advice_judge(const struct drvmem_advice_ctx *c, struct drvmem_advice_finding *f, uint64_t samples)
{
	char text[80];

	f->confidence = DRVMEM_LEVEL_HIGH;
	if (samples < SURE_SAMPLES) {
		snprintf(text, sizeof(text), "%llu %s", (unsigned long long)samples,
			 samples < SOME_SAMPLES ? "only" : "are not many");
		drvmem_advice_doubt(f, text);
		if (samples < SOME_SAMPLES && f->confidence)
			f->confidence--;
	}
	if (c->seconds < SURE_SECONDS) {
		snprintf(text, sizeof(text), "%.0f s of tracing, use may change", c->seconds);
		drvmem_advice_doubt(f, text);
	}
	if (drvmem_loss__ppm(&c->in->s->loss) > LOSS_PPM)
		drvmem_advice_doubt(f, "events were lost");
	if (f->subject == DRVMEM_ADVICE_SITE && drvmem_advice_cache_of(c, f->index)->upper_bound)
		drvmem_advice_doubt(f, "some frees of this cache are not seen");
}

bool drvmem_advice_worth(const struct drvmem_advice_ctx *c, uint64_t held, uint64_t then)
{
	const struct drvmem_advice_opts *o = c->in->o;

	return held > then && held - then >= o->min_saving &&
	       (double)(held - then) * 100 >= (double)held * (double)o->min_saving_percent;
}

enum drvmem_level drvmem_advice_severity(uint64_t saved)
{
	if (saved >= 16 * MIB)
		return DRVMEM_LEVEL_HIGH;
	return saved >= MIB ? DRVMEM_LEVEL_MEDIUM : DRVMEM_LEVEL_LOW;
}

uint64_t drvmem_advice_slabs(const struct drvmem_advice_ctx *c, const struct drvmem_slub_layout *l, uint64_t n)
{
	return (n + l->objects - 1) / l->objects * ((uint64_t)c->in->slub->page_size << l->order);
}

/* Each CPU has a slab that it allocates from, however few objects are on it. */
struct drvmem_advice_bytes drvmem_advice_cache(const struct drvmem_advice_ctx *c, const struct drvmem_slub_layout *l,
					       uint64_t n)
{
	uint64_t full = drvmem_advice_slabs(c, l, n), slab = (uint64_t)c->in->slub->page_size << l->order;

	return (struct drvmem_advice_bytes){ full, full, full + (n ? c->in->s->meta.nr_cpus * slab : 0) };
}

bool drvmem_advice_layout(const struct drvmem_advice_ctx *c, uint32_t bytes, struct drvmem_slub_layout *ret)
{
	struct drvmem_slub_cache cache = { .object_size = bytes };

	return bytes && drvmem_slub(c->in->slub, &cache, ret);
}

uint64_t drvmem_advice_kmallocs(const struct drvmem_advice_ctx *c, uint32_t bytes, uint64_t n)
{
	struct drvmem_slub_layout l;
	bool pages;
	uint32_t each = drvmem_slub__kmalloc(c->in->slub, bytes, &pages);
	/* size classes of a power of two are aligned to themselves, which changes nothing of their layout */
	struct drvmem_slub_cache cache = { .object_size = each, .align = each & (each - 1) ? 0 : each };

	if (!each || pages)
		return (uint64_t)each * n;
	return drvmem_slub(c->in->slub, &cache, &l) ? drvmem_advice_slabs(c, &l, n) : (uint64_t)each * n;
}

bool drvmem_advice_main_size(const struct drvmem_advice_ctx *c, uint32_t site, struct drvmem_advice_size *ret)
{
	const struct drvmem_usage *u = c->in->s->usage;
	const struct drvmem_usage_site *t = &u->site[site];
	bool by_live = t->live >= (int64_t)c->in->o->min_objects;
	uint64_t all = 0, most = 0, n;
	uint32_t i;

	*ret = (struct drvmem_advice_size){ .distinct = t->nr_sizes };
	for (i = 0; i < t->nr_sizes; i++) {
		const struct drvmem_usage_size *z = &u->sizes[t->first_size + i];

		n = !by_live ? z->allocs : z->live > 0 ? (uint64_t)z->live : 0;
		all += n;
		if (n > most) {
			most = n;
			ret->bytes = z->bytes;
		}
	}
	/* also those whose size found no place */
	all += by_live ? 0 : t->unsized;
	if (by_live && all < (uint64_t)t->live)
		all = (uint64_t)t->live;
	ret->share = all ? (double)most / (double)all : 0;
	return most;
}

/* Sites of one call side by side: by owner, allocator, call site; then most live bytes first. */
struct sorting {
	const struct drvmem_snapshot *s;
};

static int cmp_call(const struct drvmem_sitesnap *a, const struct drvmem_sitesnap *b)
{
	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	if (a->allocator != b->allocator)
		return a->allocator < b->allocator ? -1 : 1;
	return (a->call_site > b->call_site) - (a->call_site < b->call_site);
}

static int cmp_site(const void *x, const void *y, void *arg)
{
	const struct drvmem_snapshot *s = ((const struct sorting *)arg)->s;
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	int c = cmp_call(&s->sites[a], &s->sites[b]);

	if (c)
		return c;
	if (s->sites[a].c.live_bytes != s->sites[b].c.live_bytes)
		return s->sites[a].c.live_bytes > s->sites[b].c.live_bytes ? -1 : 1;
	return (a > b) - (a < b);
}

static uint64_t life_p50(const struct drvmem_advice_ctx *c, const struct drvmem_advice_group *g)
{
	uint64_t hist[DRVMEM_LIFE_BUCKETS] = { 0 }, all = 0, seen = 0;
	uint32_t hz = c->in->s->meta.hz, i, k;

	for (i = 0; i < g->nr; i++)
		for (k = 0; k < DRVMEM_LIFE_BUCKETS; k++) {
			hist[k] += c->in->s->sites[g->site[i]].c.life_hist[k];
			all += c->in->s->sites[g->site[i]].c.life_hist[k];
		}
	if (all < LIFE_MIN || !hz)
		return UINT64_MAX;
	for (k = 0; k < DRVMEM_LIFE_BUCKETS; k++) {
		seen += hist[k];
		if (seen * 2 >= all)
			return (1ull << k) * 1000000000ull / hz;
	}
	return UINT64_MAX;
}

uint64_t drvmem_advice_peak(const struct drvmem_advice_ctx *c, uint32_t site)
{
	const struct drvmem_usage_site *u = &c->in->s->usage->site[site];
	uint64_t live = u->live > 0 ? (uint64_t)u->live : 0;
	uint64_t peak = u->peak ? u->peak : drvmem_laps__quantile(c->in->laps, c->in->s->sites[site].id, 100);

	return peak > live ? peak : live;
}

static void fill_group(const struct drvmem_advice_ctx *c, const uint32_t *site, uint32_t nr,
		       struct drvmem_advice_group *g)
{
	uint32_t i;

	*g = (struct drvmem_advice_group){ .site = site, .nr = nr, .peak_exact = nr == 1 };
	for (i = 0; i < nr; i++) {
		const struct drvmem_sitesnap *t = &c->in->s->sites[site[i]];
		const struct drvmem_usage_site *u = &c->in->s->usage->site[site[i]];

		g->allocs += t->c.allocs;
		g->ends += t->c.frees;
		g->live += u->live > 0 ? (uint64_t)u->live : 0;
		g->peak += drvmem_advice_peak(c, site[i]);
		g->peak_exact &= u->peak != 0;
	}
	g->life_p50_ns = life_p50(c, g);
}

/* Which sites are asked: drivers', the kernel's only where that is wished; drvmem's own never. */
static bool is_wanted(struct drvmem_advice_ctx *c, uint32_t site)
{
	const struct drvmem_snapshot *s = c->in->s;
	enum drvmem_owner_type type = s->instances[s->sites[site].owner].type;

	if (type == DRVMEM_OWNER_MODULE)
		return true;
	if (type == DRVMEM_OWNER_KERNEL && !c->in->o->kernel)
		c->out->skipped_kernel++;
	return type == DRVMEM_OWNER_KERNEL && c->in->o->kernel;
}

static int make_groups(struct drvmem_advice_ctx *c, uint32_t **ret_order)
{
	const struct drvmem_snapshot *s = c->in->s;
	uint32_t *order = calloc(c->in->nr_sites + 1, sizeof(*order)), n = 0, i, first;
	struct sorting sorting = { s };

	c->group = calloc(c->in->nr_sites + 1, sizeof(*c->group));
	if (!order || !c->group) {
		free(order);
		return -ENOMEM;
	}
	for (i = 0; i < c->in->nr_sites; i++)
		if (is_wanted(c, c->in->site[i]))
			order[n++] = c->in->site[i];
	qsort_r(order, n, sizeof(*order), cmp_site, &sorting);
	for (first = 0; first < n; first = i) {
		for (i = first + 1; i < n && !cmp_call(&s->sites[order[first]], &s->sites[order[i]]); i++)
			;
		fill_group(c, order + first, i - first, &c->group[c->nr_groups++]);
	}
	c->out->sites = n;
	*ret_order = order;
	return 0;
}

uint64_t drvmem_advice__saved(const struct drvmem_advice_finding *f)
{
	if (!f->has_saving || f->held_peak <= f->then_peak.likely)
		return 0;
	return f->held_peak - f->then_peak.likely;
}

static int cmp_finding(const void *x, const void *y)
{
	const struct drvmem_advice_finding *a = x, *b = y;
	uint64_t sa = drvmem_advice__saved(a), sb = drvmem_advice__saved(b);

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (sa != sb)
		return sa > sb ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

bool drvmem_advice_is_of_mempool(const struct drvmem_advice_ctx *c, uint32_t site)
{
	static const char prefix[] = "mempool_";
	const struct drvmem_snapshot *s = c->in->s;
	uint32_t i, k;

	if (!strncmp(s->sites[site].site, prefix, sizeof(prefix) - 1))
		return true;
	for (i = 0; i < s->nr_stacks; i++)
		for (k = 0; s->stacks[i].site == site && k < s->stacks[i].nr; k++)
			if (s->stacks[i].frame[k] && !strncmp(s->stacks[i].frame[k], prefix, sizeof(prefix) - 1))
				return true;
	return false;
}

bool drvmem_advice_asks_pool(const struct drvmem_advice_in *in, const struct drvmem_pool *p)
{
	return p->owner && (in->o->kernel || strcmp(p->owner, "kernel") != 0);
}

static uint32_t count_pools(const struct drvmem_advice_in *in)
{
	uint32_t i, n = 0;

	for (i = 0; in->pools && i < in->pools->n; i++)
		n += (in->pools->v[i].kind == DRVMEM_POOL_CACHE || in->pools->v[i].kind == DRVMEM_POOL_MEMPOOL) &&
		     drvmem_advice_asks_pool(in, &in->pools->v[i]);
	return n;
}

static bool is_contradictory(const struct drvmem_advice_opts *o)
{
	return o->min_saving_percent > 100 || !o->pair_percent || o->pair_percent > 100 || !o->max_sizes ||
	       o->max_sizes > DRVMEM_BUFSIZE_MAX || !o->min_objects || !o->min_rate;
}

int drvmem_advice(const struct drvmem_advice_in *in, struct drvmem_advice *ret)
{
	struct drvmem_advice_ctx c = { .in = in, .out = ret };
	uint32_t *order = NULL, i;
	int e;

	*ret = (struct drvmem_advice){ .traced_ns = in->s->meta.taken_ns - in->s->meta.started_ns };
	if (!in->s->usage || is_contradictory(in->o))
		return -EINVAL;
	c.seconds = (double)ret->traced_ns / 1e9;
	if (ret->traced_ns < in->o->min_time_ns) {
		ret->too_short = true;
		return 0;
	}
	ret->pools = count_pools(in);
	e = make_groups(&c, &order);
	for (i = 0; i < drvmem_advice_nr_rules && !e && !c.oom; i++) {
		c.rule = &drvmem_advice_rules[i];
		if (c.rule->applies && !c.rule->applies(in))
			continue;
		ret->rules++;
		c.rule->evaluate(&c);
	}
	free(order);
	free(c.group);
	if (e || c.oom) {
		drvmem_advice__deinit(ret);
		return -ENOMEM;
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), cmp_finding);
	return 0;
}

void drvmem_advice__deinit(struct drvmem_advice *a)
{
	free(a->v);
	a->v = NULL;
	a->n = 0;
}
