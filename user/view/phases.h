/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules with what they held at each stage of their life (model/phases.h), as a table. */
#ifndef DRVMEM_VIEW_PHASES_H
#define DRVMEM_VIEW_PHASES_H

#include "model/phases.h"
#include "view/grid.h"
#include "view/scope.h"

/* Something is known of the owner (index into instances[]). */
bool drvmem_phases__has(const struct drvmem_phases *p, uint16_t owner);
/*
 * Columns: name, init_bytes, steady_bytes, peak_bytes, after_bytes; a row for each module that the scope kept.
 * 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_phases__grid(const struct drvmem_scope *v, const struct drvmem_phases *p,
					  struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_PHASES_H */
