// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/topscreen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

#define BELOW		2u	/* status, keys */
#define WHY_LINES	4u
#define WHY_MOST	8u	/* on a screen of this many rows */
#define WHY_ROWS	30u

/* The present one in brackets: colour and reverse are not everywhere. */
static void put_tabs(struct drvmem_screen *s, const struct drvmem_top *t, uint32_t row)
{
	uint32_t i, x = 0;
	char text[40];

	for (i = 0; i < DRVMEM_TOP_NR_TABS && x < s->cols; i++) {
		bool here = i == t->tab;

		snprintf(text, sizeof(text), "%c%u %s%c", here ? '[' : ' ', i + 1, drvmem_top_tabs[i], here ? ']' : ' ');
		drvmem_screen__hit(s, row, x, drvmem_screen__columns(text), DRVMEM_TOP_HIT_TAB | i);
		x += drvmem_screen__put(s, row, x, s->cols - x, text, here ? DRVMEM_LOOK_REVERSE | DRVMEM_LOOK_BOLD : 0);
	}
}

/* "call sites of kernel", where the tab does not say what is shown. */
static void put_where(const struct drvmem_top *t, char *buf, size_t size)
{
	buf[0] = 0;
	if (t->view == DRVMEM_TOP_SITES_OF)
		snprintf(buf, size, "call sites of %s  ", t->of);
	else if (t->view == DRVMEM_TOP_STACK)
		snprintf(buf, size, "stacks of one call site  ");
}

static const char *sort_title(const struct drvmem_top *t, bool utf8)
{
	uint32_t col = drvmem_top_table__column(&t->table, t->look[t->table.view].sort);
	const struct drvmem_column *c;

	if (col == DRVMEM_TOP_NONE)
		return t->table.view == DRVMEM_TOP_LEAKS ? "sure ones first" : "-";
	c = &t->table.g->columns[col];
	return !utf8 && c->ascii ? c->ascii : c->title;
}

static void put_idle(struct drvmem_screen *s, const struct drvmem_top *t, const struct drvmem_topscreen *in,
		     char *buf, size_t size)
{
	static const char *const since[] = { "last interval", "last minute", "mark", "inside", "start" };
	char where[160], age[DRVMEM_UNIT_LEN];
	uint64_t at_ns, now = in->scope ? in->scope->s->meta.taken_ns : 0;
	uint32_t marks = drvmem_history__marks(t->history, &at_ns);
	size_t n;

	put_where(t, where, sizeof(where));
	n = (size_t)snprintf(buf, size, "%s%u row%s  sort: %s  filter: %s  growth: %s", where, t->nr_order,
			     t->nr_order == 1 ? "" : "s", sort_title(t, s->utf8), t->filter[0] ? t->filter : "-",
			     since[t->window]);
	if (t->view == DRVMEM_TOP_TIMELINE && n < size)
		n += (size_t)snprintf(buf + n, size - n, "  trend: %s, from 0 to the row's highest",
				      drvmem_fmt_duration(drvmem_history__span(t->history), age, sizeof(age)));
	if (marks && n < size)
		snprintf(buf + n, size - n, t->mark_text[0] ? "  mark %u, %s ago: %s" : "  mark %u, %s ago", marks,
			 drvmem_fmt_duration(now > at_ns ? now - at_ns : 0, age, sizeof(age)), t->mark_text);
}

static void put_status(struct drvmem_screen *s, const struct drvmem_top *t, const struct drvmem_topscreen *in)
{
	char buf[640];
	uint32_t look = 0;

	if (t->mode == DRVMEM_TOP_SEARCHING)
		snprintf(buf, sizeof(buf), "Search: %s_  %s", t->search, t->said);
	else if (t->mode == DRVMEM_TOP_FILTERING)
		snprintf(buf, sizeof(buf), "Filter: %s_  (%u rows; Enter keeps it, Esc shows all)", t->filter, t->nr_order);
	else if (t->mode == DRVMEM_TOP_SORTING)
		snprintf(buf, sizeof(buf), "Sort: [l]ive [g]rowth [r]ate [f]rees [p]eak [o]bj [w]aste [x]fail [v]erdict [n]ame");
	else if (t->said[0])
		snprintf(buf, sizeof(buf), "%s", t->said);
	else if (drvmem_top__is_page(t))
		snprintf(buf, sizeof(buf), "%s", t->page_lines > t->room ? "Up, Down: more of this page" : "");
	else
		put_idle(s, t, in, buf, sizeof(buf));
	if (t->mode != DRVMEM_TOP_BROWSE || t->said[0])
		look = DRVMEM_LOOK_BOLD;
	drvmem_screen__put(s, s->rows - 2, 0, s->cols, buf, look);
}

