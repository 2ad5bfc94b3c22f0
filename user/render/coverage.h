/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The coverage ledger as text and as JSON. Write errors stay in the FILE. */
#ifndef DRVMEM_RENDER_COVERAGE_H
#define DRVMEM_RENDER_COVERAGE_H

#include "render/json_writer.h"
#include "render/text.h"
#include "view/coverage.h"

/* The line of every report; nothing where the kernel's counts were not read (c NULL). */
void drvmem_text__coverage_line(const struct drvmem_coverage *c, const struct drvmem_text_opts *o, FILE *out);
/* --coverage: other allocators, caches, what the columns mean. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__coverage(const struct drvmem_coverage *c, uint32_t top,
					    const struct drvmem_text_opts *o, FILE *out);
/* Key "coverage" and its object, or null. */
void drvmem_json__coverage(struct drvmem_json *w, const struct drvmem_coverage *c);

#endif /* DRVMEM_RENDER_COVERAGE_H */
