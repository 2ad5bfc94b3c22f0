// SPDX-License-Identifier: GPL-2.0-or-later
/* A simulation as it is shown. */
#include "simfixture.h"

#include "jsoncheck.h"
#include "render/simulate.h"

static struct drvmem_distribution *recorded(void)
{
	struct drvmem_distribution_fault fault;
	struct drvmem_distribution *d;
	size_t len;
	char *text = unit_data("distribution.txt", &len);

	assert_int_equal(drvmem_distribution__parse(text, len, &d, &fault), 0);
	free(text);
	return d;
}

static char *show(const struct drvmem_simulate_in *in, bool json, size_t *ret_len)
{
	static const struct drvmem_text_opts o = { .utf8 = true };
	struct drvmem_simulation s = sim_run(in);
	struct drvmem_simulated_view v;
	char *text;

	drvmem_simulated_view_init(&v, &s, in->d, &in->c);
	if (json) {
		text = fix_text(ret_len, drvmem_json__simulation(&v, out));
		assert_true(json_is_valid(text, *ret_len));
	} else {
		text = fix_text(ret_len, assert_int_equal(drvmem_text__simulation(&v, &o, out), 0));
	}
	drvmem_simulation__deinit(&s);
	return text;
}

static void goldens(void **state)
{
	struct drvmem_distribution *d = recorded();
	struct drvmem_simulate_in in = sim_in(d);
	size_t len;
	char *text;

	(void)state;
	in.nr_sites = 4;	/* not the kernel's own */
	in.max_events = 20000;
	in.c = (struct drvmem_simulate_config){ .size = { 136, 544 }, .nr_sizes = 2, .depth = 64 };
	text = show(&in, false, &len);
	fix_golden("simulate.txt", text, len);
	free(text);
	in.c = (struct drvmem_simulate_config){ .limit = 200, .reserve = 20 };
	text = show(&in, true, &len);
	fix_golden("simulate.json", text, len);
	free(text);
	drvmem_distribution__free(d);
}

static void says(const struct drvmem_simulate_in *in, const char *what)
{
	size_t len;
	char *text = show(in, false, &len), *json = show(in, true, &len);

	if (!strstr(text, what) || !strstr(json, what))
		fail_msg("'%s' is not in\n%s", what, text);
	free(text);
	free(json);
}

static void what_to_know_first(void **state)
{
	struct drvmem_distribution *d = sim_new();
	struct drvmem_simulate_in in;
	size_t len;
	char *text;

	(void)state;
	sim_site(d, DRVMEM_ALLOC_SLAB, "kmalloc-192", 4);
	sim_size(d, 136, 10000, 10);
	d->sites[0].peak = 5;
	in = sim_in(d);
	in.c = (struct drvmem_simulate_config){ .size = { 136 }, .nr_sizes = 1 };
	text = show(&in, false, &len);
	assert_null(strstr(text, "note:"));
	free(text);
	in.c = (struct drvmem_simulate_config){ .size = { 64, 136, 200 }, .nr_sizes = 3 };
	says(&in, "all objects are of one size: of several --sizes only one can serve it");
	says(&in, "no object takes --sizes 64, 200");
	d->sites[0].peak = 900;
	says(&in, "900 objects at once were recorded");
	d->sites[0].life[4] = 0;
	d->sites[0].life[11] = 1;
	says(&in, "10 objects were live at the end, ");
	d->sites[0].allocs += 77;
	says(&in, "77 allocations of these call sites are left out");
	in.max_events = 100;
	says(&in, "were played, at the recorded rate: a simulation has 100 events at most");
	sim_site(d, DRVMEM_ALLOC_PERCPU, "", 4);
	sim_size(d, 8, 10, 10);
	in = sim_in(d);
	in.c.depth = 1;
	says(&in, "1 call sites are left out: percpu memory");
	drvmem_distribution__free(d);
}

/* All of them in JSON; the text shows those that hold most and says how many more there are. */
static void many_caches(void **state)
{
	struct drvmem_distribution *d = sim_new();
	struct drvmem_simulate_in in;
	size_t len, i, n;
	char *text, *at;

	(void)state;
	sim_site(d, DRVMEM_ALLOC_SLAB, "own", 4);
	for (i = 1; i <= 30; i++)
		sim_size(d, (uint32_t)(i * 8), 100, i < 20 ? 100 : 0);
	in = sim_in(d);
	in.c.depth = 1;
	text = show(&in, false, &len);
	assert_non_null(strstr(text, "  18 more"));
	free(text);
	text = show(&in, true, &len);
	for (n = 0, at = text; (at = strstr(at, "\"object_bytes\":")); at++)
		n++;
	assert_int_equal(n, 60);
	free(text);
	drvmem_distribution__free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goldens),
		cmocka_unit_test(what_to_know_first),
		cmocka_unit_test(many_caches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