static void put_keys(struct drvmem_screen *s)
{
	static const char *const keys[][2] = {
		{ "F1", "Help" }, { "F3", "Search" }, { "F4", "Filter" }, { "F5", "Tree" }, { "F6", "Sort" },
		{ "F7", "Mark" }, { "F8", "Window" }, { "F9", "Report" }, { "F10", "Quit" },
	};
	uint32_t i, x = 0, y = s->rows - 1, from;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && x < s->cols; i++) {
		from = x;
		x += drvmem_screen__put(s, y, x, s->cols - x, keys[i][0], DRVMEM_LOOK_BOLD);
		if (x < s->cols)
			x += drvmem_screen__put(s, y, x, s->cols - x, keys[i][1], DRVMEM_LOOK_REVERSE) + 1;
		drvmem_screen__hit(s, y, from, x - from, DRVMEM_TOP_HIT_KEY | (uint32_t)strtoul(keys[i][0] + 1, NULL, 10));
	}
}

/* The next line of the screen: a line of the text, or as many of its words as there is room for. */
static bool next_line(struct drvmem_span *text, uint32_t cols, struct drvmem_span *rest, struct drvmem_span *ret)
{
	size_t n;

	if (!rest->n && !drvmem_span__line(text, rest))
		return false;
	*ret = *rest;
	if (rest->n > cols) {	/* bytes: with letters of several the line is shorter than it could be */
		for (n = cols; n > cols / 2 && rest->s[n] != ' '; n--)
			;
		ret->n = rest->s[n] == ' ' ? n : cols;
	}
	rest->s += ret->n;
	rest->n -= ret->n;
	while (rest->n && *rest->s == ' ') {
		rest->s++;
		rest->n--;
	}
	return true;
}

/* Lines of a text from page_first on. */
static void put_page(struct drvmem_screen *s, struct drvmem_top *t, const char *text, uint32_t row, uint32_t rows)
{
	const struct drvmem_span all = { text ? text : "", text ? strlen(text) : 0 };
	struct drvmem_span left = all, rest = { 0 }, line;
	uint32_t n, shown;
	char buf[1024];

	for (n = 0; next_line(&left, s->cols, &rest, &line); n++)
		;
	t->page_lines = n;
	drvmem_top__set_room(t, rows);
	left = all;
	for (n = 0, shown = 0; shown < rows && next_line(&left, s->cols, &rest, &line); n++) {
		if (n < t->page_first)
			continue;
		snprintf(buf, sizeof(buf), "%.*s", (int)line.n, line.s);
		drvmem_screen__put(s, row + shown++, 0, s->cols, buf, 0);
	}
}

/* Why there is nothing, and what there would be. */
static const char *nothing(const struct drvmem_top *t, const struct drvmem_topscreen *in)
{
	if (!in->scope)
		return "Tracing has begun; the first figures come in a moment.";
	if (t->filter[0])
		return "No row has this text; Esc shows all rows.";
	switch (t->view) {
	case DRVMEM_TOP_POOLS:
		return in->recorded ? "No pools were recorded." : "The pools could not be read.";
	case DRVMEM_TOP_DEVICES:
		return "No DMA buffer was allocated and nothing was mapped for a device since tracing began.";
	case DRVMEM_TOP_LEAKS:
		if (in->scope->s->meta.sampled)
			return "Sampled: ages of single objects are not known; what leaks is not told.";
		if (in->scope->s->meta.table_live && !in->scope->s->nr_objects)
			return "The ages of the objects are not known of this moment: nothing can be said of leaks.";
		return "Nothing is live for longer than is usual for its call site.";
	case DRVMEM_TOP_SITES_OF:
		return "Nothing was allocated from here since tracing began.";
	default:
		return "Nothing was allocated since tracing began.";
	}
}

