/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views as JSON, one document a line (doc/json.md). Raw units: bytes, ns, events.
 * A number that is missing is null, with the reason beside it. Keys may be added
 * within a schema version; none changes its meaning.
 */
#ifndef DRVMEM_RENDER_JSON_H
#define DRVMEM_RENDER_JSON_H

#include <stdio.h>

#include "render/json_writer.h"
#include "view/grid.h"
#include "view/outstanding.h"
#include "view/scope.h"

#define DRVMEM_JSON_SCHEMA_VERSION 1

/* The report object: every owner and site the scope kept, most live bytes first. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_json__report(struct drvmem_scope *v, FILE *out);
/* The leaks object: meta, loss and the outstanding objects by site. */
void drvmem_json__outstanding(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			      FILE *out);
/* NAME:[{column key: value, ...}, ...] within an object: any grid, blank cells left out. */
void drvmem_json__grid_rows(struct drvmem_json *w, const char *name, const struct drvmem_grid *g);
/* {"schema_version":1,NAME:[{column key: value, ...}, ...]}: any grid, blank cells left out. */
void drvmem_json__grid(const struct drvmem_grid *g, const char *name, FILE *out);

#endif /* DRVMEM_RENDER_JSON_H */
