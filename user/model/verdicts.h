/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the reachability scan said of a snapshot's objects, for views and sessions: plain data.
 */
#ifndef DRVMEM_MODEL_VERDICTS_H
#define DRVMEM_MODEL_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/reach.h"

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
	bool cut;			/* not all words that hold something are known: nothing is called lost */
	bool ram_changed;		/* ... because memory was added or taken away */
};

/* The name that holds most of several objects: each is given to __add, then, again, to __count. */
struct drvmem_holder_vote {
	const char *name;		/* names are one copy each */
	uint32_t lead, objects;
};

/* What holds an object of the snapshot, or NULL. */
static inline const char *drvmem_verdicts__holder(const struct drvmem_verdicts *d, uint32_t object)
{
	return d && d->reader && d->asked[object] != UINT32_MAX ? d->name[d->asked[object]] : NULL;
}

static inline void drvmem_holder_vote__add(struct drvmem_holder_vote *v, const char *name)
{
	if (!name)
		return;
	if (!v->lead)
		v->name = name;
	v->lead += v->name == name ? 1 : UINT32_MAX;
}

static inline void drvmem_holder_vote__count(struct drvmem_holder_vote *v, const char *name)
{
	v->objects += name && name == v->name;
}

#endif /* DRVMEM_MODEL_VERDICTS_H */
