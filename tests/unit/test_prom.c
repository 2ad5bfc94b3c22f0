// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include "render/prom.h"

static const struct drvmem_prom_opts opts = { .version = "0.1.0", .revision = "abc",
					      .libbpf = "v1.1" };

static char *prom(const struct drvmem_snapshot *s, const struct drvmem_prom_opts *o, size_t *ret_len)
{
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	char *text = fix_text(ret_len, assert_int_equal(drvmem_prom__snapshot(v, o, out), 0));

	drvmem_scope__free(v);
	return text;
}

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
	char *text = prom(s, &opts, &len);

	(void)state;
	fix_golden("metrics-sampled.prom", text, len);
	free(text);
	drvmem_snapshot__free(s);
}

static void golden(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	size_t len;
	char *text = prom(s, &opts, &len);

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
	char *text = prom(s, &opts, NULL);

	(void)state;
	expect_well_formed(text);
	free(text);
	drvmem_snapshot__free(s);
}

/* Two instances of a name are one series; their peaks are not added. */
static void instances_of_one_name_are_one_module(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text = prom(s, &opts, NULL);

	(void)state;
	expect_in(text, "drvmem_module_live_objects{module=\"e1000e\",allocator=\"slab\"} 258\n");
	expect_in(text, "drvmem_module_peak_bytes{module=\"e1000e\"} 70000\n");
	expect_in(text, "drvmem_module_allocation_failures_total{module=\"e1000e\",allocator=\"slab\"} 3\n");
	expect_not_in(text, "#1");
	free(text);
	/* the later instance was larger; then one that has no peak: nothing is known */
	s->instances[5].peak_bytes.v = 80000;
	text = prom(s, &opts, NULL);
	expect_in(text, "drvmem_module_peak_bytes{module=\"e1000e\"} 80000\n");
	expect_in(text, "drvmem_module_peak_bytes{module=\"nvme\"} 4000\n");
	free(text);
	s->instances[5].peak_bytes.st = DRVMEM_ABSENT;
	text = prom(s, &opts, NULL);
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
		rest += i < 5000 - DRVMEM_PROM_MAX_MODULES ? i + 1 : 0;
	}
	text = prom(s, &opts, NULL);
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

/* A module that is called "other" never makes a second series of that name. */
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
	text = prom(s, &opts, &len);
	expect_not_in(text, "mapped_bytes");
	expect_not_in(text, "drvmem_device_");
	free(text);

	t = fix_site(s, m, 1, "map+0x1", 7, 3, 1000);
	s->sites[t].allocator = DRVMEM_MAP_DMA;
	s->sites[t].c.mismatched = 2;
	t = fix_site(s, m, 1, "buffer+0x1", 2, 0, 4096);
	s->sites[t].allocator = DRVMEM_ALLOC_DMA;
	text = prom(s, &opts, &len);
	expect_in(text, "drvmem_module_mapped_bytes{module=\"drv\",kind=\"dma_map\"} 4000\n");
	expect_in(text, "drvmem_module_unmaps_total{module=\"drv\",kind=\"dma_map\"} 3\n");
	expect_in(text, "drvmem_module_map_size_mismatches_total{module=\"drv\",kind=\"dma_map\"} 2\n");
	expect_in(text, "drvmem_module_live_bytes{module=\"drv\",allocator=\"dma\"} 8192\n");
	expect_not_in(text, "allocator=\"dma_map\"");
	expect_in(text, "drvmem_device_live_bytes{device=\"0000:00:04.0\",driver=\"drv\"} 8192\n");
	expect_in(text, "drvmem_device_mapped_bytes{device=\"0000:00:04.0\",driver=\"drv\"} 4000\n");
	expect_not_in(text, "family=\"device\"");
	free(text);

	s->syncs = calloc(1, sizeof(*s->syncs));
	assert_non_null(s->syncs);
	s->syncs[s->nr_syncs++] = (struct drvmem_device_syncs){ "0000:00:04.0", 5, 6 };
	text = prom(s, &opts, &len);
	expect_in(text, "drvmem_device_syncs_total{device=\"0000:00:04.0\",direction=\"device\"} 6\n");
	free(text);

	/* more than there is room for: the rest together */
	s->syncs = realloc(s->syncs, 70 * sizeof(*s->syncs));
	assert_non_null(s->syncs);
	while (s->nr_syncs < 70)
		s->syncs[s->nr_syncs++] = (struct drvmem_device_syncs){ "0000:02:00.0", 1, 2 };
	text = prom(s, &opts, &len);
	expect_in(text, "drvmem_device_syncs_total{device=\"other\",direction=\"device\"} 14\n");
	expect_in(text, "drvmem_series_limited{family=\"device\"} 7\n");
	free(text);
	s->nr_syncs = 0;

	/* 101 devices: 63 and the rest */
	for (uint16_t i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "0000:01:%02x.0", i);
		t = fix_site(s, m, fix_cache(s, name, 0, false), "map+0x1", 1, 0, 10);
		s->sites[t].allocator = DRVMEM_MAP_DMA;
	}
	text = prom(s, &opts, &len);
	expect_in(text, "drvmem_series_limited{family=\"device\"} 38\n");
	expect_in(text, "drvmem_device_mapped_bytes{device=\"other\",driver=\"other\"} 380\n");
	expect_in(text, "drvmem_device_mapped_bytes{device=\"0000:00:04.0\",driver=\"drv\"} 4000\n");
	free(text);
	drvmem_snapshot__free(s);
}

