/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracing beside /proc/allocinfo, by module: a table, and one of pages beside page_owner. Where the
 * kernel has no such file there are no rows.
 */
#ifndef DRVMEM_VIEW_EXACT_H
#define DRVMEM_VIEW_EXACT_H

#include "analysis/exact.h"
#include "view/grid.h"

/* Columns "owner", "allocinfo_bytes", "traced_bytes", "difference_bytes". 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_exact_view__build(const struct drvmem_snapshot *s,
					       struct drvmem_grid **ret);

/* The same with "page_owner_bytes", of pages. */
DRVMEM_MUST_CHECK int drvmem_exact_view__pages(const struct drvmem_snapshot *s, struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_EXACT_H */
