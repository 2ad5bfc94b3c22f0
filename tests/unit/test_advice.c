// SPDX-License-Identifier: GPL-2.0-or-later
/* Advice as a whole: what is judged, how sure, in which order; and what must hold of every finding. */
#include "advicefixture.h"

#include "analysis/advice_parts.h"

/* A rule more needs fixtures (test_advice_*.c), a golden, and a row here. */
static const char *const rules[] = {
	"bundle", "size-fit", "buffer-sizes", "churn", "page-multiple", "large-block", "init-block", "dma-pool",
	"map-churn", "atomic-fail", "unaccounted", "reserve", "occupancy", "alignment", "merged-cache", "numa-remote", "size-spread",
};

static void the_table_of_rules(void **state)
{
	uint32_t i, k;

	(void)state;
	assert_int_equal(drvmem_advice_nr_rules, UNIT_NR(rules));
	for (i = 0; i < drvmem_advice_nr_rules; i++) {
		const struct drvmem_advice_rule *r = &drvmem_advice_rules[i];

		assert_string_equal(r->id, rules[i]);
		for (k = 0; k < i; k++)
			assert_string_not_equal(r->id, rules[k]);
		assert_true(strlen(r->title) > 10 && strlen(r->since) > 0);
		assert_non_null(r->evaluate);
	}
}

static void no_usage(void **state)
{
	struct world w = world();

	(void)state;
	drvmem_usage__free(w.u);
	w.s->usage = NULL;
	assert_int_equal(try_advise(&w), -EINVAL);
	assert_int_equal(w.a.n, 0);
	done(&w);
}

static void thresholds_that_contradict(void **state)
{
	struct world w = world();

	(void)state;
	expect_none(&w);
#define BAD(field, value)						\
	do {								\
		w.o = drvmem_advice_defaults;				\
		w.o.field = (value);					\
		assert_int_equal(try_advise(&w), -EINVAL);		\
	} while (0)
	BAD(min_saving_percent, 101);
	BAD(pair_percent, 0);
	BAD(pair_percent, 101);
	BAD(max_sizes, 0);
	BAD(max_sizes, 17);
	BAD(min_objects, 0);
	BAD(min_rate, 0);
#undef BAD
	w.o = drvmem_advice_defaults;
	w.o.min_saving_percent = w.o.pair_percent = 100;
	w.o.max_sizes = 16;
	w.o.min_objects = w.o.min_rate = 1;
	expect_none(&w);
	done(&w);
}

/* 136 bytes in kmalloc-192, enough of them for every threshold. */
static uint32_t misfit(struct world *w, uint32_t owner, const char *name)
{
	uint32_t t = site(w, owner, DRVMEM_ALLOC_SLAB, cache(w, "kmalloc-192", DRVMEM_CLASS_KMALLOC, 192), name, 12000, 2000,
			  136, 10000);

	size(w, 136, 12000, 10000, 10000);
	return t;
}

static void too_short(void **state)
{
	struct world w = world();

	(void)state;
	misfit(&w, w.drv, "drv_add+0x1");
	w.s->meta.taken_ns = w.s->meta.started_ns + w.o.min_time_ns;
	only(&w, "size-fit");
	assert_false(w.a.too_short);
	w.s->meta.taken_ns--;
	expect_none(&w);
	assert_true(w.a.too_short);
	assert_int_equal(w.a.traced_ns, w.o.min_time_ns - 1);
	assert_int_equal(w.a.rules, 0);
	assert_int_equal(w.a.sites, 0);
	w.o.min_time_ns = 0;
	w.s->meta.taken_ns = w.s->meta.started_ns + 1;
	assert_int_equal(findings(&w, "size-fit"), 1);
	done(&w);
}

static void no_sites(void **state)
{
	struct world w = world();

	(void)state;
	expect_none(&w);
	assert_int_equal(w.a.sites, 0);
	assert_int_equal(w.a.pools, 0);
	assert_int_equal(w.a.rules, 16);	/* of one node: all but one */
	assert_int_equal(w.a.skipped_kernel, 0);
	done(&w);
}

