/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What owners and sites had live at earlier moments of a session: the last minute by the second,
 * and the whole session in at most DRVMEM_HISTORY_POINTS points, evenly apart: whenever they are
 * full every second one is dropped. Bounded: DRVMEM_HISTORY_MAX owners and sites, 1 KiB each.
 * What was not there yet had nothing live: its past is 0, which is known. Mappings are not in it.
 */
#ifndef DRVMEM_MODEL_HISTORY_H
#define DRVMEM_MODEL_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/snapshot.h"

#define DRVMEM_HISTORY_POINTS	64u
#define DRVMEM_HISTORY_MAX	16384u

struct drvmem_history;

/* Whose history: an index into instances[], or the id of a site. */
struct drvmem_history_of {
	bool site;
	uint32_t id;
};

/* NULL on ENOMEM. */
struct drvmem_history *drvmem_history__new(void);
void drvmem_history__free(struct drvmem_history *h);
/* A snapshot of the same session, later than those before. 0 or -ENOMEM: it is left out in part. */
DRVMEM_MUST_CHECK int drvmem_history__add(struct drvmem_history *h, const struct drvmem_snapshot *s);
/* The same, and from now on changes since the mark are since this moment. */
DRVMEM_MUST_CHECK int drvmem_history__mark(struct drvmem_history *h, const struct drvmem_snapshot *s);
/* Marks so far, and when the last one was (CLOCK_MONOTONIC). */
uint32_t drvmem_history__marks(const struct drvmem_history *h, uint64_t *ret_ns);
/*
 * Live bytes now less those a time ago, or at the start of a session that is not as old. False when
 * no moment about so long ago is known: half to one and a half of the time.
 */
bool drvmem_history__change(const struct drvmem_history *h, struct drvmem_history_of of, uint64_t ago_ns,
			    int64_t *ret_bytes);
/* The same since the last mark, and of objects; false without one. */
bool drvmem_history__change_of_mark(const struct drvmem_history *h, struct drvmem_history_of of,
				    int64_t *ret_bytes, int64_t *ret_objects);
/*
 * Live bytes over the session, the oldest first, the last one now: at most n (> 0) values, evenly
 * apart but for the last one. Returns how many.
 */
uint32_t drvmem_history__trend(const struct drvmem_history *h, struct drvmem_history_of of, uint32_t n,
			       int64_t *ret);
/* Time that the trend is of, ns. */
uint64_t drvmem_history__span(const struct drvmem_history *h);

#endif /* DRVMEM_MODEL_HISTORY_H */
