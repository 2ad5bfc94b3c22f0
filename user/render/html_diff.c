// SPDX-License-Identifier: GPL-2.0-or-later
/* The page of a comparison: the same head, cards, tables and flame graph as the report's. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "render/html.h"
#include "render/html_parts.h"
#include "render/json_writer.h"
#include "render/session_json.h"
#include "render/xml.h"

#define OWNER_ROWS	200u
#define SITE_ROWS	400u
#define CACHE_ROWS	100u

/* ---- data: both sides, and stacks with their bytes */

static void put_side_data(struct drvmem_json *w, const char *key, const struct drvmem_scope *v,
			  const struct drvmem_compare_figures *f)
{
	const struct drvmem_meta *m = &v->s->meta;

	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "kernel", m->kernel);
	drvmem_json__kv_u64(w, "taken_at", m->taken_unix);
	drvmem_json__kv_double(w, "duration_s", drvmem_json__seconds(m->taken_ns - m->started_ns));
	drvmem_json__kv_bool(w, "sampled", m->sampled);
	drvmem_json__kv_bool(w, "lower_bound", v->lossy);
	drvmem_json__kv_bool(w, "upper_bound", f->upper_bound);
	drvmem_json__kv_i64(w, "live_bytes", f->live_bytes);
	drvmem_json__kv_i64(w, "live_objects", f->live_objects);
	drvmem_json__kv_i64(w, "allocs", f->allocs);
	if (m->sampled) {
		drvmem_json__kv_double(w, "live_bytes_error", drvmem_error95(f->live_bytes_var));
		drvmem_json__kv_double(w, "live_objects_error", drvmem_error95(f->live_objects_var));
		drvmem_json__kv_double(w, "allocs_error", drvmem_error95(f->allocs_var));
	}
	drvmem_json__end_object(w);
}

static int cmp_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_stack(struct drvmem_json *w, const struct drvmem_diffpage *p, const struct drvmem_diffpage_stack *t)
{
	const char **at;
	uint32_t i;

	drvmem_json__begin_array(w);
	for (i = 0; i < DRVMEM_NR_DIFFPAGE_VALUES; i++) {
		drvmem_json__i64(w, t->v[0][i]);
		drvmem_json__i64(w, t->v[1][i]);
	}
	for (i = 0; i < t->nr; i++) {
		at = bsearch(&t->frame[i], p->frame, p->nr_frames, sizeof(*p->frame), cmp_text);
		drvmem_json__u64(w, at ? (uint64_t)(at - p->frame) : 0);
	}
	drvmem_json__end_array(w);
}

static int put_document(const void *arg, FILE *out)
{
	const struct drvmem_diffpage *p = arg;
	const struct drvmem_diffed *d = p->in.owners;
	struct drvmem_json w;
	uint32_t i;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__kv_u64(&w, "html_version", 1);
	drvmem_json__kv_str(&w, "kind", "diff");
	put_side_data(&w, "a", d->a, &d->c->a);
	put_side_data(&w, "b", d->b, &d->c->b);
	drvmem_json__kv_i64(&w, "change_bytes", d->c->b.live_bytes - d->c->a.live_bytes);
	drvmem_json__kv_u64(&w, "stacks_without", p->stacks_without);
	drvmem_json__key(&w, "frames");
	drvmem_json__begin_array(&w);
	for (i = 0; i < p->nr_frames; i++)
		drvmem_json__str(&w, p->frame[i]);
	drvmem_json__end_array(&w);
	drvmem_json__key(&w, "diff_stacks");	/* in use in A, in B, allocated in A, in B; indices of frames, the owner first */
	drvmem_json__begin_array(&w);
	for (i = 0; i < p->nr_stacks; i++)
		put_stack(&w, p, &p->stacks[i]);
	drvmem_json__end_array(&w);
	drvmem_json__end_object(&w);
	return 0;
}

/* ---- the page */

static const char *shown(const char *text)
{
	return text && text[0] ? text : "?";
}

static void put_side(char name, const struct drvmem_scope *v, FILE *out)
{
	const struct drvmem_meta *m = &v->s->meta;
	char text[96], a[DRVMEM_UNIT_LEN];

	fprintf(out, "<h2>%c</h2>\n<dl class=\"facts\">\n", name);
	drvmem_html__fact("host", m->hostname, out);
	snprintf(text, sizeof(text), "%.64s %.16s", shown(m->kernel), shown(m->arch));
	drvmem_html__fact("kernel", text, out);
	drvmem_html__fact("taken", drvmem_html__time(m->taken_unix, text, sizeof(text)), out);
	drvmem_html__fact("traced for", drvmem_fmt_duration(m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0, a, sizeof(a)),
			  out);
	snprintf(text, sizeof(text), "%s, %s", drvmem_fmt_count(v->s->loss.events, a, sizeof(a)), m->sampled ? "sampled" : "every one");
	drvmem_html__fact("events", text, out);
	snprintf(text, sizeof(text), "%s%" PRIu64, v->lossy ? "≥" : "", drvmem_loss__total(&v->s->loss));
	drvmem_html__fact("lost", text, out);
	drvmem_html__fact("drvmem", m->version, out);
	fputs("</dl>\n", out);
}

