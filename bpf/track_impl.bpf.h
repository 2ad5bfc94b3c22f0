/* SPDX-License-Identifier: GPL-2.0 */
/* The global functions of track.bpf.h, for the one object of each table form. */
#ifndef DRVMEM_TRACK_IMPL_BPF_H
#define DRVMEM_TRACK_IMPL_BPF_H

#include "track.bpf.h"

#if DM_CAS
/* By our own walk; 1. What it does not know, or 1 in 1024 to compare, the kernel's unwinder walks. */
static __always_inline int dm_own_walk(struct bpf_raw_tracepoint_args *ctx, struct drvmem_ctl *ctl,
				       __u64 nth, __u64 frame, __u64 call_site,
				       struct dm_frames *f, __u64 *walk)
{
	int told;

	*walk = drvmem_fast_walk(frame, dm_number(ctx), call_site, f);
	if (!*walk) {
		dm_stat(DRVMEM_STAT_WALK_FALLBACK);
		return 0;
	}
	if (ctl->walker != DRVMEM_WALKER_VERIFY && (nth & 1023))
		return 1;
	told = drvmem_walk_check(ctx, call_site, *walk, f->hash, f->n);
	dm_stat(told == DM_CANNOT_TELL ? DRVMEM_STAT_WALK_UNTOLD : DRVMEM_STAT_WALK_CHECKED);
	if (told != DM_DIFFERENT)
		return 1;
	dm_stat(DRVMEM_STAT_WALK_MISMATCH);
	ctl->walker = DRVMEM_WALKER_KERNEL;
	return 0;
}

/* A frame of the kernel's list; the walk so far. A function of its own: looked at once, not for each frame. */
__noinline __u64 drvmem_kernel_frame(struct dm_frames *f, __u64 ip, __u64 call_site, __u32 what, __u64 walk)
{
	if (!f)
		return walk;
	drvmem_frame_add(f, ip, call_site, DM_FRAMES_HASHED);
	/* other allocators than slab have functions of the allocator before the caller */
	return f->n || !(what & DM_WHAT_OTHER) ? drvmem_walk_frame(ip, walk) : walk;
}

/* Owners and frames by the kernel's unwinder: outward to the first barrier. */
__noinline __u64 drvmem_kernel_walk(struct bpf_raw_tracepoint_args *ctx, __u32 what, __u64 call_site,
				    struct dm_frames *f)
{
	struct drvmem_scratch *s = dm_scratch_get();
	__u64 walk = 0;
	long bytes;
	__u32 i, n;

	if (!s || !f)
		return dm_walk_missing(what & 0xffff);
	bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
	n = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
	for (i = 0; i < DRVMEM_SCRATCH_DEPTH; i++) {
		if (i >= n || (walk & DM_WALK_END))
			break;
		walk = drvmem_kernel_frame(f, s->ip[i], call_site, what, walk);
	}
	i = dm_untold(i);
	n = dm_untold(n);
	dm_scratch_put(s);
	/* a list without the call site (function_graph) does not tell where the caller begins */
	if (!n || (!f->n && (what & DM_WHAT_OTHER)))
		return dm_walk_missing(what & 0xffff);
	if (i == DRVMEM_SCRATCH_DEPTH && !DM_WALK_INNERMOST(walk))
		dm_stat(DRVMEM_STAT_STACK_TRUNCATED);
	return dm_walk_mods(walk, what & 0xffff, what & DM_WHAT_SELF);
}

