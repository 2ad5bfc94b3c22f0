/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a driver the cause of memory pressure? What the session saw drivers take, beside
 * what tasks stood still for want of memory and what memory became unavailable in the
 * same time. Pure; says so when the evidence does not tell.
 */
#ifndef DRVMEM_ANALYSIS_PRESSURE_H
#define DRVMEM_ANALYSIS_PRESSURE_H

#include "model/snapshot.h"
#include "model/sysmem.h"

enum drvmem_pressure {
	DRVMEM_PRESSURE_NONE,		/* tasks hardly stood still */
	DRVMEM_PRESSURE_DRIVER,		/* one driver took at least half of what became unavailable */
	DRVMEM_PRESSURE_PART,		/* one driver took at least a tenth of it */
	DRVMEM_PRESSURE_NOT_DRIVER,	/* less than that, and all allocators were seen */
	DRVMEM_PRESSURE_UNKNOWN,
};

struct drvmem_pressure_result {
	enum drvmem_pressure verdict;
	const char *why;		/* UNKNOWN: what is missing, one sentence; else NULL */
	struct drvmem_u64 some_us, full_us;	/* stood still, over the time between */
	uint64_t period_ns;
	uint64_t some_ppm;		/* of the time; 0 unless some_us is ok */
	enum drvmem_avail drop_st;
	int64_t drop_bytes;		/* MemAvailable at the start less now */
	int64_t drivers_bytes;		/* what all modules hold that they took since the start */
	int64_t top_bytes;		/* what the one that took most holds */
	uint32_t top_owner;		/* index into instances[]; UINT32_MAX = no module took any */
};

/* "none", "driver", "driver_in_part", "not_a_driver", "cannot_tell" */
const char *drvmem_pressure_name(enum drvmem_pressure p);
void drvmem_pressure_judge(const struct drvmem_sysmem *start, const struct drvmem_sysmem *now,
			   const struct drvmem_snapshot *s, struct drvmem_pressure_result *ret);

#endif /* DRVMEM_ANALYSIS_PRESSURE_H */
