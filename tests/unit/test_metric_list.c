// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of metrics, the file that publishes it, and what is really written are the same. */
#include "promfixture.h"
#include "serve/webmetrics.h"

#include "view/outstanding.h"

static const char tsv[] = "dist/prometheus/metrics.tsv";

static void labels_of(const struct drvmem_metric_info *m, char *ret, size_t size)
{
	size_t at = 0;

	ret[0] = 0;
	for (uint32_t i = 0; i < DRVMEM_METRIC_LABELS && m->label[i]; i++)
		at += (size_t)snprintf(ret + at, size - at, "%s%s", i ? "," : "", m->label[i]);
}

/* DRVMEM_UPDATE_GOLDEN=1 writes the file. */
static void the_file_is_the_list(void **state)
{
	const char *update = getenv("DRVMEM_UPDATE_GOLDEN");
	char *want = NULL, labels[128], *got;
	size_t len = 0, n;
	FILE *out = open_memstream(&want, &len), *f;

	(void)state;
	assert_non_null(out);
	fputs("#name\ttype\tlabels\tlevel\tunit\thelp\n", out);
	for (uint32_t i = 0; i < DRVMEM_NR_METRICS; i++) {
		const struct drvmem_metric_info *m = &drvmem_metrics_list[i];

		labels_of(m, labels, sizeof(labels));
		fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", m->name, drvmem_metric_type_names[m->type], labels,
			drvmem_metric_level_names[m->level], m->unit, m->help);
	}
	fclose(out);
	f = fopen(tsv, update && update[0] == '1' ? "w+" : "r");
	assert_non_null(f);
	if (update && update[0] == '1')
		assert_int_equal(fwrite(want, 1, len, f), len);
	rewind(f);
	got = calloc(1, len + 2);
	n = fread(got, 1, len + 1, f);
	fclose(f);
	if (n != len || memcmp(got, want, len))
		fail_msg("%s is not the list; it should be:\n%s", tsv, want);
	free(got);
	free(want);
}

static bool ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n > k && !strcmp(s + n - k, suffix);
}

static void names_keep_the_rules(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < DRVMEM_NR_METRICS; i++) {
		const struct drvmem_metric_info *m = &drvmem_metrics_list[i];
		char unit[32], total[40];

		assert_non_null(m->name);
		assert_int_equal(strspn(m->name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(m->name));
		assert_true(!strncmp(m->name, "drvmem_", 7) || m->level == DRVMEM_LEVEL_SELF);
		assert_int_equal(ends(m->name, "_total"), m->type == DRVMEM_METRIC_COUNTER);
		assert_int_equal(ends(m->name, "_info"), m->type == DRVMEM_METRIC_INFO);
		assert_int_equal(m->help[strlen(m->help) - 1], '.');
		assert_null(strpbrk(m->help, "\\\"\n\t"));
		snprintf(unit, sizeof(unit), "_%s", m->unit);
		snprintf(total, sizeof(total), "_%s_total", m->unit);
		if (m->unit[0])
			assert_true(ends(m->name, m->type == DRVMEM_METRIC_COUNTER ? total : unit));
		for (uint32_t k = 0; k < DRVMEM_METRIC_LABELS && m->label[k]; k++) {
			static const char *const never[] = { "address", "pid", "comm", "stack", "cgroup", "le" };

			for (size_t w = 0; w < UNIT_NR(never); w++)
				assert_string_not_equal(m->label[k], never[w]);
		}
	}
}

/* A machine with everything; adds the families that have samples. */
static void scrape(struct drvmem_snapshot *s, bool *seen)
{
	const struct drvmem_metrics_opts o = { 64, 40, 5, true, true };
	const struct drvmem_u64 one = { 1, DRVMEM_OK };
	const struct drvmem_metrics_probe probe = { "dm_kfree", "kfree", true, one, one };
	const struct drvmem_metrics_collector collector = { "memory", true, 0.001 };
	const struct drvmem_metrics_image image = { "nvme", 4096 };
	const struct drvmem_metrics_leak leak = { "nvme", "high", 10 };
	struct drvmem_metrics_self self = { "1", "r", "v1", &probe, 1, &collector, 1, 0.01, one, one, one, one, one, one };
	struct drvmem_ram_result ram = { .total = { one, NULL, false } };
	struct drvmem_metrics *m = drvmem_metrics__new(&o);
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_metrics_input in = prom_input(v);
	struct drvmem_pools *p = drvmem_pools__new();
	struct drvmem_exposition *x;
	struct drvmem_pool *k;
	struct drvmem_numa *n;

	k = drvmem_pools__add(p, DRVMEM_POOL_CACHE);
	k->name = "c";
	k->held_bytes = k->used_bytes = k->peak_bytes = one;
	v->pools = p;
	assert_int_equal(drvmem_numa__new(1, s->nr_sites, s->nr_instances, &n), 0);
	drvmem_numa__add(n, 0, 0, 0, 1);
	in.self = &self;
	in.ram = &ram;
	in.images = &image;
	in.leaks = &leak;
	in.nr_images = in.nr_leaks = 1;
	in.judged_unix = one;
	in.numa = n;
	x = prom_build(m, &in);
	for (uint32_t i = 0; i < DRVMEM_NR_METRICS; i++)
		seen[i] |= x->family[i].n != 0;
	drvmem_exposition__free(x);
	drvmem_pools__free(p);
	drvmem_numa__free(n);
	drvmem_scope__free(v);
	drvmem_metrics__free(m);
}

