// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "fuzz.h"
#include "source/kconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char value[16];
	uint64_t v;

	if (!drvmem_kconfig__get(text, size, "CONFIG_X", value, sizeof(value)))
		FUZZ_ASSERT(strlen(value) < sizeof(value));
	(void)!drvmem_kconfig__get_u64(text, size, "CONFIG_HZ", &v);
	return 0;
}
