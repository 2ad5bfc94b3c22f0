// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* qsort_r */
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"
#include "view/report.h"

#define SUB_ROWS	3u	/* functions or sites shown below their parent */
#define STACKS_SHOWN	3u
#define LABEL_LEN	256

const char *const drvmem_by_names[] = { "owner", "site", "cache", "stack", "device", NULL };

const char *const drvmem_sort_names[] = {
	[DRVMEM_SORT_LIVE] = "live",	   [DRVMEM_SORT_GROWTH] = "growth",
	[DRVMEM_SORT_RATE] = "rate",	   [DRVMEM_SORT_PEAK] = "peak",
	[DRVMEM_SORT_ALLOCS] = "allocs",   [DRVMEM_SORT_FREES] = "frees",
	[DRVMEM_SORT_OBJECTS] = "objects", [DRVMEM_SORT_WASTE] = "waste",
	[DRVMEM_SORT_FAILURES] = "failures", [DRVMEM_SORT_AGE] = "age",
	[DRVMEM_SORT_MAPPED] = "mapped",  [DRVMEM_SORT_NAME] = "name",	   [DRVMEM_NR_SORTS] = NULL,
};

/* What the rows of one level stand for. */
enum dim { DIM_END = 0, DIM_OWNER, DIM_COMPONENT, DIM_FUNCTION, DIM_CACHE, DIM_DEVICE, DIM_SITE,
	   DIM_CALL_SITE /* full stacks: a site for each stack, these together */ };

#define ALLOC { "allocator", "ALLOC", NULL, DRVMEM_UNIT_TEXT, false, 9 }
#define CACHE { "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 10 }

/* The rank decides which column a narrow terminal loses first. */
#define FIGURES									\
	{ "live_bytes", "LIVE", NULL, DRVMEM_UNIT_BYTES, false, 0 },		\
	{ "delta_bytes", "Δ", "DELTA", DRVMEM_UNIT_BYTES, true, 1 },		\
	{ "live_objects", "OBJECTS", NULL, DRVMEM_UNIT_COUNT, false, 2 },	\
	{ "allocs", "ALLOCS", NULL, DRVMEM_UNIT_COUNT, false, 6 },		\
	{ "allocs_per_s", "ALLOC/s", NULL, DRVMEM_UNIT_RATE, false, 3 },		\
	{ "frees", "FREES", NULL, DRVMEM_UNIT_COUNT, false, 7 },		\
	{ "frees_per_s", "FREE/s", NULL, DRVMEM_UNIT_RATE, false, 4 },		\
	{ "peak_bytes", "PEAK", NULL, DRVMEM_UNIT_BYTES, false, 2 },		\
	{ "bytes_per_alloc", "B/ALLOC", NULL, DRVMEM_UNIT_BYTES, false, 8 },	\
	{ "waste_bytes", "WASTE", NULL, DRVMEM_UNIT_BYTES, false, 5 },		\
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 4 },		\
	{ "age_p50_ns", "AGE p50", NULL, DRVMEM_UNIT_DURATION, false, 5 }

