/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/meminfo, "Name:   value kB" a line. Lines come and go with the kernel and
 * its configuration (fs/proc/meminfo.c:meminfo_proc_show), so one that is not there
 * is absent, and one that is not known here is passed over.
 */
#ifndef DRVMEM_SOURCE_MEMINFO_H
#define DRVMEM_SOURCE_MEMINFO_H

#include <stddef.h>

#include "base/err.h"
#include "model/avail.h"
#include "model/meminfo.h"

/*
 * ret: [DRVMEM_NR_MEM], in bytes; what the text does not have stays as it is. Adds malformed
 * lines to *skipped. -EINVAL: no line of it is one of meminfo.
 */
DRVMEM_MUST_CHECK int drvmem_meminfo__parse(const char *text, size_t len, struct drvmem_u64 *ret,
					    uint64_t *skipped);

#endif /* DRVMEM_SOURCE_MEMINFO_H */
