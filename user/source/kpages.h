/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each page frame is, as far as the reachability scan has to know: whether words in it can be
 * references that the kernel holds. From /proc/kpageflags, and struct page where no flag tells.
 */
#ifndef DRVMEM_SOURCE_KPAGES_H
#define DRVMEM_SOURCE_KPAGES_H

#include "source/kmem.h"

enum drvmem_kpage {
	DRVMEM_KPAGE_NONE = 0,	/* no RAM */
	DRVMEM_KPAGE_FREE,
	DRVMEM_KPAGE_USER,	/* anonymous */
	DRVMEM_KPAGE_MAPPED,	/* the kernel's, but user space may write it */
	DRVMEM_KPAGE_CACHE,	/* of a file */
	DRVMEM_KPAGE_TABLE,	/* page table */
	DRVMEM_KPAGE_BAD,	/* poisoned, offline */
	DRVMEM_KPAGE_UNUSED,	/* its struct page was never initialised */
	DRVMEM_KPAGE_PARKED,	/* free, on a list of a CPU */
	DRVMEM_KPAGE_OWN,	/* drvmem's */
	DRVMEM_KPAGE_STACK,	/* of a stack, below its task's pointer */
	/* those from here on are scanned */
	DRVMEM_KPAGE_SLAB,
	DRVMEM_KPAGE_RESERVED,	/* of the boot: the kernel's image, static per-CPU areas */
	DRVMEM_KPAGE_OTHER,
	DRVMEM_NR_KPAGE,
};

#define DRVMEM_KPAGES_PIECE	64u	/* whose struct pages are a page, and are read at once */
#define DRVMEM_KPAGE_KIND	0x0fu
#define DRVMEM_KPAGE_HEAD	0x40u	/* of a compound block */
#define DRVMEM_KPAGE_TAIL	0x80u

static inline enum drvmem_kpage drvmem_kpage__kind(uint8_t v)
{
	return (enum drvmem_kpage)(v & DRVMEM_KPAGE_KIND);
}

static inline bool drvmem_kpage__is_scanned(uint8_t v)
{
	return (v & DRVMEM_KPAGE_KIND) >= DRVMEM_KPAGE_SLAB;
}

/*
 * n words of /proc/kpageflags (Documentation/admin-guide/mm/pagemap.rst) to ret; tail pages take
 * what their head is. *state: 0 before the first call, then what the last one left.
 */
void drvmem_kpages__classify(const uint64_t *flags, size_t n, uint64_t *state, uint8_t *ret);
/* The first page of the compound block that a page is in. */
uint64_t drvmem_kpages__head(const uint8_t *kind, uint64_t pfn);

/*
 * Every page frame of RAM of k, in an array of k->nr_pfn bytes of which the others are not touched; p is
 * used to read struct pages. sums[k->nr_pfn / DRVMEM_KPAGES_PIECE + 1]: of struct pages, before all else.
 * *ret_missing: pages of which the kernel says nothing. 0 or -errno.
 */
DRVMEM_MUST_CHECK int drvmem_kpages__read(const struct drvmem_kmem *k, struct drvmem_kmem_port *p,
					  uint8_t *kind, uint64_t *sums, uint64_t *ret_missing);
/* The same of pages whose struct page, or that of a page near to them, changed since; all others are NONE. */
DRVMEM_MUST_CHECK int drvmem_kpages__read_changed(const struct drvmem_kmem *k, struct drvmem_kmem_port *p,
						  const uint64_t *sums, uint8_t *kind);

#endif /* DRVMEM_SOURCE_KPAGES_H */
