// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/simulated.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/units.h"

#define CACHES_SHOWN	12u
#define BURST_PERCENT	125u	/* of the peak that was played: more was recorded */
#define FEW		20u	/* objects, more or less by chance */
#define NS_PER_S	1000000000.0

static void note(struct drvmem_simulated_view *v, const char *fmt, ...) DRVMEM_PRINTF(2, 3);
static void note(struct drvmem_simulated_view *v, const char *fmt, ...)
{
	va_list ap;

	if (v->nr_notes == DRVMEM_SIMULATED_NOTES)
		return;
	va_start(ap, fmt);
	vsnprintf(v->note[v->nr_notes++], sizeof(v->note[0]), fmt, ap);
	va_end(ap);
}

static void note_played(struct drvmem_simulated_view *v)
{
	const struct drvmem_simulation *s = v->s;
	char played[DRVMEM_UNIT_LEN], traced[DRVMEM_UNIT_LEN];

	if (s->cut)
		note(v, "only %s of %s were played, at the recorded rate: a simulation has %" PRIu64 " events at most",
		     drvmem_fmt_duration(s->played_ns, played, sizeof(played)),
		     drvmem_fmt_duration(s->traced_ns, traced, sizeof(traced)), s->max_events);
	if (s->skipped)
		note(v, "%u call sites are left out: percpu memory, or no sizes were recorded", s->skipped);
	if (s->unsized)
		note(v, "%" PRIu64 " allocations of these call sites are left out: their sizes were not recorded", s->unsized);
}

static void note_bursts(struct drvmem_simulated_view *v)
{
	const struct drvmem_simulation *s = v->s;
	uint64_t played = s->today.level[DRVMEM_SIMULATED_OBJECTS].peak, left = s->today.level[DRVMEM_SIMULATED_OBJECTS].end;

	if (!s->cut && left * 100 > s->recorded_live * BURST_PERCENT && left > s->recorded_live + FEW)
		note(v, "%" PRIu64 " objects were live at the end, %" PRIu64 " are when played: many of the recorded "
		     "ones ended together, which is not played", s->recorded_live, left);
	if (s->cut || s->peak_bound || s->recorded_peak * 100 <= played * BURST_PERCENT)
		return;
	note(v, "%" PRIu64 " objects at once were recorded, %" PRIu64 " were played: they came in bursts, which are not "
	     "played; choose depth, limit and reserve by the recorded peak", s->recorded_peak, played);
}

static void note_sizes(struct drvmem_simulated_view *v)
{
	const struct drvmem_simulation *s = v->s;
	char list[120] = "";
	size_t used = 0;
	uint32_t i;

	if (s->sizes == 1 && v->c->nr_sizes > 1)
		note(v, "all objects are of one size: of several --sizes only one can serve it");
	for (i = 0; i < v->c->nr_sizes && used < sizeof(list); i++)
		if (s->unused_sizes >> i & 1)
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%u", used ? ", " : "", v->c->size[i]);
	if (used)
		note(v, "no object takes --sizes %s: all are larger, or fit a smaller one", list);
}

void drvmem_simulated_view_init(struct drvmem_simulated_view *v, const struct drvmem_simulation *s,
				const struct drvmem_distribution *d, const struct drvmem_simulate_config *c)
{
	*v = (struct drvmem_simulated_view){ .s = s, .d = d, .c = c };
	note_played(v);
	note_bursts(v);
	note_sizes(v);
}

const char *drvmem_simulated_kind_name(enum drvmem_simulated_kind kind)
{
	static const char *const names[] = {
		[DRVMEM_SIMULATED_KMALLOC] = "kmalloc", [DRVMEM_SIMULATED_PAGES] = "pages",
		[DRVMEM_SIMULATED_CACHE] = "cache", [DRVMEM_SIMULATED_NEW] = "new",
	};

	return names[kind];
}

const char *drvmem_simulated_name(const struct drvmem_simulated_cache *c, char *buf, size_t size)
{
	if (c->kind == DRVMEM_SIMULATED_CACHE)
		return c->name;
	/* mm/slab_common.c: kmalloc_info */
	if (c->kind == DRVMEM_SIMULATED_KMALLOC && c->size >= 1024) {
		snprintf(buf, size, "kmalloc-%" PRIu64 "k", c->size / 1024);
		return buf;
	}
	snprintf(buf, size, "%s-%" PRIu64, drvmem_simulated_kind_name(c->kind), c->asked ? c->asked : c->size);
	return buf;
}

