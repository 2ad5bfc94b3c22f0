/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/slabinfo (0400): what each cache holds in all, whoever took it. Serves to
 * compare our counts with the kernel's. Merged caches appear once, under the name
 * of the first. Under SLUB active_objs may count per-CPU free objects as active.
 */
#ifndef DRVMEM_SOURCE_SLABINFO_H
#define DRVMEM_SOURCE_SLABINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct drvmem_slabrow {
	char name[64];
	uint64_t active_objs, num_objs;
	uint64_t objsize;		/* bytes one object takes (cache size, not object_size) */
	uint64_t objs_per_slab, pages_per_slab;
	uint64_t active_slabs, num_slabs;
};

struct drvmem_slabinfo {
	struct drvmem_slabrow *v;
	size_t n;
	size_t skipped;			/* malformed lines */
};

/* -ENOTSUP: a format version other than 2. */
DRVMEM_MUST_CHECK int drvmem_slabinfo__parse(const char *text, size_t len,
					     struct drvmem_slabinfo **ret);
/* Reads /proc/slabinfo; -EACCES without rights. */
DRVMEM_MUST_CHECK int drvmem_slabinfo__load(struct drvmem_slabinfo **ret);
void drvmem_slabinfo__free(struct drvmem_slabinfo *s);
/* NULL when there is no such row. */
const struct drvmem_slabrow *drvmem_slabinfo__find(const struct drvmem_slabinfo *s,
						   const char *name);

#endif /* DRVMEM_SOURCE_SLABINFO_H */
