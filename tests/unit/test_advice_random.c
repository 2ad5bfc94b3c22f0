// SPDX-License-Identifier: GPL-2.0-or-later
/* What must hold of every finding, whatever was measured: on drivers made by dice, always the same ones. */
#include "advicefixture.h"

#include "render/advice.h"
#include "jsoncheck.h"

#define RUNS	8000u

static uint32_t seed = 2026;

static uint32_t dice(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

/* Of very different magnitudes. */
static uint64_t some(void)
{
	return (uint64_t)dice(1u << 24) >> dice(24);
}

static uint32_t some_cache(struct world *w)
{
	static const struct { const char *name; uint16_t kind; uint32_t held; } t[] = {
		{ "kmalloc-64", DRVMEM_CLASS_KMALLOC, 64 }, { "kmalloc-192", DRVMEM_CLASS_KMALLOC, 192 },
		{ "kmalloc-2k", DRVMEM_CLASS_KMALLOC, 2048 }, { "kmalloc-8k", DRVMEM_CLASS_KMALLOC, 8192 },
		{ "kmalloc-large-32k", DRVMEM_CLASS_LARGE, 32768 }, { "kmalloc-large-1024k", DRVMEM_CLASS_LARGE, 1 << 20 },
		{ "own", DRVMEM_CLASS_CACHE, 136 }, { "order-0", DRVMEM_CLASS_PAGES, 4096 },
		{ "vmalloc", DRVMEM_CLASS_VMALLOC, 0 }, { "0000:00:03.0", DRVMEM_CLASS_DMA, 4096 },
		{ "0000:00:04.0", DRVMEM_CLASS_DEVICE, 0 }, { "unknown", DRVMEM_CLASS_NONE, 0 },
	};
	uint32_t i = dice(UNIT_NR(t));

	return cache(w, t[i].name, t[i].kind, t[i].held);
}

/* An allocator that has such a cache; now and then any. */
static uint16_t allocator_of(const struct world *w, uint32_t in)
{
	static const uint16_t of[] = {
		[DRVMEM_CLASS_NONE] = DRVMEM_ALLOC_SLAB, [DRVMEM_CLASS_CACHE] = DRVMEM_ALLOC_SLAB,
		[DRVMEM_CLASS_KMALLOC] = DRVMEM_ALLOC_SLAB, [DRVMEM_CLASS_LARGE] = DRVMEM_ALLOC_SLAB,
		[DRVMEM_CLASS_PERCPU] = DRVMEM_ALLOC_PERCPU, [DRVMEM_CLASS_VMALLOC] = DRVMEM_ALLOC_VMALLOC,
		[DRVMEM_CLASS_DMA] = DRVMEM_ALLOC_DMA, [DRVMEM_CLASS_PAGES] = DRVMEM_ALLOC_PAGE,
		[DRVMEM_CLASS_DEVICE] = DRVMEM_MAP_DMA, [DRVMEM_CLASS_VMAP] = DRVMEM_MAP_VMAP,
		[DRVMEM_CLASS_IOREMAP] = DRVMEM_MAP_IOREMAP,
	};

	return dice(20) ? of[w->s->caches[in].kind] : (uint16_t)dice(DRVMEM_NR_USES);
}

static void some_site(struct world *w)
{
	uint32_t in = some_cache(w), held = w->s->caches[in].held, n = dice(4) ? 1 + dice(3) : dice(12), i, t, bytes = 0;
	uint64_t allocs = some() * (1 + dice(40)), frees = dice(2) ? allocs : some() % (allocs + 1);
	struct drvmem_usage_site *u;

	t = site(w, dice(8) ? w->drv : dice(w->s->nr_instances), allocator_of(w, in), in, "drv_any+0x1", allocs, frees,
		 held ? 1 + dice(held) : 1 + dice(100000), some());
	if (dice(4) == 0 && t)
		w->s->sites[t].call_site = w->s->sites[t - 1].call_site;
	w->s->caches[in].upper_bound = !dice(10);
	if (w->s->caches[in].kind == DRVMEM_CLASS_CACHE) {
		w->s->caches[in].object_size = 1 + dice(held);
		w->s->caches[in].aliases = dice(3) ? NULL : "others,and-more";
		w->s->caches[in].accounted = (struct drvmem_u64){ dice(2), dice(2) ? DRVMEM_OK : DRVMEM_ABSENT };
	}
	life(w, t, dice(4) ? dice(4) : dice(DRVMEM_LIFE_BUCKETS));
	u = &w->u->site[t];
	u->unsized = dice(5) ? 0 : some();
	u->waited = some();
	u->by_user = dice(3) ? u->waited : some();
	u->atomic = some();
	u->failed_atomic = dice(8) ? 0 : some();
	u->paired_allocs = u->paired_ends = dice(3) ? 400 : some();
	u->remaps_new = some();
	u->remaps_again = dice(2) ? u->remaps_new * 20 : some();
	u->remaps_cut = !dice(6);
	for (i = 0; i < n; i++) {
		bytes += !i && !dice(30) ? 0 : 1 + dice(dice(3) ? held / n + 1 : 3 * held / n + 2);
		size(w, bytes, some(), dice(12) ? (int64_t)some() : -(int64_t)dice(9), dice(4) ? some() : 0);
	}
	for (i = dice(6); i; i--)
		fix_object(w->s, some() * 4096, dice(1 << 22), dice(9) ? 0 : DRVMEM_F_RCU_PENDING);
}

static struct drvmem_u64 some_number(void)
{
	return (struct drvmem_u64){ some(), dice(25) ? DRVMEM_OK : DRVMEM_ABSENT };
}

static void some_pool(struct world *w)
{
	struct drvmem_pool *p = drvmem_pools__add(w->pools, (enum drvmem_pool_kind)dice(DRVMEM_NR_POOL_KINDS));

	p->name = dice(3) ? "drv-pool" : "own";
	p->owner = dice(9) ? "drv" : dice(2) ? "kernel" : NULL;
	p->users = dice(9) ? 1 : 2;
	p->size = some_number();
	p->capacity = some_number();
	p->in_use = p->tracked = some_number();
	p->over_max = p->peak = p->low_water = p->requests = p->failures = some_number();
	p->peak.v >>= dice(9);
	p->low_water.v = dice(2) ? p->low_water.v : 0;
	p->dips = some_number();
	p->longest_dip_ns = some_number();
	p->per_slab = some_number();
	p->slabs = some_number();
	p->object_size = (struct drvmem_u64){ 72, DRVMEM_OK };
	p->align = (struct drvmem_u64){ dice(4) ? 64 : 8, dice(9) ? DRVMEM_OK : DRVMEM_ABSENT };
	p->outside = (struct drvmem_u64){ !dice(9), dice(9) ? DRVMEM_OK : DRVMEM_ABSENT };
	if (p->kind == DRVMEM_POOL_CACHE && dice(2)) {
		p->size = (struct drvmem_u64){ 128, DRVMEM_OK };
		p->per_slab = (struct drvmem_u64){ 32, DRVMEM_OK };
	}
	p->held_bytes = (struct drvmem_u64){ p->slabs.v * 8192, p->slabs.st };
}

/* Most of a site's bytes on one node, and asked for on one. */
static void some_nodes(struct world *w)
{
	uint32_t nodes = 1 + dice(DRVMEM_NUMA_NODES), i, k, on, by;

	assert_int_equal(drvmem_numa__new(nodes, w->s->nr_sites, w->s->nr_instances, &w->numa), 0);
	w->numa->device_node[w->drv] = (int)dice(nodes + 1) - 1;
	for (i = 0; i < nodes; i++)
		w->numa->free_bytes[i] = (struct drvmem_u64){ some() * 4096, dice(3) ? DRVMEM_OK : DRVMEM_ABSENT };
	for (i = 0; i < w->s->nr_sites; i++) {
		on = dice(nodes);
		by = dice(nodes);
		for (k = dice(4); k; k--)
			drvmem_numa__add(w->numa, i, dice(9) ? (int)on : (int)dice(nodes + 1) - 1,
					 dice(9) ? (int)by : DRVMEM_NUMA_NO_NODE, some() * 64);
	}
}

static struct world some_world(void)
{
	struct world w = world();
	uint32_t i, k, a, b, n = dice(9);

	w.s->meta.taken_ns = w.s->meta.started_ns + (5 + dice(100)) * FIX_S;
	w.s->meta.nr_cpus = 1 + dice(64);
	w.s->meta.hz = dice(20) ? 250 : 0;
	w.s->loss.table_full = dice(4) ? 0 : some();
	w.s->instances[w.drv].loaded_ns = dice(2) ? 0 : w.s->meta.started_ns + some() * 4096;
	for (i = 0; i < n; i++)
		some_site(&w);
	for (i = n ? dice(6) : 0; i; i--) {
		a = dice(n);
		b = dice(n);
		pair(&w, a, b, false, dice(4) ? 400 : some());
		pair(&w, a, b, dice(9), dice(4) ? 400 : some());
	}
	for (i = dice(3); i; i--)
		some_pool(&w);
	if (!dice(3))
		some_nodes(&w);
	for (i = dice(4) ? 0 : dice(120); i; i--) {
		for (k = 0; k < n; k++)
			assert_int_equal(drvmem_laps__add(&w.laps, w.s->sites[k].id, some()), 0);
		drvmem_laps__close(&w.laps);
	}
	drvmem_slub_rules(dice(2) ? 5 << 16 | 10 << 8 : 6 << 16 | 12 << 8, dice(9) ? 4096 : 65536, 1 + dice(64), 1 + dice(64), 64,
			  &w.slub);
	w.o.min_saving = dice(2) ? 64 * KIB : some();
	w.o.min_saving_percent = dice(101);
	w.o.min_rate = 1 + some();
	w.o.min_objects = 1 + dice(200);
	w.o.max_sizes = 1 + dice(16);
	w.o.pair_percent = 1 + dice(100);
	w.o.large_bytes = some();
	w.o.init_bytes = some();
	w.o.kernel = dice(2);
	return w;
}

static void expect_text(const char *text, size_t room, bool may_be_empty)
{
	size_t n = strnlen(text, room);

	assert_true(n + 1 < room);	/* not cut */
	assert_true(may_be_empty || n > 10);
}

static void expect_range(const struct drvmem_advice_bytes *b)
{
	assert_true(b->low <= b->likely);
	assert_true(b->likely <= b->high);
}

/* Rules that promise bytes promise no less than is asked for. */
static void expect_worth(const struct world *w, const struct drvmem_advice_finding *f)
{
	uint64_t saved = drvmem_advice__saved(f);

	assert_true(saved <= f->held_peak);
	if (!f->has_saving)
		assert_int_equal(saved, 0);
	if (!f->has_saving || !strcmp(f->rule->id, "bundle") || !strcmp(f->rule->id, "large-block"))
		return;
	if (saved < w->o.min_saving || (double)saved * 100 < (double)f->held_peak * (double)w->o.min_saving_percent)
		fail_msg("%s saves %llu of %llu", f->rule->id, (unsigned long long)saved, (unsigned long long)f->held_peak);
}

static void expect_sound(const struct world *w, const struct drvmem_advice_finding *f)
{
	uint32_t i, thresholds = 0;

	expect_range(&f->then_now);
	expect_range(&f->then_peak);
	expect_worth(w, f);
	assert_true((uint32_t)f->severity < DRVMEM_NR_LEVELS && (uint32_t)f->confidence < DRVMEM_NR_LEVELS);
	assert_int_equal(f->confidence == DRVMEM_LEVEL_HIGH, !f->doubt[0]);
	expect_text(f->why, sizeof(f->why), false);
	expect_text(f->action, sizeof(f->action), false);
	expect_text(f->risk, sizeof(f->risk), false);
	expect_text(f->doubt, sizeof(f->doubt), true);
	assert_true(f->nr_values < DRVMEM_ADVICE_VALUES);	/* one that finds no place is lost */
	for (i = 0; i < f->nr_values; i++)
		thresholds += f->value[i].threshold;
	assert_true(thresholds >= 1 && thresholds < f->nr_values);
	assert_true(f->index < (f->subject == DRVMEM_ADVICE_SITE ? w->s->nr_sites : w->pools->n));
	assert_true(f->second < (int64_t)w->s->nr_sites);
}

/* What cannot be told by a value, the renderers must still take. */
static void expect_renders(struct world *w)
{
	struct drvmem_scope *v = fix_scope(NULL, w->s, NULL);
	const struct drvmem_text_opts o = { .width = 80, .utf8 = true };
	struct drvmem_advised d;
	size_t len;
	char *text;

	drvmem_advised_init(&d, v, &w->a, &w->o, w->pools, NULL);
	text = fix_text(&len, drvmem_json__advice(&d, out));
	assert_true(json_is_valid(text, len));
	free(text);
	free(fix_text(NULL, assert_int_equal(drvmem_text__advice(&d, 3, &o, out), 0)));
	free(fix_text(NULL, drvmem_html__advice(&d, out)));
	drvmem_scope__free(v);
}

static void of_any_driver(void **state)
{
	uint32_t seen[32] = { 0 }, run, i;

	(void)state;
	assert_true(drvmem_advice_nr_rules <= UNIT_NR(seen));
	for (run = 0; run < RUNS; run++) {
		struct world w = some_world();

		assert_int_equal(try_advise(&w), 0);
		for (i = 0; i < w.a.n; i++) {
			expect_sound(&w, &w.a.v[i]);
			assert_true(!i || w.a.v[i - 1].severity >= w.a.v[i].severity);
			seen[w.a.v[i].rule - drvmem_advice_rules]++;
		}
		if (run % 16 == 0)
			expect_renders(&w);
		done(&w);
	}
	/* else nothing was tested */
	for (i = 0; i < drvmem_advice_nr_rules; i++)
		if (seen[i] < 5)
			fail_msg("%s was raised %u times", drvmem_advice_rules[i].id, seen[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_any_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
