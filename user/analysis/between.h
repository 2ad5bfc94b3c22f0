/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of the objects of a site between two snapshots of a session: allocated and freed inside and outside
 * of that window. One number is missing: of the four classes counters give all sums. Between two marks of a session
 * with generations it was counted; where the live objects are listed their ages tell it to a tick; else what is known
 * of ages and lifetimes (analysis/inside.h) and the counters themselves bound it. Pure.
 */
#ifndef DRVMEM_ANALYSIS_BETWEEN_H
#define DRVMEM_ANALYSIS_BETWEEN_H

#include "analysis/inside.h"
#include "model/delta.h"
#include "model/snapshot.h"

/* At least, at most: objects. */
struct drvmem_bounds {
	uint64_t min, max;
};

struct drvmem_between {
	uint64_t allocs, ends;		/* inside; ends also of objects whose free was only inferred */
	struct drvmem_bounds aifo;	/* allocated inside, live at its end */
	struct drvmem_bounds aifi;	/* allocated and ended inside */
	struct drvmem_bounds aofi;	/* allocated before it, ended inside */
	struct drvmem_bounds aofo;	/* allocated before it, live at its end */
	bool listed;			/* by ages: min and max differ only by what was allocated in the tick it began in */
};

/*
 * s is the end of the window, d its difference from the beginning, w what is known beside (NULL: nothing); site:
 * index. Nothing may be sampled.
 */
void drvmem_between(const struct drvmem_snapshot *s, const struct drvmem_delta *d, const struct drvmem_inside *w,
		    uint32_t site, struct drvmem_between *ret);
/* The generations of w are in s, which was taken after their last mark and before another: the window is theirs. */
bool drvmem_between__is_marked(const struct drvmem_snapshot *s, const struct drvmem_inside *w);
/* min and max of all four are the same. */
bool drvmem_between__is_exact(const struct drvmem_between *b);
void drvmem_between__add(struct drvmem_between *dst, const struct drvmem_between *src);

#endif /* DRVMEM_ANALYSIS_BETWEEN_H */
