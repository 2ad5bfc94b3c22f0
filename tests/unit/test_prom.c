// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include "omcheck.h"
#include "promfixture.h"

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void expect_not_in(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

static void golden_sampled(void **state)
{
	struct drvmem_snapshot *s = fix_sampled();
	size_t len;
	char *text = prom(s, &len);

	(void)state;
	fix_golden("metrics-sampled.prom", text, len);
	free(text);
	drvmem_snapshot__free(s);
}

static void golden(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text = prom(s, &len);

	(void)state;
	fix_golden("metrics.prom", text, len);
	free(text);
	drvmem_snapshot__free(s);
}

/*
 * Lines: HELP and TYPE once for each family, before its samples, which are side by
 * side; no sample twice; no timestamp; help as in the metric list.
 */
static void expect_well_formed(char *text)
{
	static char seen[20000][200];
	char family[128] = "", *line, *next, *space;
	size_t n = 0, len;

	for (line = text; *line; line = next) {
		next = strchr(line, '\n');
		assert_non_null(next);
		*next++ = 0;
		if (!strncmp(line, "# HELP ", 7)) {
			assert_true(strlen(line) > 7 && line[strlen(line) - 1] == '.');
			snprintf(family, sizeof(family), "%.*s", (int)strcspn(line + 7, " "), line + 7);
			space = next + strlen("# TYPE ");
			assert_int_equal(strncmp(next, "# TYPE ", 7), 0);
			assert_int_equal(strncmp(space, family, strlen(family)), 0);
			len = strlen(line);
		} else if (!strncmp(line, "# TYPE ", 7)) {
			continue;
		} else {
			assert_int_equal(strncmp(line, family, strlen(family)), 0);
			space = strrchr(line, ' ');
			assert_non_null(space);
			assert_true(strspn(space + 1, "-0123456789.eNa") == strlen(space + 1));
			len = (size_t)(space - line);
		}
		assert_true(n < UNIT_NR(seen) && len < sizeof(seen[0]));
		snprintf(seen[n], sizeof(seen[n]), "%.*s", (int)len, line);
		for (size_t i = 0; i < n; i++)
			if (!strcmp(seen[i], seen[n]))
				fail_msg("twice: %s", seen[n]);
		n++;
	}
}

static void well_formed(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text = prom(s, NULL);

	(void)state;
	expect_well_formed(text);
	free(text);
	drvmem_snapshot__free(s);
}

/* Two instances of a name are one series; their peaks are not added. */
static void instances_of_one_name_are_one_module(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text = prom(s, NULL);

	(void)state;
	expect_in(text, "drvmem_module_live_objects{module=\"e1000e\",allocator=\"slab\"} 258\n");
	expect_in(text, "drvmem_module_peak_bytes{module=\"e1000e\"} 70000\n");
	expect_in(text, "drvmem_module_allocation_failures_total{module=\"e1000e\",allocator=\"slab\"} 3\n");
	expect_not_in(text, "#1");
	free(text);
	/* the later instance was larger; then one that has no peak: nothing is known */
	s->instances[5].peak_bytes.v = 80000;
	text = prom(s, NULL);
	expect_in(text, "drvmem_module_peak_bytes{module=\"e1000e\"} 80000\n");
	expect_in(text, "drvmem_module_peak_bytes{module=\"nvme\"} 4000\n");
	free(text);
	s->instances[5].peak_bytes.st = DRVMEM_ABSENT;
	text = prom(s, NULL);
	expect_not_in(text, "drvmem_module_peak_bytes{module=\"e1000e\"}");
	free(text);
	drvmem_snapshot__free(s);
}

static void many_modules_fold_into_other(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	char name[32], *text;
	uint64_t rest = 0;

	(void)state;
	fix_cache(s, "kmalloc-64", 64, false);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), i == 2500 ? "other" : "mod%04u", i);
		fix_site(s, fix_module(s, name, i + 1, 1), 0, "f+0x1", i + 1, 0, 60);
		rest += i < 5000 - DRVMEM_METRICS_MODULES ? i + 1 : 0;
	}
	text = prom(s, NULL);
	snprintf(name, sizeof(name), "\"slab\"} %llu\n", (unsigned long long)rest);
	expect_in(text, name);
	expect_in(text, "drvmem_module_allocations_total{module=\"mod4999\",allocator=\"slab\"} 5000\n");
	expect_in(text, "drvmem_module_allocations_total{module=\"other\",");
	expect_not_in(text, "mod4935");
	expect_not_in(text, "drvmem_module_peak_bytes{module=\"other\"}");
	expect_in(text, "drvmem_series_limited{family=\"module\"} 4936\n");
	expect_well_formed(text);
	free(text);
	drvmem_snapshot__free(s);
}

