// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data block of the page: what doc/html.md tells. Rows of numbers, each less the row before, so that a
 * page of thousands of sites stays small; counts are exact up to 2^53.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/table.h"
#include "render/html_parts.h"
#include "render/json_writer.h"
#include "render/session_json.h"
#include "view/epochs.h"

#define STACK_BYTES	250000u	/* callers of the sites that hold most: they could take more room than all else */

struct frames {
	const char **v;
	uint32_t n;
	uint32_t nr_stacks;	/* sites whose callers have room */
};

static void put_meta(struct drvmem_json *w, const struct drvmem_htmlreport *r)
{
	const struct drvmem_meta *m = &r->in.v->s->meta;

	drvmem_json__kv_u64(w, "html_version", 1);
	drvmem_json__kv_str(w, "version", m->version);
	drvmem_json__kv_str(w, "kernel", m->kernel);
	drvmem_json__kv_u64(w, "taken_at", m->taken_unix);
	drvmem_json__kv_double(w, "duration_s", drvmem_json__seconds(m->taken_ns - m->started_ns));
	drvmem_json__kv_bool(w, "sampled", m->sampled);
	drvmem_json__kv_bool(w, "lower_bound", r->in.v->lossy);
	drvmem_json__kv_bool(w, "upper_bound", r->total.upper_bound);
}

/* Each way to count: ms since the start, mean bytes between two sample points (0: every object). */
static void put_epochs(struct drvmem_json *w, const struct drvmem_meta *m)
{
	uint32_t i;

	drvmem_json__key(w, "epochs");
	drvmem_json__begin_array(w);
	for (i = 0; i < DRVMEM_EPOCHS; i++) {
		if (!drvmem_epochs__has(m, i))
			continue;
		drvmem_json__u64(w, drvmem_epochs__began(m, i) / 1000000u);
		drvmem_json__u64(w, m->epoch[i].sample_bytes);
	}
	drvmem_json__end_array(w);
}

/* Halves of 95 % intervals at the end, of what rows have, in their order; never 0 but for what is exact. */
static void put_errors(struct drvmem_json *w, const struct drvmem_htmlreport *r, const struct drvmem_counts *c)
{
	const double var[] = { c->allocs_var, c->frees_var, c->alloc_bytes_var, c->free_bytes_var,
			       drvmem_counts__live_var(c), drvmem_counts__live_bytes_var(c) };
	uint32_t i;

	if (!r->in.v->s->meta.sampled) {
		drvmem_json__null(w);
		return;
	}
	drvmem_json__begin_array(w);
	for (i = 0; i < sizeof(var) / sizeof(var[0]); i++)
		drvmem_json__u64(w, (uint64_t)ceil(drvmem_error95(var[i])));
	drvmem_json__end_array(w);
}

static void put_points(struct drvmem_json *w, const struct drvmem_htmlreport *r)
{
	uint32_t i;

	drvmem_json__key(w, "t_ms");	/* since the start */
	drvmem_json__begin_array(w);
	for (i = 0; i < r->nr_points; i++)
		drvmem_json__u64(w, (r->points[i].taken_ns - r->points[0].taken_ns) / 1000000u);
	drvmem_json__end_array(w);
	drvmem_json__kv_u64(w, "points_left_out", r->points_left_out);
}

