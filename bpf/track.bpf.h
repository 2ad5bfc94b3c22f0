/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The alloc/free state machine that all hooks share: hooks decode their arguments and
 * call dm_track_*. Its steps are global functions with scalar arguments (track_impl.bpf.h):
 * the verifier looks at each once instead of at every combination of their paths.
 */
#ifndef DRVMEM_TRACK_BPF_H
#define DRVMEM_TRACK_BPF_H

#include "gens.bpf.h"
#include "intern.bpf.h"
#include "table.bpf.h"
#include "use.bpf.h"
#include "walk.bpf.h"

/* How an object ended; a free by one of the usual programs has its enum drvmem_freer. */
enum dm_end { DM_END_FREE = DRVMEM_FREER_CACHE + 1, DM_END_INFERRED, DM_END_RCU, DM_END_RCU_DONE,
	      DM_END_AREA,	/* of one that may not have been tracked */
	      DM_END_AGAIN	/* of one whose end the usual program may have seen already */ };

#define DM_WHAT_SELF	(1u << 16)	/* in drvmem's own task */
#define DM_WHAT_CACHE	(1u << 17)	/* called by the program of caches */
#define DM_WHAT_OTHER	(1u << 18)	/* by one of another allocator than slab */

/*
 * Modules of an allocation from its stack, packed by DM_MODS. what: module of the call site,
 * and DM_WHAT_*. frame: of the program; 5.10 has no use for it and the call site.
 */
#if DM_CAS
__u64 drvmem_kernel_walk(struct bpf_raw_tracepoint_args *ctx, __u32 what, __u64 call_site,
			 struct dm_frames *f);
__u64 drvmem_owners(struct bpf_raw_tracepoint_args *ctx, __u32 what, __u64 frame, __u64 call_site,
		    struct dm_frames *f);
/* Keeps the stack of a new site in its place; 0. */
int drvmem_stack_keep_rare(struct bpf_raw_tracepoint_args *ctx, __u64 call_site, __u32 site);
int drvmem_stack_keep(struct bpf_raw_tracepoint_args *ctx, __u64 frame, __u64 call_site, __u32 site);
#else
__u64 drvmem_owners_510(struct bpf_raw_tracepoint_args *ctx, __u32 what, __u64 call_site);
#endif
/*
 * The caller of an allocation whose event does not tell it: the first frame beyond the allocator's
 * functions, by the kernel's unwinder, and what they were. 0: not found. Only for rare events.
 */
#define DM_CALLER(ip_, what_)	(((ip_) & ~(3ULL << 61)) | (__u64)(what_) << 61)
#define DM_CALLER_IP(c)		((c) ? (c) | 3ULL << 61 : 0)
#define DM_CALLER_WHAT(c)	((c) >> 61 & 3)
__u64 DM_G(drvmem_caller)(struct bpf_raw_tracepoint_args *ctx);

#define DM_CALLER_DEPTH 16	/* frames looked at, ours included */

static __always_inline __u64 dm_caller_of(const __u64 *ip, __u32 n)
{
	__u32 i, state = 0;

	for (i = 0; i < DM_CALLER_DEPTH; i++) {
		if (i >= n)
			return 0;
		state = drvmem_caller_step(ip[i], state);
		if (state & DM_STEP_FOUND)
			return DM_CALLER(ip[i], state & DM_STEP_WHAT);
	}
	return 0;
}

/*
 * dm_asker_at() of the caller of the page allocator or of the DMA functions; by our own walk
 * where there is one. frame: of the program. 5.10 has no events of the latter.
 */
#if DM_CAS
/* The same by the kernel's unwinder: a program of rare events need not have our walk verified. */
__u64 drvmem_rare_asker(struct bpf_raw_tracepoint_args *ctx, __u32 allocator);
__u64 drvmem_asker(struct bpf_raw_tracepoint_args *ctx, __u64 frame, __u32 allocator);
/* The same of a stack of n frames in dm_scratch; its place is the argument. */
__u64 drvmem_asker_in(__u32 scratch, __u32 n, __u32 allocator);
#else
__u64 drvmem_asker_510(struct bpf_raw_tracepoint_args *ctx);
#endif
/* A block's first page is handed out again, as a block of the same order: 0. */
int DM_G(drvmem_page_reused)(__u64 page, __u32 order);
/* Pages were given back, near blocks that are tracked: ends what they belong to, or a part; 0. */
int DM_G(drvmem_page_freed)(__u64 page, __u32 order);
/* A page's content goes to another page, and its object with it; 0. */
int DM_G(drvmem_page_moved)(__u64 from, __u64 to);
/* Id of a known site, or 0. */
__u32 DM_G(drvmem_site_find)(__u64 key);
/* Id of a new (or meanwhile known) site; what: DM_SITE_WHAT. */
__u32 DM_G(drvmem_site_new)(__u64 key, __u64 call_site, __u64 mods, __u64 what);
/* Puts an object into the table and accounts what it displaces; 0 or DM_NO_ROOM, DM_RACED. */
int DM_G(drvmem_store)(__u64 addr, __u64 w1, __u64 w2);
/* An address is handed out again: accounts the object that it belonged to, if that is known; 0. */
int DM_G(drvmem_reused)(__u64 addr);
/* Accounts a sampled object that was stored; 0. */
int DM_G(drvmem_sampled)(__u32 site, __u32 asked, __u32 epoch);
/* dm_sample_take() of a sampler of this CPU. */
int DM_G(drvmem_take)(__u32 which, __u32 asked, __u32 epoch);
/* Accounts the end of an object from its words, by dm_end(); 0. */
int DM_G(drvmem_end)(__u64 w1, __u64 w2, __u32 how);

