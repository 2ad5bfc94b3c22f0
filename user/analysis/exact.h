/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc/allocinfo says of each module since the session began beside what tracing
 * says: two independent counts of the same thing. Both by the module that the code of
 * the allocation is in (site.direct), whatever the owner policy. The same of page_owner and the pages
 * that modules took for themselves, by the first module in the stack (site.innermost). Pure.
 */
#ifndef DRVMEM_ANALYSIS_EXACT_H
#define DRVMEM_ANALYSIS_EXACT_H

#include "model/snapshot.h"

struct drvmem_exact_row {
	const char *owner;		/* of the snapshot */
	int64_t since_bytes;		/* the kernel: now less before the session */
	int64_t traced_bytes;		/* held bytes of the sites in its code */
};

/*
 * One row for each module that allocinfo names and that moved in either count, largest difference
 * first; *ret NULL and 0 rows without allocinfo. The caller frees *ret. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_exact__compare(const struct drvmem_snapshot *s,
					    struct drvmem_exact_row **ret, uint32_t *ret_n);
/*
 * The same of s->pages, and of modules that only tracing has pages of: those that were unloaded have no
 * name in the kernel's stacks any more.
 */
DRVMEM_MUST_CHECK int drvmem_exact__compare_pages(const struct drvmem_snapshot *s,
						  struct drvmem_exact_row **ret, uint32_t *ret_n);
/* traced less since: above 0, tracing has more. */
int64_t drvmem_exact_row__difference(const struct drvmem_exact_row *r);

#endif /* DRVMEM_ANALYSIS_EXACT_H */
