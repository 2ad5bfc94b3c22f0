// SPDX-License-Identifier: GPL-2.0-or-later
/* Charts as SVG: classes of kernel memory stacked, owners as lines, small ones. No script is needed to see them. */
#include <inttypes.h>

#include "base/units.h"
#include "render/html_parts.h"
#include "render/xml.h"

#define WIDTH	1000.0
#define LEFT	64.0
#define RIGHT	992.0
#define TOP	18.0
#define BOTTOM	200.0
#define HEIGHT	222.0
#define MAX_FLAGS 40u	/* events that are drawn; all are listed below */

struct chart {
	const struct drvmem_htmlreport *r;
	double max;		/* bytes at the top */
	FILE *out;
};

static double span_ns(const struct drvmem_htmlreport *r)
{
	uint64_t ns = r->points[r->nr_points - 1].taken_ns - r->points[0].taken_ns;

	return ns ? (double)ns : 1;
}

static double x_of(const struct drvmem_htmlreport *r, uint64_t when_ns)
{
	double at = ((double)when_ns - (double)r->points[0].taken_ns) / span_ns(r);

	return LEFT + (RIGHT - LEFT) * (at < 0 ? 0 : at > 1 ? 1 : at);
}

static double y_of(const struct chart *c, double v)
{
	return BOTTOM - (BOTTOM - TOP) * (v < 0 ? 0 : v / c->max);
}

/* The smallest power of two whose four steps hold v. */
static double tick_of(double v)
{
	double step = 1;

	while (step * 4 < v)
		step *= 2;
	return step;
}

static void put_grid_lines(const struct chart *c, double step)
{
	char text[DRVMEM_UNIT_LEN];
	double v, y;

	for (v = 0; v <= c->max; v += step) {
		y = y_of(c, v);
		fprintf(c->out, "<path class=\"grid\" d=\"M%.0f %.1fH%.0f\"/><text x=\"%.0f\" y=\"%.1f\" class=\"y\">%s</text>\n",
			LEFT, y, RIGHT, LEFT - 6, y + 4, drvmem_fmt_bytes((uint64_t)v, text, sizeof(text)));
	}
}

static void put_times(const struct chart *c)
{
	char text[DRVMEM_UNIT_LEN];
	uint32_t i;

	for (i = 0; i <= 4; i++)
		fprintf(c->out, "<text x=\"%.0f\" y=\"%.0f\" class=\"t%u\">%s</text>\n", LEFT + (RIGHT - LEFT) * i / 4, HEIGHT - 6, i,
			i ? drvmem_fmt_duration((uint64_t)(span_ns(c->r) * i / 4), text, sizeof(text)) : "0");
}

/* "e1000e loaded", "mark 2: its text" */
static void put_event(const struct drvmem_timeline_event *e, FILE *out)
{
	if (e->kind == DRVMEM_TIMELINE_MARK) {
		fprintf(out, "mark %u%s", e->number, e->name[0] ? ": " : "");
		drvmem_xml__text(out, e->name);
		return;
	}
	drvmem_xml__text(out, e->name);
	fputs(e->kind == DRVMEM_TIMELINE_LOAD ? " loaded" : " unloaded", out);
}

static void put_flags(const struct chart *c)
{
	const struct drvmem_timeline *t = c->r->in.t;
	uint32_t i;

	for (i = 0; i < t->nr_events && i < MAX_FLAGS; i++) {
		double x = x_of(c->r, t->events[i].when_ns);

		fprintf(c->out, "<g class=\"flag\"><path d=\"M%.1f %.0fV%.0f\"/><path d=\"M%.1f %.0fl7 4l-7 4z\"/><title>", x, TOP - 10,
			BOTTOM, x, TOP - 10);
		put_event(&t->events[i], c->out);
		fputs("</title></g>\n", c->out);
	}
}

static void begin(struct chart *c, const char *id, const char *label, double max)
{
	double step = tick_of(max > 0 ? max : 1);

	c->max = step;
	while (c->max < max)
		c->max += step;
	fprintf(c->out, "<svg id=\"%s\" class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\" data-left=\"%.0f\" "
		"data-right=\"%.0f\" data-top=\"%.0f\" data-bottom=\"%.0f\">\n", id, WIDTH, HEIGHT, label, LEFT, RIGHT, TOP, BOTTOM);
	put_grid_lines(c, step);
}

static void end(struct chart *c)
{
	put_times(c);
	put_flags(c);
	fputs("</svg>\n", c->out);
}

static void put_legend_item(FILE *out, uint32_t colour, const char *name, bool guess)
{
	fprintf(out, "<li><i class=\"s%u\"></i>", colour);
	drvmem_xml__text(out, name);
	fputs(guess ? "~</li>" : "</li>", out);
}

