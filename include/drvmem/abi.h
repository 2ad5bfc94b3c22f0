/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between the BPF programs and user space, and nothing else:
 * fixed-width map keys and values, enums, limits, static asserts. All maps are
 * preallocated mmapable arrays that only BPF writes (ctl.active, .mark and the
 * ranges apart); user space reads them in place. It is not the on-disk format.
 *
 * Addresses of tracked objects never appear in plain form in these structs: a
 * plain pointer in a map would keep a leaked object reachable (see ~addr).
 */
#ifndef DRVMEM_ABI_H
#define DRVMEM_ABI_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#define DRVMEM_ABI_VERSION	1

/* Limits. Bit widths are those of the packed entry words below. */
#define DRVMEM_SITE_BITS	20
#define DRVMEM_CPU_BITS		12
#define DRVMEM_CLASS_BITS	12
#define DRVMEM_MAX_SITES	(1u << DRVMEM_SITE_BITS)
#define DRVMEM_MAX_CPUS		(1u << DRVMEM_CPU_BITS)
#define DRVMEM_MAX_CLASSES	(1u << DRVMEM_CLASS_BITS)
#define DRVMEM_MAX_MODULES	4096u
#define DRVMEM_STATIC_RANGES	1024u	/* ids below: kernel ranges, written by user space */
#define DRVMEM_MAX_RANGES	(DRVMEM_STATIC_RANGES + 2 * DRVMEM_MAX_MODULES)
#define DRVMEM_RANGE_CORE(mod)	(DRVMEM_STATIC_RANGES + 2 * (mod))	/* range id of a module's text */
#define DRVMEM_RANGE_INIT(mod)	(DRVMEM_STATIC_RANGES + 2 * (mod) + 1)
#define DRVMEM_PAGES_CHUNK	512u	/* pages of the text window in one element of dm_pages */
#define DRVMEM_RANGE_CHAIN	8u	/* ranges that may share one page */
#define DRVMEM_MAX_BULK		1024u	/* pointers read of one bulk call; the rest is counted */
#define DRVMEM_STACK_DEPTH	32u
#define DRVMEM_NAME_LEN		56u
#define DRVMEM_CACHE_NAME_LEN	40u

#define DRVMEM_BUCKET_SLOTS	8u
#define DRVMEM_SIZE_BUCKETS	24u	/* log2 of asked bytes: [2^(i-1), 2^i), last open */
#define DRVMEM_LIFE_BUCKETS	28u	/* log2 of jiffies lived; 0 = less than one */

/* Reserved site ids: an event whose site cannot be interned is kept here. */
#define DRVMEM_SITE_NONE	0u	/* empty slot; never a site */
#define DRVMEM_SITE_OVERFLOW	1u	/* site table full */
#define DRVMEM_SITE_FIRST	2u

/* Reserved module slots (owners). */
#define DRVMEM_MOD_KERNEL	0u
#define DRVMEM_MOD_DRVMEM	1u
#define DRVMEM_MOD_UNKNOWN	2u	/* module table full, or a stack that was needed is missing */
#define DRVMEM_MOD_FIRST	3u
#define DRVMEM_MOD_UNSET	0xffffu	/* this part of the site tuple was not needed */

#define DRVMEM_CLASS_UNKNOWN	0u	/* class table full */
#define DRVMEM_CLASS_FIRST	1u

enum drvmem_allocator {
	DRVMEM_ALLOC_SLAB = 0,
	DRVMEM_ALLOC_PAGE,
	DRVMEM_ALLOC_VMALLOC,
	DRVMEM_ALLOC_PERCPU,
	DRVMEM_ALLOC_DMA,
	DRVMEM_NR_ALLOCATORS,
	/* of memory that is counted elsewhere: never in a sum with the above */
	DRVMEM_MAP_DMA = DRVMEM_NR_ALLOCATORS,	/* a device may reach it (dma_map_*) */
	DRVMEM_MAP_VMAP,
	DRVMEM_MAP_IOREMAP,
	DRVMEM_NR_USES,
};
#define DRVMEM_IS_MAPPING(allocator_)	((allocator_) >= DRVMEM_NR_ALLOCATORS)

enum drvmem_owner_policy {
	DRVMEM_OWNER_DRIVER = 0,	/* first frame of a non-library module, else innermost */
	DRVMEM_OWNER_DIRECT,		/* module of call_site */
	DRVMEM_OWNER_INNERMOST,		/* first module frame */
	DRVMEM_OWNER_OUTERMOST,		/* last module frame before a barrier */
};