/* The last columns, where there is any. */
#define MAPS										\
	{ "mappings", "MAPS", NULL, DRVMEM_UNIT_COUNT, false, 6 },			\
	{ "mapped_bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 3 }
#define NR_MAPS 2

#define PLACE { "place", "LINE", NULL, DRVMEM_UNIT_TEXT, false, 0 }

static const struct drvmem_column owner_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, ALLOC, CACHE, FIGURES, MAPS,
};
static const struct drvmem_column site_columns[] = {
	{ "name", "SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, ALLOC, CACHE, FIGURES, MAPS,
};
/* With lines that were looked up. */
static const struct drvmem_column owner_line_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, PLACE, ALLOC, CACHE, FIGURES, MAPS,
};
static const struct drvmem_column site_line_columns[] = {
	{ "name", "SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 }, PLACE,
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, ALLOC, CACHE, FIGURES, MAPS,
};
static const struct drvmem_column cache_columns[] = {
	{ "name", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 0 }, ALLOC, FIGURES, MAPS,
};
static const struct drvmem_column device_columns[] = {
	{ "name", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 0 }, ALLOC, FIGURES,
	{ "syncs", "SYNCS", NULL, DRVMEM_UNIT_COUNT, false, 7 }, MAPS,
};
#define NR(a) (sizeof(a) / sizeof((a)[0]))

struct group {
	const uint32_t *sites;
	uint32_t n;
	const char *label;
	bool guess;
	double rank;		/* larger first */
	struct drvmem_sum sum;
};

struct build {
	struct drvmem_scope *v;
	const struct drvmem_report_opts *o;
	struct drvmem_grid *g;
	bool maps;		/* the grid has columns of mappings */
};

static const char *or_unknown(const char *text)
{
	return text && text[0] ? text : "?";
}

static size_t function_len(const struct drvmem_sitesnap *t)
{
	return strcspn(or_unknown(t->site), "+");
}

static int cmp_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int cmp_function(const struct drvmem_sitesnap *x, const struct drvmem_sitesnap *y)
{
	size_t lx = function_len(x), ly = function_len(y);
	int c = strncmp(or_unknown(x->site), or_unknown(y->site), lx < ly ? lx : ly);

	if (!c)
		c = (lx > ly) - (lx < ly);
	return c ? c : cmp_text(x->module, y->module);
}

/* Order that puts the sites of one row side by side; 0 = same row. */
static int cmp_call_site(const struct drvmem_sitesnap *x, const struct drvmem_sitesnap *y)
{
	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (x->call_site != y->call_site)
		return x->call_site < y->call_site ? -1 : 1;
	if (x->allocator != y->allocator)
		return x->allocator < y->allocator ? -1 : 1;
	return (x->cache > y->cache) - (x->cache < y->cache);
}

static int cmp_dim(const struct drvmem_snapshot *s, enum dim dim, const struct drvmem_sitesnap *x,
		   const struct drvmem_sitesnap *y)
{
	switch (dim) {
	case DIM_DEVICE:	/* it has a class for each size that its buffers hold */
		return cmp_text(s->caches[x->cache].name, s->caches[y->cache].name);
	case DIM_OWNER:
		return (x->owner > y->owner) - (x->owner < y->owner);
	case DIM_COMPONENT:
		return cmp_text(x->component, y->component);
	case DIM_FUNCTION:
		return cmp_function(x, y);
	case DIM_CACHE:
		return (x->cache > y->cache) - (x->cache < y->cache);
	case DIM_CALL_SITE:
		return cmp_call_site(x, y);
	default:
		return (x > y) - (x < y);
	}
}

struct dim_arg {
	const struct drvmem_snapshot *s;
	enum dim dim;
};

static int cmp_sites(const void *a, const void *b, void *arg)
{
	const struct dim_arg *d = arg;
	const uint32_t *x = a, *y = b;
	int c = cmp_dim(d->s, d->dim, &d->s->sites[*x], &d->s->sites[*y]);

	return c ? c : (*x > *y) - (*x < *y);
}

static enum dim site_dim(const struct drvmem_scope *v)
{
	return v->s->meta.full_stacks ? DIM_CALL_SITE : DIM_SITE;
}

/* The level below a row; what an owner consists of depends on the owner. */
static enum dim next_dim(const struct build *b, enum dim dim, const struct group *grp)
{
	const struct drvmem_sitesnap *t = &b->v->s->sites[grp->sites[0]];

	switch (b->o->by) {
	case DRVMEM_BY_CACHE:
		return dim == DIM_CACHE ? DIM_OWNER : DIM_END;
	case DRVMEM_BY_DEVICE:
		if (dim == DIM_DEVICE)
			return DIM_OWNER;
		return dim == DIM_OWNER ? site_dim(b->v) : DIM_END;
	case DRVMEM_BY_OWNER:
		break;
	default:
		return DIM_END;
	}
	if (dim == DIM_OWNER)
		return b->v->s->instances[t->owner].type == DRVMEM_OWNER_KERNEL ? DIM_COMPONENT :
									     site_dim(b->v);
	if (dim == DIM_COMPONENT)
		return DIM_FUNCTION;
	/* a function that uses one cache names it in its own row */
	return dim == DIM_FUNCTION && grp->sum.cache == DRVMEM_CACHE_SEVERAL ? DIM_CACHE : DIM_END;
}

/* Text of a symbol of a site; the module is named when the owner's name does not tell it. */
static void site_label(const struct build *b, const struct drvmem_sitesnap *t, size_t len,
		       char *buf, size_t size)
{
	const char *owner = b->v->s->instances[t->owner].name;

	if (t->module && cmp_text(t->module, owner))
		snprintf(buf, size, "%.*s [%s]", (int)len, or_unknown(t->site), t->module);
	else
		snprintf(buf, size, "%.*s", (int)len, or_unknown(t->site));
}

static void set_label(const struct build *b, enum dim dim, struct group *grp)
{
	const struct drvmem_sitesnap *t = &b->v->s->sites[grp->sites[0]];
	char buf[LABEL_LEN];
	uint32_t i;

	switch (dim) {
	case DIM_OWNER:
		grp->label = b->v->owner_name[t->owner];
		return;
	case DIM_COMPONENT:
		grp->label = t->component ? t->component : "vmlinux";
		for (i = 0; i < grp->n; i++)
			grp->guess |= b->v->s->sites[grp->sites[i]].component_guess;
		return;
	case DIM_DEVICE:
	case DIM_CACHE:
		grp->label = or_unknown(b->v->s->caches[t->cache].name);
		return;
	case DIM_FUNCTION:
		site_label(b, t, function_len(t), buf, sizeof(buf));
		break;
	default:
		site_label(b, t, strlen(or_unknown(t->site)), buf, sizeof(buf));
		break;
	}
	grp->label = drvmem_arena__str(b->g->arena, buf);
	if (!grp->label) {
		grp->label = "?";
		b->g->failed = true;
	}
}

static double rank_of(const struct drvmem_sum *m, enum drvmem_sort sort)
{
	switch (sort) {
	case DRVMEM_SORT_GROWTH:
		return (double)m->d.live_bytes;
	case DRVMEM_SORT_RATE:
		return (double)(m->d.allocs + m->d.frees);
	case DRVMEM_SORT_PEAK:
		return m->peak_bytes.st == DRVMEM_OK ? (double)m->peak_bytes.v :
						       (double)m->c.live_bytes;
	case DRVMEM_SORT_ALLOCS:
		return (double)m->c.allocs;
	case DRVMEM_SORT_FREES:
		return (double)m->c.frees;
	case DRVMEM_SORT_OBJECTS:
		return (double)m->c.live_objects;
	case DRVMEM_SORT_WASTE:
		return m->waste_st == DRVMEM_OK ? (double)m->waste_bytes : -1;
	case DRVMEM_SORT_FAILURES:
		return (double)m->c.failures;
	case DRVMEM_SORT_AGE:
		return m->age_p50_ns.st == DRVMEM_OK ? (double)m->age_p50_ns.v : -1;
	case DRVMEM_SORT_NAME:
		return 0;
	case DRVMEM_SORT_MAPPED:
		return (double)m->map.live_bytes;
	default:
		return (double)m->c.live_bytes;
	}
}

/* By rank, then the busier one, then by name: the same input gives the same table. */
static int cmp_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int c;

	if (x->rank != y->rank)
		return (x->rank < y->rank) - (x->rank > y->rank);
	c = strcmp(x->label, y->label);
	if (c)
		return c;
	return (x->sites[0] > y->sites[0]) - (x->sites[0] < y->sites[0]);
}