static bool tells_why(const struct drvmem_top *t)
{
	return t->view == DRVMEM_TOP_STACK || t->view == DRVMEM_TOP_SITES_OF;
}

/* What speaks for and against a leak at this site or owner, above what it consists of. Lines taken. */
static uint32_t put_why(struct drvmem_screen *s, const struct drvmem_top *t, uint32_t row)
{
	struct drvmem_span left = { t->why, strlen(t->why) }, rest = { 0 }, line;
	uint32_t n = 0, most = s->rows >= WHY_ROWS ? WHY_MOST : WHY_LINES;
	char buf[512];

	while (tells_why(t) && n < most && next_line(&left, s->cols, &rest, &line)) {
		snprintf(buf, sizeof(buf), "%.*s", (int)line.n, line.s);
		drvmem_screen__put(s, row + n++, 0, s->cols, buf, 0);
	}
	if (n == most && (rest.n || left.n))	/* a larger terminal tells the rest */
		drvmem_screen__sign(s, row + n - 1, s->cols - 1, 0x2026, '~', DRVMEM_LOOK_BOLD);
	return n;
}

static void put_body(struct drvmem_screen *s, struct drvmem_top *t, const struct drvmem_topscreen *in, uint32_t row)
{
	uint32_t total = t->table.total != DRVMEM_TOP_NONE, rows;

	if (drvmem_top__is_page(t)) {
		put_page(s, t, t->view == DRVMEM_TOP_HELP ? drvmem_topscreen_help :
			       t->view == DRVMEM_TOP_DOCTOR ? in->doctor : in->health, row, s->rows - BELOW - row);
		return;
	}
	if (s->rows > row + BELOW + WHY_LINES + 2)
		row += put_why(s, t, row);
	rows = s->rows - BELOW - row - 1;
	if (!t->table.g || !t->nr_order || t->table.view != t->view) {
		drvmem_screen__put(s, row + 1, 2, s->cols - 2, nothing(t, in), 0);
		return;
	}
	rows -= total && rows > 1;
	drvmem_top__set_room(t, rows);
	drvmem_topscreen__table(s, t, row, rows, true);
}

void drvmem_topscreen__draw(struct drvmem_screen *s, struct drvmem_top *t, const struct drvmem_topscreen *in)
{
	uint32_t row;

	drvmem_screen__clear(s);
	if (s->cols < DRVMEM_TOPSCREEN_MIN_COLS || s->rows < DRVMEM_TOPSCREEN_MIN_ROWS) {
		drvmem_screen__put(s, 0, 0, s->cols, "too small: 40 x 12 at least", 0);
		return;
	}
	row = drvmem_topscreen__band(s, t, in);
	put_tabs(s, t, row++);
	put_body(s, t, in, row);
	put_status(s, t, in);
	put_keys(s);
}

int drvmem_topscreen__batch(struct drvmem_top *t, const struct drvmem_topscreen *in, uint32_t cols, uint32_t top,
			    bool utf8, FILE *out)
{
	uint32_t rows = top && top < t->nr_order ? top : t->nr_order, row, part;
	struct drvmem_screen s = { .utf8 = utf8 };
	int err = drvmem_screen__resize(&s, cols, 10);

	if (err)
		return err;
	row = drvmem_topscreen__band(&s, t, in);
	s.rows = row;
	drvmem_screen__text(&s, out);
	/* titles, a part of the rows as large as a screen may be, and the total */
	part = rows < DRVMEM_SCREEN_ROWS - 2 ? rows : DRVMEM_SCREEN_ROWS - 2;
	s.rows = 10;
	err = drvmem_screen__resize(&s, cols, part + 2);
	if (!err && t->table.g) {
		if (t->nr_order)
			drvmem_topscreen__table(&s, t, 0, part, false);
		else
			drvmem_screen__put(&s, 0, 0, s.cols, nothing(t, in), 0);
		s.rows = t->nr_order ? part + 1 + (t->table.total != DRVMEM_TOP_NONE) : 1;
		drvmem_screen__text(&s, out);
	}
	if (part < t->nr_order)
		fprintf(out, "and %u more rows\n", t->nr_order - part);
	putc('\n', out);
	drvmem_screen__deinit(&s);
	return err;
}