/* Rules that this session can say nothing by are not asked. */
static void rules_that_do_not_apply(void **state)
{
	struct world w = world();
	struct drvmem_pools *pools = w.pools;

	(void)state;
	w.s->meta.traced = 1u << DRVMEM_ALLOC_SLAB;
	expect_none(&w);
	assert_int_equal(w.a.rules, 14);	/* no DMA, no mappings */
	w.s->meta.traced |= 1u << DRVMEM_MAP_VMAP;
	expect_none(&w);
	assert_int_equal(w.a.rules, 15);
	w.s->meta.traced = 1u << DRVMEM_MAP_DMA;
	w.pools = NULL;
	expect_none(&w);
	assert_int_equal(w.a.rules, 13);	/* no pools: no reserve, no occupancy, no alignment */
	w.pools = pools;
	done(&w);
}

/* Drivers are judged, the kernel's own sites where that is wished, drvmem's and those of nobody never. */
static void whose_sites(void **state)
{
	struct world w = world();
	uint32_t self = DRVMEM_MOD_DRVMEM, unknown = DRVMEM_MOD_UNKNOWN, kernel = DRVMEM_MOD_KERNEL, i;

	(void)state;
	misfit(&w, self, "self+0x1");
	misfit(&w, unknown, "unknown+0x1");
	misfit(&w, kernel, "kernel+0x1");
	misfit(&w, kernel, "kernel+0x2");
	misfit(&w, kernel, "kernel+0x3");
	misfit(&w, w.drv, "drv_add+0x1");
	assert_int_equal(only(&w, "size-fit")->index, 5);
	assert_int_equal(w.a.sites, 1);
	assert_int_equal(w.a.skipped_kernel, 3);
	w.o.kernel = true;
	assert_int_equal(findings(&w, "size-fit"), 4);
	assert_int_equal(w.a.n, 4);
	assert_int_equal(w.a.sites, 4);
	for (i = 0; i < w.a.n; i++)
		assert_int_equal(w.a.v[i].index, 2 + i);
	assert_int_equal(w.a.skipped_kernel, 0);
	done(&w);
}

static void only_sites_that_are_asked_about(void **state)
{
	struct world w = world();
	uint32_t one[1];
	struct drvmem_advice_in in = { .s = w.s, .site = one, .nr_sites = 1, .laps = &w.laps, .slub = &w.slub, .o = &w.o };

	(void)state;
	misfit(&w, w.drv, "drv_add+0x1");
	one[0] = misfit(&w, w.drv, "drv_add+0x2");
	assert_int_equal(drvmem_advice(&in, &w.a), 0);
	assert_int_equal(w.a.n, 1);
	assert_int_equal(w.a.v[0].index, one[0]);
	assert_int_equal(w.a.sites, 1);
	done(&w);
}

static void pools_that_are_judged(void **state)
{
	static const char *const owner[] = { "drv", "kernel", NULL };
	struct world w = world();
	uint32_t kind, i;

	(void)state;
	for (kind = 0; kind < DRVMEM_NR_POOL_KINDS; kind++)
		for (i = 0; i < UNIT_NR(owner); i++)
			drvmem_pools__add(w.pools, (enum drvmem_pool_kind)kind)->owner = owner[i];
	expect_none(&w);
	assert_int_equal(w.a.pools, 2);	/* a cache and a mempool */
	w.o.kernel = true;
	expect_none(&w);
	assert_int_equal(w.a.pools, 4);
	done(&w);
}

/* ---- how sure, how severe */

static void judge(struct world *w, uint64_t samples, enum drvmem_level level, const char *doubt)
{
	struct drvmem_advice_in in = { .s = w->s, .o = &w->o };
	struct drvmem_advice_ctx c = { .in = &in, .seconds = (double)(w->s->meta.taken_ns - w->s->meta.started_ns) / 1e9 };
	struct drvmem_advice_finding f = { .subject = DRVMEM_ADVICE_SITE };

	drvmem_advice_judge(&c, &f, samples);
	assert_int_equal(f.confidence, level);
	assert_string_equal(f.doubt, doubt);
}

