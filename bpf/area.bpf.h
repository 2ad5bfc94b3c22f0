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
 * area of the address space; those that vmap and ioremap make are mappings of memory that is
 * counted elsewhere, or of none, and told apart by the functions on the stack; others (percpu
 * chunks, what is mapped by hand) are let pass.
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
					   __u64 ptr, __u64 size, int rare)
{
	struct dm_alloc a = {
		.call_site = call_site,
		.addr = ptr ? DRVMEM_ADDR_PERCPU(ptr) : 0,
		.kind = DRVMEM_CLASS_PERCPU,
		.allocator = DRVMEM_ALLOC_PERCPU,
		.rare = rare,
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

/* what: enum dm_called. */
static __always_inline void dm_area_is(struct dm_alloc *a, __u32 what)
{
	if (what == DM_CALLED_VMALLOC) {
		a->kind = DRVMEM_CLASS_VMALLOC;
		a->allocator = DRVMEM_ALLOC_VMALLOC;
	} else {
		a->kind = what == DM_CALLED_VMAP ? DRVMEM_CLASS_VMAP : DRVMEM_CLASS_IOREMAP;
		a->allocator = what == DM_CALLED_VMAP ? DRVMEM_MAP_VMAP : DRVMEM_MAP_IOREMAP;
	}
}

/* size: of the area, the guard page behind it included. */
static __always_inline int dm_vmalloc_event(struct bpf_raw_tracepoint_args *ctx, __u64 addr,
					    __u64 size)
{
	__u64 page = 1ULL << cfg.page_shift, caller;
	struct dm_alloc a = {
		.addr = addr,
		.rare = 1,	/* the unwinder is asked for the caller anyway */
	};

	if (!dm_ctl_get()->active)
		return 0;
	caller = DM_G(drvmem_caller)(ctx);
	if (!caller || !DM_CALLER_WHAT(caller))
		return 0;
	dm_area_is(&a, DM_CALLER_WHAT(caller));
	a.call_site = DM_CALLER_IP(caller);
	return dm_area_alloc(ctx, &a, size > page ? size - page : size, DRVMEM_SAMPLER_VMALLOC);
}

/* Owners of a stack of n frames, from the call site outward; as drvmem_owners_510. */
static __always_inline __u64 dm_mods_in(const __u64 *ip, __u32 n, __u32 depth, __u64 call_site)
{
	__u32 r = drvmem_range_at(call_site - 1), from_here = 0, i;
	__u16 direct = dm_is_module(r) ? DM_RANGE_MODULE(r) : DRVMEM_MOD_KERNEL;
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u32 self = dm_in_self(ctl);
	__u64 walk = 0;

	if (!self && !ctl->nr_modules)
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < depth; i++) {
		if (i >= n || (walk & DM_WALK_END))
			break;
		if (ip[i] == call_site)
			from_here = 1;
		if (from_here)
			walk = drvmem_walk_frame(ip[i], walk);
	}
	if (i == depth && !DM_WALK_INNERMOST(walk))
		dm_stat(DRVMEM_STAT_STACK_TRUNCATED);
	return dm_walk_mods(walk, direct, self);
}

struct dm_asked {
	__u64 call_site;	/* 0: of no known kind, or not found */
	__u64 mods;
	__u32 what;
};

static __always_inline void dm_vmalloc_asked(const __u64 *ip, __u32 n, __u32 depth, struct dm_asked *ret)
{
	__u64 caller = dm_caller_of(ip, n);

	if (!caller || !DM_CALLER_WHAT(caller))
		return;
	ret->what = DM_CALLER_WHAT(caller);
	ret->call_site = DM_CALLER_IP(caller);
	ret->mods = dm_mods_in(ip, n, depth, ret->call_site);
}

#if DM_CAS
/* The same of a stack in dm_scratch, to whose beginning it goes (area_impl.bpf.h); 0. */
int drvmem_vmalloc_asked(__u32 scratch, __u32 n);
#endif

/*
 * The same from the function's return, where there is no event for it: fexit alloc_vmap_area
 * (size, align, vstart, vend, node, gfp). Global functions do not take the context of an fexit
 * program (5.10) or have no room for it (6.1): all that needs it is here.
 */
static __always_inline void dm_vmalloc_asker(__u64 *ctx, struct dm_asked *ret)
{
	long bytes;
#if DM_CAS
	struct drvmem_scratch *s = dm_scratch_get();

	if (!s) {
		dm_stat(DRVMEM_STAT_STACK_MISSING);
		return;
	}
	bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
	drvmem_vmalloc_asked(s->no, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0);
	*ret = *(struct dm_asked *)s->ip;
	dm_scratch_put(s);
#else
	__u64 ip[DM_WALK_DEPTH_510] = {};

	bytes = bpf_get_stack(ctx, ip, sizeof(ip), 0);
	dm_vmalloc_asked(ip, bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0, DM_WALK_DEPTH_510, ret);
#endif
	if (bytes <= 0)
		dm_stat(DRVMEM_STAT_STACK_MISSING);
}

static __always_inline int dm_vmalloc_exit_event(__u64 *ctx)
{
	__u64 size = dm_arg(ctx, 0), va = dm_arg(ctx, 6), page = 1ULL << cfg.page_shift, addr = 0;
	struct dm_asked by = {};
	struct dm_alloc a;

	/* an ERR_PTR: tried again, or told as a failure of the caller's */
	if (!dm_ctl_get()->active || va >= (__u64)-4095)
		return 0;
	dm_vmalloc_asker(ctx, &by);
	if (!by.call_site)
		return 0;
	bpf_probe_read_kernel(&addr, sizeof(addr), &((struct vmap_area *)(long)va)->va_start);
	/* its address goes nowhere: what is known of it when compiled leaves out the calls that take ctx */
	a = (struct dm_alloc){
		.addr = addr,
		.call_site = by.call_site,
		.mods = by.mods,
		.owned = 1,
		.stackless = 1,
	};
	dm_area_is(&a, by.what);
	return dm_area_alloc(NULL, &a, size > page ? size - page : size, DRVMEM_SAMPLER_VMALLOC);
}

/* An area that was let pass is not in the table: no unmatched free. */
static __always_inline int dm_vmalloc_end(__u64 addr)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl->active)
		dm_track_free(ctl, addr, DM_END_AREA);
	return 0;
}

#endif /* DRVMEM_AREA_BPF_H */