__noinline __u64 drvmem_owners(struct bpf_raw_tracepoint_args *ctx, __u32 what, __u64 frame,
			       __u64 call_site, struct dm_frames *f)
{
	__u64 nth, walk;
	struct drvmem_ctl *ctl = dm_ctl_get();

	nth = what & DM_WHAT_OTHER ? dm_stat_shared(DRVMEM_STAT_WALKS_OTHER) :
		    what & DM_WHAT_CACHE ? dm_stat_own(DRVMEM_STAT_WALKS_CACHE) :
					   dm_stat_own(DRVMEM_STAT_WALKS);
	if (!ctl || !f)
		return 0;
	if (ctl->walker && dm_own_walk(ctx, ctl, nth, frame, call_site, f, &walk)) {
		if ((walk & DM_WALK_CUT) && !DM_WALK_INNERMOST(walk))
			dm_stat(DRVMEM_STAT_STACK_TRUNCATED);
		return dm_walk_mods(walk, what & 0xffff, what & DM_WHAT_SELF);
	}
	f->hash = f->n = 0;
	return drvmem_kernel_walk(ctx, what, call_site, f);
}
#else
__noinline __u64 drvmem_owners_510(struct bpf_raw_tracepoint_args *ctx, __u32 what, __u64 call_site)
{
	__u64 ip[DM_WALK_DEPTH_510] = {}, walk = 0;
	__u32 i, n, from_here = !(what & DM_WHAT_OTHER);
	long bytes;

	dm_stat(DRVMEM_STAT_WALKS);
	bytes = bpf_get_stack(ctx, ip, sizeof(ip), 0);
	if (bytes <= 0)
		return dm_walk_missing(what & 0xffff);
	n = (__u32)bytes / sizeof(__u64);
	for (i = 0; i < DM_WALK_DEPTH_510; i++) {
		if (i >= n || (walk & DM_WALK_END))
			break;
		if (ip[i] == call_site)
			from_here = 1;
		if (from_here)
			walk = drvmem_walk_frame(ip[i], walk);
	}
	if (!from_here)
		return dm_walk_missing(what & 0xffff);
	if (i == DM_WALK_DEPTH_510 && !DM_WALK_INNERMOST(walk))
		dm_stat(DRVMEM_STAT_STACK_TRUNCATED);
	return dm_walk_mods(walk, what & 0xffff, what & DM_WHAT_SELF);
}
#endif

__noinline __u64 DM_G(drvmem_caller)(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 caller;
	long bytes;
#if DM_CAS
	struct drvmem_scratch *s = dm_scratch_get();

	if (!s)
		return 0;
	bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
	caller = dm_caller_of(s->ip, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0);
	dm_scratch_put(s);
#else
	__u64 ip[DM_CALLER_DEPTH] = {};

	bytes = bpf_get_stack(ctx, ip, sizeof(ip), 0);
	caller = dm_caller_of(ip, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0);
#endif
	return caller;
}

#if DM_CAS
__noinline __u64 drvmem_asker_in(__u32 scratch, __u32 n, __u32 allocator)
{
	struct drvmem_scratch *s = bpf_map_lookup_elem(&dm_scratch, &scratch);

	return s ? dm_asker_in(s->ip, n, allocator) : DM_ASKED_BY_UNKNOWN;
}

static __always_inline __u64 dm_kernel_asker(struct bpf_raw_tracepoint_args *ctx, __u32 allocator)
{
	struct drvmem_scratch *s = dm_scratch_get();
	__u64 site;
	long bytes;

	if (!s)
		return DM_ASKED_BY_UNKNOWN;
	bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
	site = drvmem_asker_in(s->no, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0, allocator);
	dm_scratch_put(s);
	return site;
}

__noinline __u64 drvmem_rare_asker(struct bpf_raw_tracepoint_args *ctx, __u32 allocator)
{
	dm_stat(DRVMEM_STAT_WALKS_RARE);
	return dm_kernel_asker(ctx, allocator);
}

__noinline __u64 drvmem_asker(struct bpf_raw_tracepoint_args *ctx, __u64 frame, __u32 allocator)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u64 site = ctl->walker ? drvmem_fast_asker(frame, dm_number(ctx), allocator) : 0, kernels;
	__u64 nth = dm_stat_shared(DRVMEM_STAT_WALKS_OTHER);

	if (site && ctl->walker != DRVMEM_WALKER_VERIFY && (nth & 1023))
		return site;
	kernels = dm_kernel_asker(ctx, allocator);
	if (!site) {
		if (ctl->walker)
			dm_stat(DRVMEM_STAT_WALK_FALLBACK);
		return kernels;
	}
	/* a list that does not show the caller (function_graph) does not tell */
	dm_stat(kernels == DM_ASKED_BY_UNKNOWN ? DRVMEM_STAT_WALK_UNTOLD : DRVMEM_STAT_WALK_CHECKED);
	if (kernels == site || kernels == DM_ASKED_BY_UNKNOWN)
		return site;
	dm_stat(DRVMEM_STAT_WALK_MISMATCH);
	ctl->walker = DRVMEM_WALKER_KERNEL;
	return kernels;
}
#else
__noinline __u64 drvmem_asker_510(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 ip[DM_ASKER_DEPTH] = {};
	long bytes = bpf_get_stack(ctx, ip, sizeof(ip), 0);

	return dm_asker_in(ip, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0, DRVMEM_ALLOC_PAGE);
}
#endif

