/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Call site and stack -> owning module. One table covers the text window (kernel
 * and modules): a page gives a range id, ranges that share a page are chained, and
 * a range is compared exactly. Frames outside every range (BPF images, trampolines,
 * ordinary kernel text) are nobody's.
 */
#ifndef DRVMEM_OWNER_BPF_H
#define DRVMEM_OWNER_BPF_H

#include "stats.bpf.h"

#define DM_WALK_DEPTH_510 30	/* on the BPF stack */

/* What range_at() returns: kind | module << 16; 0 = no range. */
#define DM_RANGE(kind_, module_)	((__u32)(kind_) | (__u32)(module_) << 16)
#define DM_RANGE_KIND(r)		((r) & 0xffffu)
#define DM_RANGE_MODULE(r)		((r) >> 16)

/* The four modules of a site in one word, as global functions pass scalars only. */
#define DM_MODS(direct_, innermost_, driver_, outermost_)				\
	((__u64)(__u16)(direct_) | (__u64)(__u16)(innermost_) << 16 |			\
	 (__u64)(__u16)(driver_) << 32 | (__u64)(__u16)(outermost_) << 48)
#define DM_MODS_DIRECT(m)	((__u16)(m))
#define DM_MODS_INNERMOST(m)	((__u16)((m) >> 16))
#define DM_MODS_DRIVER(m)	((__u16)((m) >> 32))
#define DM_MODS_OUTERMOST(m)	((__u16)((m) >> 48))

/* Init text is freed without an event: its range holds only while init runs. */
static __always_inline int dm_module_coming(__u16 module)
{
	struct module *mod = (struct module *)(long)~dm_module(module)->inv_mod;
	enum module_state state = MODULE_STATE_UNFORMED;

	bpf_probe_read_kernel(&state, sizeof(state), &mod->state);
	return state == MODULE_STATE_COMING;
}

static __always_inline __u32 dm_range_find(__u64 ip)
{
	__u64 off = ip - cfg.window_base, page = off >> cfg.page_shift;
	struct drvmem_pages *pages;
	struct drvmem_range *r;
	__u32 chunk, id;
	int i;

	if (page >= cfg.window_pages)
		return 0;
	chunk = page / DRVMEM_PAGES_CHUNK;
	pages = bpf_map_lookup_elem(&dm_pages, &chunk);
	if (!pages)
		return 0;
	id = pages->range[page & (DRVMEM_PAGES_CHUNK - 1)];
	if (!id)
		return 0;
	for (i = 0; i < DRVMEM_RANGE_CHAIN && id; i++) {
		r = bpf_map_lookup_elem(&dm_ranges, &id);
		if (!r)
			return 0;
		if (r->kind && ip >= r->lo && ip < r->hi) {
			if (r->kind == DRVMEM_RANGE_MODULE_INIT && !dm_module_coming(r->module))
				return 0;
			return DM_RANGE(r->kind, r->module);
		}
		id = (r->lo >> cfg.page_shift) == (ip >> cfg.page_shift) ? r->next_lo : r->next_hi;
	}
	return 0;
}

/* owner.bpf.c: the same as a global function: verified once, so that a walk's loop stays small. */
__u32 drvmem_range_at(__u64 ip);

static __always_inline int dm_is_vmalloc(__u32 range)
{
	return DM_RANGE_KIND(range) >= DRVMEM_RANGE_VMALLOC && DM_RANGE_KIND(range) <= DRVMEM_RANGE_VMARRAY;
}

/* Functions that allocate for the allocator itself. */
static __always_inline int dm_is_overhead(__u32 range)
{
	return DM_RANGE_KIND(range) == DRVMEM_RANGE_OVERHEAD || dm_is_vmalloc(range) ||
	       DM_RANGE_KIND(range) == DRVMEM_RANGE_INNER;
}

/* What the functions of an allocator make an area for. */
enum dm_called { DM_CALLED_OTHER = 0, DM_CALLED_VMALLOC, DM_CALLED_VMAP, DM_CALLED_IOREMAP };

