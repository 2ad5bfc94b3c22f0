/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The coverage ledger as tables, and as the one line that stands in every report. Rows where
 * nothing moved, on neither side, are counted and not shown.
 */
#ifndef DRVMEM_VIEW_COVERAGE_H
#define DRVMEM_VIEW_COVERAGE_H

#include "analysis/coverage.h"
#include "base/strbuf.h"
#include "view/grid.h"

/*
 * Columns: name, tracked, kernel (its change), difference, slack, moment, pending, inferred,
 * older, verdict. caches: objects of each cache, at most top rows (0 = all); else bytes of the
 * other allocators. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_coverage__grid(const struct drvmem_coverage *c, bool caches, uint32_t top,
					    struct drvmem_grid **ret);
/* "212 of 214 caches explained, vmalloc explained, ..."; a failed buffer says so itself. */
void drvmem_coverage__summary(const struct drvmem_coverage *c, struct drvmem_strbuf *out);
/* Something to show of a row: an event, a change, or a verdict that is not "explained". */
bool drvmem_coverage_row__moved(const struct drvmem_coverage_row *r);

#endif /* DRVMEM_VIEW_COVERAGE_H */
