// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "render/baseline.h"
#include "render/coverage.h"
#include "render/text.h"
#include "view/epochs.h"

struct loss_line {
	uint64_t n;
	const char *what;
};

static const char *shown(const char *text)
{
	return text && text[0] ? text : "?";
}

static void put_identity(const struct drvmem_snapshot *s, const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_meta *m = &s->meta;

	fputs("drvmem ", out);
	drvmem_text__put(shown(m->version), o, out);
	fputs("  Linux ", out);
	drvmem_text__put(shown(m->kernel), o, out);
	putc(' ', out);
	drvmem_text__put(shown(m->arch), o, out);
	fputs("  host ", out);
	drvmem_text__put(shown(m->hostname), o, out);
	drvmem_text__before(s->baseline, "  ", o, out);
	putc('\n', out);
}

static void put_period(const struct drvmem_scope *v, const struct drvmem_text_opts *o, bool again,
		       FILE *out)
{
	const struct drvmem_meta *m = &v->s->meta;
	uint64_t period = m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0;
	char all[DRVMEM_UNIT_LEN], last[DRVMEM_UNIT_LEN], events[DRVMEM_UNIT_LEN];

	fprintf(out, "traced %s, %s events, owner policy %s",
		drvmem_fmt_duration(period, all, sizeof(all)),
		drvmem_fmt_count(v->s->loss.events, events, sizeof(events)),
		drvmem_owner_policy_name(m->owner_policy));
	if (!v->delta->since_start)
		fprintf(out, ", %s and rates: last %s", o->utf8 ? "Δ" : "DELTA",
			drvmem_fmt_duration(v->delta->interval_ns, last, sizeof(last)));
	else
		fprintf(out, ", %s and rates: since the start", o->utf8 ? "Δ" : "DELTA");
	if (again)	/* this is the first line then */
		drvmem_text__before(v->s->baseline, ", ", o, out);
	putc('\n', out);
}

static void put_sizes(const struct drvmem_meta *m, FILE *out)
{
	char lo[DRVMEM_UNIT_LEN], hi[DRVMEM_UNIT_LEN];

	if (!m->min_size && m->max_size == UINT64_MAX)
		return;
	fprintf(out, "only sizes from %s", drvmem_fmt_size_exact(m->min_size, lo, sizeof(lo)));
	if (m->max_size != UINT64_MAX)
		fprintf(out, " to %s", drvmem_fmt_size_exact(m->max_size, hi, sizeof(hi)));
	putc('\n', out);
}

/*
 * One who holds 3 sample distances has no sample in 1 of 20 cases (e^-3): so much an owner that
 * is not shown may hold.
 */
static void put_sampling(const struct drvmem_meta *m, const struct drvmem_text_opts *o, FILE *out)
{
	char rate[DRVMEM_UNIT_LEN], unseen[DRVMEM_UNIT_LEN], since[DRVMEM_UNIT_LEN];
	uint64_t now = m->epoch[m->now_epoch].sample_bytes;
	uint32_t i;

	if (!m->sampled)
		return;
	if (now)
		fprintf(out, "sampled: one point in %s bytes on average, figures with %s are estimates; "
			     "up to %s of an owner may have no sample\n",
			drvmem_fmt_bytes(now, rate, sizeof(rate)), o->utf8 ? "±" : "+-",
			drvmem_fmt_bytes(3 * now, unseen, sizeof(unseen)));
	for (i = 0; i < DRVMEM_EPOCHS && drvmem_epochs__switches(m); i++) {
		const struct drvmem_epoch_meta *e = &m->epoch[i];

		if (!drvmem_epochs__has(m, i))
			continue;
		drvmem_fmt_duration(drvmem_epochs__began(m, i), since, sizeof(since));
		if (e->sample_bytes)
			fprintf(out, "from %s on: sampled, one point in %s bytes\n", since,
				drvmem_fmt_bytes(e->sample_bytes, rate, sizeof(rate)));
		else
			fprintf(out, "from %s on: every object\n", since);
	}
}

static void put_parts(const struct loss_line *lines, FILE *out)
{
	const char *sep = ": ";

	for (; lines->what; lines++) {
		if (!lines->n)
			continue;
		fprintf(out, "%s%" PRIu64 " %s", sep, lines->n, lines->what);
		sep = ", ";
	}
}

/* 0, or at least so many and the ppm; a counter that this kernel lacks is said, not taken as 0. */
static void put_loss(const struct drvmem_loss *l, const struct drvmem_text_opts *o, FILE *out)
{
	bool counted = l->recursion_misses.st == DRVMEM_OK;
	const struct loss_line lines[] = {
		{ counted ? l->recursion_misses.v : 0, "recursion misses" },
		{ l->nest_refused, "nested events refused" },
		{ l->table_full, "table full" },
		{ l->insert_failed, "insert failed" },
		{ l->stack_missing, "stack missing" },
		{ l->bulk_truncated, "of bulk calls not read" },
		{ l->maps_cut, "mappings not read to the end" },
		{ 0, NULL },
	};
	uint64_t total = drvmem_loss__total(l);

	if (!total) {
		fputs("loss 0", out);
	} else {
		fprintf(out, "%sloss %s%" PRIu64 " events (%.3g ppm)", o->colour ? "\033[33m" : "",
			o->utf8 ? "≥" : ">=", total, drvmem_loss__ppm(l));
		put_parts(lines, out);
		fputs(o->colour ? "\033[0m" : "", out);
	}
	fputs(counted ? "\n" : " (this kernel does not count recursion misses)\n", out);
}

