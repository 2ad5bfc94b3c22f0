// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/dmapools.h"
#include "source/slabfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_dmarows r;
	char module[16];

	drvmem_slabfs__parse_ctor((const char *)data, size, module, sizeof(module));
	if (drvmem_dmapools__parse((const char *)data, size, &r))
		return 0;
	for (size_t i = 0; i < r.n; i++) {
		struct drvmem_pool k = { .waste_bytes = { 0, DRVMEM_ABSENT } };

		FUZZ_ASSERT(r.v[i].name[0] && r.v[i].size);
		drvmem_dmapools__fill(&k, &r.v[i], 4096);
		FUZZ_ASSERT(k.waste_bytes.st != DRVMEM_OK || k.waste_bytes.v <= k.held_bytes.v);
	}
	drvmem_dmapools__free_rows(&r);
	return 0;
}
