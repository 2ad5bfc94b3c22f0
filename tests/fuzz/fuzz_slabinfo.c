// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/slabfs.h"
#include "source/slabinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_slabinfo *s;
	uint64_t v;

	(void)!drvmem_slabfs__parse_number((const char *)data, size, &v);
	if (drvmem_slabinfo__parse((const char *)data, size, &s))
		return 0;
	for (size_t i = 0; i < s->n; i++)
		FUZZ_ASSERT(drvmem_slabinfo__find(s, s->v[i].name));
	drvmem_slabinfo__free(s);
	return 0;
}
