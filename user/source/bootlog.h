/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one line of the boot log that tells how large the first percpu chunk is. */
#ifndef DRVMEM_SOURCE_BOOTLOG_H
#define DRVMEM_SOURCE_BOOTLOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * "percpu: Embedded 53 pages/cpu s185496 r0 d31592 u1048576" or "percpu: 53 4K pages/cpu s...":
 * pages of the first chunk on each CPU (mm/percpu.c:pcpu_embed_first_chunk,
 * pcpu_page_first_chunk). -ENOENT: the log does not (or no longer) have it.
 */
DRVMEM_MUST_CHECK int drvmem_bootlog__percpu(const char *text, size_t len, uint64_t *ret_pages);

#endif /* DRVMEM_SOURCE_BOOTLOG_H */
