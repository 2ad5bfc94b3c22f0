/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views as text for people: aligned columns, short units, marks for bounds and
 * guesses. What the terminal can do comes in as options; nothing is looked up.
 * Write errors stay in the FILE.
 */
#ifndef DRVMEM_RENDER_TEXT_H
#define DRVMEM_RENDER_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "view/grid.h"
#include "view/outstanding.h"
#include "view/scope.h"

struct drvmem_text_opts {
	uint32_t width;		/* columns of the terminal; 0 = do not cut */
	bool utf8;		/* else ASCII only */
	bool colour;
	bool bounds;		/* marks >= and <= also stand for what is bounded from one side by its nature */
};

/*
 * Titles, rows, then what the marks in use mean and which columns were left out for
 * lack of width. A missing number is "-"; a row that a column does not apply to, blank.
 */
void drvmem_text__grid(const struct drvmem_grid *g, const struct drvmem_text_opts *o, FILE *out);
/*
 * Who, how long, how much was lost, what cannot be seen: stands before every table.
 * again: only what changes from one report of a run to the next.
 */
void drvmem_text__header(const struct drvmem_scope *v, const struct drvmem_text_opts *o, bool again,
			 FILE *out);
/* What speaks for and against each site that grows, the first few of them. */
void drvmem_text__growing(const struct drvmem_scope *v, const struct drvmem_outstanding *k,
			  const struct drvmem_text_opts *o, FILE *out);
/* One sentence on what the outstanding table says. */
void drvmem_text__outstanding(const struct drvmem_outstanding *k, const struct drvmem_text_opts *o,
			      FILE *out);
#define DRVMEM_TEXT_NUMBER	56u	/* a number, its mark and its error */
/* A cell's number with its mark and error; "-" when it is missing. Not for texts. */
void drvmem_text__number(const struct drvmem_column *col, const struct drvmem_cell *c, bool utf8, char *buf,
			 size_t size);
/* Any text: control characters and invalid bytes become '?', in ASCII all others too. */
void drvmem_text__put(const char *text, const struct drvmem_text_opts *o, FILE *out);

#endif /* DRVMEM_RENDER_TEXT_H */
