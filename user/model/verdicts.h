/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the reachability scan said of a snapshot's objects, for views: plain data. The classes are
 * analysis/reach.h's.
 */
#ifndef DRVMEM_MODEL_VERDICTS_H
#define DRVMEM_MODEL_VERDICTS_H

#include <stdbool.h>
#include <stdint.h>

struct drvmem_reach_verdict;

struct drvmem_verdicts {
	const struct drvmem_reach_verdict *v;	/* of the objects that were asked about */
	const uint32_t *asked;		/* by index into the snapshot's objects[]: into v, UINT32_MAX = not asked */
	const uint32_t *object;		/* the reverse: by index into v */
	const char **name;		/* by index into v: what holds it, one phrase; NULL = nothing is known to */
	uint32_t nr, not_asked;		/* objects; of those that were too many, or may not be asked about */
	const char *reader;		/* "/proc/kcore", "BPF"; NULL = there was no scan */
	const char *why_not;		/* one sentence, where there was none though it was wanted; else NULL */
	uint64_t bytes, unreadable;	/* of the last pass */
	uint64_t ns;			/* of the longer pass */
	uint64_t gap_ns;		/* between the passes */
	uint64_t own_bytes;		/* what the scan takes of memory */
	uint32_t tasks;
	bool tasks_whole, zeroed;
};

#endif /* DRVMEM_MODEL_VERDICTS_H */