/* Mappings have families of their own and are in none of memory's; buffers and mappings go by device too. */
static void mappings_and_devices(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	char *text, name[32];
	uint32_t m, t;
	size_t len;

	(void)state;
	fix_cache(s, "kmalloc-64", 64, false);
	fix_cache(s, "0000:00:04.0", 0, false);
	m = fix_module(s, "drv", 1, 5000);
	fix_site(s, m, 0, "alloc+0x1", 10, 0, 50);
	text = prom(s, &len);
	expect_not_in(text, "mapped_bytes");
	expect_not_in(text, "drvmem_device_");
	free(text);

	t = fix_site(s, m, 1, "map+0x1", 7, 3, 1000);
	s->sites[t].allocator = DRVMEM_MAP_DMA;
	s->sites[t].c.mismatched = 2;
	t = fix_site(s, m, 1, "buffer+0x1", 2, 0, 4096);
	s->sites[t].allocator = DRVMEM_ALLOC_DMA;
	text = prom(s, &len);
	expect_in(text, "drvmem_module_mapped_bytes{module=\"drv\",kind=\"dma_map\"} 4000\n");
	expect_in(text, "drvmem_module_unmaps_total{module=\"drv\",kind=\"dma_map\"} 3\n");
	expect_in(text, "drvmem_module_map_size_mismatches_total{module=\"drv\",kind=\"dma_map\"} 2\n");
	expect_in(text, "drvmem_module_live_bytes{module=\"drv\",allocator=\"dma\"} 8192\n");
	expect_not_in(text, "allocator=\"dma_map\"");
	expect_in(text, "drvmem_device_live_bytes{device=\"0000:00:04.0\",driver=\"drv\"} 8192\n");
	expect_in(text, "drvmem_device_mapped_bytes{device=\"0000:00:04.0\",driver=\"drv\"} 4000\n");
	expect_in(text, "drvmem_series_limited{family=\"device\"} 0\n");
	free(text);

	s->syncs = calloc(1, sizeof(*s->syncs));
	assert_non_null(s->syncs);
	s->syncs[s->nr_syncs++] = (struct drvmem_device_syncs){ "0000:00:04.0", 5, 6 };
	text = prom(s, &len);
	expect_in(text, "drvmem_device_syncs_total{device=\"0000:00:04.0\",direction=\"device\"} 6\n");
	free(text);

	/* more than there is room for: the rest together */
	s->syncs = realloc(s->syncs, 70 * sizeof(*s->syncs));
	assert_non_null(s->syncs);
	while (s->nr_syncs < 70) {
		snprintf(name, sizeof(name), "0000:02:%02x.0", s->nr_syncs);
		s->syncs[s->nr_syncs++] = (struct drvmem_device_syncs){ drvmem_snapshot__str(s, name), 1, 2 };
	}
	text = prom(s, &len);
	expect_in(text, "drvmem_device_syncs_total{device=\"other\",direction=\"device\"} 12\n");
	expect_in(text, "drvmem_series_limited{family=\"device\"} 6\n");
	free(text);
	s->nr_syncs = 0;

	/* 101 devices: 64 and the rest */
	for (uint16_t i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "0000:01:%02x.0", i);
		t = fix_site(s, m, fix_cache(s, name, 0, false), "map+0x1", 1, 0, 10);
		s->sites[t].allocator = DRVMEM_MAP_DMA;
	}
	text = prom(s, &len);
	expect_in(text, "drvmem_series_limited{family=\"device\"} 37\n");
	expect_in(text, "drvmem_device_mapped_bytes{device=\"other\",driver=\"other\"} 370\n");
	expect_in(text, "drvmem_device_mapped_bytes{device=\"0000:00:04.0\",driver=\"drv\"} 4000\n");
	free(text);
	drvmem_snapshot__free(s);
}