/* What a function of an allocator makes an area for; DM_CALLED_OTHER: it does not tell. */
static __always_inline __u32 dm_called_of(__u32 range)
{
	if (dm_is_vmalloc(range))
		return DM_CALLED_VMALLOC;
	if (DM_RANGE_KIND(range) == DRVMEM_RANGE_VMAP)
		return DM_CALLED_VMAP;
	return DM_RANGE_KIND(range) == DRVMEM_RANGE_IOREMAP ? DM_CALLED_IOREMAP : DM_CALLED_OTHER;
}

/* State of the way from an event to the caller of the allocator: enum dm_called, and these. */
#define DM_STEP_WHAT	3u
#define DM_STEP_AREAS	4u	/* one function that makes areas was there */
#define DM_STEP_SEEN	8u	/* one of the allocator was */
#define DM_STEP_FOUND	16u	/* this is the caller */

static __always_inline __u32 dm_caller_step(__u64 ip, __u32 state)
{
	__u32 r = drvmem_range_at(ip - 1), kind = DM_RANGE_KIND(r), called = dm_called_of(r);

	/* an area inside an area: the array of its pages, which is the kernel's */
	if (kind == DRVMEM_RANGE_VMARRAY || (kind == DRVMEM_RANGE_VMAREA && (state & DM_STEP_AREAS)))
		return DM_STEP_FOUND | DM_CALLED_VMALLOC;
	if (kind == DRVMEM_RANGE_VMAREA)
		state |= DM_STEP_AREAS;
	if (called)
		return (state & ~DM_STEP_WHAT) | DM_STEP_SEEN | called;
	if (dm_is_overhead(r) || kind == DRVMEM_RANGE_ALLOCATOR)
		return state | DM_STEP_SEEN;
	if ((state & DM_STEP_SEEN) && kind != DRVMEM_RANGE_RETRY)
		return state | DM_STEP_FOUND;
	return state;
}

/* owner.bpf.c: the same as a global function, for loops that would carry each of its cases. */
__u32 drvmem_caller_step(__u64 ip, __u32 state);

/* Of the kernel or a module: not of BPF programs, and of the trampolines that call them. */
static __always_inline int dm_is_text(__u64 ip, __u32 range)
{
	return range || ip - cfg.text_base < cfg.text_bytes;
}

/*
 * Who asked for pages, or for a DMA buffer: the return address of the first function beyond the
 * allocator, or what it is (enum dm_asker). 0: ip is of the allocator itself.
 */
enum dm_asker { DM_ASKED_BY_UNKNOWN = 0, DM_ASKED_BY_INNER, DM_ASKED_BY_USER, DM_ASKED_BY_DMA };

static __always_inline __u64 dm_asker_at(__u64 ip, __u32 allocator)
{
	switch (DM_RANGE_KIND(drvmem_range_at(ip - 1))) {
	case DRVMEM_RANGE_PAGES:
		return 0;
	case DRVMEM_RANGE_DMA:
		return allocator == DRVMEM_ALLOC_DMA || !cfg.dma ? 0 : DM_ASKED_BY_DMA;
	case DRVMEM_RANGE_INNER:
	case DRVMEM_RANGE_KMALLOC:
	case DRVMEM_RANGE_VMALLOC:
	case DRVMEM_RANGE_VMAREA:
	case DRVMEM_RANGE_VMARRAY:
		return DM_ASKED_BY_INNER;
	case DRVMEM_RANGE_CACHE:
		return DM_ASKED_BY_USER;
	default:
		return ip;
	}
}

/* Whether that is one who asked: a trampoline stands between alloc_pages_bulk and its caller. */
static __always_inline int dm_is_asker(__u64 site, __u64 ip)
{
	return site && dm_is_text(ip - 1, drvmem_range_at(ip - 1));
}

