/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks of pages that someone takes from the page allocator itself (mm/page_alloc.c). Pages of
 * processes and files end at their flags; those for objects of other allocators (slabs, large
 * kmallocs, vmalloc, percpu chunks) at the function that asked, a few frames up: these objects
 * are counted as such. An object is a block as it was allocated, by its first page and order; it
 * may be given back in parts (split_page, alloc_pages_exact, the tail of a block of which a page
 * is still in use), shrinks by each, and ends with the last.
 */
#ifndef DRVMEM_PAGE_BPF_H
#define DRVMEM_PAGE_BPF_H

#include "track.bpf.h"

static __always_inline struct drvmem_page_block *dm_page_block_of(__u64 page)
{
	return &dm_page_blocks[dm_bounded(page >> DRVMEM_BLOCK_SHIFT, DRVMEM_PAGE_BLOCKS)];
}

/* How many blocks of an order are in the table, that begin near this first page. */
static __always_inline __u32 dm_page_counted(__u64 page, __u32 order)
{
	__u64 word = dm_page_block_of(page)->lanes[dm_bounded(order / DRVMEM_PAGE_LANES,
							      DRVMEM_PAGE_LANES)];

	return word >> DRVMEM_PAGE_LANE_BITS * (order % DRVMEM_PAGE_LANES) & 0xffff;
}

/* Before a block is put into the table, after it left it. */
static __always_inline void dm_page_count(__u64 page, __u32 order, __s64 by)
{
	__u64 *word = &dm_page_block_of(page)->lanes[dm_bounded(order / DRVMEM_PAGE_LANES,
								DRVMEM_PAGE_LANES)];

	dm_add(word, (__u64)by << DRVMEM_PAGE_LANE_BITS * (order % DRVMEM_PAGE_LANES));
	if (order >= DRVMEM_PAGE_BIG)
		dm_add(&dm_ctl_get()->big_blocks, by);
}

/* A block that covers this page may be in the table. */
static __always_inline int dm_page_near(__u64 page)
{
	const struct drvmem_page_block *b = dm_page_block_of(page);

	return (b->lanes[0] | b->lanes[1] | b->lanes[2]) || dm_ctl_get()->big_blocks;
}

static __always_inline int dm_page_is_users(__u32 gfp)
{
	return (gfp & cfg.gfp_user) == cfg.gfp_user &&
	       (gfp & (cfg.gfp_nomemalloc | cfg.gfp_comp)) != cfg.gfp_nomemalloc;
}

static __always_inline struct drvmem_dma_task *dm_dma_task(__u64 task)
{
	return &dm_dma_tasks[dm_bounded((task >> 6) * 0x9e3779b1u >> 16, DRVMEM_DMA_TASKS)];
}

/* Pages for the DMA buffer that this task is about to get: what it takes is told with that. */
static __always_inline void dm_page_for_dma(__u32 bytes)
{
	__u64 task = bpf_get_current_task();
	struct drvmem_dma_task *t = dm_dma_task(task);

	t->bytes = t->inv_task == ~task ? t->bytes + bytes : bytes;
	t->inv_task = ~task;
}

/* a->addr stands for its first page, which would be one more word on the stack of 512 bytes. */
static __always_inline int dm_page_take(struct bpf_raw_tracepoint_args *ctx, struct dm_alloc *a, __u32 order)
{
#if DM_CAS
	a->call_site = drvmem_asker(ctx, a->frame, DRVMEM_ALLOC_PAGE);
#else
	a->call_site = drvmem_asker_510(ctx);
#endif
	switch (a->call_site) {
	case DM_ASKED_BY_UNKNOWN:	/* whether it is counted elsewhere is not known either */
		dm_stat(DRVMEM_STAT_STACK_MISSING);
		return 0;
	case DM_ASKED_BY_DMA:
		if (a->addr)
			dm_page_for_dma(a->asked);
		dm_stat(DRVMEM_STAT_PAGES_INNER);
		return 0;
	case DM_ASKED_BY_INNER:
		dm_stat(DRVMEM_STAT_PAGES_INNER);
		return 0;
	case DM_ASKED_BY_USER:
		dm_stat(DRVMEM_STAT_PAGES_USER);
		return 0;
	}
	if (a->addr)
		dm_page_count(a->addr, order, 1);
	if (!dm_track_alloc(ctx, dm_ctl_get(), a) && a->addr)
		dm_page_count(a->addr, order, -1);
	return 0;
}

/* page: address of its struct page; 0: there was none. */
static __always_inline int dm_page_event(struct bpf_raw_tracepoint_args *ctx, __u64 page, __u32 order,
					 __u32 gfp, __u64 frame)
{
	struct dm_alloc a = {
		.kind = DRVMEM_CLASS_PAGES,
		.allocator = DRVMEM_ALLOC_PAGE,
		.gated = 1,
		.frame = frame,
		.gfp = gfp | DM_GFP_KNOWN,
	};

	if (!dm_ctl_get()->active)
		return 0;
	if (dm_page_is_users(gfp)) {
		dm_stat(DRVMEM_STAT_PAGES_USER);
		return 0;
	}
	order = dm_bounded(order, DRVMEM_PAGE_ORDERS);
	a.object_size = order;
	a.asked = 1u << (cfg.page_shift + order);
	a.addr = page ? DRVMEM_PAGE_KEY(page, order) : 0;
	if (page && dm_page_counted(page, order))
		DM_G(drvmem_page_reused)(page, order);
	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		if (dm_pass_alloc(gate, DRVMEM_SAMPLER_PAGES, a.addr, a.asked))
			return 0;
		a.epoch = dm_epoch(gate);
		if (dm_nobody_wanted()) {
			dm_stat(DRVMEM_STAT_UNWANTED);
			return 0;
		}
	}
	return dm_page_take(ctx, &a, order);
}

/*
 * fexit of what moves a page's content (zs_page_migrate, balloon_page_migrate(new, old, mode); where they
 * go through it, move_to_new_folio): 0, and the old one is freed soon. 5.10 and 6.1 return so too.
 */
static __always_inline int dm_moved_event(__u64 *ctx)
{
	__u64 to = dm_arg(ctx, 0), from = dm_arg(ctx, 1);

	if (dm_ctl_get()->active && !(__u32)dm_arg(ctx, 3) && dm_page_counted(from, 0))
		DM_G(drvmem_page_moved)(from, to);
	return 0;
}

/* Pages that are not known are most of all: of processes, of files, older than the session. */
static __always_inline int dm_page_end(__u64 page, __u32 order)
{
	if (dm_ctl_get()->active && dm_page_near(page))
		DM_G(drvmem_page_freed)(page, order);
	return 0;
}

#endif /* DRVMEM_PAGE_BPF_H */
