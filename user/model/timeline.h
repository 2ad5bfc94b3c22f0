/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history of a session: what every site and every owner had counted at moments of it, from
 * snapshots in the order of time. Sparse: of a site only the points where it changed are kept. The
 * number of points and of rows is bounded: when there are too many, every second point goes, and
 * those that come afterwards are as far apart. Sites are matched by their id, owners by the slot of
 * their instance. Bytes, objects, events; owns all it has. No clock.
 */
#ifndef DRVMEM_MODEL_TIMELINE_H
#define DRVMEM_MODEL_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "model/arena.h"
#include "model/snapshot.h"

#define DRVMEM_TIMELINE_POINTS	2000u
#define DRVMEM_TIMELINE_ROWS	(1u << 20)	/* of sites and owners together; 64 bytes each */

/* definitions.md; the first four since the start, the others at the moment. */
struct drvmem_timeline_counts {
	uint64_t allocs, frees, alloc_bytes, free_bytes;
	int64_t live_objects, live_bytes, held_bytes;
};

/* What holds from this point on, to the next row's. */
struct drvmem_timeline_row {
	uint32_t point;
	struct drvmem_timeline_counts c;
};

/* Of one site, or of one owner's use of one allocator (mappings have rows of their own). */
struct drvmem_timeline_track {
	uint32_t site;			/* id; 0 of an owner */
	uint16_t owner;			/* slot of the instance */
	uint16_t allocator;		/* or a mapping */
	struct drvmem_timeline_row *rows;	/* ascending by point */
	uint32_t nr_rows, cap_rows;
	struct drvmem_timeline_counts change;	/* of the point that is being added */
};

struct drvmem_timeline_point {
	uint64_t taken_ns;		/* CLOCK_MONOTONIC */
	uint64_t taken_unix;		/* seconds */
	uint64_t lost, events;		/* since the start: drvmem_loss__total(), and of how many */
	bool sampled;			/* figures are estimates from here on */
	struct drvmem_u64 *mem;		/* [DRVMEM_NR_MEM] of /proc/meminfo; NULL = not read at this moment */
};

enum drvmem_timeline_kind { DRVMEM_TIMELINE_LOAD = 0, DRVMEM_TIMELINE_UNLOAD, DRVMEM_TIMELINE_MARK };

struct drvmem_timeline_event {
	enum drvmem_timeline_kind kind;
	uint64_t when_ns;		/* CLOCK_MONOTONIC; of a mark that is not exact: when it was seen */
	bool exact;
	uint32_t number;		/* slot of the instance, or of the mark, from 1 on */
	const char *name;		/* of the module; the text of a mark, "" where it has none */
};

struct drvmem_timeline {
	uint64_t started_ns;		/* of the session, CLOCK_MONOTONIC */
	struct drvmem_timeline_point *points;
	uint32_t nr_points, cap_points;
	struct drvmem_timeline_track *sites, *owners;	/* in the order in which they were first seen */
	uint32_t nr_sites, cap_sites, nr_owners, cap_owners;
	struct drvmem_timeline_event *events;	/* by time */
	uint32_t nr_events, cap_events;
	uint64_t nr_rows;		/* of all tracks */
	uint64_t min_step_ns;		/* a point nearer to the one before it is replaced by the next; 0 = none is */
	/* private */
	uint32_t max_points;
	uint64_t max_rows;
	uint64_t base_step_ns;		/* between moments as they come; 0 = not needed yet */
	uint32_t marks;			/* known so far */
	struct drvmem_table site_at, owner_at, seen;
	struct drvmem_arena *arena;
};

/* Empty, with the bounds above. NULL on ENOMEM. */
struct drvmem_timeline *drvmem_timeline__new(void);
/* With other bounds: at least 2 points. */
struct drvmem_timeline *drvmem_timeline__new_bounded(uint32_t max_points, uint64_t max_rows);
/* NULL is nothing. */
void drvmem_timeline__free(struct drvmem_timeline *t);
/*
 * Adds a moment, not earlier than those before (-EINVAL). Nothing of the snapshot is referred to
 * afterwards. -ENOMEM: the moment is left out, and with it the last one if it was to be replaced.
 */
DRVMEM_MUST_CHECK int drvmem_timeline__add(struct drvmem_timeline *t, const struct drvmem_snapshot *s);
/* A mark whose time is known; to be told before the snapshot that shows it. text may be NULL. -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_timeline__add_mark(struct drvmem_timeline *t, uint32_t number, uint64_t when_ns,
						const char *text);

/* At a point; zeros where the site or owner was not seen yet. */
struct drvmem_timeline_counts drvmem_timeline__site(const struct drvmem_timeline *t, uint32_t point, uint32_t id);
struct drvmem_timeline_counts drvmem_timeline__owner(const struct drvmem_timeline *t, uint32_t point,
						     uint16_t owner, uint16_t allocator);
/* The same of a track that is at hand. */
struct drvmem_timeline_counts drvmem_timeline_track__at(const struct drvmem_timeline_track *k, uint32_t point);
/* Sum of all owners, mappings apart. */
struct drvmem_timeline_counts drvmem_timeline__total(const struct drvmem_timeline *t, uint32_t point);
/* dst += src. */
void drvmem_timeline_counts__add(struct drvmem_timeline_counts *dst, const struct drvmem_timeline_counts *src);
/* a - b: what happened between two points, and by how much the live ones changed. */
struct drvmem_timeline_counts drvmem_timeline_counts__less(const struct drvmem_timeline_counts *a,
							   const struct drvmem_timeline_counts *b);

#endif /* DRVMEM_MODEL_TIMELINE_H */
