// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "render/simulate.h"

enum form { AS_BYTES, AS_COUNT };

static void put_row(const char *label, enum form form, double today, double proposed, FILE *out)
{
	uint64_t a = (uint64_t)llround(today), b = (uint64_t)llround(proposed);
	char ta[DRVMEM_UNIT_LEN], tb[DRVMEM_UNIT_LEN], tc[DRVMEM_UNIT_LEN];
	int64_t change = (int64_t)(b - a);

	if (form == AS_BYTES)
		fprintf(out, "%-28s %9s %9s %9s\n", label, drvmem_fmt_bytes(a, ta, sizeof(ta)),
			drvmem_fmt_bytes(b, tb, sizeof(tb)), drvmem_fmt_bytes_delta(change, tc, sizeof(tc)));
	else
		fprintf(out, "%-28s %9s %9s %9s\n", label, drvmem_fmt_count(a, ta, sizeof(ta)),
			drvmem_fmt_count(b, tb, sizeof(tb)), drvmem_fmt_count_delta(change, tc, sizeof(tc)));
}

/* What today does not have. */
static void put_new(const char *label, uint64_t proposed, FILE *out)
{
	char buf[DRVMEM_UNIT_LEN];

	fprintf(out, "%-28s %9s %9s\n", label, "-", drvmem_fmt_count(proposed, buf, sizeof(buf)));
}

static void put_levels(const struct drvmem_simulation *s, FILE *out)
{
	static const struct { const char *mean, *peak, *end; enum drvmem_simulated_level level; enum form form; } row[] = {
		{ "held, mean", "held, peak", "held, at the end", DRVMEM_SIMULATED_HELD, AS_BYTES },
		{ "  asked of that, mean", NULL, NULL, DRVMEM_SIMULATED_ASKED, AS_BYTES },
		{ "  waste of sizes, mean", NULL, NULL, DRVMEM_SIMULATED_WASTE, AS_BYTES },
		{ "  slack of slabs, mean", NULL, NULL, DRVMEM_SIMULATED_SLACK, AS_BYTES },
		{ "objects, mean", "objects, peak", "objects, at the end", DRVMEM_SIMULATED_OBJECTS, AS_COUNT },
	};
	uint32_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct drvmem_simulated_value *a = &s->today.level[row[i].level];
		const struct drvmem_simulated_value *b = &s->proposed.level[row[i].level];

		put_row(row[i].mean, row[i].form, a->mean, b->mean, out);
		if (row[i].peak)
			put_row(row[i].peak, row[i].form, (double)a->peak, (double)b->peak, out);
		if (row[i].end)
			put_row(row[i].end, row[i].form, (double)a->end, (double)b->end, out);
	}
}

static void put_rate(const struct drvmem_simulation *s, FILE *out)
{
	double a = drvmem_simulated_refill_rate(s, &s->today), b = drvmem_simulated_refill_rate(s, &s->proposed);

	fprintf(out, "%-28s %9.1f %9.1f %+9.1f\n", "refills a second", a, b, b - a);
}

static void put_events(const struct drvmem_simulated_view *v, FILE *out)
{
	const struct drvmem_simulation *s = v->s;
	const struct drvmem_simulated *a = &s->today, *b = &s->proposed;

	put_row("refills (slabs taken)", AS_COUNT, (double)a->refills, (double)b->refills, out);
	put_rate(s, out);
	if (b->refills_start)
		put_new("slabs taken beforehand", b->refills_start, out);
	put_row("slabs given back", AS_COUNT, (double)a->returned, (double)b->returned, out);
	if (v->c->depth) {
		put_new("from the list", b->list_hits, out);
		put_new("past the list", b->list_misses, out);
	}
	if (v->c->reserve) {
		put_new("from the reserve", b->reserve_hits, out);
		put_new("fewest in a reserve", b->reserve_low, out);
	}
	put_row("failures", AS_COUNT, (double)a->failures, (double)b->failures, out);
}

static void put_config(const struct drvmem_simulate_config *c, FILE *out)
{
	uint32_t i;

	fputs("proposed:", out);
	for (i = 0; i < c->nr_sizes; i++)
		fprintf(out, "%s%u", i ? "," : " caches of ", c->size[i]);
	if (c->nr_sizes)
		fputs(" bytes", out);
	if (c->depth)
		fprintf(out, "%s %" PRIu64 " free objects in front of each", c->nr_sizes ? "," : "", c->depth);
	if (c->limit)
		fprintf(out, "%s at most %" PRIu64 " objects at once", c->nr_sizes || c->depth ? "," : "", c->limit);
	if (c->reserve)
		fprintf(out, ", a reserve of %" PRIu64 " each", c->reserve);
	putc('\n', out);
}

static void put_head(const struct drvmem_simulated_view *v, const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_simulation *s = v->s;
	char time[DRVMEM_UNIT_LEN];

	fputs("recorded on Linux ", out);
	drvmem_text__put(v->d->kernel[0] ? v->d->kernel : "?", o, out);
	fprintf(out, " for %s: %u call site%s, %u size%s, %" PRIu64 " allocations, %" PRIu64 " live at the end",
		drvmem_fmt_duration(s->traced_ns, time, sizeof(time)), s->sites, s->sites == 1 ? "" : "s", s->sizes,
		s->sizes == 1 ? "" : "s", s->recorded_allocs, s->recorded_live);
	if (s->recorded_peak)
		fprintf(out, ", %s%" PRIu64 " at once", s->peak_bound ? "at most " : "", s->recorded_peak);
	fprintf(out, "\nplayed %s with seed %" PRIu64 ": %" PRIu64 " events\n",
		drvmem_fmt_duration(s->played_ns, time, sizeof(time)), s->seed, s->events);
	put_config(v->c, out);
}

int drvmem_text__simulation(const struct drvmem_simulated_view *v, const struct drvmem_text_opts *o, FILE *out)
{
	struct drvmem_grid *g;
	uint32_t i;
	int err = drvmem_simulated_caches(v, &g);

	if (err)
		return err;
	put_head(v, o, out);
	for (i = 0; i < v->nr_notes; i++)
		fprintf(out, "note: %s\n", v->note[i]);
	fprintf(out, "\n%-28s %9s %9s %9s\n", "", "TODAY", "PROPOSED", "CHANGE");
	put_levels(v->s, out);
	put_events(v, out);
	putc('\n', out);
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	return 0;
}
