/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How sites use memory, in a session that is to advise (bpf/use.bpf.h): how many objects of which
 * sizes at once, on whose behalf, and what comes right after what. Of exact epochs only: such
 * sessions do not sample objects.
 */
#ifndef DRVMEM_USE_H
#define DRVMEM_USE_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

/* (site << 32 | asked bytes) -> struct drvmem_sized. What finds no place is in drvmem_use.unsized. */
#define DRVMEM_SIZES		65536u
#define DRVMEM_SIZE_KEY(site_, bytes_)	((__u64)(site_) << 32 | (__u32)(bytes_))
#define DRVMEM_SIZE_SITE(key_)	((__u32)((key_) >> 32))
#define DRVMEM_SIZE_BYTES(key_)	((__u32)(key_))

struct drvmem_sized {
	__u64 allocs;
	__s64 live;		/* objects, shared */
	__u64 peak;		/* highest live; absent (0) without compare-and-swap */
};

/*
 * Pairs: (frees << 40 | site before << 20 | site) -> how often the second came right after the first,
 * by the same task, on the same CPU and in the same jiffy. A CPU looks at its first DRVMEM_PAIR_ALL events,
 * and then in one jiffy of eight, drawn by a hash; drvmem_use.paired has how many events of a site were.
 */
#define DRVMEM_PAIRS		16384u
#define DRVMEM_PAIR_KEY(frees_, before_, site_) \
	((__u64)(frees_) << 40 | (__u64)(before_) << 20 | (__u64)(site_))
#define DRVMEM_PAIR_FREES(key_)	((__u32)((key_) >> 40) & 1u)
#define DRVMEM_PAIR_BEFORE(key_)	((__u32)((key_) >> 20) & 0xfffffu)
#define DRVMEM_PAIR_SITE(key_)	((__u32)(key_) & 0xfffffu)
#define DRVMEM_PAIR_ALL		65536u
#define DRVMEM_PAIR_JIFFIES	8u

/*
 * DMA mappings come back: (site, address as the device has it), of a site's first DRVMEM_REMAP_ALL addresses
 * and then of one of sixteen, by its hash. A device without IOMMU has the memory's own addresses, others may
 * get an old address for other memory.
 */
#define DRVMEM_REMAPS		16384u
#define DRVMEM_REMAP_ALL	512u
#define DRVMEM_REMAP_ONE_OF	16u

/* Of one site; index = site. */
struct drvmem_use {
	__s64 live;		/* objects, shared */
	__u64 peak;		/* highest live; absent without compare-and-swap, as the next two */
	__u64 lap_peak[2];	/* the same while ctl.lap was even, odd; user space clears what is over */
	__u64 unsized;		/* objects whose size found no place */
	__u64 atomic;		/* of the allocations: may not wait */
	__u64 failed_atomic;	/* of those that failed */
	__u64 waited;		/* of the allocations: may wait */
	__u64 by_user;		/* of those: a process asked, and it is not charged for them */
	__u64 paired[2];	/* events that were looked at for pairs: allocations, ends */
	__u64 remaps_new, remaps_again;	/* mappings of addresses that are followed: for the first time, again */
	__u64 remaps_full;	/* ... that found no place */
	__u64 pad[2];
};

/* What a CPU saw last: of allocations, of ends. */
struct drvmem_use_last {
	__u64 inv_task[2];	/* ~(struct task_struct *) */
	__u32 jiffies[2];
	__u32 site[2];
	__u64 looked;		/* events */
	__u64 pad[3];
};

_Static_assert(sizeof(struct drvmem_use) == 128, "use: two cache lines");
_Static_assert(sizeof(struct drvmem_use_last) == 64, "last: a cache line");
_Static_assert(sizeof(struct drvmem_sized) == 24, "sized");

#endif /* DRVMEM_USE_H */
