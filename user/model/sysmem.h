/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of the whole machine's memory at one moment: plain data,
 * read by source/sysmem.c, judged by analysis/. Bytes, but where said. Each number
 * is ok, absent or denied by itself; why is told by the file it comes from.
 */
#ifndef DRVMEM_MODEL_SYSMEM_H
#define DRVMEM_MODEL_SYSMEM_H

#include "base/err.h"
#include "model/avail.h"
#include "model/meminfo.h"

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
	/* where err[VMALLOCINFO] is 0: VmallocUsed, counted anew, and the kernel stacks of it */
	uint64_t area_pages, stack_pages;
	struct drvmem_zone *zones;
	uint32_t nr_zones;
	struct drvmem_blocks *blocks;
	uint32_t nr_blocks;
	uint64_t skipped;		/* malformed lines of the files read, in all */
};

/* Every number absent. NULL on ENOMEM. */
struct drvmem_sysmem *drvmem_sysmem__new(void);
void drvmem_sysmem__free(struct drvmem_sysmem *m);

#endif /* DRVMEM_MODEL_SYSMEM_H */
