/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the objects of a site live, from those that were freed and those that are alive: the
 * living are censored at their age (Kaplan and Meier 1958; in the life-table form of Cutler and
 * Ederer 1958, since lifetimes come in powers of two). Pure.
 */
#ifndef DRVMEM_ANALYSIS_LIFETIME_H
#define DRVMEM_ANALYSIS_LIFETIME_H

#include <stdint.h>

#include "drvmem/abi.h"
#include "model/avail.h"

#define DRVMEM_LIFETIME_FREED_MIN 30u	/* fewer tell nothing of what is usual */

struct drvmem_lifetime {
	uint64_t freed, living;
	/*
	 * Old for this site: twice the age by which 99 % of those that are freed at all are freed, as
	 * an upper edge of a power of two of jiffies, ns. Absent: fewer than DRVMEM_LIFETIME_FREED_MIN.
	 */
	struct drvmem_u64 old_ns;
	uint64_t reached;		/* objects that became as old as that, */
	uint64_t reached_freed;		/* ... and of these the ones that were freed */
	/* share of the objects that live longer than old_ns, and its 95 % interval (Greenwood, log-log) */
	double survive, survive_low, survive_high;
};

/*
 * life[i]: objects freed at an age of [2^(i-1), 2^i) jiffies, life[0]: of less than one. living:
 * the ages of the others, ns, in any order. hz: jiffies in a second, more than 0.
 */
void drvmem_lifetime(const uint64_t *life, const uint64_t *living, uint32_t nr_living, uint32_t hz,
		     struct drvmem_lifetime *ret);

#endif /* DRVMEM_ANALYSIS_LIFETIME_H */
