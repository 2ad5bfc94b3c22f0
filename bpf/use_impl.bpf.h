/* SPDX-License-Identifier: GPL-2.0 */
/* The global functions of use.bpf.h, for the one object of each table form. */
#ifndef DRVMEM_USE_IMPL_BPF_H
#define DRVMEM_USE_IMPL_BPF_H

#include "track.bpf.h"

#define DM_PF_KTHREAD	0x00200000u	/* include/linux/sched.h: PF_KTHREAD */

/*
 * The counts of a size: one more, allocated (1) or resized (2), or one less (-1). 0: there is no place for
 * it. By a function of its own, for its stack.
 */
__noinline int DM_G(drvmem_use_size)(__u64 key, int made)
{
	struct drvmem_sized *s = bpf_map_lookup_elem(&dm_sizes, &key), zero = {};

	if (!s) {
		if (made <= 0)
			return 0;
		bpf_map_update_elem(&dm_sizes, &key, &zero, BPF_NOEXIST);
		s = bpf_map_lookup_elem(&dm_sizes, &key);
	}
	if (!s)
		return 0;
	if (made < 0) {
		dm_add(&s->live, -1);
		return 1;
	}
	if (made == 1)
		dm_add(&s->allocs, 1);
	dm_raise(&s->peak, dm_live_add(&s->live, 1));
	return 1;
}

/* What comes right after what; frees: 0 or 1. */
__noinline int DM_G(drvmem_use_pair)(__u32 site, __u32 frees)
{
	struct drvmem_use *u = bpf_map_lookup_elem(&dm_uses, &site);
	__u32 cpu = bpf_get_smp_processor_id(), now = bpf_jiffies64();
	struct drvmem_use_last *l = bpf_map_lookup_elem(&dm_use_lasts, &cpu);
	__u64 inv_task = ~bpf_get_current_task(), key, one = 1, *n;

	if (!u || !l || (l->looked >= DRVMEM_PAIR_ALL && (now * 0x9e3779b1u >> 16) % DRVMEM_PAIR_JIFFIES))
		return 0;
	l->looked++;
	frees &= 1;
	dm_add(&u->paired[frees], 1);
	key = DRVMEM_PAIR_KEY(frees, l->site[frees], site);
	if (l->inv_task[frees] != inv_task || l->jiffies[frees] != now)
		key = 0;
	l->inv_task[frees] = inv_task;
	l->jiffies[frees] = now;
	l->site[frees] = site;
	if (!key)
		return 0;
	n = bpf_map_lookup_elem(&dm_pairs, &key);
	if (n)
		dm_add(n, 1);
	else
		bpf_map_update_elem(&dm_pairs, &key, &one, BPF_NOEXIST);
	return 0;
}

/* How often the addresses of a site's mappings come again. */
__noinline int DM_G(drvmem_use_remap)(__u32 site, __u64 addr)
{
	struct drvmem_use *u = bpf_map_lookup_elem(&dm_uses, &site);
	__u64 key = (addr ^ site) * 0x9e3779b97f4a7c15ULL, one = 1, *n;

	if (!u || (u->remaps_new >= DRVMEM_REMAP_ALL &&
		   (addr * 0x9e3779b97f4a7c15ULL >> 40) % DRVMEM_REMAP_ONE_OF))
		return 0;
	n = bpf_map_lookup_elem(&dm_remaps, &key);
	if (n)
		dm_add(&u->remaps_again, 1);
	else if (bpf_map_update_elem(&dm_remaps, &key, &one, BPF_NOEXIST))
		dm_add(&u->remaps_full, 1);
	else
		dm_add(&u->remaps_new, 1);
	return 0;
}

/* May it wait, and for whom is it. */
__noinline int DM_G(drvmem_use_asked)(__u32 site, __u32 gfp)
{
	struct drvmem_use *u = bpf_map_lookup_elem(&dm_uses, &site);
	struct task_struct *task;
	__u32 flags = 0;

	if (!u)
		return 0;
	if (!(gfp & cfg.gfp_reclaim)) {
		dm_add(&u->atomic, 1);
		return 0;
	}
	dm_add(&u->waited, 1);
	/* what may wait is no interrupt's: it is the current task's */
	task = (struct task_struct *)(long)bpf_get_current_task();
	bpf_probe_read_kernel(&flags, sizeof(flags), &task->flags);
	if (!(flags & DM_PF_KTHREAD) && !(gfp & cfg.gfp_account))
		dm_add(&u->by_user, 1);
	return 0;
}

__noinline int DM_G(drvmem_use_made)(__u64 w1, __u64 addr, __u32 gfp)
{
	__u32 site = DRVMEM_W1_SITE(w1);
	struct drvmem_use *u = bpf_map_lookup_elem(&dm_uses, &site);
	__s64 live;

	if (!u)
		return 0;
	live = dm_live_add(&u->live, 1);
	dm_raise(&u->peak, live);
	dm_raise(&u->lap_peak[*(volatile __u32 *)&dm_ctl_get()->lap & 1], live);
	if (!DM_G(drvmem_use_size)(DRVMEM_SIZE_KEY(site, DRVMEM_W1_ASKED(w1)), 1))
		dm_add(&u->unsized, 1);
	if (gfp & DM_GFP_KNOWN)
		DM_G(drvmem_use_asked)(site, gfp);
	DM_G(drvmem_use_pair)(site, 0);
	/* the key of a mapping, whichever of those of its address it is */
	if (addr >> 60 == DRVMEM_ADDR_MAPPED(0, 0) >> 60)
		DM_G(drvmem_use_remap)(site, addr & (((__u64)1 << 57) - 1));
	return 0;
}

__noinline int DM_G(drvmem_use_end)(__u64 w1)
{
	__u32 site = DRVMEM_W1_SITE(w1);
	struct drvmem_use *u = bpf_map_lookup_elem(&dm_uses, &site);

	if (!u)
		return 0;
	dm_add(&u->live, -1);
	DM_G(drvmem_use_size)(DRVMEM_SIZE_KEY(site, DRVMEM_W1_ASKED(w1)), -1);
	DM_G(drvmem_use_pair)(site, 1);
	return 0;
}

__noinline int DM_G(drvmem_use_resized)(__u64 w1, __u32 bytes)
{
	__u32 site = DRVMEM_W1_SITE(w1);
	struct drvmem_use *u = bpf_map_lookup_elem(&dm_uses, &site);

	DM_G(drvmem_use_size)(DRVMEM_SIZE_KEY(site, DRVMEM_W1_ASKED(w1)), -1);
	if (!DM_G(drvmem_use_size)(DRVMEM_SIZE_KEY(site, bytes), 2) && u)
		dm_add(&u->unsized, 1);
	return 0;
}

__noinline int DM_G(drvmem_use_failed)(__u32 site, __u32 gfp)
{
	struct drvmem_use *u = bpf_map_lookup_elem(&dm_uses, &site);

	if (u && (gfp & DM_GFP_KNOWN) && !(gfp & cfg.gfp_reclaim))
		dm_add(&u->failed_atomic, 1);
	return 0;
}

#endif /* DRVMEM_USE_IMPL_BPF_H */
