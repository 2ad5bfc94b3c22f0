/* SPDX-License-Identifier: GPL-2.0 */
/* The global functions of track.bpf.h, for the one object of each table form. */
#ifndef DRVMEM_TRACK_IMPL_BPF_H
#define DRVMEM_TRACK_IMPL_BPF_H

#include "track.bpf.h"

#if DM_CAS
/* By our own walk; 1. What it does not know, or 1 in 1024 to compare, the kernel's unwinder walks. */
static __always_inline int dm_own_walk(struct bpf_raw_tracepoint_args *ctx, struct drvmem_ctl *ctl,
				       __u64 nth, __u64 frame, __u64 call_site, __u64 *walk)
{
	struct dm_frames f = {};

	*walk = drvmem_fast_walk(frame, dm_number(ctx), call_site, &f);
	if (!*walk) {
		dm_stat(DRVMEM_STAT_WALK_FALLBACK);
		return 0;
	}
	if (ctl->walker != DRVMEM_WALKER_VERIFY && (nth & 1023))
		return 1;
	dm_stat(DRVMEM_STAT_WALK_CHECKED);
	if (drvmem_walk_check(ctx, call_site, *walk, f.hash, f.n))
		return 1;
	dm_stat(DRVMEM_STAT_WALK_MISMATCH);
	ctl->walker = DRVMEM_WALKER_KERNEL;
	return 0;
}

/* Apart from its caller: 6.1 adds up the stack of all functions on the way. */
__noinline __u64 drvmem_kernel_walk(struct bpf_raw_tracepoint_args *ctx, __u32 what)
{
	return dm_kernel_walk(ctx, what & 0xffff, what >> 16);
}

__noinline __u64 drvmem_owners(struct bpf_raw_tracepoint_args *ctx, __u32 what, __u64 frame,
			       __u64 call_site)
{
	__u64 nth = dm_stat_next(DRVMEM_STAT_WALKS), walk;
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (!ctl)
		return 0;
	if (ctl->walker && dm_own_walk(ctx, ctl, nth, frame, call_site, &walk)) {
		if ((walk & DM_WALK_CUT) && !DM_WALK_INNERMOST(walk))
			dm_stat(DRVMEM_STAT_STACK_TRUNCATED);
		return dm_walk_mods(walk, what & 0xffff, what >> 16);
	}
	return drvmem_kernel_walk(ctx, what);
}
#else
__noinline __u64 drvmem_owners_510(struct bpf_raw_tracepoint_args *ctx, __u32 what)
{
	dm_stat(DRVMEM_STAT_WALKS);
	return dm_kernel_walk(ctx, what & 0xffff, what >> 16);
}
#endif

__noinline __u32 DM_G(drvmem_class_id)(__u64 cache, __u64 sizes, __u32 kind)
{
	struct dm_class_key k;

	dm_class_unpack(&k, cache, sizes, kind);
	return dm_class(&k);
}

__noinline __u32 DM_G(drvmem_site_id)(__u64 call_site, __u64 mods, __u64 cache, __u64 sizes,
				      __u32 what)
{
	struct dm_class_key k;

	dm_class_unpack(&k, cache, sizes, what);
	return dm_site(call_site, mods, &k, what >> 8);
}

__noinline int DM_G(drvmem_end)(__u64 w1, __u64 w2, __u32 how)
{
	__u32 asked = DRVMEM_W1_ASKED(w1), site = DRVMEM_W1_SITE(w1);
	struct drvmem_site *s = bpf_map_lookup_elem(&dm_sites, &site);
	struct drvmem_site_cpu *c = dm_site_cpu_get(site);
	__u32 life = dm_fls((__u32)bpf_jiffies64() - DRVMEM_W2_WHEN(w2));

	if (!c || !s)
		return 0;
	if (how == DM_END_RCU_DONE) {
		/* really gone now: freed, or its address was handed out again */
		dm_add(&c->rcu_out, 1);
		dm_add(&c->rcu_out_bytes, asked);
		return 0;
	}
	if (life >= DRVMEM_LIFE_BUCKETS)
		life = DRVMEM_LIFE_BUCKETS - 1;
	if (how == s->freer) {
		dm_add_own(&c->life[life], 1);
		dm_add_own(&c->free_bytes, asked);
		dm_live_sub(s, asked);
		return 0;
	}
	dm_add(&c->other_life[life], 1);
	dm_add(&c->other_free_bytes, asked);
	if (how == DM_END_INFERRED) {
		dm_add(&c->inferred, 1);
	} else if (how == DM_END_RCU) {
		dm_add(&c->rcu_in, 1);
		dm_add(&c->rcu_in_bytes, asked);
	}
	dm_live_sub(s, asked);
	return 0;
}

__noinline int DM_G(drvmem_store)(__u64 addr, __u64 w1, __u64 w2)
{
	struct dm_slot old = {};
	int r = dm_insert(addr, w1, w2, &old);

	if (r != DM_FOUND || !old.w1)	/* no w1: its free is being accounted on another CPU */
		return r < 0 ? r : 0;
	if (DRVMEM_W2_FLAGS(old.w2) & DRVMEM_F_RCU_PENDING) {
		DM_G(drvmem_end)(old.w1, old.w2, DM_END_RCU_DONE);
		return 0;
	}
	dm_stat(DRVMEM_STAT_INFERRED_FREE);
	DM_G(drvmem_end)(old.w1, old.w2, DM_END_INFERRED);
	return 0;
}

__noinline int DM_G(drvmem_sample)(struct bpf_raw_tracepoint_args *ctx, __u32 site)
{
	return dm_stack_sample(ctx, site);
}

#endif /* DRVMEM_TRACK_IMPL_BPF_H */
