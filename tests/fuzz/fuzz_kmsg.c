// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"

#include <string.h>

#include "source/kmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_kmsg_parser p = { 0 };
	struct drvmem_kreports r = { 0 };
	uint64_t total = 0, kept = 0;
	uint32_t i;

	FUZZ_ASSERT(!drvmem_kmsg__parse(&p, (const char *)data, size, &r));
	FUZZ_ASSERT(!drvmem_kmsg__finish(&p, &r));
	for (i = 0; i < DRVMEM_NR_KREPORTS; i++)
		total += r.total[i];
	for (i = 0; i < r.n; i++) {
		kept += r.v[i].count;
		FUZZ_ASSERT(strlen(r.v[i].what) < DRVMEM_KREPORT_TEXT && strlen(r.v[i].where) < DRVMEM_KREPORT_TEXT);
		FUZZ_ASSERT(r.v[i].nr_frames <= DRVMEM_KREPORT_FRAMES);
		FUZZ_ASSERT(r.v[i].nr_modules <= DRVMEM_KREPORT_MODULES);
	}
	FUZZ_ASSERT(kept <= total && r.n <= DRVMEM_KREPORTS_MAX);
	drvmem_kreports__deinit(&r);
	return 0;
}
