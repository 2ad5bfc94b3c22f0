// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"

#include <string.h>

#include "source/kmsg.h"

/* The same line by line: where a read ends tells nothing. */
static void parse_by_lines(const char *data, size_t size, struct drvmem_kreports *r)
{
	struct drvmem_kmsg_parser p = { 0 };
	const char *end;
	size_t n;

	for (; size; data += n, size -= n) {
		end = memchr(data, '\n', size);
		n = end ? (size_t)(end + 1 - data) : size;
		FUZZ_ASSERT(!drvmem_kmsg__parse(&p, data, n, r));
	}
	FUZZ_ASSERT(!drvmem_kmsg__finish(&p, r));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_kmsg_parser p = { 0 };
	struct drvmem_kreports r = { 0 }, lines = { 0 };
	uint64_t total = 0, kept = 0;
	uint32_t i;

	FUZZ_ASSERT(!drvmem_kmsg__parse(&p, (const char *)data, size, &r));
	FUZZ_ASSERT(!drvmem_kmsg__finish(&p, &r));
	parse_by_lines((const char *)data, size, &lines);
	FUZZ_ASSERT(lines.n == r.n && lines.lost_records == r.lost_records);
	for (i = 0; i < DRVMEM_NR_KREPORTS; i++) {
		total += r.total[i];
		FUZZ_ASSERT(lines.total[i] == r.total[i]);
	}
	for (i = 0; i < r.n; i++) {
		kept += r.v[i].count;
		FUZZ_ASSERT(strlen(r.v[i].what) < DRVMEM_KREPORT_TEXT && strlen(r.v[i].where) < DRVMEM_KREPORT_TEXT);
		FUZZ_ASSERT(r.v[i].nr_frames <= DRVMEM_KREPORT_FRAMES);
		FUZZ_ASSERT(r.v[i].nr_modules <= DRVMEM_KREPORT_MODULES);
	}
	FUZZ_ASSERT(kept <= total && r.n <= DRVMEM_KREPORTS_MAX);
	drvmem_kreports__deinit(&lines);
	drvmem_kreports__deinit(&r);
	return 0;
}
