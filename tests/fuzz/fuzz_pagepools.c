// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/pagepools.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_pagerows r = {0};
	uint16_t id;

	(void)!drvmem_pagepools__parse_family(data, size, &id);
	(void)!drvmem_pagepools__parse(data, size, false, &r);
	r.done = false;
	(void)!drvmem_pagepools__parse(data, size, true, &r);
	for (size_t i = 0; i < r.n; i++) {
		struct drvmem_pool k = {0};

		drvmem_pagepools__fill(&k, &r.v[i]);
		FUZZ_ASSERT(k.capacity.st == r.v[i].inflight.st);
		FUZZ_ASSERT(k.capacity.st != DRVMEM_OK || k.capacity.v == r.v[i].inflight.v);
	}
	drvmem_pagepools__free_rows(&r);
	return 0;
}
