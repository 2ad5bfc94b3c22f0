/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exposition as Prometheus text 0.0.4 or OpenMetrics 1.0. Families in the order of the metric
 * list, only those that have samples; no timestamps. The same exposition gives the same bytes.
 * Of a family the two differ in its heading alone (OpenMetrics: name without _total, # UNIT, # EOF,
 * type info): series have the same names and labels, whichever a server asks for.
 */
#ifndef DRVMEM_RENDER_PROM_H
#define DRVMEM_RENDER_PROM_H

#include <stdio.h>

#include "view/exposition.h"

enum drvmem_prom_format { DRVMEM_PROM_TEXT, DRVMEM_PROM_OPENMETRICS };

/* For the header Content-Type. */
extern const char *const drvmem_prom_content_types[];

/* Write errors stay in the FILE. */
void drvmem_prom__render(const struct drvmem_exposition *x, enum drvmem_prom_format format, FILE *out);

/* The families of one collector, without an end: in OpenMetrics DRVMEM_PROM_END comes behind all of them. */
#define DRVMEM_PROM_END	"# EOF\n"
void drvmem_prom__part(const struct drvmem_exposition *x, enum drvmem_collector c, enum drvmem_prom_format format,
		       FILE *out);

#endif /* DRVMEM_RENDER_PROM_H */
