/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/pagetypeinfo (0400): of it the table of pageblocks by kind, one zone a line
 * below "Number of blocks type     Unmovable      Movable ...". The titles tell which
 * kinds this kernel has (mm/vmstat.c:pagetypeinfo_showblockcount).
 */
#ifndef DRVMEM_SOURCE_PAGETYPEINFO_H
#define DRVMEM_SOURCE_PAGETYPEINFO_H

#include "model/sysmem.h"

/* *ret: array to be freed by the caller. -EINVAL: the table is not there; -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_pagetypeinfo__parse(const char *text, size_t len,
						 struct drvmem_blocks **ret, uint32_t *ret_n,
						 uint64_t *skipped);

#endif /* DRVMEM_SOURCE_PAGETYPEINFO_H */
