/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every byte of MemTotal in exactly one class, and what is left over by name:
 * unaccounted = MemTotal - sum of the classes. Pure. What the kernel's counters have
 * in common is told in reconcile.c; a class holds what no class before it holds.
 */
#ifndef DRVMEM_ANALYSIS_RECONCILE_H
#define DRVMEM_ANALYSIS_RECONCILE_H

#include "model/snapshot.h"
#include "model/sysmem.h"

enum drvmem_ram {
	DRVMEM_RAM_FREE, DRVMEM_RAM_FREE_PCP,
	DRVMEM_RAM_ANON, DRVMEM_RAM_SHMEM, DRVMEM_RAM_FILE, DRVMEM_RAM_HUGETLB,
	DRVMEM_RAM_SLAB_RECLAIMABLE, DRVMEM_RAM_SLAB_UNRECLAIMABLE, DRVMEM_RAM_KERNEL_RECLAIMABLE,
	DRVMEM_RAM_VMALLOC, DRVMEM_RAM_MODULE_IMAGE, DRVMEM_RAM_KERNEL_STACK,
	DRVMEM_RAM_PAGE_TABLES, DRVMEM_RAM_SEC_PAGE_TABLES, DRVMEM_RAM_PERCPU,
	DRVMEM_RAM_ZSPAGES, DRVMEM_RAM_GPU, DRVMEM_RAM_BOUNCE, DRVMEM_RAM_WRITEBACK_TMP,
	DRVMEM_RAM_PAGE_DIRECT, DRVMEM_RAM_DMA,
	DRVMEM_NR_RAM,
};

/* Figures that are inside a class, inside several, or outside MemTotal: never added. */
enum drvmem_ram_part {
	DRVMEM_PART_CMA_FREE, DRVMEM_PART_UNACCEPTED, DRVMEM_PART_ANON_HUGE,
	DRVMEM_PART_MAPPED, DRVMEM_PART_DIRTY, DRVMEM_PART_WRITEBACK, DRVMEM_PART_SHADOW_STACK,
	DRVMEM_PART_ZSWAP, DRVMEM_PART_VMALLOC_USED, DRVMEM_PART_VMALLOC_AREAS,
	DRVMEM_PART_PERCPU_BOOT, DRVMEM_PART_SWAPCACHED, DRVMEM_PART_CMA_USED,
	DRVMEM_PART_CORRUPTED, DRVMEM_PART_BALLOON, DRVMEM_PART_PAGE_ELSEWHERE,
	DRVMEM_NR_RAM_PART,
};

/* A number, and one sentence why it is missing (NULL when it is not). */
struct drvmem_figure {
	struct drvmem_u64 bytes;
	const char *why;
	bool estimated;		/* from a sample */
};

struct drvmem_ram_result {
	struct drvmem_figure total;
	struct drvmem_figure class[DRVMEM_NR_RAM];
	struct drvmem_figure part[DRVMEM_NR_RAM_PART];
	uint64_t sum;			/* of the classes that are known */
	enum drvmem_avail unaccounted_st;
	int64_t unaccounted;		/* below 0: counters moved or share bytes not told here */
	const char *unaccounted_why;
	enum drvmem_vmap_stack vmap_stack;
};

struct drvmem_ram_info {
	const char *key;	/* JSON key and metric label */
	const char *label;
	const char *note;	/* parts: where its bytes are counted */
};

extern const struct drvmem_ram_info drvmem_ram_classes[DRVMEM_NR_RAM];
extern const struct drvmem_ram_info drvmem_ram_parts[DRVMEM_NR_RAM_PART];

/* s: the session, for what drivers hold directly; NULL = none. */
void drvmem_reconcile(const struct drvmem_sysmem *m, const struct drvmem_snapshot *s,
		      struct drvmem_ram_result *ret);
/* One sentence for a file of sysmem that was not read. */
const char *drvmem_sysfile_why(const struct drvmem_sysmem *m, enum drvmem_sysfile file);

#endif /* DRVMEM_ANALYSIS_RECONCILE_H */