/* Why a text range is in the range table. */
enum drvmem_range_kind {
	DRVMEM_RANGE_NONE = 0,
	DRVMEM_RANGE_MODULE,		/* core text of a module */
	DRVMEM_RANGE_MODULE_INIT,	/* init text: valid only while the module is COMING */
	DRVMEM_RANGE_BARRIER,		/* interrupt, exception, reclaim: the walk ends */
	DRVMEM_RANGE_OVERHEAD,		/* allocator's own memory: owner kernel */
	DRVMEM_RANGE_RETRY,		/* a NULL here is retried by the caller: no failure */
	DRVMEM_RANGE_KMALLOC,		/* kmalloc itself: its event for a large block comes twice */
	DRVMEM_RANGE_ALLOCATOR,		/* between an event that does not tell its caller, and the caller */
	DRVMEM_RANGE_VMALLOC,		/* the same of a vmalloc; what it takes for itself is the kernel's */
	DRVMEM_RANGE_VMAREA,		/* of those the one that makes the area */
	DRVMEM_RANGE_VMARRAY,		/* ... that fills it, and vmallocs the array of its pages */
	DRVMEM_RANGE_PAGES,		/* the same of the page allocator */
	DRVMEM_RANGE_INNER,		/* takes pages for objects that are counted as such; overhead else */
	DRVMEM_RANGE_CACHE,		/* takes pages of files and processes */
	DRVMEM_RANGE_DMA,		/* DMA buffers and mappings, between their event and the caller */
	DRVMEM_RANGE_VMAP,		/* the same of areas that only map: pages, */
	DRVMEM_RANGE_IOREMAP,		/* ... or a device's memory */
	DRVMEM_RANGE_SHARED,		/* what it takes in bulk it keeps for whoever comes: the kernel's */
};

/* Per-CPU counters. Everything the session should have seen and did not is here. */
enum drvmem_stat {
	DRVMEM_STAT_UNMATCHED_FREE = 0,	/* free of an object older than the session (or lost) */
	DRVMEM_STAT_INFERRED_FREE,	/* address handed out again while live */
	DRVMEM_STAT_TABLE_FULL,		/* loss: no slot for the object */
	DRVMEM_STAT_INSERT_FAILED,	/* loss: slot taken by a race or an update refused */
	DRVMEM_STAT_STACK_MISSING,	/* loss: a needed stack could not be taken */
	DRVMEM_STAT_SITE_FULL,		/* loss of detail: object kept under SITE_OVERFLOW */
	DRVMEM_STAT_CLASS_FULL,		/* loss of detail: cache unknown */
	DRVMEM_STAT_MODULE_FULL,	/* loss of detail: owner unknown */
	DRVMEM_STAT_NEST_REFUSED,	/* loss: 5.10, more than 4 nested events on a CPU */
	DRVMEM_STAT_BULK_TRUNCATED,	/* loss: pointers of a bulk call that were not read */
	DRVMEM_STAT_STACK_TRUNCATED,	/* walk reached the depth limit without an end */
	DRVMEM_STAT_STACK_FULL,		/* sampled stack not stored, table full */
	DRVMEM_STAT_WALKS,		/* stacks taken for kmallocs */
	DRVMEM_STAT_STACK_SAMPLES,	/* stacks taken for display */
	DRVMEM_STAT_SMALL_FREE,		/* kfree(NULL) and kfree(ZERO_SIZE_PTR) */
	DRVMEM_STAT_PENDING_EVICTED,	/* freed-by-RCU entries dropped to make room: no loss */
	DRVMEM_STAT_FILTERED,		/* outside --min-size/--max-size */
	DRVMEM_STAT_WALKS_CACHE,	/* ... for objects of caches */
	DRVMEM_STAT_WALK_FALLBACK,	/* of the walks: done by the kernel's unwinder after all */
	DRVMEM_STAT_WALK_CHECKED,	/* of the walks: done by both, and compared */
	DRVMEM_STAT_WALK_MISMATCH,	/* of those: they differed */
	DRVMEM_STAT_WALK_UNTOLD,	/* done by both, but the kernel's list does not show enough */
	DRVMEM_STAT_UNWANTED,		/* allocations of owners that are not wanted */
	DRVMEM_STAT_WALKS_OTHER,	/* stacks taken for other allocators' objects */
	DRVMEM_STAT_WALKS_RARE,		/* of events so rare that the kernel's unwinder always does it; in no other count */
	DRVMEM_STAT_PAGES_USER,		/* page events of processes and of the page cache */
	DRVMEM_STAT_PAGE_PARTS_FULL,	/* loss: of blocks given back in parts, a part that could not be kept */
	DRVMEM_STAT_PAGES_INNER,	/* page events of objects of other allocators */
	DRVMEM_STAT_MAPS_FULL,		/* loss: mapped more often at one time than is kept, or no site left */
	DRVMEM_STAT_SG_CUT,		/* scatterlists longer than what is read of one */
	DRVMEM_STAT_DEVICES_FULL,	/* loss of detail: syncs of a device that had no place */
	DRVMEM_STAT_MEMPOOLS_FULL,	/* mempools that had no place: each use of one counts */
	DRVMEM_STAT_MADE_UP,		/* frees that a program missed, and the one behind it did not */
	DRVMEM_NR_STATS,
};
#define DRVMEM_STATS_PAD	40u	/* five cache lines */