static void sum_group(const struct build *b, enum dim dim, struct group *grp)
{
	const struct drvmem_owner_slice *slice = NULL;

	if (dim == DIM_OWNER)
		slice = drvmem_scope__owner(b->v, b->v->s->sites[grp->sites[0]].owner);
	if (slice && slice->nr == grp->n)
		drvmem_scope__owner_sum(b->v, slice, &grp->sum);
	else
		drvmem_scope__sum(b->v, grp->sites, grp->n, &grp->sum);
}

/* One group per run of equal sites; sites[] is sorted in place. NULL on ENOMEM. */
static struct group *make_groups(const struct build *b, enum dim dim, uint32_t *sites, uint32_t n,
				 uint32_t *ret_nr)
{
	const struct drvmem_sitesnap *all = b->v->s->sites;
	struct dim_arg arg = { b->v->s, dim };
	struct group *groups = calloc(n ? n : 1, sizeof(*groups));
	uint32_t i, nr = 0;

	if (!groups)
		return NULL;
	qsort_r(sites, n, sizeof(*sites), cmp_sites, &arg);
	for (i = 0; i < n; i++) {
		if (!i || cmp_dim(b->v->s, dim, &all[sites[i - 1]], &all[sites[i]]))
			groups[nr++].sites = &sites[i];
		groups[nr - 1].n++;
	}
	for (i = 0; i < nr; i++) {
		set_label(b, dim, &groups[i]);
		sum_group(b, dim, &groups[i]);
		groups[i].rank = rank_of(&groups[i].sum, b->o->sort);
	}
	qsort(groups, nr, sizeof(*groups), cmp_groups);
	*ret_nr = nr;
	return groups;
}

