/* SPDX-License-Identifier: GPL-2.0 */
/* The global functions of blocks of pages (page.bpf.h), for the one object of each table form. */
#ifndef DRVMEM_PAGE_IMPL_BPF_H
#define DRVMEM_PAGE_IMPL_BPF_H

#include "page.bpf.h"

/* Accounts bytes of a block that are given back; last: all that it had left. */
static __always_inline void dm_page_account(const struct dm_slot *old, __u32 order, __u32 bytes, int last)
{
	__u32 epoch = DRVMEM_W2_EPOCH(old->w2), site = DRVMEM_W1_SITE(old->w1);
	__u64 life = dm_bucket_of((__u32)bpf_jiffies64() - DRVMEM_W2_WHEN(old->w2), DRVMEM_LIFE_BUCKETS);
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
	if (cfg.marks)
		drvmem_gen_end(old->w1, old->w2, last != 0, bytes);
	if (cfg.use && last)
		DM_G(drvmem_use_end)(old->w1);
	else if (cfg.use)
		DM_G(drvmem_use_resized)(old->w1, DRVMEM_W1_ASKED(old->w1) - bytes);
	if (!last)
		return;
	dm_add(&c->other_life[life], h.count);
	if (dm_is_sampled(epoch)) {
		dm_add(&c->sampled_frees, 1);
		dm_add(&c->free_var, h.count_var);
		dm_add(&c->free_bytes_var, h.bytes_var);
	}
}

/* The word with a page of a block; *bit: its place there. */
static __always_inline __u64 dm_page_word(__u64 first, __u32 order, __u64 page, __u32 *bit)
{
	__u64 word = page & ~((__u64)DRVMEM_PAGE_STRUCT * 64 - 1), from;

	from = order < DRVMEM_PAGE_WORD_SHIFT ? first : word;
	*bit = (page - from) / DRVMEM_PAGE_STRUCT;
	return DRVMEM_PAGE_KEY(from, order);
}

#define DM_PAGE_WORDS 16	/* of the largest blocks there are, 4 MiB */

/* How many words a block or a part of one has. */
static __always_inline __u32 dm_page_words(__u32 order)
{
	return order > DRVMEM_PAGE_WORD_SHIFT ? 1u << ((order - DRVMEM_PAGE_WORD_SHIFT) & 7) : 1;
}

/* The pages of a mask in one word: 1, or 0 when they had come before. */
static __always_inline int dm_page_gives_word(__u64 key, __u64 mask)
{
	__u64 zero = 0, *given = bpf_map_lookup_elem(&dm_page_parts, &key), was;

	if (!given) {
		bpf_map_update_elem(&dm_page_parts, &key, &zero, BPF_NOEXIST);
		given = bpf_map_lookup_elem(&dm_page_parts, &key);
	}
	if (!given) {
		dm_stat(DRVMEM_STAT_PAGE_PARTS_FULL);
		return 0;
	}
#if DM_CAS
	was = __sync_fetch_and_or(given, mask);
#else
	was = *given;
	*given = was | mask;
#endif
	return !(was & mask);
}

/* Pages of a block come back: 1, or 0 when they had come before, so that now they are another's. */
__noinline int DM_G(drvmem_page_gives)(__u64 first, __u32 order, __u64 page, __u32 part)
{
	__u64 mask = part >= DRVMEM_PAGE_WORD_SHIFT ? ~0ULL : (1ULL << (1u << (part & 7))) - 1, key;
	__u32 i, n = dm_page_words(part), bit;
	int given = 1;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PAGE_WORDS; i++) {
		if (i >= n)
			break;
		key = dm_page_word(first, order, page + (__u64)i * 64 * DRVMEM_PAGE_STRUCT, &bit);
		given &= dm_page_gives_word(key, mask << (bit & 63));
	}
	return given;
}

static __always_inline void dm_page_forget(__u64 first, __u32 order)
{
	__u32 i, n = dm_page_words(order), bit;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PAGE_WORDS; i++) {
		__u64 key = dm_page_word(first, order, first + (__u64)i * 64 * DRVMEM_PAGE_STRUCT, &bit);

		if (i < n)
			bpf_map_delete_elem(&dm_page_parts, &key);
	}
}

