// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/html.h"

#include <errno.h>
#include <inttypes.h>

#include "base/units.h"
#include "render/html_parts.h"
#include "render/text.h"
#include "render/xml.h"
#include "view/pools.h"
#include "view/report.h"

#define POOL_ROWS	25u	/* of each kind */
#define DEVICE_ROWS	60u

static const char csp[] = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

static const char *shown(const char *text)
{
	return text && text[0] ? text : "?";
}

static void put_head(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_meta *m = &r->in.v->s->meta;

	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\n"
		"<link rel=\"icon\" href=\"data:,\">\n<title>drvmem: ", csp);
	drvmem_xml__text(out, shown(m->hostname));
	fputs(", Linux ", out);
	drvmem_xml__text(out, shown(m->kernel));
	fputs("</title>\n<style>\n", out);
	drvmem_html__css(out);
	fputs("</style></head><body>\n", out);
}

static void put_fact(const char *name, const char *value, FILE *out)
{
	fprintf(out, "<div><dt>%s</dt><dd>", name);
	drvmem_xml__text(out, shown(value));
	fputs("</dd></div>\n", out);
}

static void put_header(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	const struct drvmem_meta *m = &s->meta;
	char text[96], a[DRVMEM_UNIT_LEN];

	fputs("<header>\n<h1>drvmem <span>kernel memory by owner</span></h1>\n<dl class=\"facts\">\n", out);
	put_fact("host", m->hostname, out);
	snprintf(text, sizeof(text), "%.64s %.16s", shown(m->kernel), shown(m->arch));
	put_fact("kernel", text, out);
	put_fact("taken", drvmem_html__time(m->taken_unix, text, sizeof(text)), out);
	put_fact("traced for", drvmem_fmt_duration(m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0, a, sizeof(a)), out);
	snprintf(text, sizeof(text), "%s, %s", drvmem_fmt_count(s->loss.events, a, sizeof(a)), m->sampled ? "sampled" : "every one");
	put_fact("events", text, out);
	snprintf(text, sizeof(text), "%s%" PRIu64, drvmem_loss__total(&s->loss) ? "≥" : "", drvmem_loss__total(&s->loss));
	put_fact("lost", text, out);
	if (s->cost.why && !s->cost.why[0] && m->taken_ns > m->started_ns) {
		snprintf(text, sizeof(text), "%.2g %% of a CPU", drvmem_own_cost__per_run(&s->cost) * (double)s->loss.events * 100 /
			 (double)(m->taken_ns - m->started_ns));
		put_fact("own cost", text, out);
	}
	put_fact("drvmem", m->version, out);
	fputs("</dl>\n</header>\n", out);
}

static void put_cards(const struct drvmem_htmlreport *r, FILE *out)
{
	static const char *const tones[] = { "plain", "good", "watch", "bad" };
	/* for those who do not see colours */
	static const char *const words[] = { "", "", "look at this: ", "found: " };
	char text[DRVMEM_TEXT_NUMBER];
	uint32_t i;

	fputs("<section class=\"cards\" id=\"cards\" aria-label=\"Summary\">\n", out);
	for (i = 0; i < r->nr_cards; i++) {
		const struct drvmem_html_card *c = &r->cards[i];
		const struct drvmem_column col = { .key = c->key, .unit = c->unit, .change = c->change };

		drvmem_text__number(&col, &c->value, true, text, sizeof(text));
		fprintf(out, "<div class=\"card %s\" id=\"card-%s\"><h2>%s</h2><p class=\"value\">", tones[c->tone], c->key, c->title);
		drvmem_xml__text(out, text);
		fprintf(out, "</p><p class=\"note\">%s", words[c->tone]);
		drvmem_xml__text(out, c->note);
		fputs("</p></div>\n", out);
	}
	fputs("</section>\n", out);
}

static void section(const char *id, const char *title, FILE *out)
{
	fprintf(out, "<section id=\"sec-%s\"><h2>%s</h2>\n", id, title);
}

static int put_sites(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_html_table t = { .id = "sites", .class = "sort" };
	struct drvmem_grid *g = NULL;
	int e = drvmem_htmlreport__sites(r, UINT32_MAX, DRVMEM_HTML_SITE_ROWS, &g);

	section("sites", "Call sites", out);
	fputs("<div id=\"site-tools\" class=\"tools\"></div>\n", out);
	e = drvmem_html__put_grid(e, g, &t, out);
	fputs("</section>\n", out);
	return e;
}

static void put_flame(FILE *out)
{
	section("flame", "Flame graph", out);
	fputs("<noscript><p class=\"none\">The flame graph is drawn by the page's script. The call sites below have the same bytes, and "
	      "the owners' panels their stacks.</p></noscript>\n"
	      "<div id=\"flame-tools\" class=\"tools\"></div><div id=\"flame\"></div></section>\n", out);
}

static int put_pools(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_html_table t = { .id = "pools" };
	struct drvmem_grid *g = NULL;
	int e;

	if (!r->in.v->pools)
		return 0;
	section("pools", "Pools", out);
	fputs("<p class=\"hint\">Caches, DMA pools, page pools and reserves of the whole machine, by the kernel's own counts. What is in "
	      "use in a pool adds nothing to an owner.</p>\n", out);
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
		section("devices", "Devices", out);
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
	int e;

	if (!r->in.system)
		return 0;
	section("ram", "All of RAM", out);
	e = drvmem_system__ram(r->in.system, &g);
	e = drvmem_html__put_grid(e, g, &t, out);
	fputs("</section>\n", out);
	return e;
}

static int put_owners(const struct drvmem_htmlreport *r, FILE *out)
{
	int e;

	section("owners", "Owners", out);
	e = drvmem_html__units(r, out);
	fputs("<div class=\"panels\">\n", out);
	if (!e)
		e = drvmem_html__panels(r, out);
	fputs("</div></section>\n", out);
	return e;
}

static void put_timeline(const struct drvmem_htmlreport *r, FILE *out)
{
	section("time", "Over time", out);
	fputs("<div id=\"window\" class=\"tools\"></div>\n", out);
	drvmem_html__timeline(r, out);
	fputs("</section>\n", out);
}

static int put_rest(const struct drvmem_htmlreport *r, FILE *out)
{
	int e = put_machine(r, out);

	if (!e)
		e = put_pools(r, out);
	if (!e)
		e = put_devices(r, out);
	if (!e && r->in.advice) {
		section("advice", "Advice", out);
		drvmem_html__findings(r->in.advice, out);
		fputs("</section>\n", out);
	}
	section("quality", "Data quality", out);
	if (!e)
		e = drvmem_html__quality(r, out);
	fputs("</section>\n", out);
	section("appendix", "Appendix", out);
	if (!e)
		e = drvmem_html__appendix(r, out);
	fputs("</section>\n", out);
	return e;
}

int drvmem_html__report(const struct drvmem_htmlreport *r, FILE *out)
{
	int e;

	put_head(r, out);
	put_header(r, out);
	put_cards(r, out);
	fputs("<main>\n", out);
	put_timeline(r, out);
	e = put_owners(r, out);
	put_flame(out);
	if (!e)
		e = put_sites(r, out);
	if (!e)
		e = put_rest(r, out);
	fputs("</main>\n", out);
	if (!e)
		e = drvmem_html__data(r, out);
	fputs("<script>\n", out);
	drvmem_html__js(out);
	fputs("</script>\n</body></html>\n", out);
	return e;
}
