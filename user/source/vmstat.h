/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/vmstat, "name value" a line: events since boot. /proc/zoneinfo: what lies
 * free in the lists of single CPUs, which MemFree does not count.
 */
#ifndef DRVMEM_SOURCE_VMSTAT_H
#define DRVMEM_SOURCE_VMSTAT_H

#include <stddef.h>

#include "base/err.h"
#include "model/avail.h"
#include "model/meminfo.h"

/* ret: [DRVMEM_NR_VM]. As drvmem_meminfo__parse(). */
DRVMEM_MUST_CHECK int drvmem_vmstat__parse(const char *text, size_t len, struct drvmem_u64 *ret,
					   uint64_t *skipped);
/* Pages in the lists of all CPUs of all zones. -EINVAL: the text has no such list. */
DRVMEM_MUST_CHECK int drvmem_zoneinfo__parse_pcp(const char *text, size_t len, uint64_t *ret_pages,
						 uint64_t *skipped);

#endif /* DRVMEM_SOURCE_VMSTAT_H */
