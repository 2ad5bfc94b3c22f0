// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/prom.h"

#include <inttypes.h>
#include <string.h>

#include "render/prom_label.h"

const char *const drvmem_prom_content_types[] = {
	"text/plain; version=0.0.4; charset=utf-8",
	"application/openmetrics-text; version=1.0.0; charset=utf-8",
};

static const char *const part_suffix[] = { "", "_bucket", "_sum", "_count" };

/* Name of the family: OpenMetrics takes the suffix that goes with the type off. */
static int family_len(const struct drvmem_metric_info *m, enum drvmem_prom_format format)
{
	size_t len = strlen(m->name), cut = 0;

	if (format == DRVMEM_PROM_OPENMETRICS && m->type == DRVMEM_METRIC_COUNTER)
		cut = strlen("_total");
	else if (format == DRVMEM_PROM_OPENMETRICS && m->type == DRVMEM_METRIC_INFO)
		cut = strlen("_info");
	return (int)(len - cut);
}

/* The text format has no type info. */
static const char *type_of(const struct drvmem_metric_info *m, enum drvmem_prom_format format)
{
	return m->type == DRVMEM_METRIC_INFO && format == DRVMEM_PROM_TEXT ? "gauge" :
									     drvmem_metric_type_names[m->type];
}

static void put_head(const struct drvmem_metric_info *m, enum drvmem_prom_format format, FILE *out)
{
	int len = family_len(m, format);

	fprintf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", len, m->name, m->help, len, m->name,
		type_of(m, format));
	if (format == DRVMEM_PROM_OPENMETRICS && m->unit[0])
		fprintf(out, "# UNIT %.*s %s\n", len, m->name, m->unit);
}

static void put_labels(const struct drvmem_metric_info *m, const struct drvmem_metric_sample *s, FILE *out)
{
	const char *before = "{";
	unsigned int i;

	for (i = 0; i < DRVMEM_METRIC_LABELS && m->label[i]; i++) {
		fprintf(out, "%s%s=\"", before, m->label[i]);
		drvmem_prom__label(s->label[i], out);
		putc('"', out);
		before = ",";
	}
	if (s->part == DRVMEM_SAMPLE_BUCKET) {
		fprintf(out, "%sle=\"%s\"", before, s->le);
		before = ",";
	}
	if (*before == ',')
		putc('}', out);
}

static void put_sample(const struct drvmem_metric_info *m, const struct drvmem_metric_sample *s, FILE *out)
{
	fputs(m->name, out);
	fputs(part_suffix[s->part], out);
	put_labels(m, s, out);
	if (s->value.real)
		fprintf(out, " %.10g\n", s->value.d);
	else
		fprintf(out, " %s%" PRIu64 "\n", s->value.negative ? "-" : "", s->value.whole);
}

/* OpenMetrics allows the count of a histogram only beside its sum, which may not be known. */
static bool is_wanted(const struct drvmem_metric_family *f, const struct drvmem_metric_sample *s,
		      enum drvmem_prom_format format)
{
	uint32_t i;

	if (format == DRVMEM_PROM_TEXT || s->part != DRVMEM_SAMPLE_COUNT)
		return true;
	for (i = 0; i < f->n; i++)
		if (f->v[i].part == DRVMEM_SAMPLE_SUM)
			return true;
	return false;
}

static void put_family(const struct drvmem_exposition *x, unsigned int m, enum drvmem_prom_format format, FILE *out)
{
	const struct drvmem_metric_family *f = &x->family[m];
	uint32_t i;

	if (f->n)
		put_head(&drvmem_metrics_list[m], format, out);
	for (i = 0; i < f->n; i++)
		if (is_wanted(f, &f->v[i], format))
			put_sample(&drvmem_metrics_list[m], &f->v[i], out);
}

void drvmem_prom__render(const struct drvmem_exposition *x, enum drvmem_prom_format format, FILE *out)
{
	unsigned int m;

	for (m = 0; m < DRVMEM_NR_METRICS; m++)
		put_family(x, m, format, out);
	if (format == DRVMEM_PROM_OPENMETRICS)
		fputs(DRVMEM_PROM_END, out);
}

void drvmem_prom__part(const struct drvmem_exposition *x, enum drvmem_collector c, enum drvmem_prom_format format,
		       FILE *out)
{
	unsigned int m;

	for (m = 0; m < DRVMEM_NR_METRICS; m++)
		if (drvmem_metric__collector((enum drvmem_metric)m) == c)
			put_family(x, m, format, out);
}