static void confidence(void **state)
{
	struct world w = world();

	(void)state;
	misfit(&w, w.drv, "drv_add+0x1");
	judge(&w, 1000, DRVMEM_LEVEL_HIGH, "");
	judge(&w, 999, DRVMEM_LEVEL_MEDIUM, "999 are not many");
	judge(&w, 100, DRVMEM_LEVEL_MEDIUM, "100 are not many");
	judge(&w, 99, DRVMEM_LEVEL_LOW, "99 only");
	w.s->meta.taken_ns = w.s->meta.started_ns + 30 * FIX_S;
	judge(&w, 1000, DRVMEM_LEVEL_HIGH, "");
	w.s->meta.taken_ns = w.s->meta.started_ns + 29 * FIX_S;
	judge(&w, 1000, DRVMEM_LEVEL_MEDIUM, "29 s of tracing, use may change");
	w.s->meta.taken_ns = w.s->meta.started_ns + 30 * FIX_S;
	w.s->loss.events = 999000;
	w.s->loss.table_full = 999;
	assert_true(drvmem_loss__ppm(&w.s->loss) <= 1000);
	judge(&w, 1000, DRVMEM_LEVEL_HIGH, "");
	w.s->loss.table_full = 1002;
	assert_true(drvmem_loss__ppm(&w.s->loss) > 1000);
	judge(&w, 1000, DRVMEM_LEVEL_MEDIUM, "events were lost");
	w.s->caches[0].upper_bound = true;
	judge(&w, 1000, DRVMEM_LEVEL_LOW, "events were lost; some frees of this cache are not seen");
	w.s->loss.table_full = 0;
	judge(&w, 1000, DRVMEM_LEVEL_MEDIUM, "some frees of this cache are not seen");
	/* never below the lowest */
	judge(&w, 1, DRVMEM_LEVEL_LOW, "1 only; some frees of this cache are not seen");
	done(&w);
}

/* A finding has it too. */
static void confidence_of_a_finding(void **state)
{
	struct world w = world();

	(void)state;
	misfit(&w, w.drv, "drv_add+0x1");
	assert_int_equal(only(&w, "size-fit")->confidence, DRVMEM_LEVEL_HIGH);
	w.s->loss.table_full = 2000;
	assert_int_equal(only(&w, "size-fit")->confidence, DRVMEM_LEVEL_MEDIUM);
	w.s->caches[0].upper_bound = true;
	assert_int_equal(only(&w, "size-fit")->confidence, DRVMEM_LEVEL_LOW);
	done(&w);
}

static void severity_and_worth(void **state)
{
	struct world w = world();
	struct drvmem_advice_in in = { .s = w.s, .o = &w.o };
	struct drvmem_advice_ctx c = { .in = &in };

	(void)state;
	assert_int_equal(drvmem_advice_severity(0), DRVMEM_LEVEL_LOW);
	assert_int_equal(drvmem_advice_severity(MIB - 1), DRVMEM_LEVEL_LOW);
	assert_int_equal(drvmem_advice_severity(MIB), DRVMEM_LEVEL_MEDIUM);
	assert_int_equal(drvmem_advice_severity(16 * MIB - 1), DRVMEM_LEVEL_MEDIUM);
	assert_int_equal(drvmem_advice_severity(16 * MIB), DRVMEM_LEVEL_HIGH);
	assert_true(drvmem_advice_worth(&c, 640 * KIB, 576 * KIB));	/* both at once */
	assert_false(drvmem_advice_worth(&c, 640 * KIB, 576 * KIB + 1));
	assert_false(drvmem_advice_worth(&c, 641 * KIB, 577 * KIB));
	w.o.min_saving = w.o.min_saving_percent = 0;
	assert_true(drvmem_advice_worth(&c, 2, 1));
	assert_false(drvmem_advice_worth(&c, 1, 1));
	assert_false(drvmem_advice_worth(&c, 1, 2));
	done(&w);
}

