/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What slab does without an event, by its functions.
 *
 * kmem_cache_alloc_bulk (mm/slub.c): each object is one of the cache, of whoever called. What the
 * network core takes so goes to a per-CPU cache that all drivers' socket buffers come from: the
 * kernel's.
 *
 * krealloc in place: the object stays in its slot or pages, and only what is asked for changes.
 * One that moves has the events of a new object and of the end of the old one.
 *
 * vrealloc to fewer pages: the area keeps its address, the pages behind the new end go back.
 */
#ifndef DRVMEM_UNSEEN_BPF_H
#define DRVMEM_UNSEEN_BPF_H

#include "area.bpf.h"

/* No two programs of a kernel draw from the same. */
#define DM_SAMPLER_BULK	(DM_CAS ? DRVMEM_SAMPLER_CACHE_NODE : DRVMEM_SAMPLER_DMA)

/* One object of a bulk allocation, or its failure (addr 0). sizes: held << 32 | object_size. */
__noinline int DM_G(drvmem_bulk_one)(__u64 addr, __u64 cache, __u64 sizes, __u64 call_site, __u64 mods)
{
	struct dm_alloc a = {
		.call_site = call_site,
		.addr = addr,
		.cache = cache,
		.asked = (__u32)sizes,
		.held = sizes >> 32,
		.object_size = (__u32)sizes,
		.kind = DRVMEM_CLASS_CACHE,
		.allocator = DRVMEM_ALLOC_SLAB,
		.gated = 1,
		.owned = 1,
		.stackless = 1,
		.mods = mods,
	};

	if (cfg.sampling || cfg.only) {
		__u32 gate = dm_gate();

		if (dm_pass_alloc(gate, DM_SAMPLER_BULK, addr, a.asked))
			return 0;
		a.epoch = dm_epoch(gate);
	}
	dm_track_alloc(NULL, dm_ctl_get(), &a);
	return 0;
}

static __always_inline __u64 dm_bulk_sizes(__u64 cache)
{
	struct dm_cache_sizes z = dm_cache_read((struct kmem_cache *)(long)cache);

	return (__u64)z.size << 32 | z.object_size;
}

/* Objects of a bulk allocation that a call handles: as in module.bpf.c. */
#define DM_BULK_STRIDE 16

/* The first of the n objects at this place of the array. */
__noinline int DM_G(drvmem_bulk_stride)(__u64 at, __u64 n, __u64 cache, __u64 call_site, __u64 mods)
{
	__u64 sizes = dm_bulk_sizes(cache), addr;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_BULK_STRIDE; i++) {
		if (i >= n)
			break;
		addr = 0;
		bpf_probe_read_kernel(&addr, sizeof(addr), (void *)(long)(at + i * 8ULL));
		if (addr)
			DM_G(drvmem_bulk_one)(addr, cache, sizes, call_site, mods);
	}
	return 0;
}

/*
 * The first frame beyond kmem_cache_alloc_bulk, which need not be on the stack: from 25e4e3565d45
 * "ftrace: Introduce FTRACE_OPS_FL_JMP", 6.19, on a jump leads to the trampoline. 0: not found.
 */
static __always_inline __u64 dm_bulk_caller(const __u64 *ip, __u32 n)
{
	__u32 i, r;

	for (i = 0; i < DM_CALLER_DEPTH; i++) {
		if (i >= n)
			return 0;
		r = drvmem_range_at(ip[i] - 1);
		if (DM_RANGE_KIND(r) != DRVMEM_RANGE_ALLOCATOR && dm_is_text(ip[i] - 1, r))
			return ip[i];
	}
	return 0;
}

static __always_inline int dm_is_shared(__u64 call_site)
{
	return DM_RANGE_KIND(drvmem_range_at(call_site - 1)) == DRVMEM_RANGE_SHARED;
}

#if DM_CAS
/* Global functions, each loop verified once. */
__noinline __u64 drvmem_stack_bulk(const struct drvmem_scratch *s, __u32 n)
{
	return s ? dm_bulk_caller(s->ip, n) : 0;
}

__noinline __u64 drvmem_stack_mods(const struct drvmem_scratch *s, __u32 n, __u64 call_site)
{
	return s ? dm_mods_in(s->ip, n, DRVMEM_SCRATCH_DEPTH, call_site) : 0;
}

/* In the program itself, as dm_vmalloc_asker(). */
static __always_inline void dm_bulk_asker(__u64 *ctx, struct dm_asked *ret)
{
	struct drvmem_scratch *s = dm_scratch_get();
	long bytes;
	__u32 n;

	if (s) {
		bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
		n = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
		ret->call_site = drvmem_stack_bulk(s, n);
		if (ret->call_site && !dm_is_shared(ret->call_site))
			ret->mods = drvmem_stack_mods(s, n, ret->call_site);
		dm_scratch_put(s);
	}
	if (!ret->call_site)
		ret->mods = dm_walk_missing(DRVMEM_MOD_KERNEL);
}
#else
/* Not inlined: what tracks the objects has no room beside these frames. */
static __noinline int dm_bulk_asker(__u64 *ctx, struct dm_asked *ret)
{
	__u64 ip[DM_WALK_DEPTH_510] = {};
	long bytes = bpf_get_stack(ctx, ip, sizeof(ip), 0);
	__u32 n = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;

	ret->call_site = dm_bulk_caller(ip, n);
	if (!ret->call_site)
		ret->mods = dm_walk_missing(DRVMEM_MOD_KERNEL);
	else if (!dm_is_shared(ret->call_site))
		ret->mods = dm_mods_in(ip, n, DM_WALK_DEPTH_510, ret->call_site);
	return 0;
}
#endif

