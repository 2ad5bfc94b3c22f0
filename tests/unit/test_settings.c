// SPDX-License-Identifier: GPL-2.0-or-later
#include "faketree.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "session/faults.h"
#include "session/guard.h"

static int setup(void **state)
{
	struct faketree *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	tree_init(t);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	tree_remove(*state);
	free(*state);
	return 0;
}

static const struct drvmem_faults_spec both = { true, true, 25, 2, 9, 100 };

static int begin(const struct faketree *t, struct drvmem_settings *s, struct drvmem_faults *f, struct drvmem_err *err)
{
	struct drvmem_checkers have;
	int e = drvmem_settings__init(s, t->root);

	assert_int_equal(e, 0);
	drvmem_checkers__read(t->root, &have);
	assert_int_equal(drvmem_faults__check(&both, &have, err), 0);
	assert_int_equal(drvmem_faults__add(&both, s, err), 0);
	assert_int_equal(drvmem_kfence__add(&have, s, err), 0);
	e = drvmem_settings__begin(s, err);
	if (!e)
		e = drvmem_faults__prepare(f, &both, s, err);
	if (!e)
		e = drvmem_kfence__set(s, 10, err);
	return e;
}

static void what_is_set_and_restored(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_err err = { 0 };
	struct drvmem_settings s;
	struct drvmem_faults f;

	assert_int_equal(begin(t, &s, &f, &err), 0);
	/* nothing fails before there is a module */
	tree_expect(t, SLAB_FILES "probability", "0");
	tree_expect(t, SLAB_FILES "stacktrace-depth", "32");
	tree_expect(t, SLAB_FILES "ignore-gfp-wait", "N");
	tree_expect(t, SLAB_FILES "reject-end", "0x0");
	tree_expect(t, PAGE_FILES "min-order", "0");
	tree_expect(t, PAGE_FILES "verbose", "2");
	tree_expect(t, PAGE_FILES "interval", "2");
	tree_expect(t, KFENCE_FILE, "10");
	assert_int_equal(drvmem_faults__aim(&f, &s, 0xffffffffc0001000, 0xffffffffc0003000, true, &err), 0);
	tree_expect(t, SLAB_FILES "require-start", "0xffffffffc0001000");
	tree_expect(t, PAGE_FILES "require-end", "0xffffffffc0003000");
	tree_expect(t, PAGE_FILES "times", "9");
	tree_expect(t, SLAB_FILES "space", "100");
	tree_expect(t, SLAB_FILES "probability", "25");
	/* what failed is counted down there; the same load is not begun anew, another one is */
	tree_write(t, SLAB_FILES "times", "0\n");
	assert_int_equal(drvmem_faults__aim(&f, &s, 0xffffffffc0001000, 0xffffffffc0003000, true, &err), 0);
	tree_expect(t, SLAB_FILES "times", "0");
	/* nor where its init is over and other code is meant */
	assert_int_equal(drvmem_faults__aim(&f, &s, 0xffffffffc0004000, 0xffffffffc0005000, false, &err), 0);
	tree_expect(t, SLAB_FILES "require-start", "0xffffffffc0004000");
	tree_expect(t, SLAB_FILES "times", "0");
	assert_int_equal(drvmem_faults__aim(&f, &s, 0, 0, true, &err), 0);
	tree_expect(t, PAGE_FILES "probability", "0");
	assert_int_equal(drvmem_faults__aim(&f, &s, 0xffffffffc0008000, 0xffffffffc0009000, true, &err), 0);
	tree_expect(t, SLAB_FILES "times", "9");
	assert_int_equal(drvmem_settings__end(&s, &err), 0);
	assert_true(tree_is_untouched(t));
	assert_int_equal(drvmem_settings__end(&s, &err), 0);
	assert_int_equal(drvmem_settings__load(&s, &err), -ENOENT);
	assert_int_equal(err.code, 0);
}

/* A process that has settings changed: its pid and its guard's. It waits to be killed. */
struct victim {
	pid_t pid, guard;
};

static struct victim start_victim(const struct faketree *t)
{
	struct drvmem_err err = { 0 };
	struct drvmem_settings s;
	struct drvmem_faults f;
	struct victim v;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	v.pid = fork();
	if (!v.pid) {
		if (begin(t, &s, &f, &err) || drvmem_faults__aim(&f, &s, 0x1000, 0x2000, true, &err))
			_exit(1);
		if (write(fds[1], &s.guard, sizeof(s.guard)) != sizeof(s.guard))
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &v.guard, sizeof(v.guard)), sizeof(v.guard));
	close(fds[0]);
	tree_expect(t, SLAB_FILES "probability", "25");
	return v;
}

