// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "render/text.h"
#include "render/utf8.h"

#define CELL_LEN	DRVMEM_TEXT_NUMBER
#define MARK_ERROR	0x80000000u	/* beside DRVMEM_CELL_*: an estimate was shown */
#define MIN_NAME	12u
#define INDENT		2u

/* Layout of one grid on one terminal. */
struct layout {
	const struct drvmem_grid *g;
	const struct drvmem_text_opts *o;
	uint32_t width[DRVMEM_GRID_MAX_COLUMNS];	/* 0 = hidden */
	unsigned int marks;				/* flags of the cells shown */
};

/* A character that may go to a terminal as it is. */
static bool is_safe(uint32_t cp, const struct drvmem_text_opts *o)
{
	if (cp == DRVMEM_UTF8_INVALID || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return false;
	return cp < 0x80 || o->utf8;
}

/* Writes at most max characters (out NULL: counts them). Each takes one column. */
static uint32_t put_text(const char *text, uint32_t max, const struct drvmem_text_opts *o, FILE *out)
{
	size_t len = strlen(text), n;
	uint32_t cp, cols = 0;

	for (; len && cols < max; text += n, len -= n, cols++) {
		n = drvmem_utf8__next(text, len, &cp);
		if (!out)
			continue;
		if (is_safe(cp, o))
			fwrite(text, 1, n, out);
		else
			putc('?', out);
	}
	return cols;
}

void drvmem_text__put(const char *text, const struct drvmem_text_opts *o, FILE *out)
{
	put_text(text, UINT32_MAX, o, out);
}

/* Two bounds at once bound nothing: then the figure is only about right. */
static const char *mark_of(unsigned int flags, bool utf8)
{
	unsigned int bounds = flags & (DRVMEM_CELL_LOWER | DRVMEM_CELL_UPPER);

	if (bounds == (DRVMEM_CELL_LOWER | DRVMEM_CELL_UPPER))
		return "~";
	if (bounds == DRVMEM_CELL_LOWER)
		return utf8 ? "≥" : ">=";
	if (flags & DRVMEM_CELL_GUESS)
		return "~";
	if (bounds == DRVMEM_CELL_UPPER)
		return utf8 ? "≤" : "<=";
	return "";
}

/* The mark that is really shown: two bounds make a guess. */
static unsigned int shown_flags(unsigned int flags)
{
	const char *m = mark_of(flags, false);

	return m[0] == '>' ? DRVMEM_CELL_LOWER : m[0] == '<' ? DRVMEM_CELL_UPPER :
	       m[0] ? DRVMEM_CELL_GUESS : 0;
}

static void format_rate(double v, char *buf, size_t size)
{
	if (v > 0 && v < 0.1)
		snprintf(buf, size, "<0.1");
	else if (v > 0 && v < 9.95)
		snprintf(buf, size, "%.1f", v);
	else
		drvmem_fmt_count((uint64_t)llround(v), buf, size);
}

static void format_unsigned(enum drvmem_unit unit, uint64_t v, char *buf, size_t size)
{
	if (unit == DRVMEM_UNIT_BYTES)
		drvmem_fmt_bytes(v, buf, size);
	else if (unit == DRVMEM_UNIT_DURATION)
		drvmem_fmt_duration(v, buf, size);
	else
		drvmem_fmt_count(v, buf, size);
}

static void format_signed(const struct drvmem_column *col, int64_t v, char *buf, size_t size)
{
	if (v >= 0 && !col->change)
		format_unsigned(col->unit, (uint64_t)v, buf, size);
	else if (col->unit == DRVMEM_UNIT_BYTES)
		drvmem_fmt_bytes_delta(v, buf, size);
	else
		drvmem_fmt_count_delta(v, buf, size);
}

static void format_error(enum drvmem_unit unit, double half, bool utf8, char *buf, size_t size)
{
	size_t n = strlen(buf);

	n += (size_t)snprintf(buf + n, size - n, utf8 ? "±" : "+-");
	if (unit == DRVMEM_UNIT_RATE)
		format_rate(half, buf + n, size - n);
	else
		format_unsigned(unit, (uint64_t)ceil(half), buf + n, size - n);
}

void drvmem_text__number(const struct drvmem_column *col, const struct drvmem_cell *c, bool utf8, char *buf,
			 size_t size)
{
	int n;

	if (c->st != DRVMEM_OK) {
		snprintf(buf, size, "-");
		return;
	}
	n = snprintf(buf, size, "%s", mark_of(c->flags, utf8));
	if (c->type == DRVMEM_CELL_U64)
		format_unsigned(col->unit, c->u, buf + n, size - (size_t)n);
	else if (c->type == DRVMEM_CELL_I64)
		format_signed(col, c->i, buf + n, size - (size_t)n);
	else
		format_rate(c->d, buf + n, size - (size_t)n);
	if (c->error > 0)
		format_error(col->unit, c->error, utf8, buf, size);
}

static const struct drvmem_cell *cell_at(const struct layout *l, uint32_t row, uint32_t col)
{
	return &l->g->cells[(size_t)row * l->g->nr_columns + col];
}

static uint32_t indent_of(const struct layout *l, uint32_t row, uint32_t col)
{
	return col ? 0 : l->g->rows[row].depth * INDENT;
}

static uint32_t cell_width(const struct layout *l, uint32_t row, uint32_t col)
{
	const struct drvmem_cell *c = cell_at(l, row, col);
	char buf[CELL_LEN];

	if (c->type == DRVMEM_CELL_BLANK)
		return 0;
	if (c->type == DRVMEM_CELL_TEXT)
		return indent_of(l, row, col) + !!(c->flags & DRVMEM_CELL_GUESS) +
		       put_text(c->s, UINT32_MAX, l->o, NULL);
	drvmem_text__number(&l->g->columns[col], c, l->o->utf8, buf, sizeof(buf));
	return put_text(buf, UINT32_MAX, l->o, NULL);
}

static const char *title_of(const struct layout *l, uint32_t col)
{
	const struct drvmem_column *c = &l->g->columns[col];

	return !l->o->utf8 && c->ascii ? c->ascii : c->title;
}

static void measure(struct layout *l)
{
	uint32_t col, row, w;

	for (col = 0; col < l->g->nr_columns; col++) {
		l->width[col] = put_text(title_of(l, col), UINT32_MAX, l->o, NULL);
		for (row = 0; row < l->g->nr_rows; row++) {
			/* frames may be long and have the line for themselves */
			if (l->g->rows[row].kind == DRVMEM_ROW_FRAME)
				continue;
			w = cell_width(l, row, col);
			if (w > l->width[col])
				l->width[col] = w;
		}
	}
}

static uint32_t line_width(const struct layout *l)
{
	uint32_t col, sum = 0;

	for (col = 0; col < l->g->nr_columns; col++)
		if (l->width[col])
			sum += l->width[col] + (sum ? 2 : 0);
	return sum;
}

/* Column that a narrow terminal loses next, 0 = none: columns of rank 0 stay. */
static uint32_t least_wanted(const struct layout *l)
{
	uint32_t col, best = 0;

	for (col = 1; col < l->g->nr_columns; col++)
		if (l->width[col] && l->g->columns[col].rank >= (best ? l->g->columns[best].rank : 1))
			best = col;
	return best;
}

static void fit(struct layout *l)
{
	uint32_t col, over;

	if (!l->o->width)
		return;
	while (line_width(l) > l->o->width) {
		/* a long name gives way before a figure does */
		over = line_width(l) - l->o->width;
		if (l->width[0] > 2 * MIN_NAME && l->width[0] - 2 * MIN_NAME >= over) {
			l->width[0] -= over;
			return;
		}
		col = least_wanted(l);
		if (!col)
			break;
		l->width[col] = 0;
	}
	over = line_width(l) > l->o->width ? line_width(l) - l->o->width : 0;
	if (over)
		l->width[0] = l->width[0] > over + MIN_NAME ? l->width[0] - over : MIN_NAME;
}

static void pad(uint32_t n, FILE *out)
{
	while (n--)
		putc(' ', out);
}

static void put_name(const struct layout *l, uint32_t row, uint32_t col, uint32_t room, bool last,
		     FILE *out)
{
	const struct drvmem_cell *c = cell_at(l, row, col);
	uint32_t indent = indent_of(l, row, col), len, done;

	if (indent > room / 2)
		indent = room / 2;
	pad(indent, out);
	room -= indent;
	if (c->flags & DRVMEM_CELL_GUESS) {
		putc('~', out);
		room--;
	}
	len = put_text(c->s, UINT32_MAX, l->o, NULL);
	if (len > room) {
		done = put_text(c->s, room - (l->o->utf8 ? 1 : 2), l->o, out);
		fputs(l->o->utf8 ? "…" : "..", out);
		done += l->o->utf8 ? 1 : 2;
	} else {
		done = put_text(c->s, room, l->o, out);
	}
	if (!last)
		pad(room - done, out);
}

static void put_cell(struct layout *l, uint32_t row, uint32_t col, bool last, FILE *out)
{
	const struct drvmem_cell *c = cell_at(l, row, col);
	char buf[CELL_LEN] = "";
	bool text = l->g->columns[col].unit == DRVMEM_UNIT_TEXT;

	if (c->type == DRVMEM_CELL_TEXT) {
		l->marks |= shown_flags(c->flags);
		put_name(l, row, col, l->width[col], last, out);
		return;
	}
	if (c->type != DRVMEM_CELL_BLANK) {
		drvmem_text__number(&l->g->columns[col], c, l->o->utf8, buf, sizeof(buf));
		if (c->st == DRVMEM_OK)
			l->marks |= shown_flags(c->flags) | (c->error > 0 ? MARK_ERROR : 0);
	}
	if (text)
		fputs(buf, out);
	if (!text || !last)
		pad(l->width[col] - put_text(buf, UINT32_MAX, l->o, NULL), out);
	if (!text)
		fputs(buf, out);
}

static uint32_t last_shown(const struct layout *l)
{
	uint32_t col = l->g->nr_columns;

	while (col-- > 1)
		if (l->width[col])
			return col;
	return 0;
}

static void put_frame(const struct layout *l, uint32_t row, FILE *out)
{
	const struct drvmem_cell *c = cell_at(l, row, 0);
	uint32_t indent = indent_of(l, row, 0), room = UINT32_MAX;

	if (l->o->width > indent)
		room = l->o->width - indent;
	pad(indent, out);
	put_text(c->s, room, l->o, out);
	putc('\n', out);
}

static void put_titles(const struct layout *l, FILE *out)
{
	uint32_t col, last = last_shown(l), len;
	bool text;

	if (!l->g->columns[0].title[0])
		return;
	if (l->o->colour)
		fputs("\033[1m", out);
	for (col = 0; col < l->g->nr_columns; col++) {
		if (!l->width[col])
			continue;
		text = l->g->columns[col].unit == DRVMEM_UNIT_TEXT;
		len = put_text(title_of(l, col), l->width[col], l->o, NULL);
		if (!text)
			pad(l->width[col] - len, out);
		put_text(title_of(l, col), l->width[col], l->o, out);
		if (text && col != last)
			pad(l->width[col] - len, out);
		if (col != last)
			pad(2, out);
	}
	fputs(l->o->colour ? "\033[0m\n" : "\n", out);
}

static void put_row(struct layout *l, uint32_t row, FILE *out)
{
	bool bold = l->o->colour && l->g->rows[row].kind == DRVMEM_ROW_TOTAL;
	uint32_t col, last = last_shown(l);

	if (l->g->rows[row].kind == DRVMEM_ROW_FRAME) {
		put_frame(l, row, out);
		return;
	}
	if (bold)
		fputs("\033[1m", out);
	for (col = 0; col < l->g->nr_columns; col++) {
		if (!l->width[col])
			continue;
		put_cell(l, row, col, col == last, out);
		if (col != last)
			pad(2, out);
	}
	fputs(bold ? "\033[0m\n" : "\n", out);
}

static void put_legend(const struct layout *l, FILE *out)
{
	if (l->marks & DRVMEM_CELL_LOWER)
		fprintf(out, "%s at least%s\n", mark_of(DRVMEM_CELL_LOWER, l->o->utf8),
			l->o->bounds ? "" : ": events were lost");
	if (l->marks & DRVMEM_CELL_UPPER)
		fprintf(out, "%s at most%s\n", mark_of(DRVMEM_CELL_UPPER, l->o->utf8),
			l->o->bounds ? "" : ": some frees of the cache cannot be seen here");
	if (l->marks & MARK_ERROR)
		fprintf(out, "%s sampled: in 95 of 100 cases the truth is within so much\n",
			l->o->utf8 ? "±" : "+-");
	if (l->marks & DRVMEM_CELL_GUESS)
		fputs("~ a guess, a sampled value, or one bounded from neither side\n", out);
}

static void put_hidden(const struct layout *l, FILE *out)
{
	const char *sep = "left out at this width: ";
	uint32_t col;

	for (col = 0; col < l->g->nr_columns; col++) {
		if (l->width[col])
			continue;
		fprintf(out, "%s%s", sep, l->g->columns[col].key);
		sep = ", ";
	}
	if (*sep == ',')
		putc('\n', out);
}

void drvmem_text__grid(const struct drvmem_grid *g, const struct drvmem_text_opts *o, FILE *out)
{
	struct layout l = { .g = g, .o = o };
	uint32_t row;

	measure(&l);
	fit(&l);
	put_titles(&l, out);
	for (row = 0; row < g->nr_rows; row++)
		put_row(&l, row, out);
	put_legend(&l, out);
	put_hidden(&l, out);
}
