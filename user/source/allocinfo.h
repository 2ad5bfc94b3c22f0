/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/allocinfo (0400; CONFIG_MEM_ALLOC_PROFILING, 6.10+): bytes and live
 * allocations of every source line since boot, exact. Summed here by module: a line's
 * module is the one its code is in, whoever called it. The parser takes a buffer.
 */
#ifndef DRVMEM_SOURCE_ALLOCINFO_H
#define DRVMEM_SOURCE_ALLOCINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"

struct drvmem_allocinfo_module {
	char name[DRVMEM_NAME_LEN];
	uint64_t bytes, calls;		/* live now */
};

struct drvmem_allocinfo {
	struct drvmem_allocinfo_module *v;	/* in order of first appearance */
	size_t n;
	uint64_t kernel_bytes, kernel_calls;	/* lines of vmlinux; user pages and page cache are in it */
	size_t lines, skipped;			/* skipped: malformed */
};

/* -ENOTSUP: no "allocinfo - version: 1." or "2." at its beginning. */
DRVMEM_MUST_CHECK int drvmem_allocinfo__parse(const char *text, size_t len,
					      struct drvmem_allocinfo **ret);
void drvmem_allocinfo__free(struct drvmem_allocinfo *a);
/* NULL when no line of the module is there. */
const struct drvmem_allocinfo_module *drvmem_allocinfo__find(const struct drvmem_allocinfo *a,
							     const char *name);

#endif /* DRVMEM_SOURCE_ALLOCINFO_H */
