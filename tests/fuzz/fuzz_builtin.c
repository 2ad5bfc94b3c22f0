// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "symbol/symbol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_builtin *b;

	if (drvmem_builtin__parse((const char *)data, size, 0xffffffff81000000ull, &b))
		return 0;
	for (uint64_t off = 0; off < 0x200000; off += 0x1fff) {
		const char *name = drvmem_builtin__find(b, 0xffffffff81000000ull + off);

		FUZZ_ASSERT(!name || name[0]);
	}
	FUZZ_ASSERT(!drvmem_builtin__find(b, 0));
	drvmem_builtin__find(b, UINT64_MAX);
	drvmem_builtin__free(b);
	return 0;
}
