/* SPDX-License-Identifier: GPL-2.0 */
/* The global functions of blocks of pages (page.bpf.h), for the one object of each table form. */
#ifndef DRVMEM_PAGE_IMPL_BPF_H
#define DRVMEM_PAGE_IMPL_BPF_H

#include "page.bpf.h"

__noinline int DM_G(drvmem_page_reused)(__u64 page, __u32 order)
{
	struct dm_slot old = {};
	__u64 key;

	order = dm_bounded(order, DRVMEM_PAGE_ORDERS);
	key = DRVMEM_PAGE_KEY(page, order);
	if (dm_remove(key, &old) == DM_FOUND) {
		dm_page_count(page, order, -1);
		dm_present_end(key, old.w2);
		dm_displaced(&old);
	}
	return 0;
}

/* Accounts bytes of a block that are given back; last: all that it had left. */
static __always_inline void dm_page_part(const struct dm_slot *old, __u32 order, __u32 bytes, int last)
{
	__u32 epoch = DRVMEM_W2_EPOCH(old->w2), site = DRVMEM_W1_SITE(old->w1);
	__u32 life = dm_fls((__u32)bpf_jiffies64() - DRVMEM_W2_WHEN(old->w2));
	struct drvmem_site *s = bpf_map_lookup_elem(&dm_sites, &site);
	struct drvmem_site_cpu *c = dm_site_cpu_get(site, epoch);
	struct dm_share h = { .count = 1, .bytes = bytes };
	__u64 live = bytes;

	if (!c || !s)
		return;
	if (dm_is_sampled(epoch)) {
		/* the block was weighed by the size that it had at first */
		dm_share_of(1u << (cfg.page_shift + order), epoch, &h);
		h.bytes = h.bytes * bytes >> (cfg.page_shift + order);
		live = dm_share_live(&h);
	}
	dm_live_sub(s, live);
	dm_add(&c->other_free_bytes, h.bytes);
	if (!last)
		return;
	if (life >= DRVMEM_LIFE_BUCKETS)
		life = DRVMEM_LIFE_BUCKETS - 1;
	dm_add(&c->other_life[life], h.count);
	if (dm_is_sampled(epoch)) {
		dm_add(&c->sampled_frees, 1);
		dm_add(&c->free_var, h.count_var);
		dm_add(&c->free_bytes_var, h.bytes_var);
	}
}

/* The block of this first page and order, if it is tracked, gives back bytes: 1. */
__noinline int DM_G(drvmem_page_give)(__u64 page, __u32 order, __u32 bytes)
{
	struct dm_slot old = {};
	__u64 key;

	order = dm_bounded(order, DRVMEM_PAGE_ORDERS);
	key = DRVMEM_PAGE_KEY(page, order);
	if (!(bytes >> cfg.page_shift >> order) && dm_shrink(key, bytes, &old) == DM_FOUND) {
		dm_page_part(&old, order, bytes, 0);
		return 1;
	}
	if (dm_remove(key, &old) != DM_FOUND)
		return 0;
	dm_page_count(page, order, -1);
	dm_present_end(key, old.w2);
	dm_page_part(&old, order, DRVMEM_W1_ASKED(old.w1), 1);
	return 1;
}

__noinline int DM_G(drvmem_page_freed)(__u64 page, __u32 order)
{
	__u32 i, done = 0, bytes = 1u << dm_bounded(cfg.page_shift + order, 32);

	/* the smallest block first: one that was given back in parts may have others inside now */
#pragma clang loop unroll(disable)
	for (i = 0; i < DRVMEM_PAGE_ORDERS && !done; i++) {
		__u64 first = page & ~(((__u64)DRVMEM_PAGE_STRUCT << i) - 1);

		if (i >= order && dm_page_counted(first, i))
			done = DM_G(drvmem_page_give)(first, i, bytes);
	}
	return 0;
}

#endif /* DRVMEM_PAGE_IMPL_BPF_H */
