// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics of how well things are known: errors of what was sampled, ways to count, stacks that were walked. */
#include <math.h>

#include "promfixture.h"

static uint64_t value_of(const struct drvmem_exposition *x, enum drvmem_metric m, const char *first)
{
	const struct drvmem_metric_family *f = &x->family[m];

	for (uint32_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].label[0], first))
			return f->v[i].value.whole;
	fail_msg("no %s of %s", drvmem_metrics_list[m].name, first);
	return 0;
}

static double error_of(const struct drvmem_exposition *x, enum drvmem_metric m, const char *label)
{
	for (uint32_t i = 0; i < x->family[m].n; i++)
		if (!strcmp(x->family[m].v[i].label[m == DRVMEM_M_CALLSITE_LIVE_BYTES_ERROR ? 2 : 0], label))
			return x->family[m].v[i].value.d;
	fail_msg("%s of %s is not there", drvmem_metrics_list[m].name, label);
	return 0;
}

/* Each has the error of its own variance, and who shares a place that of the sum; without sampling there is none. */
static void errors_of_lists(void **state)
{
	static const enum drvmem_metric of[] = {
		DRVMEM_M_CALLSITE_LIVE_BYTES_ERROR, DRVMEM_M_CALLSITE_LIVE_OBJECTS_ERROR, DRVMEM_M_DEVICE_LIVE_BYTES_ERROR,
		DRVMEM_M_DEVICE_MAPPED_BYTES_ERROR, DRVMEM_M_MODULE_MAPPED_BYTES_ERROR, DRVMEM_M_MODULE_MAPPINGS_ERROR,
		DRVMEM_M_MODULE_MAPS_ERROR, DRVMEM_M_MODULE_UNMAPS_ERROR, DRVMEM_M_ATTRIBUTED_ERROR,
	};
	static const double each[] = { 9, 16, 25, 36, 49 };	/* of bytes */
	struct drvmem_metrics_opts o = { .max_modules = 64, .max_caches = 40, .max_callsites = 3, .errors = true };
	struct drvmem_snapshot *s = fix_new();
	char name[32];
	uint32_t drv;

	(void)state;
	drv = fix_module(s, "drv", 1, 5000);
	fix_cache(s, "kmalloc-128", 128, false);
	fix_cache(s, "0000:00:04.0", 0, false);
	for (uint32_t i = 0; i < UNIT_NR(each); i++) {
		snprintf(name, sizeof(name), "f%u+0x1", i);
		fix_site(s, drv, i < 4, name, 100 - 10 * i, 0, 100);	/* the first ones have most */
		s->sites[i].allocator = !i ? DRVMEM_ALLOC_SLAB : i == 1 ? DRVMEM_MAP_DMA : DRVMEM_ALLOC_DMA;
		s->sites[i].cache = i != 0;
		s->sites[i].c.sampled_allocs = 1;
		s->sites[i].c.allocs_var = s->sites[i].c.alloc_bytes_var = each[i];
	}
	for (int sampled = 0; sampled < 2; sampled++) {
		struct drvmem_metrics *m = drvmem_metrics__new(&o);
		struct drvmem_scope *v;
		struct drvmem_metrics_input in;
		struct drvmem_exposition *x;

		s->meta.sampled = sampled;
		v = fix_scope(NULL, s, NULL);
		in = prom_input(v);
		x = prom_build(m, &in);
		for (size_t i = 0; i < UNIT_NR(of); i++)
			assert_int_equal(x->family[of[i]].n != 0, sampled);
		if (sampled) {
			assert_true(fabs(error_of(x, of[0], "f0+0x1") - (1.96 * 3)) < 0.01);
			assert_true(fabs(error_of(x, of[0], "f3+0x1") - (1.96 * 6)) < 0.01);
			assert_true(fabs(error_of(x, of[0], "other") - (1.96 * 7)) < 0.01);
			assert_true(fabs(error_of(x, of[2], "0000:00:04.0") - (1.96 * sqrt(25 + 36 + 49))) < 0.01);
			assert_true(fabs(error_of(x, of[3], "0000:00:04.0") - (1.96 * 4)) < 0.01);
			assert_true(fabs(error_of(x, of[4], "drv") - (1.96 * 4)) < 0.01);
			/* of what is live and of what is wasted: half of what a kmalloc holds at most, of each object */
			assert_true(fabs(error_of(x, of[8], "estimated") - (1.96 * sqrt(9 + 25 + 36 + 49) + 1.96 * 64 * 3)) < 0.01);
		}
		drvmem_exposition__free(x);
		drvmem_scope__free(v);
		drvmem_metrics__free(m);
	}
	drvmem_snapshot__free(s);
}