static void put_detail(const struct drvmem_loss *l, FILE *out)
{
	const struct loss_line lines[] = {
		{ l->site_full, "objects without a site" },
		{ l->class_full, "without a cache" },
		{ l->module_full, "without an owner" },
		{ l->stack_truncated, "stacks cut" },
		{ l->stack_full, "stacks not kept" },
		{ 0, NULL },
	};

	if (!(l->site_full | l->class_full | l->module_full | l->stack_truncated | l->stack_full))
		return;
	fputs("detail lost, bytes kept", out);
	put_parts(lines, out);
	putc('\n', out);
}

static void put_neighbours(const struct drvmem_scope *v, FILE *out)
{
	const struct drvmem_loss *l = &v->s->loss;
	int64_t pending = 0;
	uint32_t i;

	for (i = 0; i < v->nr_kept; i++)
		pending += v->s->sites[v->by_owner[i]].c.rcu_pending;
	fputs("no loss: ", out);
	if (!v->s->meta.sampled && !v->s->meta.only)	/* else not told from those of what is not tracked */
		fprintf(out, "frees of objects older than the session %" PRIu64 ", ",
			l->unmatched_frees);
	fprintf(out, "inferred frees %" PRIu64 ", objects waiting for RCU %" PRId64,
		l->inferred_frees, pending);
	if (l->made_up)
		fprintf(out, ", frees seen at the second look %" PRIu64, l->made_up);
	putc('\n', out);
}

static void put_destroyed(const struct drvmem_scope *v, const struct drvmem_text_opts *o, FILE *out)
{
	char bytes[DRVMEM_UNIT_LEN];

	if (v->destroyed_objects <= 0)
		return;
	fprintf(out, "%s%" PRId64 " objects of destroyed caches, %sB: leaked, or they ended unseen%s\n",
		o->colour ? "\033[33m" : "", v->destroyed_objects,
		drvmem_fmt_bytes((uint64_t)v->destroyed_bytes, bytes, sizeof(bytes)),
		o->colour ? "\033[0m" : "");
}

/* Nothing is said of walks that were not needed. */
static void put_walks(const struct drvmem_walks *w, const struct drvmem_text_opts *o, FILE *out)
{
	char n[DRVMEM_UNIT_LEN];

	if (!w->n)
		return;
	fprintf(out, "stacks walked %s", drvmem_fmt_count(w->n, n, sizeof(n)));
	if (w->mismatch) {	/* who walked how many is not known any more */
		fprintf(out, ", %" PRIu64 " compared", w->checked);
	} else if (!w->own) {
		fputs(" by the kernel's unwinder: ", out);
		drvmem_text__put(shown(w->why), o, out);
	} else {
		fprintf(out, ", %" PRIu64 " of them by the kernel's unwinder, %" PRIu64 " compared",
			w->fallback, w->checked);
		if (w->rare)
			fprintf(out, "; %" PRIu64 " more, of rare events, always by it", w->rare);
	}
	if (w->untold)
		fprintf(out, ", %" PRIu64 " could not be compared", w->untold);
	if (w->mismatch)
		fprintf(out, "; %s%" PRIu64 " differed: our walk was switched off, the kernel's unwinder walks since; please "
			     "report it%s",
			o->colour ? "\033[33m" : "", w->mismatch, o->colour ? "\033[0m" : "");
	putc('\n', out);
}

/* An estimate from what was measured at the start. */
static void put_cost(const struct drvmem_snapshot *s, FILE *out)
{
	const struct drvmem_meta *m = &s->meta;
	double each = drvmem_own_cost__per_run(&s->cost), all = drvmem_own_cost__of(s);
	double period = m->taken_ns > m->started_ns ? (double)(m->taken_ns - m->started_ns) : 0;

	if (!s->cost.why)
		return;
	if (s->cost.why[0])
		fprintf(out, "own cost not known: %s\n", s->cost.why);
	else
		fprintf(out, "own cost %.0f ns an event, %.2f s of CPU time, %.2f %% of one CPU\n", each,
			all / 1e9, period > 0 ? all * 100 / period : 0);
}

static void put_memory(const struct drvmem_meta *m, FILE *out)
{
	char bytes[DRVMEM_UNIT_LEN], live[DRVMEM_UNIT_LEN], slots[DRVMEM_UNIT_LEN];

	fprintf(out, "memory of maps %s, table of live objects %s of %s (%s)\n",
		drvmem_fmt_bytes(m->map_bytes, bytes, sizeof(bytes)),
		drvmem_fmt_count(m->table_live, live, sizeof(live)),
		drvmem_fmt_count(m->table_slots, slots, sizeof(slots)), shown(m->table_kind));
}

