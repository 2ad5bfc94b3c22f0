// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/sysmem.h"

#include <errno.h>
#include <stdlib.h>

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

struct drvmem_sysmem *drvmem_sysmem__new(void)
{
	struct drvmem_sysmem *m = calloc(1, sizeof(*m));
	uint32_t i;

	if (!m)
		return NULL;
	drvmem_u64__set_missing(m->mem, DRVMEM_NR_MEM, DRVMEM_ABSENT);
	drvmem_u64__set_missing(m->vm, DRVMEM_NR_VM, DRVMEM_ABSENT);
	drvmem_u64__set_missing(&m->psi.some_us, 1, DRVMEM_ABSENT);
	drvmem_u64__set_missing(&m->psi.full_us, 1, DRVMEM_ABSENT);
	drvmem_u64__set_missing(&m->pcp, 1, DRVMEM_ABSENT);
	drvmem_u64__set_missing(&m->modules, 1, DRVMEM_ABSENT);
	drvmem_u64__set_missing(&m->percpu_boot, 1, DRVMEM_ABSENT);
	drvmem_u64__set_missing(&m->overcommit, 1, DRVMEM_ABSENT);
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
