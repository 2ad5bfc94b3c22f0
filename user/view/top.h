/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `drvmem top` shows, and what its keys do to that: tabs, the rows of a table in their order,
 * a cursor that stays on its row, filter, search, drill-down. Fed by snapshots, live or recorded;
 * knows no terminal and draws nothing (render/topscreen.h does).
 */
#ifndef DRVMEM_VIEW_TOP_H
#define DRVMEM_VIEW_TOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "model/history.h"
#include "model/pools.h"
#include "model/series.h"
#include "model/verdicts.h"
#include "view/grid.h"
#include "view/report.h"
#include "view/scope.h"

/* The tabs, in the order of their digits, then what Enter leads to, then pages of text. */
enum drvmem_top_view {
	DRVMEM_TOP_OWNERS = 0, DRVMEM_TOP_SITES, DRVMEM_TOP_POOLS, DRVMEM_TOP_DEVICES, DRVMEM_TOP_LEAKS,
	DRVMEM_TOP_TIMELINE, DRVMEM_TOP_HEALTH,
	DRVMEM_TOP_NR_TABS,
	DRVMEM_TOP_SITES_OF = DRVMEM_TOP_NR_TABS,	/* of an owner, a cache or a device */
	DRVMEM_TOP_STACK,				/* of a site */
	DRVMEM_TOP_NR_TABLES,
	DRVMEM_TOP_HELP = DRVMEM_TOP_NR_TABLES, DRVMEM_TOP_DOCTOR,
};

extern const char *const drvmem_top_tabs[DRVMEM_TOP_NR_TABS];

/* Since when the change is that growth is sorted by. */
enum drvmem_top_window {
	DRVMEM_TOP_INTERVAL = 0, DRVMEM_TOP_MINUTE, DRVMEM_TOP_MARK,
	DRVMEM_TOP_INSIDE,	/* allocated since the mark, and live */
	DRVMEM_TOP_START,	/* of the session: what is live */
	DRVMEM_TOP_NR_WINDOWS,
};
extern const char *const drvmem_top_window_keys[DRVMEM_TOP_NR_WINDOWS];	/* of its column */

/* Keys beside characters. */
enum drvmem_top_key {
	DRVMEM_KEY_UP = 0x110000, DRVMEM_KEY_DOWN, DRVMEM_KEY_LEFT, DRVMEM_KEY_RIGHT, DRVMEM_KEY_PGUP,
	DRVMEM_KEY_PGDN, DRVMEM_KEY_HOME, DRVMEM_KEY_END, DRVMEM_KEY_ENTER, DRVMEM_KEY_ESC,
	DRVMEM_KEY_BACKSPACE,
	DRVMEM_KEY_F1,		/* to F10 */
	DRVMEM_KEY_F10 = DRVMEM_KEY_F1 + 9,
};

/* What a key asks of the caller: bits. */
#define DRVMEM_TOP_DO_QUIT	0x01u
#define DRVMEM_TOP_DO_BUILD	0x02u	/* another view is shown: drvmem_top__build() */
#define DRVMEM_TOP_DO_MARK	0x04u	/* drvmem_top__mark() with the counts of this moment */
#define DRVMEM_TOP_DO_SAVE	0x08u	/* what is known, to a file */
#define DRVMEM_TOP_DO_SLOWER	0x10u
#define DRVMEM_TOP_DO_FASTER	0x20u
#define DRVMEM_TOP_DO_DOCTOR	0x40u	/* its page was opened */
#define DRVMEM_TOP_DO_EARLIER	0x80u	/* of a recorded session: the interval before, behind */
#define DRVMEM_TOP_DO_LATER	0x100u
#define DRVMEM_TOP_DO_HTML	0x200u	/* a report of this moment, to a file */
#define DRVMEM_TOP_DO_COPY	0x400u	/* drvmem_top__copied() to the clipboard */
#define DRVMEM_TOP_DO_EARLIER_MARK	0x800u	/* of a recorded session: to the mark before, behind */
#define DRVMEM_TOP_DO_LATER_MARK	0x1000u

