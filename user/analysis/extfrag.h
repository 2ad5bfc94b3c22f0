/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * External fragmentation of a zone: of its free memory, how much lies in blocks too
 * small for an allocation of an order. Pure. The arithmetic is the kernel's
 * (mm/vmstat.c:fill_contig_page_info, unusable_free_index; debugfs extfrag/unusable_index).
 */
#ifndef DRVMEM_ANALYSIS_EXTFRAG_H
#define DRVMEM_ANALYSIS_EXTFRAG_H

#include "model/sysmem.h"

struct drvmem_extfrag {
	uint64_t free_pages;
	/* thousandths of the free memory that the order cannot use: 0 all good, 1000 none is left */
	uint32_t unusable[DRVMEM_MAX_ORDERS];
};

void drvmem_extfrag(const struct drvmem_zone *z, struct drvmem_extfrag *ret);

#endif /* DRVMEM_ANALYSIS_EXTFRAG_H */
