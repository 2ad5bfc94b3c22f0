// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/session_json.h"

#include "render/baseline.h"
#include "render/json.h"
#include "view/epochs.h"

const char *drvmem_json__reason(enum drvmem_avail st)
{
	switch (st) {
	case DRVMEM_DENIED:
		return "permission denied";
	case DRVMEM_LOST:
		return "lost";
	case DRVMEM_OK:
	case DRVMEM_ABSENT:
		break;
	}
	return "not available on this kernel";
}

void drvmem_json__maybe(struct drvmem_json *w, const char *key, struct drvmem_u64 v, const char *why)
{
	if (v.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, key, v.v);
	else
		drvmem_json__kv_missing(w, key, v.st == DRVMEM_ABSENT && why ? why : drvmem_json__reason(v.st));
}

double drvmem_json__seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

double drvmem_json__unix_time(const struct drvmem_meta *m, uint64_t when_ns)
{
	return (double)m->taken_unix - ((double)m->taken_ns - (double)when_ns) / 1e9;
}

static void put_table(struct drvmem_json *w, const struct drvmem_meta *m)
{
	drvmem_json__key(w, "table");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "kind", m->table_kind);
	drvmem_json__kv_u64(w, "slots", m->table_slots);
	drvmem_json__kv_u64(w, "live", m->table_live);
	drvmem_json__end_object(w);
}

static void put_sizes(struct drvmem_json *w, const struct drvmem_meta *m)
{
	drvmem_json__kv_u64(w, "min_size", m->min_size);
	if (m->max_size == UINT64_MAX)
		drvmem_json__kv_missing(w, "max_size", "no upper limit was set");
	else
		drvmem_json__kv_u64(w, "max_size", m->max_size);
}

/* The times of one way to count each, in their order. */
static void put_sampling(struct drvmem_json *w, const struct drvmem_meta *m)
{
	uint32_t i;

	drvmem_json__kv_bool(w, "sampled", m->sampled);
	if (!m->sampled)
		return;
	drvmem_json__key(w, "epochs");
	drvmem_json__begin_array(w);
	for (i = 0; i < DRVMEM_EPOCHS; i++) {
		if (!drvmem_epochs__has(m, i))
			continue;
		drvmem_json__begin_object(w);
		drvmem_json__kv_double(w, "since", drvmem_json__unix_time(m, m->epoch[i].since_ns));
		drvmem_json__kv_u64(w, "sample_bytes", m->epoch[i].sample_bytes);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

static void put_meta(struct drvmem_json *w, const struct drvmem_scope *v)
{
	const struct drvmem_meta *m = &v->s->meta;
	uint64_t period = m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0;
	uint32_t i;

	drvmem_json__key(w, "meta");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "version", m->version);
	drvmem_json__kv_str(w, "kernel", m->kernel);
	drvmem_json__kv_str(w, "arch", m->arch);
	drvmem_json__kv_str(w, "hostname", m->hostname);
	drvmem_json__kv_double(w, "duration_s", drvmem_json__seconds(period));
	drvmem_json__kv_double(w, "interval_s", drvmem_json__seconds(v->delta->interval_ns));
	drvmem_json__kv_double(w, "started_at", drvmem_json__unix_time(m, m->started_ns));
	drvmem_json__kv_double(w, "taken_at", (double)m->taken_unix);
	drvmem_json__kv_str(w, "owner_policy", drvmem_owner_policy_name(m->owner_policy));
	drvmem_json__kv_u64(w, "page_size", m->page_size);
	drvmem_json__kv_u64(w, "hz", m->hz);
	drvmem_json__kv_u64(w, "nr_cpus", m->nr_cpus);
	put_sizes(w, m);
	drvmem_json__kv_u64(w, "map_bytes", m->map_bytes);
	put_table(w, m);
	drvmem_json__kv_bool(w, "modules_supported", m->modules_supported);
	drvmem_json__kv_bool(w, "symbols_hidden", m->symbols_hidden);
	drvmem_json__kv_bool(w, "frees_rcu_seen", m->frees_rcu_seen);
	drvmem_json__kv_bool(w, "frees_bulk_seen", m->frees_bulk_seen);
	drvmem_json__kv_bool(w, "allocs_bulk_seen", m->allocs_bulk_seen);
	drvmem_json__kv_bool(w, "peak_exact", m->peak_exact);
	drvmem_json__kv_bool(w, "full_stacks", m->full_stacks);
	put_sampling(w, m);
	drvmem_json__kv_bool(w, "owners_only", m->only);
	drvmem_json__key(w, "not_seen");
	drvmem_json__begin_array(w);
	for (i = 0; i < m->nr_notes && i < sizeof(m->notes) / sizeof(m->notes[0]); i++)
		drvmem_json__str(w, m->notes[i]);
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
}

static void put_loss(struct drvmem_json *w, const struct drvmem_loss *l, bool unmatched_known)
{
	drvmem_json__key(w, "loss");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "total", drvmem_loss__total(l));
	drvmem_json__kv_double(w, "ppm", drvmem_loss__ppm(l));
	drvmem_json__kv_u64(w, "events", l->events);
	drvmem_json__maybe(w, "recursion_misses", l->recursion_misses, "this kernel does not count them");
	drvmem_json__kv_u64(w, "made_up", l->made_up);
	drvmem_json__kv_u64(w, "nest_refused", l->nest_refused);
	drvmem_json__kv_u64(w, "table_full", l->table_full);
	drvmem_json__kv_u64(w, "stack_missing", l->stack_missing);
	drvmem_json__kv_u64(w, "insert_failed", l->insert_failed);
	drvmem_json__kv_u64(w, "bulk_truncated", l->bulk_truncated);
	drvmem_json__kv_u64(w, "maps_cut", l->maps_cut);
	drvmem_json__kv_u64(w, "site_full", l->site_full);
	drvmem_json__kv_u64(w, "class_full", l->class_full);
	drvmem_json__kv_u64(w, "module_full", l->module_full);
	drvmem_json__kv_u64(w, "stack_truncated", l->stack_truncated);
	drvmem_json__kv_u64(w, "stack_full", l->stack_full);
	drvmem_json__end_object(w);
	if (!unmatched_known)
		drvmem_json__kv_missing(w, "unmatched_frees",
					"not told from frees of objects that are not tracked");
	else
		drvmem_json__kv_u64(w, "unmatched_frees", l->unmatched_frees);
	drvmem_json__kv_u64(w, "inferred_frees", l->inferred_frees);
	drvmem_json__kv_u64(w, "small_frees", l->small_frees);
	drvmem_json__kv_u64(w, "rcu_pending_evicted", l->pending_evicted);
}

