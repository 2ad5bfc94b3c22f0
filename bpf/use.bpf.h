/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How sites use memory (include/drvmem/use.h): counted in sessions that are to advise. By global
 * functions, for callers that ask cfg.use: kernels up to 6.1 add up the stacks of all calls, and what is
 * on a caller's counts in every session.
 */
#ifndef DRVMEM_USE_BPF_H
#define DRVMEM_USE_BPF_H

#include "stats.bpf.h"
#include "drvmem/use.h"

#define DM_GFP_KNOWN	(1u << 31)	/* no flag of any kernel */

/* An object came into the table; addr: its key there, gfp: its flags and DM_GFP_KNOWN, or 0. */
int DM_G(drvmem_use_made)(__u64 w1, __u64 addr, __u32 gfp);
/* It ended, or was given up. */
int DM_G(drvmem_use_end)(__u64 w1);
/* It asks for so many bytes from now on; w1: as it was. */
int DM_G(drvmem_use_resized)(__u64 w1, __u32 bytes);
/* An allocation failed. */
int DM_G(drvmem_use_failed)(__u32 site, __u32 gfp);

#endif /* DRVMEM_USE_BPF_H */
