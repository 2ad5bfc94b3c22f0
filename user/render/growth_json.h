/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the old objects of a site look like, in JSON: doc/json.md, drvmem leaks. */
#ifndef DRVMEM_RENDER_GROWTH_JSON_H
#define DRVMEM_RENDER_GROWTH_JSON_H

#include "render/json_writer.h"
#include "view/outstanding.h"

/* Members of the object that is open. */
void drvmem_json__growth(struct drvmem_json *w, const struct drvmem_growth *g, const char *why);

#endif /* DRVMEM_RENDER_GROWTH_JSON_H */