/* Who walked: no counter goes down, not when our walk is switched off, and both add up to all. */
static void walks(void **state)
{
	static const struct {
		uint64_t n, fallback, mismatch, own;
		bool off;
	} steps[] = {
		{ 100, 10, 0, 90, false },
		{ 101, 12, 0, 90, false },	/* the two are not read at the same moment */
		{ 5000, 20, 0, 4980, false },
		{ 9000, 30, 1, 4980, true },
		{ 9500, 30, 1, 4980, true },
	};
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_metrics *m = drvmem_metrics__new(&o);
	struct drvmem_snapshot *s = fix_machine();

	(void)state;
	for (size_t i = 0; i < UNIT_NR(steps); i++) {
		struct drvmem_scope *v = fix_scope(NULL, s, NULL);
		const struct drvmem_metrics_input in = prom_input(v);
		struct drvmem_exposition *x;

		s->walks = (struct drvmem_walks){ .n = steps[i].n, .fallback = steps[i].fallback, .checked = 9, .untold = 2,
						  .mismatch = steps[i].mismatch, .own = !steps[i].off, .why = "" };
		x = prom_build(m, &in);
		assert_int_equal(value_of(x, DRVMEM_M_STACK_WALKS, "own"), steps[i].own);
		assert_int_equal(value_of(x, DRVMEM_M_STACK_WALKS, "kernel"), steps[i].n - steps[i].own);
		assert_int_equal(x->family[DRVMEM_M_STACK_WALKS_COMPARED].v[0].value.whole, 9);
		assert_int_equal(x->family[DRVMEM_M_STACK_WALKS_UNCOMPARABLE].v[0].value.whole, 2);
		assert_int_equal(x->family[DRVMEM_M_STACK_WALK_MISMATCHES].v[0].value.whole, steps[i].mismatch);
		drvmem_exposition__free(x);
		drvmem_scope__free(v);
	}
	drvmem_metrics__free(m);
	drvmem_snapshot__free(s);
}

/* None, and no time of one, until the way to count changes; a way that is in use from the start is no change. */
static void switches(void **state)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_snapshot *s = fix_machine();

	(void)state;
	for (uint32_t n = 0; n < 4; n++) {
		struct drvmem_metrics *m = drvmem_metrics__new(&o);
		struct drvmem_scope *v;
		struct drvmem_metrics_input in;
		struct drvmem_exposition *x;

		s->meta.epoch[n] = (struct drvmem_epoch_meta){ s->meta.started_ns + n * 3 * FIX_S, n % 2 ? 4096 : 0 };
		s->meta.now_epoch = n;
		v = fix_scope(NULL, s, NULL);
		in = prom_input(v);
		x = prom_build(m, &in);
		assert_int_equal(x->family[DRVMEM_M_SAMPLING_SWITCHES].v[0].value.whole, n);
		assert_int_equal(x->family[DRVMEM_M_SAMPLING_LAST_SWITCH].n, n != 0);
		if (n)
			assert_int_equal(x->family[DRVMEM_M_SAMPLING_LAST_SWITCH].v[0].value.whole,
					 s->meta.taken_unix - (10 - n * 3));
		drvmem_exposition__free(x);
		drvmem_scope__free(v);
		drvmem_metrics__free(m);
	}
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_of_lists),
		cmocka_unit_test(walks),
		cmocka_unit_test(switches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
