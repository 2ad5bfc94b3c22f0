/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was allocated and freed between two marks, in `drvmem leaks --marks`. */
#ifndef DRVMEM_RENDER_MARKED_H
#define DRVMEM_RENDER_MARKED_H

#include "render/json_writer.h"
#include "render/text.h"
#include "view/marked.h"

/* "marks": of an object that is open; null, with a reason, when m is NULL. */
void drvmem_json__marked(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_marked *m);
/* The table with its heading, nothing when m is NULL. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__marked(const struct drvmem_scope *v, const struct drvmem_marked *m,
					  uint32_t top, const struct drvmem_text_opts *o, FILE *out);

#endif /* DRVMEM_RENDER_MARKED_H */