struct drvmem_stats {
	__u64 v[DRVMEM_STATS_PAD];
};

/* How the owner is looked for on the stack. */
enum drvmem_walker {
	DRVMEM_WALKER_KERNEL = 0,	/* bpf_get_stack */
	DRVMEM_WALKER_ORC,		/* our walk of the kernel's ORC tables; 1 of 1024 is compared */
	DRVMEM_WALKER_VERIFY,		/* both, each time */
};

/*
 * Sampling (bpf/sample.bpf.h). An epoch is a time of one way to count: even ones take every
 * object, odd ones sample. Entries carry the number of theirs, and with it their weight.
 */
#define DRVMEM_EPOCHS		64u	/* 6 bits of an entry */
#define DRVMEM_IS_SAMPLED(epoch)	((epoch) & 1u)
#define DRVMEM_RATE_MIN		1024u	/* mean bytes between two sample points */
#define DRVMEM_RATE_MAX		(64u << 20)
/* Units of the sums of sampled objects */
#define DRVMEM_COUNT_ONE	65536u	/* one object */
#define DRVMEM_BYTES_ONE	256u	/* one byte */
#define DRVMEM_VAR_BYTES	1024u	/* bytes^2 of one unit of a variance of bytes */

/*
 * The programs that sample, each on every CPU for itself: no two runs of one meet there.
 * Index cpu * DRVMEM_SAMPLERS + which.
 */
enum drvmem_sampler_of {
	DRVMEM_SAMPLER_KMALLOC = 0,
	DRVMEM_SAMPLER_CACHE,
	DRVMEM_SAMPLER_KMALLOC_NODE,	/* 5.10; elsewhere pages taken in bulk */
	DRVMEM_SAMPLER_CACHE_NODE,	/* 5.10; elsewhere objects taken in bulk */
	DRVMEM_SAMPLER_PERCPU,
	DRVMEM_SAMPLER_VMALLOC,
	DRVMEM_SAMPLER_PAGES,
	DRVMEM_SAMPLER_DMA,		/* on 5.10 objects taken in bulk */
	DRVMEM_SAMPLER_MAP,
	DRVMEM_SAMPLER_MAP_SG,
	DRVMEM_SAMPLER_MAP_IOVA,
	DRVMEM_SAMPLERS = 16,	/* a power of two */
};
#define DRVMEM_SAMPLER_CPUS	512u

#define DRVMEM_GATE_EXACT_LEFT	DRVMEM_EPOCHS	/* entries of exact epochs may still be in the table */
#define DRVMEM_GATE_ONLY	(2 * DRVMEM_EPOCHS)	/* the objects of some owners only */

/*
 * Where only a few objects come into the table (sampled ones, some owners'), they are counted by
 * address: 32 counters for a block of 32 KiB. Where one is 0 there is none: most frees need no
 * other look.
 */
#define DRVMEM_PRESENT		65536u

struct drvmem_sampler {
	__u64 gap;	/* bytes up to and including the next sample point */
	__u64 random;	/* state of the generator */
	__u64 epoch;	/* for which gap was drawn */
	__u64 pad[5];
};

/*
 * One element. User space writes active, waiting, mark, lap, epoch, rate, gate, walker, home_room and
 * where homes are, BPF the rest (and clears walker, and moves homes).
 */
