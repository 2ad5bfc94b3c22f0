/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How SLUB of this machine chooses (analysis/slub.h): its version, CPUs and command line. Command layer. */
#ifndef DRVMEM_SLUBRULES_H
#define DRVMEM_SLUBRULES_H

#include <stdbool.h>

#include "analysis/slub.h"

/* False: the kernel's version or its CPUs cannot be read. */
bool drvmem_slubrules__read(struct drvmem_slub_rules *ret);
/* How many CPUs "0-3,8" has, 0: it cannot be read; ret_ids: the highest number and one more. */
uint32_t drvmem_slubrules__cpus(const char *text, uint32_t *ret_ids);
/*
 * What the kernel's command line says of it (mm/slub.c: setup_slub_min_order() and its neighbours, with
 * "slub_" or, from 6.9 on, "slab_" in front).
 */
void drvmem_slubrules__cmdline(const char *text, struct drvmem_slub_rules *r);

#endif /* DRVMEM_SLUBRULES_H */
