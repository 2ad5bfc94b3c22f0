// SPDX-License-Identifier: GPL-2.0-or-later
/* Columns of what the kernel says of the whole machine, and of what was there before tracing. */
#include "store/machine.h"

#define END { NULL, 0, 0, 0, 0 }

/* As in store/tables.c: a new member is added to a table here, or it is decided that it is not kept. */
#define KEPT(s, bytes) _Static_assert(sizeof(void *) != 8 || sizeof(struct s) == (bytes), "is a new member of " #s " kept?")
KEPT(drvmem_sysmem, 1016);
KEPT(drvmem_zone, 152);
KEPT(drvmem_blocks, 128);
KEPT(drvmem_baseline, 400);	/* not pages: only a live report reads page_owner */
KEPT(drvmem_baseline_row, 136);
KEPT(drvmem_baseline_dev, 40);

#define MEM(i, name) { name, offsetof(struct drvmem_sysmem, mem[DRVMEM_MEM_##i]), 1, DRVMEM_FIELD_MAYBE, 0 }
#define VM(i, name) { name, offsetof(struct drvmem_sysmem, vm[DRVMEM_VM_##i]), 1, DRVMEM_FIELD_MAYBE, 0 }
#define WHY(i, name) { "errno_" name, offsetof(struct drvmem_sysmem, err[DRVMEM_SYSFILE_##i]), 1, DRVMEM_FIELD_I32, 0 }
const struct drvmem_field drvmem_system_fields[] = {
	DRVMEM_FIELD(drvmem_sysmem, taken_ns, U64),
	DRVMEM_FIELD(drvmem_sysmem, page_size, U32),
	MEM(TOTAL, "MemTotal"), MEM(FREE, "MemFree"), MEM(AVAILABLE, "MemAvailable"),
	MEM(BUFFERS, "Buffers"), MEM(CACHED, "Cached"), MEM(SWAPCACHED, "SwapCached"), MEM(DIRTY, "Dirty"),
	MEM(WRITEBACK, "Writeback"), MEM(ANON, "AnonPages"), MEM(MAPPED, "Mapped"), MEM(SHMEM, "Shmem"),
	MEM(ANON_HUGE, "AnonHugePages"), MEM(KRECLAIMABLE, "KReclaimable"),
	MEM(SRECLAIMABLE, "SReclaimable"), MEM(SUNRECLAIM, "SUnreclaim"), MEM(STACK, "KernelStack"),
	MEM(SHADOW_STACK, "ShadowCallStack"), MEM(PAGE_TABLES, "PageTables"),
	MEM(SEC_PAGE_TABLES, "SecPageTables"), MEM(BOUNCE, "Bounce"), MEM(WRITEBACK_TMP, "WritebackTmp"),
	MEM(COMMIT_LIMIT, "CommitLimit"), MEM(COMMITTED, "Committed_AS"), MEM(VMALLOC_USED, "VmallocUsed"),
	MEM(PERCPU, "Percpu"), MEM(CORRUPTED, "HardwareCorrupted"), MEM(CMA_TOTAL, "CmaTotal"),
	MEM(CMA_FREE, "CmaFree"), MEM(UNACCEPTED, "Unaccepted"), MEM(BALLOON, "Balloon"),
	MEM(GPU_ACTIVE, "GPUActive"), MEM(GPU_RECLAIM, "GPUReclaim"), MEM(HUGETLB, "Hugetlb"),
	MEM(ZSWAP, "Zswap"),
	VM(PGFAULT, "pgfault"), VM(PGMAJFAULT, "pgmajfault"), VM(PGREUSE, "pgreuse"),
	VM(COW_KSM, "cow_ksm"), VM(REFAULT_ANON, "workingset_refault_anon"),
	VM(REFAULT_FILE, "workingset_refault_file"), VM(ALLOCSTALL, "allocstall"),
	VM(STEAL_KSWAPD, "pgsteal_kswapd"), VM(STEAL_DIRECT, "pgsteal_direct"), VM(SWAPIN, "pswpin"),
	VM(SWAPOUT, "pswpout"), VM(COMPACT_STALL, "compact_stall"), VM(COMPACT_FAIL, "compact_fail"),
	VM(OOM_KILL, "oom_kill"), VM(ZSPAGES, "nr_zspages"), VM(FREE_PAGES, "nr_free_pages"),
	{ "psi_some_us", offsetof(struct drvmem_sysmem, psi.some_us), 1, DRVMEM_FIELD_MAYBE, 0 },
	{ "psi_full_us", offsetof(struct drvmem_sysmem, psi.full_us), 1, DRVMEM_FIELD_MAYBE, 0 },
	DRVMEM_FIELD(drvmem_sysmem, pcp, MAYBE),
	DRVMEM_FIELD(drvmem_sysmem, modules, MAYBE),
	DRVMEM_FIELD(drvmem_sysmem, percpu_boot, MAYBE),
	DRVMEM_FIELD(drvmem_sysmem, overcommit, MAYBE),
	DRVMEM_FIELD(drvmem_sysmem, vmap_stack, U32),
	DRVMEM_FIELD(drvmem_sysmem, area_pages, U64),
	DRVMEM_FIELD(drvmem_sysmem, stack_pages, U64),
	DRVMEM_FIELD(drvmem_sysmem, skipped, U64),
	WHY(MEMINFO, "meminfo"), WHY(VMSTAT, "vmstat"), WHY(PSI, "psi"), WHY(ZONEINFO, "zoneinfo"),
	WHY(BUDDYINFO, "buddyinfo"), WHY(PAGETYPEINFO, "pagetypeinfo"), WHY(VMALLOCINFO, "vmallocinfo"),
	WHY(MODULES, "modules"), WHY(BOOTLOG, "bootlog"), WHY(OVERCOMMIT, "overcommit"),
	END
};

