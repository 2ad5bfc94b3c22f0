// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "fuzz.h"
#include "source/notes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char hex[DRVMEM_BUILD_ID_HEX];

	if (!drvmem_notes__build_id(data, size, hex, sizeof(hex)))
		FUZZ_ASSERT(strlen(hex) >= 2 && strlen(hex) % 2 == 0);
	return 0;
}
