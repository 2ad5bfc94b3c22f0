/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects made and ended by generation (struct drvmem_gens), in a session with marks, which does not
 * sample. By global functions, for callers that ask cfg.marks: kernels up to 6.1 add up the stacks of all
 * calls, and what is on a caller's counts in every session.
 */
#ifndef DRVMEM_GENS_BPF_H
#define DRVMEM_GENS_BPF_H

#include "stats.bpf.h"

/* w1, w2: of the object. Made, or, with objects 0, given more bytes; 0. */
int drvmem_gen_made(__u64 w1, __u64 w2, __u32 objects, __u32 bytes);
/* It ended, or, with objects 0, gave bytes back; 0. */
int drvmem_gen_end(__u64 w1, __u64 w2, __u32 objects, __u32 bytes);

#endif /* DRVMEM_GENS_BPF_H */
