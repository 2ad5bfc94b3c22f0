// SPDX-License-Identifier: GPL-2.0-or-later
#include "sysfixture.h"

#include "jsoncheck.h"
#include "promfixture.h"
#include "render/system_json.h"
#include "render/system_text.h"

static const struct drvmem_text_opts wide = { .utf8 = true };

struct machine {
	struct drvmem_sysmem *a, *b;
	struct drvmem_snapshot *s;
	struct drvmem_scope *v;
	struct drvmem_system *y;
};

/* The recorded machine, 2 s and some faults later; e1000e failed three times. */
static void setup(struct machine *k)
{
	k->a = sysfix_machine();
	k->b = sysfix_machine();
	k->b->taken_ns += 2 * FIX_S;
	k->b->vm[DRVMEM_VM_PGFAULT].v += 1000;
	k->b->vm[DRVMEM_VM_REFAULT_FILE].v += 7;
	k->b->psi.some_us.v += 100;
	k->s = fix_machine();
	k->s->meta.traced = 1u << DRVMEM_ALLOC_SLAB;
	k->s->meta.taken_ns = k->b->taken_ns;
}

static void build(struct machine *k)
{
	k->v = fix_scope(NULL, k->s, NULL);
	assert_int_equal(drvmem_system__new(k->a, k->b, k->v, &k->y), 0);
}

static void teardown(struct machine *k)
{
	drvmem_system__free(k->y);
	drvmem_scope__free(k->v);
	drvmem_snapshot__free(k->s);
	drvmem_sysmem__free(k->a);
	drvmem_sysmem__free(k->b);
}

static char *text_of(struct machine *k, size_t *ret_len)
{
	return fix_text(ret_len, assert_int_equal(drvmem_text__system(k->y, &wide, out), 0));
}

