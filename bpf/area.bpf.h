/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Areas: what the percpu allocator and vmalloc hand out. Rare beside slab's objects, and their
 * events do not all tell who asked.
 *
 * percpu (mm/percpu.c: pcpu_alloc, free_percpu): an object is its size on every possible CPU.
 * What its chunks take beyond that is the kernel's. Both events fire while the area is nobody
 * else's: after the allocation, under the lock that gives it back.
 *
 * vmalloc (mm/vmalloc.c: alloc_vmap_area): an object is its pages. The event is that of every
 * area of the address space; those that vmap, ioremap and the like make are mappings of memory
 * that is counted elsewhere, and told apart by the functions on the stack.
 */
#ifndef DRVMEM_AREA_BPF_H
#define DRVMEM_AREA_BPF_H

#include "track.bpf.h"

static __always_inline int dm_area_alloc(struct bpf_raw_tracepoint_args *ctx, struct dm_alloc *a,
					 __u64 bytes, __u32 sampler)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	a->asked = bytes > 0xffffffffULL ? 0xffffffffU : bytes;
	a->gated = 1;
	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		if (dm_pass_alloc(gate, sampler, a->addr, a->asked))
			return 0;
		a->epoch = dm_epoch(gate);
	}
	dm_track_alloc(ctx, ctl, a);
	return 0;
}

/* ptr 0: the allocation failed. size: on one CPU, rounded up by the allocator to 4 bytes. */
static __always_inline int dm_percpu_event(struct bpf_raw_tracepoint_args *ctx, __u64 call_site,
					   __u64 ptr, __u64 size, __u64 frame)
{
	struct dm_alloc a = {
		.call_site = call_site,
		.addr = ptr ? DRVMEM_ADDR_PERCPU(ptr) : 0,
		.kind = DRVMEM_CLASS_PERCPU,
		.allocator = DRVMEM_ALLOC_PERCPU,
		.frame = frame,
	};
	__u64 caller;

	if (!dm_ctl_get()->active)
		return 0;
	/* the macros call pcpu_alloc itself or by a function of the allocator, as it was compiled */
	if (!a.call_site ||
	    DM_RANGE_KIND(drvmem_range_at(a.call_site - 1)) == DRVMEM_RANGE_ALLOCATOR) {
		caller = DM_G(drvmem_caller)(ctx);
		if (caller)
			a.call_site = DM_CALLER_IP(caller);
	}
	return dm_area_alloc(ctx, &a, size * cfg.nr_cpus, DRVMEM_SAMPLER_PERCPU);
}

/* (base_addr, off, ptr) */
static __always_inline int dm_percpu_end(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl->active)
		dm_track_free(ctl, DRVMEM_ADDR_PERCPU(DM_CTX(ctx, 2)), DM_END_FREE);
	return 0;
}

/* size: of the area, the guard page behind it included. */
static __always_inline int dm_vmalloc_event(struct bpf_raw_tracepoint_args *ctx, __u64 addr,
					    __u64 size, __u64 frame)
{
	__u64 page = 1ULL << cfg.page_shift, caller;
	struct dm_alloc a = {
		.addr = addr,
		.kind = DRVMEM_CLASS_VMALLOC,
		.allocator = DRVMEM_ALLOC_VMALLOC,
		.frame = frame,
	};

	if (!dm_ctl_get()->active)
		return 0;
	caller = DM_G(drvmem_caller)(ctx);
	if (!caller || !DM_CALLER_IS_VMALLOC(caller))
		return 0;
	a.call_site = DM_CALLER_IP(caller);
	return dm_area_alloc(ctx, &a, size > page ? size - page : size, DRVMEM_SAMPLER_VMALLOC);
}

/* A mapping that was let pass is not in the table: no unmatched free. */
static __always_inline int dm_vmalloc_end(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl->active)
		dm_track_free(ctl, addr, DM_END_AREA);
	return 0;
}

#endif /* DRVMEM_AREA_BPF_H */
