/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the two halves of the coverage ledger: coverage.c judges, coverage_caches.c brings the sides together. */
#ifndef DRVMEM_ANALYSIS_COVERAGE_BUILD_H
#define DRVMEM_ANALYSIS_COVERAGE_BUILD_H

#include "analysis/coverage.h"

/* A row, judged, for each cache that the kernel or the snapshot knows. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_coverage_add_caches(struct drvmem_coverage *c);
/* row->why, when it says something, is why it cannot be compared. */
void drvmem_coverage_judge_cache(struct drvmem_coverage *c, struct drvmem_coverage_row *row,
				 bool some_frees_unseen);
/* Objects that KFENCE may have taken out of caches: one in each of its intervals. */
uint64_t drvmem_coverage_kfence(const struct drvmem_snapshot *s);
/* Bytes of kmalloc beyond the caches: slab memory by meminfo, less what slabinfo's caches hold. */
struct drvmem_u64 drvmem_coverage_large(const struct drvmem_reading *r);

#endif /* DRVMEM_ANALYSIS_COVERAGE_BUILD_H */
