/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of the whole machine's memory at one moment: plain data,
 * read by source/sysmem.c, judged by analysis/. Bytes, but where said. Each number
 * is ok, absent or denied by itself; why is told by the file it comes from.
 */
#ifndef DRVMEM_MODEL_SYSMEM_H
#define DRVMEM_MODEL_SYSMEM_H

#include "model/snapshot.h"

/* Lines of /proc/meminfo, in bytes here. Order of drvmem_mem_names. */
enum drvmem_mem {
	DRVMEM_MEM_TOTAL, DRVMEM_MEM_FREE, DRVMEM_MEM_AVAILABLE, DRVMEM_MEM_BUFFERS,
	DRVMEM_MEM_CACHED, DRVMEM_MEM_SWAPCACHED, DRVMEM_MEM_DIRTY, DRVMEM_MEM_WRITEBACK,
	DRVMEM_MEM_ANON, DRVMEM_MEM_MAPPED, DRVMEM_MEM_SHMEM, DRVMEM_MEM_ANON_HUGE,
	DRVMEM_MEM_KRECLAIMABLE, DRVMEM_MEM_SRECLAIMABLE, DRVMEM_MEM_SUNRECLAIM,
	DRVMEM_MEM_STACK, DRVMEM_MEM_SHADOW_STACK, DRVMEM_MEM_PAGE_TABLES,
	DRVMEM_MEM_SEC_PAGE_TABLES, DRVMEM_MEM_BOUNCE, DRVMEM_MEM_WRITEBACK_TMP,
	DRVMEM_MEM_COMMIT_LIMIT, DRVMEM_MEM_COMMITTED, DRVMEM_MEM_VMALLOC_USED,
	DRVMEM_MEM_PERCPU, DRVMEM_MEM_CORRUPTED, DRVMEM_MEM_CMA_TOTAL, DRVMEM_MEM_CMA_FREE,
	DRVMEM_MEM_UNACCEPTED, DRVMEM_MEM_BALLOON, DRVMEM_MEM_GPU_ACTIVE,
	DRVMEM_MEM_GPU_RECLAIM, DRVMEM_MEM_HUGETLB, DRVMEM_MEM_ZSWAP,
	DRVMEM_NR_MEM,
};

extern const char *const drvmem_mem_names[DRVMEM_NR_MEM];	/* "MemTotal" */

/* Counters of /proc/vmstat, events since boot; one level, zspages, in pages. */
enum drvmem_vm {
	DRVMEM_VM_PGFAULT, DRVMEM_VM_PGMAJFAULT, DRVMEM_VM_PGREUSE, DRVMEM_VM_COW_KSM,
	DRVMEM_VM_REFAULT_ANON, DRVMEM_VM_REFAULT_FILE, DRVMEM_VM_ALLOCSTALL,
	DRVMEM_VM_STEAL_KSWAPD, DRVMEM_VM_STEAL_DIRECT, DRVMEM_VM_SWAPIN, DRVMEM_VM_SWAPOUT,
	DRVMEM_VM_COMPACT_STALL, DRVMEM_VM_COMPACT_FAIL, DRVMEM_VM_OOM_KILL,
	DRVMEM_VM_ZSPAGES,
	DRVMEM_NR_VM,
};

/* "pgfault"; allocstall is the sum over zones, "allocstall_normal" and others. */
extern const char *const drvmem_vm_names[DRVMEM_NR_VM];

/* Of /proc/pressure/memory: time, in us since boot, that some or all tasks stood still. */
struct drvmem_psi {
	struct drvmem_u64 some_us, full_us;
};

#define DRVMEM_MAX_ORDERS	16u	/* NR_PAGE_ORDERS is 11 on x86, 14 with 64K pages on arm64 */

/* Free blocks of one zone: a line of /proc/buddyinfo. */
struct drvmem_zone {
	uint32_t node;
	char name[16];
	uint32_t nr_orders;
	uint64_t free[DRVMEM_MAX_ORDERS];
};

/* Kinds of pageblocks, by name (mm/show_mem.c, migratetype_names). */
enum drvmem_block {
	DRVMEM_BLOCK_UNMOVABLE, DRVMEM_BLOCK_MOVABLE, DRVMEM_BLOCK_RECLAIMABLE,
	DRVMEM_BLOCK_HIGHATOMIC, DRVMEM_BLOCK_CMA, DRVMEM_BLOCK_ISOLATE,
	DRVMEM_NR_BLOCK,
};

extern const char *const drvmem_block_names[DRVMEM_NR_BLOCK];	/* "Unmovable" */

/* Pageblocks of one zone; a kind that the kernel does not have is absent. */
struct drvmem_blocks {
	uint32_t node;
	char name[16];
	struct drvmem_u64 n[DRVMEM_NR_BLOCK];
	uint64_t other;			/* of kinds not known here */
};

/* vmalloc areas of /proc/vmallocinfo. */
struct drvmem_areas {
	uint64_t nr;
	uint64_t pages;			/* of areas that vmalloc filled: VmallocUsed, counted anew */
	uint64_t stack_pages;		/* of them taken to fork a task: kernel stacks */
	uint64_t skipped;		/* malformed lines */
};

enum drvmem_sysfile {
	DRVMEM_SYSFILE_MEMINFO, DRVMEM_SYSFILE_VMSTAT, DRVMEM_SYSFILE_PSI,
	DRVMEM_SYSFILE_ZONEINFO, DRVMEM_SYSFILE_BUDDYINFO, DRVMEM_SYSFILE_PAGETYPEINFO,
	DRVMEM_SYSFILE_VMALLOCINFO, DRVMEM_SYSFILE_MODULES, DRVMEM_SYSFILE_BOOTLOG,
	DRVMEM_SYSFILE_OVERCOMMIT,
	DRVMEM_NR_SYSFILE,
};

extern const char *const drvmem_sysfile_names[DRVMEM_NR_SYSFILE];	/* "/proc/meminfo" */

enum drvmem_vmap_stack { DRVMEM_VMAP_STACK_UNKNOWN = 0, DRVMEM_VMAP_STACK_NO, DRVMEM_VMAP_STACK_YES };

struct drvmem_sysmem {
	uint64_t taken_ns;		/* CLOCK_MONOTONIC */
	uint32_t page_size;
	int err[DRVMEM_NR_SYSFILE];	/* 0, or why the file was not read: -errno */
	struct drvmem_u64 mem[DRVMEM_NR_MEM];
	struct drvmem_u64 vm[DRVMEM_NR_VM];
	struct drvmem_psi psi;
	struct drvmem_u64 pcp;		/* bytes free in the lists of single CPUs */
	struct drvmem_u64 modules;	/* bytes of module images */
	struct drvmem_u64 percpu_boot;	/* bytes of the first percpu chunk, from the boot log */
	struct drvmem_u64 overcommit;	/* vm.overcommit_memory: 0, 1, 2 */
	enum drvmem_vmap_stack vmap_stack;
	struct drvmem_areas areas;	/* where err[VMALLOCINFO] is 0 */
	struct drvmem_zone *zones;
	uint32_t nr_zones;
	struct drvmem_blocks *blocks;
	uint32_t nr_blocks;
	uint64_t skipped;		/* malformed lines of the files read, in all */
};

/* Every number absent. NULL on ENOMEM. */
struct drvmem_sysmem *drvmem_sysmem__new(void);
void drvmem_sysmem__free(struct drvmem_sysmem *m);
/* What a file that could not be read makes of its numbers. */
enum drvmem_avail drvmem_sysmem__avail(int err);

#endif /* DRVMEM_MODEL_SYSMEM_H */
