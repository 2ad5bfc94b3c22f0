/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classes of objects by who holds them (definitions.md), from the words that two passes over the
 * kernel's memory found. An object is lost only if nothing held it in both passes, and nobody wrote
 * to it in between: a pointer that a CPU had in a register comes back to memory. Pure.
 */
#ifndef DRVMEM_ANALYSIS_REACH_H
#define DRVMEM_ANALYSIS_REACH_H

#include "base/err.h"
#include "model/reach.h"

enum drvmem_reach_class {
	DRVMEM_REACH_UNKNOWN = 0,	/* could not be looked for */
	DRVMEM_REACH_FREED,		/* free by now, seen or unseen */
	DRVMEM_REACH_REACHABLE,		/* a named word holds it, or an object that is held so */
	DRVMEM_REACH_POSSIBLY_LOST,	/* held only from memory that has no name, or changed in between */
	DRVMEM_REACH_INDIRECTLY_LOST,	/* held by lost objects only */
	DRVMEM_REACH_DEFINITELY_LOST,	/* nothing holds it */
	DRVMEM_NR_REACH,
};

struct drvmem_reach_verdict {
	uint8_t class;			/* enum drvmem_reach_class */
	bool changed;			/* possibly lost because it was written to between the passes */
	bool maybe_free;		/* ... because it may have been freed unseen */
	bool by_number;			/* ... because its holders may know it by number alone */
	bool cut;			/* ... because not all words could be read or kept */
	uint32_t dead;			/* words in freed objects, of the last pass */
	struct drvmem_holder holder;	/* of the reachable, the possibly and the indirectly lost; kind NONE: none */
};

/* Both passes are over the same nr objects. ret has room for nr. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_reach__judge(const struct drvmem_reach_pass *first,
					  const struct drvmem_reach_pass *last,
					  struct drvmem_reach_verdict *ret);
/* "definitely lost", "still reachable", ... */
const char *drvmem_reach__name(enum drvmem_reach_class class);

#endif /* DRVMEM_ANALYSIS_REACH_H */