static void set_allocators(struct drvmem_grid *g, uint32_t bits)
{
	char buf[64] = "";
	size_t len = 0;
	uint16_t i;

	for (i = 0; i < DRVMEM_NR_USES; i++)
		if (bits & (1u << i))
			len += (size_t)snprintf(buf + len, sizeof(buf) - len, "%s%s",
						len ? "," : "", drvmem_allocator_name(i));
	if (len)
		drvmem_grid__text(g, "allocator", buf, 0);
}

static void set_rate(const struct build *b, const char *key, uint64_t events, unsigned int flags)
{
	double rate = 0;
	enum drvmem_avail st = drvmem_delta__rate(b->v->delta, events, &rate);

	if (st == DRVMEM_OK)
		drvmem_grid__double(b->g, key, rate, flags);
	else
		drvmem_grid__missing(b->g, key, st);
}

/*
 * A live figure below 0 is a sum caught between two CPUs: shown, and marked. Nothing
 * can be less than 0, so a 0 that is "at most 0" is simply 0.
 */
static void set_live(struct drvmem_grid *g, const char *key, int64_t v, unsigned int flags)
{
	if (!v)
		flags &= ~DRVMEM_CELL_UPPER;
	drvmem_grid__i64(g, key, v, v < 0 ? flags | DRVMEM_CELL_GUESS : flags);
}

static void set_live_figures(const struct build *b, const struct drvmem_sum *m, unsigned int lower)
{
	unsigned int upper = m->upper_bound ? DRVMEM_CELL_UPPER : 0;
	unsigned int sampled = m->peak_sampled ? DRVMEM_CELL_GUESS : 0;

	set_live(b->g, "live_bytes", m->c.live_bytes, lower | upper);
	set_live(b->g, "live_objects", m->c.live_objects, lower | upper);
	/* the difference of two upper bounds is bounded from neither side */
	if (upper && (m->d.live_bytes || m->c.live_bytes))
		drvmem_grid__i64(b->g, "delta_bytes", m->d.live_bytes,
				 b->v->delta->since_start ? upper : DRVMEM_CELL_GUESS);
	else
		drvmem_grid__i64(b->g, "delta_bytes", m->d.live_bytes, 0);
	drvmem_grid__maybe(b->g, "peak_bytes", m->peak_bytes, lower | upper | sampled);
	if (m->waste_st == DRVMEM_OK)
		set_live(b->g, "waste_bytes", m->waste_bytes,
			 upper | lower | (m->waste_partial ? DRVMEM_CELL_LOWER : 0));
	else
		drvmem_grid__missing(b->g, "waste_bytes", m->waste_st);
	drvmem_grid__maybe(b->g, "age_p50_ns", m->age_p50_ns,
			   m->c.sampled_allocs ? DRVMEM_CELL_GUESS : 0);
}

/* What was sampled: estimates, each with half of its 95 % interval. */
static void set_errors(const struct build *b, const struct drvmem_sum *m)
{
	double live = drvmem_counts__live_var(&m->c), s = (double)b->v->delta->interval_ns / 1e9;

	if (!m->c.sampled_allocs)
		return;
	drvmem_grid__error_of(b->g, "live_bytes",
			      drvmem_error95(drvmem_counts__live_bytes_var(&m->c)));
	drvmem_grid__error_of(b->g, "live_objects", drvmem_error95(live));
	drvmem_grid__error_of(b->g, "delta_bytes", drvmem_error95(m->d.live_bytes_var));
	drvmem_grid__error_of(b->g, "allocs", drvmem_error95(m->c.allocs_var));
	drvmem_grid__error_of(b->g, "frees", drvmem_error95(m->c.frees_var));
	drvmem_grid__error_of(b->g, "waste_bytes", drvmem_error95(m->waste_var));
	if (s > 0) {
		drvmem_grid__error_of(b->g, "allocs_per_s", drvmem_error95(m->d.allocs_var) / s);
		drvmem_grid__error_of(b->g, "frees_per_s", drvmem_error95(m->d.frees_var) / s);
	}
}

