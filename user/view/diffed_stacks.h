/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of two scopes goes together by stack. Part of view/diffed. Stacks are the names of their functions:
 * those of different builds go together. Where every allocation was walked on both sides, each stack has its own
 * figures. Else a function that allocates is shown with the callers that all its stacks, of both sides, have in
 * common: more is not known, and a stack that only one side happened to sample is no change.
 */
#ifndef DRVMEM_VIEW_DIFFED_STACKS_H
#define DRVMEM_VIEW_DIFFED_STACKS_H

#include "analysis/compare.h"
#include "view/scope.h"

#define DRVMEM_DIFFED_DIFFER "[callers differ]"	/* the outermost frame where they do */

/* Of rows, key.name is the frames, innermost first, a line each. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_diffed_stacks__compare(const struct drvmem_scope *a, const struct drvmem_scope *b,
						    struct drvmem_compare **ret);

#endif /* DRVMEM_VIEW_DIFFED_STACKS_H */
