// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct drvmem_reading *r = drvmem_reading__new();

	(void)!drvmem_reading__value(text, size, "Percpu").v;
	(void)!drvmem_reading__value(text, size, "nr_free_pages").v;
	if (!r)
		return 0;
	if (!drvmem_reading__parse_areas(text, size, r)) {
		drvmem_reading__seal(r);
		FUZZ_ASSERT(!drvmem_reading__areas_gone(r, r));
	}
	drvmem_reading__unref(r);
	return 0;
}