static void put_classes(struct drvmem_json *w, const struct drvmem_htmlreport *r)
{
	uint32_t i, j;

	drvmem_json__key(w, "classes");
	drvmem_json__begin_array(w);
	for (i = 0; i < r->nr_classes; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "name", r->classes[i].name);
		drvmem_json__key(w, "bytes");
		drvmem_json__begin_array(w);
		for (j = 0; j < r->nr_points; j++) {
			if (r->classes[i].v[j].st == DRVMEM_OK)
				drvmem_json__u64(w, r->classes[i].v[j].v);
			else
				drvmem_json__null(w);
		}
		drvmem_json__end_array(w);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

/* A row: point, then allocs, frees, alloc_bytes, free_bytes, live_objects, live_bytes less the row before. */
static void put_row(struct drvmem_json *w, uint32_t point, const struct drvmem_timeline_counts *now,
		    struct drvmem_timeline_counts *before)
{
	struct drvmem_timeline_counts d = drvmem_timeline_counts__less(now, before);

	if (!memcmp(now, before, sizeof(*now)))
		return;
	drvmem_json__u64(w, point);
	drvmem_json__i64(w, (int64_t)d.allocs);
	drvmem_json__i64(w, (int64_t)d.frees);
	drvmem_json__i64(w, (int64_t)d.alloc_bytes);
	drvmem_json__i64(w, (int64_t)d.free_bytes);
	drvmem_json__i64(w, d.live_objects);
	drvmem_json__i64(w, d.live_bytes);
	*before = *now;
}

static void put_units(struct drvmem_json *w, const struct drvmem_htmlreport *r)
{
	uint32_t i, p;

	drvmem_json__key(w, "units");
	drvmem_json__begin_array(w);
	for (i = 0; i < r->nr_units; i++) {
		const struct drvmem_html_unit *u = &r->units[i];
		struct drvmem_timeline_counts before = { 0 };

		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "name", u->name);
		drvmem_json__kv_bool(w, "guess", u->guess);
		drvmem_json__kv_i64(w, "live_bytes", u->sum.c.live_bytes);
		drvmem_json__kv_u64(w, "sites", u->nr);
		drvmem_json__kv_bool(w, "upper_bound", u->sum.upper_bound);
		drvmem_json__key(w, "errors");
		put_errors(w, r, &u->sum.c);
		drvmem_json__key(w, "rows");
		if (i < DRVMEM_HTML_UNIT_ROWS) {
			drvmem_json__begin_array(w);
			for (p = 0; p < r->nr_points; p++)
				put_row(w, p, &u->at[p], &before);
			drvmem_json__end_array(w);
		} else {
			drvmem_json__null(w);
		}
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

static void put_history(struct drvmem_json *w, const struct drvmem_htmlreport *r, const struct drvmem_html_site *k)
{
	struct drvmem_timeline_counts before = { 0 }, now;
	uint32_t p;

	if (!k->history) {
		drvmem_json__null(w);
		return;
	}
	drvmem_json__begin_array(w);
	for (p = 0; p < r->nr_points; p++) {
		now = drvmem_htmlreport__site_at(r, k, p);
		put_row(w, p, &now, &before);
	}
	drvmem_json__end_array(w);
}

/* Rows: point, objects, bytes of those that are live at the end and were allocated between it and the point before. */
static void put_born(struct drvmem_json *w, const struct drvmem_htmlreport *r, const struct drvmem_html_site *k,
		     struct drvmem_html_born *born)
{
	uint32_t p;

	if (!k->history || !drvmem_htmlreport__born(r, k, born)) {
		drvmem_json__null(w);
		return;
	}
	drvmem_json__begin_array(w);
	for (p = 0; p < r->nr_points; p++) {
		if (!born[p].objects)
			continue;
		drvmem_json__u64(w, p);
		drvmem_json__u64(w, born[p].objects);
		drvmem_json__u64(w, born[p].bytes);
	}
	drvmem_json__end_array(w);
}

static void put_maybe(struct drvmem_json *w, struct drvmem_u64 v)
{
	if (v.st == DRVMEM_OK)
		drvmem_json__u64(w, v.v);
	else
		drvmem_json__null(w);
}

static const char *const site_columns[] = {
	"unit", "site", "module", "allocator", "cache", "live_bytes", "live_objects", "peak_bytes", "allocs", "frees",
	"alloc_bytes", "free_bytes", "failures", "waste_bytes", "upper_bound", "errors", "rows", "born",
};

static void put_site(struct drvmem_json *w, const struct drvmem_htmlreport *r, const struct drvmem_html_site *k,
		     struct drvmem_html_born *born)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	const struct drvmem_sitesnap *t = &s->sites[k->site];

	drvmem_json__begin_array(w);
	drvmem_json__u64(w, k->unit);
	drvmem_json__str(w, t->site);
	drvmem_json__str(w, t->module);
	drvmem_json__str(w, drvmem_allocator_name(t->allocator));
	drvmem_json__str(w, s->caches[t->cache].name);
	drvmem_json__i64(w, k->sum.c.live_bytes);
	drvmem_json__i64(w, k->sum.c.live_objects);
	put_maybe(w, k->sum.peak_bytes);
	drvmem_json__u64(w, k->sum.c.allocs);
	drvmem_json__u64(w, k->sum.c.frees);
	drvmem_json__u64(w, k->sum.c.alloc_bytes);
	drvmem_json__u64(w, k->sum.c.free_bytes);
	drvmem_json__u64(w, k->sum.c.failures);
	if (k->sum.waste_st == DRVMEM_OK)
		drvmem_json__i64(w, k->sum.waste_bytes);
	else
		drvmem_json__null(w);
	drvmem_json__bool(w, k->sum.upper_bound);
	put_errors(w, r, &k->sum.c);
	put_history(w, r, k);
	put_born(w, r, k, born);
	drvmem_json__end_array(w);
}

static int put_sites(struct drvmem_json *w, const struct drvmem_htmlreport *r)
{
	struct drvmem_html_born *born = calloc(r->nr_points + 1, sizeof(*born));
	uint32_t i;

	if (!born)
		return -ENOMEM;
	drvmem_json__kv_u64(w, "sites_in_all", r->nr_sites);
	drvmem_json__key(w, "site_columns");
	drvmem_json__begin_array(w);
	for (i = 0; i < sizeof(site_columns) / sizeof(site_columns[0]); i++)
		drvmem_json__str(w, site_columns[i]);
	drvmem_json__end_array(w);
	drvmem_json__key(w, "sites");	/* most live bytes first */
	drvmem_json__begin_array(w);
	for (i = 0; i < r->nr_shown; i++)
		put_site(w, r, &r->sites[r->by_live[i]], born);
	drvmem_json__end_array(w);
	free(born);
	return 0;
}

/* ---- stacks */

static int cmp_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What the callers of a site add to the page, about; seen: hashes of frames that are in it. 0: no memory. */
static size_t cost_of(const char *const *path, uint32_t n, struct drvmem_table *seen)
{
	size_t cost = 4;
	uint64_t *known;
	uint32_t i;

	for (i = 0; i < n; i++, cost += 5) {
		known = drvmem_table__ref(seen, drvmem_fnv1a(path[i]));
		if (!known)
			return 0;
		if (!(*known)++)
			cost += strlen(path[i]) + 3;
	}
	return cost;
}

/* Texts of frames, sorted, each once; of as many sites as have room. */
static int collect_frames(const struct drvmem_htmlreport *r, struct frames *f)
{
	struct drvmem_table seen = { 0 };
	size_t sum = 0, cost = 1;
	uint32_t i, n, to = 0;

	f->v = calloc((size_t)r->nr_shown * DRVMEM_STACK_DEPTH + 1, sizeof(*f->v));
	if (!f->v)
		return -ENOMEM;
	for (; f->nr_stacks < r->nr_shown; f->nr_stacks++, f->n += n) {
		drvmem_htmlreport__path(r, &r->sites[r->by_live[f->nr_stacks]], f->v + f->n, &n);
		cost = cost_of(f->v + f->n, n, &seen);
		sum += cost;
		if (!cost || sum > STACK_BYTES)
			break;
	}
	drvmem_table__deinit(&seen);
	if (!cost)
		return -ENOMEM;
	qsort(f->v, f->n, sizeof(*f->v), cmp_text);
	for (i = 0; i < f->n; i++)
		if (!i || strcmp(f->v[i], f->v[i - 1]))
			f->v[to++] = f->v[i];
	f->n = to;
	return 0;
}

/* [what must be said of it, or null, then frames, innermost first] of one site. */
static void put_stack(struct drvmem_json *w, const struct drvmem_htmlreport *r, const struct frames *f,
		      const struct drvmem_html_site *k)
{
	const char *path[DRVMEM_STACK_DEPTH], **at;
	struct drvmem_profile_sample known = { 0 };
	uint32_t i, n;

	known.basis = drvmem_htmlreport__path(r, k, path, &n);
	drvmem_json__begin_array(w);
	drvmem_json__str(w, drvmem_profile__note(&known));
	for (i = 0; i < n; i++) {
		at = bsearch(&path[i], f->v, f->n, sizeof(*f->v), cmp_text);
		drvmem_json__u64(w, at ? (uint64_t)(at - f->v) : 0);
	}
	drvmem_json__end_array(w);
}

static int put_stacks(struct drvmem_json *w, const struct drvmem_htmlreport *r)
{
	struct frames f = { 0 };
	uint32_t i;
	int e = collect_frames(r, &f);

	if (e) {
		free(f.v);
		return e;
	}
	drvmem_json__key(w, "frames");
	drvmem_json__begin_array(w);
	for (i = 0; i < f.n; i++)
		drvmem_json__str(w, f.v[i]);
	drvmem_json__end_array(w);
	drvmem_json__key(w, "stacks");	/* of the sites, in their order; of the last ones none */
	drvmem_json__begin_array(w);
	for (i = 0; i < f.nr_stacks; i++)
		put_stack(w, r, &f, &r->sites[r->by_live[i]]);
	drvmem_json__end_array(w);
	free(f.v);
	return 0;
}

static int put_document(const void *arg, FILE *out)
{
	const struct drvmem_htmlreport *r = arg;
	struct drvmem_json w;
	int e;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	put_meta(&w, r);
	put_epochs(&w, &r->in.v->s->meta);
	drvmem_json__key(&w, "errors");
	put_errors(&w, r, &r->total.c);
	drvmem_json__kv_i64(&w, "live_bytes", r->total.c.live_bytes);
	put_points(&w, r);
	put_classes(&w, r);
	put_units(&w, r);
	e = put_sites(&w, r);
	if (!e)
		e = put_stacks(&w, r);
	drvmem_json__end_object(&w);
	return e;
}

int drvmem_html__data(const struct drvmem_htmlreport *r, FILE *out)
{
	return drvmem_html__block(put_document, r, out);
}
