/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counts of every site at moments of a session, evenly apart: what trends are taken from. Of a
 * session of unknown length every second point is dropped whenever there are too many.
 */
#ifndef DRVMEM_MODEL_SERIES_H
#define DRVMEM_MODEL_SERIES_H

#include "model/snapshot.h"

#define DRVMEM_SERIES_POINTS	24u

struct drvmem_series_count {
	uint32_t site;			/* id */
	uint64_t allocs;		/* since the start */
	int64_t live_objects;
};

struct drvmem_series_point {
	uint64_t taken_ns;		/* CLOCK_MONOTONIC */
	struct drvmem_series_count *count;	/* by site */
	uint32_t nr;
};

struct drvmem_series {
	struct drvmem_series_point point[DRVMEM_SERIES_POINTS];	/* the oldest first */
	uint32_t nr;
	uint64_t step_ns;		/* from one point to the next */
	uint64_t next_ns;		/* when the next one is due, CLOCK_MONOTONIC */
};

/* step_ns > 0. */
void drvmem_series__init(struct drvmem_series *s, uint64_t started_ns, uint64_t step_ns);
void drvmem_series__fini(struct drvmem_series *s);
/*
 * Adds the counts of a snapshot, later than those before, when a point is due or none comes after
 * it. -ENOMEM: it is left out.
 */
DRVMEM_MUST_CHECK int drvmem_series__add(struct drvmem_series *s, const struct drvmem_snapshot *snap,
					 bool last);
/* A copy whose last point is snap, for a look at a series that goes on; __fini() it. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_series__until(const struct drvmem_series *s, const struct drvmem_snapshot *snap,
					   struct drvmem_series *ret);
/* Counts of a site at point i, zeros before it was seen. */
struct drvmem_series_count drvmem_series__at(const struct drvmem_series *s, uint32_t i, uint32_t site);

#endif /* DRVMEM_MODEL_SERIES_H */
