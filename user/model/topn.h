/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which names have series of their own, and what the others are together, from one scrape to the
 * next: at most max_names and max_cost, by weight, with hysteresis. Keeps a ledger of counters, so
 * that no counter ever goes down: each increment is counted in exactly one series, once. Knows no
 * clock; what a weight or a counter means is the caller's. Owns its names.
 */
#ifndef DRVMEM_MODEL_TOPN_H
#define DRVMEM_MODEL_TOPN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define DRVMEM_TOPN_OTHER	"other"		/* taken: a row of this name never has a series of its own */
#define DRVMEM_TOPN_STAY_NS	3600000000000ull
#define DRVMEM_TOPN_NO_ROW	UINT32_MAX

struct drvmem_topn_opts {
	uint32_t max_names;
	uint64_t max_cost;		/* sum of cost of those with series of their own; 0 = no limit */
	uint64_t stay_ns;		/* who came stays at least so long; unless max_cost forces it out */
	uint32_t nr_counters;		/* of each row */
};

struct drvmem_topn_row {
	const char *name;		/* each name once */
	double weight;			/* 0 or less: never a series of its own unless it has one */
	uint32_t cost;			/* series it would take */
	const uint64_t *counter;	/* [nr_counters] as the source counts: from its start, never down */
};

struct drvmem_topn_entry {
	char *name;
	bool own;			/* has series of its own */
	uint32_t row;			/* of the last update; DRVMEM_TOPN_NO_ROW: the source has it no more */
	uint64_t since_ns;		/* own since */
	double weight;
	uint32_t cost;
	uint64_t *shown;		/* [nr_counters] of its own series; kept while it has none */
	uint64_t *last;			/* [nr_counters] what the source said last */
	bool was_own, is_new;		/* during an update */
};

struct drvmem_topn {
	struct drvmem_topn_opts o;
	struct drvmem_topn_entry *v;	/* by name */
	uint32_t n, cap;
	uint32_t nr_own, nr_folded;	/* of the last update; folded: rows without series of their own */
	uint64_t *other;		/* [nr_counters] */
};

/* NULL on ENOMEM. */
struct drvmem_topn *drvmem_topn__new(const struct drvmem_topn_opts *o);
void drvmem_topn__free(struct drvmem_topn *t);
/*
 * The rows of this moment; now_ns never goes back. Decides who has series of its own and books what
 * the counters gained. 0 or -ENOMEM: nothing was booked.
 */
DRVMEM_MUST_CHECK int drvmem_topn__update(struct drvmem_topn *t, uint64_t now_ns,
					  const struct drvmem_topn_row *rows, uint32_t n);
/* Of a row of the last update. */
const struct drvmem_topn_entry *drvmem_topn__find(const struct drvmem_topn *t, const char *name);

#endif /* DRVMEM_MODEL_TOPN_H */