static __always_inline void dm_end(__u64 w1, __u64 w2, __u32 how)
{
	if (cfg.marks && how != DM_END_RCU_DONE)
		drvmem_gen_end(w1, w2, 1, DRVMEM_W1_ASKED(w1));
	if (cfg.use && how != DM_END_RCU_DONE)
		DM_G(drvmem_use_end)(w1);
	DM_G(drvmem_end)(w1, w2, how);
}

/* Keeps the stack for display; 0. */
int DM_G(drvmem_sample)(struct bpf_raw_tracepoint_args *ctx, __u32 site);

struct dm_alloc {
	__u64 call_site;
	__u64 addr;		/* 0: the allocation failed */
	__u64 cache;		/* address of the kmem_cache; 0: a kmalloc */
	__u32 asked;		/* bytes the kernel was asked for */
	__u32 held, object_size;
	__u32 kind;		/* enum drvmem_class_kind */
	__u32 allocator;
	int gated;		/* known when compiled: of a program that asks the gate */
	__u32 epoch;
	__u64 frame;		/* dm_frame() of the program */
	int rare;		/* known when compiled: by a program that leaves stacks to the kernel's unwinder */
	int owned;		/* known when compiled: mods is, no stack is to be looked at for it */
	int stackless;		/* known when compiled: the program's ctx has no stack to show */
	__u64 mods;
	__u32 gfp;		/* with DM_GFP_KNOWN; 0: not told */
};

/*
 * Sums of a site that one program alone writes: of allocations its own (kmalloc and
 * kmem_cache_alloc never share a site, the cache is part of it), of frees its freer; and the
 * recursion guard lets a program run once on a CPU. 5.10 has no such guard.
 */
#if DM_CAS
#define dm_add_own(ptr_, val_) (*(ptr_) += (val_))
#else
#define dm_add_own(ptr_, val_) dm_add(ptr_, val_)
#endif

static __always_inline struct drvmem_site_cpu *dm_site_cpu_get(__u32 site, __u32 epoch)
{
	__u32 i, row = bpf_get_smp_processor_id();

	if (dm_is_sampled(epoch))
		row += cfg.nr_cpus;
	i = row * (cfg.site_mask + 1) + (site & cfg.site_mask);
	return bpf_map_lookup_elem(&dm_site_cpu, &i);
}

/* Raises a peak to a value that the shared live counter had. 5.10 has no compare-and-swap. */
static __always_inline void dm_raise(__u64 *peak, __s64 now)
{
#if DM_CAS
	__u64 was;
	int i;

	for (i = 0; i < 4; i++) {
		was = *(volatile __u64 *)peak;
		if (now <= (__s64)was || __sync_val_compare_and_swap(peak, was, now) == was)
			return;
	}
#endif
}

/* Adds to a shared live counter; the value after it (0 where BPF cannot tell). */
static __always_inline __s64 dm_live_add(__s64 *live, __s64 delta)
{
#if DM_CAS
	return __sync_fetch_and_add(live, delta) + delta;
#else
	dm_add(live, delta);
	return 0;
#endif
}

static __always_inline struct drvmem_module *dm_owner_of(const struct drvmem_site *s)
{
	return dm_module(s->owner);
}

static __always_inline void dm_live_sub(struct drvmem_site *s, __u64 bytes)
{
	dm_add(&s->live_bytes, -(__s64)bytes);
	if (!s->mapping)
		dm_add(&dm_owner_of(s)->live_bytes, -(__s64)bytes);
}

