/* SPDX-License-Identifier: GPL-2.0 */
/* The global function of areas (area.bpf.h), for one object. */
#ifndef DRVMEM_AREA_IMPL_BPF_H
#define DRVMEM_AREA_IMPL_BPF_H

#include "area.bpf.h"

__noinline int drvmem_vmalloc_asked(__u32 scratch, __u32 n)
{
	struct drvmem_scratch *s = bpf_map_lookup_elem(&dm_scratch, &scratch);
	struct dm_asked by = {};

	if (!s)
		return 0;
	dm_vmalloc_asked(s->ip, n, DRVMEM_SCRATCH_DEPTH, &by);
	*(struct dm_asked *)s->ip = by;
	return 0;
}

#endif /* DRVMEM_AREA_IMPL_BPF_H */