/* Orphans come to this process: their end can be waited for. */
static void wait_for(pid_t pid)
{
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_killed_run_is_restored_by_its_guard(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_err err = { 0 };
	struct drvmem_settings s;
	struct victim v;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	v = start_victim(t);
	/* a Ctrl-C of the terminal, and being asked to end, are not for the guard */
	kill(v.guard, SIGINT);
	kill(v.guard, SIGTERM);
	kill(v.guard, SIGHUP);
	kill(v.pid, SIGKILL);
	wait_for(v.pid);
	wait_for(v.guard);
	assert_true(tree_is_untouched(t));
	assert_int_equal(drvmem_settings__init(&s, t->root), 0);
	assert_int_equal(drvmem_settings__load(&s, &err), -ENOENT);
}

static void a_run_killed_with_its_guard_is_restored_later(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_err err = { 0 };
	struct drvmem_settings s;
	struct drvmem_faults f;
	struct victim v;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	v = start_victim(t);
	kill(v.guard, SIGKILL);
	kill(v.pid, SIGKILL);
	wait_for(v.pid);
	wait_for(v.guard);
	tree_expect(t, SLAB_FILES "probability", "25");
	/* nobody changes them again before that */
	assert_int_equal(begin(t, &s, &f, &err), -EEXIST);
	assert_int_equal(err.exit, DRVMEM_EXIT_CANNOT_RUN);
	assert_string_equal(err.remedy, "drvmem restore");
	err = (struct drvmem_err){ 0 };
	assert_int_equal(drvmem_settings__init(&s, t->root), 0);
	assert_int_equal(drvmem_settings__load(&s, &err), 0);
	assert_int_equal(s.pid, v.pid);
	assert_int_equal(s.guard_pid, v.guard);
	assert_int_equal(drvmem_settings__end(&s, &err), 0);
	assert_true(tree_is_untouched(t));
	assert_int_equal(begin(t, &s, &f, &err), 0);
	assert_int_equal(drvmem_settings__end(&s, &err), 0);
}

static void one_run_at_a_time(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_settings first, second;
	struct drvmem_err err = { 0 };
	struct drvmem_faults f, g;
	char text[64];

	assert_int_equal(begin(t, &first, &f, &err), 0);
	assert_int_equal(begin(t, &second, &g, &err), -EBUSY);
	snprintf(text, sizeof(text), "process %d", (int)getpid());
	assert_non_null(strstr(err.what, text));
	assert_int_equal(err.exit, DRVMEM_EXIT_CANNOT_RUN);
	assert_int_not_equal(err.remedy[0], '\0');
	/* nor does a restore take them away from it */
	err = (struct drvmem_err){ 0 };
	assert_int_equal(drvmem_settings__init(&second, t->root), 0);
	assert_int_equal(drvmem_settings__load(&second, &err), -EBUSY);
	tree_expect(t, KFENCE_FILE, "10");
	err = (struct drvmem_err){ 0 };
	assert_int_equal(drvmem_settings__end(&first, &err), 0);
	assert_true(tree_is_untouched(t));
}

/* A directory takes no value, as a file does that the kernel refuses. */
static void a_setting_that_cannot_be_written(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_err err = { 0 };
	struct drvmem_settings s;
	struct drvmem_faults f;
	char path[PATH_MAX];

	assert_int_equal(begin(t, &s, &f, &err), 0);
	tree_path(t, PAGE_FILES "times", path);
	assert_int_equal(unlink(path), 0);
	tree_dir(t, PAGE_FILES "times");
	assert_true(drvmem_faults__aim(&f, &s, 0x1000, 0x2000, true, &err) < 0);
	assert_non_null(strstr(err.what, "fail_page_alloc/times"));
	assert_non_null(strstr(err.what, "EISDIR"));
	/* the others are restored all the same, and the state stays for the one that was not */
	err = (struct drvmem_err){ 0 };
	assert_int_equal(drvmem_settings__end(&s, &err), -EISDIR);
	assert_non_null(strstr(err.what, "fail_page_alloc/times"));
	assert_non_null(strstr(err.remedy, "drvmem restore"));
	tree_expect(t, SLAB_FILES "probability", "3");
	tree_expect(t, PAGE_FILES "probability", "3");
	tree_expect(t, KFENCE_FILE, "0");
	assert_int_equal(rmdir(path), 0);
	tree_write(t, PAGE_FILES "times", "5\n");
	err = (struct drvmem_err){ 0 };
	assert_int_equal(drvmem_settings__load(&s, &err), 0);
	assert_int_equal(drvmem_settings__end(&s, &err), 0);
	assert_true(tree_is_untouched(t));
}

static void only_what_was_added_is_changed(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_err err = { 0 };
	struct drvmem_settings s;

	assert_int_equal(drvmem_settings__init(&s, t->root), 0);
	assert_int_equal(drvmem_settings__add(&s, "failslab/times", ""), 0);
	assert_int_equal(drvmem_settings__begin(&s, &err), 0);
	assert_int_equal(drvmem_settings__write(&s, "failslab/space", "1", &err), -EINVAL);
	assert_int_equal(drvmem_settings__end(&s, NULL), 0);
	assert_true(tree_is_untouched(t));
}

static void values_that_are_no_value(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_settings s;

	assert_int_equal(drvmem_settings__init(&s, t->root), 0);
	assert_int_equal(drvmem_settings__add(&s, "failslab/none", ""), -ENOENT);
	tree_write(t, SLAB_FILES "times", "");
	assert_int_equal(drvmem_settings__add(&s, "failslab/times", ""), -EINVAL);
	tree_write(t, SLAB_FILES "times", "1\n2\n");
	assert_int_equal(drvmem_settings__add(&s, "failslab/times", ""), -EINVAL);
	tree_write(t, SLAB_FILES "times", "1\t2\n");
	assert_int_equal(drvmem_settings__add(&s, "failslab/times", ""), -EINVAL);
	assert_int_equal(s.n, 0);
}

static void names_are_of_known_groups(void **state)
{
	static const char *const bad[] = {
		"probability", "/probability", "failslab/", "failslab/../x", "failslab/a/b", "fail/probability",
		"failslabs/probability", "failslab/Probability", "failslab/.",
	};
	struct drvmem_settings s;
	char path[PATH_MAX];
	size_t i;

	(void)state;
	assert_int_equal(drvmem_settings__init(&s, ""), 0);
	assert_int_equal(drvmem_settings__path(&s, "failslab/require-start", path, sizeof(path)), 0);
	assert_string_equal(path, "/sys/kernel/debug/failslab/require-start");
	assert_int_equal(drvmem_settings__path(&s, "kfence/sample_interval", path, sizeof(path)), 0);
	assert_string_equal(path, "/sys/module/kfence/parameters/sample_interval");
	for (i = 0; i < UNIT_NR(bad); i++)
		if (drvmem_settings__path(&s, bad[i], path, sizeof(path)) != -EINVAL)
			fail_msg("'%s' is taken for a setting", bad[i]);
}

static int parse(const char *text, struct drvmem_settings *s)
{
	assert_int_equal(drvmem_settings__init(s, ""), 0);
	return drvmem_settings__parse(text, strlen(text), s);
}

static void the_state_as_text(void **state)
{
	static const char text[] = "drvmem settings 1\npid\t12\t13\nfailslab/probability\t0\t0\n"
				   "failslab/times\t-1\t\nend\n";
	static const char *const bad[] = {
		"", "drvmem settings 2\npid\t1\t2\nend\n", "drvmem settings 1\nend\n", "drvmem settings 1\npid\t1\nend\n",
		"drvmem settings 1\npid\t1\t2\n", "drvmem settings 1\npid\t1\t2\nend\nmore\n",
		"drvmem settings 1\npid\t1\t2\netc/passwd\t0\t\nend\n",
		"drvmem settings 1\npid\t1\t2\nfailslab/times\nend\n",
		"drvmem settings 1\npid\t1\t2\nfailslab/times\t1\t2\t3\nend\n",
		"drvmem settings 1\npid\t1\t99999999999\nend\n",
	};
	struct drvmem_strbuf out = { 0 };
	struct drvmem_settings s;
	size_t i;

	(void)state;
	assert_int_equal(parse(text, &s), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.pid, 12);
	assert_string_equal(s.v[0].quiet, "0");
	assert_string_equal(s.v[1].old, "-1");
	drvmem_settings__format(&s, &out);
	assert_string_equal(drvmem_strbuf__str(&out), text);
	drvmem_strbuf__deinit(&out);
	for (i = 0; i < UNIT_NR(bad); i++)
		if (!parse(bad[i], &s))
			fail_msg("'%s' is taken for a state", bad[i]);
}

/* A state that others may write to would have this process write for them. */
static void a_state_of_others_is_refused(void **state)
{
	const struct faketree *t = *state;
	struct drvmem_err err = { 0 };
	struct drvmem_settings s;
	char path[PATH_MAX];

	tree_dir(t, "run/drvmem");
	tree_write(t, "run/drvmem/settings", "drvmem settings 1\npid\t1\t2\nfailslab/times\t5\t\nend\n");
	tree_path(t, "run/drvmem/settings", path);
	assert_int_equal(drvmem_settings__init(&s, t->root), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(drvmem_settings__load(&s, &err), -EPERM);
	assert_int_equal(chmod(path, 0600), 0);
	err = (struct drvmem_err){ 0 };
	tree_write(t, "run/drvmem/settings", "nonsense\n");
	assert_int_equal(drvmem_settings__load(&s, &err), -EINVAL);
	assert_int_not_equal(err.remedy[0], '\0');
	assert_true(tree_is_untouched(t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_set_and_restored, setup, teardown),
		cmocka_unit_test_setup_teardown(a_killed_run_is_restored_by_its_guard, setup, teardown),
		cmocka_unit_test_setup_teardown(a_run_killed_with_its_guard_is_restored_later, setup, teardown),
		cmocka_unit_test_setup_teardown(one_run_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(a_setting_that_cannot_be_written, setup, teardown),
		cmocka_unit_test_setup_teardown(only_what_was_added_is_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(values_that_are_no_value, setup, teardown),
		cmocka_unit_test_setup_teardown(a_state_of_others_is_refused, setup, teardown),
		cmocka_unit_test(names_are_of_known_groups),
		cmocka_unit_test(the_state_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
