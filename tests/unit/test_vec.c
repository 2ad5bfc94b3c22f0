// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/vec.h"

struct pair {
	int a, b;
};

static void push_and_read(void **state)
{
	DRVMEM_VEC(struct pair) v = {0};

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(drvmem_vec__push(&v, (struct pair){ i, -i }), 0);
	assert_int_equal(v.n, 5000);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(v.v[i].a + v.v[i].b, 0);
	assert_int_equal(v.v[4999].a, 4999);
	drvmem_vec__deinit(&v);
	assert_null(v.v);
	assert_int_equal(v.n, 0);
}

static void a_size_that_overflows_is_refused(void **state)
{
	DRVMEM_VEC(uint64_t) v = {0};

	(void)state;
	assert_int_equal(drvmem_vec__push(&v, 7), 0);
	assert_int_equal(drvmem_vec__reserve(&v, SIZE_MAX / 8), -ENOMEM);
	assert_int_equal(v.v[0], 7);
	assert_int_equal(drvmem_vec__reserve(&v, 1), 0);
	drvmem_vec__deinit(&v);
}

static int open_and_leave(int *ret_fd)
{
	_cleanup_close_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *p = malloc(10);
	_cleanup_fclose_ FILE *f = fopen("/dev/null", "r");
	_cleanup_closedir_ DIR *d = opendir("/proc/self");

	assert_true(fd >= 0 && p && f && d);
	*ret_fd = fd;
	errno = EXDEV;	/* cleanups must not lose the cause of a failure */
	return -1;
}

static char *keep(void)
{
	_cleanup_free_ char *p = strdup("kept");

	return drvmem_steal_ptr(&p);
}

static void cleanups_run_and_keep_errno(void **state)
{
	int fd = -1;
	char *p;

	(void)state;
	assert_int_equal(open_and_leave(&fd), -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	p = keep();
	assert_string_equal(p, "kept");
	free(p);
	fd = 17;
	assert_int_equal(drvmem_steal_fd(&fd), 17);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(push_and_read),
		cmocka_unit_test(a_size_that_overflows_is_refused),
		cmocka_unit_test(cleanups_run_and_keep_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
