// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the kernel's memory is (/proc/kcore's head, /proc/iomem), and what its pages are (/proc/kpageflags). */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "source/kmem_map.h"
#include "source/kpages.h"

#define WORDS 4096u

static void look(const struct drvmem_kmem *k)
{
	for (uint32_t i = 0; i < k->nr_seg; i++)
		FUZZ_ASSERT((k->seg[i].pa + k->seg[i].bytes) >> DRVMEM_KPAGE_SHIFT <= k->nr_pfn);
}

static void classify(const uint8_t *data, size_t size)
{
	static uint64_t flags[WORDS];
	static uint8_t kind[WORDS];
	size_t n = size / 8 < WORDS ? size / 8 : WORDS;
	uint64_t state = 0;

	memcpy(flags, data, n * 8);
	drvmem_kpages__classify(flags, n, &state, kind);
	for (size_t i = 0; i < n; i++) {
		FUZZ_ASSERT(drvmem_kpage__kind(kind[i]) < DRVMEM_NR_KPAGE);
		FUZZ_ASSERT(drvmem_kpages__head(kind, i) <= i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_kmem k = { 0 };

	if (!drvmem_kcore__parse(data, size, &k))
		look(&k);
	free(k.seg);
	k = (struct drvmem_kmem){ 0 };
	if (!drvmem_iomem__parse((const char *)data, size, &k))
		look(&k);
	free(k.seg);
	FUZZ_ASSERT(drvmem_pte__addr_mask(drvmem_cpuinfo__phys_bits((const char *)data, size), 0) >= 0xfffff000);
	classify(data, size);
	return 0;
}
