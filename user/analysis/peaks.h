/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The most that each owner, and one device, had live of each kind at any look. Of an owner as a
 * whole and of each site the kernel side keeps exact peaks; of kinds and of numbers of objects
 * nothing does, so these are sampled. Pure.
 */
#ifndef DRVMEM_ANALYSIS_PEAKS_H
#define DRVMEM_ANALYSIS_PEAKS_H

#include "base/err.h"
#include "model/snapshot.h"

struct drvmem_peak {
	uint64_t objects, bytes;
};

struct drvmem_peaks {
	const char *device;			/* bus id; NULL = of none */
	struct drvmem_peak of_device[DRVMEM_NR_USES];
	struct drvmem_peak (*of_owner)[DRVMEM_NR_USES];	/* by instance */
	uint32_t nr;
};

/* Is the site of a buffer or mapping of this device? */
bool drvmem_site_is_of(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t, const char *device);
/* One more look; names of sites are not needed. -ENOMEM: it is left out. */
DRVMEM_MUST_CHECK int drvmem_peaks__add(struct drvmem_peaks *p, const struct drvmem_snapshot *s);
void drvmem_peaks__fini(struct drvmem_peaks *p);

#endif /* DRVMEM_ANALYSIS_PEAKS_H */