/* A module that is called "other" never makes a second series of that name. */
static void a_module_called_other(void **state)
{
	struct drvmem_metrics_opts two = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_snapshot *s = fix_new();
	char *text;

	(void)state;
	two.max_modules = 2;
	fix_cache(s, "kmalloc-64", 64, false);
	fix_site(s, fix_module(s, "other", 1, 1), 0, "f", 100, 0, 60);
	fix_site(s, fix_module(s, "b", 2, 1), 0, "f", 5, 0, 60);
	fix_site(s, fix_module(s, "c", 3, 1), 0, "f", 6, 0, 60);
	fix_site(s, fix_module(s, "d", 4, 1), 0, "f", 7, 0, 60);
	text = prom_with(s, &two, DRVMEM_PROM_TEXT, NULL);
	expect_in(text, "drvmem_module_allocations_total{module=\"other\",allocator=\"slab\"} 105\n");
	expect_well_formed(text);
	free(text);
	drvmem_snapshot__free(s);
}

static void labels_are_escaped(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text;

	(void)state;
	s->instances[4].name = drvmem_snapshot__str(s, "a\"b\\c\nd\xffé");
	text = prom(s, NULL);
	expect_in(text, "{module=\"a\\\"b\\\\c\\nd\xef\xbf\xbdé\",");
	free(text);
	drvmem_snapshot__free(s);
}

static void missing_numbers_have_no_sample(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text;

	(void)state;
	for (uint32_t i = 0; i < s->nr_instances; i++)
		s->instances[i].peak_bytes.st = DRVMEM_ABSENT;
	for (uint32_t i = 0; i < s->nr_caches; i++)
		s->caches[i].kind = DRVMEM_CLASS_NONE;
	s->loss.recursion_misses.st = DRVMEM_DENIED;
	s->meta.hz = 0;
	text = prom(s, NULL);
	expect_not_in(text, "drvmem_module_peak_bytes");
	expect_not_in(text, "drvmem_module_slack_bytes{module=\"nvme\"}");
	expect_not_in(text, "reason=\"recursion\"");
	expect_not_in(text, "lifetime_seconds");
	free(text);
	drvmem_snapshot__free(s);
}

static void losses_by_reason(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text;

	(void)state;
	s->loss = (struct drvmem_loss){ .recursion_misses = { 1, DRVMEM_OK }, .nest_refused = 2,
					.table_full = 4, .insert_failed = 8, .stack_missing = 16,
					.bulk_truncated = 32, .unmatched_frees = 64 };
	text = prom(s, NULL);
	expect_in(text, "drvmem_events_dropped_total{reason=\"recursion\"} 3\n");
	expect_in(text, "drvmem_events_dropped_total{reason=\"map_full\"} 12\n");
	expect_in(text, "drvmem_events_dropped_total{reason=\"stack_lost\"} 16\n");
	expect_in(text, "drvmem_events_dropped_total{reason=\"bulk_truncated\"} 32\n");
	expect_in(text, "drvmem_unmatched_frees_total{allocator=\"all\"} 64\n");
	free(text);
	drvmem_snapshot__free(s);
}