/* ---- classes of kernel memory, one upon the other */

/* The kernel was asked at this point. */
static bool has_reading(const struct drvmem_htmlreport *r, uint32_t point)
{
	uint32_t c;

	for (c = 0; c < r->nr_classes; c++)
		if (r->classes[c].v[point].st == DRVMEM_OK)
			return true;
	return false;
}

/* Sum of the classes below c at a point. */
static double below(const struct drvmem_htmlreport *r, uint32_t c, uint32_t point)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i < c; i++)
		if (r->classes[i].v[point].st == DRVMEM_OK)
			sum += (double)r->classes[i].v[point].v;
	return sum;
}

static void put_band(struct chart *c, uint32_t class)
{
	const struct drvmem_htmlreport *r = c->r;
	char first = 'M';
	uint32_t i;

	fprintf(c->out, "<path class=\"area s%u\" d=\"", class);
	for (i = 0; i < r->nr_points; i++) {
		if (!has_reading(r, i))
			continue;
		fprintf(c->out, "%c%.1f %.1f", first, x_of(r, r->points[i].taken_ns), y_of(c, below(r, class + 1, i)));
		first = 'L';
	}
	for (i = r->nr_points; i-- > 0;)
		if (has_reading(r, i))
			fprintf(c->out, "L%.1f %.1f", x_of(r, r->points[i].taken_ns), y_of(c, below(r, class, i)));
	fputs("z\"/>\n", c->out);
}

static void put_classes(const struct drvmem_htmlreport *r, FILE *out)
{
	struct chart c = { .r = r, .out = out };
	double max = 0, v;
	uint32_t i;

	for (i = 0; i < r->nr_points; i++) {
		v = below(r, r->nr_classes, i);
		max = v > max ? v : max;
	}
	fputs("<figure><figcaption>Kernel memory by class, of the whole machine (/proc/meminfo)</figcaption>\n", out);
	begin(&c, "classes", "Kernel memory by class over time", max);
	for (i = 0; i < r->nr_classes; i++)
		put_band(&c, i);
	end(&c);
	fputs("<ul class=\"legend\">", out);
	for (i = 0; i < r->nr_classes; i++)
		put_legend_item(out, i, r->classes[i].name, false);
	fputs("</ul></figure>\n", out);
}

/* ---- owners */

static void put_line(struct chart *c, uint32_t unit, uint32_t colour)
{
	const struct drvmem_htmlreport *r = c->r;
	uint32_t i;

	fprintf(c->out, "<path class=\"line s%u\" d=\"", colour);
	for (i = 0; i < r->nr_points; i++)
		fprintf(c->out, "%c%.1f %.1f", i ? 'L' : 'M', x_of(r, r->points[i].taken_ns),
			y_of(c, (double)r->units[unit].at[i].live_bytes));
	fputs("\"/>\n", c->out);
}

static void put_owners(const struct drvmem_htmlreport *r, FILE *out)
{
	uint32_t lines[DRVMEM_HTML_LINES], n = drvmem_htmlreport__lines(r, lines, DRVMEM_HTML_LINES), i, j;
	struct chart c = { .r = r, .out = out };
	double max = 0;

	for (i = 0; i < n; i++)
		for (j = 0; j < r->nr_points; j++)
			if ((double)r->units[lines[i]].at[j].live_bytes > max)
				max = (double)r->units[lines[i]].at[j].live_bytes;
	fprintf(out, "<figure><figcaption>Live bytes allocated in the session: the %u owners that held most</figcaption>\n", n);
	begin(&c, "lines", "Live bytes of owners over time", max);
	for (i = n; i-- > 0;)
		put_line(&c, lines[i], i);
	end(&c);
	fputs("<ul class=\"legend\">", out);
	for (i = 0; i < n; i++)
		put_legend_item(out, i, r->units[lines[i]].name, r->units[lines[i]].guess);
	fputs("</ul></figure>\n", out);
}

static void put_events(const struct drvmem_htmlreport *r, FILE *out)
{
	const struct drvmem_timeline *t = r->in.t;
	char at[DRVMEM_UNIT_LEN];
	uint32_t i;

	if (!t->nr_events)
		return;
	fputs("<details class=\"events\"><summary>Modules that came and went, and marks</summary><ol>\n", out);
	for (i = 0; i < t->nr_events; i++) {
		const struct drvmem_timeline_event *e = &t->events[i];
		uint64_t when = e->when_ns > r->points[0].taken_ns ? e->when_ns - r->points[0].taken_ns : 0;

		fprintf(out, "<li>%s%s: ", e->exact ? "" : "at the latest ", drvmem_fmt_duration(when, at, sizeof(at)));
		put_event(e, out);
		fputs("</li>\n", out);
	}
	fputs("</ol></details>\n", out);
}

