/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The account of a module or a device (view/verify.h) as text and as JSON (doc/json.md, drvmem verify). */
#ifndef DRVMEM_RENDER_VERIFY_H
#define DRVMEM_RENDER_VERIFY_H

#include <stdio.h>

#include "render/text.h"
#include "view/verify.h"

/* Behind the header. At most top rows of what is left of each subject, 0 = all. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__verify(const struct drvmem_scope *v, const struct drvmem_verify *k,
					  uint32_t top, const struct drvmem_text_opts *o, FILE *out);
/* The whole document. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_json__verify(const struct drvmem_scope *v, const struct drvmem_verify *k,
					  FILE *out);

#endif /* DRVMEM_RENDER_VERIFY_H */
