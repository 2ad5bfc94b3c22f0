// SPDX-License-Identifier: GPL-2.0
/* Page hooks. mm_page_free_batched comes beside mm_page_free, for the same page: not used. */
#include "page.bpf.h"

/* A function of its own for a frame to start from: see dm_frame(). */
static __noinline int dm_walk_page(struct bpf_raw_tracepoint_args *ctx, __u64 frame)
{
	return dm_page_event(ctx, DM_CTX(ctx, 0), DM_CTX(ctx, 1), DM_CTX(ctx, 2), frame);
}

/* (page, order, gfp, migratetype) */
SEC("raw_tp/mm_page_alloc")
int dm_page_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_walk_page(ctx, dm_frame()));
}

/* (page, order) */
SEC("raw_tp/mm_page_free")
int dm_page_free(struct bpf_raw_tracepoint_args *ctx)
{
	return DM_UNDISTURBED(dm_page_end(DM_CTX(ctx, 0), DM_CTX(ctx, 1)));
}

SEC("fexit/zs_page_migrate")
int dm_moved(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_moved_event(ctx));
}

SEC("fexit/balloon_page_migrate")
int dm_moved_too(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_moved_event(ctx));
}
