/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/vmallocinfo (0400), summed: how many pages vmalloc filled, and how many of
 * them are kernel stacks. Counts VmallocUsed from the areas themselves; where the two
 * differ an area came or went between, or vfree() of a vmap()ed area took too much off
 * VmallocUsed (VM_MAP_PUT_PAGES). Also the one line of the boot log
 * that tells how large the first percpu chunk is.
 */
#ifndef DRVMEM_SOURCE_AREAS_H
#define DRVMEM_SOURCE_AREAS_H

#include "model/sysmem.h"

/* -EINVAL: no line of it is one of vmallocinfo. ret->skipped counts malformed ones. */
DRVMEM_MUST_CHECK int drvmem_areas__parse(const char *text, size_t len, struct drvmem_areas *ret);
/*
 * "percpu: Embedded 53 pages/cpu s185496 r0 d31592 u1048576" or "percpu: 53 4K pages/cpu s...":
 * pages of the first chunk on each CPU (mm/percpu.c:pcpu_embed_first_chunk,
 * pcpu_page_first_chunk). -ENOENT: the log does not (or no longer) have it.
 */
DRVMEM_MUST_CHECK int drvmem_bootlog__percpu(const char *text, size_t len, uint64_t *ret_pages);

#endif /* DRVMEM_SOURCE_AREAS_H */