static void a_module_called_other(void **state)
{
	struct drvmem_prom_opts two = opts;
	struct drvmem_snapshot *s = fix_new();
	char *text;

	(void)state;
	two.max_modules = 2;
	fix_cache(s, "kmalloc-64", 64, false);
	fix_site(s, fix_module(s, "other", 1, 1), 0, "f", 100, 0, 60);
	fix_site(s, fix_module(s, "b", 2, 1), 0, "f", 5, 0, 60);
	fix_site(s, fix_module(s, "c", 3, 1), 0, "f", 6, 0, 60);
	fix_site(s, fix_module(s, "d", 4, 1), 0, "f", 7, 0, 60);
	text = prom(s, &two, NULL);
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
	text = prom(s, &opts, NULL);
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
	text = prom(s, &opts, NULL);
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
	text = prom(s, &opts, NULL);
	expect_in(text, "drvmem_events_dropped_total{reason=\"recursion\"} 3\n");
	expect_in(text, "drvmem_events_dropped_total{reason=\"map_full\"} 12\n");
	expect_in(text, "drvmem_events_dropped_total{reason=\"stack_lost\"} 16\n");
	expect_in(text, "drvmem_events_dropped_total{reason=\"bulk_truncated\"} 32\n");
	expect_in(text, "drvmem_unmatched_frees_total{allocator=\"slab\"} 64\n");
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
	text = prom(s, &opts, NULL);
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
	expect_in(text, "drvmem_allocation_lifetime_seconds_sum{allocator=\"slab\"} NaN\n");
	expect_in(text, "drvmem_allocation_lifetime_seconds_count{allocator=\"slab\"} 15\n");
	expect_in(text, "drvmem_events_total{allocator=\"slab\",operation=\"alloc\"} 15\n");
	expect_in(text, "drvmem_events_total{allocator=\"slab\",operation=\"free\"} 15\n");
	free(text);
	drvmem_snapshot__free(s);
}

static void nothing_traced(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	char *text = prom(s, &opts, NULL);

	(void)state;
	expect_not_in(text, "drvmem_module_live_bytes");
	expect_in(text, "drvmem_build_info{version=\"0.1.0\",revision=\"abc\",libbpf=\"v1.1\",arch=\"x86_64\"} 1\n");
	expect_in(text, "drvmem_tracing_start_timestamp_seconds 1700000000\n");
	expect_well_formed(text);
	free(text);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
