// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/selfproc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t a = 1, b = 1;

	if (drvmem_selfproc__parse_statm((const char *)data, size, &a, &b))
		FUZZ_ASSERT(a == 1 && b == 1);
	if (drvmem_selfproc__parse_start((const char *)data, size, &a))
		return 0;
	return 0;
}
