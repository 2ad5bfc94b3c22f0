// SPDX-License-Identifier: GPL-2.0-or-later
#include "faketree.h"

#include "session/faults.h"

static void what_can_be_asked_for(void **state)
{
	struct drvmem_faults_spec f;
	struct drvmem_err err = { 0 };

	(void)state;
	assert_int_equal(drvmem_faults__parse("slab", &f, &err), 0);
	assert_true(f.slab && !f.page);
	assert_int_equal(f.probability, 10);
	assert_int_equal(f.interval, 1);
	assert_int_equal(f.times, -1);
	assert_int_equal(f.space, 0);
	assert_int_equal(drvmem_faults__parse("slab,page:probability=100,interval=3,times=7,space=4096", &f, &err), 0);
	assert_true(f.slab && f.page);
	assert_int_equal(f.probability, 100);
	assert_int_equal(f.interval, 3);
	assert_int_equal(f.times, 7);
	assert_int_equal(f.space, 4096);
	assert_int_equal(drvmem_faults__parse("page:times=-1", &f, &err), 0);
	assert_true(!f.slab && f.page);
	assert_int_equal(f.times, -1);
	assert_int_equal(err.code, 0);
}

static void what_cannot(void **state)
{
	static const char *const bad[] = {
		"", "slab,", ",slab", "slabs", "slab:", "slab:probability", "slab:probability=", "slab:probability=0",
		"slab:probability=101", "slab:interval=0", "slab:times=0", "slab:times=-2", "slab:space=-1",
		"slab:space=2147483648", "slab:times=1,", "slab:times=1,,space=2", "slab:min-order=1", "slab,:times=1",
		"probability=10", "slab:probability=10:times=1", "slab:probability=1e1", "slab page",
	};
	struct drvmem_faults_spec f;
	struct drvmem_err err;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(bad); i++) {
		err = (struct drvmem_err){ 0 };
		if (drvmem_faults__parse(bad[i], &f, &err) != -EINVAL || err.exit != DRVMEM_EXIT_USAGE || !err.remedy[0])
			fail_msg("'%s' is accepted", bad[i]);
	}
}

static void expect_missing(const struct faketree *t, const char *asked, const char *what, const char *remedy)
{
	struct drvmem_faults_spec f;
	struct drvmem_err err = { 0 };
	struct drvmem_checkers c;

	drvmem_checkers__read(t->root, &c);
	assert_int_equal(drvmem_faults__parse(asked, &f, &err), 0);
	assert_true(drvmem_faults__check(&f, &c, &err) < 0);
	assert_int_equal(err.exit, DRVMEM_EXIT_CANNOT_RUN);
	if (!strstr(err.what, what) || !strstr(err.remedy, remedy))
		fail_msg("'%s', '%s' instead of '%s', '%s'", err.what, err.remedy, what, remedy);
}

static void remove_file(const struct faketree *t, const char *name)
{
	char path[PATH_MAX];

	tree_path(t, name, path);
	assert_int_equal(remove(path), 0);
}

static void each_part_that_is_missing_is_named(void **state)
{
	struct faketree t;
	char path[PATH_MAX], to[PATH_MAX];

	(void)state;
	tree_init(&t);
	remove_file(&t, SLAB_FILES "require-start");
	expect_missing(&t, "slab", "require-start is missing", "CONFIG_FAULT_INJECTION_STACKTRACE_FILTER");
	remove_file(&t, PAGE_FILES "probability");
	expect_missing(&t, "slab,page", "fail_page_alloc is not in", "CONFIG_FAIL_PAGE_ALLOC");
	expect_missing(&t, "page", "page allocations", "CONFIG_FAIL_PAGE_ALLOC");
	remove_file(&t, SLAB_FILES "probability");
	expect_missing(&t, "slab", "no fault injection", "CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB, CONFIG_FAULT_INJECTION_DEBUG_FS");
	/* an empty directory: nothing is mounted there */
	tree_path(&t, "sys/kernel/debug", path);
	tree_path(&t, "elsewhere", to);
	assert_int_equal(rename(path, to), 0);
	tree_dir(&t, "sys/kernel/debug");
	expect_missing(&t, "slab", "debugfs is not mounted", "mount -t debugfs");
	tree_remove(&t);
}

static struct drvmem_feat_result probed(const struct faketree *t, enum drvmem_feat feat, struct drvmem_probe *p)
{
	struct drvmem_checkers c;

	memset(p, 0, sizeof(*p));
	drvmem_checkers__read(t->root, &c);
	drvmem_checkers__probe(&c, p);
	return p->f[feat];
}

static void what_doctor_is_told(void **state)
{
	struct drvmem_probe p;
	struct faketree t;

	(void)state;
	tree_init(&t);
	assert_int_equal(probed(&t, DRVMEM_FEAT_FAULTS, &p).st, DRVMEM_FEAT_YES);
	assert_int_equal(probed(&t, DRVMEM_FEAT_KFENCE, &p).st, DRVMEM_FEAT_NO);
	assert_non_null(strstr(p.f[DRVMEM_FEAT_KFENCE].why, "interval is 0"));
	tree_write(&t, KFENCE_FILE, "100\n");
	assert_int_equal(probed(&t, DRVMEM_FEAT_KFENCE, &p).st, DRVMEM_FEAT_YES);
	assert_int_equal(p.kfence_ms, 100);
	remove_file(&t, KFENCE_FILE);
	assert_int_equal(probed(&t, DRVMEM_FEAT_KFENCE, &p).st, DRVMEM_FEAT_NO);
	assert_int_equal(p.kfence_ms, -1);
	/* either kind will do */
	remove_file(&t, SLAB_FILES "probability");
	assert_int_equal(probed(&t, DRVMEM_FEAT_FAULTS, &p).st, DRVMEM_FEAT_YES);
	remove_file(&t, PAGE_FILES "require-start");
	assert_int_equal(probed(&t, DRVMEM_FEAT_FAULTS, &p).st, DRVMEM_FEAT_NO);
	assert_int_not_equal(p.f[DRVMEM_FEAT_FAULTS].why[0], '\0');
	tree_remove(&t);
}

static void caches_that_are_checked(void **state)
{
	struct drvmem_probe p;
	struct faketree t;
	char path[PATH_MAX];

	(void)state;
	tree_init(&t);
	tree_dir(&t, "sys/kernel/slab/kmalloc-64");
	tree_dir(&t, "sys/kernel/slab/kmalloc-128");
	tree_write(&t, "sys/kernel/slab/kmalloc-64/red_zone", "0\n");
	tree_write(&t, "sys/kernel/slab/kmalloc-64/poison", "0\n");
	assert_int_equal(probed(&t, DRVMEM_FEAT_SLUB_DEBUG, &p).st, DRVMEM_FEAT_NO);
	tree_write(&t, "sys/kernel/slab/kmalloc-64/red_zone", "1\n");
	/* another name of the same */
	tree_path(&t, "sys/kernel/slab/alias", path);
	assert_int_equal(symlink("kmalloc-64", path), 0);
	assert_int_equal(probed(&t, DRVMEM_FEAT_SLUB_DEBUG, &p).st, DRVMEM_FEAT_YES);
	assert_int_equal(p.slub_caches, 1);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_asked_for), cmocka_unit_test(what_cannot),
		cmocka_unit_test(each_part_that_is_missing_is_named), cmocka_unit_test(what_doctor_is_told),
		cmocka_unit_test(caches_that_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
