// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows in the order and the choice that the keys made, and the cursor among them. */
#include "view/top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"

struct arrange {
	struct drvmem_top *t;
	const struct drvmem_top_table *b;
	uint32_t col;			/* sorted by it */
	bool ascending, by_worry;
	uint32_t *child, *next;		/* first one below a row (or below none), the one beside it */
	uint32_t *scratch;
	uint32_t *order, nr;
};

static bool has_text(const struct drvmem_top_table *b, uint32_t row, const char *text)
{
	static const char *const keys[] = { "name", "owner", "cache", "device" };
	uint32_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcasestr(drvmem_top_table__text(b, row, keys[i]), text))
			return true;
	return false;
}

/* A row is shown with what is below it, and with what it is below of. */
static void filter_rows(struct drvmem_top *t)
{
	struct drvmem_top_table *b = &t->table;
	uint32_t i, up;

	for (i = 0; i < b->g->nr_rows; i++)
		b->row[i].matches = !t->filter[0] || has_text(b, i, t->filter) ||
				    (b->row[i].parent != DRVMEM_TOP_NONE && b->row[b->row[i].parent].matches);
	/* from below: parents stand before their children */
	for (i = b->g->nr_rows; i--;) {
		up = b->row[i].parent;
		if (b->row[i].matches && up != DRVMEM_TOP_NONE)
			b->row[up].matches = true;
	}
}

/* A missing number is behind every other one, whichever way it is sorted. */
static double value_of(const struct drvmem_cell *c, bool *missing)
{
	*missing = c->type == DRVMEM_CELL_BLANK || c->st != DRVMEM_OK;
	switch (c->type) {
	case DRVMEM_CELL_U64:
		return (double)c->u;
	case DRVMEM_CELL_I64:
		return (double)c->i;
	case DRVMEM_CELL_DOUBLE:
		return c->d;
	default:
		return 0;
	}
}

static int cmp_cells(const struct drvmem_cell *x, const struct drvmem_cell *y, bool ascending)
{
	bool no_x, no_y;
	double a = value_of(x, &no_x), b = value_of(y, &no_y);
	int c;

	if (no_x || no_y)
		return (int)no_x - (int)no_y;
	if (x->type == DRVMEM_CELL_TEXT && y->type == DRVMEM_CELL_TEXT)
		c = strcmp(x->s, y->s);
	else
		c = (a > b) - (a < b);
	return ascending ? c : -c;
}

static int cmp_rows(const void *p, const void *q, void *arg)
{
	const struct arrange *a = arg;
	const struct drvmem_grid *g = a->b->g;
	const uint32_t x = *(const uint32_t *)p, y = *(const uint32_t *)q;
	int c = a->by_worry ? (int)a->b->row[x].worry - (int)a->b->row[y].worry : 0;

	if (a->by_worry)
		c = a->ascending ? c : -c;
	else
		c = cmp_cells(&g->cells[(size_t)x * g->nr_columns + a->col],
			      &g->cells[(size_t)y * g->nr_columns + a->col], a->ascending);

	if (!c)
		c = strcmp(drvmem_top_table__text(a->b, x, "name"), drvmem_top_table__text(a->b, y, "name"));
	return c ? c : (x > y) - (x < y);
}

/* child[nr_rows]: the first row that is below none. */
static void link_rows(struct arrange *a)
{
	uint32_t i, up, nr = a->b->g->nr_rows;

	for (i = 0; i <= nr; i++)
		a->child[i] = DRVMEM_TOP_NONE;
	for (i = nr; i--;) {
		if (i == a->b->total)
			continue;
		up = a->b->row[i].parent == DRVMEM_TOP_NONE ? nr : a->b->row[i].parent;
		a->next[i] = a->child[up];
		a->child[up] = i;
	}
}

/* Frames stand in their order. */
static bool is_sorted_here(const struct arrange *a, uint32_t first)
{
	return a->b->g->rows[first].kind != DRVMEM_ROW_FRAME && a->col < a->b->g->nr_columns;
}

static void emit(struct arrange *a, uint32_t up, uint32_t used)
{
	uint32_t *rows = a->scratch + used, n = 0, i;

	for (i = a->child[up]; i != DRVMEM_TOP_NONE; i = a->next[i])
		if (a->b->row[i].matches)
			rows[n++] = i;
	if (n && is_sorted_here(a, rows[0]))
		qsort_r(rows, n, sizeof(*rows), cmp_rows, a);
	for (i = 0; i < n; i++) {
		a->order[a->nr++] = rows[i];
		if (a->b->row[rows[i]].has_children && drvmem_top__is_open(a->t, rows[i]))
			emit(a, rows[i], used + n);
	}
}

