/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Laps of drvmem_use (drvmem/use.h): peaks of sites from one moment to the next. */
#ifndef DRVMEM_SESSION_USE_H
#define DRVMEM_SESSION_USE_H

#include <stdint.h>

#include "drvmem/abi.h"
#include "drvmem/use.h"

/*
 * Ends a lap and calls fn for each site that had objects in it, with the most that it had at once; where BPF
 * has no exact peaks (5.10), with those of now.
 */
void drvmem_use__lap(volatile struct drvmem_ctl *ctl, struct drvmem_use *use, uint32_t nr_sites,
		     void (*fn)(void *arg, uint32_t site, uint64_t most), void *arg);

#endif /* DRVMEM_SESSION_USE_H */
