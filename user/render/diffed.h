/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison as text and as JSON (doc/json.md). Write errors stay in the FILE. */
#ifndef DRVMEM_RENDER_DIFFED_H
#define DRVMEM_RENDER_DIFFED_H

#include <stdio.h>

#include "render/text.h"
#include "view/diffed.h"
#include "view/diffed_pools.h"

/* What A and B are and what makes them hard to compare, at most top rows, the findings. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__diffed(const struct drvmem_diffed *d, uint32_t top,
					  const struct drvmem_text_opts *o, FILE *out);
/* Every row. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_json__diffed(const struct drvmem_diffed *d, FILE *out);
/* Pools of both, as g has them; of d what A and B are. */
void drvmem_text__diffed_pools(const struct drvmem_diffed *d, const struct drvmem_diffed_pools *p,
			       const struct drvmem_text_opts *o, FILE *out);
void drvmem_json__diffed_pools(const struct drvmem_diffed *d, const struct drvmem_diffed_pools *p, FILE *out);

#endif /* DRVMEM_RENDER_DIFFED_H */
