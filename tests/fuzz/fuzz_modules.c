// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_procmods *m;

	if (drvmem_procmods__parse((const char *)data, size, &m))
		return 0;
	for (size_t i = 0; i < m->n; i++) {
		FUZZ_ASSERT(m->v[i].name[0]);
		FUZZ_ASSERT(drvmem_procmods__find(m, m->v[i].name));
	}
	drvmem_procmods__free(m);
	return 0;
}