__noinline __u32 DM_G(drvmem_class_id)(__u64 cache, __u64 sizes, __u32 kind)
{
	struct dm_class_key k;

	dm_class_unpack(&k, cache, sizes, kind);
	return dm_class(&k);
}

__noinline __u32 DM_G(drvmem_site_find)(__u64 key)
{
	return dm_site_find(key);
}

__noinline __u32 DM_G(drvmem_site_new)(__u64 key, __u64 call_site, __u64 mods, __u64 what)
{
	return dm_site_new(key, call_site, mods, what);
}

/* What a sampled object stands for: by the rate of the epoch that it was sampled in. */
static __always_inline void dm_share_of(__u32 asked, __u32 epoch, struct dm_share *ret)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl)
		dm_share_sampled(asked, ctl->rate[epoch & (DRVMEM_EPOCHS - 1)], ret);
}

/* Bytes of the shared live counters: rounded once the same way when it comes and when it goes. */
static __always_inline __u64 dm_share_live(const struct dm_share *h)
{
	return (h->bytes + DRVMEM_BYTES_ONE / 2) / DRVMEM_BYTES_ONE;
}

__noinline int DM_G(drvmem_sampled)(__u32 site, __u32 asked, __u32 epoch)
{
	struct drvmem_site *s = bpf_map_lookup_elem(&dm_sites, &site);
	struct drvmem_site_cpu *c = dm_site_cpu_get(site, epoch);
	struct drvmem_module *m;
	__u64 size = dm_size_bucket(asked);
	struct dm_share h = {};

	if (!c || !s)
		return 0;
	m = dm_owner_of(s);
	dm_share_of(asked, epoch, &h);
	dm_add(&c->alloc_bytes, h.bytes);
	dm_add(&c->size[size], h.count);
	dm_add(&c->sampled_allocs, 1);
	dm_add(&c->alloc_var, h.count_var);
	dm_add(&c->alloc_bytes_var, h.bytes_var);
	dm_raise(&s->peak_bytes, dm_live_add(&s->live_bytes, dm_share_live(&h)));
	if (!s->mapping)
		dm_raise(&m->peak_bytes, dm_live_add(&m->live_bytes, dm_share_live(&h)));
	return 0;
}

__noinline int DM_G(drvmem_take)(__u32 which, __u32 asked, __u32 epoch)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	return dm_sample_take(dm_sampler_get(which % DRVMEM_SAMPLERS), asked, epoch,
			      ctl->rate[epoch % DRVMEM_EPOCHS]);
}

__noinline int DM_G(drvmem_end)(__u64 w1, __u64 w2, __u32 how)
{
	__u32 asked = DRVMEM_W1_ASKED(w1), site = DRVMEM_W1_SITE(w1);
	__u32 epoch = DRVMEM_W2_EPOCH(w2);
	struct drvmem_site *s = bpf_map_lookup_elem(&dm_sites, &site);
	struct drvmem_site_cpu *c = dm_site_cpu_get(site, epoch);
	__u64 life = dm_bucket_of((__u32)bpf_jiffies64() - DRVMEM_W2_WHEN(w2), DRVMEM_LIFE_BUCKETS);
	struct dm_share h = { .count = 1, .bytes = asked };
	__u64 live = asked;

	if (!c || !s)
		return 0;
	if (dm_is_sampled(epoch)) {
		dm_share_of(asked, epoch, &h);
		live = dm_share_live(&h);
	}
	if (how == DM_END_RCU_DONE) {
		/* really gone now: freed, or its address was handed out again */
		dm_add(&c->rcu_out, h.count);
		dm_add(&c->rcu_out_bytes, h.bytes);
		return 0;
	}
	if (dm_is_sampled(epoch)) {
		dm_add(&c->sampled_frees, 1);
		dm_add(&c->free_var, h.count_var);
		dm_add(&c->free_bytes_var, h.bytes_var);
	}
	dm_live_sub(s, live);
	if (how == s->freer) {
		dm_add_own(&c->life[life], h.count);
		dm_add_own(&c->free_bytes, h.bytes);
		return 0;
	}
	dm_add(&c->other_life[life], h.count);
	dm_add(&c->other_free_bytes, h.bytes);
	if (how == DM_END_INFERRED) {
		dm_add(&c->inferred, h.count);
	} else if (how == DM_END_RCU) {
		dm_add(&c->rcu_in, h.count);
		dm_add(&c->rcu_in_bytes, h.bytes);
	}
	return 0;
}

