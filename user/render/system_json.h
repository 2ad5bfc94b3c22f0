/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system view as JSON (doc/json.md) and as metrics. */
#ifndef DRVMEM_RENDER_SYSTEM_JSON_H
#define DRVMEM_RENDER_SYSTEM_JSON_H

#include <stdio.h>

#include "view/system.h"

/* One document, one line. */
void drvmem_json__system(const struct drvmem_system *y, FILE *out);
/*
 * drvmem_memory_total_bytes and drvmem_kernel_memory_bytes{kind}: classes that are the kernel's,
 * and unaccounted, which may be below 0. A class that is not known has no sample.
 */
void drvmem_prom__kernel_memory(const struct drvmem_ram_result *r, FILE *out);

#endif /* DRVMEM_RENDER_SYSTEM_JSON_H */
