// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report of many objects, at many sites of many instances, which no kernel without modules has:
 * of a snapshot made by hand. Nothing is left out of it; how long it takes is told.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "reporttime.h"
#include "view/report.h"
#include "view/scope.h"

#define FRAMES 12u
#define SIZE 125u

struct scale {
	uint32_t objects, sites, instances;	/* instances beside the reserved ones */
};

/* Times 50 with $DRVMEM_SCALE_OBJECTS of 10 million. */
static struct scale wanted(void)
{
	const char *objects = getenv("DRVMEM_SCALE_OBJECTS");
	uint32_t n = objects ? (uint32_t)strtoul(objects, NULL, 10) : 200000;

	return (struct scale){ n, n / 100, n >= 10000000 ? 500 : 50 };
}

static void snap_free(struct drvmem_snapshot **s)
{
	drvmem_snapshot__free(*s);
}

static const char *name(struct drvmem_snapshot *s, const char *what, uint32_t i)
{
	char text[64];

	snprintf(text, sizeof(text), "%s_%u+0x%x", what, i, 16 + i % 512);
	return drvmem_snapshot__str(s, text);
}

static void fill_meta(struct drvmem_snapshot *s, const struct scale *k)
{
	struct drvmem_meta *m = &s->meta;

	m->kernel = m->arch = m->hostname = m->version = drvmem_snapshot__str(s, "by hand");
	m->table_kind = drvmem_snapshot__str(s, "buckets");
	m->started_ns = 1000000000;
	m->taken_ns = 11000000000;
	m->page_size = 4096;
	m->hz = 250;
	m->nr_cpus = 2;
	m->max_size = UINT64_MAX;
	m->table_live = k->objects;
	m->table_slots = k->objects + k->objects / 3;
	m->modules_supported = m->peak_exact = m->full_stacks = true;
	s->loss.recursion_misses.st = DRVMEM_OK;
	s->loss.events = k->objects;
}

static void fill_instances(struct drvmem_snapshot *s, const struct scale *k)
{
	static const struct { const char *name; enum drvmem_owner_type type; } reserved[] = {
		{ "kernel", DRVMEM_OWNER_KERNEL }, { "drvmem", DRVMEM_OWNER_SELF }, { "unknown", DRVMEM_OWNER_UNKNOWN },
	};
	uint32_t i;

	for (i = 0; i < s->nr_instances; i++)
		s->instances[i] = (struct drvmem_instance){
			.name = drvmem_snapshot__str(s, i < 3 ? reserved[i].name : "module"),
			.type = i < 3 ? reserved[i].type : DRVMEM_OWNER_MODULE, .used = true,
			.load_seq = i < 3 ? 0 : i, .peak_bytes = { (uint64_t)k->objects * SIZE, DRVMEM_OK },
		};
	s->caches[0] = (struct drvmem_cache){ .name = drvmem_snapshot__str(s, "kmalloc-128"), .held = 128 };
}

/* Every site has a stack of its own and as many objects as the others, but for the first. */
static void fill_sites(struct drvmem_snapshot *s, const struct scale *k)
{
	uint32_t i, n, f, at = 0;

	for (i = 0; i < s->nr_sites; i++) {
		struct drvmem_sitesnap *t = &s->sites[i];
		struct drvmem_stacksnap *stack = &s->stacks[i];
		uint16_t owner = (uint16_t)(3 + i % k->instances);

		n = k->objects / k->sites + (i ? 0 : k->objects % k->sites);
		*t = (struct drvmem_sitesnap){
			.id = 16 + i, .owner = owner, .direct = owner, .innermost = owner, .driver = owner,
			.outermost = DRVMEM_MOD_UNSET, .call_site = 0xffffffffc0000000ull + i * 64ull,
			.site = name(s, "site", i), .module = s->instances[owner].name,
			.peak_bytes = { (uint64_t)n * SIZE, DRVMEM_OK }, .first_object = at, .nr_objects = n,
			.c = { .allocs = n, .alloc_bytes = (uint64_t)n * SIZE, .live_objects = n,
			       .live_bytes = (int64_t)n * SIZE, .held_bytes = (int64_t)n * 128 },
		};
		t->c.size_hist[7] = n;
		*stack = (struct drvmem_stacksnap){ .site = i, .nr = FRAMES, .count = 1 };
		for (f = 0; f < FRAMES; f++) {
			stack->ip[f] = t->call_site + f * 4096ull;
			stack->frame[f] = f ? name(s, "caller", (i + f) % 5000) : t->site;
		}
		for (; n; n--, at++)
			s->objects[at] = (struct drvmem_object){
				.inverted = ~(0xffff888000000000ull + at * 128ull), .asked = SIZE, .site = i,
				.age_ns = (at * 2654435761ull) % 10000000000ull,
			};
	}
}

