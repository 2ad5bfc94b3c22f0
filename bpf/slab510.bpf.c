// SPDX-License-Identifier: GPL-2.0
/*
 * Slab hooks for 5.10: events without the cache, separate _node events, a
 * kmem_cache_free event that comes after the free (so fentry instead), and a BPF
 * without compare-and-swap (so a hash table).
 */
#define DM_CAS 0
#define DM_NAME(n) d5_##n
#define DM_FREE_ONE drvmem_free_one_510
#include "track_impl.bpf.h"
#include "page_impl.bpf.h"
#include "mapping_impl.bpf.h"
#include "use_impl.bpf.h"
#include "area.bpf.h"
#include "mapping61.bpf.h"
#include "unseen.bpf.h"
#include "bulk.bpf.c"
#include "mempool.bpf.c"

/*
 * The cache of an object, which the 5.10 events do not name: page->slab_cache of its
 * head page (include/linux/mm.h:virt_to_head_page; vmemmap and the direct map's base
 * are symbols). NULL when the object is not in a slab page.
 */
static __always_inline struct kmem_cache *d5_cache_of(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct kmem_cache *s = NULL;
	unsigned long head = 0;
	struct page *page;

	if (!addr || !ctl || !ctl->active || !ctl->vmemmap_base)
		return NULL;
	page = (struct page *)(long)(ctl->vmemmap_base +
		((addr - ctl->page_offset_base) >> cfg.page_shift) * bpf_core_type_size(struct page));
	bpf_probe_read_kernel(&head, sizeof(head), &page->compound_head);
	if (head & 1)
		page = (struct page *)(head - 1);
	bpf_probe_read_kernel(&s, sizeof(s), &page->slab_cache);
	return s;
}

/* (call_site, ptr, bytes_req, bytes_alloc, gfp[, node]) */
static __always_inline int d5_alloc(struct bpf_raw_tracepoint_args *ctx, __u32 sampler)
{
	int of_cache = sampler == DRVMEM_SAMPLER_CACHE || sampler == DRVMEM_SAMPLER_CACHE_NODE;
	__u64 addr = DM_CTX(ctx, 1), asked = DM_CTX(ctx, 2);
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct dm_alloc a = {
		.call_site = DM_CTX(ctx, 0),
		.addr = addr,
		.asked = asked > 0xffffffffULL ? 0xffffffffU : asked,
		.held = addr ? DM_CTX(ctx, 3) : 0,
		.gfp = DM_CTX(ctx, 4) | DM_GFP_KNOWN,
		.allocator = DRVMEM_ALLOC_SLAB,
		.gated = 1,
	};

	if (!ctl || !ctl->active)
		return 0;
	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		if (dm_pass_alloc(gate, sampler, addr, asked))
			return 0;
		a.epoch = dm_epoch(gate);
	}
	a.cache = of_cache ? (__u64)(long)d5_cache_of(addr) : 0;
	a.object_size = a.cache ? a.asked : 0;
	if (a.cache)
		a.kind = DRVMEM_CLASS_CACHE;
	else
		a.kind = a.held > cfg.kmalloc_max_cache_bytes ? DRVMEM_CLASS_LARGE :
								DRVMEM_CLASS_KMALLOC;
	dm_track_alloc(ctx, ctl, &a);
	return 0;
}

SEC("raw_tp/kmalloc")
int d5_kmalloc(struct bpf_raw_tracepoint_args *ctx)
{
	return d5_alloc(ctx, DRVMEM_SAMPLER_KMALLOC);
}

SEC("raw_tp/kmalloc_node")
int d5_kmalloc_node(struct bpf_raw_tracepoint_args *ctx)
{
	return d5_alloc(ctx, DRVMEM_SAMPLER_KMALLOC_NODE);
}

SEC("raw_tp/kmem_cache_alloc")
int d5_cache_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	return d5_alloc(ctx, DRVMEM_SAMPLER_CACHE);
}

SEC("raw_tp/kmem_cache_alloc_node")
int d5_cache_node(struct bpf_raw_tracepoint_args *ctx)
{
	return d5_alloc(ctx, DRVMEM_SAMPLER_CACHE_NODE);
}

SEC("raw_tp/kfree")
int d5_kfree(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl && ctl->active)
		dm_track_free(ctl, DM_CTX(ctx, 1), DM_END_FREE);
	return 0;
}

/* 3544de8ee6e4 "mm, tracing: record slab name for kmem_cache_free()", 5.12, moved the event up */
SEC("fentry/kmem_cache_free")
int d5_cache_free(__u64 *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl && ctl->active)
		dm_track_free(ctl, dm_arg(ctx, 1), DM_END_FREE);
	return 0;
}

/* (reserved, is_atomic, size, align, base_addr, off, ptr): the caller is found on the stack */
SEC("raw_tp/percpu_alloc_percpu")
int d5_percpu_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_percpu_event(ctx, 0, DM_CTX(ctx, 6), DM_CTX(ctx, 2), 0);
}

/* (reserved, is_atomic, size, align) */
SEC("raw_tp/percpu_alloc_percpu_fail")
int d5_percpu_fail(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_percpu_event(ctx, 0, 0, DM_CTX(ctx, 2), 0);
}

SEC("raw_tp/percpu_free_percpu")
int d5_percpu_free(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_percpu_end(ctx);
}

/* (page, order, gfp, migratetype) */
SEC("raw_tp/mm_page_alloc")
int d5_page_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_page_event(ctx, DM_CTX(ctx, 0), DM_CTX(ctx, 1), DM_CTX(ctx, 2), 0);
}

/* (page, order) */
SEC("raw_tp/mm_page_free")
int d5_page_free(struct bpf_raw_tracepoint_args *ctx)
{
	return dm_page_end(DM_CTX(ctx, 0), DM_CTX(ctx, 1));
}

/* (new, old, mode) */
SEC("fexit/move_to_new_page")
int d5_moved(__u64 *ctx)
{
	return dm_moved_event(ctx);
}

SEC("fexit/alloc_vmap_area")
int d5_vmalloc_exit(__u64 *ctx)
{
	return dm_vmalloc_exit_event(ctx);
}

SEC("fentry/remove_vm_area")
int d5_vmalloc_remove(__u64 *ctx)
{
	return dm_vmalloc_end(dm_arg(ctx, 0));
}

SEC("fexit/kmem_cache_alloc_bulk")
int d5_bulk_alloc(__u64 *ctx)
{
	return dm_bulk_alloc_event(ctx);
}

SEC("fentry/krealloc")
int d5_krealloc(__u64 *ctx)
{
	return dm_krealloc_event(ctx);
}

DM_MAPPING61(d5)
