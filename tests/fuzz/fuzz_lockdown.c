// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/lockdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum drvmem_lockdown v;

	if (!drvmem_lockdown__parse((const char *)data, size, &v))
		FUZZ_ASSERT(v <= DRVMEM_LOCKDOWN_CONFIDENTIALITY);
	return 0;
}
