// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/diffed.h"

#include <string.h>

#include "render/json.h"
#include "render/session_json.h"
#include "render/where.h"

static void put_side(struct drvmem_json *w, const char *key, const struct drvmem_scope *v)
{
	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	drvmem_json__session(w, v);
	drvmem_json__debug_files(w, v->places);
	drvmem_json__end_object(w);
}

/* The number, and beside it what is to be known of it. */
static void put_cell(struct drvmem_json *w, const char *key, const struct drvmem_cell *c)
{
	char name[64];

	if (c->st != DRVMEM_OK)
		drvmem_json__kv_missing(w, key, "the time traced is empty");
	else if (c->type == DRVMEM_CELL_TEXT)
		drvmem_json__kv_str(w, key, c->s);
	else if (c->type == DRVMEM_CELL_I64)
		drvmem_json__kv_i64(w, key, c->i);
	else
		drvmem_json__kv_double(w, key, c->d);
	if (c->st != DRVMEM_OK || c->type == DRVMEM_CELL_TEXT)
		return;
	snprintf(name, sizeof(name), "%s_lower_bound", key);
	if (c->flags & DRVMEM_CELL_LOWER)
		drvmem_json__kv_bool(w, name, true);
	snprintf(name, sizeof(name), "%s_upper_bound", key);
	if (c->flags & DRVMEM_CELL_UPPER)
		drvmem_json__kv_bool(w, name, true);
	snprintf(name, sizeof(name), "%s_error", key);
	if (c->error > 0)
		drvmem_json__kv_double(w, name, c->error);
}

/* Of a stack: its functions, innermost first. */
static void put_frames(struct drvmem_json *w, const struct drvmem_grid *g, uint32_t row)
{
	drvmem_json__key(w, "frames");
	drvmem_json__begin_array(w);
	drvmem_json__str(w, drvmem_grid__cell(g, row, "name")->s);
	for (row++; row < g->nr_rows && g->rows[row].kind == DRVMEM_ROW_FRAME; row++)
		drvmem_json__str(w, drvmem_grid__cell(g, row, "name")->s);
	drvmem_json__end_array(w);
}

static void put_row(struct drvmem_json *w, const struct drvmem_grid *g, uint32_t row, bool stack)
{
	uint32_t col;

	drvmem_json__begin_object(w);
	for (col = 0; col < g->nr_columns; col++) {
		const struct drvmem_cell *c = &g->cells[(size_t)row * g->nr_columns + col];

		/* null says "of several" or "does not apply": a mapping has no live bytes */
		if (c->type == DRVMEM_CELL_BLANK)
			drvmem_json__kv_str(w, g->columns[col].key, NULL);
		else
			put_cell(w, g->columns[col].key, c);
	}
	if (stack)
		put_frames(w, g, row);
	drvmem_json__end_object(w);
}

static void put_rows(struct drvmem_json *w, const struct drvmem_grid *g, bool stacks)
{
	uint32_t row;

	drvmem_json__key(w, "rows");
	drvmem_json__begin_array(w);
	for (row = 0; row < g->nr_rows; row++)
		if (g->rows[row].kind == DRVMEM_ROW_DATA)
			put_row(w, g, row, stacks);
	drvmem_json__end_array(w);
	drvmem_json__key(w, "unchanged");
	for (row = 0; row < g->nr_rows && g->rows[row].kind != DRVMEM_ROW_OTHER; row++)
		;
	if (row < g->nr_rows)
		put_row(w, g, row, false);
	else
		drvmem_json__null(w);
	drvmem_json__key(w, "total");
	put_row(w, g, g->nr_rows - 1, false);
}

static void begin(struct drvmem_json *w, const struct drvmem_diffed *d)
{
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "schema_version", DRVMEM_JSON_SCHEMA_VERSION);
	put_side(w, "a", d->a);
	put_side(w, "b", d->b);
}

static void put_notes(struct drvmem_json *w, const char *key, const char *const *notes, uint32_t n)
{
	uint32_t i;

	drvmem_json__key(w, key);
	drvmem_json__begin_array(w);
	for (i = 0; i < n; i++)
		drvmem_json__str(w, notes[i]);
	drvmem_json__end_array(w);
}

static void put_tolerance(struct drvmem_json *w, const struct drvmem_diffed *d, uint32_t findings)
{
	drvmem_json__kv_u64(w, "tolerance_bytes", d->opts.tolerance_bytes);
	drvmem_json__kv_double(w, "tolerance_percent", d->opts.tolerance_percent);
	drvmem_json__kv_u64(w, "findings", findings);
}

void drvmem_json__diffed_pools(const struct drvmem_diffed *d, const struct drvmem_diffed_pools *p, FILE *out)
{
	struct drvmem_json w;

	drvmem_json__init(&w, out);
	begin(&w, d);
	put_notes(&w, "notes", d->notes, DRVMEM_DIFFED_SIDES);
	put_notes(&w, "pool_notes", p->notes, p->nr_notes);
	put_tolerance(&w, d, p->nr_findings);
	drvmem_json__grid_rows(&w, "pools", p->g);
	drvmem_json__end_object(&w);
	putc('\n', out);
}

int drvmem_json__diffed(const struct drvmem_diffed *d, FILE *out)
{
	struct drvmem_grid *g;
	struct drvmem_json w;
	int err = drvmem_diffed__grid(d, 0, &g);

	if (err)
		return err;
	drvmem_json__init(&w, out);
	begin(&w, d);
	put_notes(&w, "notes", d->notes, d->nr_notes);
	drvmem_json__kv_str(&w, "by", drvmem_compare_by_names[d->opts.by]);
	put_tolerance(&w, d, d->nr_findings);
	put_rows(&w, g, d->opts.by == DRVMEM_COMPARE_STACK);
	drvmem_json__end_object(&w);
	putc('\n', out);
	drvmem_grid__free(g);
	return 0;
}