/* What a place of the screen stands for, and a click on it: a kind and a number. 0 = nothing. */
#define DRVMEM_TOP_HIT_TAB	0x01000000u	/* its number, from 0 */
#define DRVMEM_TOP_HIT_COLUMN	0x02000000u	/* of the table */
#define DRVMEM_TOP_HIT_ROW	0x03000000u	/* its place in order[] */
#define DRVMEM_TOP_HIT_KEY	0x04000000u	/* a function key: 1 to 10 */
#define DRVMEM_TOP_HIT_KIND	0xff000000u

enum drvmem_top_mouse { DRVMEM_TOP_CLICK = 0, DRVMEM_TOP_WHEEL_UP, DRVMEM_TOP_WHEEL_DOWN };

enum drvmem_top_mode { DRVMEM_TOP_BROWSE = 0, DRVMEM_TOP_SEARCHING, DRVMEM_TOP_FILTERING, DRVMEM_TOP_SORTING };

#define DRVMEM_TOP_NONE		UINT32_MAX
#define DRVMEM_TOP_TEXT		64

struct drvmem_top_row {
	uint64_t id;			/* of the same thing in every snapshot */
	uint32_t parent;		/* row; DRVMEM_TOP_NONE */
	uint32_t changed;		/* bit per column: another figure than one snapshot ago */
	uint32_t site_id;		/* 0 = it is none */
	uint32_t worry;			/* what its verdict is sorted by */
	bool has_children, matches;
};

struct drvmem_top_table {
	struct drvmem_grid *base;	/* owns the texts of g */
	struct drvmem_grid *g;
	struct drvmem_top_row *row;	/* [g->nr_rows] */
	struct drvmem_table by_id;	/* id -> row */
	uint32_t total;			/* row; DRVMEM_TOP_NONE */
	enum drvmem_top_view view;
	bool split;			/* columns are of the allocators */
};

/* How a table is looked at; each has its own. */
struct drvmem_top_look {
	const char *sort;		/* key of a column */
	bool ascending, tree;
	uint64_t cursor;		/* id; 0 = the first row, whichever it is */
	uint32_t at, first;		/* its place in order[], the first one on the screen */
};

struct drvmem_top {
	enum drvmem_top_view view, tab, back;	/* back: from a page of text */
	struct drvmem_top_look look[DRVMEM_TOP_NR_TABLES];
	struct drvmem_top_table table;
	uint32_t *order;		/* rows as they are shown, but the total */
	uint32_t nr_order;
	uint32_t room;			/* rows that the screen has for them */
	enum drvmem_top_mode mode;
	char search[DRVMEM_TOP_TEXT], filter[DRVMEM_TOP_TEXT];
	enum drvmem_top_window window;
	bool exact, paused, follow;
	bool split;			/* live bytes by allocator, in place of changes */
	struct drvmem_table open, tagged;	/* ids */
	char of[128], of_key[16];	/* SITES_OF: rows whose text in this column is so */
	uint32_t of_site;		/* STACK: id of the site */
	char why[1024];			/* SITES_OF an owner, STACK: what its memory looks like */
	bool from_sites_of;
	struct drvmem_top_table pools_at_mark;	/* g NULL: they were not read then */
	uint64_t pools_mark_ns;		/* feed.pools_ns of that */
	char mark_text[DRVMEM_TOP_TEXT];	/* of the last mark; "" = it has none */
	uint32_t page_first, page_lines;	/* of a page of text */
	char said[160];			/* the last thing to tell */
	struct drvmem_history *history;
};

/* What there is to show. scope NULL: no snapshot yet. */
struct drvmem_top_feed {
	struct drvmem_scope *scope;
	const struct drvmem_pools *pools;	/* NULL = were not read */
	uint64_t pools_ns;		/* when they were, CLOCK_MONOTONIC; 0 = for this snapshot */
	const struct drvmem_series *series;	/* for verdicts, its end included; NULL = none */
	const struct drvmem_verdicts *verdicts;	/* who holds the objects; NULL = nobody looked */
	bool fresh;			/* a snapshot that was not shown yet: what changed is marked */
};