static __always_inline int dm_filtered(__u32 asked)
{
	return asked < cfg.min_size_bytes || asked > cfg.max_size_bytes;
}

/* Of this CPU. Sampling is refused where there are more of them. */
static __always_inline struct drvmem_sampler *dm_sampler_get(__u32 which)
{
	__u32 no = bpf_get_smp_processor_id() * DRVMEM_SAMPLERS + which;

	return &dm_samplers[dm_bounded(no, DRVMEM_SAMPLER_CPUS * DRVMEM_SAMPLERS)];
}

static __always_inline __u32 dm_gate(void)
{
	return *(volatile __u32 *)&dm_ctl_get()->gate;
}

/*
 * Of an event that the gate let through. Events that begin before an epoch and end in it are
 * counted the way in which they began.
 */
static __always_inline __u32 dm_epoch(__u32 gate)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u32 epoch = *(volatile __u32 *)&ctl->epoch;

	if (gate)
		return gate & (DRVMEM_EPOCHS - 1);
	/* no gate was seen: not sampled, whatever has begun since */
	return DRVMEM_IS_SAMPLED(epoch) ? (epoch - 1) & (DRVMEM_EPOCHS - 1) : epoch;
}

/*
 * gate: of ctl. 1: the allocation is not sampled. One that failed, or that the size filter keeps
 * out, is no part of the stream that is sampled.
 */
static __always_inline int dm_is_let_pass(__u32 gate, __u32 which, __u64 addr, __u64 asked)
{
	__u32 epoch = gate & (DRVMEM_EPOCHS - 1);
	struct drvmem_sampler *s = dm_sampler_get(which);

	if (!DRVMEM_IS_SAMPLED(gate) || !addr || (cfg.sized && dm_filtered(asked)))
		return 0;
	return (s->epoch == epoch && dm_sample_pass(s, asked)) ||
	       !DM_G(drvmem_take)(which, asked, epoch);
}

/* The same, and what was at its address before is gone. */
static __always_inline int dm_pass_alloc(__u32 gate, __u32 which, __u64 addr, __u64 asked)
{
	if (!dm_is_let_pass(gate, which, addr, asked))
		return 0;
	if (!dm_is_untracked(gate, addr))
		DM_G(drvmem_reused)(addr);
	return 1;
}

/*
 * No owner that is wanted can be met: none of its modules is loaded. The kernel's objects are
 * never wanted where others are not. One whose stack could not be had is: it may be wanted.
 */
static __always_inline int dm_nobody_wanted(void)
{
	return cfg.only && !dm_ctl_get()->nr_wanted && !(cfg.only & 1u << DRVMEM_MOD_DRVMEM);
}

static __always_inline int dm_is_wanted(__u16 owner)
{
	if (owner < DRVMEM_MOD_FIRST)
		return cfg.only >> owner & 1;
	return dm_module(owner)->wanted;
}

/* Of an owner that is not wanted. What was at its address before is gone, though. */
static __always_inline void dm_track_unwanted(__u64 addr)
{
	dm_stat(DRVMEM_STAT_UNWANTED);
	if (addr && !dm_is_untracked(dm_gate(), addr))
		DM_G(drvmem_reused)(addr);
}

static __always_inline void dm_track_failure(struct drvmem_site_cpu *c, __u64 call_site)
{
	__u32 r = drvmem_range_at(call_site - 1);

	/* one that the caller tries again (as vmalloc, say), or does without, is none of the owner's */
	if (DM_RANGE_KIND(r) != DRVMEM_RANGE_RETRY && !dm_is_overhead(r))
		dm_add(&c->failures, 1);
}

/* A program that walks no stacks: known when it is compiled, so that it has no code for it. */
#define DM_NO_FRAME 0
#define DM_IS_NO_FRAME(frame_) (__builtin_constant_p(frame_) && !(frame_))

static __always_inline __u32 dm_what(const struct dm_alloc *a)
{
	if (a->allocator != DRVMEM_ALLOC_SLAB)
		return DM_WHAT_OTHER;
	return a->cache ? DM_WHAT_CACHE : 0;
}