/* The most severe first, then what saves most, then as the rules stand. */
static void order_of_findings(void **state)
{
	struct world w = world();
	uint32_t t, i;

	(void)state;
	t = misfit(&w, w.drv, "drv_add+0x1");
	t = misfit(&w, w.drv, "drv_add+0x2");
	w.u->sizes[t].live = w.u->sizes[t].peak = 12000;
	t = misfit(&w, w.drv, "drv_add+0x3");
	w.u->sizes[t].live = w.u->sizes[t].peak = 50000;	/* more than 1 MiB */
	w.u->site[t].failed_atomic = 1;
	w.u->site[t].atomic = 9;
	assert_int_equal(findings(&w, "size-fit"), 3);
	assert_int_equal(w.a.n, 4);
	assert_string_equal(w.a.v[0].rule->id, "atomic-fail");
	assert_int_equal(w.a.v[0].severity, DRVMEM_LEVEL_HIGH);
	for (i = 1; i < 4; i++)
		assert_int_equal(w.a.v[i].index, 3 - i);
	assert_int_equal(w.a.v[1].severity, DRVMEM_LEVEL_MEDIUM);
	/* of the same: by rule, then by site */
	w.u->site[t].failed_atomic = 0;
	w.u->sizes[1] = (struct drvmem_usage_size){ .site = 1, .bytes = 136, .allocs = 12000, .live = 10000, .peak = 10000 };
	w.u->sizes[2] = (struct drvmem_usage_size){ .site = 2, .bytes = 136, .allocs = 12000, .live = 10000, .peak = 10000 };
	assert_int_equal(findings(&w, "size-fit"), 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(w.a.v[i].index, i);
	done(&w);
}

/* ---- one call, several classes */

static void a_call_is_one_group(void **state)
{
	struct world w = world();
	uint32_t k128 = cache(&w, "kmalloc-128", DRVMEM_CLASS_KMALLOC, 128), i;

	(void)state;
	/* each for itself would be churn of one size; as one call it is not */
	for (i = 0; i < 2; i++) {
		plain(&w, DRVMEM_ALLOC_SLAB, k128, "drv_cmd+0x1", 128, 600000, 0, 4);
		life(&w, i, 2);
	}
	assert_int_equal(findings(&w, "churn"), 2);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	assert_int_equal(findings(&w, "churn"), 0);
	/* of another allocator, or another owner's: not the same call */
	w.s->sites[1].allocator = DRVMEM_ALLOC_PAGE;
	assert_int_equal(findings(&w, "churn"), 2);
	w.s->sites[1].allocator = DRVMEM_ALLOC_SLAB;
	w.s->sites[1].owner = (uint16_t)fix_module(w.s, "other", 2, 0);
	assert_int_equal(findings(&w, "churn"), 2);
	done(&w);
}

/* Thirty sites of three calls, not side by side: three findings, each of ten sites, at the one that holds most. */
static void calls_are_put_together(void **state)
{
	struct world w = world();
	uint32_t in = cache(&w, "kmalloc-large-32k", DRVMEM_CLASS_LARGE, 32768), i, t;

	(void)state;
	for (i = 0; i < 30; i++) {
		t = plain(&w, DRVMEM_ALLOC_SLAB, in, "drv_ring+0x1", 20000, 20, (i * 7) % 10 + 1, 20);
		w.s->sites[t].call_site = 0xffffffffc0000000ull + i % 3;
	}
	assert_int_equal(findings(&w, "page-multiple"), 3);
	assert_int_equal(w.a.n, 3);
	for (i = 0; i < 3; i++) {
		const struct drvmem_advice_finding *f = &w.a.v[i];

		says(f, "peak_blocks", 200);
		says(f, "live_blocks", 55);
		assert_int_equal(f->held_now, 55 * 32768);
		assert_int_equal(f->held_peak, 200 * 32768);
		says_bytes(&f->then_now, 55 * 20480, 55 * 20480, 55 * 20480);
		says_bytes(&f->then_peak, 200 * 20480, 200 * 20480, 200 * 20480);
		assert_int_equal(w.s->sites[f->index].c.live_objects, 10);
	}
	done(&w);
}

/* A lifetime is the middle one of all that ended, at whatever site of the call. */
static void life_of_a_call(void **state)
{
	struct world w = world();
	uint32_t in = cache(&w, "vmap", DRVMEM_CLASS_VMAP, 0), i;
	uint64_t *a, *b;

	(void)state;
	for (i = 0; i < 2; i++)
		plain(&w, DRVMEM_MAP_VMAP, in, "drv_map+0x1", 8192, 3010, 10, 15);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	a = w.s->sites[0].c.life_hist;
	b = w.s->sites[1].c.life_hist;
	life(&w, 0, 1);
	life(&w, 1, 12);
	assert_int_equal(findings(&w, "map-churn"), 1);	/* half of them: up to 4 ms */
	says(&w.a.v[0], "maps_per_second", 100);
	says(&w.a.v[0], "peak_mappings", 30);
	says(&w.a.v[0], "life_p50", 8e6);
	a[1]--;
	expect_none(&w);
	/* none of them alone is half */
	a[0] = 1000;
	a[1] = 1000;
	b[2] = 1000;
	b[12] = 3000;
	says(only(&w, "map-churn"), "life_p50", 16e6);
	w.u->site[0].peak = 0;	/* of one the peak is not known: what is live */
	says(only(&w, "map-churn"), "peak_mappings", 25);
	done(&w);
}

static void many_findings(void **state)
{
	struct world w = world();
	char name[32];
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "drv_add+0x%x", i);
		misfit(&w, w.drv, name);
	}
	assert_int_equal(findings(&w, "size-fit"), 100);
	assert_int_equal(w.a.sites, 100);
	for (i = 0; i < 100; i++)
		assert_int_equal(w.a.v[i].index, i);
	done(&w);
}