struct drvmem_ctl {
	__u32 active;		/* hooks return at once while 0 */
	__u32 mark;		/* generation of new entries, up to DRVMEM_MARKS_MAX */
	__u32 epoch;		/* below DRVMEM_EPOCHS */
	__u32 nr_modules;	/* loaded modules that are in the range table: 0 = never walk */
	__u32 next_module;	/* next free module slot */
	__u32 waiting;		/* drvmem's thread waits: no event is its own */
	__u32 walker;		/* enum drvmem_walker */
	__u32 home_room;	/* slots of a home bucket left to objects of other homes */
	__s64 beyond;		/* objects beyond their two random buckets (bpf/table.bpf.h) */
	__u64 inv_self_task;	/* ~(struct task_struct *) of drvmem's thread */
	__u32 gate;		/* while active: what only a few pass, epoch and DRVMEM_GATE_*; 0: all do */
	__u32 nr_wanted;	/* loaded modules whose objects are wanted (struct drvmem_config: only) */
	__u32 homes;		/* where homes of new objects are: DRVMEM_HOMES, DRVMEM_HOMES_LOOK */
	__u32 near_regions;	/* what it begins with; 0: with the whole table */
	__u64 now_jiffies;	/* jiffies64 when dm_self last ran */
	__u64 vmemmap_base;	/* 5.10 only: struct page array; 0 = caches stay unnamed */
	__u64 page_offset_base;	/* 5.10 only: direct map */
	__u64 seed_next;	/* seed program: the list head's/module's successor */
	__u64 seed_prev;	/* seed program: successor's prev, to notice a torn walk */
	__s64 near_away;	/* objects not at home while homes are near */
	__s64 big_blocks;	/* in the table, from DRVMEM_PAGE_BIG on */
	__u32 seed_added;	/* seed program: modules added by the walk */
	__u32 lap;		/* of peaks (struct drvmem_use), counted by user space */
	__u32 rate[DRVMEM_EPOCHS];	/* of sampling epochs, bytes */
};

/* w1 = site:20 | cpu:12 | asked bytes:32, 0 = being filled; w2 = jiffies:32 | class:12 | mark:8 | epoch:6 | flags:6. */
struct drvmem_entry {
	__u64 w1, w2;
};

/*
 * Table of live objects: buckets of 8 slots, 24 bytes each. The keys of a bucket are one
 * cache line, the words of a slot lie in another: two lines for an object, one for a miss.
 * key = ~address, 0 = free slot. Where BPF has no compare-and-swap (5.10, 5.11) a hash with
 * the same key and value takes its place.
 */
struct drvmem_bucket {
	__u64 key[DRVMEM_BUCKET_SLOTS];
	struct drvmem_entry e[DRVMEM_BUCKET_SLOTS];
};

/*
 * The homes of the objects of one block of memory are neighbours: a region; a block is 32 KiB, the
 * largest slab. A session starts with its homes in the near regions, the first ones of the table,
 * which fit into a core's second-level cache, and with blocks twice as large there: the more
 * objects a bucket has, the less often its line is fetched anew. When they fill
 * (user/session/homes.c) the homes of new objects are in the whole table, and the old ones stay
 * where they are. For each bucket dm_spill has a word: the numbers of objects whose home in the
 * whole table is there and that are in no home, in eight counters by a hash of the address, and
 * whether there may be one in its near home. Others need not be looked for. A counter at its end
 * takes no more; of a block of objects of 8 bytes eight share one.
 */
#define DRVMEM_BLOCK_SHIFT	15u
#define DRVMEM_NEAR_SHIFT	16u	/* of blocks whose homes are near */
#define DRVMEM_REGION_SHIFT	6u
#define DRVMEM_REGION_BUCKETS	(1u << DRVMEM_REGION_SHIFT)
#define DRVMEM_HOME_ROOM	2u	/* enough that --track-max objects of any size have a place */
#define DRVMEM_NEAR_REGIONS	128u	/* 1.6 MB, of which what is used takes half */
#define DRVMEM_NEAR_AWAY	(DRVMEM_BUCKET_SLOTS * DRVMEM_REGION_BUCKETS / 16)	/* for each near region */
#define DRVMEM_SPILL_NEAR	(1ULL << 63)
#define DRVMEM_SPILL_COUNTERS	8u	/* a power of two */
#define DRVMEM_SPILL_BITS	7u	/* of a counter */
#define DRVMEM_SPILL_MAX	((1u << DRVMEM_SPILL_BITS) - 1)

/* Where homes are: regions:24 | shift of the blocks:5, and DRVMEM_HOMES_LOOK. */
#define DRVMEM_HOMES(regions_, shift_)	((regions_) | (shift_) << 24)
#define DRVMEM_HOMES_REGIONS(homes_)	((homes_) & 0xffffffu)
#define DRVMEM_HOMES_SHIFT(homes_)	((homes_) >> 24 & 0x1fu)
#define DRVMEM_HOMES_LOOK	0x80000000u	/* objects may be in near homes that dm_spill does not know of */

/* The bucket that is an object's home when homes are in the first nr_regions regions. */
static inline __attribute__((always_inline, unused)) __u32 drvmem_home(__u64 addr, __u32 nr_regions,
								       __u32 shift)
{
	__u64 block = (addr >> shift) * 0x9e3779b97f4a7c15ULL >> 32;
	__u64 no = (addr >> (shift - DRVMEM_REGION_SHIFT)) % DRVMEM_REGION_BUCKETS;
	__u32 region = (block * nr_regions) >> 32;

	/* large objects start at few offsets: other ones in each block */
	return region * DRVMEM_REGION_BUCKETS + (no ^ block % 8);
}