static void put_header(const struct drvmem_diffed *d, FILE *out)
{
	fputs("<header>\n<h1>drvmem <span>kernel memory in B compared with A</span></h1>\n", out);
	put_side('A', d->a, out);
	put_side('B', d->b, out);
	fputs("</header>\n", out);
}

/* Of all rows, by site: matches of builds are told there only. */
static void put_notes(const struct drvmem_diffed *d, FILE *out)
{
	uint32_t i;

	if (d->nr_notes <= 2)
		return;
	drvmem_html__section("limits", "Limits of the comparison", out);
	fputs("<ul class=\"notes\">\n", out);
	for (i = 2; i < d->nr_notes; i++) {
		fputs("<li>", out);
		drvmem_xml__text(out, d->notes[i]);
		fputs("</li>\n", out);
	}
	fputs("</ul></section>\n", out);
}

static int put_table(const struct drvmem_diffed *d, const char *id, const char *title, const char *hint, uint32_t top, FILE *out)
{
	const struct drvmem_html_table t = { .id = id, .class = "sort changes" };
	struct drvmem_grid *g = NULL;
	int e = drvmem_diffed__grid(d, top, &g);

	drvmem_html__section(id, title, out);
	fprintf(out, "<p class=\"hint\">%s%s</p>\n", hint, d->nr_changed ? "" : " None has changed.");
	e = drvmem_html__put_grid(e, g, &t, out);
	fputs("</section>\n", out);
	return e;
}

static const char *const words[][2] = {
	{ "A, B", "bytes that were asked for, of objects allocated while that side was traced and not freed yet" },
	{ "Δ", "B less A: + has more in B, - has less; with a bound (≥ ≤) where one side has one, ~ where it is bounded from neither side" },
	{ "limit: over", "grew by more than --tolerance and --tolerance-percent" },
	{ "new, gone", "in B only, in A only; events: only how often it allocated differs" },
	{ "by", "how the two sides of a call site were found to be the same: by its offset in the same build; by the order of the places in "
	  "the function; all places of a function as one (merged); by name" },
	{ "-", "a number that does not exist, which is not 0" },
};

static void put_appendix(const struct drvmem_diffpage *p, FILE *out)
{
	unsigned int i;

	drvmem_html__section("appendix", "Appendix", out);
	fputs("<h3>Words</h3>\n<dl class=\"words\">\n", out);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		fprintf(out, "<dt>%s</dt><dd>%s.</dd>\n", words[i][0], words[i][1]);
	fputs("</dl>\n<h3>Data</h3>\n", out);
	if (p->stacks_without)
		fprintf(out, "<p>The callers of %u stacks are not in this file: their bytes stand below their owners.</p>\n", p->stacks_without);
	fputs("<p id=\"raw\">Both sides' stacks stand as JSON in the element <code>#data</code> at the end of this file; all rows of the "
	      "tables are in <code>drvmem diff -f json</code>.</p>\n</section>\n", out);
}

static int put_page(const void *arg, FILE *out)
{
	const struct drvmem_diffpage *p = arg;
	const struct drvmem_diffed *d = p->in.owners;
	char title[256];
	int e;

	snprintf(title, sizeof(title), "%s, Linux %s, compared with %s, Linux %s", shown(d->b->s->meta.hostname),
		 shown(d->b->s->meta.kernel), shown(d->a->s->meta.hostname), shown(d->a->s->meta.kernel));
	drvmem_html__begin(title, out);
	put_header(d, out);
	drvmem_html__cards(p->cards, p->nr_cards, out);
	fputs("<main>\n", out);
	put_notes(p->in.sites, out);
	e = put_table(d, "owners", "Owners", "The largest change first. What did not change is summed.", OWNER_ROWS, out);
	drvmem_html__flame("The tables have the same bytes, by owner and by call site.", out);
	if (!e)
		e = put_table(p->in.sites, "sites", "Call sites", "The largest change first; at most 400 rows, the rest is summed.", SITE_ROWS, out);
	if (!e)
		e = put_table(p->in.caches, "caches", "Caches", "Objects of each cache that both sides saw allocated.", CACHE_ROWS, out);
	put_appendix(p, out);
	fputs("</main>\n", out);
	if (!e)
		e = drvmem_html__block(put_document, p, out);
	drvmem_html__end(out);
	return e;
}

int drvmem_html__diff(const struct drvmem_diffpage *p, FILE *out)
{
	return drvmem_html__hidden(put_page, p, out);
}
