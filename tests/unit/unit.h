/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every unit test includes: cmocka with its prerequisites, and buffers of
 * exactly the length given, so that AddressSanitizer sees one byte read too far.
 * Test data is found below the working directory, or $DRVMEM_TEST_DATA.
 */
#ifndef DRVMEM_TESTS_UNIT_H
#define DRVMEM_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNIT_NR(a) (sizeof(a) / sizeof((a)[0]))

/* Copy of n bytes without a NUL behind; never NULL. */
static inline char *unit_exact(const char *text, size_t n)
{
	char *p = malloc(n ? n : 1);

	assert_non_null(p);
	memcpy(p, text, n);
	return p;
}

/* Whole file of tests/data as an exact buffer. */
static inline char *unit_data(const char *name, size_t *ret_len)
{
	const char *dir = getenv("DRVMEM_TEST_DATA");
	char path[512], chunk[4096], *buf = NULL;
	size_t len = 0, n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests/data", name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s", path);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		buf = realloc(buf, len + n);
		assert_non_null(buf);
		memcpy(buf + len, chunk, n);
		len += n;
	}
	fclose(f);
	assert_non_null(buf);
	*ret_len = len;
	return buf;
}

#endif /* DRVMEM_TESTS_UNIT_H */
