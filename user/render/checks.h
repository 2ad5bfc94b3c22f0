/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's log said during a verification: memory errors, and failures that were injected. */
#ifndef DRVMEM_RENDER_CHECKS_H
#define DRVMEM_RENDER_CHECKS_H

#include <stdio.h>

#include "render/json_writer.h"
#include "render/text.h"
#include "view/verify.h"

/* The evidence behind the verdict: reports that name the module, and how many do not. */
void drvmem_text__errors(const struct drvmem_verify *k, const struct drvmem_text_opts *o, FILE *out);
/* A paragraph where failures were asked for: how many there were, and where. */
void drvmem_text__injected(const struct drvmem_verify *k, const struct drvmem_text_opts *o, FILE *out);
/* Keys "memory_errors", "faults", "kfence_interval_ms" of the document. */
void drvmem_json__checks(struct drvmem_json *w, const struct drvmem_verify *k);

#endif /* DRVMEM_RENDER_CHECKS_H */
