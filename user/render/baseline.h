/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was there before tracing, as text and as JSON. Where it was not recorded (NULL)
 * the header has nothing of it, and JSON null.
 */
#ifndef DRVMEM_RENDER_BASELINE_H
#define DRVMEM_RENDER_BASELINE_H

#include "render/json_writer.h"
#include "render/text.h"
#include "view/baseline.h"
#include "view/exact.h"

/* prefix, then "before tracing: 1.2Mi of 330Mi named"; no newline. */
void drvmem_text__before(const struct drvmem_baseline *b, const char *prefix,
			 const struct drvmem_text_opts *o, FILE *out);
/*
 * The tables of s->baseline (top as in the view), what stands beside them, and tracing beside
 * allocinfo where the kernel has it. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_text__baseline(const struct drvmem_snapshot *s, uint32_t top,
					    const struct drvmem_text_opts *o, FILE *out);
/* Tracing beside allocinfo and page_owner, tables; nothing where the kernel has neither. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__exact(const struct drvmem_snapshot *s, const struct drvmem_text_opts *o,
					 FILE *out);
/* Key "baseline" with its object. */
void drvmem_json__baseline(struct drvmem_json *w, const struct drvmem_baseline *b);
/* Keys "allocinfo" and "page_owner", tracing beside them; nothing where the kernel has none. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_json__exact(struct drvmem_json *w, const struct drvmem_snapshot *s);

#endif /* DRVMEM_RENDER_BASELINE_H */