void drvmem_html__timeline(const struct drvmem_htmlreport *r, FILE *out)
{
	if (r->nr_points < 2) {
		fputs("<p class=\"none\">No history was gathered in this session.</p>\n", out);
		return;
	}
	if (r->nr_classes)
		put_classes(r, out);
	else
		fputs("<p class=\"none\">The kernel's own counts were not read at these moments.</p>\n", out);
	put_owners(r, out);
	put_events(r, out);
}

/* ---- small ones */

#define SPARK_W	80.0
#define SPARK_H	16.0

void drvmem_html__spark(const struct drvmem_htmlreport *r, uint32_t unit, FILE *out)
{
	const struct drvmem_timeline_counts *at = r->units[unit].at;
	uint32_t i, step = r->nr_points > 60 ? r->nr_points / 60 : 1;
	double max = 1;

	if (r->nr_points < 2)
		return;
	for (i = 0; i < r->nr_points; i++)
		if ((double)at[i].live_bytes > max)
			max = (double)at[i].live_bytes;
	fprintf(out, "<svg class=\"spark\" viewBox=\"0 0 %.0f %.0f\" aria-hidden=\"true\"><path d=\"", SPARK_W, SPARK_H);
	for (i = (r->nr_points - 1) % step; i < r->nr_points; i += step)
		fprintf(out, "%c%.1f %.1f", i == (r->nr_points - 1) % step ? 'M' : 'L',
			(x_of(r, r->points[i].taken_ns) - LEFT) / (RIGHT - LEFT) * SPARK_W,
			SPARK_H - 1 - (at[i].live_bytes > 0 ? (double)at[i].live_bytes / max : 0) * (SPARK_H - 2));
	fputs("\"/></svg>", out);
}

#define HIST_H	90.0
#define BAR_W	32.0

typedef const char *(*bucket_fn)(uint32_t i, uint32_t hz, char *buf, size_t size);

static const char *size_label(uint32_t i, uint32_t hz, char *buf, size_t size)
{
	(void)hz;
	return drvmem_fmt_size_exact(i ? UINT64_C(1) << (i - 1) : 0, buf, size);
}

/* Bucket 0 is less than one tick. */
static const char *life_label(uint32_t i, uint32_t hz, char *buf, size_t size)
{
	if (!i)
		snprintf(buf, size, "0");
	else
		drvmem_fmt_duration((UINT64_C(1) << (i - 1)) * 1000000000u / (hz ? hz : 1), buf, size);
	return buf;
}

static void put_bars(const uint64_t *hist, uint32_t n, uint32_t hz, bucket_fn label, const char *what, FILE *out)
{
	uint32_t first = 0, last = n, i;
	char text[DRVMEM_UNIT_LEN], count[DRVMEM_UNIT_LEN];
	uint64_t max = 1;

	while (first < n && !hist[first])
		first++;
	while (last > first && !hist[last - 1])
		last--;
	fprintf(out, "<figure class=\"hist\"><figcaption>%s</figcaption>", what);
	if (first == last) {
		fputs("<p class=\"none\">none</p></figure>\n", out);
		return;
	}
	for (i = first; i < last; i++)
		max = hist[i] > max ? hist[i] : max;
	fprintf(out, "<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\" aria-label=\"%s\">\n", (last - first) * BAR_W,
		HIST_H + 16, (last - first) * BAR_W, what);
	for (i = first; i < last; i++) {
		double h = hist[i] ? 2 + (HIST_H - 2) * (double)hist[i] / (double)max : 0;

		label(i, hz, text, sizeof(text));
		fprintf(out, "<rect x=\"%.0f\" y=\"%.1f\" width=\"%.0f\" height=\"%.1f\"><title>from %s on: %s</title></rect>"
			"<text x=\"%.0f\" y=\"%.0f\">%s</text>\n", (i - first) * BAR_W + 1, HIST_H - h, BAR_W - 2, h, text,
			drvmem_fmt_count(hist[i], count, sizeof(count)), (i - first) * BAR_W + BAR_W / 2, HIST_H + 12, text);
	}
	fputs("</svg></figure>\n", out);
}

void drvmem_html__sizes(const uint64_t *hist, FILE *out)
{
	put_bars(hist, DRVMEM_SIZE_BUCKETS, 0, size_label, "allocations by asked size, from", out);
}

void drvmem_html__lifetimes(const uint64_t *hist, uint32_t hz, FILE *out)
{
	put_bars(hist, DRVMEM_LIFE_BUCKETS, hz, life_label, "freed objects by how long they lived, from", out);
}
