// SPDX-License-Identifier: GPL-2.0-or-later
/* Any grid as a table. */
#include <inttypes.h>
#include <time.h>

#include "base/units.h"
#include "render/html_parts.h"
#include "render/text.h"
#include "render/xml.h"

const char *drvmem_html__bytes(int64_t bytes, char *buf, size_t size)
{
	return bytes < 0 ? drvmem_fmt_bytes_delta(bytes, buf, size) : drvmem_fmt_bytes((uint64_t)bytes, buf, size);
}

const char *drvmem_html__time(uint64_t unix_s, char *buf, size_t size)
{
	const time_t when = (time_t)unix_s;
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(buf, size, "%Y-%m-%d %H:%M:%S UTC", &tm))
		snprintf(buf, size, "?");
	return buf;
}

static const char *reason(enum drvmem_avail st)
{
	return st == DRVMEM_DENIED ? "permission denied" : st == DRVMEM_LOST ? "lost" : "not available";
}

static void put_number(const struct drvmem_column *col, const struct drvmem_cell *c, FILE *out)
{
	char text[DRVMEM_TEXT_NUMBER];

	fprintf(out, "<td class=\"n\" data-k=\"%s\"", col->key);
	if (c->type == DRVMEM_CELL_BLANK) {
		fputs("></td>", out);
		return;
	}
	if (c->st != DRVMEM_OK)
		fprintf(out, " title=\"%s\"", reason(c->st));
	else if (c->type == DRVMEM_CELL_U64)
		fprintf(out, " data-v=\"%" PRIu64 "\"", c->u);
	else if (c->type == DRVMEM_CELL_I64)
		fprintf(out, " data-v=\"%" PRId64 "\"", c->i);
	else
		fprintf(out, " data-v=\"%.17g\"", c->d);
	putc('>', out);
	drvmem_text__number(col, c, true, text, sizeof(text));
	drvmem_xml__text(out, text);
	fputs("</td>", out);
}

static void put_text_cell(const struct drvmem_grid *g, const struct drvmem_html_table *t, uint32_t row, uint32_t col,
			  FILE *out)
{
	const struct drvmem_cell *c = &g->cells[(size_t)row * g->nr_columns + col];
	bool link = !col && t->link && row < t->nr_links && g->rows[row].kind == DRVMEM_ROW_DATA;

	fprintf(out, "<td data-k=\"%s\"", g->columns[col].key);
	if (!col && g->rows[row].depth)
		fprintf(out, " class=\"d%u\"", g->rows[row].depth > 3 ? 3u : g->rows[row].depth);
	putc('>', out);
	if (link)
		fprintf(out, "<a href=\"#%s%u\">", t->link, row);
	if (c->type == DRVMEM_CELL_TEXT && c->st == DRVMEM_OK) {
		drvmem_xml__text(out, c->s);
		if (c->flags & DRVMEM_CELL_GUESS)
			fputs("<abbr title=\"a guess, from the name of the function\">~</abbr>", out);
	} else if (c->type != DRVMEM_CELL_BLANK) {
		putc('-', out);
	}
	fputs(link ? "</a></td>" : "</td>", out);
}

static void put_row(const struct drvmem_grid *g, const struct drvmem_html_table *t, uint32_t row, FILE *out)
{
	bool data = g->rows[row].kind == DRVMEM_ROW_DATA;
	uint32_t col;

	fputs("<tr", out);
	if (data && t->row_id)
		fprintf(out, " data-%s=\"%u\"", t->row_id, row);
	putc('>', out);
	for (col = 0; col < g->nr_columns; col++) {
		if (g->columns[col].unit == DRVMEM_UNIT_TEXT)
			put_text_cell(g, t, row, col, out);
		else
			put_number(&g->columns[col], &g->cells[(size_t)row * g->nr_columns + col], out);
		if (col || !t->extra)
			continue;
		fputs("<td>", out);
		if (data)
			t->extra(t->arg, row, out);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static void put_head(const struct drvmem_grid *g, const struct drvmem_html_table *t, FILE *out)
{
	uint32_t col;

	fputs("<thead><tr>", out);
	for (col = 0; col < g->nr_columns; col++) {
		fprintf(out, "<th scope=\"col\" data-k=\"%s\"%s>", g->columns[col].key,
			g->columns[col].unit == DRVMEM_UNIT_TEXT ? "" : " class=\"n\"");
		drvmem_xml__text(out, g->columns[col].title);
		fputs("</th>", out);
		if (!col && t->extra)
			fprintf(out, "<th scope=\"col\" class=\"x\">%s</th>", t->extra_title);
	}
	fputs("</tr></thead>\n", out);
}

static bool is_sum(const struct drvmem_grid *g, uint32_t row)
{
	return g->rows[row].kind == DRVMEM_ROW_OTHER || g->rows[row].kind == DRVMEM_ROW_TOTAL;
}

void drvmem_html__grid(const struct drvmem_grid *g, const struct drvmem_html_table *t, FILE *out)
{
	uint32_t row, end = g->nr_rows;

	while (end && is_sum(g, end - 1))
		end--;
	fprintf(out, "<div class=\"scroll\"><table id=\"%s\"%s%s%s>\n", t->id, t->class ? " class=\"" : "",
		t->class ? t->class : "", t->class ? "\"" : "");
	put_head(g, t, out);
	fputs("<tbody>\n", out);
	for (row = 0; row < end; row++)
		put_row(g, t, row, out);
	fputs("</tbody>\n", out);
	if (end < g->nr_rows) {
		fputs("<tfoot>\n", out);
		for (; row < g->nr_rows; row++)
			put_row(g, t, row, out);
		fputs("</tfoot>\n", out);
	}
	fputs("</table></div>\n", out);
}

int drvmem_html__put_grid(int err, struct drvmem_grid *g, const struct drvmem_html_table *t, FILE *out)
{
	if (err)
		return err;
	drvmem_html__grid(g, t, out);
	drvmem_grid__free(g);
	return 0;
}
