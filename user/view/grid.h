/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of typed cells with units: what a renderer draws, no text yet. Rows
 * form a tree by depth. A cell knows whether its number exists, and whether it is
 * a bound or a guess. Strings are owned by the grid.
 */
#ifndef DRVMEM_VIEW_GRID_H
#define DRVMEM_VIEW_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/snapshot.h"

#define DRVMEM_GRID_MAX_COLUMNS 24

enum drvmem_unit {
	DRVMEM_UNIT_TEXT,
	DRVMEM_UNIT_BYTES,
	DRVMEM_UNIT_COUNT,
	DRVMEM_UNIT_RATE,	/* events per second */
	DRVMEM_UNIT_DURATION,	/* ns */
	DRVMEM_UNIT_PPM,
};

enum drvmem_cell_type {
	DRVMEM_CELL_BLANK = 0,	/* the column does not apply to this row */
	DRVMEM_CELL_U64,
	DRVMEM_CELL_I64,
	DRVMEM_CELL_DOUBLE,
	DRVMEM_CELL_TEXT,
};

#define DRVMEM_CELL_LOWER	0x01u	/* the true figure is at least this */
#define DRVMEM_CELL_UPPER	0x02u	/* the true figure is at most this; with LOWER: about */
#define DRVMEM_CELL_GUESS	0x04u

struct drvmem_cell {
	enum drvmem_cell_type type;
	enum drvmem_avail st;	/* other than OK: the number is missing */
	unsigned int flags;	/* DRVMEM_CELL_* */
	double error;		/* half of the 95 % interval of an estimate; 0 = none is known */
	union {
		uint64_t u;
		int64_t i;
		double d;
		const char *s;
	};
};

struct drvmem_column {
	const char *key;	/* "live_bytes": JSON key, sort key */
	const char *title;	/* "LIVE"; UTF-8. "" in the first one: no line of titles */
	const char *ascii;	/* title for terminals without UTF-8, NULL = the same */
	enum drvmem_unit unit;
	bool change;		/* a difference: shown with its sign */
	uint8_t rank;		/* 0 = always shown; on a narrow terminal the highest goes first */
};

enum drvmem_row_kind {
	DRVMEM_ROW_DATA = 0,
	DRVMEM_ROW_OTHER,	/* sum of the rows that were cut */
	DRVMEM_ROW_TOTAL,
	DRVMEM_ROW_FRAME,	/* one frame of a stack */
};

struct drvmem_row {
	enum drvmem_row_kind kind;
	uint16_t depth;
	/* what it stands for: 1 + index into instances[] or sites[]; 0 = no single one, or not told */
	uint32_t owner, site;
};

struct drvmem_grid {
	const struct drvmem_column *columns;	/* static, or outlives the grid */
	uint32_t nr_columns;
	struct drvmem_row *rows;
	struct drvmem_cell *cells;		/* [nr_rows][nr_columns] */
	uint32_t nr_rows, cap_rows;
	struct drvmem_arena *arena;
	bool failed;				/* an ENOMEM happened: see __error() */
};

/* columns is not copied. NULL on ENOMEM. */
struct drvmem_grid *drvmem_grid__new(const struct drvmem_column *columns, uint32_t nr_columns);
void drvmem_grid__free(struct drvmem_grid *g);
/* Appends a row of blank cells. After an ENOMEM: no-op, __error() remembers. */
void drvmem_grid__add_row(struct drvmem_grid *g, enum drvmem_row_kind kind, uint16_t depth);
/* What the last row stands for: as in struct drvmem_row. */
void drvmem_grid__stands_for(struct drvmem_grid *g, uint32_t owner, uint32_t site);
/* Set a cell of the last row by column key; a key that this grid has not is ignored. */
void drvmem_grid__u64(struct drvmem_grid *g, const char *key, uint64_t v, unsigned int flags);
void drvmem_grid__i64(struct drvmem_grid *g, const char *key, int64_t v, unsigned int flags);
void drvmem_grid__double(struct drvmem_grid *g, const char *key, double v, unsigned int flags);
/* text is copied; NULL: absent. */
void drvmem_grid__text(struct drvmem_grid *g, const char *key, const char *text,
		       unsigned int flags);
/* A number that may be missing. */
void drvmem_grid__maybe(struct drvmem_grid *g, const char *key, struct drvmem_u64 v,
			unsigned int flags);
/* Makes the number of a cell that was set an estimate: half of its 95 % interval, in its unit. */
void drvmem_grid__error_of(struct drvmem_grid *g, const char *key, double half);
void drvmem_grid__missing(struct drvmem_grid *g, const char *key, enum drvmem_avail why);
/* Cell by row and key; NULL when there is no such row or column. */
const struct drvmem_cell *drvmem_grid__cell(const struct drvmem_grid *g, uint32_t row,
					    const char *key);
/* 0 or -ENOMEM; after -ENOMEM the grid must not be shown. */
DRVMEM_MUST_CHECK int drvmem_grid__error(const struct drvmem_grid *g);

#endif /* DRVMEM_VIEW_GRID_H */
