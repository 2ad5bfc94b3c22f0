// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/csv.h"

#include <inttypes.h>
#include <string.h>

#define EOL "\r\n"	/* RFC 4180, 2.1 */

static const char *const row_names[] = {
	[DRVMEM_ROW_DATA] = "data", [DRVMEM_ROW_OTHER] = "other", [DRVMEM_ROW_TOTAL] = "total",
	[DRVMEM_ROW_FRAME] = "frame",
};

static void put_text(const char *text, FILE *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void put_cell(const struct drvmem_cell *c, FILE *out)
{
	if (c->type == DRVMEM_CELL_BLANK || c->st != DRVMEM_OK)
		return;
	if (c->type == DRVMEM_CELL_TEXT)
		put_text(c->s, out);
	else if (c->type == DRVMEM_CELL_U64)
		fprintf(out, "%" PRIu64, c->u);
	else if (c->type == DRVMEM_CELL_I64)
		fprintf(out, "%" PRId64, c->i);
	else
		fprintf(out, "%.9g", c->d);
}

static const struct drvmem_cell *cell_at(const struct drvmem_grid *g, uint32_t row, uint32_t col)
{
	return &g->cells[(size_t)row * g->nr_columns + col];
}

/* What is to be known of a number beside its value; *sep is what comes before the first mark. */
static void put_marks_of(const char *key, const struct drvmem_cell *c, const char **sep, FILE *out)
{
	static const struct {
		unsigned int flag;
		const char *mark;
	} marks[] = { { DRVMEM_CELL_LOWER, ">=" }, { DRVMEM_CELL_UPPER, "<=" }, { DRVMEM_CELL_GUESS, "~" } };
	unsigned int i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (!(c->flags & marks[i].flag))
			continue;
		fprintf(out, "%s%s%s", *sep, key, marks[i].mark);
		*sep = " ";
	}
	if (c->error > 0) {
		fprintf(out, "%s%s+-%.6g", *sep, key, c->error);
		*sep = " ";
	}
}

/* One field; keys of columns need no quotes. */
static void put_marks(const struct drvmem_grid *g, uint32_t row, FILE *out)
{
	const char *sep = "";
	uint32_t col;

	for (col = 0; col < g->nr_columns; col++) {
		const struct drvmem_cell *c = cell_at(g, row, col);

		if (c->type != DRVMEM_CELL_BLANK && c->st == DRVMEM_OK)
			put_marks_of(g->columns[col].key, c, &sep, out);
	}
}

void drvmem_csv__grid(const struct drvmem_grid *g, uint64_t taken_unix, bool titles, FILE *out)
{
	uint32_t row, col;

	if (titles) {
		fputs("taken_at,row,level,", out);
		for (col = 0; col < g->nr_columns; col++)
			fprintf(out, "%s,", g->columns[col].key);
		fputs("marks" EOL, out);
	}
	for (row = 0; row < g->nr_rows; row++) {
		fprintf(out, "%" PRIu64 ",%s,%u,", taken_unix, row_names[g->rows[row].kind],
			g->rows[row].depth);
		for (col = 0; col < g->nr_columns; col++) {
			put_cell(cell_at(g, row, col), out);
			putc(',', out);
		}
		put_marks(g, row, out);
		fputs(EOL, out);
	}
}