/* le is inclusive: a size of exactly 16 belongs to le="63", not to le="15". */
static void histogram_bounds(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	char *text;

	(void)state;
	fix_cache(s, "c", 64, false);
	fix_site(s, 0, 0, "f", 3, 3, 15);
	fix_site(s, 0, 0, "g", 5, 5, 16);
	fix_site(s, 0, 0, "h", 7, 7, 5u << 20);
	s->sites[0].c.life_hist[3] = 0;
	s->sites[0].c.life_hist[0] = 3;
	text = prom(s, NULL);
	expect_in(text, "drvmem_allocation_size_bytes_bucket{allocator=\"slab\",le=\"15\"} 3\n");
	expect_in(text, "drvmem_allocation_size_bytes_bucket{allocator=\"slab\",le=\"63\"} 8\n");
	expect_in(text, "drvmem_allocation_size_bytes_bucket{allocator=\"slab\",le=\"4194303\"} 8\n");
	expect_in(text, "drvmem_allocation_size_bytes_bucket{allocator=\"slab\",le=\"+Inf\"} 15\n");
	expect_in(text, "drvmem_allocation_size_bytes_count{allocator=\"slab\"} 15\n");
	expect_in(text, "drvmem_allocation_size_bytes_sum{allocator=\"slab\"} 36700285\n");
	/* bucket 3 is [4, 8) jiffies of 4 ms */
	expect_in(text, "drvmem_allocation_lifetime_seconds_bucket{allocator=\"slab\",le=\"0.004\"} 3\n");
	expect_in(text, "drvmem_allocation_lifetime_seconds_bucket{allocator=\"slab\",le=\"0.016\"} 3\n");
	expect_in(text, "drvmem_allocation_lifetime_seconds_bucket{allocator=\"slab\",le=\"0.064\"} 15\n");
	expect_not_in(text, "drvmem_allocation_lifetime_seconds_sum");
	expect_in(text, "drvmem_allocation_lifetime_seconds_count{allocator=\"slab\"} 15\n");
	expect_in(text, "drvmem_events_total{allocator=\"slab\",operation=\"alloc\"} 15\n");
	expect_in(text, "drvmem_events_total{allocator=\"slab\",operation=\"free\"} 15\n");
	free(text);
	drvmem_snapshot__free(s);
}

static void nothing_traced(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	char *text = prom(s, NULL);

	(void)state;
	expect_not_in(text, "drvmem_module_live_bytes");
	expect_in(text, "drvmem_build_info{version=\"0.1.0\",revision=\"abc\",libbpf=\"v1.1\",arch=\"x86_64\"} 1\n");
	expect_in(text, "drvmem_tracing_start_timestamp_seconds 1700000000\n");
	expect_well_formed(text);
	free(text);
	drvmem_snapshot__free(s);
}

/* The other form has the same samples, but what it forbids. */
static void openmetrics(void **state)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text = prom_with(s, &o, DRVMEM_PROM_OPENMETRICS, &len);

	(void)state;
	fix_golden("metrics.openmetrics", text, len);
	om_check(text);
	expect_in(text, "# TYPE drvmem_module_allocated_bytes counter\n# UNIT drvmem_module_allocated_bytes bytes\n"
			"drvmem_module_allocated_bytes_total{");
	expect_in(text, "# TYPE drvmem_build info\ndrvmem_build_info{");
	expect_not_in(text, "lifetime_seconds_count");	/* its sum is not known */
	free(text);
	s->instances[4].name = drvmem_snapshot__str(s, "a\"b\\c\nd\xffé");
	text = prom_with(s, &o, DRVMEM_PROM_OPENMETRICS, NULL);
	om_check(text);
	free(text);
	drvmem_snapshot__free(s);
}

/* A machine at the limit: 500 modules that use everything, 50,000 sites. */
static struct drvmem_snapshot *big_machine(bool sampled)
{
	struct drvmem_snapshot *s = fix_new();
	char name[40];
	uint32_t t;

