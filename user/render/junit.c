// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "render/evidence.h"
#include "render/findings.h"
#include "render/xml.h"
#include "view/coverage.h"

#define SUITE "drvmem leaks"

void drvmem_findings__time(const struct drvmem_meta *m, uint64_t when_ns, char *buf, size_t size)
{
	int64_t back = when_ns < m->taken_ns ? (int64_t)((m->taken_ns - when_ns) / 1000000000u) : 0;
	time_t t = (time_t)((int64_t)m->taken_unix - back);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(buf, size, "1970-01-01T00:00:00");
}

static void put_property(FILE *out, const char *name, const char *value)
{
	fputs("\t\t\t<property", out);
	drvmem_xml__attr(out, "name", name);
	drvmem_xml__attr(out, "value", value ? value : "");
	fputs("/>\n", out);
}

static void put_number(FILE *out, const char *name, const char *fmt, ...) DRVMEM_PRINTF(3, 4);

static void put_number(FILE *out, const char *name, const char *fmt, ...)
{
	char value[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	put_property(out, name, value);
}

static double duration(const struct drvmem_meta *m)
{
	return m->taken_ns > m->started_ns ? (double)(m->taken_ns - m->started_ns) / 1e9 : 0;
}

static int put_coverage(const struct drvmem_scope *v, FILE *out)
{
	_cleanup_strbuf_ struct drvmem_strbuf line = {};

	if (v->coverage)
		drvmem_coverage__summary(v->coverage, &line);
	if (drvmem_strbuf__error(&line))
		return -ENOMEM;
	put_property(out, "coverage", line.len ? drvmem_strbuf__str(&line) : "the kernel's counts were not read");
	return 0;
}

static int put_properties(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			  const struct drvmem_findings_opts *f, FILE *out)
{
	const struct drvmem_meta *m = &v->s->meta;
	const struct drvmem_debug_use *u;
	uint32_t i, n;
	int r;

	fputs("\t\t<properties>\n", out);
	put_property(out, "drvmem", m->version);
	put_property(out, "kernel", m->kernel);
	put_property(out, "arch", m->arch);
	put_number(out, "duration_s", "%.3f", duration(m));
	put_number(out, "older_ns", "%" PRIu64, o->older_ns);
	put_property(out, "allocated", o->marked ? "between two marks" : "in the session");
	put_property(out, "older", o->learn ? "than is usual for the site, older_ns where that is not known" :
				   "than older_ns");
	put_number(out, "objects", "%" PRIu64, o->objects);
	put_number(out, "bytes", "%" PRIu64, o->bytes);
	put_number(out, "fail_over_bytes", "%" PRIu64, f->fail_over);
	put_number(out, "loss_events", "%" PRIu64, drvmem_loss__total(&v->s->loss));
	put_number(out, "loss_ppm", "%.3f", f->loss_ppm);
	put_number(out, "events", "%" PRIu64, v->s->loss.events);
	r = put_coverage(v, out);
	for (i = 0; i < m->nr_notes && i < sizeof(m->notes) / sizeof(m->notes[0]); i++)
		put_property(out, "not_seen", m->notes[i]);
	u = drvmem_places__uses(o->places, &n);
	for (i = 0; i < n; i++)
		put_property(out, u[i].file ? "lines_from" : "no_lines", u[i].file ? u[i].file : u[i].why);
	fputs("\t\t</properties>\n", out);
	return r;
}

static bool same_name(const struct drvmem_scope *v, const struct drvmem_outstanding_site *a,
		      const struct drvmem_outstanding_site *b)
{
	const struct drvmem_sitesnap *x = &v->s->sites[a->site], *y = &v->s->sites[b->site];

	return x->owner == y->owner && x->site && y->site && !strcmp(x->site, y->site);
}

/* A site is one call, and has one row for each cache it got objects of: where there are several, both names. */
static void put_case(const struct drvmem_scope *v, const struct drvmem_outstanding *o, uint32_t i,
		     struct drvmem_strbuf *name, FILE *out)
{
	const struct drvmem_sitesnap *t = &v->s->sites[o->site[i].site];
	const char *cache = v->s->caches[t->cache].name;
	bool several = false;
	uint32_t j;

	for (j = 0; j < o->nr_sites && !several; j++)
		several = j != i && same_name(v, &o->site[i], &o->site[j]);
	fputs("\t\t<testcase", out);
	drvmem_xml__attr(out, "classname", v->owner_name[t->owner]);
	drvmem_strbuf__append(name, t->site ? t->site : "?");
	if (several)
		drvmem_strbuf__printf(name, " (%s)", cache ? cache : "?");
	drvmem_xml__attr(out, "name", drvmem_strbuf__str(name));
	drvmem_xml__attr(out, "time", "0");
	fputs(">\n", out);
}

static int put_site(const struct drvmem_scope *v, const struct drvmem_outstanding *o, uint32_t i, bool found,
		    FILE *out)
{
	const struct drvmem_outstanding_site *k = &o->site[i];
	_cleanup_strbuf_ struct drvmem_strbuf one = {}, body = {}, name = {};

	drvmem_evidence__sentence(v, k, &one);
	drvmem_evidence__site(v, o, k, DRVMEM_EVIDENCE_FIGURES | DRVMEM_EVIDENCE_STACK | DRVMEM_EVIDENCE_LINES |
			      DRVMEM_EVIDENCE_OBJECTS, &body);
	if (drvmem_strbuf__error(&one) || drvmem_strbuf__error(&body))
		return -ENOMEM;
	put_case(v, o, i, &name, out);
	if (found) {
		fputs("\t\t\t<failure", out);
		drvmem_xml__attr(out, "type", drvmem_growth__name(k->growth.class));
		drvmem_xml__attr(out, "message", drvmem_strbuf__str(&one));
		fputs(">\n", out);
	} else {	/* below what counts */
		fputs("\t\t\t<system-out>", out);
		drvmem_xml__text(out, drvmem_strbuf__str(&one));
		putc('\n', out);
	}
	drvmem_xml__text(out, drvmem_strbuf__str(&body));
	fputs(found ? "</failure>\n\t\t</testcase>\n" : "</system-out>\n\t\t</testcase>\n", out);
	return drvmem_strbuf__error(&name);
}

static void put_loss(const struct drvmem_scope *v, const struct drvmem_findings_opts *f, FILE *out)
{
	fputs("\t\t<testcase classname=\"drvmem\" name=\"loss\" time=\"0\">\n\t\t\t<error type=\"loss\"", out);
	drvmem_xml__attrf(out, "message", "%" PRIu64 " events were lost, %.0f ppm: more than --max-loss %" PRIu64,
			  drvmem_loss__total(&v->s->loss), f->loss_ppm, f->max_loss_ppm);
	fputs(">Objects may be missing here, and frees of those that are not.</error>\n\t\t</testcase>\n", out);
}

int drvmem_junit__outstanding(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			      const struct drvmem_findings_opts *f, FILE *out)
{
	uint32_t sites = o->nr_sites + o->mappings_growing;
	bool clean = !sites && !f->too_lossy;
	uint32_t i, tests = sites + f->too_lossy + clean, failures = f->found ? o->findings : 0;
	const struct drvmem_meta *m = &v->s->meta;
	char started[32];
	int r;

	drvmem_findings__time(m, m->started_ns, started, sizeof(started));
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
	fprintf(out, "<testsuites name=\"drvmem\" tests=\"%u\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n",
		tests, failures, f->too_lossy, duration(m));
	fprintf(out, "\t<testsuite name=\"" SUITE "\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"0\" "
		     "time=\"%.3f\" timestamp=\"%s\"", tests, failures, f->too_lossy, duration(m), started);
	drvmem_xml__attr(out, "hostname", m->hostname);
	fputs(">\n", out);
	r = put_properties(v, o, f, out);
	if (f->too_lossy)
		put_loss(v, f, out);
	/* of the mappings those that surely grow come first */
	for (i = 0; i < sites && !r; i++)
		r = put_site(v, o, i, f->found && drvmem_outstanding__is_finding(o, &o->site[i]), out);
	if (clean)
		fputs("\t\t<testcase classname=\"drvmem\" name=\"nothing outstanding\" time=\"0\"/>\n", out);
	fputs("\t</testsuite>\n</testsuites>\n", out);
	return r;
}
