// SPDX-License-Identifier: GPL-2.0-or-later
/* What the figures rest on: losses, blind spots, the kernel's own counts beside ours; modules, words. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/units.h"
#include "render/html_parts.h"
#include "render/text.h"
#include "render/xml.h"
#include "view/coverage.h"

#define COVERAGE_ROWS	20u

/* The head of the report as text: the same words in every form. */
static int put_header_text(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_text_opts o = { .width = 0, .utf8 = true, .colour = false };
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	drvmem_text__header(r->in.v, &o, false, f);
	if (fclose(f)) {
		free(text);
		return -ENOMEM;
	}
	fputs("<pre class=\"wrap\">", out);
	drvmem_xml__text(out, text);
	fputs("</pre>\n", out);
	free(text);
	return 0;
}

static void put_loss_row(const char *what, struct drvmem_u64 n, FILE *out)
{
	if (n.st == DRVMEM_OK)
		fprintf(out, "<tr><td>%s</td><td class=\"n\" data-v=\"%" PRIu64 "\">%" PRIu64 "</td></tr>\n", what, n.v, n.v);
	else
		fprintf(out, "<tr><td>%s</td><td class=\"n\" title=\"this kernel does not count them\">-</td></tr>\n", what);
}

static void put_losses(const struct drvmem_loss *l, FILE *out)
{
	const struct {
		const char *what;
		struct drvmem_u64 n;
	} rows[] = {
		{ "programs that the kernel did not run (recursion)", l->recursion_misses },
		{ "nested events refused", drvmem_some(l->nest_refused) },
		{ "table of live objects full", drvmem_some(l->table_full) },
		{ "insert failed", drvmem_some(l->insert_failed) },
		{ "stack missing", drvmem_some(l->stack_missing) },
		{ "of bulk calls not read", drvmem_some(l->bulk_truncated) },
		{ "mappings not read to the end", drvmem_some(l->maps_cut) },
		{ "detail only: objects without a site", drvmem_some(l->site_full) },
		{ "detail only: objects without a cache", drvmem_some(l->class_full) },
		{ "detail only: objects without an owner", drvmem_some(l->module_full) },
		{ "detail only: stacks cut", drvmem_some(l->stack_truncated) },
		{ "detail only: stacks not kept", drvmem_some(l->stack_full) },
	};
	unsigned int i;

	fputs("<h3>Losses by reason</h3>\n<div class=\"scroll narrow\"><table id=\"losses\"><thead><tr><th>reason</th><th class=\"n\">events</th>"
	      "</tr></thead><tbody>\n", out);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_loss_row(rows[i].what, rows[i].n, out);
	fputs("</tbody><tfoot>", out);
	put_loss_row("TOTAL that can make a total too small", drvmem_some(drvmem_loss__total(l)), out);
	fputs("</tfoot></table></div>\n", out);
}

static int put_coverage(const struct drvmem_coverage *c, bool caches, FILE *out)
{
	const struct drvmem_html_table t = { .id = caches ? "coverage-caches" : "coverage" };
	struct drvmem_grid *g = NULL;
	int e = drvmem_coverage__grid(c, caches, COVERAGE_ROWS, &g);

	if (e)
		return e;
	if (g->nr_rows)
		drvmem_html__grid(g, &t, out);
	drvmem_grid__free(g);
	return 0;
}

int drvmem_html__quality(const struct drvmem_htmlreport *r, FILE *out)
{
	int e = put_header_text(r, out);

	put_losses(&r->in.v->s->loss, out);
	if (e || !r->in.v->coverage)
		return e;
	fputs("<h3>What was traced beside what the kernel counts</h3>\n", out);
	e = put_coverage(r->in.v->coverage, false, out);
	return e ? e : put_coverage(r->in.v->coverage, true, out);
}

static void put_modules(const struct drvmem_snapshot *s, const char **names, FILE *out)
{
	uint32_t i, n = 0;

	for (i = 0; i < s->nr_instances; i++)
		n += s->instances[i].type == DRVMEM_OWNER_MODULE && s->instances[i].used;
	fputs("<h3>Modules that allocated</h3>\n", out);
	if (!n) {
		fprintf(out, "<p class=\"none\">%s</p>\n", s->meta.modules_supported ? "None in this session." :
			"This kernel has no loadable modules.");
		return;
	}
	fputs("<div class=\"scroll\"><table id=\"modules\"><thead><tr><th>module</th>"
	      "<th>build id</th><th>loaded</th></tr></thead><tbody>\n", out);
	for (i = 0; i < s->nr_instances; i++) {
		const struct drvmem_instance *m = &s->instances[i];

		if (m->type != DRVMEM_OWNER_MODULE || !m->used)
			continue;
		fputs("<tr><td>", out);
		drvmem_xml__text(out, names[i]);
		fprintf(out, "</td><td><code>%s</code></td><td>%s%s</td></tr>\n", m->build_id[0] ? m->build_id : "-",
			m->loaded_ns ? "in the session" : "before the session", m->unloaded ? ", unloaded" : "");
	}
	fputs("</tbody></table></div>\n", out);
}

static const char *const glossary[][2] = {
	{ "live", "bytes that the kernel was asked for, of objects allocated in the session and not freed yet" },
	{ "waste", "bytes that live objects hold beyond what was asked: rounding to the sizes of caches and pages" },
	{ "peak", "the highest live bytes of one counter, never a sum of peaks; - where no single counter covers the row" },
	{ "Δ", "change of the live bytes" },
	{ "owner", "the module whose code asked (a library of drivers is passed over), or a component of the kernel" },
	{ "call site", "the place in the code that called the allocator" },
	{ "age p50", "half of the live objects are at most so old" },
	{ "allocated inside, not freed inside", "objects that a window of time leaves behind. From counts alone a free cannot be told "
	  "from that of an older object: then it is said between which bounds the number lies" },
	{ "still live", "objects allocated in the window that are live at the end of the session, from their ages" },
	{ "≥ ≤ ~ ±", "at least (events were lost); at most (some frees cannot be seen); an estimate or a guess; half of the 95 % interval" },
	{ "-", "a number that does not exist, which is not 0" },
};

int drvmem_html__appendix(const struct drvmem_htmlreport *r, FILE *out)
{
	unsigned int i;

	put_modules(r->in.v->s, r->in.v->owner_name, out);
	fputs("<h3>Words</h3>\n<dl class=\"words\">\n", out);
	for (i = 0; i < sizeof(glossary) / sizeof(glossary[0]); i++)
		fprintf(out, "<dt>%s</dt><dd>%s.</dd>\n", glossary[i][0], glossary[i][1]);
	fputs("</dl>\n<h3>Data</h3>\n<p id=\"raw\">All that the script works with stands as JSON in the element <code>#data</code> at the "
	      "end of this file.</p>\n", out);
	return 0;
}