/* owner.bpf.c: the same as a global function, as above. */
__u64 drvmem_asker_at(__u64 ip, __u32 allocator);

#define DM_ASKER_DEPTH 16	/* frames looked at, ours included */

/* Our own frames come first: what lies before the allocator is no caller of it. */
static __always_inline __u64 dm_asker_in(const __u64 *ip, __u32 n, __u32 allocator)
{
	__u32 i, seen = 0;
	__u64 site;

	for (i = 0; i < DM_ASKER_DEPTH; i++) {
		if (i >= n)
			return DM_ASKED_BY_UNKNOWN;
		site = drvmem_asker_at(ip[i], allocator);
		if (!site)
			seen = 1;
		else if (seen && dm_is_asker(site, ip[i]))
			return site;
	}
	return DM_ASKED_BY_UNKNOWN;
}

static __always_inline int dm_is_module(__u32 range)
{
	return DM_RANGE_KIND(range) == DRVMEM_RANGE_MODULE ||
	       DM_RANGE_KIND(range) == DRVMEM_RANGE_MODULE_INIT;
}

static __always_inline int dm_is_library(__u16 module)
{
	return dm_module(module)->library;
}

/* What a walk knows: innermost | driver << 16 | outermost << 32 | flags. */
#define DM_WALK_INNERMOST(w)	((__u16)(w))
#define DM_WALK_DRIVER(w)	((__u16)((w) >> 16))
#define DM_WALK_OUTERMOST(w)	((__u16)((w) >> 32))
#define DM_WALK_END		(1ULL << 48)	/* a barrier, or the allocator's own */
#define DM_WALK_BARRIER		(1ULL << 49)

/*
 * owner.bpf.c: one frame of a walk. A global function, so that the loop over frames carries
 * one unknown number instead of every combination of what was found (41,000 -> 2,000
 * instructions to verify).
 */
__u64 drvmem_walk_frame(__u64 ip, __u64 walk);

static __always_inline __u64 dm_walk_frame(__u64 ip, __u64 walk)
{
	__u32 r = drvmem_range_at(ip - 1);
	__u64 m = DM_RANGE_MODULE(r);

	if (DM_RANGE_KIND(r) == DRVMEM_RANGE_BARRIER)
		return walk | DM_WALK_END | DM_WALK_BARRIER;
	if (dm_is_overhead(r) && !DM_WALK_INNERMOST(walk))
		return walk | DM_WALK_END;	/* the allocator's own, below the first caller */
	if (!dm_is_module(r))
		return walk;
	walk = (walk & 0xffffffffULL) | m << 32;
	if (!DM_WALK_INNERMOST(walk))
		walk |= m;
	if (!DM_WALK_DRIVER(walk) && !dm_is_library(m))
		walk |= m << 16;
	return walk;
}

#define DM_FRAMES_HASHED 16	/* from the call site outward: the stack's identity */

/*
 * Frames from the call site outward to the first barrier (what lies beyond an interrupt is
 * another's stack), DM_FRAMES_HASHED at most. The count lies in memory: the verifier must
 * not follow it.
 */
struct dm_frames {
	__u64 hash;
	__u64 n;
	__u64 keep;	/* place in dm_stacks + 1 that gets the frames; 0 = none */
};

