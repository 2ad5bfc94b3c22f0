// SPDX-License-Identifier: GPL-2.0
/* vmalloc hooks where its tracepoints are not there yet (6.1): by its functions. */
#define DM_CAS 1
#include "area.bpf.h"

SEC("fexit/alloc_vmap_area")
int dm_vmalloc_exit(__u64 *ctx)
{
	return dm_vmalloc_exit_event(ctx);
}

/* (addr): of vfree, vunmap, iounmap and others; a mapping was not tracked */
SEC("fentry/remove_vm_area")
int dm_vmalloc_remove(__u64 *ctx)
{
	return dm_vmalloc_end(dm_arg(ctx, 0));
}
