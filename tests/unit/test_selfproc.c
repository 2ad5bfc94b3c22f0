// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "source/selfproc.h"

static int start_of(const char *text, uint64_t *ret)
{
	char *exact = unit_exact(text, strlen(text));
	int err = drvmem_selfproc__parse_start(exact, strlen(text), ret);

	free(exact);
	return err;
}

static void the_start_stands_behind_the_name(void **state)
{
	uint64_t ticks = 0;

	(void)state;
	assert_int_equal(start_of("47 (a) b ) (c) S 1 47 47 0 -1 41 92 0 0 0 0 0 0 0 20 0 1 0 12345 57 213", &ticks), 0);
	assert_int_equal(ticks, 12345);
	assert_int_equal(start_of("47 (drvmem) S 1 2 3", &ticks), -EINVAL);
	assert_int_equal(start_of("47 drvmem S", &ticks), -EINVAL);
	assert_int_equal(start_of("", &ticks), -EINVAL);
	assert_int_equal(ticks, 12345);
}

static void pages(void **state)
{
	uint64_t size = 1, resident = 1;

	(void)state;
	assert_int_equal(drvmem_selfproc__parse_statm("608 413 349 5 0 57 0\n", 21, &size, &resident), 0);
	assert_int_equal(size, 608);
	assert_int_equal(resident, 413);
	assert_int_equal(drvmem_selfproc__parse_statm("608", 3, &size, &resident), -EINVAL);
	assert_int_equal(drvmem_selfproc__parse_statm("x 1", 3, &size, &resident), -EINVAL);
}

/* This very process: figures that can only be so. */
static void of_this_process(void **state)
{
	struct drvmem_selfproc p, q;
	int fd;

	(void)state;
	drvmem_selfproc__read(&p);
	assert_true(p.rss_bytes.st == DRVMEM_OK && p.rss_bytes.v > 0 && p.rss_bytes.v <= p.vsz_bytes.v);
	assert_true(p.start_ms.st == DRVMEM_OK && p.start_ms.v > 1000000000000ull);
	assert_true(p.open_fds.st == DRVMEM_OK && p.open_fds.v <= p.max_fds.v);
	fd = dup(0);
	drvmem_selfproc__read(&q);
	close(fd);
	assert_int_equal(q.open_fds.v, p.open_fds.v + (fd >= 0));
	assert_true(q.cpu_us.v >= p.cpu_us.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_start_stands_behind_the_name),
		cmocka_unit_test(pages),
		cmocka_unit_test(of_this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