static void what_is_saved(void **state)
{
	struct drvmem_advice_finding f = { .has_saving = true, .held_peak = 10, .then_peak = { 1, 4, 20 } };

	(void)state;
	assert_int_equal(drvmem_advice__saved(&f), 6);
	f.then_peak.likely = 11;
	assert_int_equal(drvmem_advice__saved(&f), 0);
	f.then_peak.likely = 4;
	f.has_saving = false;
	assert_int_equal(drvmem_advice__saved(&f), 0);
}

/* The size of most, by what is live where enough is, else by what was allocated. */
static void the_main_size(void **state)
{
	struct world w = world();
	const struct drvmem_advice_finding *f;

	(void)state;
	w.o.min_saving = 0;
	site(&w, w.drv, DRVMEM_ALLOC_DMA, cache(&w, "0000:00:03.0", DRVMEM_CLASS_DMA, 4096), "drv_desc+0x1", 1064, 1000, 256,
	     100);
	size(&w, 250, 64, 64, 64);
	size(&w, 4096, 1000, 0, 50);
	f = only(&w, "dma-pool");
	says(f, "asked", 250);
	w.u->site[0].live = w.u->sizes[0].live = 63;
	expect_none(&w);
	done(&w);
}

/* ---- a driver that does everything as it should */

static void no_change_needed(void **state)
{
	struct world w = world();
	uint32_t k256 = cache(&w, "kmalloc-256", DRVMEM_CLASS_KMALLOC, 256), i;

	(void)state;
	plain(&w, DRVMEM_ALLOC_SLAB, k256, "clean_alloc+0x1", 256, 20000, 10000, 12000);
	plain(&w, DRVMEM_ALLOC_SLAB, k256, "clean_alloc+0x2", 250, 20000, 10000, 12000);
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "clean_obj", DRVMEM_CLASS_CACHE, 136), "clean_obj+0x1", 136, 3000000, 10, 300);
	life(&w, 2, 1);
	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-large-16k", DRVMEM_CLASS_LARGE, 16384), "clean_ring+0x1", 16384, 64, 64,
	      64);
	plain(&w, DRVMEM_ALLOC_PAGE, cache(&w, "order-0", DRVMEM_CLASS_PAGES, 4096), "clean_page+0x1", 4096, 5000, 512, 512);
	plain(&w, DRVMEM_ALLOC_VMALLOC, cache(&w, "vmalloc", DRVMEM_CLASS_VMALLOC, 0), "clean_table+0x1", 8 * MIB, 1, 1, 1);
	plain(&w, DRVMEM_ALLOC_DMA, cache(&w, "0000:00:03.0", DRVMEM_CLASS_DMA, 4096), "clean_ring+0x2", 4096, 256, 256, 256);
	plain(&w, DRVMEM_MAP_DMA, cache(&w, "0000:00:04.0", DRVMEM_CLASS_DEVICE, 0), "clean_map+0x1", 2048, 900, 255, 256);
	for (i = 0; i < w.s->nr_sites; i++)
		w.u->site[i].waited = w.s->sites[i].c.allocs;
	expect_none(&w);
	assert_int_equal(w.a.sites, 8);
	assert_int_equal(w.a.rules, 16);
	assert_false(w.a.too_short);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_rules),
		cmocka_unit_test(no_usage),
		cmocka_unit_test(thresholds_that_contradict),
		cmocka_unit_test(too_short),
		cmocka_unit_test(no_sites),
		cmocka_unit_test(rules_that_do_not_apply),
		cmocka_unit_test(whose_sites),
		cmocka_unit_test(only_sites_that_are_asked_about),
		cmocka_unit_test(pools_that_are_judged),
		cmocka_unit_test(confidence),
		cmocka_unit_test(confidence_of_a_finding),
		cmocka_unit_test(severity_and_worth),
		cmocka_unit_test(order_of_findings),
		cmocka_unit_test(a_call_is_one_group),
		cmocka_unit_test(calls_are_put_together),
		cmocka_unit_test(life_of_a_call),
		cmocka_unit_test(many_findings),
		cmocka_unit_test(what_is_saved),
		cmocka_unit_test(the_main_size),
		cmocka_unit_test(no_change_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
