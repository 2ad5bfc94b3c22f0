// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/kpages.h"

/* include/uapi/linux/kernel-page-flags.h, and those of include/linux/kernel-page-flags.h */
#define BIT(n)		(1ull << (n))
#define UPTODATE	BIT(3)
#define LRU		BIT(5)
#define SLAB		BIT(7)
#define BUDDY		BIT(10)
#define MMAP		BIT(11)
#define ANON		BIT(12)
#define SWAPBACKED	BIT(14)
#define HEAD		BIT(15)
#define TAIL		BIT(16)
#define HUGE		BIT(17)
#define HWPOISON	BIT(19)
#define NOPAGE		BIT(20)
#define OFFLINE		BIT(23)
#define PGTABLE		BIT(26)
#define RESERVED	BIT(32)

#define OF_HEAD		(LRU | ANON | SLAB | UPTODATE | MMAP | SWAPBACKED)

/*
 * Slab before anonymous: on some kernels slab pages show as both (struct slab lies over
 * page->mapping). The kernel keeps no references in what user space may write.
 */
static enum drvmem_kpage kind_of(uint64_t f)
{
	if (f & NOPAGE)
		return DRVMEM_KPAGE_NONE;
	if (f & (HWPOISON | OFFLINE))
		return DRVMEM_KPAGE_BAD;
	if (f & BUDDY)
		return DRVMEM_KPAGE_FREE;
	if (f & SLAB)
		return DRVMEM_KPAGE_SLAB;
	if (f & ANON && f & (MMAP | LRU | SWAPBACKED))
		return DRVMEM_KPAGE_USER;
	if (f & RESERVED)
		return DRVMEM_KPAGE_RESERVED;
	if (f & MMAP)
		return DRVMEM_KPAGE_MAPPED;
	if (f & (LRU | UPTODATE | HUGE))
		return DRVMEM_KPAGE_CACHE;
	return f & PGTABLE ? DRVMEM_KPAGE_TABLE : DRVMEM_KPAGE_OTHER;
}

void drvmem_kpages__classify(const uint64_t *flags, size_t n, uint64_t *state, uint8_t *ret)
{
	uint64_t f, head = *state;
	size_t i;

	for (i = 0; i < n; i++) {
		f = flags[i];
		if (f & HEAD)
			head = f;
		else if (f & TAIL)
			f |= head & OF_HEAD;
		ret[i] = (uint8_t)(kind_of(f) | (f & HEAD ? DRVMEM_KPAGE_HEAD : 0) |
				   (f & TAIL && !(f & HEAD) ? DRVMEM_KPAGE_TAIL : 0));
	}
	*state = head;
}

uint64_t drvmem_kpages__head(const uint8_t *kind, uint64_t pfn)
{
	while (pfn && kind[pfn] & DRVMEM_KPAGE_TAIL)
		pfn--;
	return pfn;
}