static inline __attribute__((always_inline, unused)) __u32 drvmem_home_near(__u64 addr, __u32 near_regions)
{
	return drvmem_home(addr, near_regions, DRVMEM_NEAR_SHIFT);
}

/* The same in all of the table. */
static inline __attribute__((always_inline, unused)) __u32 drvmem_home_far(__u64 addr, __u32 nr_regions)
{
	return drvmem_home(addr, nr_regions, DRVMEM_BLOCK_SHIFT);
}

#define DRVMEM_F_RCU_PENDING	0x01u	/* given up by kvfree_call_rcu, not yet reused */
#define DRVMEM_F_CUSTODY	0x02u	/* queued with another subsystem */
#define DRVMEM_F_INFERRED	0x04u	/* replaced an entry whose free was not seen */

/*
 * Key spaces of the table. A kernel address has its top seven bits set at least; what is none
 * gets others in their place. The first bit is set in all: the table tells free slots by it.
 */
#define DRVMEM_ADDR_SPACE(n_, p_)							\
	((__u64)1 << 63 | (__u64)(n_) << 57 | ((__u64)(p_) & (((__u64)1 << 57) - 1)))
#define DRVMEM_ADDR_PERCPU(p_)	DRVMEM_ADDR_SPACE(1, p_)	/* a percpu pointer is an offset */
#define DRVMEM_ADDR_DMA(p_)	DRVMEM_ADDR_SPACE(2, p_)	/* buffers: by the kernel's address */
#define DRVMEM_ADDR_SGT(p_)	DRVMEM_ADDR_SPACE(3, p_)	/* ... by the sg_table that describes one */
/*
 * DMA mappings, by a hash of the device and the address that it uses; a device may have the same
 * memory mapped several times at once, each counts.
 */
#define DRVMEM_ADDR_MAPPED(p_, nth_)	DRVMEM_ADDR_SPACE(8 + (nth_), p_)
#define DRVMEM_MAPPED_TIMES	8u
#define DRVMEM_ADDR_MAPPED_SG(p_)	DRVMEM_ADDR_SPACE(4, p_)	/* by device and scatterlist */

/*
 * What a task has taken from the page allocator inside a DMA call that has not returned yet; by
 * the task's address.
 */
#define DRVMEM_DMA_TASKS	256u

struct drvmem_dma_task {
	__u64 inv_task;		/* ~(struct task_struct *) */
	__u64 bytes;
};

/*
 * A mempool, by ~address: made in the session, or first seen when an element was taken. in_use is
 * what was taken less what was given back since.
 */
#define DRVMEM_MEMPOOLS		1024u
#define DRVMEM_MEMPOOL_FRAMES	16u

struct drvmem_mempool {
	__u64 ip[DRVMEM_MEMPOOL_FRAMES];	/* the stack when it was first seen, our frames included */
	__u64 alloc_fn, data;	/* of the pool */
	__u64 allocs, failures;
	__u64 dips;		/* allocations after which the reserve was not full */
	__u64 dip_since_ns;	/* CLOCK_MONOTONIC: not full since; 0 = as far as is known it is */
	__u64 longest_dip_ns;	/* until it was full again, at most: an end that was not seen is found later */
	__s64 in_use, peak;
	__u32 min_nr, low_water;
	__u16 owner;		/* module slot chosen by the policy */
	__u16 made;		/* in the session */
	__u32 pad0;
	char cache[DRVMEM_CACHE_NAME_LEN];	/* of a pool of a cache */
};

/* How often mappings of a device were synchronised; on each CPU, by a hash of the device. */
#define DRVMEM_SYNC_DEVICES	512u

struct drvmem_dma_sync {
	__u64 for_cpu, for_device;
	char name[DRVMEM_CACHE_NAME_LEN];	/* where the first call was; empty elsewhere */
};

/*
 * A block of pages is known by the address of its first struct page, a multiple of 64, and its
 * order. struct page lies in an array that begins at a multiple of every block's size in it, so
 * that the blocks that could cover a page follow from its address. How many blocks of each order
 * are in the table is counted for each 512 pages (those of higher orders where they begin):
 * 16 lanes of 16 bits. Most frees are of pages that are not tracked, and end there.
 */