	for (uint32_t i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "0000:%02x:00.0", i);
		fix_cache(s, name, 64, false);
	}
	for (uint32_t i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "driver_module_%03u", i);
		fix_module(s, name, i + 1, 1000 + i);
	}
	s->sites = calloc(50001, sizeof(*s->sites));
	assert_non_null(s->sites);
	for (uint32_t i = 0; i < 50000; i++) {
		struct drvmem_sitesnap *k = &s->sites[s->nr_sites];

		snprintf(name, sizeof(name), "function_%u+0x%x", i, i);
		*k = (struct drvmem_sitesnap){ .owner = (uint16_t)(3 + i % 500), .cache = (uint16_t)(i % 300),
			.allocator = (uint16_t)(i / 500 % DRVMEM_NR_USES), .site = drvmem_snapshot__str(s, name),
			.c = { .allocs = 9 + i, .frees = 4, .alloc_bytes = 900 + i, .free_bytes = 100,
			       .live_objects = 5 + i, .live_bytes = 800 + i, .held_bytes = 900 + i,
			       .sampled_allocs = sampled ? 1 : 0 } };
		s->nr_sites++;
	}
	s->meta.sampled = sampled;
	s->syncs = calloc(300, sizeof(*s->syncs));
	assert_non_null(s->syncs);
	for (t = 0; t < 300; t++)
		s->syncs[s->nr_syncs++] = (struct drvmem_device_syncs){ s->caches[t].name, t, t };
	s->kernel[DRVMEM_AT_SNAPSHOT] = drvmem_reading__new();
	s->kernel[DRVMEM_AT_SNAPSHOT]->slabs = calloc(400, sizeof(struct drvmem_slab_reading));
	for (t = 0; t < 400; t++) {
		struct drvmem_slab_reading *r = &s->kernel[DRVMEM_AT_SNAPSHOT]->slabs[t];

		snprintf(r->name, sizeof(r->name), "cache_%u", t);
		r->active = r->total = t;
		r->slab_bytes = 4096 * t;
	}
	s->kernel[DRVMEM_AT_SNAPSHOT]->nr_slabs = t;
	return s;
}

#define PROBES 60u

/* Every family that is on by default, at its limit. */
static void series_are_bounded(void **state)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	static struct drvmem_metrics_image images[500];
	static struct drvmem_metrics_leak leaks[500];
	static struct drvmem_metrics_probe probes[PROBES];
	static char name[500][32];

	(void)state;
	for (uint32_t i = 0; i < 500; i++) {
		snprintf(name[i], sizeof(name[i]), "driver_module_%03u", i);
		images[i] = (struct drvmem_metrics_image){ name[i], 4096 };
		leaks[i] = (struct drvmem_metrics_leak){ name[i], "high", 1 };
	}
	for (uint32_t i = 0; i < PROBES; i++)
		probes[i] = (struct drvmem_metrics_probe){ name[i], "hook", true, { 1, DRVMEM_OK }, { 1, DRVMEM_OK } };
	for (int sampled = 0; sampled < 2; sampled++) {
		struct drvmem_snapshot *s = big_machine(sampled);
		struct drvmem_scope *v = fix_scope(NULL, s, NULL);
		struct drvmem_metrics *m = drvmem_metrics__new(&o);
		struct drvmem_metrics_self self = prom_self;
		struct drvmem_metrics_input in = prom_input(v);
		struct drvmem_exposition *x;
		char *text;

		self.probes = probes;
		self.nr_probes = PROBES;
		in.self = &self;
		in.images = images;
		in.nr_images = 500;
		in.leaks = leaks;
		in.nr_leaks = 500;
		in.judged_unix = (struct drvmem_u64){ 1700000000, DRVMEM_OK };
		x = prom_build(m, &in);
		if (drvmem_exposition__count(x) > 3000)
			fail_msg("%u series", drvmem_exposition__count(x));
		assert_true(drvmem_exposition__count(x) > 2500);	/* the limit is met, not missed by far */
		text = fix_text(NULL, drvmem_prom__render(x, DRVMEM_PROM_OPENMETRICS, out));
		om_check(text);
		free(text);
		drvmem_exposition__free(x);
		drvmem_metrics__free(m);
		drvmem_scope__free(v);
		drvmem_snapshot__free(s);
	}
}

