/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system view as text for people. */
#ifndef DRVMEM_RENDER_SYSTEM_TEXT_H
#define DRVMEM_RENDER_SYSTEM_TEXT_H

#include "render/text.h"
#include "view/system.h"

/* The tables, each with a sentence on what it says. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_text__system(const struct drvmem_system *y,
					  const struct drvmem_text_opts *o, FILE *out);

#endif /* DRVMEM_RENDER_SYSTEM_TEXT_H */