extern const char *const drvmem_top_tab_names[];	/* NULL-terminated, for option tables */

/* NULL on ENOMEM. */
struct drvmem_top *drvmem_top__new(void);
/* What is shown first; a tab that has no column of this meaning keeps its own order. */
void drvmem_top__start(struct drvmem_top *t, enum drvmem_top_view tab, enum drvmem_sort sort);
void drvmem_top__free(struct drvmem_top *t);
/* Takes the table of the present view from the feed. 0 or -ENOMEM: what was there stays. */
DRVMEM_MUST_CHECK int drvmem_top__build(struct drvmem_top *t, const struct drvmem_top_feed *f);
/* History and marks begin anew: what comes next is older than what was. 0 or -ENOMEM: all is as it was. */
DRVMEM_MUST_CHECK int drvmem_top__forget(struct drvmem_top *t);
/*
 * Changes since the mark begin here, with s; those of pools with the feed's (NULL: they have none).
 * text: of the mark, or NULL. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_top__mark(struct drvmem_top *t, const struct drvmem_snapshot *s,
				       const struct drvmem_top_feed *pools, const char *text);
/* The view shows verdicts: it wants the ages of the objects, and the series. */
bool drvmem_top__judges(enum drvmem_top_view view);
/* The mouse on a place of the screen. DRVMEM_TOP_DO_* bits. */
unsigned int drvmem_top__mouse(struct drvmem_top *t, enum drvmem_top_mouse what, uint32_t hit);
/* The stack, or the name of the row, as text, malloc'ed; NULL: there is none, or no memory. */
char *drvmem_top__copied(struct drvmem_top *t);
/* The screen has room for so many rows of the table: the cursor comes into sight. */
void drvmem_top__set_room(struct drvmem_top *t, uint32_t rows);
/* A key: a character (as Unicode), or of enum drvmem_top_key. DRVMEM_TOP_DO_* bits. */
unsigned int drvmem_top__key(struct drvmem_top *t, uint32_t key);
bool drvmem_top__is_page(const struct drvmem_top *t);
bool drvmem_top__is_tagged(const struct drvmem_top *t, uint32_t row);
bool drvmem_top__is_open(const struct drvmem_top *t, uint32_t row);
/* Look of the present table; of a page, of the one below it. */
struct drvmem_top_look *drvmem_top__look(struct drvmem_top *t);
/* Whose trend a row has; false: none. */
bool drvmem_top__trend_of(const struct drvmem_top *t, uint32_t row, struct drvmem_history_of *ret);
void drvmem_top__say(struct drvmem_top *t, const char *fmt, ...) DRVMEM_PRINTF(2, 3);

/* top_table.c. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_top_table__new(const struct drvmem_top *t, const struct drvmem_top_feed *f,
					    struct drvmem_top_table *ret, char *ret_why, size_t why_size);
void drvmem_top_table__deinit(struct drvmem_top_table *b);
/* Marks in b what is another figure in old, which is of the same view. */
void drvmem_top_table__compare(struct drvmem_top_table *b, const struct drvmem_top_table *old);
/* Column by key; DRVMEM_TOP_NONE. */
uint32_t drvmem_top_table__column(const struct drvmem_top_table *b, const char *key);
/* Text of a cell, or "". */
const char *drvmem_top_table__text(const struct drvmem_top_table *b, uint32_t row, const char *key);

/* top_order.c. Sorts, filters and opens rows anew; the cursor stays on its row. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_top__arrange(struct drvmem_top *t);
/* The cursor to a place in order[]. */
void drvmem_top__go(struct drvmem_top *t, int64_t at);
/* To the next row behind the cursor (or at it) that has the text searched for. False: none has. */
bool drvmem_top__find(struct drvmem_top *t, bool behind);

#endif /* DRVMEM_VIEW_TOP_H */
