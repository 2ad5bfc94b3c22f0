// SPDX-License-Identifier: GPL-2.0
/* The hooks of kernels from 6.1 on that call kfuncs: one object, see DM_KFUNCS in compat.bpf.h. */
#define DM_CAS 1
#define DM_KFUNCS
#include "slab.bpf.c"
#include "page.bpf.c"
#include "percpu.bpf.c"
#include "vmalloc.bpf.c"
#include "dma.bpf.c"
#include "mapping.bpf.c"
#include "unseen.bpf.c"
#include "iova.bpf.c"
#include "pagebulk.bpf.c"