static void keep_in_sight(struct drvmem_top *t, struct drvmem_top_look *k)
{
	if (k->at < k->first)
		k->first = k->at;
	if (t->room && k->at >= k->first + t->room)
		k->first = k->at - t->room + 1;
	/* no empty lines below while there are rows above */
	if (k->first + t->room > t->nr_order)
		k->first = t->nr_order > t->room ? t->nr_order - t->room : 0;
}

void drvmem_top__go(struct drvmem_top *t, int64_t at)
{
	struct drvmem_top_look *k = drvmem_top__look(t);

	if (at >= (int64_t)t->nr_order)
		at = (int64_t)t->nr_order - 1;
	if (at < 0)
		at = 0;
	k->at = (uint32_t)at;
	k->cursor = at ? t->table.row[t->order[at]].id : 0;
	keep_in_sight(t, k);
}

/* The cursor stays on its row; without one, on its place. */
static void find_cursor(struct drvmem_top *t)
{
	struct drvmem_top_look *k = drvmem_top__look(t);
	uint32_t line = k->at - k->first, i;

	for (i = 0; k->cursor && i < t->nr_order; i++)
		if (t->table.row[t->order[i]].id == k->cursor)
			break;
	if (!k->cursor) {
		k->at = 0;
	} else if (i < t->nr_order) {
		k->at = i;
		if (t->follow)	/* the screen goes with it */
			k->first = i > line ? i - line : 0;
	} else {
		drvmem_top__go(t, k->at);
	}
	keep_in_sight(t, k);
}

static int take_order(struct arrange *a)
{
	size_t n = a->b->g->nr_rows + 1u;

	a->child = malloc(n * sizeof(*a->child));
	a->next = malloc(n * sizeof(*a->next));
	a->scratch = malloc(n * sizeof(*a->scratch));
	a->order = malloc(n * sizeof(*a->order));
	if (!a->child || !a->next || !a->scratch || !a->order) {
		free(a->order);
		return -ENOMEM;
	}
	link_rows(a);
	emit(a, a->b->g->nr_rows, 0);
	return 0;
}

int drvmem_top__arrange(struct drvmem_top *t)
{
	struct drvmem_top_look *k = drvmem_top__look(t);
	struct arrange a = { .t = t, .b = &t->table, .ascending = k->ascending };
	int err;

	if (!t->table.g) {
		t->nr_order = 0;
		return 0;
	}
	a.col = drvmem_top_table__column(&t->table, k->sort);
	/* the words of the other tabs have an order, which is not that of their letters */
	a.by_worry = !strcmp(k->sort, "verdict") && t->table.view != DRVMEM_TOP_LEAKS;
	filter_rows(t);
	err = take_order(&a);
	free(a.child);
	free(a.next);
	free(a.scratch);
	if (err)
		return err;
	free(t->order);
	t->order = a.order;
	t->nr_order = a.nr;
	find_cursor(t);
	return 0;
}

void drvmem_top__set_room(struct drvmem_top *t, uint32_t rows)
{
	t->room = rows;
	if (!drvmem_top__is_page(t)) {
		keep_in_sight(t, drvmem_top__look(t));
		return;
	}
	if (t->page_first + rows > t->page_lines)
		t->page_first = t->page_lines > rows ? t->page_lines - rows : 0;
}

bool drvmem_top__find(struct drvmem_top *t, bool behind)
{
	uint32_t at = drvmem_top__look(t)->at, i, place;

	for (i = behind; i < t->nr_order + behind && t->search[0]; i++) {
		place = (at + i) % t->nr_order;
		if (has_text(&t->table, t->order[place], t->search)) {
			drvmem_top__go(t, place);
			return true;
		}
	}
	return false;
}

/* Names of the rows one below the other, the way a stack stands on the screen. */
char *drvmem_top__copied(struct drvmem_top *t)
{
	const struct drvmem_top_look *k = drvmem_top__look(t);
	bool all = t->view == DRVMEM_TOP_STACK;
	struct drvmem_strbuf b = { 0 };
	char *text;
	uint32_t i;

	if (drvmem_top__is_page(t) || t->table.view != t->view)
		return NULL;
	for (i = all ? 0 : k->at; i < t->nr_order && (all || i == k->at); i++)
		drvmem_strbuf__printf(&b, "%s%s", drvmem_top_table__text(&t->table, t->order[i], "name"), all ? "\n" : "");
	text = drvmem_strbuf__steal(&b);
	drvmem_strbuf__deinit(&b);
	return text;
}
