/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reachability scan of a running session: who holds the objects of a snapshot. Two passes over
 * the kernel's memory some seconds apart, while the session goes on and tells what is freed
 * meanwhile. Command layer: composes symbol, source/scan, analysis/reach.
 */
#ifndef DRVMEM_REACHRUN_H
#define DRVMEM_REACHRUN_H

#include "model/snapshot.h"
#include "model/verdicts.h"
#include "source/kmem.h"
#include "trace.h"

enum drvmem_reach_choice { DRVMEM_REACH_AUTO = 0, DRVMEM_REACH_ON, DRVMEM_REACH_OFF };

struct drvmem_reachrun {
	struct drvmem_verdicts verdicts;
	uint32_t mark;			/* set before: objects of this generation are asked about first; 0 = none is */
	/* private from here on */
	struct drvmem_arena *arena;
	struct drvmem_reach_verdict *v;
	uint32_t *asked, *object;
	const char **name;
};

/* cur has objects; t is active. 0, or -errno with err filled. r is to be freed in any case. */
DRVMEM_MUST_CHECK int drvmem_reachrun__run(struct drvmem_reachrun *r, struct drvmem_trace *t,
					   const struct drvmem_snapshot *cur, bool progress,
					   struct drvmem_err *err);
/*
 * After a run that failed: what was traced is judged without a scan, and says why. True: it was asked for
 * (DRVMEM_REACH_ON), so that the user is told and nothing found is nothing proven.
 */
bool drvmem_reachrun__told(struct drvmem_reachrun *r, const struct drvmem_err *why, int choice);
/* What the scan has to know of the kernel's variables, from the text of /proc/kallsyms. */
void drvmem_reachrun__symbols(const char *text, size_t len, struct drvmem_kmem_syms *ret);
void drvmem_reachrun__deinit(struct drvmem_reachrun *r);

#endif /* DRVMEM_REACHRUN_H */
