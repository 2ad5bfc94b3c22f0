// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/extfrag.h"
#include "analysis/reconcile.h"
#include "fuzz.h"
#include "source/bootlog.h"
#include "source/buddyinfo.h"
#include "source/meminfo.h"
#include "source/pagetypeinfo.h"
#include "source/psi.h"
#include "source/sysmem.h"
#include "source/vmstat.h"

/* Every text through every parser of the system view: what comes out must add up. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_sysmem *m = drvmem_sysmem__new();
	const char *text = (const char *)data;
	struct drvmem_ram_result r;
	struct drvmem_extfrag f;
	uint64_t v;
	uint32_t i, o;

	FUZZ_ASSERT(m);
	m->page_size = 4096;
	m->err[DRVMEM_SYSFILE_MEMINFO] = drvmem_meminfo__parse(text, size, m->mem, &m->skipped);
	m->err[DRVMEM_SYSFILE_VMSTAT] = drvmem_vmstat__parse(text, size, m->vm, &m->skipped);
	(void)!drvmem_psi__parse(text, size, &m->psi);
	(void)!drvmem_zoneinfo__parse_pcp(text, size, &v, &m->skipped);
	(void)!drvmem_bootlog__percpu(text, size, &v);
	if (!drvmem_sysmem__take(m, DRVMEM_SYSFILE_VMALLOCINFO, text, size))
		FUZZ_ASSERT(m->stack_pages <= m->area_pages);
	if (drvmem_buddyinfo__parse(text, size, &m->zones, &m->nr_zones, &m->skipped))
		m->nr_zones = 0;
	if (drvmem_pagetypeinfo__parse(text, size, &m->blocks, &m->nr_blocks, &m->skipped))
		m->nr_blocks = 0;
	for (i = 0; i < m->nr_zones; i++) {
		drvmem_extfrag(&m->zones[i], &f);
		for (o = 0; o < m->zones[i].nr_orders; o++)
			FUZZ_ASSERT(f.unusable[o] <= 1000 && (!o || f.unusable[o] >= f.unusable[o - 1]));
	}
	drvmem_reconcile(m, NULL, &r);
	if (r.unaccounted_st == DRVMEM_OK)
		FUZZ_ASSERT((int64_t)(r.total.bytes.v - r.sum) == r.unaccounted);
	drvmem_sysmem__free(m);
	return 0;
}
