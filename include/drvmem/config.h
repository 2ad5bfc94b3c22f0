/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Knobs of a session, fixed at load (read-only data of the BPF object: the verifier
 * drops the branches that are off). Units are in the names.
 */
#ifndef DRVMEM_CONFIG_H
#define DRVMEM_CONFIG_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#define DRVMEM_ONLY_ON	0x80u

struct drvmem_config {
	__u64 window_base;	/* lowest address of the text window (kernel + modules) */
	__u64 text_base;	/* of the kernel's own text; 0 = not known */
	__u64 text_bytes;
	__u32 window_pages;	/* pages of page_size in the window */
	__u32 page_shift;
	__u32 nr_cpus;		/* possible CPUs: rows of site_cpu */
	__u32 site_mask;	/* nr_sites - 1, nr_sites a power of two */
	__u32 nr_buckets;	/* any number: hashes are scaled, not masked */
	__u32 nr_regions;	/* of DRVMEM_REGION_BUCKETS */
	__u32 nr_rules;		/* sets of rules in dm_rules; 0 = no walk of our own */
	__u32 stack_mask;	/* nr_stacks - 1 */
	__u64 min_size_bytes;	/* asked bytes outside [min, max] are not tracked */
	__u64 max_size_bytes;
	__u32 policy;		/* enum drvmem_owner_policy */
	__u32 kmalloc_max_cache_bytes;	/* larger kmallocs are page-backed */
	__u32 gfp_user;		/* __GFP_MOVABLE | __GFP_HARDWALL | __GFP_FS: set for processes and files only */
	__u32 gfp_nomemalloc, gfp_comp;	/* the first without the second: a balloon's all the same */
	__u32 gfp_reclaim, gfp_account;	/* __GFP_DIRECT_RECLAIM, __GFP_ACCOUNT */
	__u32 dma;		/* DMA buffers are tracked: pages inside are theirs */
	__u8 sample_stacks;
	__u8 full_stacks;	/* each allocation's stack is part of its site */
	__u8 use_rdonly_cast;	/* bpf_rdonly_cast exists (6.2) */
	__u8 sampling;		/* there may be sampling epochs */
	__u8 only;		/* objects of wanted owners only: bits of reserved slots, DRVMEM_ONLY_ON */
	__u8 preempt_off;	/* programs switch preemption off for their time */
	__u8 sized;		/* min_size_bytes or max_size_bytes keep something out */
	__u8 bulk_bool;		/* kmem_cache_alloc_bulk returns a bool, not a number (7.x) */
	__u8 marks;		/* ends are counted by generation */
	__u8 use;		/* how sites use memory is counted (include/drvmem/use.h) */
	__u8 pages_bulk_args;	/* of the function that alloc_pages_bulk is */
};

#endif /* DRVMEM_CONFIG_H */
