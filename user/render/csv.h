/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any grid as CSV (RFC 4180): a record for each row, raw units (bytes, events, ns), a number
 * that is missing is an empty field. Text is quoted where it must be, and is what it is: a
 * spreadsheet that takes "=..." for a formula is the reader's choice. Write errors stay in the FILE.
 */
#ifndef DRVMEM_RENDER_CSV_H
#define DRVMEM_RENDER_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "view/grid.h"

/*
 * Fields before those of the grid: taken_at (Unix time, s), row (data, other, total, frame) and
 * level (0 = first); behind them marks: "live_bytes>=" for at least, "<=" at most, "~" a guess,
 * "+-N" half of a 95 % interval, separated by spaces. titles: the line of names comes first.
 */
void drvmem_csv__grid(const struct drvmem_grid *g, uint64_t taken_unix, bool titles, FILE *out);

#endif /* DRVMEM_RENDER_CSV_H */
