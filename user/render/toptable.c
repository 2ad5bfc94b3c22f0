// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of `drvmem top`: columns as there is room, marks of cursor, tags and changes, trends. */
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "render/text.h"
#include "render/topscreen.h"

#define MARGIN		2u	/* cursor, tag */
#define MIN_NAME	14u
#define MAX_TEXT	26u	/* of columns of text but the first */
#define TREND_COLS	8u
#define TREND_MOST	64u
#define HIDDEN		0u

struct layout {
	struct drvmem_screen *s;
	const struct drvmem_top *t;
	const struct drvmem_grid *g;
	uint32_t width[DRVMEM_GRID_MAX_COLUMNS];	/* HIDDEN */
	uint32_t sorted, trend;				/* columns; DRVMEM_TOP_NONE */
	bool tree;					/* some row can be opened */
};

static const char *title_of(const struct layout *l, uint32_t col)
{
	const struct drvmem_column *c = &l->g->columns[col];

	return !l->s->utf8 && c->ascii ? c->ascii : c->title;
}

/* The sign of a bound or a guess that the short form begins with. */
static int mark_of(const struct layout *l, const struct drvmem_column *col, const struct drvmem_cell *c, char *buf,
		   size_t size)
{
	drvmem_text__number(col, c, l->s->utf8, buf, size);
	buf[strcspn(buf, "+-0123456789")] = 0;
	return (int)strlen(buf);
}

/* As it is, or, where exact figures are wanted, to the last digit. */
static void format(const struct layout *l, const struct drvmem_column *col, const struct drvmem_cell *c,
		   char *buf, size_t size)
{
	int n = 0;

	if (l->t->exact && c->st == DRVMEM_OK && (c->type == DRVMEM_CELL_U64 || c->type == DRVMEM_CELL_I64) &&
	    col->unit != DRVMEM_UNIT_DURATION)
		n = mark_of(l, col, c, buf, size);
	if (c->type == DRVMEM_CELL_BLANK)
		buf[0] = 0;
	else if (c->type == DRVMEM_CELL_TEXT)
		snprintf(buf, size, "%s%s", c->flags & DRVMEM_CELL_GUESS ? "~" : "", c->s);
	else if (l->t->exact && c->st == DRVMEM_OK && c->type == DRVMEM_CELL_U64 &&
		 col->unit != DRVMEM_UNIT_DURATION)
		snprintf(buf + n, size - (size_t)n, "%" PRIu64, c->u);
	else if (l->t->exact && c->st == DRVMEM_OK && c->type == DRVMEM_CELL_I64)
		snprintf(buf + n, size - (size_t)n, "%s%" PRId64, col->change && c->i > 0 ? "+" : "", c->i);
	else
		drvmem_text__number(col, c, l->s->utf8, buf, size);
}

static const struct drvmem_cell *cell_at(const struct layout *l, uint32_t row, uint32_t col)
{
	return &l->g->cells[(size_t)row * l->g->nr_columns + col];
}

static uint32_t indent_of(const struct layout *l, uint32_t row)
{
	return l->g->rows[row].depth * 2u + (l->tree ? 2u : 0);
}

/* Columns do not become narrower and wider with every figure. */
static uint32_t least_width(const struct layout *l, uint32_t col)
{
	static const uint32_t least[] = {
		[DRVMEM_UNIT_TEXT] = 4, [DRVMEM_UNIT_BYTES] = 9, [DRVMEM_UNIT_COUNT] = 6,
		[DRVMEM_UNIT_RATE] = 5, [DRVMEM_UNIT_DURATION] = 6, [DRVMEM_UNIT_PPM] = 6,
	};
	uint32_t n = least[l->g->columns[col].unit], title = drvmem_screen__columns(title_of(l, col));

	if (col == l->trend)
		return TREND_COLS;
	title += col == l->sorted;
	return title > n ? title : n;
}

static void measure_row(struct layout *l, uint32_t row)
{
	char buf[512];
	uint32_t col, n;

	for (col = 0; col < l->g->nr_columns && l->g->rows[row].kind != DRVMEM_ROW_FRAME; col++) {
		format(l, &l->g->columns[col], cell_at(l, row, col), buf, sizeof(buf));
		n = drvmem_screen__columns(buf) + (col ? 0 : indent_of(l, row));
		if (col && n > MAX_TEXT && l->g->columns[col].unit == DRVMEM_UNIT_TEXT)
			n = MAX_TEXT;
		if (n > l->width[col])
			l->width[col] = n;
	}
}

static uint32_t line_width(const struct layout *l)
{
	uint32_t col, sum = MARGIN + l->width[0];

	for (col = 1; col < l->g->nr_columns; col++)
		sum += l->width[col] ? l->width[col] + 1 : 0;
	return sum;
}

