/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice (view/advised.h) as text, JSON (doc/json.md, drvmem advise) and one HTML page. */
#ifndef DRVMEM_RENDER_ADVICE_H
#define DRVMEM_RENDER_ADVICE_H

#include <stdio.h>

#include "render/text.h"
#include "view/advised.h"

/* Behind the header. At most top findings, 0 = all. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__advice(const struct drvmem_advised *d, uint32_t top, const struct drvmem_text_opts *o, FILE *out);
/* The whole document: also the sizes, lifetimes and depths that it was drawn from, of all sites that were asked. */
void drvmem_json__advice(const struct drvmem_advised *d, FILE *out);
/* A page that needs nothing else: no script, no request. */
void drvmem_html__advice(const struct drvmem_advised *d, FILE *out);

#endif /* DRVMEM_RENDER_ADVICE_H */
