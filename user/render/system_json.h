/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system view as JSON (doc/json.md). */
#ifndef DRVMEM_RENDER_SYSTEM_JSON_H
#define DRVMEM_RENDER_SYSTEM_JSON_H

#include <stdio.h>

#include "view/system.h"

/* One document, one line. */
void drvmem_json__system(const struct drvmem_system *y, FILE *out);

#endif /* DRVMEM_RENDER_SYSTEM_JSON_H */