/* One multiplication a frame: the site's key mixes the result again. */
static __always_inline __u64 dm_frame_hash(__u64 hash, __u64 ip)
{
	hash = (hash ^ ip) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

/* Counts and hashes a frame, at most limit of them; begins with the one of call_site. */
static __always_inline void dm_frame_add(struct dm_frames *f, __u64 ip, __u64 call_site, __u64 limit)
{
	if ((f->n || ip == call_site) && f->n < limit) {
		f->hash = dm_frame_hash(f->hash, ip);
		f->n++;
	}
}

/* walk_impl.bpf.h. The same as a global function: the caller's loop carries nothing of it. */
int drvmem_frame_add(struct dm_frames *f, __u64 ip, __u64 call_site, __u64 limit);

/* Modules of a finished walk. direct: the module of the call site; self: in drvmem's own task. */
static __always_inline __u64 dm_walk_mods(__u64 walk, __u16 direct, __u32 self)
{
	__u64 driver = DM_WALK_DRIVER(walk) ? DM_WALK_DRIVER(walk) : DM_WALK_INNERMOST(walk);

	/* drvmem's, unless an interrupt came between */
	if (self && !(walk & DM_WALK_BARRIER))
		return DM_MODS(DRVMEM_MOD_DRVMEM, DRVMEM_MOD_DRVMEM, DRVMEM_MOD_DRVMEM,
			       DRVMEM_MOD_DRVMEM);
	return DM_MODS(direct, DM_WALK_INNERMOST(walk), driver, DM_WALK_OUTERMOST(walk));
}

#if DM_CAS
/* A place for a stack that nobody on this CPU uses now; NULL: all are in use. */
static __always_inline struct drvmem_scratch *dm_scratch_get(void)
{
	__u32 first = bpf_get_smp_processor_id() * DRVMEM_SCRATCH_SLOTS, i, id;
	struct drvmem_scratch *s;

#pragma clang loop unroll(disable)
	for (i = 0; i < DRVMEM_SCRATCH_SLOTS; i++) {
		id = first + i;
		s = bpf_map_lookup_elem(&dm_scratch, &id);
		if (s && !__sync_val_compare_and_swap(&s->busy, 0, 1)) {
			s->no = id;
			return s;
		}
	}
	return NULL;
}

static __always_inline void dm_scratch_put(struct drvmem_scratch *s)
{
	*(volatile __u64 *)&s->busy = 0;
}
#endif

/* A stack that was needed could not be taken. */
static __always_inline __u64 dm_walk_missing(__u16 direct)
{
	__u16 n = direct ? direct : DRVMEM_MOD_UNKNOWN;

	dm_stat(DRVMEM_STAT_STACK_MISSING);
	return DM_MODS(direct, n, n, n);
}

/* In drvmem's own (only) thread. Its task is stored inverted, like every kernel object. */
static __always_inline int dm_in_self(const struct drvmem_ctl *ctl)
{
	return !ctl->waiting && ~bpf_get_current_task() == ctl->inv_self_task;
}

static __always_inline int dm_needs_walk(const struct drvmem_ctl *ctl, __u16 direct)
{
	if (!ctl->nr_modules || cfg.policy == DRVMEM_OWNER_DIRECT)
		return 0;
	if (cfg.policy == DRVMEM_OWNER_OUTERMOST || direct == DRVMEM_MOD_KERNEL)
		return 1;
	return cfg.policy == DRVMEM_OWNER_DRIVER && dm_is_library(direct);
}

static __always_inline __u16 dm_choose(__u64 mods)
{
	switch (cfg.policy) {
	case DRVMEM_OWNER_DIRECT:
		return DM_MODS_DIRECT(mods);
	case DRVMEM_OWNER_INNERMOST:
		return DM_MODS_INNERMOST(mods);
	case DRVMEM_OWNER_OUTERMOST:
		return DM_MODS_OUTERMOST(mods);
	default:
		return DM_MODS_DRIVER(mods);
	}
}

/*
 * Owners of an allocation whose call site lies in range r, without a look at the stack: exact
 * where that is a module's. 1 = *mods has them, 0 = the stack must be walked.
 */
static __always_inline int dm_owners_direct(const struct drvmem_ctl *ctl, __u32 r, __u32 self,
					    __u64 *mods)
{
	__u16 m = dm_is_module(r) ? DM_RANGE_MODULE(r) : DRVMEM_MOD_KERNEL;

	*mods = m ? DM_MODS(m, m, m, DRVMEM_MOD_UNSET) : 0;
	if (self)
		return 0;
	return dm_is_overhead(r) || !dm_needs_walk(ctl, m);
}

#endif /* DRVMEM_OWNER_BPF_H */
