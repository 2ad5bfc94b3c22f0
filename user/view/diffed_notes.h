/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader must know of the two sides before comparing them. Part of view/diffed. */
#ifndef DRVMEM_VIEW_DIFFED_NOTES_H
#define DRVMEM_VIEW_DIFFED_NOTES_H

#include "view/diffed.h"

/* Fills d->notes. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_diffed__note(struct drvmem_diffed *d);
/* Time traced, ns. */
uint64_t drvmem_diffed__period_ns(const struct drvmem_scope *v);

#endif /* DRVMEM_VIEW_DIFFED_NOTES_H */
