/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads all of struct drvmem_sysmem. A file that cannot be read or understood leaves
 * its numbers absent or denied and says why in err[]; the others are read all the same.
 */
#ifndef DRVMEM_SOURCE_SYSMEM_H
#define DRVMEM_SOURCE_SYSMEM_H

#include "model/sysmem.h"

/* Only memory can be short: -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_sysmem__load(struct drvmem_sysmem **ret);
/*
 * The same of only those files of which a later reading is compared with this one: vmstat,
 * pressure, meminfo. The other numbers are absent.
 */
DRVMEM_MUST_CHECK int drvmem_sysmem__load_start(struct drvmem_sysmem **ret);
/* One of its files, by its text: into m and m->err[file], which is returned. Not the kernel log. */
DRVMEM_MUST_CHECK int drvmem_sysmem__take(struct drvmem_sysmem *m, enum drvmem_sysfile file,
					  const char *text, size_t len);

#endif /* DRVMEM_SOURCE_SYSMEM_H */
