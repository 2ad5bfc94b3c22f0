// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc hooks: tracepoints that came with 6.2 ("mm: vmalloc: add alloc_vmap_area trace event");
 * vmalloc61.bpf.c has what serves before.
 */
#include "area.bpf.h"

/* (addr, size, align, vstart, vend, failed); one that failed is tried again after a purge */
SEC("raw_tp/alloc_vmap_area")
int dm_vmalloc(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(DM_CTX(ctx, 5) & 0xff ? 0 : dm_vmalloc_event(ctx, DM_CTX(ctx, 0), DM_CTX(ctx, 1)));
}

/* (va_start, nr_lazy, nr_lazy_max): the address stays reserved until the next purge */
SEC("raw_tp/free_vmap_area_noflush")
int dm_vmalloc_free(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_vmalloc_end(DM_CTX(ctx, 0)));
}