static void see_web(bool *seen)
{
	const struct drvmem_http_own own = { .connections = 1 };
	struct drvmem_exposition *x;

	assert_int_equal(drvmem_webmetrics__build(&own, 1500000000, &x), 0);
	for (uint32_t i = 0; i < DRVMEM_NR_METRICS; i++) {
		/* and nothing else */
		assert_int_equal(x->family[i].n != 0, drvmem_metric__collector((enum drvmem_metric)i) == DRVMEM_COLLECT_WEB);
		seen[i] |= x->family[i].n != 0;
	}
	drvmem_exposition__free(x);
}

static void every_metric_is_written(void **state)
{
	struct drvmem_snapshot *s[] = { fix_machine(), fix_sampled() };
	bool seen[DRVMEM_NR_METRICS] = { false };

	(void)state;
	for (size_t i = 0; i < UNIT_NR(s); i++) {
		uint32_t t = fix_site(s[i], 4, fix_cache(s[i], "0000:00:04.0", 0, false), "map+0x1", 7, 3, 1000);

		s[i]->sites[t].allocator = DRVMEM_MAP_DMA;
		t = fix_site(s[i], 4, s[i]->nr_caches - 1, "buffer+0x1", 2, 0, 4096);
		s[i]->sites[t].allocator = DRVMEM_ALLOC_DMA;
		s[i]->syncs = calloc(1, sizeof(*s[i]->syncs));
		s[i]->syncs[s[i]->nr_syncs++] = (struct drvmem_device_syncs){ "0000:00:04.0", 5, 6 };
		s[i]->kernel[DRVMEM_AT_SNAPSHOT] = drvmem_reading__new();
		s[i]->kernel[DRVMEM_AT_SNAPSHOT]->slabs = calloc(1, sizeof(struct drvmem_slab_reading));
		s[i]->kernel[DRVMEM_AT_SNAPSHOT]->slabs[0] = (struct drvmem_slab_reading){ "c", 3, 4, 4, 4096,
			{ 0, DRVMEM_ABSENT }, { 0, DRVMEM_ABSENT } };
		s[i]->kernel[DRVMEM_AT_SNAPSHOT]->nr_slabs = 1;
		scrape(s[i], seen);
		drvmem_snapshot__free(s[i]);
	}
	see_web(seen);
	for (uint32_t i = 0; i < DRVMEM_NR_METRICS; i++)
		if (!seen[i])
			fail_msg("%s is never written", drvmem_metrics_list[i].name);
}

/* Sites that are lost or grow; mappings, and what merely lives long, are no leak. */
static void leaks_of_a_judgement(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_outstanding_site sites[] = {
		{ .site = 0, .bytes = 900, .growth = { .class = DRVMEM_GROWTH_GROWING,
						       .confidence = DRVMEM_CONFIDENCE_MEDIUM } },
		{ .site = 1, .bytes = 50, .lost_bytes = 40 },
		{ .site = 3, .bytes = 70 },
		{ .site = 3, .bytes = 80, .mapping = true, .growth = { .class = DRVMEM_GROWTH_GROWING,
								      .confidence = DRVMEM_CONFIDENCE_HIGH } },
	};
	const struct drvmem_outstanding o = { .site = sites, .nr_sites = UNIT_NR(sites) };
	const struct drvmem_metrics_opts opts = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_metrics *m = drvmem_metrics__new(&opts);
	struct drvmem_metrics_input in = prom_input(v);
	struct drvmem_metrics_leak *leaks = NULL;
	uint32_t n = 9;
	char *text;

	(void)state;
	assert_int_equal(drvmem_metrics_leaks(v, &o, &leaks, &n), 0);
	assert_int_equal(n, 2);
	in.leaks = leaks;
	in.nr_leaks = n;
	in.judged_unix = (struct drvmem_u64){ 1700000000, DRVMEM_OK };
	text = prom_scrape(m, &in, DRVMEM_PROM_TEXT, NULL);
	assert_non_null(strstr(text, "leak_suspected_bytes{module=\"e1000e\",confidence=\"medium\"} 900\n"));
	assert_non_null(strstr(text, "leak_suspected_bytes{module=\"e1000e\",confidence=\"high\"} 40\n"));
	assert_non_null(strstr(text, "leak_suspected_bytes{module=\"e1000e\",confidence=\"low\"} 0\n"));
	assert_null(strstr(text, "leak_suspected_bytes{module=\"nvme\""));
	assert_non_null(strstr(text, "\ndrvmem_last_leak_scan_timestamp_seconds 1700000000\n"));
	free(text);
	free(leaks);
	drvmem_metrics__free(m);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_the_list),
		cmocka_unit_test(names_keep_the_rules),
		cmocka_unit_test(every_metric_is_written),
		cmocka_unit_test(leaks_of_a_judgement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