#define DRVMEM_PAGE_STRUCT	64u	/* bytes of struct page; other kernels are refused */
#define DRVMEM_PAGE_ORDERS	16u
#define DRVMEM_PAGE_LANES	4u	/* to a word */
#define DRVMEM_PAGE_LANE_BITS	16u
#define DRVMEM_PAGE_BIG	10u	/* orders from here on: not counted near every page of a block */
#define DRVMEM_PAGE_BLOCKS	32768u	/* of 512 pages, by number */
#define DRVMEM_PAGE_KEY(page_, order_)	((__u64)(page_) | (order_))

/*
 * Which pages of a block were given back, while others are left: they may be others' by now, who
 * give them back again. 64 pages to a word; by the first of them, or of a smaller block, and the order.
 */
#define DRVMEM_PAGE_WORD_SHIFT	6u
#define DRVMEM_PAGE_PARTS	16384u	/* words: blocks that are given back in parts at one time */

struct drvmem_page_block {
	__u64 lanes[DRVMEM_PAGE_ORDERS / DRVMEM_PAGE_LANES];
};

/*
 * Which places of an array had a page when alloc_pages_bulk was called, which fills the others; by
 * the array's address, until it returns.
 */
#define DRVMEM_PAGE_ARRAYS	64u
#define DRVMEM_PAGE_ARRAY_WAYS	4u

struct drvmem_page_array {
	__u64 inv_array;	/* 0 = free */
	__u64 had[DRVMEM_MAX_BULK / 64];
};

#define DRVMEM_W1(site, cpu, asked) \
	(((__u64)(site) << 44) | ((__u64)((cpu) & 0xfffu) << 32) | (__u32)(asked))
#define DRVMEM_W1_SITE(w)	((__u32)((w) >> 44))
#define DRVMEM_W1_CPU(w)	((__u32)((w) >> 32) & 0xfffu)
#define DRVMEM_W1_ASKED(w)	((__u32)(w))
#define DRVMEM_W2(when, class_, mark, epoch, flags) \
	(((__u64)(__u32)(when) << 32) | ((__u64)((class_) & 0xfffu) << 20) | \
	 ((__u64)((mark) & 0xffu) << 12) | ((__u64)((epoch) & 0x3fu) << 6) | ((flags) & 0x3fu))
#define DRVMEM_W2_WHEN(w)	((__u32)((w) >> 32))
#define DRVMEM_W2_CLASS(w)	((__u32)((w) >> 20) & 0xfffu)
#define DRVMEM_W2_MARK(w)	((__u32)((w) >> 12) & 0xffu)
#define DRVMEM_W2_EPOCH(w)	((__u32)((w) >> 6) & 0x3fu)
#define DRVMEM_W2_FLAGS(w)	((__u32)(w) & 0x3fu)

/*
 * A site: (allocator, call_site, direct, innermost, driver, outermost) and the
 * cache it was served from. Slot number = site id. key = 64-bit hash of the tuple, with the
 * cache's address and sizes in place of its class; inverted when the cache is destroyed, so
 * that a later one at its address gets sites of its own. With full stacks the stack's hash is
 * part of it.
 */
struct drvmem_site {
	__u64 key;		/* 0 = free */
	__u64 call_site;	/* kernel text address */
	__u16 direct, innermost, driver, outermost;	/* module slots */
	__u16 class_;
	__u16 allocator;
	__u16 ready;		/* 1 = all other fields are valid */
	__u16 pad0;
	__u64 first_jiffies;
	__u64 pad1[3];
	/* second cache line: of every event of the site */
	__s64 live_bytes;	/* shared, for the peak; absent (0) without fetch-and-add */
	__u64 peak_bytes;
	__u16 owner;		/* module slot chosen by the policy */
	__u16 freer;		/* enum drvmem_freer: whose frees go to the plain sums */
	__u16 ended;		/* its cache was destroyed */
	__u16 stack_kept;	/* full stacks: dm_stacks has it, under the site's id */
	__u16 mapping;		/* of memory that is counted elsewhere: not in its owner's sums */
	__u16 pad2[3];
	__u64 pad3[4];
};

/* The program that usually frees a site's objects, and alone on its CPU writes their plain sums. */
enum drvmem_freer {
	DRVMEM_FREER_ANY = 0,
	DRVMEM_FREER_KFREE,
	DRVMEM_FREER_CACHE,
};

/*
 * Per (cpu, site): index cpu * nr_sites + site. Sum over CPUs; allocs = sum of size[],
 * frees = sum of life[] and other_life[]. Where sampling is possible as many elements follow
 * for sampled objects: there an object counts its weight, in DRVMEM_COUNT_ONE and
 * DRVMEM_BYTES_ONE; failures are never sampled.
 */