/* A block left the table. */
static __always_inline void dm_page_gone(__u64 first, __u32 order, const struct dm_slot *old)
{
	if (DRVMEM_W1_ASKED(old->w1) >> (cfg.page_shift + order) == 0)
		dm_page_forget(first, order);
	dm_page_count(first, order, -1);
	dm_present_end(DRVMEM_PAGE_KEY(first, order), old->w2);
}

/* A part of the block of this first page and order, if it is tracked: 1. */
__noinline int DM_G(drvmem_page_part)(__u64 first, __u32 order, __u64 page, __u32 part)
{
	__u32 bytes = 1u << dm_bounded(cfg.page_shift + part, 32);
	struct dm_slot old = {};
	__u64 key;

	order = dm_bounded(order, DRVMEM_PAGE_ORDERS);
	key = DRVMEM_PAGE_KEY(first, order);
	/* nothing is changed: it only has to be there */
	if (dm_mark(key, 0, &old) != DM_FOUND)
		return 0;
	if (!DM_G(drvmem_page_gives)(first, order, page, part))
		return 1;
	if (dm_shrink(key, bytes, &old) == DM_FOUND) {
		dm_page_account(&old, order, bytes, 0);
		return 1;
	}
	if (dm_remove(key, &old) != DM_FOUND)
		return 1;
	dm_page_gone(first, order, &old);
	dm_page_account(&old, order, DRVMEM_W1_ASKED(old.w1), 1);
	return 1;
}

/* The block itself, whole: 1. */
__noinline int DM_G(drvmem_page_whole)(__u64 first, __u32 order)
{
	struct dm_slot old = {};

	order = dm_bounded(order, DRVMEM_PAGE_ORDERS);
	if (dm_remove(DRVMEM_PAGE_KEY(first, order), &old) != DM_FOUND)
		return 0;
	dm_page_gone(first, order, &old);
	dm_page_account(&old, order, DRVMEM_W1_ASKED(old.w1), 1);
	return 1;
}

__noinline int DM_G(drvmem_page_reused)(__u64 page, __u32 order)
{
	struct dm_slot old = {};

	order = dm_bounded(order, DRVMEM_PAGE_ORDERS);
	if (dm_remove(DRVMEM_PAGE_KEY(page, order), &old) == DM_FOUND) {
		dm_page_gone(page, order, &old);
		dm_displaced(&old);
	}
	return 0;
}

/* Only blocks of one page are movable while they are a driver's (mm/migrate.c, movable_ops). */
__noinline int DM_G(drvmem_page_moved)(__u64 from, __u64 to)
{
	__u64 key = DRVMEM_PAGE_KEY(to, 0);
	struct dm_slot old = {};
	int r;

	if (dm_page_counted(to, 0))
		DM_G(drvmem_page_reused)(to, 0);
	if (dm_remove(DRVMEM_PAGE_KEY(from, 0), &old) != DM_FOUND)
		return 0;
	dm_page_gone(from, 0, &old);
	if (cfg.marks)
		drvmem_gen_end(old.w1, old.w2, 1, DRVMEM_W1_ASKED(old.w1));
	dm_page_count(to, 0, 1);
	r = DM_G(drvmem_store)(key, old.w1, old.w2);
	if (r >= 0)
		return 0;
	dm_page_count(to, 0, -1);
	dm_stat_no_room(r);
	dm_page_account(&old, 0, DRVMEM_W1_ASKED(old.w1), 1);
	return 0;
}

__noinline int DM_G(drvmem_page_freed)(__u64 page, __u32 order)
{
	__u32 i, done;

	order = dm_bounded(order, DRVMEM_PAGE_ORDERS);
	done = dm_page_counted(page, order) && DM_G(drvmem_page_whole)(page, order);
	/* the smallest block first: one that was given back in parts may have others inside now */
#pragma clang loop unroll(disable)
	for (i = 1; i < DRVMEM_PAGE_ORDERS && !done; i++) {
		__u64 first = page & ~(((__u64)DRVMEM_PAGE_STRUCT << i) - 1);

		/* larger than what came back, without a branch, from which the verifier would learn the order */
		if (dm_untold(((__u64)order - i) >> 63) & !!dm_page_counted(first, i))
			done = DM_G(drvmem_page_part)(first, i, page, order);
	}
	return 0;
}

#endif /* DRVMEM_PAGE_IMPL_BPF_H */
