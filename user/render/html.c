// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/html.h"

#include <errno.h>
#include <inttypes.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "render/html_parts.h"
#include "render/text.h"
#include "render/xml.h"
#include "view/epochs.h"
#include "view/pools.h"
#include "view/report.h"

#define POOL_ROWS	25u	/* of each kind */
#define DEVICE_ROWS	60u
#define CACHE_ROWS	60u
#define ADVICE_ROWS	40u

static const char *shown(const char *text)
{
	return text && text[0] ? text : "?";
}

static void put_head(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_meta *m = &r->in.v->s->meta;
	char title[256];

	snprintf(title, sizeof(title), "%s, Linux %s", shown(m->hostname), shown(m->kernel));
	drvmem_html__begin(title, out);
}

/* Since when, and how. */
static void put_epochs(const struct drvmem_meta *m, FILE *out)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };

	if (!m->sampled)
		return;
	drvmem_epochs__say(m, &b);
	drvmem_html__fact("sampled", drvmem_strbuf__str(&b), out);
}

static void put_header(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	const struct drvmem_meta *m = &s->meta;
	char text[96], a[DRVMEM_UNIT_LEN];

	fputs("<header>\n<h1>drvmem <span>kernel memory by owner</span></h1>\n<dl class=\"facts\">\n", out);
	drvmem_html__fact("host", m->hostname, out);
	snprintf(text, sizeof(text), "%.64s %.16s", shown(m->kernel), shown(m->arch));
	drvmem_html__fact("kernel", text, out);
	drvmem_html__fact("taken", drvmem_html__time(m->taken_unix, text, sizeof(text)), out);
	drvmem_html__fact("traced for", drvmem_fmt_duration(m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0, a, sizeof(a)), out);
	snprintf(text, sizeof(text), "%s, %s", drvmem_fmt_count(s->loss.events, a, sizeof(a)), m->sampled ? "sampled" : "every one");
	drvmem_html__fact("events", text, out);
	put_epochs(m, out);
	if (s->walks.mismatch) {
		snprintf(text, sizeof(text), "%" PRIu64 " of %" PRIu64 " compared walks differed: some owners may be wrong",
			 s->walks.mismatch, s->walks.checked);
		drvmem_html__fact("stacks", text, out);
	}
	snprintf(text, sizeof(text), "%s%" PRIu64, drvmem_loss__total(&s->loss) ? "≥" : "", drvmem_loss__total(&s->loss));
	drvmem_html__fact("lost", text, out);
	if (s->cost.why && !s->cost.why[0] && m->taken_ns > m->started_ns) {
		snprintf(text, sizeof(text), "%.2g %% of a CPU", drvmem_own_cost__of(s) * 100 /
			 (double)(m->taken_ns - m->started_ns));
		drvmem_html__fact("own cost", text, out);
	}
	drvmem_html__fact("drvmem", m->version, out);
	fputs("</dl>\n</header>\n", out);
}

static int put_sites(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_html_table t = { .id = "sites", .class = "sort" };
	struct drvmem_grid *g = NULL;
	int e = drvmem_htmlreport__sites(r, UINT32_MAX, DRVMEM_HTML_SITE_ROWS, &g);

	drvmem_html__section("sites", "Call sites", out);
	fputs("<div id=\"site-tools\" class=\"tools\"></div>\n", out);
	e = drvmem_html__put_grid(e, g, &t, out);
	fputs("</section>\n", out);
	return e;
}

