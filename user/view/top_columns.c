// SPDX-License-Identifier: GPL-2.0-or-later
/* Which columns the tables of `drvmem top` have. */
#include "view/top_parts.h"

/* Ranks: which column a narrow terminal loses first is the one with the highest. */
#define LIVE	{ "live_bytes", "LIVE", NULL, DRVMEM_UNIT_BYTES, false, 0 }
/* Since the mark: bytes, objects. */
#define MARKED(bytes, objects)								\
	{ "delta_mark_bytes", "Δmark", "DELTAmark", DRVMEM_UNIT_BYTES, true, bytes },	\
	{ "delta_mark_objects", "Δobj", "DELTAobj", DRVMEM_UNIT_COUNT, true, objects }
#define CHANGES								\
	{ "delta_bytes", "Δ", "DELTA", DRVMEM_UNIT_BYTES, true, 5 },	\
	{ "delta_minute_bytes", "Δ1m", "DELTA1m", DRVMEM_UNIT_BYTES, true, 5 },	\
	MARKED(6, 9), { "inside_bytes", "INSIDE", NULL, DRVMEM_UNIT_BYTES, false, 9 }
#define EVENTS									\
	{ "live_objects", "OBJECTS", NULL, DRVMEM_UNIT_COUNT, false, 2 },	\
	{ "allocs_per_s", "+/s", NULL, DRVMEM_UNIT_RATE, false, 1 },		\
	{ "frees_per_s", "-/s", NULL, DRVMEM_UNIT_RATE, false, 1 }
