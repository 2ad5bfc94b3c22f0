// SPDX-License-Identifier: GPL-2.0
/*
 * Pages taken in bulk (mm/page_alloc.c: alloc_pages_bulk). Those from the list of the CPU have no
 * event. One call fills the places of an array that are empty, and either takes pages from there,
 * or, if that gives none, or only one is missing, a single one that has its event. 387ba26fb1cb
 * "mm/page_alloc: add a bulk page allocator", 5.13. (A list in place of the array has no users.)
 */
#include "page.bpf.h"
#include "unseen.bpf.h"

static __always_inline struct drvmem_page_array *dm_page_array(__u64 array, __u32 way)
{
	__u32 no = (array >> 3) * 0x9e3779b1u >> 24;

	return &dm_page_arrays[dm_bounded(no + way, DRVMEM_PAGE_ARRAYS)];
}

/* The entry of an array that is being filled; NULL: all of its places were empty. */
static __always_inline struct drvmem_page_array *dm_page_array_find(__u64 array)
{
	struct drvmem_page_array *a;
	__u32 i;

	for (i = 0; i < DRVMEM_PAGE_ARRAY_WAYS; i++) {
		a = dm_page_array(array, i);
		if (a->inv_array == ~array)
			return a;
	}
	return NULL;
}

static __always_inline struct drvmem_page_array *dm_page_array_get(__u64 array)
{
	struct drvmem_page_array *a = dm_page_array_find(array);
	__u32 i;

	for (i = 0; i < DRVMEM_PAGE_ARRAY_WAYS && !a; i++) {
		a = dm_page_array(array, i);
		if (__sync_val_compare_and_swap(&a->inv_array, 0, ~array))
			a = NULL;
	}
	return a;
}

/* 64 places from word on: bits of those that have a page. A global function: a small loop. */
__noinline __u64 drvmem_pages_had(__u64 array, __u32 word, __u32 n)
{
	__u64 had = 0, page;
	__u32 i;

	for (i = 0; i < 64; i++) {
		if (word * 64 + i >= n)
			break;
		page = 0;
		bpf_probe_read_kernel(&page, sizeof(page), (void *)(long)(array + (word * 64ULL + i) * 8));
		had |= (__u64)!!page << i;
	}
	return had;
}

static __always_inline int dm_pages_before_event(__u64 *ctx)
{
	__u64 array = cfg.pages_bulk_args == 5 ? dm_arg(ctx, 4) : dm_arg(ctx, 5), had;
	struct drvmem_page_array *a;
	__u32 i, n = dm_arg(ctx, 3);

	if (!dm_ctl_get()->active || !array || (__s32)n <= 0 || dm_page_is_users(dm_arg(ctx, 0)))
		return 0;
	/* one whose return was missed */
	a = dm_page_array_find(array);
	for (i = 0; i < DRVMEM_MAX_BULK / 64; i++) {
		had = i * 64 < n ? drvmem_pages_had(array, i, n) : 0;
		if (had && !a) {
			a = dm_page_array_get(array);
			if (!a) {
				dm_stat(DRVMEM_STAT_BULK_TRUNCATED);
				return 0;
			}
			/* what is there of another call */
			if (i)
				__builtin_memset(a->had, 0, sizeof(a->had));
		}
		if (a)
			a->had[i] = had;
	}
	return 0;
}

/* one: it may have had its event, and be known. */
__noinline int drvmem_bulk_page(__u64 page, __u64 call_site, __u64 mods, __u32 one)
{
	struct dm_alloc a = {
		.call_site = call_site,
		.addr = DRVMEM_PAGE_KEY(page, 0),
		.asked = 1u << cfg.page_shift,
		.kind = DRVMEM_CLASS_PAGES,
		.allocator = DRVMEM_ALLOC_PAGE,
		.gated = 1,
		.owned = 1,
		.stackless = 1,
		.mods = mods,
	};
	struct dm_slot old = {};

	if (dm_page_counted(page, 0)) {
		if (one && dm_mark(a.addr, 0, &old) == DM_FOUND)
			return 0;
		drvmem_page_reused(page, 0);
	}
	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		/* a sampler has seen it */
		if (one && DRVMEM_IS_SAMPLED(gate))
			return 0;
		if (dm_pass_alloc(gate, DRVMEM_SAMPLER_KMALLOC_NODE, a.addr, a.asked))
			return 0;
		a.epoch = dm_epoch(gate);
		if (dm_nobody_wanted()) {
			dm_stat(DRVMEM_STAT_UNWANTED);
			return 0;
		}
	}
	dm_page_count(page, 0, 1);
	if (!dm_track_alloc(NULL, dm_ctl_get(), &a))
		dm_page_count(page, 0, -1);
	return 0;
}

