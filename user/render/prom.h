/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot as Prometheus text 0.0.4 for the textfile collector: no timestamps,
 * fixed label sets, at most 64 modules, the rest summed as module="other" so that
 * totals add up. A figure that is missing gives no sample. Only what slab tracing
 * really measures is written; HELP texts are those of the metric list.
 */
#ifndef DRVMEM_RENDER_PROM_H
#define DRVMEM_RENDER_PROM_H

#include <stdio.h>

#include "view/scope.h"

#define DRVMEM_PROM_MAX_MODULES 64u

struct drvmem_prom_opts {
	const char *version, *revision, *libbpf;	/* labels of drvmem_build_info */
	uint32_t max_modules;				/* 0 = DRVMEM_PROM_MAX_MODULES */
};

/* Instances of one name are one module. 0 or -ENOMEM; write errors stay in the FILE. */
DRVMEM_MUST_CHECK int drvmem_prom__snapshot(struct drvmem_scope *v,
					    const struct drvmem_prom_opts *o, FILE *out);

#endif /* DRVMEM_RENDER_PROM_H */