/* Most events of a kernel without modules end here without a call. */
static __always_inline __u64 dm_mods_of(struct bpf_raw_tracepoint_args *ctx,
					const struct drvmem_ctl *ctl, const struct dm_alloc *a,
					struct dm_frames *f)
{
	__u32 self = dm_in_self(ctl), what;
	/* the stack is walked though the owner does not need it */
	int direct, always = cfg.full_stacks || ctl->walker == DRVMEM_WALKER_VERIFY;
	__u64 mods;

#if DM_CAS
	if (!a->rare && DM_IS_NO_FRAME(a->frame))
		return self ? drvmem_kernel_walk(ctx, DM_WHAT_SELF | dm_what(a), a->call_site, f) : 0;
#endif
#if DM_CAS
	if (a->rare)
		always = cfg.full_stacks;
#endif
	if (!self && !ctl->nr_modules && !always)
		return 0;
	direct = dm_owners_direct(ctl, drvmem_range_at(a->call_site - 1), self, &mods);
	what = DM_MODS_DIRECT(mods) | (self ? DM_WHAT_SELF : 0) | dm_what(a);
#if DM_CAS
	if (a->rare && (always || !direct)) {
		__u64 walked;

		dm_stat(DRVMEM_STAT_WALKS_RARE);
		walked = drvmem_kernel_walk(ctx, what, a->call_site, f);
		return direct ? mods : walked;
	}
	if (a->rare)
		return mods;
	if (direct && always)
		drvmem_owners(ctx, what, a->frame, a->call_site, f);
#endif
	if (direct)
		return mods;
#if DM_CAS
	return drvmem_owners(ctx, what, a->frame, a->call_site, f);
#else
	return drvmem_owners_510(ctx, what, a->call_site);
#endif
}

/* The site, and in *ret_site its number; NULL: no such number. */
static __always_inline struct drvmem_site *dm_site_of(const struct dm_alloc *a, __u64 mods, __u64 stack,
						      __u32 *ret_site)
{
	__u64 sizes = (__u64)a->held << 32 | a->object_size, key;
	struct drvmem_site *s;
	struct dm_class_key k;
	__u32 site, class_;

	dm_class_unpack(&k, a->cache, sizes, a->kind);
	key = dm_site_key(a->call_site, mods, dm_class_hash(&k), a->allocator, stack);
	s = dm_site_fast(key, ret_site);
	if (s)
		return s;
	site = DM_G(drvmem_site_find)(key);
	if (!site) {
		class_ = DM_G(drvmem_class_id)(a->cache, sizes, a->kind);
		site = DM_G(drvmem_site_new)(key, a->call_site, mods,
					     DM_SITE_WHAT(class_, a->allocator, a->cache));
	}
	*ret_site = site;
	return bpf_map_lookup_elem(&dm_sites, &site);
}

/* What is shown of the stack: all of it once, or samples. n: allocations of the site before. */
static __always_inline void dm_keep_stack(struct bpf_raw_tracepoint_args *ctx, const struct dm_alloc *a,
					  struct drvmem_site *s, __u32 site, __u64 n)
{
#if DM_CAS
	if (!a->owned && !a->stackless && (a->rare || !DM_IS_NO_FRAME(a->frame)) && cfg.full_stacks && !s->stack_kept) {
		s->stack_kept = 1;
		if (a->rare)
			drvmem_stack_keep_rare(ctx, a->call_site, site);
		else
			drvmem_stack_keep(ctx, a->frame, a->call_site, site);
	}
#endif
	if (!a->stackless && cfg.sample_stacks && (n < 8 || !(n & 4095)))
		DM_G(drvmem_sample)(ctx, site);
}

static __always_inline void dm_stat_no_room(int r)
{
	dm_stat(r == DM_NO_ROOM ? DRVMEM_STAT_TABLE_FULL : DRVMEM_STAT_INSERT_FAILED);
}

static __always_inline int dm_alloc_sampled(struct bpf_raw_tracepoint_args *ctx,
					     const struct dm_alloc *a, struct drvmem_site *s,
					     __u32 site, __u64 w1, __u64 w2)
{
	int r = DM_G(drvmem_store)(a->addr, w1, w2);

	if (r < 0) {
		dm_stat_no_room(r);
		return 0;
	}
	DM_G(drvmem_sampled)(site, a->asked, a->epoch);
	dm_keep_stack(ctx, a, s, site, 0);
	return 1;
}

/* 1: the object came into the table. */
static __always_inline int dm_track_alloc(struct bpf_raw_tracepoint_args *ctx,
					   struct drvmem_ctl *ctl, const struct dm_alloc *a)
{
	struct drvmem_site_cpu *c;
	struct dm_frames f = {};
	struct drvmem_module *m;
	struct drvmem_site *s;
	__s64 site_live, owner_live;
	__u64 mods, n, w1, w2, size;
	__u32 site;
	int r = 0, mapping = DRVMEM_IS_MAPPING(a->allocator);