/* text after a label of indent columns; words go to the next line where the width ends. */
static void put_folded(const char *text, uint32_t indent, const struct drvmem_text_opts *o, FILE *out)
{
	uint32_t room = o->width > 2 * indent ? o->width - indent : UINT32_MAX, used = 0, word;
	char one[256];

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		word = (uint32_t)strcspn(text, " ");
		if (word >= sizeof(one))
			word = sizeof(one) - 1;
		memcpy(one, text, word);
		one[word] = 0;
		if (used && used + 1 + word > room) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = 0;
		} else if (used) {
			putc(' ', out);
			used++;
		}
		drvmem_text__put(one, o, out);
		used += word;
		text += word;
	}
	putc('\n', out);
}

static void put_unseen(const struct drvmem_meta *m, const struct drvmem_text_opts *o, FILE *out)
{
	uint32_t i;

	for (i = 0; i < m->nr_notes && i < sizeof(m->notes) / sizeof(m->notes[0]); i++) {
		fputs("not seen: ", out);
		put_folded(shown(m->notes[i]), 10, o, out);
	}
}

void drvmem_text__header(const struct drvmem_scope *v, const struct drvmem_text_opts *o, bool again,
			 FILE *out)
{
	const struct drvmem_meta *m = &v->s->meta;

	if (again)
		putc('\n', out);
	else
		put_identity(v->s, o, out);
	put_period(v, o, again, out);
	if (!again)
		put_sizes(m, out);
	if (m->only && !again)
		fputs("tracked: objects of the owners asked for, others were let pass\n", out);
	put_sampling(m, o, out);
	put_loss(&v->s->loss, o, out);
	put_detail(&v->s->loss, out);
	put_neighbours(v, out);
	put_destroyed(v, o, out);
	drvmem_text__coverage_line(v->coverage, o, out);
	put_walks(&v->s->walks, o, out);
	put_cost(v->s, out);
	put_memory(m, out);
	if (!again)
		put_unseen(m, o, out);
	putc('\n', out);
}

/* "live and older than 10s" */
static void put_asked_for(const struct drvmem_outstanding *k, FILE *out)
{
	char age[DRVMEM_UNIT_LEN];

	if (k->marked)
		fprintf(out, "allocated %s and live", k->marked->at.to_ns ? "between the marks" : "after the mark");
	else
		fputs("live", out);
	if (k->learn || k->older_ns || !k->marked)
		fprintf(out, " and older than %s%s", k->learn ? "is usual for their site, or " : "",
			k->learn ? drvmem_fmt_duration(k->older_ns, age, sizeof(age)) :
				   drvmem_fmt_duration_exact(k->older_ns, age, sizeof(age)));
}

void drvmem_text__outstanding(const struct drvmem_outstanding *k, const struct drvmem_text_opts *o,
			      FILE *out)
{
	uint64_t lost = k->reach[DRVMEM_REACH_DEFINITELY_LOST] + k->reach[DRVMEM_REACH_INDIRECTLY_LOST];
	char bytes[DRVMEM_UNIT_LEN];

	(void)o;
	fprintf(out, "outstanding: %" PRIu64 " objects, %sB, ", k->objects,
		drvmem_fmt_bytes(k->bytes, bytes, sizeof(bytes)));
	put_asked_for(k, out);
	fprintf(out, "; waiting for RCU: %" PRIu64 "\n", k->rcu_pending);
	if (k->growing)
		fprintf(out, "%u site%s more and more objects, in most of the windows that are old enough to tell:\n"
			     "leaks, unless somebody holds them for a reason.\n",
			k->growing, k->growing == 1 ? " keeps" : "s keep");
	if (lost)
		fprintf(out, "%" PRIu64 " object%s (%sB) of %" PRIu64 " leaked: nothing holds %s.\n", lost,
			lost == 1 ? "" : "s", drvmem_fmt_bytes(k->lost_bytes, bytes, sizeof(bytes)), k->objects,
			lost == 1 ? "it" : "them");
	if (k->mappings_growing)
		fprintf(out, "%u site%s more and more mapped.\n", k->mappings_growing, k->mappings_growing == 1 ? " keeps" : "s keep");
	if (k->growing || lost || k->mappings_growing)
		putc('\n', out);
	else
		fputs(k->marked ? "\n" : "Nothing surely grows: these are long-lived objects as well.\n\n", out);
}

#define GROWING_SHOWN 10u

void drvmem_text__growing(const struct drvmem_scope *v, const struct drvmem_outstanding *k,
			  const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_outstanding_site *t;
	uint32_t i, shown = 0;

	for (i = 0; i < k->nr_sites + k->nr_mappings && shown < GROWING_SHOWN; i++) {
		t = &k->site[i];
		if (t->growth.class != DRVMEM_GROWTH_GROWING)
			continue;
		fputs(shown++ ? "" : "\n", out);
		drvmem_text__put(v->s->sites[t->site].site ? v->s->sites[t->site].site : "?", o, out);
		fprintf(out, "%s: %s\n", t->mapping ? " (mappings)" : "", t->why);
	}
}
