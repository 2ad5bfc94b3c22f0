/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The percpu allocator (mm/percpu.c:pcpu_alloc, free_percpu): an object is its size on every
 * possible CPU. What its chunks take beyond that is the kernel's. Both events fire while the
 * area is nobody else's: after the allocation, under the lock that gives it back.
 */
#ifndef DRVMEM_PERCPU_BPF_H
#define DRVMEM_PERCPU_BPF_H

#include "track.bpf.h"

/* ptr 0: the allocation failed. size: on one CPU, rounded up by the allocator to 4 bytes. */
static __always_inline int dm_percpu_event(struct bpf_raw_tracepoint_args *ctx, __u64 call_site,
					   __u64 ptr, __u64 size, __u64 frame)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u64 bytes = size * cfg.nr_cpus;
	struct dm_alloc a = {
		.call_site = call_site,
		.addr = ptr ? DRVMEM_ADDR_PERCPU(ptr) : 0,
		.asked = bytes > 0xffffffffULL ? 0xffffffffU : bytes,
		.kind = DRVMEM_CLASS_PERCPU,
		.allocator = DRVMEM_ALLOC_PERCPU,
		.gated = 1,
		.frame = frame,
	};

	if (!ctl || !ctl->active)
		return 0;
	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		if (dm_pass_alloc(gate, DRVMEM_SAMPLER_PERCPU, a.addr, a.asked))
			return 0;
		a.epoch = dm_epoch(gate);
	}
	/* the macros call pcpu_alloc itself or by a function of the allocator, as it was compiled */
	if (!a.call_site ||
	    DM_RANGE_KIND(drvmem_range_at(a.call_site - 1)) == DRVMEM_RANGE_ALLOCATOR)
		a.call_site = DM_G(drvmem_caller)(ctx) ?: a.call_site;
	dm_track_alloc(ctx, ctl, &a);
	return 0;
}

/* (base_addr, off, ptr) */
static __always_inline int dm_percpu_end(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl && ctl->active)
		dm_track_free(ctl, DRVMEM_ADDR_PERCPU(DM_CTX(ctx, 2)), DM_END_FREE);
	return 0;
}

#endif /* DRVMEM_PERCPU_BPF_H */
