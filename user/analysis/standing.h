/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One word for what the memory of a call site, or of all of an owner's, does: it stays, it comes and
 * goes, it grows, its owner is gone. The word of growth.h where ages are known; from the counts where
 * they are not, and then never surely. Nothing is called lost but by a scan that looked who holds it
 * (definitions.md). Pure.
 */
#ifndef DRVMEM_ANALYSIS_STANDING_H
#define DRVMEM_ANALYSIS_STANDING_H

#include <stdbool.h>

#include "analysis/growth.h"

/* Of an owner the highest that is worth telling goes first: see drvmem_standing_of__add(). */
enum drvmem_standing {
	DRVMEM_STANDING_NONE = 0,	/* nothing is live */
	DRVMEM_STANDING_SAMPLED,	/* only ages would tell, and those of single objects are not known */
	DRVMEM_STANDING_SHORT,		/* the session is too short to tell */
	DRVMEM_STANDING_STABLE,		/* what is live does not grow */
	DRVMEM_STANDING_CHURN,		/* the same, and much more came and went than is live */
	DRVMEM_STANDING_NEW,		/* nothing was allocated here until a minute ago */
	DRVMEM_STANDING_CACHE,		/* of a cache that gives back when memory is short */
	DRVMEM_STANDING_GROWING,	/* more and more become old; with a confidence */
	DRVMEM_STANDING_UNLOADING,	/* the owner went just now */
	DRVMEM_STANDING_LEFTOVER,	/* live though the owner is gone, and grace is over */
	DRVMEM_STANDING_LOST,		/* a scan found nobody who holds some of it */
	DRVMEM_NR_STANDINGS,
};

#define DRVMEM_STANDING_NEW_NS		60000000000ull
#define DRVMEM_STANDING_GRACE_NS	10000000000ull
#define DRVMEM_STANDING_TURNS		10u	/* so many times what is live was allocated */

struct drvmem_standing_in {
	const struct drvmem_growth *growth;	/* NULL: the ages are not known */
	const struct drvmem_series *series;	/* NULL: no history */
	uint32_t site;				/* id */
	uint64_t started_ns, now_ns, unloaded_ns;	/* unloaded: 0 = the owner is there */
	uint64_t allocs, frees;
	int64_t live_objects;
	uint32_t lost;				/* objects, by a scan */
	bool reclaimable, upper_bound;
	bool sampled;				/* the counts are estimates; growth is not looked at */
};

struct drvmem_standing_is {
	enum drvmem_standing word;
	enum drvmem_confidence confidence;	/* of GROWING */
	struct drvmem_trend trend;		/* without growth: of the live objects, a second */
	uint32_t points;			/* that it is from; 0 = ages are known, or there is no history */
};

void drvmem_standing(const struct drvmem_standing_in *in, struct drvmem_standing_is *ret);
/* "growing high", "cache*": what stands in a table; "-" for NONE. */
const char *drvmem_standing__name(const struct drvmem_standing_is *k);
/* One sentence without its end: what was seen. */
void drvmem_standing__why(const struct drvmem_standing_in *in, const struct drvmem_standing_is *k,
			  struct drvmem_strbuf *out);

/* An owner's word: of what is surely wrong if some site has it, else of what has most of its bytes. */
struct drvmem_standing_of {
	uint64_t bytes[DRVMEM_NR_STANDINGS][DRVMEM_CONFIDENCE_HIGH + 1];
	uint32_t sites[DRVMEM_NR_STANDINGS][DRVMEM_CONFIDENCE_HIGH + 1];
	uint64_t all;
};

void drvmem_standing_of__add(struct drvmem_standing_of *o, const struct drvmem_standing_is *k, int64_t live_bytes);
struct drvmem_standing_is drvmem_standing_of__word(const struct drvmem_standing_of *o);

#endif /* DRVMEM_ANALYSIS_STANDING_H */
