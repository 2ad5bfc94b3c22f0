// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/advice.h"

#include "render/session_json.h"
#include "render/where.h"

static void put_bytes(struct drvmem_json *w, const char *key, const struct drvmem_advice_bytes *b)
{
	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "low", b->low);
	drvmem_json__kv_u64(w, "likely", b->likely);
	drvmem_json__kv_u64(w, "high", b->high);
	drvmem_json__end_object(w);
}

static void put_values(struct drvmem_json *w, const struct drvmem_advice_finding *f, bool thresholds)
{
	uint32_t i;

	drvmem_json__key(w, thresholds ? "thresholds" : "measured");
	drvmem_json__begin_array(w);
	for (i = 0; i < f->nr_values; i++) {
		if (f->value[i].threshold != thresholds)
			continue;
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "name", f->value[i].name);
		drvmem_json__kv_str(w, "unit", drvmem_advice_unit_name(f->value[i].unit));
		drvmem_json__kv_double(w, "value", f->value[i].v);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

static void put_saving(struct drvmem_json *w, const struct drvmem_advice_finding *f)
{
	if (!f->has_saving) {
		drvmem_json__kv_missing(w, "saving", "not of bytes");
		return;
	}
	drvmem_json__key(w, "saving");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "bytes_at_peak", drvmem_advice__saved(f));
	drvmem_json__kv_u64(w, "held_now", f->held_now);
	drvmem_json__kv_u64(w, "held_peak", f->held_peak);
	put_bytes(w, "then_now", &f->then_now);
	put_bytes(w, "then_peak", &f->then_peak);
	drvmem_json__end_object(w);
}

static void put_finding(struct drvmem_json *w, const struct drvmem_advised *d, const struct drvmem_advice_finding *f)
{
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "rule", f->rule->id);
	drvmem_json__kv_str(w, "title", f->rule->title);
	drvmem_json__kv_str(w, "since", f->rule->since);
	drvmem_json__kv_str(w, "severity", drvmem_level_name(f->severity));
	drvmem_json__kv_str(w, "confidence", drvmem_level_name(f->confidence));
	drvmem_json__kv_str(w, "doubt", f->doubt);
	drvmem_json__kv_str(w, "owner", drvmem_advised__owner(d, f));
	drvmem_json__kv_str(w, "about", f->subject == DRVMEM_ADVICE_SITE ? "site" : "pool");
	drvmem_json__kv_str(w, "subject", drvmem_advised__subject(d, f));
	if (f->subject == DRVMEM_ADVICE_SITE)
		drvmem_json__lines(w, d->v, d->v->places, f->index);
	drvmem_json__kv_str(w, "second", drvmem_advised__second(d, f));
	drvmem_json__kv_str(w, "kind", drvmem_advised__kind(d, f));
	drvmem_json__kv_str(w, "why", f->why);
	put_saving(w, f);
	drvmem_json__kv_str(w, "action", f->action);
	drvmem_json__kv_str(w, "risk", f->risk);
	put_values(w, f, false);
	put_values(w, f, true);
	drvmem_json__end_object(w);
}

