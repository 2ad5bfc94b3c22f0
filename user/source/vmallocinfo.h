/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/vmallocinfo (0400): every area of the vmalloc address space with its size,
 * pages and caller (mm/vmalloc.c:vmalloc_info_show). Addresses are hashed or zero
 * unless kptr_restrict is 1, so they are not read. The parser takes a buffer; the
 * spans of an area point into it.
 */
#ifndef DRVMEM_SOURCE_VMALLOCINFO_H
#define DRVMEM_SOURCE_VMALLOCINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

enum drvmem_vmkind {
	DRVMEM_VM_OTHER = 0,	/* sparse, or no flag that is known */
	DRVMEM_VM_ALLOC,	/* vmalloc: memory, where it has pages */
	DRVMEM_VM_MAP,		/* vmap, dma-coherent: a mapping of pages that are somebody's already */
	DRVMEM_VM_IOREMAP,	/* of a device's memory */
	DRVMEM_VM_MAP_RAM,	/* vm_map_ram: a mapping, no caller is kept */
};

struct drvmem_vmarea {
	struct drvmem_span head;	/* addresses, size and caller as written: which area it is */
	struct drvmem_span caller;	/* "e1000_probe"; n 0 = none, or an address only */
	struct drvmem_span module;	/* n 0 = vmlinux */
	uint64_t size;			/* bytes of address space, with the guard page */
	uint64_t pages;			/* of PAGE_SIZE; 0 = not told: the area's pages are counted elsewhere */
	enum drvmem_vmkind kind;
};

struct drvmem_vmallocinfo {
	struct drvmem_vmarea *v;
	size_t n;
	uint64_t unpurged, unpurged_bytes;	/* freed, address space not given back yet: no memory */
	uint64_t skipped;			/* malformed lines */
};

struct drvmem_vmsum {
	/*
	 * Of areas that vmalloc filled: VmallocUsed, counted anew. Where the two differ an area came
	 * or went between, or vfree() of a vmap()ed area took too much off VmallocUsed
	 * (VM_MAP_PUT_PAGES).
	 */
	uint64_t pages;
	uint64_t stack_pages;		/* of these: stacks of tasks */
	uint64_t mapping_bytes;		/* address space of all other areas */
};

DRVMEM_MUST_CHECK int drvmem_vmallocinfo__parse(const char *text, size_t len,
						struct drvmem_vmallocinfo **ret);
void drvmem_vmallocinfo__free(struct drvmem_vmallocinfo *v);
void drvmem_vmallocinfo__sum(const struct drvmem_vmallocinfo *v, struct drvmem_vmsum *ret);

/* A caller without what the compiler adds: "func.isra.0" gives "func". */
struct drvmem_span drvmem_vmarea__plain(struct drvmem_span caller);
/* Does the area's caller tell that it is the stack of a task? */
bool drvmem_vmarea__is_stack(const struct drvmem_vmarea *a);

#endif /* DRVMEM_SOURCE_VMALLOCINFO_H */
