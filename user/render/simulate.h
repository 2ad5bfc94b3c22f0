/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulation as text and JSON (doc/json.md, drvmem advise --simulate), and what it is made from. */
#ifndef DRVMEM_RENDER_SIMULATE_H
#define DRVMEM_RENDER_SIMULATE_H

#include <stdio.h>

#include "render/text.h"
#include "view/distributed.h"
#include "view/simulated.h"

/* A distribution in the form that source/distribution.h reads. */
void drvmem_text__distribution(const struct drvmem_distribution *d, FILE *out);
/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__simulation(const struct drvmem_simulated_view *v, const struct drvmem_text_opts *o,
					      FILE *out);
void drvmem_json__simulation(const struct drvmem_simulated_view *v, FILE *out);

#endif /* DRVMEM_RENDER_SIMULATE_H */
