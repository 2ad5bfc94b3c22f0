/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of drvmem's own process: /proc/self. Parsers take a buffer. */
#ifndef DRVMEM_SOURCE_SELFPROC_H
#define DRVMEM_SOURCE_SELFPROC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/avail.h"

struct drvmem_selfproc {
	struct drvmem_u64 cpu_us;	/* user and system time of all threads */
	struct drvmem_u64 vsz_bytes, rss_bytes;
	struct drvmem_u64 start_ms;	/* since 1970 */
	struct drvmem_u64 open_fds, max_fds;
};

/* /proc/self/statm: pages. -EINVAL. */
DRVMEM_MUST_CHECK int drvmem_selfproc__parse_statm(const char *text, size_t len, uint64_t *ret_size,
						   uint64_t *ret_resident);
/* /proc/self/stat: when it was started, in ticks since boot. The name may hold anything. -EINVAL. */
DRVMEM_MUST_CHECK int drvmem_selfproc__parse_start(const char *text, size_t len, uint64_t *ret_ticks);
/* What cannot be read is absent. */
void drvmem_selfproc__read(struct drvmem_selfproc *ret);

#endif /* DRVMEM_SOURCE_SELFPROC_H */