static struct drvmem_snapshot *make(const struct scale *k)
{
	struct drvmem_snapshot *s = drvmem_snapshot__new();

	if (!s)
		return NULL;
	s->instances = calloc(k->instances + 3, sizeof(*s->instances));
	s->caches = calloc(1, sizeof(*s->caches));
	s->sites = calloc(k->sites, sizeof(*s->sites));
	s->stacks = calloc(k->sites, sizeof(*s->stacks));
	s->objects = calloc(k->objects, sizeof(*s->objects));
	if (!s->instances || !s->caches || !s->sites || !s->stacks || !s->objects) {
		drvmem_snapshot__free(s);
		return NULL;
	}
	s->nr_instances = k->instances + 3;
	s->nr_caches = 1;
	s->nr_sites = s->nr_stacks = k->sites;
	s->nr_objects = k->objects;
	fill_meta(s, k);
	fill_instances(s, k);
	fill_sites(s, k);
	return s;
}

/* All objects are in the sum of all sites, and each instance has its rows. */
static enum bt_result judge(const struct drvmem_snapshot *s, const struct scale *k)
{
	const struct drvmem_report_opts all = { DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0 };
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	struct drvmem_sum sum;
	uint32_t owners, rows;

	BT_CHECK(!drvmem_scope__new(NULL, s, NULL, &v), "no scope");
	drvmem_scope__sum(v, v->by_owner, v->nr_kept, &sum);
	owners = v->nr_owners;
	if (drvmem_report__build(v, &all, &g)) {
		drvmem_scope__free(v);
		return bt_fail("no report");
	}
	rows = g->nr_rows;
	drvmem_grid__free(g);
	drvmem_scope__free(v);
	BT_CHECK(sum.c.live_objects == k->objects, "%lld objects of %u", (long long)sum.c.live_objects, k->objects);
	BT_CHECK(owners == k->instances, "%u owners of %u", owners, k->instances);
	BT_CHECK(rows >= k->instances + k->sites, "%u rows of %u instances and %u sites", rows, k->instances, k->sites);
	return BT_PASS;
}

static enum bt_result report_of_many(void *arg)
{
	DRVMEM_CLEANUP(snap_free) struct drvmem_snapshot *s = NULL;
	struct report_ms t = { .snap = -1 };
	struct scale k = wanted();
	int i;

	(void)arg;
	BT_CHECK(k.objects >= 10000, "DRVMEM_SCALE_OBJECTS is not a number of objects");
	s = make(&k);
	BT_CHECK(s, "no memory for %u objects", k.objects);
	BT_TRY(judge(s, &k));
	for (i = 0; i < 3; i++) {
		BT_TRY(report_time(s, "by hand", &t));
		if (!report_slow(&t))
			return BT_PASS;
	}
	return report_too_slow("by hand", &t);
}

int main(void)
{
	bt_case("report_of_many_objects_sites_instances", report_of_many, NULL);
	return bt_exit();
}
