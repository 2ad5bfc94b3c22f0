/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is surely known of a window of a session from how old its objects were: when they ended (the histogram of
 * lifetimes tells it in powers of two, interval by interval), and those that a list has, also one read after the
 * window. At least so many are of each class; analysis/between.h makes bounds of it. Pure.
 */
#ifndef DRVMEM_ANALYSIS_INSIDE_H
#define DRVMEM_ANALYSIS_INSIDE_H

#include "base/table.h"
#include "model/snapshot.h"

/* Counters of a snapshot are read within so much of its moment; what is nearer to an edge of the window is not told. */
#define DRVMEM_INSIDE_READ_NS	250000000ull

/* Objects, at least, by whether they were allocated and ended inside or outside of the window. */
struct drvmem_inside_least {
	uint64_t aifo, aifi, aofi, aofo;	/* ..fo: live at its end */
};

struct drvmem_inside {
	uint64_t from_ns, to_ns;	/* the window, CLOCK_MONOTONIC */
	uint32_t gen, gen_end;		/* it is of these generations, without the last; both 0: of none */
	/* private from here on */
	struct drvmem_table index;	/* id of the site -> 1 + index into site[] */
	struct drvmem_inside_site *site;
	uint32_t nr, cap;
	uint64_t last_ns;		/* the snapshot before; 0 = none */
};

void drvmem_inside__init(struct drvmem_inside *w, uint64_t from_ns, uint64_t to_ns);
void drvmem_inside__deinit(struct drvmem_inside *w);
/*
 * The snapshots of the session in order, from that at from_ns (or the start, which has none) to any after to_ns; the more,
 * the more is told. Their objects are looked at where they are listed. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_inside__add(struct drvmem_inside *w, const struct drvmem_snapshot *s);
/* Of a site; all 0 where nothing is known. */
struct drvmem_inside_least drvmem_inside__at(const struct drvmem_inside *w, uint32_t site_id);

#endif /* DRVMEM_ANALYSIS_INSIDE_H */
