/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors for people and for programs: "drvmem CMD: what." and the remedy, or one
 * JSON object. The caller chooses the stream (stderr) and ends the process.
 */
#ifndef DRVMEM_RENDER_ERR_H
#define DRVMEM_RENDER_ERR_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

/*
 * cmd NULL: "drvmem: ...". JSON: {"error":{"command","what","remedy","code":"ENOENT",
 * "exit":3}}, remedy null when none is known.
 */
void drvmem_err__render(const char *cmd, const struct drvmem_err *err, bool json, FILE *out);

#endif /* DRVMEM_RENDER_ERR_H */