/* An entry gave way: its object is gone. */
static __always_inline void dm_displaced(const struct dm_slot *old)
{
	if (!old->w1)	/* its free is being accounted on another CPU */
		return;
	if (DRVMEM_W2_FLAGS(old->w2) & DRVMEM_F_RCU_PENDING) {
		dm_end(old->w1, old->w2, DM_END_RCU_DONE);
		return;
	}
	dm_stat(DRVMEM_STAT_INFERRED_FREE);
	dm_end(old->w1, old->w2, DM_END_INFERRED);
}

__noinline int DM_G(drvmem_reused)(__u64 addr)
{
	struct dm_slot old = {};

	if (dm_remove(addr, &old) == DM_FOUND) {
		dm_present_end(addr, old.w2);
		dm_displaced(&old);
	}
	return 0;
}

__noinline int DM_G(drvmem_store)(__u64 addr, __u64 w1, __u64 w2)
{
	struct dm_slot old = {};
	int r;

	/* then the insert finds no entry of this address, whose count would have to end */
	if (cfg.sampling || cfg.only)
		DM_G(drvmem_reused)(addr);
	dm_present_add(addr, DRVMEM_W2_EPOCH(w2), 1);
	r = dm_insert(addr, w1, w2, &old);
	if (r < 0)
		dm_present_end(addr, w2);
	else if (cfg.marks)
		drvmem_gen_made(w1, w2, 1, DRVMEM_W1_ASKED(w1));
	if (r == DM_FOUND)
		dm_displaced(&old);
	return r < 0 ? r : 0;
}

#if DM_CAS
/* The kernel's list of a stack, cut where dm_frames ends. */
static __always_inline void dm_keep_kernels(struct bpf_raw_tracepoint_args *ctx, __u64 call_site,
					    struct drvmem_stack *s)
{
	long bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
	__u32 i, n = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
	struct dm_frames f = {};
	__u64 walk = 0;

	for (i = 0; i < DRVMEM_STACK_DEPTH; i++) {
		if (i >= n || f.n == DM_FRAMES_HASHED || (f.n && (walk & DM_WALK_END)))
			break;
		drvmem_frame_add(&f, s->ip[i], call_site, DM_FRAMES_HASHED);
		if (f.n)
			walk = drvmem_walk_frame(s->ip[i], walk);
	}
	s->nr = i;
}

static __always_inline struct drvmem_stack *dm_stack_claim(__u32 site)
{
	struct drvmem_stack *s = bpf_map_lookup_elem(&dm_stacks, &site);

	if (!s || __sync_val_compare_and_swap(&s->key, 0, 1))
		return NULL;
	s->site = site;
	s->count = 1;
	return s;
}

__noinline int drvmem_stack_keep_rare(struct bpf_raw_tracepoint_args *ctx, __u64 call_site, __u32 site)
{
	struct drvmem_stack *s = dm_stack_claim(site);

	if (!s)
		return 0;
	dm_keep_kernels(ctx, call_site, s);
	*(volatile __u32 *)&s->ready = 1;
	return 0;
}

/* The stack of a site, once: by our walk from where the program stands, or the kernel's list. */
__noinline int drvmem_stack_keep(struct bpf_raw_tracepoint_args *ctx, __u64 frame, __u64 call_site,
				 __u32 site)
{
	struct dm_frames f = { .keep = (__u64)site + 1 };
	struct drvmem_stack *s = dm_stack_claim(site);
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (!s)
		return 0;
	if (!ctl->walker || !drvmem_fast_walk(frame, dm_number(ctx), call_site, &f))
		dm_keep_kernels(ctx, call_site, s);
	*(volatile __u32 *)&s->ready = 1;
	return 0;
}
#endif

__noinline int DM_G(drvmem_sample)(struct bpf_raw_tracepoint_args *ctx, __u32 site)
{
	return dm_stack_sample(ctx, site);
}

#endif /* DRVMEM_TRACK_IMPL_BPF_H */
