/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools as text and as part of the JSON report. Write errors stay in the FILE.
 */
#ifndef DRVMEM_RENDER_POOLS_H
#define DRVMEM_RENDER_POOLS_H

#include <stdio.h>

#include "render/json_writer.h"
#include "render/text.h"
#include "view/pools.h"

/* The table, what its columns mean, and what could not be read. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__pools(const struct drvmem_pools *p, uint32_t top,
					 const struct drvmem_text_opts *o, FILE *out);
/* Keys pools, pool_sources, pool_notes (doc/json.md), into the object at hand. */
void drvmem_json__pools(struct drvmem_json *w, const struct drvmem_pools *p);

#endif /* DRVMEM_RENDER_POOLS_H */
