// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "session/bpfmaps.h"
#include "source/allocinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_allocinfo *a;
	uint64_t v;

	(void)!drvmem_bpfmaps__parse_memlock((const char *)data, size, &v);
	if (drvmem_allocinfo__parse((const char *)data, size, &a))
		return 0;
	FUZZ_ASSERT(a->n <= a->lines);
	for (size_t i = 0; i < a->n; i++) {
		FUZZ_ASSERT(a->v[i].name[0]);
		FUZZ_ASSERT(drvmem_allocinfo__find(a, a->v[i].name));
	}
	drvmem_allocinfo__free(a);
	return 0;
}