static void put_sizes(struct drvmem_json *w, const struct drvmem_snapshot *s, const struct drvmem_usage_site *t)
{
	const struct drvmem_usage *u = s->usage;
	uint32_t i;

	drvmem_json__key(w, "sizes");
	drvmem_json__begin_array(w);
	for (i = 0; i < t->nr_sizes; i++) {
		const struct drvmem_usage_size *z = &u->sizes[t->first_size + i];

		drvmem_json__begin_object(w);
		drvmem_json__kv_u64(w, "bytes", z->bytes);
		drvmem_json__kv_u64(w, "allocs", z->allocs);
		drvmem_json__kv_i64(w, "live", z->live);
		if (s->meta.peak_exact)
			drvmem_json__kv_u64(w, "peak", z->peak);
		else
			drvmem_json__kv_missing(w, "peak", "not exact on this kernel");
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
	drvmem_json__kv_u64(w, "allocs_without_size", t->unsized);
}

/* What the advice was drawn from: so that others can check it, and drvmem advise --simulate can use it. */
static void put_site(struct drvmem_json *w, const struct drvmem_advised *d, uint32_t site)
{
	const struct drvmem_snapshot *s = d->v->s;
	const struct drvmem_sitesnap *t = &s->sites[site];
	const struct drvmem_usage_site *u = &s->usage->site[site];
	uint32_t i, last = DRVMEM_LIFE_BUCKETS;

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "owner", d->v->owner_name[t->owner]);
	drvmem_json__kv_str(w, "site", t->site);
	drvmem_json__kv_str(w, "allocator", drvmem_allocator_name(t->allocator));
	drvmem_json__kv_str(w, "cache", s->caches[t->cache].name);
	drvmem_json__kv_u64(w, "allocs", t->c.allocs);
	drvmem_json__kv_u64(w, "frees", t->c.frees);
	drvmem_json__kv_u64(w, "failures", t->c.failures);
	drvmem_json__kv_i64(w, "live_objects", t->c.live_objects);
	if (u->peak)
		drvmem_json__kv_u64(w, "peak_objects", u->peak);
	else
		drvmem_json__kv_missing(w, "peak_objects", "not exact on this kernel");
	put_sizes(w, s, u);
	while (last && !t->c.life_hist[last - 1])
		last--;
	drvmem_json__key(w, "life_log2_jiffies");
	drvmem_json__begin_array(w);
	for (i = 0; i < last; i++)
		drvmem_json__u64(w, t->c.life_hist[i]);
	drvmem_json__end_array(w);
	drvmem_json__kv_u64(w, "may_wait", u->waited);
	drvmem_json__kv_u64(w, "may_not_wait", u->atomic);
	drvmem_json__kv_u64(w, "may_not_wait_failed", u->failed_atomic);
	drvmem_json__kv_u64(w, "for_processes_unaccounted", u->by_user);
	drvmem_json__end_object(w);
}

static void put_modules(struct drvmem_json *w, const struct drvmem_advised *d)
{
	static const char not_seen[] = "that moment was not seen";
	uint32_t i;

	drvmem_json__key(w, "modules");
	drvmem_json__begin_array(w);
	for (i = 0; i < d->v->nr_owners; i++) {
		uint16_t owner = d->v->owners[i].owner;

		if (!drvmem_phases__has(d->phases, owner))
			continue;
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "name", d->v->owner_name[owner]);
		drvmem_json__maybe(w, "init_bytes", d->phases->v[owner].init_bytes, not_seen);
		drvmem_json__maybe(w, "steady_bytes", d->phases->v[owner].steady_bytes, not_seen);
		drvmem_json__maybe(w, "peak_bytes", d->v->s->instances[owner].peak_bytes, NULL);
		drvmem_json__maybe(w, "after_bytes", d->phases->v[owner].after_bytes, not_seen);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

void drvmem_json__advice(const struct drvmem_advised *d, FILE *out)
{
	const struct drvmem_scope *v = d->v;
	struct drvmem_json w;
	uint32_t i;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__session(&w, v);
	drvmem_json__debug_files(&w, v->places);
	drvmem_json__kv_bool(&w, "too_short", d->a->too_short);
	drvmem_json__kv_u64(&w, "min_time_ns", d->o->min_time_ns);
	drvmem_json__kv_u64(&w, "rules_asked", d->a->rules);
	drvmem_json__kv_u64(&w, "sites_asked", d->a->sites);
	drvmem_json__kv_u64(&w, "pools_asked", d->a->pools);
	drvmem_json__kv_u64(&w, "kernel_sites_not_asked", d->a->skipped_kernel);
	drvmem_json__kv_u64(&w, "saved_bytes", d->saved);
	drvmem_json__key(&w, "findings");
	drvmem_json__begin_array(&w);
	for (i = 0; i < d->a->n; i++)
		put_finding(&w, d, &d->a->v[i]);
	drvmem_json__end_array(&w);
	put_modules(&w, d);
	drvmem_json__key(&w, "sites");
	drvmem_json__begin_array(&w);
	for (i = 0; i < v->nr_kept && v->s->usage; i++)
		if (v->s->sites[v->by_owner[i]].c.allocs)
			put_site(&w, d, v->by_owner[i]);
	drvmem_json__end_array(&w);
	drvmem_json__end_object(&w);
	putc('\n', out);
}