#define PEAK	{ "peak_bytes", "PEAK", NULL, DRVMEM_UNIT_BYTES, false, 4 }
#define TREND	{ "trend", "TREND", NULL, DRVMEM_UNIT_TEXT, false, 3 }
#define VERDICT	{ "verdict", "VERDICT", NULL, DRVMEM_UNIT_TEXT, false, 1 }
#define SPLIT									\
	{ "slab_bytes", "SLAB", NULL, DRVMEM_UNIT_BYTES, false, 2 },		\
	{ "page_bytes", "PAGE", NULL, DRVMEM_UNIT_BYTES, false, 3 },		\
	{ "vmalloc_bytes", "VMALLOC", NULL, DRVMEM_UNIT_BYTES, false, 4 },	\
	{ "percpu_bytes", "PERCPU", NULL, DRVMEM_UNIT_BYTES, false, 5 },	\
	{ "dma_bytes", "DMA", NULL, DRVMEM_UNIT_BYTES, false, 5 },		\
	{ "mapped_bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 6 }
#define REST									\
	{ "bytes_per_alloc", "B/ALLOC", NULL, DRVMEM_UNIT_BYTES, false, 10 },	\
	{ "waste_bytes", "WASTE", NULL, DRVMEM_UNIT_BYTES, false, 7 },		\
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 8 },		\
	{ "age_p50_ns", "AGE p50", NULL, DRVMEM_UNIT_DURATION, false, 9 },	\
	{ "allocs", "ALLOCS", NULL, DRVMEM_UNIT_COUNT, false, 11 },		\
	{ "frees", "FREES", NULL, DRVMEM_UNIT_COUNT, false, 11 },		\
	{ "mappings", "MAPS", NULL, DRVMEM_UNIT_COUNT, false, 13 },		\
	{ "mapped_bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 12 }

static const struct drvmem_column owner_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, LIVE, CHANGES, PEAK, EVENTS, VERDICT, TREND, REST,
};
static const struct drvmem_column site_columns[] = {
	{ "name", "CALL SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 2 },
	LIVE, CHANGES, PEAK, EVENTS, VERDICT, TREND, REST,
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 9 },
};
static const struct drvmem_column split_owner_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, LIVE, SPLIT, VERDICT, TREND,
};
static const struct drvmem_column split_site_columns[] = {
	{ "name", "CALL SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 2 }, LIVE, SPLIT, VERDICT, TREND,
};
static const struct drvmem_column device_columns[] = {
	{ "name", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	LIVE, { "delta_bytes", "Δ", "DELTA", DRVMEM_UNIT_BYTES, true, 5 },
	{ "mapped_bytes", "MAPPED", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "mappings", "MAPS", NULL, DRVMEM_UNIT_COUNT, false, 0 }, PEAK, EVENTS,
	{ "syncs", "SYNCS", NULL, DRVMEM_UNIT_COUNT, false, 3 },
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 6 },
};
static const struct drvmem_column leak_columns[] = {
	{ "name", "CALL SITE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 2 },
	{ "objects", "OLD ONES", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "verdict", "VERDICT", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "confidence", "SURE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "reach", "HELD", NULL, DRVMEM_UNIT_TEXT, false, 1 },
	{ "oldest_ns", "OLDEST", NULL, DRVMEM_UNIT_DURATION, false, 1 },
	{ "age_p50_ns", "AGE p50", NULL, DRVMEM_UNIT_DURATION, false, 4 },
	{ "cache", "CACHE", NULL, DRVMEM_UNIT_TEXT, false, 5 },
	{ "rcu_pending", "RCU PENDING", NULL, DRVMEM_UNIT_COUNT, false, 6 },
};
static const struct drvmem_column pool_columns[] = {
	{ "name", "POOL", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "owner", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 3 },
	{ "held_bytes", "HELD", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	MARKED(3, 4),
	{ "in_use", "IN USE", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "capacity", "CAPACITY", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "size_bytes", "SIZE", NULL, DRVMEM_UNIT_BYTES, false, 2 },
	{ "waste_bytes", "WASTE", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "tracked", "TRACKED", NULL, DRVMEM_UNIT_COUNT, false, 3 },
	{ "peak", "PEAK", NULL, DRVMEM_UNIT_COUNT, false, 4 },
	{ "failures", "FAIL", NULL, DRVMEM_UNIT_COUNT, false, 5 },
	{ "refills", "REFILLS", NULL, DRVMEM_UNIT_COUNT, false, 6 },
	{ "device", "DEVICE", NULL, DRVMEM_UNIT_TEXT, false, 7 },
};
static const struct drvmem_column timeline_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 }, LIVE,
	{ "delta_minute_bytes", "Δ1m", "DELTA1m", DRVMEM_UNIT_BYTES, true, 2 },
	MARKED(3, 4), { "peak_bytes", "PEAK", NULL, DRVMEM_UNIT_BYTES, false, 1 }, VERDICT,
	{ "trend", "TREND", NULL, DRVMEM_UNIT_TEXT, false, 0 },
};

#define NR(a) ((uint32_t)(sizeof(a) / sizeof((a)[0])))

static const struct drvmem_top_shape shapes[DRVMEM_TOP_NR_TABLES] = {
	[DRVMEM_TOP_OWNERS] = { owner_columns, NR(owner_columns), DRVMEM_BY_OWNER },
	[DRVMEM_TOP_SITES] = { site_columns, NR(site_columns), DRVMEM_BY_SITE },
	[DRVMEM_TOP_POOLS] = { pool_columns, NR(pool_columns), DRVMEM_BY_CACHE },
	[DRVMEM_TOP_DEVICES] = { device_columns, NR(device_columns), DRVMEM_BY_DEVICE },
	[DRVMEM_TOP_LEAKS] = { leak_columns, NR(leak_columns), DRVMEM_BY_SITE },
	[DRVMEM_TOP_TIMELINE] = { timeline_columns, NR(timeline_columns), DRVMEM_BY_OWNER },
	[DRVMEM_TOP_HEALTH] = { timeline_columns, 0, DRVMEM_BY_OWNER },
	[DRVMEM_TOP_SITES_OF] = { site_columns, NR(site_columns), DRVMEM_BY_SITE },
	[DRVMEM_TOP_STACK] = { site_columns, NR(site_columns), DRVMEM_BY_STACK },
};

static const struct drvmem_top_shape split_owners = { split_owner_columns, NR(split_owner_columns), DRVMEM_BY_OWNER };
static const struct drvmem_top_shape split_sites = { split_site_columns, NR(split_site_columns), DRVMEM_BY_SITE };

const struct drvmem_top_shape *drvmem_top_shape(const struct drvmem_top *t)
{
	if (t->split && t->view == DRVMEM_TOP_OWNERS)
		return &split_owners;
	if (t->split && (t->view == DRVMEM_TOP_SITES || t->view == DRVMEM_TOP_SITES_OF))
		return &split_sites;
	return &shapes[t->view];
}
