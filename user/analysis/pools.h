/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools beside what the session tracked: who uses a cache, which of its objects the session
 * saw, whose reserve a mempool's objects are, and the highest figure of several readings.
 */
#ifndef DRVMEM_ANALYSIS_POOLS_H
#define DRVMEM_ANALYSIS_POOLS_H

#include "base/opt.h"
#include "model/pools.h"
#include "model/snapshot.h"

/*
 * Fills tracked, failures, users and owner of kmem_caches from the session, and adds the mempools
 * (analysis/mempools.h). s is only read. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_pools__join(struct drvmem_pools *p, const struct drvmem_snapshot *s);
/* The pool that a cache of a session is; NULL: none, or the session does not know which of several it is. */
const struct drvmem_pool *drvmem_pools__of(const struct drvmem_pools *p, const struct drvmem_cache *c);
/* Raises the sampled peaks of cur to those of prev (NULL: the first reading); both sorted. */
void drvmem_pools__carry(const struct drvmem_pools *prev, struct drvmem_pools *cur);
/* Keeps pools whose owner, and of kmem_caches one of whose names, matches; empty lists keep all. */
void drvmem_pools__select(struct drvmem_pools *p, const struct drvmem_strlist *owners,
			  const struct drvmem_strlist *caches);

#endif /* DRVMEM_ANALYSIS_POOLS_H */
