// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of owners, and what stands behind each row. */
#include "base/units.h"
#include "render/html_parts.h"
#include "render/xml.h"

#define PANEL_SITES	10u
#define PANEL_STACKS	3u

static void put_spark(const void *arg, uint32_t row, FILE *out)
{
	drvmem_html__spark(arg, row, out);
}

int drvmem_html__units(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_html_table t = {
		.id = "owners", .class = "sort", .row_id = "u", .link = "u", .nr_links = DRVMEM_HTML_PANELS,
		.extra_title = "over time", .extra = put_spark, .arg = r,
	};
	struct drvmem_grid *g = NULL;
	char span[DRVMEM_UNIT_LEN];
	int e = drvmem_htmlreport__units(r, DRVMEM_HTML_UNIT_ROWS, &g);

	fprintf(out, "<p class=\"hint\">Figures of the whole session; Δ: of the last %s. A name leads to what is behind it.</p>\n",
		drvmem_fmt_duration(r->in.v->delta->interval_ns, span, sizeof(span)));
	return drvmem_html__put_grid(e, g, &t, out);
}

/* The stack that was seen most often there. */
static void put_stack(const struct drvmem_htmlreport *r, const struct drvmem_html_site *k, FILE *out)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	const struct drvmem_stacksnap *st;
	uint32_t first, nr, i;

	drvmem_scope__stacks(r->in.v, k->site, &first, &nr);
	if (!nr)
		return;
	st = &s->stacks[r->in.v->stacks[first]];
	fputs("<div class=\"stack\"><h4>", out);
	drvmem_xml__text(out, s->sites[k->site].site);
	fprintf(out, "</h4><p>%u stack%s seen; the most frequent:</p><pre>", nr, nr == 1 ? "" : "s");
	for (i = 0; i < st->nr; i++) {
		drvmem_xml__text(out, st->frame[i] ? st->frame[i] : "?");
		putc('\n', out);
	}
	fputs("</pre></div>\n", out);
}

static void put_worst(const struct drvmem_htmlreport *r, const struct drvmem_outstanding_site *k, FILE *out)
{
	char n[DRVMEM_UNIT_LEN], bytes[DRVMEM_UNIT_LEN], old[DRVMEM_UNIT_LEN];

	fprintf(out, "<p class=\"why\"><b>%s</b> ", drvmem_growth__name(k->growth.class));
	fputs("at <code>", out);
	drvmem_xml__text(out, r->in.v->s->sites[k->site].site);
	fprintf(out, "</code>: %s objects, %s, are older than %s. ", drvmem_fmt_count(k->objects, n, sizeof(n)),
		drvmem_fmt_bytes(k->bytes, bytes, sizeof(bytes)), drvmem_fmt_duration(k->growth.old_ns, old, sizeof(old)));
	drvmem_xml__text(out, k->why);
	fputs("</p>\n", out);
}

static int put_panel(const struct drvmem_htmlreport *r, uint32_t unit, FILE *out)
{
	const struct drvmem_html_unit *u = &r->units[unit];
	const struct drvmem_instance *inst = &r->in.v->s->instances[u->owner];
	char live[DRVMEM_UNIT_LEN], id[32];
	struct drvmem_html_table t = { .id = id };
	struct drvmem_grid *g = NULL;
	uint32_t i;
	int e;

	fprintf(out, "<details class=\"panel\" id=\"u%u\"><summary>", unit);
	drvmem_xml__text(out, u->name);
	fprintf(out, "%s <small>%s live, %u call sites</small></summary>\n", u->guess ? "~" : "",
		drvmem_html__bytes(u->sum.c.live_bytes, live, sizeof(live)), u->nr);
	if (inst->build_id[0])
		fprintf(out, "<p class=\"hint\">build id <code>%s</code></p>\n", inst->build_id);
	if (u->worst)
		put_worst(r, u->worst, out);
	fputs("<h4>By allocator</h4>\n", out);
	snprintf(id, sizeof(id), "a%u", unit);
	e = drvmem_htmlreport__allocators(r, unit, &g);
	e = drvmem_html__put_grid(e, g, &t, out);
	if (e)
		return e;
	fputs("<div class=\"hists\">\n", out);
	drvmem_html__sizes(u->sum.c.size_hist, out);
	drvmem_html__lifetimes(u->sum.c.life_hist, r->in.v->s->meta.hz, out);
	fputs("</div><h4>Call sites</h4>\n", out);
	snprintf(id, sizeof(id), "s%u", unit);
	e = drvmem_htmlreport__sites(r, unit, PANEL_SITES, &g);
	e = drvmem_html__put_grid(e, g, &t, out);
	for (i = 0; i < u->nr && i < PANEL_STACKS && !e; i++)
		put_stack(r, &r->sites[u->first + i], out);
	fputs("</details>\n", out);
	return e;
}

int drvmem_html__panels(const struct drvmem_htmlreport *r, FILE *out)
{
	uint32_t i;
	int e = 0;

	for (i = 0; i < r->nr_units && i < DRVMEM_HTML_PANELS && !e; i++)
		e = put_panel(r, i, out);
	return e;
}
