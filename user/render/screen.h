/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen as cells: one character and how it looks. What is drawn here can be compared in a
 * test, printed as text, or put on a terminal by user/tui. Nothing that is put can move a cursor
 * or take two columns: such characters become '?'.
 */
#ifndef DRVMEM_RENDER_SCREEN_H
#define DRVMEM_RENDER_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define DRVMEM_LOOK_BOLD	0x01u
#define DRVMEM_LOOK_REVERSE	0x02u
#define DRVMEM_LOOK_DIM		0x04u
/* Colours say nothing that words do not; one at most. */
#define DRVMEM_LOOK_GOOD	0x10u	/* green */
#define DRVMEM_LOOK_WARN	0x20u	/* yellow */
#define DRVMEM_LOOK_BAD		0x40u	/* red */
#define DRVMEM_LOOK_ACCENT	0x80u	/* cyan */

struct drvmem_screen_cell {
	uint32_t cp;		/* Unicode */
	uint32_t look;		/* DRVMEM_LOOK_* */
	uint32_t hit;		/* what a click on it means, told by whoever put it; 0 = nothing */
};

struct drvmem_screen {
	uint32_t cols, rows;
	bool utf8;		/* else only ASCII is put */
	struct drvmem_screen_cell *v;	/* [rows][cols] */
};

#define DRVMEM_SCREEN_COLS	1000u	/* more is cut */
#define DRVMEM_SCREEN_ROWS	20000u

/* Makes it so large, empty. 0 or -ENOMEM: it is as it was. A zeroed one may be resized. */
DRVMEM_MUST_CHECK int drvmem_screen__resize(struct drvmem_screen *s, uint32_t cols, uint32_t rows);
void drvmem_screen__deinit(struct drvmem_screen *s);
void drvmem_screen__clear(struct drvmem_screen *s);
/*
 * Text from a place on, at most max columns; one that is longer ends in a mark of that. Outside of
 * the screen nothing happens. Returns the columns taken.
 */
uint32_t drvmem_screen__put(struct drvmem_screen *s, uint32_t row, uint32_t col, uint32_t max,
			    const char *text, uint32_t look);
/* The same, ending before column end. */
uint32_t drvmem_screen__put_right(struct drvmem_screen *s, uint32_t row, uint32_t end, uint32_t max,
				  const char *text, uint32_t look);
/* One character; ascii stands for it where only ASCII is put. */
void drvmem_screen__sign(struct drvmem_screen *s, uint32_t row, uint32_t col, uint32_t cp, char ascii,
			 uint32_t look);
/* A look for a whole row, beside what its cells have. */
void drvmem_screen__look(struct drvmem_screen *s, uint32_t row, uint32_t look);
/* n columns from a place on mean this when they are clicked on. */
void drvmem_screen__hit(struct drvmem_screen *s, uint32_t row, uint32_t col, uint32_t n, uint32_t hit);
/* What a place means; 0 outside. */
uint32_t drvmem_screen__hit_at(const struct drvmem_screen *s, uint32_t row, uint32_t col);
/* Columns of a text. */
uint32_t drvmem_screen__columns(const char *text);
/* Rows as lines of text, without spaces at their ends. */
void drvmem_screen__text(const struct drvmem_screen *s, FILE *out);

#endif /* DRVMEM_RENDER_SCREEN_H */
