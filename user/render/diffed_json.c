// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/diffed.h"

#include <string.h>

#include "render/json.h"
#include "render/session_json.h"

static void put_side(struct drvmem_json *w, const char *key, const struct drvmem_scope *v)
{
	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	drvmem_json__session(w, v);
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

static void put_row(struct drvmem_json *w, const struct drvmem_grid *g, uint32_t row)
{
	uint32_t col;

	drvmem_json__begin_object(w);
	for (col = 0; col < g->nr_columns; col++) {
		const struct drvmem_cell *c = &g->cells[(size_t)row * g->nr_columns + col];

		/* null says "of several" or "does not apply" to texts; numbers apply to every row */
		if (c->type == DRVMEM_CELL_BLANK)
			drvmem_json__kv_str(w, g->columns[col].key, NULL);
		else
			put_cell(w, g->columns[col].key, c);
	}
	drvmem_json__end_object(w);
}

static void put_rows(struct drvmem_json *w, const struct drvmem_grid *g)
{
	uint32_t row;

	drvmem_json__key(w, "rows");
	drvmem_json__begin_array(w);
	for (row = 0; row < g->nr_rows; row++)
		if (g->rows[row].kind == DRVMEM_ROW_DATA)
			put_row(w, g, row);
	drvmem_json__end_array(w);
	drvmem_json__key(w, "unchanged");
	for (row = 0; row < g->nr_rows && g->rows[row].kind != DRVMEM_ROW_OTHER; row++)
		;
	if (row < g->nr_rows)
		put_row(w, g, row);
	else
		drvmem_json__null(w);
	drvmem_json__key(w, "total");
	put_row(w, g, g->nr_rows - 1);
}

int drvmem_json__diffed(const struct drvmem_diffed *d, FILE *out)
{
	struct drvmem_grid *g;
	struct drvmem_json w;
	uint32_t i;
	int err = drvmem_diffed__grid(d, 0, &g);

	if (err)
		return err;
	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__kv_u64(&w, "schema_version", DRVMEM_JSON_SCHEMA_VERSION);
	put_side(&w, "a", d->a);
	put_side(&w, "b", d->b);
	drvmem_json__key(&w, "notes");
	drvmem_json__begin_array(&w);
	for (i = 0; i < d->nr_notes; i++)
		drvmem_json__str(&w, d->notes[i]);
	drvmem_json__end_array(&w);
	drvmem_json__kv_str(&w, "by", drvmem_compare_by_names[d->opts.by]);
	drvmem_json__kv_u64(&w, "tolerance_bytes", d->opts.tolerance_bytes);
	drvmem_json__kv_double(&w, "tolerance_percent", d->opts.tolerance_percent);
	drvmem_json__kv_u64(&w, "findings", d->nr_findings);
	put_rows(&w, g);
	drvmem_json__end_object(&w);
	putc('\n', out);
	drvmem_grid__free(g);
	return 0;
}
