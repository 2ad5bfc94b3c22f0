/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the report says of devices as such, as a part of the JSON object. */
#ifndef DRVMEM_RENDER_DEVICES_JSON_H
#define DRVMEM_RENDER_DEVICES_JSON_H

#include "render/json_writer.h"
#include "view/scope.h"

/* Key device_syncs (doc/json.md), into the object at hand. */
void drvmem_json__syncs(struct drvmem_json *w, const struct drvmem_snapshot *s);

#endif /* DRVMEM_RENDER_DEVICES_JSON_H */
