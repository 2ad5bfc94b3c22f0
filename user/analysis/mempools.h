/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mempools, which the kernel lists nowhere: by what the session saw of their functions, or, where
 * these are not traced, by the sites that filled their reserves.
 */
#ifndef DRVMEM_ANALYSIS_MEMPOOLS_H
#define DRVMEM_ANALYSIS_MEMPOOLS_H

#include "model/pools.h"
#include "model/snapshot.h"

/* Adds them to p, whose kmem_caches are there already, and says where they come from. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_mempools__add(struct drvmem_pools *p, const struct drvmem_snapshot *s);
/* Is this symbol ("mempool_init_node+0x5c") a function that fills a mempool's reserve? */
bool drvmem_mempools__is_maker(const char *symbol);

#endif /* DRVMEM_ANALYSIS_MEMPOOLS_H */