/* What is left of caches that were destroyed. */
static void put_destroyed(struct drvmem_json *w, const struct drvmem_scope *v)
{
	drvmem_json__key(w, "destroyed_caches");
	drvmem_json__begin_object(w);
	drvmem_json__kv_i64(w, "live_objects", v->destroyed_objects);
	drvmem_json__kv_i64(w, "live_bytes", v->destroyed_bytes);
	drvmem_json__end_object(w);
}

static void put_walks(struct drvmem_json *w, const struct drvmem_walks *k)
{
	drvmem_json__key(w, "stack_walks");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "by", k->own ? "orc" : "kernel");
	if (!k->own)
		drvmem_json__kv_str(w, "why", k->why ? k->why : "");
	drvmem_json__kv_u64(w, "walked", k->n);
	drvmem_json__kv_u64(w, "fallback", k->fallback);
	drvmem_json__kv_u64(w, "checked", k->checked);
	drvmem_json__kv_u64(w, "uncomparable", k->untold);
	drvmem_json__kv_u64(w, "mismatch", k->mismatch);
	drvmem_json__kv_u64(w, "rare_by_kernel", k->rare);
	drvmem_json__end_object(w);
}

static void put_cost(struct drvmem_json *w, const struct drvmem_snapshot *s)
{
	const struct drvmem_own_cost *c = &s->cost;

	if (!c->why)
		return;
	if (c->why[0]) {
		drvmem_json__kv_missing(w, "own_cost", c->why);
		return;
	}
	drvmem_json__key(w, "own_cost");
	drvmem_json__begin_object(w);
	drvmem_json__kv_double(w, "ns_per_event", drvmem_own_cost__per_run(c));
	drvmem_json__kv_u64(w, "measured_runs", c->runs);
	if (c->span_ns) {
		drvmem_json__kv_u64(w, "measured_events", c->events);
		drvmem_json__kv_double(w, "measured_s", (double)c->span_ns / 1e9);
	}
	drvmem_json__kv_double(w, "cpu_s", drvmem_own_cost__of(s) / 1e9);
	drvmem_json__end_object(w);
}

static void put_frames(struct drvmem_json *w, const struct drvmem_stacksnap *k)
{
	uint32_t i;

	drvmem_json__begin_array(w);
	for (i = 0; k && i < k->nr; i++)
		drvmem_json__str(w, k->frame[i]);
	drvmem_json__end_array(w);
}

void drvmem_json__stacks(struct drvmem_json *w, const struct drvmem_scope *v, uint32_t site)
{
	const struct drvmem_stacksnap *k;
	uint32_t first, nr, i;

	drvmem_scope__stacks(v, site, &first, &nr);
	k = nr ? &v->s->stacks[v->stacks[first]] : NULL;
	drvmem_json__key(w, "stack");
	put_frames(w, k);
	drvmem_json__kv_u64(w, "stack_samples", k ? k->count : 0);
	drvmem_json__key(w, "more_stacks");
	drvmem_json__begin_array(w);
	for (i = 1; i < nr; i++) {
		k = &v->s->stacks[v->stacks[first + i]];
		drvmem_json__begin_object(w);
		drvmem_json__kv_u64(w, "samples", k->count);
		drvmem_json__key(w, "frames");
		put_frames(w, k);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

void drvmem_json__session(struct drvmem_json *w, const struct drvmem_scope *v)
{
	drvmem_json__kv_u64(w, "schema_version", DRVMEM_JSON_SCHEMA_VERSION);
	put_meta(w, v);
	put_loss(w, &v->s->loss, !v->s->meta.sampled && !v->s->meta.only);
	put_destroyed(w, v);
	put_walks(w, &v->s->walks);
	put_cost(w, v->s);
	drvmem_json__baseline(w, v->s->baseline);
}
