/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the objects of a site that became old look like: more and more, as a leak's, or a cache
 * that fills, batches, what the load makes. From their ages (who survives of each window of the
 * session), from how long the freed ones lived, and from how the number of live ones went. Pure.
 *
 * Nothing here is called a leak: that takes to know that nobody holds the objects.
 */
#ifndef DRVMEM_ANALYSIS_GROWTH_H
#define DRVMEM_ANALYSIS_GROWTH_H

#include "analysis/lifetime.h"
#include "analysis/trend.h"
#include "base/strbuf.h"
#include "model/series.h"

enum drvmem_growth_class {
	DRVMEM_GROWTH_SHORT = 0,	/* fewer than three windows are older than what is old */
	DRVMEM_GROWTH_GROWING,		/* more and more become old, in all windows */
	DRVMEM_GROWTH_STEADY,		/* some are old, their number does not grow */
	DRVMEM_GROWTH_WARM_UP,		/* those of the first windows only, though more were allocated later */
	DRVMEM_GROWTH_QUIET,		/* those of the first windows only, and none was allocated later */
	DRVMEM_GROWTH_SAWTOOTH,		/* many were freed at once in between */
};

enum drvmem_confidence { DRVMEM_CONFIDENCE_LOW = 0, DRVMEM_CONFIDENCE_MEDIUM, DRVMEM_CONFIDENCE_HIGH };

/* Why not more than that: bits. */
#define DRVMEM_AGAINST_UNLEARNT		0x01u	/* too few were freed to tell what is usual */
#define DRVMEM_AGAINST_FREED_LATE	0x02u	/* of those that became old some were freed */
#define DRVMEM_AGAINST_LOSS		0x04u	/* as many frees may have been lost */
#define DRVMEM_AGAINST_UPPER		0x08u	/* some frees of the cache cannot be seen */
#define DRVMEM_AGAINST_SHARED		0x10u	/* no driver's, or of a cache that gives back when memory is short */
#define DRVMEM_AGAINST_FEW		0x20u	/* fewer than DRVMEM_GROWTH_FEW */
#define DRVMEM_AGAINST_GAPS		0x40u	/* of some windows with allocations none is left, or survivors are of fewer than three */
#define DRVMEM_AGAINST_SLOWING		0x80u	/* much less is left of the last windows than of the others */
#define DRVMEM_AGAINST_YOUNG		0x100u	/* most of the session is younger than what is old */

#define DRVMEM_GROWTH_FEW	5u
#define DRVMEM_GROWTH_WINDOWS	3u

struct drvmem_growth_in {
	const uint64_t *life;		/* of the site, as drvmem_lifetime() takes it */
	const uint64_t *living;		/* ages, ns, of live objects that do not wait for RCU */
	uint32_t nr_living, hz;
	uint32_t site;			/* id */
	const struct drvmem_series *series;
	uint64_t started_ns, ended_ns;	/* of the session */
	uint64_t older_ns;		/* what is old: as asked for (learn false), or where too few were freed */
	bool learn;
	uint64_t lost;			/* events, of the whole session */
	uint64_t inferred;		/* objects of the site whose end was not seen */
	bool upper_bound;
	bool shared;			/* the owner is no driver, or the cache is reclaimable */
};

struct drvmem_growth {
	enum drvmem_growth_class class;
	enum drvmem_confidence confidence;
	uint32_t against;
	uint64_t old_ns;		/* what counts as old here */
	bool learnt;			/* from the site's own lifetimes */
	uint64_t mature_ns;		/* what counts as old for windows: not less than is usual */
	struct drvmem_lifetime life;
	struct drvmem_trend trend;	/* live objects, a second, from when the first ones were old */
	uint64_t old;			/* objects that are */
	uint32_t windows;		/* whose objects are all old */
	uint32_t windows_born;		/* ... of these with allocations */
	uint32_t windows_left;		/* ... of these with objects that are live */
	uint64_t left, left_late;	/* objects left of the windows, of the last third of them */
	uint64_t drop;			/* the most objects by which the live ones fell from an earlier height */
};

void drvmem_growth(const struct drvmem_growth_in *in, struct drvmem_growth *ret);
/* It grows, with high confidence. */
bool drvmem_growth__is_sure(const struct drvmem_growth *g);
/* "growing", "steady", "warm-up", "quiet", "sawtooth", "too short". */
const char *drvmem_growth__name(enum drvmem_growth_class class);
const char *drvmem_confidence__name(enum drvmem_confidence c);
/* One sentence: what was seen, and what speaks against more. */
void drvmem_growth__why(const struct drvmem_growth *g, struct drvmem_strbuf *out);

#endif /* DRVMEM_ANALYSIS_GROWTH_H */
