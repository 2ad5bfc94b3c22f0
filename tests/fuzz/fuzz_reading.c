// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_kernel_texts t = { 0 };
	struct drvmem_reading *r;
	uint64_t pages = 0;
	uint32_t i;

	/* the same text as each file of a moment; only read */
	for (i = 0; i < DRVMEM_NR_TEXTS; i++) {
		t.text[i] = (char *)(uintptr_t)data;
		t.len[i] = size;
	}
	if (drvmem_reading__parse(&t, "/nowhere", NULL, &r))
		return 0;
	FUZZ_ASSERT(!drvmem_reading__areas_gone(r, r));
	for (i = 0; i < r->nr_areas; i++)
		pages += r->areas[i].pages;
	FUZZ_ASSERT(pages == r->area_pages);
	drvmem_reading__unref(r);
	return 0;
}
