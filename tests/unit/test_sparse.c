// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables with holes: zeros, and memory only for what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sparse.h"

static long resident_pages(void)
{
	long all, resident = -1;
	FILE *f = fopen("/proc/self/statm", "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld", &all, &resident), 2);
	fclose(f);
	return resident;
}

static void test_sparse(void **state)
{
	const size_t bytes = 64ull << 30, at = bytes / 8 - 3;
	uint64_t *p = drvmem_sparse__new(bytes);
	long before = resident_pages();

	(void)state;
	assert_non_null(p);
	p[0] = 1;
	p[at] = 2;
	assert_int_equal(p[at / 2], 0);
	/* wiping what was never written takes nothing: 64 MiB of it */
	drvmem_sparse__wipe(p, 64u << 20);
	assert_int_equal(p[0], 0);
	assert_int_equal(p[at], 2);
	assert_true(resident_pages() - before < 1024);
	drvmem_sparse__wipe(&p[at], 8);
	assert_int_equal(p[at], 0);
	drvmem_sparse__free(p, bytes);
	drvmem_sparse__free(NULL, 8);
	/* more than there are addresses */
	assert_null(drvmem_sparse__new(SIZE_MAX / 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sparse) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