/* Sum of the whole samples of a metric over all its series of an allocator. */
static int64_t sum_of(const struct drvmem_exposition *x, enum drvmem_metric m, const char *second)
{
	const struct drvmem_metric_family *f = &x->family[m];
	int64_t sum = 0;

	for (uint32_t i = 0; i < f->n; i++)
		if (!second || !strcmp(f->v[i].label[1], second))
			sum += f->v[i].value.negative ? -(int64_t)f->v[i].value.whole : (int64_t)f->v[i].value.whole;
	return sum;
}

static uint64_t value_of(const struct drvmem_exposition *x, enum drvmem_metric m, const char *first)
{
	const struct drvmem_metric_family *f = &x->family[m];

	for (uint32_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].label[0], first))
			return f->v[i].value.whole;
	fail_msg("no %s of %s", drvmem_metrics_list[m].name, first);
	return 0;
}

/* Bytes that are live add up over all series, whoever has one, at every scrape; counters never go down. */
static void totals_add_up_at_every_scrape(void **state)
{
	struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_metrics *m;
	uint64_t seed = 4711, before[40] = { 0 }, other = 0;
	char name[16];

	(void)state;
	o.max_modules = 5;
	m = drvmem_metrics__new(&o);
	fix_cache(s, "kmalloc-64", 64, false);
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		fix_site(s, fix_module(s, name, i + 1, 1), 0, "f", 0, 0, 60);
		s->instances[i + 3].peak_bytes.st = DRVMEM_ABSENT;
	}
	for (uint32_t step = 0; step < 200; step++) {
		int64_t live = 0, allocs = 0;
		struct drvmem_exposition *x;
		struct drvmem_scope *v;
		struct drvmem_metrics_input in;

		s->meta.taken_ns += 1200 * FIX_S;
		for (uint32_t i = 0; i < 40; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			s->sites[i].c.allocs += seed >> 60;
			s->sites[i].c.live_bytes = (int64_t)(seed >> 40 & 0xfffff) * (i % 7 == step / 20 % 7 ? 9 : 1);
			live += s->sites[i].c.live_bytes;
			allocs += (int64_t)s->sites[i].c.allocs;
		}
		v = fix_scope(NULL, s, NULL);
		in = prom_input(v);
		x = prom_build(m, &in);
		assert_int_equal(sum_of(x, DRVMEM_M_MODULE_LIVE_BYTES, "slab"), live);
		assert_int_equal(sum_of(x, DRVMEM_M_EVENTS, "alloc"), allocs);
		assert_true(x->family[DRVMEM_M_MODULE_LIVE_BYTES].n <= 6);
		for (uint32_t i = 0; i < x->family[DRVMEM_M_MODULE_ALLOCATIONS].n; i++) {
			const struct drvmem_metric_sample *k = &x->family[DRVMEM_M_MODULE_ALLOCATIONS].v[i];
			uint64_t *was = !strcmp(k->label[0], "other") ? &other : &before[atoi(k->label[0] + 1)];

			assert_true(k->value.whole >= *was);
			*was = k->value.whole;
		}
		drvmem_exposition__free(x);
		drvmem_scope__free(v);
	}
	drvmem_metrics__free(m);
	drvmem_snapshot__free(s);
}

