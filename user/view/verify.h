/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of a module or a device as tables: one row for each load with its verdict, what is
 * left by site, and what was taken by kind (the table that Driver Verifier has). The scope is
 * of the snapshot that was judged.
 */
#ifndef DRVMEM_VIEW_VERIFY_H
#define DRVMEM_VIEW_VERIFY_H

#include "analysis/verify.h"
#include "view/grid.h"
#include "view/scope.h"

/* "e1000e#7", or the device's bus id. */
const char *drvmem_verify__name(const struct drvmem_scope *v, const struct drvmem_verify *k,
				const struct drvmem_verify_subject *subject);
/*
 * Columns: name, covered, lived_ns, verdict, left_objects, left_bytes, left_mappings,
 * left_mapped_bytes, custody_objects, rcu_pending, live_bytes, peak_bytes. Every row, whatever top.
 * All three: 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_verify__subjects_grid(const struct drvmem_scope *v, const struct drvmem_verify *k,
						   uint32_t top, struct drvmem_grid **ret);
/*
 * Columns: name (site), of, kind, cache, objects, bytes, class, oldest_ns; under a leak its stack. At most top
 * rows of each subject (0 = all), the rest in "other (N)". No rows: nothing is left.
 */
DRVMEM_MUST_CHECK int drvmem_verify__leftovers_grid(const struct drvmem_scope *v, const struct drvmem_verify *k,
						    uint32_t top, struct drvmem_grid **ret);
/*
 * Columns: name (of, then its kinds), attempted, succeeded, failed, not_tracked, live_objects, peak_objects,
 * live_bytes, peak_bytes. Kinds that were used, and those that are not seen here;
 * every row, whatever top.
 */
DRVMEM_MUST_CHECK int drvmem_verify__kinds_grid(const struct drvmem_scope *v, const struct drvmem_verify *k,
						uint32_t top, struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_VERIFY_H */
