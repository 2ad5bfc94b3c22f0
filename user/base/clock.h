/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock that everything here is told in, the same that bpf_ktime_get_ns() reads. */
#ifndef DRVMEM_BASE_CLOCK_H
#define DRVMEM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* ns since boot, without time in suspend. */
static inline uint64_t drvmem_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif /* DRVMEM_BASE_CLOCK_H */
