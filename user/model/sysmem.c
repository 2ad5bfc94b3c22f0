// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/sysmem.h"

#include <errno.h>
#include <stdlib.h>

const char *const drvmem_mem_names[DRVMEM_NR_MEM] = {
	[DRVMEM_MEM_TOTAL] = "MemTotal",
	[DRVMEM_MEM_FREE] = "MemFree",
	[DRVMEM_MEM_AVAILABLE] = "MemAvailable",
	[DRVMEM_MEM_BUFFERS] = "Buffers",
	[DRVMEM_MEM_CACHED] = "Cached",
	[DRVMEM_MEM_SWAPCACHED] = "SwapCached",
	[DRVMEM_MEM_DIRTY] = "Dirty",
	[DRVMEM_MEM_WRITEBACK] = "Writeback",
	[DRVMEM_MEM_ANON] = "AnonPages",
	[DRVMEM_MEM_MAPPED] = "Mapped",
	[DRVMEM_MEM_SHMEM] = "Shmem",
	[DRVMEM_MEM_ANON_HUGE] = "AnonHugePages",
	[DRVMEM_MEM_KRECLAIMABLE] = "KReclaimable",
	[DRVMEM_MEM_SRECLAIMABLE] = "SReclaimable",
	[DRVMEM_MEM_SUNRECLAIM] = "SUnreclaim",
	[DRVMEM_MEM_STACK] = "KernelStack",
	[DRVMEM_MEM_SHADOW_STACK] = "ShadowCallStack",
	[DRVMEM_MEM_PAGE_TABLES] = "PageTables",
	[DRVMEM_MEM_SEC_PAGE_TABLES] = "SecPageTables",
	[DRVMEM_MEM_BOUNCE] = "Bounce",
	[DRVMEM_MEM_WRITEBACK_TMP] = "WritebackTmp",
	[DRVMEM_MEM_COMMIT_LIMIT] = "CommitLimit",
	[DRVMEM_MEM_COMMITTED] = "Committed_AS",
	[DRVMEM_MEM_VMALLOC_USED] = "VmallocUsed",
	[DRVMEM_MEM_PERCPU] = "Percpu",
	[DRVMEM_MEM_CORRUPTED] = "HardwareCorrupted",
	[DRVMEM_MEM_CMA_TOTAL] = "CmaTotal",
	[DRVMEM_MEM_CMA_FREE] = "CmaFree",
	[DRVMEM_MEM_UNACCEPTED] = "Unaccepted",
	[DRVMEM_MEM_BALLOON] = "Balloon",
	[DRVMEM_MEM_GPU_ACTIVE] = "GPUActive",
	[DRVMEM_MEM_GPU_RECLAIM] = "GPUReclaim",
	[DRVMEM_MEM_HUGETLB] = "Hugetlb",
	[DRVMEM_MEM_ZSWAP] = "Zswap",
};

const char *const drvmem_vm_names[DRVMEM_NR_VM] = {
	[DRVMEM_VM_PGFAULT] = "pgfault",
	[DRVMEM_VM_PGMAJFAULT] = "pgmajfault",
	[DRVMEM_VM_PGREUSE] = "pgreuse",
	[DRVMEM_VM_COW_KSM] = "cow_ksm",
	[DRVMEM_VM_REFAULT_ANON] = "workingset_refault_anon",
	[DRVMEM_VM_REFAULT_FILE] = "workingset_refault_file",
	[DRVMEM_VM_ALLOCSTALL] = "allocstall",
	[DRVMEM_VM_STEAL_KSWAPD] = "pgsteal_kswapd",
	[DRVMEM_VM_STEAL_DIRECT] = "pgsteal_direct",
	[DRVMEM_VM_SWAPIN] = "pswpin",
	[DRVMEM_VM_SWAPOUT] = "pswpout",
	[DRVMEM_VM_COMPACT_STALL] = "compact_stall",
	[DRVMEM_VM_COMPACT_FAIL] = "compact_fail",
	[DRVMEM_VM_OOM_KILL] = "oom_kill",
	[DRVMEM_VM_ZSPAGES] = "nr_zspages",
};

const char *const drvmem_block_names[DRVMEM_NR_BLOCK] = {
	[DRVMEM_BLOCK_UNMOVABLE] = "Unmovable",
	[DRVMEM_BLOCK_MOVABLE] = "Movable",
	[DRVMEM_BLOCK_RECLAIMABLE] = "Reclaimable",
	[DRVMEM_BLOCK_HIGHATOMIC] = "HighAtomic",
	[DRVMEM_BLOCK_CMA] = "CMA",
	[DRVMEM_BLOCK_ISOLATE] = "Isolate",
};

const char *const drvmem_sysfile_names[DRVMEM_NR_SYSFILE] = {
	[DRVMEM_SYSFILE_MEMINFO] = "/proc/meminfo",
	[DRVMEM_SYSFILE_VMSTAT] = "/proc/vmstat",
	[DRVMEM_SYSFILE_PSI] = "/proc/pressure/memory",
	[DRVMEM_SYSFILE_ZONEINFO] = "/proc/zoneinfo",
	[DRVMEM_SYSFILE_BUDDYINFO] = "/proc/buddyinfo",
	[DRVMEM_SYSFILE_PAGETYPEINFO] = "/proc/pagetypeinfo",
	[DRVMEM_SYSFILE_VMALLOCINFO] = "/proc/vmallocinfo",
	[DRVMEM_SYSFILE_MODULES] = "/proc/modules",
	[DRVMEM_SYSFILE_BOOTLOG] = "the kernel log",
	[DRVMEM_SYSFILE_OVERCOMMIT] = "/proc/sys/vm/overcommit_memory",
};

static void clear(struct drvmem_u64 *v, uint32_t n)
{
	while (n--)
		v[n] = (struct drvmem_u64){ 0, DRVMEM_ABSENT };
}

struct drvmem_sysmem *drvmem_sysmem__new(void)
{
	struct drvmem_sysmem *m = calloc(1, sizeof(*m));
	uint32_t i;

	if (!m)
		return NULL;
	clear(m->mem, DRVMEM_NR_MEM);
	clear(m->vm, DRVMEM_NR_VM);
	clear(&m->psi.some_us, 1);
	clear(&m->psi.full_us, 1);
	clear(&m->pcp, 1);
	clear(&m->modules, 1);
	clear(&m->percpu_boot, 1);
	clear(&m->overcommit, 1);
	for (i = 0; i < DRVMEM_NR_SYSFILE; i++)
		m->err[i] = -ENOENT;
	return m;
}

void drvmem_sysmem__free(struct drvmem_sysmem *m)
{
	if (!m)
		return;
	free(m->zones);
	free(m->blocks);
	free(m);
}

enum drvmem_avail drvmem_sysmem__avail(int err)
{
	if (!err)
		return DRVMEM_OK;
	return err == -EACCES || err == -EPERM ? DRVMEM_DENIED : DRVMEM_ABSENT;
}