static uint32_t rank_of(const struct layout *l, uint32_t col)
{
	if (!strcmp(l->g->columns[col].key, drvmem_top_window_keys[l->t->window]) || col == l->sorted)
		return 0;
	/* objects with their bytes */
	if (l->t->window == DRVMEM_TOP_MARK && !strcmp(l->g->columns[col].key, "delta_mark_objects"))
		return 3;
	return l->g->columns[col].rank;
}

/* The column that is wanted least goes first; a name is cut before the ones wanted most go. */
static void fit(struct layout *l)
{
	const uint32_t name = l->width[0], room = l->s->cols;
	uint32_t col, worst, left;

	if (l->width[0] > MIN_NAME)
		l->width[0] = MIN_NAME + (name - MIN_NAME) / 2;
	while (line_width(l) > room) {
		for (col = 1, worst = 0; col < l->g->nr_columns; col++)
			if (l->width[col] && rank_of(l, col) > (worst ? rank_of(l, worst) : 0))
				worst = col;
		if (!worst)
			break;
		l->width[worst] = HIDDEN;
	}
	if (line_width(l) > room && l->width[0] > MIN_NAME)
		l->width[0] = MIN_NAME;
	left = line_width(l) < room ? room - line_width(l) : 0;
	col = name - l->width[0] < left ? name - l->width[0] : left;
	l->width[0] += col;
	left -= col;
	if (l->trend == DRVMEM_TOP_NONE || !l->width[l->trend])
		return;
	l->width[l->trend] += left;
	if (l->width[l->trend] > TREND_MOST)
		l->width[l->trend] = TREND_MOST;
}

static void put_titles(const struct layout *l, uint32_t row)
{
	const struct drvmem_top_look *k = &l->t->look[l->t->table.view];
	uint32_t col, x = MARGIN, end;

	for (col = 0; col < l->g->nr_columns; col++) {
		if (col && !l->width[col])
			continue;
		end = x + l->width[col];
		if (l->g->columns[col].unit == DRVMEM_UNIT_TEXT) {
			x += drvmem_screen__put(l->s, row, x, l->width[col], title_of(l, col), DRVMEM_LOOK_BOLD);
			if (col == l->sorted && x < end)
				drvmem_screen__sign(l->s, row, x, k->ascending ? 0x25b2 : 0x25bc,
						    k->ascending ? '^' : 'v', DRVMEM_LOOK_BOLD);
		} else {
			drvmem_screen__put_right(l->s, row, end - (col == l->sorted), l->width[col],
						 title_of(l, col), DRVMEM_LOOK_BOLD);
			if (col == l->sorted)
				drvmem_screen__sign(l->s, row, end - 1, k->ascending ? 0x25b2 : 0x25bc,
						    k->ascending ? '^' : 'v', DRVMEM_LOOK_BOLD);
		}
		drvmem_screen__hit(l->s, row, end - l->width[col], l->width[col], DRVMEM_TOP_HIT_COLUMN | col);
		x = end + 1;
	}
	drvmem_screen__look(l->s, row, DRVMEM_LOOK_REVERSE);
}

/* From 0 to the highest of the row: a small change of much looks small. */
static void put_trend(const struct layout *l, uint32_t y, uint32_t x, uint32_t row)
{
	static const char ascii[] = "_.-=#";
	int64_t v[TREND_MOST], most = 0;
	struct drvmem_history_of of;
	uint32_t n, i, level;

	if (!drvmem_top__trend_of(l->t, row, &of))
		return;
	n = drvmem_history__trend(l->t->history, of, l->width[l->trend], v);
	for (i = 0; i < n; i++)
		most = v[i] > most ? v[i] : most;
	for (i = 0; i < n; i++) {
		level = most > 0 && v[i] > 0 ? (uint32_t)((double)v[i] * 8 / (double)most + 0.999999) : 0;
		level = level > 8 ? 8 : level;
		drvmem_screen__sign(l->s, y, x + i, level ? 0x2580 + level : ' ',
				    level ? ascii[(level - 1) * 5 / 8] : ' ', DRVMEM_LOOK_ACCENT);
	}
}

/* What may be a leak; the words say it too. */
static uint32_t look_of_word(const char *text)
{
	if (!strcmp(text, "growing") || !strcmp(text, "growing high") || !strcmp(text, "lost"))
		return DRVMEM_LOOK_BAD;
	return !strcmp(text, "leftover") || !strcmp(text, "growing medium") ? DRVMEM_LOOK_WARN : 0;
}