struct drvmem_site_cpu {
	__u64 alloc_bytes;	/* asked */
	__u64 free_bytes;	/* asked, of objects ended by the site's usual program */
	__u64 failures;
	__u64 rcu_in, rcu_out;	/* entered / left "rcu_pending" */
	__u64 inferred;		/* ended unseen, noticed on reuse; also counted in other_life[] */
	__u64 rcu_in_bytes, rcu_out_bytes;
	__u64 size[DRVMEM_SIZE_BUCKETS];
	__u64 life[DRVMEM_LIFE_BUCKETS];
	__u64 other_life[DRVMEM_LIFE_BUCKETS];	/* of objects ended otherwise */
	__u64 other_free_bytes;
	/* of sampled objects only: how many they are, and variances of the sums */
	__u64 sampled_allocs, sampled_frees;
	__u64 alloc_var, free_var;
	__u64 alloc_bytes_var, free_bytes_var;	/* in DRVMEM_VAR_BYTES */
	union {
		__u64 grown_bytes;	/* asked later, of objects that stayed where they are; not in alloc_bytes */
		__u64 mismatched;	/* of mappings (what these grow by is in alloc_bytes): unmapped with another size */
	};
};

/*
 * Generations: what lies between two marks; user space counts them in ctl.mark, up to
 * DRVMEM_MARKS_MAX, and an entry keeps the number of its own. Of each site objects are counted by
 * the generation that they were made in, with their ends: while it lasted, and at any time (as
 * long as it is one of the last DRVMEM_GENS_KEPT); and by the one that they ended in. A
 * part of an object is bytes without a count. Sessions with marks do not sample. Index:
 * generation % DRVMEM_GENS; there are more places than are kept, so that the next one's can be
 * cleared while programs run.
 */
#define DRVMEM_MARKS_MAX	255u	/* 8 bits of an entry */
#define DRVMEM_GENS		16u
#define DRVMEM_GENS_KEPT	8u

struct drvmem_gen {
	__u64 objects, bytes;
};

struct drvmem_gens {
	struct drvmem_gen made[DRVMEM_GENS];
	struct drvmem_gen own[DRVMEM_GENS];	/* of these, ended in the same generation */
	struct drvmem_gen born[DRVMEM_GENS];	/* of these, ended at all */
	struct drvmem_gen died[DRVMEM_GENS];	/* ended in it, whenever made */
};

/* A module from one load to its unload, or one of the reserved owners. Slots are never reused. */
struct drvmem_module {
	char name[DRVMEM_NAME_LEN];
	__u64 text_lo, text_hi;		/* core text, exact */
	__u64 init_lo, init_hi;		/* init text, 0 when none */
	__u64 load_ns, unload_ns;	/* CLOCK_MONOTONIC; 0 = before the session / still loaded */
	__u32 load_seq;			/* 1.. in order of appearance */
	__u16 library;			/* 1 = on the library list */
	__u16 state;			/* 0 free 1 loaded 2 unloaded 3 reserved owner */
	__u64 inv_mod;			/* ~(struct module *) */
	__u64 orc_ip;			/* its ORC tables (arch.orc_unwind_ip), 0 when none */
	__s64 live_bytes;		/* shared, for the peak */
	__u64 peak_bytes;
	__u64 orc;			/* arch.orc_unwind */
	__u64 nr_orcs;
	__u32 wanted;			/* its objects are */
	__u32 pad0;
	__u64 pad1[3];
};

/* What an object is held in: a kmem_cache, a kmalloc size class, a large kmalloc. */
enum drvmem_class_kind {
	DRVMEM_CLASS_NONE = 0,
	DRVMEM_CLASS_CACHE,	/* kmem_cache, named */
	DRVMEM_CLASS_KMALLOC,	/* size class, from bytes_alloc */
	DRVMEM_CLASS_LARGE,	/* page-backed kmalloc */
	DRVMEM_CLASS_PERCPU,	/* held: what is asked, which the allocator has rounded (held is 0 here) */
	DRVMEM_CLASS_VMALLOC,	/* the same, rounded to pages */
	DRVMEM_CLASS_DMA,	/* a device's buffers: of its name, and what each takes */
	DRVMEM_CLASS_PAGES,	/* a block of pages, of what is left of it; object_size is its order */
	DRVMEM_CLASS_DEVICE,	/* a device's mappings: of its name; held: as PERCPU */
	DRVMEM_CLASS_VMAP,	/* what vmap and its kin map */
	DRVMEM_CLASS_IOREMAP,
};

struct drvmem_class {
	__u64 key;		/* hash of (cache, size, object_size, kind); 0 = free, ~hash = destroyed */
	__u32 held;		/* bytes one object takes */
	__u32 object_size;	/* kmem_cache only */
	__u16 kind;
	__u16 ready;
	__u32 destroyed;	/* cache was destroyed: a later one gets a new class */
	char name[DRVMEM_CACHE_NAME_LEN];
};

