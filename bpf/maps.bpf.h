/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every map, declared once: maps.bpf.c defines them, the other objects see them
 * as extern and `bpftool gen object` links them. All are preallocated: a map that
 * allocates at event time would feed itself (kmalloc inside the kmalloc hook).
 * max_entries marked RESIZED are set by user/session before load.
 */
#ifndef DRVMEM_MAPS_BPF_H
#define DRVMEM_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "drvmem/abi.h"
#include "drvmem/use.h"

#ifdef DRVMEM_DEFINE_MAPS
#define DRVMEM_MAP
#else
#define DRVMEM_MAP extern
#endif

#define DRVMEM_ARRAY(name_, value_, entries_)			\
	DRVMEM_MAP struct {					\
		__uint(type, BPF_MAP_TYPE_ARRAY);		\
		__uint(map_flags, BPF_F_MMAPABLE);		\
		__uint(max_entries, entries_);			\
		__type(key, __u32);				\
		__type(value, value_);				\
	} name_ SEC(".maps")

DRVMEM_ARRAY(dm_table, struct drvmem_bucket, 1);		/* RESIZED */
DRVMEM_ARRAY(dm_spill, __u64, 1);				/* RESIZED */
DRVMEM_ARRAY(dm_sites, struct drvmem_site, 1);			/* RESIZED */
DRVMEM_ARRAY(dm_site_cpu, struct drvmem_site_cpu, 1);		/* RESIZED: CPUs x sites, twice to sample */
DRVMEM_ARRAY(dm_gens, struct drvmem_gens, 1);			/* RESIZED: sites, in a session with marks */
DRVMEM_ARRAY(dm_uses, struct drvmem_use, 1);			/* RESIZED: sites, in a session that is to advise */
DRVMEM_ARRAY(dm_use_lasts, struct drvmem_use_last, 1);		/* RESIZED: CPUs, then */
DRVMEM_ARRAY(dm_classes, struct drvmem_class, DRVMEM_MAX_CLASSES);
DRVMEM_ARRAY(dm_ranges, struct drvmem_range, DRVMEM_MAX_RANGES);
DRVMEM_ARRAY(dm_pages, struct drvmem_pages, 1);			/* RESIZED: pages of the window */
DRVMEM_ARRAY(dm_orc, struct drvmem_orc, 1);
/* Global data: read at each event, or frame of a walk, without the bounds check of a map. */
extern struct drvmem_ctl dm_ctl;
extern struct drvmem_module dm_modules[DRVMEM_MAX_MODULES];
extern __u32 dm_present[DRVMEM_PRESENT];
extern struct drvmem_dma_task dm_dma_tasks[DRVMEM_DMA_TASKS];
extern struct drvmem_page_block dm_page_blocks[DRVMEM_PAGE_BLOCKS];
extern struct drvmem_page_array dm_page_arrays[DRVMEM_PAGE_ARRAYS];
extern struct drvmem_sampler dm_samplers[DRVMEM_SAMPLER_CPUS * DRVMEM_SAMPLERS];
extern struct drvmem_rules dm_rules[DRVMEM_RULES_SETS];
DRVMEM_ARRAY(dm_stacks, struct drvmem_stack, 1);		/* RESIZED */
DRVMEM_ARRAY(dm_scratch, struct drvmem_scratch, 1);		/* RESIZED: CPUs x slots */
DRVMEM_ARRAY(dm_stats, struct drvmem_stats, 1);			/* RESIZED: CPUs */

/* name hash -> DRVMEM_NAME_* */
DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, __u64);
	__type(value, __u32);
} dm_names SEC(".maps");

/* 5.10 only, where BPF has no compare-and-swap; one entry elsewhere. RESIZED */
DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct drvmem_entry);
} dm_table_hash SEC(".maps");

/* DRVMEM_PAGE_KEY of 64 pages or of a block -> those given back */
DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DRVMEM_PAGE_PARTS);
	__type(key, __u64);
	__type(value, __u64);
} dm_page_parts SEC(".maps");

/* hash of a device -> struct drvmem_dma_sync of each CPU */
DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, DRVMEM_SYNC_DEVICES);
	__type(key, __u64);
	__type(value, struct drvmem_dma_sync);
} dm_syncs SEC(".maps");

/* ~address of a mempool; one entry where pools are not asked for. RESIZED */
DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct drvmem_mempool);
} dm_mempools SEC(".maps");

/* Of a session that is to advise (include/drvmem/use.h); one entry elsewhere. RESIZED */
DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct drvmem_sized);
} dm_sizes SEC(".maps");

DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} dm_pairs SEC(".maps");

DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} dm_remaps SEC(".maps");

/* Claimed slots (kind << 32 | slot): of modules everywhere, of all tables on 5.10. RESIZED */
DRVMEM_MAP struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} dm_claims SEC(".maps");

#endif /* DRVMEM_MAPS_BPF_H */