static uint32_t look_of(const struct layout *l, uint32_t row, uint32_t col, const char *text)
{
	uint32_t look = l->t->table.row[row].changed & 1u << col ? DRVMEM_LOOK_BOLD : 0;

	if (!strcmp(l->g->columns[col].key, "verdict"))
		look |= look_of_word(text);
	if (!strcmp(l->g->columns[col].key, "failures") && text[0] && strcmp(text, "0") && strcmp(text, "-"))
		look |= DRVMEM_LOOK_BAD;
	return look;
}

static void put_name(const struct layout *l, uint32_t y, uint32_t row, uint32_t room)
{
	const struct drvmem_top_row *r = &l->t->table.row[row];
	uint32_t indent = indent_of(l, row);
	char buf[512];
	bool open;

	if (indent > room / 2)
		indent = room / 2;
	if (l->tree && r->has_children && indent >= 2) {
		open = drvmem_top__is_open(l->t, row);
		drvmem_screen__sign(l->s, y, MARGIN + indent - 2, open ? 0x25be : 0x25b8, open ? '-' : '+', 0);
	}
	format(l, &l->g->columns[0], cell_at(l, row, 0), buf, sizeof(buf));
	if (row == l->t->table.total) {	/* a filter hides rows, and takes nothing from it */
		snprintf(buf, sizeof(buf), "%s", l->t->filter[0] ? "TOTAL (all)" : "TOTAL");
		indent = 0;
	}
	drvmem_screen__put(l->s, y, MARGIN + indent, room - indent, buf, look_of(l, row, 0, buf));
}

static void put_row(const struct layout *l, uint32_t y, uint32_t row)
{
	uint32_t col, x;
	char buf[512];

	if (l->g->rows[row].kind == DRVMEM_ROW_FRAME) {
		put_name(l, y, row, l->s->cols - MARGIN);
		return;
	}
	put_name(l, y, row, l->width[0]);
	for (col = 1, x = MARGIN + l->width[0] + 1; col < l->g->nr_columns; col++) {
		if (!l->width[col])
			continue;
		if (col == l->trend) {
			put_trend(l, y, x, row);
		} else {
			format(l, &l->g->columns[col], cell_at(l, row, col), buf, sizeof(buf));
			if (l->g->columns[col].unit == DRVMEM_UNIT_TEXT)
				drvmem_screen__put(l->s, y, x, l->width[col], buf, look_of(l, row, col, buf));
			else
				drvmem_screen__put_right(l->s, y, x + l->width[col], l->width[col], buf,
							 look_of(l, row, col, buf));
		}
		x += l->width[col] + 1;
	}
}

static void put_total(const struct layout *l, uint32_t y)
{
	uint32_t row = l->t->table.total;

	put_row(l, y, row);
	drvmem_screen__look(l->s, y, DRVMEM_LOOK_BOLD);
}

static void measure(struct layout *l, uint32_t first, uint32_t rows)
{
	uint32_t i;

	for (i = 0; i < l->g->nr_rows && !l->tree; i++)
		l->tree = l->t->table.row[i].has_children && l->g->rows[i].kind != DRVMEM_ROW_TOTAL &&
			  l->t->view != DRVMEM_TOP_TIMELINE;
	for (i = 0; i < l->g->nr_columns; i++)
		l->width[i] = least_width(l, i);
	for (i = first; i < l->t->nr_order && i < first + rows; i++)
		measure_row(l, l->t->order[i]);
	if (l->t->table.total != DRVMEM_TOP_NONE)
		measure_row(l, l->t->table.total);
	fit(l);
}

void drvmem_topscreen__table(struct drvmem_screen *s, const struct drvmem_top *t, uint32_t row, uint32_t rows,
			     bool cursor)
{
	const struct drvmem_top_look *k = &t->look[t->table.view];
	uint32_t first = cursor ? k->first : 0, i;
	struct layout l = {
		.s = s, .t = t, .g = t->table.g,
		.sorted = drvmem_top_table__column(&t->table, k->sort),
		.trend = drvmem_top_table__column(&t->table, "trend"),
	};

	measure(&l, first, rows);
	put_titles(&l, row++);
	for (i = 0; i < rows && first + i < t->nr_order; i++) {
		put_row(&l, row + i, t->order[first + i]);
		drvmem_screen__hit(s, row + i, 0, s->cols, DRVMEM_TOP_HIT_ROW | (first + i));
		if (drvmem_top__is_tagged(t, t->order[first + i]))
			drvmem_screen__sign(s, row + i, 1, '*', '*', DRVMEM_LOOK_BOLD);
		if (cursor && first + i == k->at) {
			drvmem_screen__sign(s, row + i, 0, 0x25b6, '>', 0);
			drvmem_screen__look(s, row + i, DRVMEM_LOOK_REVERSE);
		}
	}
	if (t->table.total != DRVMEM_TOP_NONE)
		put_total(&l, row + (cursor ? rows : i));
}
