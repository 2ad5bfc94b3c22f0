// SPDX-License-Identifier: GPL-2.0
/* Percpu hooks for kernels from 6.1 on: f67bed134a05 "percpu: improve percpu_alloc_percpu event trace", 5.19. */
#include "area.bpf.h"

/* (call_site, reserved, is_atomic, size, align, base_addr, off, ptr, bytes_alloc, gfp) */
SEC("raw_tp/percpu_alloc_percpu")
int dm_percpu_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_percpu_event(ctx, DM_CTX(ctx, 0), DM_CTX(ctx, 7), DM_CTX(ctx, 3), 1));
}

/* (reserved, is_atomic, size, align) */
SEC("raw_tp/percpu_alloc_percpu_fail")
int dm_percpu_fail(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_percpu_event(ctx, 0, 0, DM_CTX(ctx, 2), 1));
}

SEC("raw_tp/percpu_free_percpu")
int dm_percpu_free(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_percpu_end(ctx));
}