static void set_events(const struct build *b, const struct drvmem_counts *c,
		       const struct drvmem_change *d, unsigned int lower)
{
	drvmem_grid__u64(b->g, "allocs", c->allocs, lower);
	drvmem_grid__u64(b->g, "frees", c->frees, lower);
	set_rate(b, "allocs_per_s", d->allocs, lower);
	set_rate(b, "frees_per_s", d->frees, lower);
	drvmem_grid__u64(b->g, "failures", c->failures, lower);
	if (c->allocs)
		drvmem_grid__u64(b->g, "bytes_per_alloc", c->alloc_bytes / c->allocs,
				 c->sampled_allocs ? DRVMEM_CELL_GUESS : 0);
	else
		drvmem_grid__missing(b->g, "bytes_per_alloc", DRVMEM_ABSENT);
}

/* How much is mapped; of a row of mappings alone also how often it was, and for how long. */
static void set_maps(const struct build *b, const struct drvmem_sum *m, unsigned int lower)
{
	unsigned int bounds = lower;

	if (!b->maps || !m->nr_maps)
		return;
	if (b->v->s->meta.maps_upper && m->allocators & 1u << DRVMEM_MAP_DMA)
		bounds |= DRVMEM_CELL_UPPER;
	set_live(b->g, "mappings", m->map.live_objects, bounds);
	set_live(b->g, "mapped_bytes", m->map.live_bytes, bounds);
	if (m->map.sampled_allocs) {
		drvmem_grid__error_of(b->g, "mappings",
				      drvmem_error95(drvmem_counts__live_var(&m->map)));
		drvmem_grid__error_of(b->g, "mapped_bytes",
				      drvmem_error95(drvmem_counts__live_bytes_var(&m->map)));
	}
	if (m->nr_maps < m->nr_sites)
		return;
	set_events(b, &m->map, &m->map_d, lower);
	drvmem_grid__maybe(b->g, "age_p50_ns", m->age_p50_ns,
			   m->map.sampled_allocs ? DRVMEM_CELL_GUESS : 0);
}

/* lower: DRVMEM_CELL_LOWER where events were lost and the row is a total. */
static void set_figures(const struct build *b, const struct drvmem_sum *m, unsigned int lower)
{
	set_allocators(b->g, m->allocators);
	if (m->cache != DRVMEM_CACHE_SEVERAL)
		drvmem_grid__text(b->g, "cache", b->v->s->caches[m->cache].name, 0);
	set_maps(b, m, lower);
	if (m->nr_maps && m->nr_maps == m->nr_sites)
		return;
	set_live_figures(b, m, lower);
	set_events(b, &m->c, &m->d, lower);
	set_errors(b, m);
}

void drvmem_report__figures(struct drvmem_scope *v, const struct drvmem_sum *m, bool total, struct drvmem_grid *g)
{
	const struct build b = { .v = v, .g = g, .maps = m->nr_maps };

	set_figures(&b, m, total && v->lossy ? DRVMEM_CELL_LOWER : 0);
}

static unsigned int loss_flag(const struct build *b, unsigned int depth)
{
	return b->v->lossy && !depth ? DRVMEM_CELL_LOWER : 0;
}

/* How often the device's mappings were handed to the CPU or back. */
static void set_syncs(const struct build *b, const char *device)
{
	const struct drvmem_snapshot *s = b->v->s;
	uint64_t n = 0;
	uint32_t i;

	if (!(s->meta.traced & 1u << DRVMEM_MAP_DMA))
		return;
	for (i = 0; i < s->nr_syncs; i++)
		if (!strcmp(s->syncs[i].device, device))
			n += s->syncs[i].for_cpu + s->syncs[i].for_device;
	drvmem_grid__u64(b->g, "syncs", n, 0);
}

static void set_place(const struct build *b, uint64_t ip)
{
	char place[LABEL_LEN];

	if (drvmem_scope__place(b->v, ip, place, sizeof(place)))
		drvmem_grid__text(b->g, "place", place, 0);
}

