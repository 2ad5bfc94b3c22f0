/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A label value of the Prometheus text format, escaped; invalid bytes become U+FFFD. */
#ifndef DRVMEM_RENDER_PROM_LABEL_H
#define DRVMEM_RENDER_PROM_LABEL_H

#include <stdio.h>

void drvmem_prom__label(const char *text, FILE *out);

#endif /* DRVMEM_RENDER_PROM_LABEL_H */
