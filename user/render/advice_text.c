// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/advice.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

#define INDENT		11
#define MAX_LINE	512

static void put_saving(const struct drvmem_advice_finding *f, FILE *out)
{
	char a[DRVMEM_UNIT_LEN], b[DRVMEM_UNIT_LEN], c[DRVMEM_UNIT_LEN], d[DRVMEM_UNIT_LEN];
	uint64_t saved = drvmem_advice__saved(f);

	if (!f->has_saving || !f->held_peak)
		return;
	fprintf(out, "   saves   %s of %s at the peak (%.0f %%)", drvmem_fmt_bytes(saved, a, sizeof(a)),
		drvmem_fmt_bytes(f->held_peak, b, sizeof(b)), (double)saved * 100 / (double)f->held_peak);
	if (f->held_now)
		fprintf(out, "; now %s would be %s", drvmem_fmt_bytes(f->held_now, a, sizeof(a)),
			drvmem_fmt_bytes(f->then_now.likely, b, sizeof(b)));
	if (f->then_now.high > f->then_now.likely)
		fprintf(out, " (%s to %s)", drvmem_fmt_bytes(f->then_now.low, c, sizeof(c)),
			drvmem_fmt_bytes(f->then_now.high, d, sizeof(d)));
	putc('\n', out);
}

/* A label and a text of so many columns, the lines that follow under the first. */
static void put_line(const char *label, const char *text, const struct drvmem_text_opts *o, FILE *out)
{
	size_t room = (o->width > 40 ? o->width : 100) - INDENT, n, fits;
	char line[MAX_LINE];

	if (!text || !text[0])
		return;
	fprintf(out, "   %-7s ", label);
	while ((n = strlen(text)) > room && room < sizeof(line)) {
		for (fits = room; fits && text[fits] != ' '; fits--)
			;
		if (!fits)
			break;	/* a name that is longer than a line */
		memcpy(line, text, fits);
		line[fits] = '\0';
		drvmem_text__put(line, o, out);
		fprintf(out, "\n%*s", INDENT, "");
		text += fits + 1;
	}
	drvmem_text__put(text, o, out);
	putc('\n', out);
}

static void put_finding(const struct drvmem_advised *d, const struct drvmem_advice_finding *f, uint32_t nr,
			const struct drvmem_text_opts *o, FILE *out)
{
	char sure[sizeof(f->doubt) + 16], place[MAX_LINE];

	fprintf(out, "\n%u. %s: %s [%s]\n   at      ", nr, f->rule->id, f->rule->title, drvmem_level_name(f->severity));
	drvmem_text__put(drvmem_advised__owner(d, f), o, out);
	fputs(", ", out);
	drvmem_text__put(drvmem_advised__subject(d, f), o, out);
	fprintf(out, " (%s)\n", drvmem_advised__kind(d, f));
	if (drvmem_advised__place(d, f, place, sizeof(place)))
		put_line("line", place, o, out);
	put_line("why", f->why, o, out);
	put_saving(f, out);
	put_line("do", f->action, o, out);
	put_line("risk", f->risk, o, out);
	snprintf(sure, sizeof(sure), "%s%s%s", drvmem_level_name(f->confidence), f->doubt[0] ? ": " : "", f->doubt);
	put_line("sure", sure, o, out);
}

static void put_nothing(const struct drvmem_advised *d, FILE *out)
{
	const struct drvmem_advice *a = d->a;
	char need[DRVMEM_UNIT_LEN], was[DRVMEM_UNIT_LEN];

	if (a->too_short)
		fprintf(out, "Too short to judge: %s were traced, %s are needed (--duration, or --min-time). No advice.\n",
			drvmem_fmt_duration(a->traced_ns, was, sizeof(was)),
			drvmem_fmt_duration(d->o->min_time_ns, need, sizeof(need)));
	else if (!a->sites && !a->pools)
		fputs("No driver allocated anything: there is nothing to judge.\n", out);
	else
		fputs("No change needed.\n", out);
}

/* What modules held, of the moments that were seen. */
static int put_modules(const struct drvmem_advised *d, const struct drvmem_text_opts *o, FILE *out)
{
	struct drvmem_grid *g;
	int e = drvmem_phases__grid(d->v, d->phases, &g);

	if (e)
		return e;
	if (g->nr_rows) {
		fputs("\nwhat modules held: 2 s after they were loaded, on average since, at most, and once they were gone\n", out);
		drvmem_text__grid(g, o, out);
	}
	drvmem_grid__free(g);
	return 0;
}

int drvmem_text__advice(const struct drvmem_advised *d, uint32_t top, const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_advice *a = d->a;
	char saved[DRVMEM_UNIT_LEN];
	uint32_t i, n = top && top < a->n ? top : a->n;

	if (!a->n)
		put_nothing(d, out);
	else
		fprintf(out, "%u finding%s; %s less at the peaks if all is done\n", a->n, a->n == 1 ? "" : "s",
			drvmem_fmt_bytes(d->saved, saved, sizeof(saved)));
	for (i = 0; i < n; i++)
		put_finding(d, &a->v[i], i + 1, o, out);
	if (n < a->n)
		fprintf(out, "\n%u more (--top 0 shows all)\n", a->n - n);
	if (!a->too_short)
		fprintf(out, "\n%u rules asked of %u call sites and %u pools", a->rules, a->sites, a->pools);
	if (a->skipped_kernel)
		fprintf(out, "; %u call sites of the kernel's own were not (--kernel)", a->skipped_kernel);
	putc('\n', out);
	return a->too_short ? 0 : put_modules(d, o, out);
}