	if (dm_filtered(a->asked)) {
		dm_stat(DRVMEM_STAT_FILTERED);
		return 0;
	}
	if (a->gated && dm_nobody_wanted()) {
		dm_track_unwanted(mapping ? 0 : a->addr);
		return 0;
	}
	mods = a->owned ? a->mods : dm_mods_of(ctx, ctl, a, &f);
	if (a->gated && cfg.only && !dm_is_wanted(dm_choose(mods))) {
		dm_track_unwanted(mapping ? 0 : a->addr);
		return 0;
	}
	s = dm_site_of(a, mods, cfg.full_stacks ? f.hash : 0, &site);
	if (mapping && site == DRVMEM_SITE_OVERFLOW) {	/* there it would be memory */
		dm_stat(DRVMEM_STAT_MAPS_FULL);
		return 0;
	}
	c = dm_site_cpu_get(site, 0);
	if (!c || !s)
		return 0;
	m = dm_owner_of(s);
	if (!a->addr) {
		dm_track_failure(c, a->call_site);
		if (cfg.use)
			DM_G(drvmem_use_failed)(site, a->gfp);
		return 0;
	}
	w1 = DRVMEM_W1(site, bpf_get_smp_processor_id(), a->asked);
	w2 = DRVMEM_W2(bpf_jiffies64(), s->class_, ctl->mark, a->epoch, 0);
	if (a->gated && dm_is_sampled(a->epoch)) {
		return dm_alloc_sampled(ctx, a, s, site, w1, w2);
	}
	/* before the insert: a locked add would wait for the stores that miss the cache there */
	site_live = dm_live_add(&s->live_bytes, a->asked);
	owner_live = mapping ? 0 : dm_live_add(&m->live_bytes, a->asked);
	if (a->rare || a->stackless || (a->gated && cfg.only) || !dm_insert_fast(ctl, a->addr, w1, w2))
		r = DM_G(drvmem_store)(a->addr, w1, w2);
	else if (cfg.marks)
		drvmem_gen_made(w1, w2, 1, a->asked);
	if (r < 0) {
		dm_live_sub(s, a->asked);
		dm_stat_no_room(r);
		return 0;
	}
	if (cfg.use)
		DM_G(drvmem_use_made)(w1, a->addr, a->gfp);
	size = dm_size_bucket(a->asked);
	n = c->size[size];
	if (site == DRVMEM_SITE_OVERFLOW) {	/* any program's */
		dm_add(&c->alloc_bytes, a->asked);
		dm_add(&c->size[size], 1);
	} else {
		dm_add_own(&c->alloc_bytes, a->asked);
		dm_add_own(&c->size[size], 1);
	}
	dm_raise(&s->peak_bytes, site_live);
	if (!mapping)
		dm_raise(&m->peak_bytes, owner_live);
	dm_keep_stack(ctx, a, s, site, n);
	return 1;
}

/*
 * A free of addr: an unknown address is an object older than the session, one that was not
 * sampled, or one that was lost. how: an enum drvmem_freer, or DM_END_FREE.
 */
static __always_inline void dm_track_free(const struct drvmem_ctl *ctl, __u64 addr, __u32 how)
{
	struct dm_slot old = {};

	if (addr <= 16) {	/* NULL, ZERO_SIZE_PTR */
		if (how != DM_END_AGAIN)
			dm_stat(DRVMEM_STAT_SMALL_FREE);
		return;
	}
	if (dm_is_untracked(ctl->gate, addr))
		return;
	if (dm_remove_fast(addr, &old) != DM_FOUND && dm_remove(addr, &old) != DM_FOUND) {
		if (!dm_is_counted(ctl->epoch) && how != DM_END_AREA && how != DM_END_AGAIN)
			dm_stat(DRVMEM_STAT_UNMATCHED_FREE);
		return;
	}
	if (how == DM_END_AGAIN)
		dm_stat(DRVMEM_STAT_MADE_UP);
	dm_present_end(addr, old.w2);
	dm_end(old.w1, old.w2, DRVMEM_W2_FLAGS(old.w2) & DRVMEM_F_RCU_PENDING ? DM_END_RCU_DONE : how);
}

/* kvfree_call_rcu: the owner gave it up, the memory comes back after a grace period. */
static __always_inline void dm_track_rcu(const struct drvmem_ctl *ctl, __u64 addr)
{
	struct dm_slot old = {};

	/* unknown: its final free counts as unmatched, or it is vmalloc memory */
	if (dm_is_untracked(ctl->gate, addr) || dm_mark(addr, DRVMEM_F_RCU_PENDING, &old) != DM_FOUND)
		return;
	if (!old.w1 || (DRVMEM_W2_FLAGS(old.w2) & DRVMEM_F_RCU_PENDING))
		return;
	dm_end(old.w1, old.w2, DM_END_RCU);
}

#endif /* DRVMEM_TRACK_BPF_H */
