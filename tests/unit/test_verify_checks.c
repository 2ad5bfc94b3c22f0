// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's log says of memory errors and of injected failures, in the verdict of a module. */
#include "verifyfixture.h"

#include <errno.h>

#include "jsoncheck.h"
#include "render/verify.h"

static void add(struct drvmem_kreports *r, enum drvmem_kreport_kind kind, uint32_t times, const char *what,
		const char *where, const char *frame, const char *module)
{
	struct drvmem_kreport k = { .kind = kind };

	snprintf(k.what, sizeof(k.what), "%s", what);
	snprintf(k.where, sizeof(k.where), "%s", where);
	snprintf(k.frame[k.nr_frames++], sizeof(k.frame[0]), "should_fail_ex+0x1");
	snprintf(k.frame[k.nr_frames++], sizeof(k.frame[0]), "%s", frame);
	if (module)
		drvmem_kreport__add_module(&k, module, strlen(module));
	while (times--)
		assert_int_equal(drvmem_kreports__add(r, &k), 0);
}

/* A load that leaves nothing. */
static struct world clean(void)
{
	struct world w = world();

	site(w.s, load(w.s, 6, 9), DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x1", 10, 0, 200, 7);
	return w;
}

static void a_report_that_names_it_is_a_finding(void **state)
{
	struct drvmem_kreports r = { 0 };
	const struct drvmem_checks c = { .log = &r };
	struct world w = clean();
	struct drvmem_verify *v;

	(void)state;
	v = verify(w.s, .checks = &c);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	drvmem_verify__free(v);
	/* of others, and of failures on purpose, nothing is held against it */
	add(&r, DRVMEM_KREPORT_KASAN, 2, "slab-out-of-bounds", "other_open+0x1 [other]", "other_open+0x1 [other]", "other");
	add(&r, DRVMEM_KREPORT_INJECTED, 3, "failslab", "", "drv_open+0x1 [drv]", "drv");
	v = verify(w.s, .checks = &c);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->named, 0);
	assert_int_equal(v->others, 2);
	drvmem_verify__free(v);
	add(&r, DRVMEM_KREPORT_SLUB, 2, "Right Redzone overwritten", "kmalloc-64", "drv_open+0x1 [drv]", "drv");
	v = verify(w.s, .checks = &c);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_ERROR);
	assert_int_equal(v->subject[0].verdict, DRVMEM_VERIFY_IS_CLEAN);
	assert_int_equal(v->named, 2);
	assert_int_equal(v->others, 2);
	drvmem_verify__free(v);
	/* a leak is one all the same */
	site(w.s, load(w.s, 9, 10), DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x9", 10, 2, 200, 9);
	v = verify(w.s, .checks = &c);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	assert_int_equal(v->named, 2);
	drvmem_kreports__deinit(&r);
	done(v, &w);
}

/* What was asked for and could not be done proves nothing, but undoes no finding. */
static void what_was_not_looked_at(void **state)
{
	struct drvmem_kreports whole = { 0 }, cut = { .lost_records = 1 }, full = { .unkept = 1 };
	const struct {
		struct drvmem_checks checks;
		enum drvmem_verify_verdict verdict;
	} all[] = {
		{ { .log = &whole, .kfence_ms = 10 }, DRVMEM_VERIFY_IS_CLEAN },
		{ { .log = &whole, .faults = "slab", .aimed = 1 }, DRVMEM_VERIFY_IS_CLEAN },
		{ { .log = &whole, .faults = "slab" }, DRVMEM_VERIFY_IS_INCOMPLETE },
		{ { .log = &cut, .kfence_ms = 10 }, DRVMEM_VERIFY_IS_INCOMPLETE },
		{ { .log = &full, .kfence_ms = 10 }, DRVMEM_VERIFY_IS_INCOMPLETE },
		{ { .log_error = -EPERM, .kfence_ms = 10 }, DRVMEM_VERIFY_IS_INCOMPLETE },
		/* nobody asked */
		{ { .log = &cut }, DRVMEM_VERIFY_IS_CLEAN },
		{ { .log_error = -EPERM }, DRVMEM_VERIFY_IS_CLEAN },
	};
	struct world w = clean();
	struct drvmem_verify *v = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		drvmem_verify__free(v);
		v = verify(w.s, .checks = &all[i].checks);
		assert_int_equal(v->verdict, all[i].verdict);
	}
	drvmem_verify__free(v);
	site(w.s, load(w.s, 9, 10), DRVMEM_ALLOC_SLAB, w.k256, "drv_open+0x9", 10, 2, 200, 9);
	v = verify(w.s, .checks = &all[2].checks);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_LEAK);
	done(v, &w);
}