/* What a module held when its unload was first seen is counted once, whatever is freed later. */
static void unloads(void **state)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_metrics *m = drvmem_metrics__new(&o);
	struct drvmem_snapshot *s = fix_new();
	uint32_t drv;

	(void)state;
	fix_cache(s, "kmalloc-64", 64, false);
	drv = fix_module(s, "drv", 1, 5000);
	fix_site(s, drv, 0, "f", 100, 50, 60);
	for (int step = 0; step < 4; step++) {
		struct drvmem_scope *v = fix_scope(NULL, s, NULL);
		const struct drvmem_metrics_input in = prom_input(v);
		struct drvmem_exposition *x = prom_build(m, &in);

		assert_int_equal(value_of(x, DRVMEM_M_MODULE_UNLOADS, "drv"), step == 3 ? 2 : step > 0);
		assert_int_equal(value_of(x, DRVMEM_M_MODULE_UNLOAD_OUTSTANDING, "drv"),
				 step == 3 ? 3000 + 420 : step ? 3000 : 0);
		assert_int_equal(x->family[DRVMEM_M_MODULE_UNLOADS].n, 1);	/* not of the kernel */
		drvmem_exposition__free(x);
		drvmem_scope__free(v);
		s->instances[drv].unloaded = true;
		if (step == 1)
			s->sites[0].c.live_bytes = 0;		/* freed after all */
		if (step == 2) {
			uint32_t again = fix_module(s, "drv", 2, 5000);

			fix_site(s, again, 0, "f", 7, 0, 60);
			s->instances[again].unloaded = true;
		}
	}
	drvmem_metrics__free(m);
	drvmem_snapshot__free(s);
}

/* A site without a symbol is an address, and none of those is told. */
static void call_sites(void **state)
{
	struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_snapshot *s = fix_machine();
	char *text;

	(void)state;
	s->sites[0].site = drvmem_snapshot__str(s, "0xffffffffc0123456");
	text = prom(s, NULL);
	expect_not_in(text, "callsite");
	free(text);
	o.max_callsites = 3;
	text = prom_with(s, &o, DRVMEM_PROM_TEXT, NULL);
	expect_not_in(text, "0xffff");
	expect_in(text, "drvmem_callsite_live_bytes{module=\"e1000e\",function=\"?\",site=\"?\"} 40000\n");
	expect_in(text, "drvmem_callsite_live_objects{module=\"kernel\",function=\"__alloc_skb\",site=\"__alloc_skb+0x8c\"} 400\n");
	expect_in(text, "drvmem_callsite_live_bytes{module=\"other\",function=\"other\",site=\"other\"} ");
	expect_in(text, "drvmem_series_limited{family=\"callsite\"} ");
	expect_well_formed(text);
	free(text);
	drvmem_snapshot__free(s);
}

static void ages_and_nodes(void **state)
{
	struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_metrics_input in = prom_input(v);
	struct drvmem_metrics *m;
	struct drvmem_numa *n;
	char *text;

	(void)state;
	s->objects[0].age_ns = 61 * FIX_S;
	o.ages = true;
	m = drvmem_metrics__new(&o);
	assert_int_equal(drvmem_numa__new(2, s->nr_sites, s->nr_instances, &n), 0);
	drvmem_numa__add(n, 0, 1, 0, 4096);
	in.numa = n;
	text = prom_scrape(m, &in, DRVMEM_PROM_TEXT, NULL);
	expect_in(text, "drvmem_module_live_age_bytes{module=\"e1000e\",age=\"10m\"} 200\n");
	expect_in(text, "drvmem_module_live_age_bytes{module=\"e1000e\",age=\"1m\"} 233\n");
	expect_in(text, "drvmem_node_live_bytes{node=\"1\",allocator=\"slab\"} 4096\n");
	expect_well_formed(text);
	free(text);
	drvmem_numa__free(n);
	drvmem_metrics__free(m);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(golden_sampled),
		cmocka_unit_test(well_formed),
		cmocka_unit_test(instances_of_one_name_are_one_module),
		cmocka_unit_test(many_modules_fold_into_other),
		cmocka_unit_test(mappings_and_devices),
		cmocka_unit_test(a_module_called_other),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(missing_numbers_have_no_sample),
		cmocka_unit_test(losses_by_reason),
		cmocka_unit_test(histogram_bounds),
		cmocka_unit_test(nothing_traced),
		cmocka_unit_test(openmetrics),
		cmocka_unit_test(series_are_bounded),
		cmocka_unit_test(totals_add_up_at_every_scrape),
		cmocka_unit_test(unloads),
		cmocka_unit_test(call_sites),
		cmocka_unit_test(ages_and_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
