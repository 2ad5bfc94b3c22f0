/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the HTML report shows: one model for the page's tables and for the data that its script works
 * with. Rows are units: a module, or a component of the kernel. Everything a page could be too large
 * for is bounded here, and says by how much. Refers to what it was built from.
 */
#ifndef DRVMEM_VIEW_HTMLREPORT_H
#define DRVMEM_VIEW_HTMLREPORT_H

#include "model/timeline.h"
#include "view/advised.h"
#include "view/grid.h"
#include "view/outstanding.h"
#include "view/profile.h"
#include "view/scope.h"
#include "view/system.h"

#define DRVMEM_HTML_POINTS	240u	/* of the history, the start among them */
#define DRVMEM_HTML_ROWS	8000u	/* moments at which a site changed, of all sites; of all units as many */
#define DRVMEM_HTML_SITES	5000u	/* in the page's data */
#define DRVMEM_HTML_LINES	8u	/* owners with a line of their own */

/* A row: an owner, or one component of the kernel. */
struct drvmem_html_unit {
	uint16_t owner;			/* index into instances[] */
	const char *name;		/* "e1000e#7", "kernel:net/core" */
	bool guess;			/* the component is from the table of prefixes */
	uint32_t first, nr;		/* slice of sites[] */
	struct drvmem_sum sum;
	const struct drvmem_outstanding_site *worst;	/* its site that looks most like a leak; NULL */
	struct drvmem_timeline_counts *at;	/* [nr_points] */
};

struct drvmem_html_site {
	uint32_t site;			/* index into sites[] of the snapshot */
	uint32_t unit;
	struct drvmem_sum sum;
	bool shown;			/* in the page's data */
	bool history;			/* its moments too: else its figures in a window are not known */
};

/* A moment of the page. The first one is the start of the session, when nothing was counted. */
struct drvmem_html_point {
	uint64_t taken_ns;		/* CLOCK_MONOTONIC */
	uint32_t from;			/* point of the timeline; UINT32_MAX of the start */
};

/* Kernel memory of one kind over time, which the others do not hold too. */
struct drvmem_html_class {
	const char *name;
	struct drvmem_u64 *v;		/* [nr_points] */
};
#define DRVMEM_HTML_CLASSES	9u

enum drvmem_html_tone { DRVMEM_TONE_PLAIN = 0, DRVMEM_TONE_GOOD, DRVMEM_TONE_WATCH, DRVMEM_TONE_BAD };

struct drvmem_html_card {
	const char *key, *title;
	enum drvmem_html_tone tone;
	enum drvmem_unit unit;
	bool change;			/* shown with its sign */
	struct drvmem_cell value;
	const char *note;		/* one sentence */
};
#define DRVMEM_HTML_CARDS	7u

/* Why a part of the page is empty, and what would fill it. All NULL: nothing is said. */
struct drvmem_html_gap {
	const char *why;		/* one sentence */
	const char *run;		/* a command; NULL = none would */
};

/*
 * All but v may be NULL: not gathered, not judged, not asked for; then the gap says why. The timeline ends with
 * v's snapshot.
 */
struct drvmem_htmlreport_in {
	struct drvmem_scope *v;
	const struct drvmem_timeline *t;
	const struct drvmem_outstanding *growth;
	const struct drvmem_advised *advice;
	const struct drvmem_system *system;
	struct drvmem_html_gap no_growth, no_advice, no_system, no_pools;
};

struct drvmem_htmlreport {
	struct drvmem_htmlreport_in in;
	struct drvmem_html_unit *units;	/* most live bytes first */
	uint32_t nr_units;
	struct drvmem_html_site *sites;	/* by unit, most live bytes first; of memory, no mappings */
	uint32_t nr_sites;
	uint32_t *by_live;		/* sites[] by live bytes, most first */
	uint32_t nr_shown, nr_history;	/* of sites[] */
	struct drvmem_sum total;	/* of all of them */
	struct drvmem_html_point *points;
	uint32_t nr_points;		/* 0: no history was gathered */
	uint32_t points_left_out;	/* of the timeline */
	struct drvmem_html_class classes[DRVMEM_HTML_CLASSES];
	uint32_t nr_classes;		/* 0: the kernel's counts were not read */
	struct drvmem_html_card cards[DRVMEM_HTML_CARDS];
	uint32_t nr_cards;
	struct drvmem_arena *arena;
};

/* 0, -ENOMEM, or -EINVAL: the timeline does not end with the snapshot. */
DRVMEM_MUST_CHECK int drvmem_htmlreport__new(const struct drvmem_htmlreport_in *in, struct drvmem_htmlreport **ret);
void drvmem_htmlreport__free(struct drvmem_htmlreport *r);
/* Counts of a site at a point of the page. */
struct drvmem_timeline_counts drvmem_htmlreport__site_at(const struct drvmem_htmlreport *r,
							 const struct drvmem_html_site *k, uint32_t point);
/* Objects, and the bytes they asked for. */
struct drvmem_html_born {
	uint64_t objects, bytes;
};
/*
 * What is live at the end, by when it was allocated: ret[i] after point i - 1 and not after point i, to a tick of
 * the kernel's clock. False: not known of this session (sampled, or its objects were not read).
 */
bool drvmem_htmlreport__born(const struct drvmem_htmlreport *r, const struct drvmem_html_site *k,
			     struct drvmem_html_born *ret);
/*
 * The callers of a site that are known, innermost first: those that all its sampled stacks have in common, as in
 * view/profile. ret: [DRVMEM_STACK_DEPTH] texts, *ret_nr of them.
 */
enum drvmem_basis drvmem_htmlreport__path(const struct drvmem_htmlreport *r, const struct drvmem_html_site *k,
					  const char **ret, uint32_t *ret_nr);
/* The units whose live bytes were highest at some point, highest first; how many of at most max. */
uint32_t drvmem_htmlreport__lines(const struct drvmem_htmlreport *r, uint32_t *ret, uint32_t max);
/*
 * Tables. 0 or -ENOMEM.
 * units: name, live_bytes, delta_bytes, peak_bytes, live_objects, allocs, frees, waste_bytes, failures, age_p50_ns,
 * verdict, where there are mappings mapped_bytes; at most top rows (0 = all), the rest in "other (N)", then TOTAL.
 */
DRVMEM_MUST_CHECK int drvmem_htmlreport__units(const struct drvmem_htmlreport *r, uint32_t top,
					       struct drvmem_grid **ret);
/* Of one unit, or of all where it is UINT32_MAX: name (site), owner, cache, and figures as above. */
DRVMEM_MUST_CHECK int drvmem_htmlreport__sites(const struct drvmem_htmlreport *r, uint32_t unit, uint32_t top,
					       struct drvmem_grid **ret);
/*
 * Slab caches as the kernel counts them, of the pools of the scope, and who has their objects: name, aliases, object_size,
 * capacity, in_use (at most), held_bytes, used_bytes, waste_bytes, seen_bytes, owners (of the objects of
 * the session, most bytes first). Most held bytes first; at most top rows (0 = all), the rest in "other (N)", then TOTAL.
 */
DRVMEM_MUST_CHECK int drvmem_htmlreport__caches(const struct drvmem_htmlreport *r, uint32_t top,
						struct drvmem_grid **ret);
/* What each allocator gave a unit. */
DRVMEM_MUST_CHECK int drvmem_htmlreport__allocators(const struct drvmem_htmlreport *r, uint32_t unit,
						    struct drvmem_grid **ret);

#endif /* DRVMEM_VIEW_HTMLREPORT_H */