#define FREE(i) { "free_" #i, offsetof(struct drvmem_zone_row, v.free[i]), 1, DRVMEM_FIELD_U64, 0 }
const struct drvmem_field drvmem_zone_fields[] = {
	DRVMEM_FIELD(drvmem_zone_row, interval, U64),
	{ "node", offsetof(struct drvmem_zone_row, v.node), 1, DRVMEM_FIELD_U32, 0 },
	{ "name", offsetof(struct drvmem_zone_row, v.name), 16, DRVMEM_FIELD_TEXT, 0 },
	{ "nr_orders", offsetof(struct drvmem_zone_row, v.nr_orders), 1, DRVMEM_FIELD_U32, 0 },
	FREE(0), FREE(1), FREE(2), FREE(3), FREE(4), FREE(5), FREE(6), FREE(7),
	FREE(8), FREE(9), FREE(10), FREE(11), FREE(12), FREE(13), FREE(14), FREE(15),
	END
};

#define BLOCK(i, name) { name, offsetof(struct drvmem_blocks_row, v.n[DRVMEM_BLOCK_##i]), 1, DRVMEM_FIELD_MAYBE, 0 }
const struct drvmem_field drvmem_blocks_fields[] = {
	DRVMEM_FIELD(drvmem_blocks_row, interval, U64),
	{ "node", offsetof(struct drvmem_blocks_row, v.node), 1, DRVMEM_FIELD_U32, 0 },
	{ "name", offsetof(struct drvmem_blocks_row, v.name), 16, DRVMEM_FIELD_TEXT, 0 },
	BLOCK(UNMOVABLE, "unmovable"), BLOCK(MOVABLE, "movable"), BLOCK(RECLAIMABLE, "reclaimable"),
	BLOCK(HIGHATOMIC, "highatomic"), BLOCK(CMA, "cma"), BLOCK(ISOLATE, "isolate"),
	{ "other", offsetof(struct drvmem_blocks_row, v.other), 1, DRVMEM_FIELD_U64, 0 },
	END
};

#define PART(i, name) \
	{ name "_bytes", offsetof(struct drvmem_baseline, part[DRVMEM_BASE_##i].bytes), 1, DRVMEM_FIELD_MAYBE, 0 }, \
	{ name "_named", offsetof(struct drvmem_baseline, part[DRVMEM_BASE_##i].named), 1, DRVMEM_FIELD_MAYBE, 0 }
const struct drvmem_field drvmem_baseline_fields[] = {
	PART(SLAB, "slab"), PART(VMALLOC, "vmalloc"), PART(PERCPU, "percpu"), PART(IMAGES, "images"),
	DRVMEM_FIELD(drvmem_baseline, spread_named, U64),
	DRVMEM_FIELD(drvmem_baseline, stack_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_baseline, image_area_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_baseline, bpf_map_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_baseline, bpf_maps, U64),
	DRVMEM_FIELD(drvmem_baseline, bpf_area_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline, allocinfo_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_baseline, map_ram_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline, unnamed_areas, U64),
	DRVMEM_FIELD(drvmem_baseline, skipped, U64),
	DRVMEM_FIELD(drvmem_baseline, vmallocinfo, MAYBE),
	DRVMEM_FIELD(drvmem_baseline, devres_count, MAYBE),
	DRVMEM_FIELD(drvmem_baseline, devres_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_baseline, devres_why, STR),
	DRVMEM_FIELD(drvmem_baseline, devres_asked, BOOL),
	DRVMEM_FIELD(drvmem_baseline, devices, U64),
	DRVMEM_FIELD(drvmem_baseline, unbound_count, U64),
	DRVMEM_FIELD(drvmem_baseline, unbound_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline, unlisted, U64),
	DRVMEM_FIELD(drvmem_baseline, unlisted_count, U64),
	DRVMEM_FIELD(drvmem_baseline, unlisted_bytes, U64),
	END
};

const struct drvmem_field drvmem_baseline_row_fields[] = {
	DRVMEM_FIELD(drvmem_baseline_row, owner, STR),
	DRVMEM_FIELD(drvmem_baseline_row, what, STR),
	DRVMEM_FIELD(drvmem_baseline_row, module, BOOL),
	DRVMEM_FIELD(drvmem_baseline_row, areas, U64),
	DRVMEM_FIELD(drvmem_baseline_row, vmalloc_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline_row, caches, U64),
	DRVMEM_FIELD(drvmem_baseline_row, slab_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline_row, image_bytes, MAYBE),
	DRVMEM_FIELD(drvmem_baseline_row, vmaps, U64),
	DRVMEM_FIELD(drvmem_baseline_row, vmap_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline_row, ioremaps, U64),
	DRVMEM_FIELD(drvmem_baseline_row, ioremap_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline_row, devres_count, U64),
	DRVMEM_FIELD(drvmem_baseline_row, devres_bytes, U64),
	DRVMEM_FIELD(drvmem_baseline_row, allocinfo_bytes, MAYBE),
	END
};

const struct drvmem_field drvmem_baseline_dev_fields[] = {
	DRVMEM_FIELD(drvmem_baseline_dev, device, STR),
	DRVMEM_FIELD(drvmem_baseline_dev, driver, STR),
	DRVMEM_FIELD(drvmem_baseline_dev, owner, STR),
	DRVMEM_FIELD(drvmem_baseline_dev, count, U64),
	DRVMEM_FIELD(drvmem_baseline_dev, bytes, U64),
	END
};