static void add_group(const struct build *b, enum dim dim, const struct group *grp, uint16_t depth)
{
	const struct drvmem_sitesnap *t = &b->v->s->sites[grp->sites[0]];

	drvmem_grid__add_row(b->g, DRVMEM_ROW_DATA, depth);
	drvmem_grid__text(b->g, "name", grp->label, grp->guess ? DRVMEM_CELL_GUESS : 0);
	if (dim == DIM_OWNER && !depth)
		drvmem_grid__stands_for(b->g, t->owner + 1u, 0);
	else if (grp->n == 1 && dim != DIM_COMPONENT && dim != DIM_DEVICE)
		drvmem_grid__stands_for(b->g, 0, grp->sites[0] + 1);
	if (dim == DIM_SITE || dim == DIM_CALL_SITE) {
		drvmem_grid__text(b->g, "owner", b->v->owner_name[t->owner], 0);
		set_place(b, t->call_site);
	}
	if (dim == DIM_DEVICE)
		set_syncs(b, grp->label);
	set_figures(b, &grp->sum, loss_flag(b, depth));
}

/* The rows that were cut, as one: their sites are summed again, so nothing is added twice. */
static void add_other(const struct build *b, const struct group *groups, uint32_t nr,
		      uint16_t depth)
{
	struct drvmem_sum sum;
	uint32_t i, n = 0, *sites;
	char label[32];

	for (i = 0; i < nr; i++)
		n += groups[i].n;
	sites = calloc(n, sizeof(*sites));
	if (!sites) {
		b->g->failed = true;
		return;
	}
	for (i = 0, n = 0; i < nr; n += groups[i].n, i++)
		memcpy(sites + n, groups[i].sites, groups[i].n * sizeof(*sites));
	drvmem_scope__sum(b->v, sites, n, &sum);
	if (n == 1)
		sum.peak_bytes.st = DRVMEM_ABSENT;
	free(sites);
	snprintf(label, sizeof(label), "other (%u)", nr);
	drvmem_grid__add_row(b->g, DRVMEM_ROW_OTHER, depth);
	drvmem_grid__text(b->g, "name", label, 0);
	set_figures(b, &sum, loss_flag(b, depth));
}

static void add_frames(const struct build *b, uint32_t site)
{
	const struct drvmem_stacksnap *k;
	uint32_t first, nr, i, f;
	char label[64];

	drvmem_scope__stacks(b->v, site, &first, &nr);
	for (i = 0; i < nr && (i < STACKS_SHOWN || !b->o->top); i++) {
		k = &b->v->s->stacks[b->v->stacks[first + i]];
		if (!b->v->s->meta.full_stacks) {
			snprintf(label, sizeof(label), "stack, %llu samples",
				 (unsigned long long)k->count);
			drvmem_grid__add_row(b->g, DRVMEM_ROW_FRAME, 1);
			drvmem_grid__text(b->g, "name", label, 0);
		}
		for (f = 0; f < k->nr; f++) {
			drvmem_grid__add_row(b->g, DRVMEM_ROW_FRAME, 2);
			drvmem_grid__text(b->g, "name", or_unknown(k->frame[f]), 0);
			set_place(b, k->ip[f]);
		}
	}
}

/* Rows of a level: the first level and components by --top, what is below them by SUB_ROWS. */
static uint32_t row_limit(const struct build *b, enum dim dim, uint16_t depth)
{
	if (!b->o->top)
		return UINT32_MAX;
	if (!depth || dim == DIM_COMPONENT)
		return b->o->top;
	return b->o->top < SUB_ROWS ? b->o->top : SUB_ROWS;
}

static void add_level(const struct build *b, enum dim dim, uint32_t *sites, uint32_t n,
		      uint16_t depth);

static void add_below(const struct build *b, enum dim dim, const struct group *grp, uint16_t depth)
{
	enum dim below = next_dim(b, dim, grp);
	uint32_t *sites;

	if (b->o->by == DRVMEM_BY_STACK)
		add_frames(b, grp->sites[0]);
	if (below == DIM_END)
		return;
	sites = malloc(grp->n * sizeof(*sites));
	if (!sites) {
		b->g->failed = true;
		return;
	}
	memcpy(sites, grp->sites, grp->n * sizeof(*sites));
	add_level(b, below, sites, grp->n, depth + 1);
	free(sites);
}

