/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sites of a snapshot are wanted: globs on owner, cache and site. A list
 * that is NULL or empty wants everything; within a list one match is enough,
 * and all three lists must agree. Pure: selects, never changes a snapshot.
 */
#ifndef DRVMEM_MODEL_FILTER_H
#define DRVMEM_MODEL_FILTER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/opt.h"
#include "model/snapshot.h"

struct drvmem_filter {
	const struct drvmem_strlist *owners;	/* "e1000*", "e1000e#7", "kernel:net*" */
	const struct drvmem_strlist *caches;	/* "kmalloc-*"; merged names match too */
	const struct drvmem_strlist *sites;	/* "unix_*"; with or without "+0x1f" */
};

/* -EINVAL with err (exit 2) when a pattern cannot be meant: empty, unclosed '['. Needs no snapshot. */
DRVMEM_MUST_CHECK int drvmem_filter__parse_check(const struct drvmem_filter *f,
						 struct drvmem_err *err);
/* *ret: [nr_sites] true = keep; the caller frees it. f may be NULL. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_filter__apply(const struct drvmem_filter *f,
					   const struct drvmem_snapshot *s, bool **ret);
/*
 * -ENOENT with err (exit 2) naming the first pattern that fits nothing the session
 * knows: no loaded module or owner, no cache, no site. -ENOMEM, or 0.
 */
DRVMEM_MUST_CHECK int drvmem_filter__check(const struct drvmem_filter *f,
					   const struct drvmem_snapshot *s,
					   struct drvmem_err *err);

#endif /* DRVMEM_MODEL_FILTER_H */
