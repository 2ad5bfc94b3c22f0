// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc hooks for kernels from 6.1 on: the tracepoints where they exist (cf243da6ab39 "mm:
 * vmalloc: add alloc_vmap_area trace event", 6.2), else fexit and fentry.
 */
#ifndef DM_CAS
#define DM_CAS 1
#define DM_NAME(n) dm_##n
#endif
#include "area.bpf.h"

/*
 * alloc_vmap_area(size, align, vstart, vend, node, gfp) up to 6.1; returns the area or an error.
 * The stack is that of the call, its own frame included.
 */
SEC("fexit/alloc_vmap_area")
int DM_NAME(vmalloc_exit)(__u64 *ctx)
{
	struct vmap_area *va = (struct vmap_area *)(long)dm_arg(ctx, 6);
	unsigned long start = 0;

	if (!va || (__u64)(long)va >= (__u64)-4095)
		return 0;
	bpf_probe_read_kernel(&start, sizeof(start), &va->va_start);
	return dm_vmalloc_event((void *)ctx, start, dm_arg(ctx, 0), 0);
}

/* remove_vm_area(addr): at entry, before the address can be another's */
SEC("fentry/remove_vm_area")
int DM_NAME(vmalloc_remove)(__u64 *ctx)
{
	return dm_vmalloc_end(dm_arg(ctx, 0));
}
