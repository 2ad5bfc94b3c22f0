// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/advice.h"

#include <inttypes.h>

#include "base/units.h"
#include "render/html_parts.h"
#include "render/xml.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\"><title>drvmem advise</title>\n<style>\n"
	"body{font:15px/1.45 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1b1b1b}\n"
	"h3{font-size:1.05em;margin:1.8em 0 .3em}code{background:#f0f0f0;padding:.1em .3em;overflow-wrap:anywhere}\n"
	"table{border-collapse:collapse;margin:.4em 0}td,th{text-align:left;vertical-align:top;padding:.15em .9em .15em 0}\n"
	"th{font-weight:600;white-space:nowrap}.high{color:#a00000}.medium{color:#8a5a00}.low{color:#3b5b2b}\n"
	".bar{background:#d9d9d9;height:.8em;width:24em;max-width:100%}.bar div{background:#4a78b0;height:100%}\n"
	"@media print{body{max-width:none}}@media(prefers-color-scheme:dark){body{background:#181818;color:#e4e4e4}\n"
	"code{background:#2b2b2b}.bar{background:#444}.high{color:#ff9a9a}.medium{color:#ecc06c}.low{color:#a9d18e}}\n"
	"</style></head><body>\n<h1>drvmem advise</h1>\n";

static void put_row(const char *name, const char *text, bool code, FILE *out)
{
	if (!text || !text[0])
		return;
	fprintf(out, "<tr><th>%s</th><td>%s", name, code ? "<code>" : "");
	drvmem_xml__text(out, text);
	fprintf(out, "%s</td></tr>\n", code ? "</code>" : "");
}

static void put_saving(const struct drvmem_advice_finding *f, FILE *out)
{
	char a[DRVMEM_UNIT_LEN], b[DRVMEM_UNIT_LEN], c[DRVMEM_UNIT_LEN];
	uint64_t saved = drvmem_advice__saved(f);
	double left;

	if (!f->has_saving || !f->held_peak)
		return;
	left = 100 - (double)saved * 100 / (double)f->held_peak;
	fprintf(out, "<tr><th>saves</th><td>%s of %s at the peak; then %s to %s<div class=\"bar\"><div style=\"width:%.1f%%\">"
		"</div></div></td></tr>\n", drvmem_fmt_bytes(saved, a, sizeof(a)),
		drvmem_fmt_bytes(f->held_peak, b, sizeof(b)), drvmem_fmt_bytes(f->then_peak.low, c, sizeof(c)),
		drvmem_fmt_bytes(f->then_peak.high, (char[DRVMEM_UNIT_LEN]){ 0 }, DRVMEM_UNIT_LEN), left);
}

static void put_values(const struct drvmem_advice_finding *f, FILE *out)
{
	uint32_t i;

	fputs("<tr><th>measured</th><td>", out);
	for (i = 0; i < f->nr_values; i++) {
		const struct drvmem_advice_value *v = &f->value[i];

		fprintf(out, "%s%s%s %.*f %s", i ? "; " : "", v->threshold ? "threshold " : "", v->name,
			v->v == (double)(int64_t)v->v ? 0 : 1, v->v, drvmem_advice_unit_name(v->unit));
	}
	fputs("</td></tr>\n", out);
}

static void put_finding(const struct drvmem_advised *d, const struct drvmem_advice_finding *f, uint32_t nr, FILE *out)
{
	fprintf(out, "<h3>%u. <span class=\"%s\">%s</span>: %s</h3>\n<table class=\"finding\">\n", nr, drvmem_level_name(f->severity),
		f->rule->id, f->rule->title);
	fputs("<tr><th>at</th><td><b>", out);
	drvmem_xml__text(out, drvmem_advised__owner(d, f));
	fputs("</b> <code>", out);
	drvmem_xml__text(out, drvmem_advised__subject(d, f));
	fprintf(out, "</code> (%s)</td></tr>\n", drvmem_advised__kind(d, f));
	put_row("why", f->why, false, out);
	put_saving(f, out);
	put_row("do", f->action, true, out);
	put_row("risk", f->risk, false, out);
	fprintf(out, "<tr><th>sure</th><td>%s%s%s</td></tr>\n", drvmem_level_name(f->confidence), f->doubt[0] ? ": " : "",
		f->doubt);
	put_values(f, out);
	fputs("</table>\n", out);
}

void drvmem_html__findings(const struct drvmem_advised *d, uint32_t max, FILE *out)
{
	uint32_t i, shown = max && max < d->a->n ? max : d->a->n;
	char saved[DRVMEM_UNIT_LEN];

	if (d->a->n)
		fprintf(out, "<p>%u finding%s; %s less at the peaks if all is done.</p>\n", d->a->n,
			d->a->n == 1 ? "" : "s", drvmem_fmt_bytes(d->saved, saved, sizeof(saved)));
	else
		fprintf(out, "<p>%s</p>\n", d->a->too_short ? "Too short to judge: no advice." :
			d->a->sites || d->a->pools ? "No change needed." :
			"No driver allocated anything: there is nothing to judge.");
	for (i = 0; i < shown; i++)
		put_finding(d, &d->a->v[i], i + 1, out);
	if (shown < d->a->n)
		fprintf(out, "<p>%u more, less severe; <code>drvmem advise</code> shows all.</p>\n", d->a->n - shown);
}

void drvmem_html__advice(const struct drvmem_advised *d, FILE *out)
{
	const struct drvmem_meta *m = &d->v->s->meta;
	char time[DRVMEM_UNIT_LEN];

	fputs(head, out);
	fputs("<p>Kernel ", out);
	drvmem_xml__text(out, m->kernel);
	fprintf(out, ", traced %s; %u rules asked of %u call sites and %u pools; %" PRIu64 " events lost.</p>\n",
		drvmem_fmt_duration(d->a->traced_ns, time, sizeof(time)), d->a->rules, d->a->sites, d->a->pools,
		drvmem_loss__total(&d->v->s->loss));
	drvmem_html__findings(d, 0, out);
	fputs("</body></html>\n", out);
}