/* Reports of a device are those that name its driver's module; a driver that is built in has no name there. */
static void of_a_device(void **state)
{
	struct drvmem_verify_device d = device(6, 9);
	struct drvmem_kreports r = { 0 };
	const struct drvmem_checks c = { .log = &r };
	struct world w = world();
	struct drvmem_verify *v;

	(void)state;
	load(w.s, 5, 0);
	add(&r, DRVMEM_KREPORT_KFENCE, 1, "invalid free", "kfree+0x1", "drv_remove+0x1 [drv]", "drv");
	v = verify(w.s, .device = &d, .checks = &c);
	assert_int_equal(v->verdict, DRVMEM_VERIFY_IS_ERROR);
	assert_int_equal(v->named, 1);
	drvmem_verify__free(v);
	d.module = "kernel";
	v = verify(w.s, .device = &d, .checks = &c);
	assert_int_equal(v->named, 0);
	assert_int_equal(v->others, 1);
	assert_true(v->verdict < DRVMEM_VERIFY_IS_ERROR);
	drvmem_kreports__deinit(&r);
	done(v, &w);
}

static struct drvmem_kreports reports(void)
{
	struct drvmem_kreports r = { .lost_records = 12 };

	add(&r, DRVMEM_KREPORT_KFENCE, 3, "use-after-free read", "drv_open+0x12 [drv]", "drv_open+0x12 [drv]", "drv");
	add(&r, DRVMEM_KREPORT_SLUB, 1, "Right Redzone overwritten", "kmalloc-64", "drv_ioctl+0x7 [drv]", "drv");
	r.v[r.n - 1].mixed = true;
	add(&r, DRVMEM_KREPORT_KASAN, 1, "double-free", "kfree+0x1", "other_exit+0x1 [other]", "other");
	add(&r, DRVMEM_KREPORT_INJECTED, 7, "failslab", "", "drv_open+0x44 [drv]", "drv");
	add(&r, DRVMEM_KREPORT_INJECTED, 2, "fail_page_alloc", "", "drv_ring+0x9 [drv]", "drv");
	return r;
}

static void goldens(void **state)
{
	const struct drvmem_text_opts o = { .width = 0, .utf8 = true };
	struct drvmem_kreports r = reports();
	struct drvmem_checks c = { .log = &r, .faults = "slab,page:times=9", .aimed = 1, .kfence_ms = 10 };
	struct world w = clean();
	struct drvmem_verify *k = verify(w.s, .checks = &c);
	struct drvmem_scope *v = fix_scope(NULL, w.s, NULL);
	size_t len;
	char *text = fix_text(&len, assert_int_equal(drvmem_text__verify(v, k, 2, &o, out), 0));

	(void)state;
	fix_golden("verify-checks.txt", text, len);
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_json__verify(v, k, out), 0));
	assert_true(json_is_valid(text, len));
	fix_golden("verify-checks.json", text, len);
	free(text);
	/* a log that cannot be read is told, and is not the same as one that has nothing */
	c = (struct drvmem_checks){ .log_error = -EPERM };
	text = fix_text(&len, assert_int_equal(drvmem_text__verify(v, k, 2, &o, out), 0));
	assert_non_null(strstr(text, "log cannot be read (EPERM)"));
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_json__verify(v, k, out), 0));
	assert_non_null(strstr(text, "\"memory_errors\":null,\"memory_errors_reason\":\"the kernel's log cannot be read\""));
	assert_non_null(strstr(text, "\"faults_reason\":\"not asked for\""));
	free(text);
	c.faults = "slab";
	text = fix_text(&len, assert_int_equal(drvmem_json__verify(v, k, out), 0));
	assert_non_null(strstr(text, "\"faults\":null,\"faults_reason\":\"the kernel's log cannot be read\""));
	free(text);
	drvmem_scope__free(v);
	drvmem_kreports__deinit(&r);
	done(k, &w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_that_names_it_is_a_finding), cmocka_unit_test(of_a_device),
		cmocka_unit_test(what_was_not_looked_at),
		cmocka_unit_test(goldens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