/* Whoever is beyond the page allocator, as in dm_bulk_caller(). */
__noinline __u64 drvmem_stack_asker(const struct drvmem_scratch *s, __u32 n)
{
	__u64 site, ip;
	__u32 i;

	for (i = 0; s && i < DM_CALLER_DEPTH; i++) {
		if (i >= n)
			break;
		ip = s->ip[i];
		site = dm_asker_at(ip, DRVMEM_ALLOC_PAGE);
		if (dm_is_asker(site, ip))
			return site;
	}
	return DM_ASKED_BY_UNKNOWN;
}

/* The call site is as dm_asker_at() tells it. */
static __always_inline void dm_pages_asker(__u64 *ctx, struct dm_asked *ret)
{
	struct drvmem_scratch *s = dm_scratch_get();
	long bytes;
	__u32 n;

	if (!s)
		return;
	bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
	n = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
	ret->call_site = drvmem_stack_asker(s, n);
	if (ret->call_site > DM_ASKED_BY_DMA)
		ret->mods = drvmem_stack_mods(s, n, ret->call_site);
	dm_scratch_put(s);
}

/* Tracks pages of 64 places; a global function: a small loop. */
__noinline int drvmem_bulk_word(__u64 array, __u64 mask, __u64 call_site, __u64 mods, __u32 one)
{
	__u64 page;
	__u32 i;

	for (i = 0; i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		page = 0;
		bpf_probe_read_kernel(&page, sizeof(page), (void *)(long)(array + i * 8ULL));
		drvmem_bulk_page(page, call_site, mods, one);
	}
	return 0;
}

/* Places of a word of the array that this call has filled. */
static __always_inline __u64 dm_pages_new(__u64 array, __u32 word, __u32 n,
					  const struct drvmem_page_array *was)
{
	__u64 had = was ? was->had[dm_bounded(word, DRVMEM_MAX_BULK / 64)] : 0;

	return word * 64 < n ? drvmem_pages_had(array, word, n) & ~had : 0;
}

/* Bits set. */
static __always_inline __u32 dm_popcount64(__u64 m)
{
	m -= m >> 1 & 0x5555555555555555ULL;
	m = (m & 0x3333333333333333ULL) + (m >> 2 & 0x3333333333333333ULL);
	m = (m + (m >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return m * 0x0101010101010101ULL >> 56;
}

static __always_inline int dm_pages_taken(__u64 *ctx, __u64 array, __u32 n,
					  const struct drvmem_page_array *was)
{
	__u32 i, news = 0, nobody = dm_nobody_wanted();
	struct dm_asked by = {};

	if (!nobody)
		dm_pages_asker(ctx, &by);
	for (i = 0; i < DRVMEM_MAX_BULK / 64; i++)
		news += dm_popcount64(dm_pages_new(array, i, n, was));
	if (!nobody && by.call_site == DM_ASKED_BY_UNKNOWN) {
		dm_stat(DRVMEM_STAT_STACK_MISSING);
		return 0;
	}
	if (by.call_site == DM_ASKED_BY_DMA)
		dm_page_for_dma(news << cfg.page_shift);
	if (by.call_site == DM_ASKED_BY_DMA || by.call_site == DM_ASKED_BY_INNER ||
	    by.call_site == DM_ASKED_BY_USER) {
		dm_stat_n(by.call_site == DM_ASKED_BY_USER ? DRVMEM_STAT_PAGES_USER :
							     DRVMEM_STAT_PAGES_INNER, news);
		return 0;
	}
	for (i = 0; i < DRVMEM_MAX_BULK / 64; i++)
		drvmem_bulk_word(array + i * 512ULL, dm_pages_new(array, i, n, was), by.call_site, by.mods,
				 news == 1);
	if (n > DRVMEM_MAX_BULK)
		dm_stat_n(DRVMEM_STAT_BULK_TRUNCATED, n - DRVMEM_MAX_BULK);
	return 0;
}

static __always_inline int dm_pages_bulk_event(__u64 *ctx)
{
	__u64 array = cfg.pages_bulk_args == 5 ? dm_arg(ctx, 4) : dm_arg(ctx, 5);
	__u64 got = cfg.pages_bulk_args == 5 ? dm_arg(ctx, 5) : dm_arg(ctx, 6);
	struct drvmem_page_array *was;
	int r = 0;

	if (!dm_ctl_get()->active || !array || dm_page_is_users(dm_arg(ctx, 0)))
		return 0;
	was = dm_page_array_find(array);
	if (got)
		r = dm_pages_taken(ctx, array, got, was);
	if (was)
		*(volatile __u64 *)&was->inv_array = 0;
	return r;
}

/* (gfp, nid, nodemask, n, list, array) up to 6.13, then without the list */
SEC("fentry/alloc_pages_bulk_noprof")
int dm_pages_before(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_pages_before_event(ctx));
}

SEC("fexit/alloc_pages_bulk_noprof")
int dm_pages_bulk(__u64 *ctx)
{
	return DM_UNDISTURBED(dm_pages_bulk_event(ctx));
}
