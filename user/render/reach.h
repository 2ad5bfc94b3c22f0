/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds what is outstanding, in text and JSON. */
#ifndef DRVMEM_RENDER_REACH_H
#define DRVMEM_RENDER_REACH_H

#include <stdio.h>

#include "render/json_writer.h"
#include "render/text.h"
#include "view/outstanding.h"

/* Key "reach" of the document: the scan and its totals; null with "reach_reason" where there was none. */
void drvmem_json__reach(struct drvmem_json *w, const struct drvmem_outstanding *o);
/* Keys that tell how well the kernel's memory could be seen, of an object that is open. */
void drvmem_json__scan(struct drvmem_json *w, const struct drvmem_verdicts *d);
/* Key "reach" of a site. Nothing where there was no scan. */
void drvmem_json__reach_site(struct drvmem_json *w, const struct drvmem_outstanding *o,
			     const struct drvmem_outstanding_site *k);
/* How well the kernel's memory could be seen, in lines. */
void drvmem_text__scan(const struct drvmem_verdicts *d, FILE *out);
/* A paragraph: totals, how well it could be seen, and what holds the objects of the first sites. */
void drvmem_text__reach(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			const struct drvmem_text_opts *t, FILE *out);

#endif /* DRVMEM_RENDER_REACH_H */