/* How old they are, and what could not be read of them. */
static void put_notes(const struct drvmem_pools *p, FILE *out)
{
	uint32_t i;

	if (!p->nr_notes)
		return;
	fputs("<ul class=\"notes\">\n", out);
	for (i = 0; i < p->nr_notes; i++) {
		fputs("<li>", out);
		drvmem_xml__text(out, p->notes[i]);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static int put_caches(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_html_table t = { .id = "caches", .class = "sort" };
	const struct drvmem_pools *p = r->in.v->pools;
	struct drvmem_grid *g = NULL;
	int e = 0;

	drvmem_html__section("caches", "Slab caches", out);
	if (!p) {
		drvmem_html__gap(&r->in.no_pools, "The caches of the machine were not read.", out);
	} else if (!drvmem_pools__has(p, DRVMEM_POOL_CACHE)) {
		drvmem_html__gap(&(struct drvmem_html_gap){ p->source[DRVMEM_POOL_CACHE].why, NULL },
				 "No cache of the machine fits what was asked for, or none was read.", out);
		put_notes(p, out);
	} else {
		fputs("<p class=\"hint\">Held: pages of the cache. Active: what its objects in use take; free objects that a CPU keeps may "
		      "be among them (≤). Waste: held less active. Also: caches that the kernel merged into it, whose objects are not told "
		      "apart. Seen: live objects that this session saw allocated, by owner; - where it saw none used, or where several "
		      "caches of kmalloc share a size, for tracing knows the size only.</p>\n", out);
		put_notes(p, out);
		e = drvmem_htmlreport__caches(r, CACHE_ROWS, &g);
		e = drvmem_html__put_grid(e, g, &t, out);
	}
	fputs("</section>\n", out);
	return e;
}

static int put_pools(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_html_table t = { .id = "pools" };
	struct drvmem_grid *g = NULL;
	int e;

	drvmem_html__section("pools", "Pools", out);
	if (!r->in.v->pools) {
		drvmem_html__gap(&r->in.no_pools, "The pools of the machine were not read.", out);
		fputs("</section>\n", out);
		return 0;
	}
	fputs("<p class=\"hint\">Caches, DMA pools, page pools and reserves of the whole machine, by the kernel's own counts. What is in "
	      "use in a pool adds nothing to an owner.</p>\n", out);
	put_notes(r->in.v->pools, out);
	e = drvmem_pools__grid(r->in.v->pools, POOL_ROWS, &g);
	e = drvmem_html__put_grid(e, g, &t, out);
	fputs("</section>\n", out);
	return e;
}

/* DMA buffers and mappings by device; without any there is no section. */
static int put_devices(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_report_opts o = { .by = DRVMEM_BY_DEVICE, .top = DEVICE_ROWS };
	const struct drvmem_html_table t = { .id = "devices" };
	struct drvmem_grid *g = NULL;
	int e = drvmem_report__build(r->in.v, &o, &g);

	if (e)
		return e;
	if (g->nr_rows > 1) {	/* more than the TOTAL */
		drvmem_html__section("devices", "Devices", out);
		drvmem_html__grid(g, &t, out);
		fputs("</section>\n", out);
	}
	drvmem_grid__free(g);
	return 0;
}

static int put_machine(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_html_table t = { .id = "ram" };
	struct drvmem_grid *g = NULL;
	int e = 0;

	drvmem_html__section("ram", "All of RAM", out);
	if (r->in.system) {
		e = drvmem_system__ram(r->in.system, &g);
		e = drvmem_html__put_grid(e, g, &t, out);
	} else {
		drvmem_html__gap(&r->in.no_system, "The whole machine was not read in this session.", out);
	}
	fputs("</section>\n", out);
	return e;
}

static void put_advice(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_advised *d = r->in.advice;

	drvmem_html__section("advice", "Advice", out);
	if (d && d->a->too_short)
		drvmem_html__gap(&(struct drvmem_html_gap){ "The run was too short to be judged.",
							    "drvmem report --duration 2m -f html -o FILE.html" }, NULL, out);
	else if (d)
		drvmem_html__findings(d, ADVICE_ROWS, out);
	else
		drvmem_html__gap(&r->in.no_advice, "The rules of drvmem advise were not asked.", out);
	if (d && d->a->skipped_kernel)
		fprintf(out, "<p class=\"hint\">%u call sites of the kernel's own were not judged; for these run <code>drvmem advise "
			"--kernel</code>.</p>\n", d->a->skipped_kernel);
	fputs("</section>\n", out);
}

static int put_owners(const struct drvmem_htmlreport *r, FILE *out)
{
	int e;

	drvmem_html__section("owners", "Owners", out);
	e = drvmem_html__units(r, out);
	fputs("<div class=\"panels\">\n", out);
	if (!e)
		e = drvmem_html__panels(r, out);
	fputs("</div></section>\n", out);
	return e;
}

static void put_timeline(const struct drvmem_htmlreport *r, FILE *out)
{
	drvmem_html__section("time", "Over time", out);
	fputs("<div id=\"window\" class=\"tools\"></div>\n", out);
	drvmem_html__timeline(r, out);
	fputs("</section>\n", out);
}

static int put_rest(const struct drvmem_htmlreport *r, FILE *out)
{
	int e = put_machine(r, out);

	if (!e)
		e = put_caches(r, out);
	if (!e)
		e = put_pools(r, out);
	if (!e)
		e = put_devices(r, out);
	put_advice(r, out);
	drvmem_html__section("quality", "Data quality", out);
	if (!e)
		e = drvmem_html__quality(r, out);
	fputs("</section>\n", out);
	drvmem_html__section("appendix", "Appendix", out);
	if (!e)
		e = drvmem_html__appendix(r, out);
	fputs("</section>\n", out);
	return e;
}

static int put_page(const void *arg, FILE *out)
{
	const struct drvmem_htmlreport *r = arg;
	int e;

	put_head(r, out);
	put_header(r, out);
	drvmem_html__cards(r->cards, r->nr_cards, out);
	fputs("<main>\n", out);
	put_timeline(r, out);
	e = put_owners(r, out);
	drvmem_html__flame("The call sites below have the same bytes, and the owners' panels their stacks.", out);
	if (!e)
		e = put_sites(r, out);
	if (!e)
		e = put_rest(r, out);
	fputs("</main>\n", out);
	if (!e)
		e = drvmem_html__data(r, out);
	drvmem_html__end(out);
	return e;
}

int drvmem_html__report(const struct drvmem_htmlreport *r, FILE *out)
{
	return drvmem_html__hidden(put_page, r, out);
}
