/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each module held when it had started, as it worked, and after it went: from looks at its live
 * bytes ten times a second. A moment that was not seen is absent.
 */
#ifndef DRVMEM_MODEL_PHASES_H
#define DRVMEM_MODEL_PHASES_H

#include "drvmem/abi.h"
#include "model/avail.h"

#define DRVMEM_PHASE_INIT_NS	2000000000ull	/* after its load a module has started */

struct drvmem_phase {
	bool seen;
	uint64_t loaded_ns, unloaded_ns;	/* CLOCK_MONOTONIC; 0 = before the session, not yet */
	struct drvmem_u64 init_bytes;	/* when it had started, of one that was loaded in the session */
	struct drvmem_u64 steady_bytes;	/* mean of the looks while it was loaded, once it had started */
	struct drvmem_u64 after_bytes;	/* the last look after it went */
	uint64_t looks;			/* in the mean */
	double sum;
};

struct drvmem_phases {
	struct drvmem_phase v[DRVMEM_MAX_MODULES];	/* by slot, as instances of a snapshot are */
};

/* A look at a module. */
void drvmem_phases__look(struct drvmem_phases *p, uint32_t slot, const struct drvmem_module *m, uint64_t now_ns);

#endif /* DRVMEM_MODEL_PHASES_H */
