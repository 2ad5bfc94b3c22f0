/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between two snapshots of one session. Definition: Δ is live now
 * minus live at the previous snapshot. Without a previous one the comparison is
 * with the start of the session, when nothing was live and nothing counted.
 */
#ifndef DRVMEM_MODEL_DELTA_H
#define DRVMEM_MODEL_DELTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/snapshot.h"

/* Change of one site, or of any sum of sites. Counters never run backwards: they clamp at 0. */
struct drvmem_change {
	int64_t live_bytes, live_objects;
	uint64_t allocs, frees, failures;	/* events in the interval */
	/* of what was sampled; of live an upper bound: objects that were live at both times cancel */
	double allocs_var, frees_var, live_bytes_var;
};

struct drvmem_delta {
	bool since_start;		/* there was no previous snapshot */
	uint64_t interval_ns;		/* 0: both snapshots at the same instant, no rates */
	struct drvmem_change *site;	/* [nr_sites] in the order of cur->sites */
	uint32_t nr_sites;
};

/* Sites are matched by id. prev may be NULL. 0 or -ENOMEM. Neither snapshot is kept. */
DRVMEM_MUST_CHECK int drvmem_delta__new(const struct drvmem_snapshot *prev,
					const struct drvmem_snapshot *cur,
					struct drvmem_delta **ret);
void drvmem_delta__free(struct drvmem_delta *d);
/*
 * Makes cur what changed since prev, of the same session and earlier: counts and losses are those of the time
 * between, live what is more live, and tracing began at prev. Peaks, objects, caches and what is beside the sites stay as
 * they are. Not of sampled sessions: variances of what is live are not those of a change. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_delta__subtract(const struct drvmem_snapshot *prev, struct drvmem_snapshot *cur);
/* dst += src, every field. */
void drvmem_change__add(struct drvmem_change *dst, const struct drvmem_change *src);
/* Events per second over the interval; absent when the interval is empty (*ret untouched). */
enum drvmem_avail drvmem_delta__rate(const struct drvmem_delta *d, uint64_t events, double *ret);

#endif /* DRVMEM_MODEL_DELTA_H */
