/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/buddyinfo: free blocks of each order, one zone a line:
 * "Node 0, zone   Normal   2707   4009 ...". mm/vmstat.c:frag_show_print.
 */
#ifndef DRVMEM_SOURCE_BUDDYINFO_H
#define DRVMEM_SOURCE_BUDDYINFO_H

#include "base/text.h"
#include "model/sysmem.h"

/* *ret: array to be freed by the caller. -EINVAL: no line of it is one of buddyinfo; -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_buddyinfo__parse(const char *text, size_t len, struct drvmem_zone **ret,
					      uint32_t *ret_n, uint64_t *skipped);
/*
 * "Node 0, zone   Normal" off the front of a line, up to a comma behind the name if there is one.
 * Shared with pagetypeinfo. -EINVAL, -ENAMETOOLONG.
 */
DRVMEM_MUST_CHECK int drvmem_buddyinfo__cut_zone(struct drvmem_span *line, uint32_t *ret_node,
						 char *ret_name, size_t size);

#endif /* DRVMEM_SOURCE_BUDDYINFO_H */