/* kmem_cache_alloc_bulk(s, gfp, n, p): all n or none. What it returns: n up to 6.x, then true. */
static __always_inline int dm_bulk_alloc_event(__u64 *ctx)
{
	__u64 s = dm_arg(ctx, 0), n = dm_arg(ctx, 2), p = dm_arg(ctx, 3), got = dm_arg(ctx, 4);
	struct dm_asked by = {};
	__u32 i;

	if (!dm_ctl_get()->active || !n)
		return 0;
	if (!dm_nobody_wanted())
		dm_bulk_asker(ctx, &by);
	/* the ways to here end here: what follows is looked at once */
	by.call_site = dm_untold(by.call_site);
	by.mods = dm_untold(by.mods);
	if (!(cfg.bulk_bool ? got & 0xff : (__u32)got))
		return DM_G(drvmem_bulk_one)(0, s, dm_bulk_sizes(s), by.call_site, by.mods);
#pragma clang loop unroll(disable)
	for (i = 0; i < DRVMEM_MAX_BULK; i += DM_BULK_STRIDE) {
		if (i >= n)
			return 0;
		DM_G(drvmem_bulk_stride)(p + i * 8ULL, n - i, s, by.call_site, by.mods);
	}
	if (n > DRVMEM_MAX_BULK)
		dm_stat_n(DRVMEM_STAT_BULK_TRUNCATED, n - DRVMEM_MAX_BULK);
	return 0;
}

/* Another size of an object that stays. What it gives back counts as freed by another than usual. */
__noinline int DM_G(drvmem_resized)(__u64 addr, __u32 asked)
{
	struct drvmem_site_cpu *c;
	struct dm_slot old = {};
	struct drvmem_module *m;
	struct drvmem_site *s;
	__u32 site, was;

	if (dm_resize(addr, asked, &old) != DM_FOUND)
		return 0;
	was = DRVMEM_W1_ASKED(old.w1);
	site = DRVMEM_W1_SITE(old.w1);
	s = bpf_map_lookup_elem(&dm_sites, &site);
	c = dm_site_cpu_get(site, DRVMEM_W2_EPOCH(old.w2));
	if (!c || !s)
		return 0;
	m = dm_owner_of(s);
	if (cfg.use)
		DM_G(drvmem_use_resized)(old.w1, asked);
	if (asked <= was) {
		dm_live_sub(s, was - asked);
		dm_add(&c->other_free_bytes, was - asked);
		if (cfg.marks)
			drvmem_gen_end(old.w1, old.w2, 0, was - asked);
		return 0;
	}
	dm_add(&c->grown_bytes, asked - was);
	if (cfg.marks)
		drvmem_gen_made(old.w1, old.w2, 0, asked - was);
	dm_raise(&s->peak_bytes, dm_live_add(&s->live_bytes, asked - was));
	dm_raise(&m->peak_bytes, dm_live_add(&m->live_bytes, asked - was));
	return 0;
}

/*
 * krealloc(p, size, ...), by fentry: behind fexit the function would find the trampoline for its
 * caller, and tell it as the call site of an object that moves. One stays when its slot or its pages
 * have room (__do_krealloc: ksize); should it move all the same, its end comes with the size set here.
 */
static __always_inline int dm_krealloc_event(__u64 *ctx)
{
	__u64 p = dm_arg(ctx, 0), asked = dm_arg(ctx, 1);
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct drvmem_class *class_;
	struct dm_slot old = {};
	__u32 id;

	if (!ctl->active || p <= 16 || !asked || dm_is_untracked(ctl->gate, p) ||
	    dm_mark(p, 0, &old) != DM_FOUND)
		return 0;
	id = DRVMEM_W2_CLASS(old.w2);
	class_ = bpf_map_lookup_elem(&dm_classes, &id);
	if (!class_ || asked > class_->held)
		return 0;
	return DM_G(drvmem_resized)(p, asked);
}

/*
 * vm_area_free_pages(vm, start, end) (mm/vmalloc.c): an area keeps its pages below start. From 0 on it
 * is vfree's: the area has ended before, its address may be another's.
 */
static __always_inline int dm_vrealloc_event(__u64 *ctx)
{
	struct vm_struct *vm = (struct vm_struct *)(long)dm_arg(ctx, 0);
	__u64 keeps = (__u64)(__u32)dm_arg(ctx, 1) << cfg.page_shift;
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct dm_slot old = {};
	void *addr = NULL;

	if (!ctl->active || !keeps)
		return 0;
	bpf_probe_read_kernel(&addr, sizeof(addr), &vm->addr);
	if (!addr || dm_is_untracked(ctl->gate, (__u64)(long)addr) ||
	    dm_mark((__u64)(long)addr, 0, &old) != DM_FOUND || keeps >= DRVMEM_W1_ASKED(old.w1))
		return 0;
	return DM_G(drvmem_resized)((__u64)(long)addr, keeps);
}

#endif /* DRVMEM_UNSEEN_BPF_H */