static void add_level(const struct build *b, enum dim dim, uint32_t *sites, uint32_t n,
		      uint16_t depth)
{
	uint32_t limit = row_limit(b, dim, depth), nr, i;
	struct group *groups = make_groups(b, dim, sites, n, &nr);

	if (!groups) {
		b->g->failed = true;
		return;
	}
	/* one row cut would only be renamed to "other (1)" */
	if (limit != UINT32_MAX && nr == limit + 1)
		limit = nr;
	for (i = 0; i < nr && i < limit; i++) {
		add_group(b, dim, &groups[i], depth);
		add_below(b, dim, &groups[i], depth);
	}
	if (i < nr)
		add_other(b, groups + i, nr - i, depth);
	free(groups);
}

static void add_total(const struct build *b, const uint32_t *sites, uint32_t n)
{
	struct drvmem_sum sum;

	drvmem_scope__sum(b->v, sites, n, &sum);
	if (n == 1)
		sum.peak_bytes.st = DRVMEM_ABSENT;
	drvmem_grid__add_row(b->g, DRVMEM_ROW_TOTAL, 0);
	drvmem_grid__text(b->g, "name", "TOTAL", 0);
	set_figures(b, &sum, loss_flag(b, 0));
}

static struct drvmem_grid *new_grid(enum drvmem_by by, bool maps, bool lines)
{
	uint32_t less = maps ? 0 : NR_MAPS;

	switch (by) {
	case DRVMEM_BY_OWNER:
		if (lines)
			return drvmem_grid__new(owner_line_columns, NR(owner_line_columns) - less);
		return drvmem_grid__new(owner_columns, NR(owner_columns) - less);
	case DRVMEM_BY_CACHE:
		return drvmem_grid__new(cache_columns, NR(cache_columns) - less);
	case DRVMEM_BY_DEVICE:
		return drvmem_grid__new(device_columns, NR(device_columns) - less);
	default:
		if (lines)
			return drvmem_grid__new(site_line_columns, NR(site_line_columns) - less);
		return drvmem_grid__new(site_columns, NR(site_columns) - less);
	}
}

static bool is_of_device(const struct drvmem_sitesnap *t)
{
	return t->allocator == DRVMEM_ALLOC_DMA || t->allocator == DRVMEM_MAP_DMA;
}

/* The sites that a report is of, in the order of the scope; how many. */
static uint32_t choose_sites(const struct build *b, uint32_t *ret)
{
	uint32_t i, n = 0;

	for (i = 0; i < b->v->nr_kept; i++) {
		uint32_t site = b->v->by_owner[i];

		if (b->o->by != DRVMEM_BY_DEVICE || is_of_device(&b->v->s->sites[site]))
			ret[n++] = site;
	}
	return n;
}

int drvmem_report__build(struct drvmem_scope *v, const struct drvmem_report_opts *o,
			 struct drvmem_grid **ret)
{
	static const enum dim first[] = { [DRVMEM_BY_OWNER] = DIM_OWNER,
					  [DRVMEM_BY_SITE] = DIM_SITE,
					  [DRVMEM_BY_CACHE] = DIM_CACHE,
					  [DRVMEM_BY_STACK] = DIM_SITE,
					  [DRVMEM_BY_DEVICE] = DIM_DEVICE };
	bool maps = drvmem_scope__has_maps(v);
	struct build b = { .v = v, .o = o, .g = new_grid(o->by, maps, v->places != NULL), .maps = maps };
	uint32_t *sites = malloc((v->nr_kept ? v->nr_kept : 1) * sizeof(*sites)), n;

	if (!b.g || !sites) {
		drvmem_grid__free(b.g);
		free(sites);
		return -ENOMEM;
	}
	n = choose_sites(&b, sites);
	add_level(&b, o->by == DRVMEM_BY_SITE ? site_dim(v) : first[o->by], sites, n, 0);
	n = choose_sites(&b, sites);
	add_total(&b, sites, n);
	free(sites);
	if (drvmem_grid__error(b.g)) {
		drvmem_grid__free(b.g);
		return -ENOMEM;
	}
	*ret = b.g;
	return 0;
}