/* Text window, one element for DRVMEM_PAGES_CHUNK pages: id of a range on the page, 0 = none. */
struct drvmem_pages {
	__u16 range[DRVMEM_PAGES_CHUNK];
};

/* struct orc_entry (arch/x86/include/asm/orc_types.h), by the member that tells. */
enum drvmem_orc_form {
	DRVMEM_ORC_NONE = 0,
	DRVMEM_ORC_END,		/* up to 6.3 */
	DRVMEM_ORC_SIGNAL,	/* from 6.4 on */
};

#define DRVMEM_TRACE_RUNS	12u	/* bpf_trace_run1 .. 12 */

struct drvmem_text {
	__u64 lo, hi;		/* [lo, hi) */
};

/* One element, written by user space before programs run: the kernel's ORC tables. */
struct drvmem_orc {
	__u64 stext, etext;
	__u64 ip, orc, n;	/* __start_orc_unwind_ip, __start_orc_unwind, entries */
	__u64 replaced[2];	/* where a replaced return address leads: kretprobes, function_graph */
	struct drvmem_text trace_run[DRVMEM_TRACE_RUNS];	/* bpf_trace_runN; lo 0 = not there */
	__u32 form;		/* enum drvmem_orc_form */
	__u8 reg_sp, reg_bp, reg_sp_indirect, reg_bp_indirect, reg_prev_sp;
	__u8 pad[7];
};

/* Rules of return addresses once found (bpf/walk.bpf.h); 0 = free. Sets of four by address. */
#define DRVMEM_RULES_BITS	12u
#define DRVMEM_RULES_SETS	(1u << DRVMEM_RULES_BITS)
#define DRVMEM_RULES_WAYS	4u

struct drvmem_rules {
	__u64 rule[DRVMEM_RULES_WAYS];
};

struct drvmem_range {
	__u64 lo, hi;		/* text [lo, hi) */
	__u16 kind;
	__u16 module;
	__u16 next_lo, next_hi;	/* next range on the first / last page of this one */
};

/*
 * Where the kernel's unwinder puts a stack: too large for the BPF stack, of which 6.1 adds up
 * all functions on the way. Some for each CPU, since programs interrupt each other.
 */
#define DRVMEM_SCRATCH_SLOTS	4u
#define DRVMEM_SCRATCH_DEPTH	62u

struct drvmem_scratch {
	__u64 busy;
	__u64 no;		/* its index */
	__u64 ip[DRVMEM_SCRATCH_DEPTH];
};

/* A sampled stack; with full stacks the stack of the site whose id is its place. */
struct drvmem_stack {
	__u64 key;		/* hash of (site, frames); 0 = free */
	__u32 site;
	__u32 nr;
	__u64 count;		/* times sampled */
	__u64 ip[DRVMEM_STACK_DEPTH];
	__u32 ready;
	__u32 pad[9];
};

/* Names of modules in dm_names, by FNV-1a of a name or of a prefix followed by '*': what they are. */
#define DRVMEM_NAME_LIBRARY	1u	/* allocates for others */
#define DRVMEM_NAME_WANTED	2u
#define DRVMEM_FNV_INIT		0xcbf29ce484222325ULL
#define DRVMEM_FNV_PRIME	0x100000001b3ULL

#define DRVMEM_ABI_ASSERT(c, m)	_Static_assert(c, m)
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_stats) == 320, "stats");
DRVMEM_ABI_ASSERT(DRVMEM_NR_STATS <= DRVMEM_STATS_PAD, "stats fit");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_ctl) == 384, "ctl");
DRVMEM_ABI_ASSERT(__builtin_offsetof(struct drvmem_ctl, gate) < 64, "ctl hot line");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_sampler) == 64, "sampler: a cache line");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_bucket) == 192, "bucket: 24 bytes a slot");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_entry) == 16, "entry");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_site) == 128, "site");
DRVMEM_ABI_ASSERT(__builtin_offsetof(struct drvmem_site, live_bytes) == 64, "site hot line");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_site_cpu) == 768, "site_cpu");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_module) == 192, "module");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_class) == 64, "class");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_orc) == 264, "orc");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_rules) == 32, "rules");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_scratch) == 512, "scratch");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_range) == 24, "range");
DRVMEM_ABI_ASSERT(DRVMEM_MAX_RANGES < 0x10000u, "range ids fit 16 bits");
DRVMEM_ABI_ASSERT(sizeof(struct drvmem_stack) == 320, "stack");

#endif /* DRVMEM_ABI_H */