const char *drvmem_simulated_level_name(enum drvmem_simulated_level level)
{
	static const char *const names[DRVMEM_NR_SIMULATED] = {
		[DRVMEM_SIMULATED_OBJECTS] = "objects", [DRVMEM_SIMULATED_ASKED] = "asked_bytes",
		[DRVMEM_SIMULATED_WASTE] = "waste_bytes", [DRVMEM_SIMULATED_SLACK] = "slack_bytes",
		[DRVMEM_SIMULATED_HELD] = "held_bytes",
	};

	return names[level];
}

double drvmem_simulated_refill_rate(const struct drvmem_simulation *s, const struct drvmem_simulated *r)
{
	return (double)r->refills * NS_PER_S / (double)s->played_ns;
}

static const struct drvmem_column columns[] = {
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "object", "OBJECT", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "per_slab", "PER SLAB", NULL, DRVMEM_UNIT_COUNT, false, 2 },
	{ "slab", "SLAB", NULL, DRVMEM_UNIT_BYTES, false, 2 },
	{ "allocs", "ALLOCS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "objects", "OBJECTS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "peak", "PEAK", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "slabs", "SLABS", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "slabs_peak", "AT MOST", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "taken", "TAKEN", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "held", "HELD", NULL, DRVMEM_UNIT_BYTES, false, 0 },
};

static void add_cache(struct drvmem_grid *g, const struct drvmem_simulated_cache *c)
{
	char name[64];

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 1);
	drvmem_grid__text(g, "cache", drvmem_simulated_name(c, name, sizeof(name)), 0);
	drvmem_grid__u64(g, "object", c->size, 0);
	drvmem_grid__u64(g, "per_slab", c->objects, 0);
	drvmem_grid__u64(g, "slab", c->slab_bytes, 0);
	drvmem_grid__u64(g, "allocs", c->allocs, 0);
	drvmem_grid__u64(g, "objects", c->live, 0);
	drvmem_grid__u64(g, "peak", c->peak, 0);
	drvmem_grid__u64(g, "slabs", c->slabs, 0);
	drvmem_grid__u64(g, "slabs_peak", c->slabs_peak, 0);
	drvmem_grid__u64(g, "taken", c->refills, 0);
	drvmem_grid__u64(g, "held", c->slabs * c->slab_bytes, 0);
}

/* The next one by what it holds after the one that was last; ties by their place. */
static int64_t next_cache(const struct drvmem_simulated *r, int64_t last)
{
	uint64_t most = last < 0 ? UINT64_MAX : r->cache[last].slabs * r->cache[last].slab_bytes, held;
	int64_t best = -1, i;

	for (i = 0; i < (int64_t)r->nr_caches; i++) {
		held = r->cache[i].slabs * r->cache[i].slab_bytes;
		if (held > most || (held == most && i <= last))
			continue;
		if (best < 0 || held > r->cache[best].slabs * r->cache[best].slab_bytes)
			best = i;
	}
	return best;
}

static void add_caches(struct drvmem_grid *g, const char *title, const struct drvmem_simulated *r)
{
	int64_t at = -1;
	char rest[64];
	uint32_t i;

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "cache", title, 0);
	drvmem_grid__u64(g, "allocs", r->allocs - r->failures, 0);
	drvmem_grid__u64(g, "objects", r->level[DRVMEM_SIMULATED_OBJECTS].end, 0);
	drvmem_grid__u64(g, "peak", r->level[DRVMEM_SIMULATED_OBJECTS].peak, 0);
	drvmem_grid__u64(g, "taken", r->refills, 0);
	drvmem_grid__u64(g, "held", r->level[DRVMEM_SIMULATED_HELD].end, 0);
	for (i = 0; i < r->nr_caches && i < CACHES_SHOWN; i++) {
		at = next_cache(r, at);
		add_cache(g, &r->cache[at]);
	}
	if (i == r->nr_caches)
		return;
	snprintf(rest, sizeof(rest), "%u more", r->nr_caches - i);
	drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 1);
	drvmem_grid__text(g, "cache", rest, 0);
}

int drvmem_simulated_caches(const struct drvmem_simulated_view *v, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));

	if (g) {
		add_caches(g, "today", &v->s->today);
		add_caches(g, "proposed", &v->s->proposed);
	}
	if (!g || drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}
