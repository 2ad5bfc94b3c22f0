// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"
#include "view/grid.h"

struct drvmem_grid *drvmem_grid__new(const struct drvmem_column *columns, uint32_t nr_columns)
{
	struct drvmem_grid *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->columns = columns;
	g->nr_columns = nr_columns;
	g->arena = drvmem_arena__new();
	if (!g->arena) {
		free(g);
		return NULL;
	}
	return g;
}

void drvmem_grid__free(struct drvmem_grid *g)
{
	if (!g)
		return;
	drvmem_arena__free(g->arena);
	free(g->rows);
	free(g->cells);
	free(g);
}

static bool grow_rows(struct drvmem_grid *g)
{
	uint32_t cap = g->cap_rows ? g->cap_rows * 2 : 16;
	struct drvmem_cell *cells;
	struct drvmem_row *rows;

	rows = realloc(g->rows, cap * sizeof(*rows));
	if (!rows)
		return false;
	g->rows = rows;
	cells = realloc(g->cells, (size_t)cap * g->nr_columns * sizeof(*cells));
	if (!cells)
		return false;
	g->cells = cells;
	g->cap_rows = cap;
	return true;
}

void drvmem_grid__add_row(struct drvmem_grid *g, enum drvmem_row_kind kind, uint16_t depth)
{
	if (!g->failed && g->nr_rows == g->cap_rows && !grow_rows(g))
		g->failed = true;
	if (g->failed)
		return;
	g->rows[g->nr_rows] = (struct drvmem_row){ .kind = kind, .depth = depth };
	memset(&g->cells[(size_t)g->nr_rows * g->nr_columns], 0,
	       g->nr_columns * sizeof(*g->cells));
	g->nr_rows++;
}

void drvmem_grid__stands_for(struct drvmem_grid *g, uint32_t owner, uint32_t site)
{
	if (g->failed || !g->nr_rows)
		return;
	g->rows[g->nr_rows - 1].owner = owner;
	g->rows[g->nr_rows - 1].site = site;
}

static struct drvmem_cell *find_cell(const struct drvmem_grid *g, uint32_t row, const char *key)
{
	uint32_t i;

	for (i = 0; row < g->nr_rows && i < g->nr_columns; i++)
		if (!strcmp(g->columns[i].key, key))
			return &g->cells[(size_t)row * g->nr_columns + i];
	return NULL;
}

static void set_cell(struct drvmem_grid *g, const char *key, struct drvmem_cell v)
{
	struct drvmem_cell *c = NULL;

	if (!g->failed && g->nr_rows)
		c = find_cell(g, g->nr_rows - 1, key);
	if (c)
		*c = v;
}

void drvmem_grid__u64(struct drvmem_grid *g, const char *key, uint64_t v, unsigned int flags)
{
	set_cell(g, key, (struct drvmem_cell){ .type = DRVMEM_CELL_U64, .flags = flags, .u = v });
}

void drvmem_grid__i64(struct drvmem_grid *g, const char *key, int64_t v, unsigned int flags)
{
	set_cell(g, key, (struct drvmem_cell){ .type = DRVMEM_CELL_I64, .flags = flags, .i = v });
}

void drvmem_grid__double(struct drvmem_grid *g, const char *key, double v, unsigned int flags)
{
	set_cell(g, key, (struct drvmem_cell){ .type = DRVMEM_CELL_DOUBLE, .flags = flags, .d = v });
}

void drvmem_grid__text(struct drvmem_grid *g, const char *key, const char *text, unsigned int flags)
{
	struct drvmem_cell c = { .type = DRVMEM_CELL_TEXT, .flags = flags };

	if (!text) {
		drvmem_grid__missing(g, key, DRVMEM_ABSENT);
		return;
	}
	c.s = drvmem_arena__str(g->arena, text);
	if (!c.s)
		g->failed = true;
	set_cell(g, key, c);
}

void drvmem_grid__maybe(struct drvmem_grid *g, const char *key, struct drvmem_u64 v,
			unsigned int flags)
{
	if (v.st == DRVMEM_OK)
		drvmem_grid__u64(g, key, v.v, flags);
	else
		drvmem_grid__missing(g, key, v.st);
}

void drvmem_grid__error_of(struct drvmem_grid *g, const char *key, double half)
{
	struct drvmem_cell *c = NULL;

	if (!g->failed && g->nr_rows)
		c = find_cell(g, g->nr_rows - 1, key);
	if (c && c->st == DRVMEM_OK)
		c->error = half;
}

void drvmem_grid__missing(struct drvmem_grid *g, const char *key, enum drvmem_avail why)
{
	set_cell(g, key, (struct drvmem_cell){ .type = DRVMEM_CELL_U64, .st = why });
}

const struct drvmem_cell *drvmem_grid__cell(const struct drvmem_grid *g, uint32_t row,
					    const char *key)
{
	return find_cell(g, row, key);
}

int drvmem_grid__error(const struct drvmem_grid *g)
{
	return g->failed ? -ENOMEM : 0;
}
