/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reading of a machine, from recorded files. meminfo-6.18 and its like are of one machine. */
#ifndef DRVMEM_TESTS_SYSFIXTURE_H
#define DRVMEM_TESTS_SYSFIXTURE_H

#include "fixture.h"

#include "source/buddyinfo.h"
#include "source/meminfo.h"
#include "source/pagetypeinfo.h"
#include "source/psi.h"
#include "source/vmstat.h"

/* Only meminfo; everything else is absent. */
static inline struct drvmem_sysmem *sysfix_meminfo(const char *file)
{
	struct drvmem_sysmem *m = drvmem_sysmem__new();
	size_t len;
	char *text = unit_data(file, &len);

	assert_non_null(m);
	m->page_size = 4096;
	m->taken_ns = 10 * FIX_S;
	assert_int_equal(drvmem_meminfo__parse(text, len, m->mem, &m->skipped), 0);
	m->err[DRVMEM_SYSFILE_MEMINFO] = 0;
	free(text);
	return m;
}

/* The recorded 6.18 machine, all files but those that need a right. */
static inline struct drvmem_sysmem *sysfix_machine(void)
{
	static const char psi[] = "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n"
				  "full avg10=0.00 avg60=0.00 avg300=0.00 total=400\n";
	struct drvmem_sysmem *m = sysfix_meminfo("meminfo-6.18.txt");
	uint64_t pages;
	size_t len;
	char *text;

	text = unit_data("vmstat-6.18.txt", &len);
	m->err[DRVMEM_SYSFILE_VMSTAT] = drvmem_vmstat__parse(text, len, m->vm, &m->skipped);
	free(text);
	text = unit_data("buddyinfo-6.18.txt", &len);
	m->err[DRVMEM_SYSFILE_BUDDYINFO] = drvmem_buddyinfo__parse(text, len, &m->zones, &m->nr_zones,
								   &m->skipped);
	free(text);
	text = unit_data("pagetypeinfo-6.18.txt", &len);
	m->err[DRVMEM_SYSFILE_PAGETYPEINFO] =
		drvmem_pagetypeinfo__parse(text, len, &m->blocks, &m->nr_blocks, &m->skipped);
	free(text);
	text = unit_data("zoneinfo-6.18.txt", &len);
	m->err[DRVMEM_SYSFILE_ZONEINFO] = drvmem_zoneinfo__parse_pcp(text, len, &pages, &m->skipped);
	m->pcp = (struct drvmem_u64){ pages * 4096, DRVMEM_OK };
	free(text);
	m->err[DRVMEM_SYSFILE_PSI] = drvmem_psi__parse(psi, sizeof(psi) - 1, &m->psi);
	m->err[DRVMEM_SYSFILE_VMALLOCINFO] = -EACCES;
	m->err[DRVMEM_SYSFILE_OVERCOMMIT] = 0;
	m->overcommit.st = DRVMEM_OK;
	m->vmap_stack = DRVMEM_VMAP_STACK_YES;
	return m;
}

static inline void sysfix_set(struct drvmem_sysmem *m, enum drvmem_mem i, uint64_t kb)
{
	m->mem[i] = (struct drvmem_u64){ kb * 1024, DRVMEM_OK };
}

/* A site of allocator that still holds bytes. */
static inline void sysfix_hold(struct drvmem_snapshot *s, uint32_t owner, uint16_t allocator,
			       const char *site, uint64_t bytes)
{
	uint32_t k = s->nr_caches ? 0 : fix_cache(s, "page", 4096, false);
	uint32_t t = fix_site(s, owner, k, site, 1, 0, bytes);

	s->sites[t].allocator = allocator;
	s->sites[t].c.held_bytes = (int64_t)bytes;
}

#endif /* DRVMEM_TESTS_SYSFIXTURE_H */
