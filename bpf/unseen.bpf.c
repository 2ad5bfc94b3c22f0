// SPDX-License-Identifier: GPL-2.0
/* Hooks of what slab does without an event; user/session gives the function's name in this kernel. */
#include "unseen.bpf.h"

SEC("fexit/kmem_cache_alloc_bulk")
int dm_bulk_alloc(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_bulk_alloc_event(ctx));
}

SEC("fentry/krealloc")
int dm_krealloc(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_krealloc_event(ctx));
}

/* "mm/vmalloc: free unused pages on vrealloc() shrink", 7.2 */
SEC("fentry/vm_area_free_pages")
int dm_vrealloc(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_vrealloc_event(ctx));
}