static char *json_of(struct machine *k, size_t *ret_len)
{
	return fix_text(ret_len, drvmem_json__system(k->y, out));
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void golden_text(void **state)
{
	struct machine k;
	size_t len;
	char *text;

	(void)state;
	setup(&k);
	build(&k);
	text = text_of(&k, &len);
	fix_golden("system.txt", text, len);
	free(text);
	teardown(&k);
}

static void golden_json(void **state)
{
	struct machine k;
	size_t len;
	char *text;

	(void)state;
	setup(&k);
	build(&k);
	text = json_of(&k, &len);
	assert_true(json_is_valid(text, len));
	fix_golden("system.json", text, len);
	free(text);
	teardown(&k);
}

static void rates_of_the_session(void **state)
{
	const struct drvmem_cell *c;
	struct drvmem_grid *g;
	struct machine k;

	(void)state;
	setup(&k);
	k.b->vm[DRVMEM_VM_PGREUSE].v = k.a->vm[DRVMEM_VM_PGREUSE].v - 1;	/* went back */
	k.a->vm[DRVMEM_VM_OOM_KILL].st = DRVMEM_ABSENT;
	build(&k);
	assert_int_equal(k.y->events[DRVMEM_VM_PGFAULT].v, 1000);
	assert_int_equal(k.y->events[DRVMEM_VM_PGREUSE].st, DRVMEM_ABSENT);
	assert_int_equal(k.y->events[DRVMEM_VM_OOM_KILL].st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_system__events(k.y, &g), 0);
	c = drvmem_grid__cell(g, DRVMEM_VM_PGFAULT, "per_s");
	assert_non_null(c);
	assert_true(c->d == 500.0);
	drvmem_grid__free(g);
	teardown(&k);
}

static void failures_by_owner(void **state)
{
	struct machine k;

	(void)state;
	setup(&k);
	build(&k);
	assert_int_equal(k.y->nr_failing, 1);
	assert_string_equal(k.v->owner_name[k.y->failing[0].owner], "e1000e#7");
	assert_int_equal(k.y->failing[0].failures, 3);
	assert_int_equal(k.y->failures, 3);
	teardown(&k);
}

/* Nothing could be read: all is said, nothing is zero. */
static char *metrics_of(struct machine *k)
{
	const struct drvmem_metrics_opts o = DRVMEM_METRICS_OPTS_INIT;
	struct drvmem_metrics *m = drvmem_metrics__new(&o);
	struct drvmem_metrics_input in = prom_input((struct drvmem_scope *)k->y->v);
	char *text;

	assert_non_null(m);
	in.ram = &k->y->ram;
	text = prom_scrape(m, &in, DRVMEM_PROM_TEXT, NULL);
	drvmem_metrics__free(m);
	return text;
}

static void a_machine_without_proc(void **state)
{
	struct machine k;
	char *text;
	size_t len;

	(void)state;
	setup(&k);
	drvmem_sysmem__free(k.a);
	drvmem_sysmem__free(k.b);
	k.a = drvmem_sysmem__new();
	k.b = drvmem_sysmem__new();
	k.b->page_size = 4096;
	build(&k);
	text = text_of(&k, NULL);
	expect_in(text, "unaccounted: cannot be told");
	expect_in(text, "fragmentation: - (/proc/buddyinfo: this kernel has no such file)");
	expect_in(text, "pageblocks: - (");
	expect_in(text, "commit: - promised, limit -");
	expect_in(text, "cannot tell");
	assert_null(strstr(text, "free  0"));
	free(text);
	text = json_of(&k, &len);
	assert_true(json_is_valid(text, len));
	expect_in(text, "\"unaccounted\":null,\"unaccounted_reason\":");
	expect_in(text, "\"anon\":null,\"anon_reason\":");
	expect_in(text, "\"fragmentation\":null");
	expect_in(text, "\"pgfault\":null");
	free(text);
	text = metrics_of(&k);
	assert_null(strstr(text, "drvmem_memory_total_bytes"));
	assert_null(strstr(text, "drvmem_kernel_memory_bytes"));
	free(text);
	teardown(&k);
}

static void below_zero(void **state)
{
	struct machine k;
	char *text;

	(void)state;
	setup(&k);
	k.b->mem[DRVMEM_MEM_FREE].v = k.b->mem[DRVMEM_MEM_TOTAL].v;
	build(&k);
	assert_true(k.y->ram.unaccounted < 0);
	text = text_of(&k, NULL);
	expect_in(text, "unaccounted is below zero: the classes exceed MemTotal by");
	free(text);
	text = json_of(&k, NULL);
	expect_in(text, "\"unaccounted\":-");
	free(text);
	teardown(&k);
}

static void metrics(void **state)
{
	struct machine k;
	char *text;

	(void)state;
	setup(&k);
	build(&k);
	text = metrics_of(&k);
	expect_in(text, "\ndrvmem_memory_total_bytes 25276510208\n");
	expect_in(text, "\ndrvmem_kernel_memory_bytes{kind=\"slab_unreclaimable\"} ");
	expect_in(text, "\ndrvmem_kernel_memory_bytes{kind=\"unaccounted\"} ");
	assert_null(strstr(text, "page_direct"));	/* not traced: no sample */
	assert_null(strstr(text, "module_image"));
	free(text);
	teardown(&k);
}

/* A recorded machine may be older than the moment shown: that is told. */
static void of_a_recording(void **state)
{
	struct machine k;
	size_t len;
	char *text;

	(void)state;
	setup(&k);
	k.s->meta.taken_ns = k.b->taken_ns + 30 * FIX_S;
	build(&k);
	text = text_of(&k, &len);
	assert_non_null(strstr(text, "the machine was read 30s before this moment\n"));
	free(text);
	text = json_of(&k, &len);
	assert_non_null(strstr(text, "\"age_s\":30,"));
	free(text);
	teardown(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_text),
		cmocka_unit_test(golden_json),
		cmocka_unit_test(rates_of_the_session),
		cmocka_unit_test(failures_by_owner),
		cmocka_unit_test(a_machine_without_proc),
		cmocka_unit_test(below_zero),
		cmocka_unit_test(metrics), cmocka_unit_test(of_a_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
