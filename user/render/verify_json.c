// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "base/strbuf.h"
#include "render/checks.h"
#include "render/reach.h"
#include "render/session_json.h"
#include "render/verify.h"

#define NOT_TRACED	"not seen here, or not told by device"

static void put_when(struct drvmem_json *w, const struct drvmem_meta *m, const char *key, uint64_t when_ns,
		     const char *why)
{
	if (when_ns)
		drvmem_json__kv_double(w, key, drvmem_json__unix_time(m, when_ns));
	else
		drvmem_json__kv_missing(w, key, why);
}

static void put_sum(struct drvmem_json *w, const char *key, const struct drvmem_verify_sum *m)
{
	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "objects", m->objects);
	drvmem_json__kv_u64(w, "bytes", m->bytes);
	drvmem_json__kv_u64(w, "mappings", m->mappings);
	drvmem_json__kv_u64(w, "mapped_bytes", m->mapped_bytes);
	drvmem_json__end_object(w);
}

static void put_kind(struct drvmem_json *w, const struct drvmem_verify_kind *n, bool mapping)
{
	static const char no_failures[] = "their failures have no event";
	struct drvmem_u64 attempted = n->failed;

	attempted.v += n->succeeded;
	drvmem_json__maybe(w, "attempted", attempted, no_failures);
	drvmem_json__kv_u64(w, "succeeded", n->succeeded);
	drvmem_json__maybe(w, "failed", n->failed, no_failures);
	if (n->not_tracked.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, "not_tracked", n->not_tracked.v);
	else
		drvmem_json__kv_missing(w, "not_tracked", "events were lost, whose and of which kind is not known");
	drvmem_json__kv_i64(w, "live_objects", n->live_objects);
	drvmem_json__kv_i64(w, "live_bytes", n->live_bytes);
	drvmem_json__maybe(w, "peak_objects", n->peak_objects, "no look saw any");
	if (n->peak_objects.st == DRVMEM_OK)
		drvmem_json__kv_bool(w, "peak_objects_sampled", !n->peak_objects_exact);
	drvmem_json__maybe(w, "peak_bytes", n->peak_bytes, "no look saw any");
	if (n->peak_bytes.st == DRVMEM_OK)
		drvmem_json__kv_bool(w, "peak_sampled", !n->peak_bytes_exact);
	if (mapping)
		drvmem_json__kv_u64(w, "size_mismatches", n->mismatched);
}

static void put_kinds(struct drvmem_json *w, const struct drvmem_verify_subject *u)
{
	uint16_t i;

	drvmem_json__key(w, "kinds");
	drvmem_json__begin_object(w);
	for (i = 0; i < DRVMEM_NR_USES; i++) {
		if (!u->kind[i].traced) {
			drvmem_json__kv_missing(w, drvmem_allocator_name(i), NOT_TRACED);
			continue;
		}
		drvmem_json__key(w, drvmem_allocator_name(i));
		drvmem_json__begin_object(w);
		put_kind(w, &u->kind[i], DRVMEM_IS_MAPPING(i));
		drvmem_json__end_object(w);
	}
	drvmem_json__end_object(w);
}

static void put_leftover(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_leftover *l,
			 bool looked)
{
	const struct drvmem_sitesnap *t = &v->s->sites[l->site];
	const struct drvmem_cache *c = &v->s->caches[t->cache];

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "class", drvmem_leftover__name(l->class));
	drvmem_json__kv_str(w, "custody", l->custody ? drvmem_custody__name(l->custody) : NULL);
	drvmem_json__kv_str(w, "site", t->site);
	drvmem_json__kv_str(w, "module", t->module);
	drvmem_json__kv_str(w, "kind", drvmem_allocator_name(t->allocator));
	drvmem_json__kv_str(w, t->allocator == DRVMEM_MAP_DMA ? "device" : "cache", c->name);
	drvmem_json__kv_bool(w, "cache_destroyed", c->destroyed);
	drvmem_json__kv_u64(w, "objects", l->objects);
	drvmem_json__kv_u64(w, "bytes", l->bytes);
	drvmem_json__kv_u64(w, "oldest_ns", l->oldest_ns);
	drvmem_json__kv_bool(w, "upper_bound", l->unseen);
	if (looked) {
		drvmem_json__kv_u64(w, "lost", l->lost);
		drvmem_json__kv_str(w, "holder", l->holder);
		drvmem_json__kv_u64(w, "holder_objects", l->holder_objects);
	}
	drvmem_json__stacks(w, v, l->site);
	drvmem_json__end_object(w);
}

/* Of a module: which load of it. */
static void put_identity(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_verify *k,
			 const struct drvmem_verify_subject *u)
{
	const struct drvmem_instance *i = u->instance < v->s->nr_instances ? &v->s->instances[u->instance] : NULL;

	drvmem_json__kv_str(w, "name", drvmem_verify__name(v, k, u));
	drvmem_json__kv_str(w, "module", i ? i->name : NULL);
	if (i)
		drvmem_json__kv_u64(w, "load_seq", i->load_seq);
	else
		drvmem_json__kv_missing(w, "load_seq", "no module that was seen");
	if (i && i->build_id[0])
		drvmem_json__kv_str(w, "build_id", i->build_id);
	else
		drvmem_json__kv_missing(w, "build_id", "not known");
	put_when(w, &v->s->meta, "begun_at", u->begun_ns, "before the session, when is not known");
	put_when(w, &v->s->meta, "ended_at", u->ended_ns, u->device ? "not unbound" : "not unloaded");
	drvmem_json__kv_str(w, "covered", u->against & DRVMEM_VERIFY_BEFORE ? "session" : u->device ? "bind" : "load");
	drvmem_json__kv_double(w, "covered_since", drvmem_json__unix_time(&v->s->meta,
			       u->against & DRVMEM_VERIFY_BEFORE ? v->s->meta.started_ns : u->begun_ns));
}

static void put_against(struct drvmem_json *w, uint32_t against)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
		{ DRVMEM_VERIFY_LOST, "lost frees" },	{ DRVMEM_VERIFY_UNSEEN, "unseen frees" },
		{ DRVMEM_VERIFY_GRACE, "grace cut" },	{ DRVMEM_VERIFY_BEFORE, "begun before" },
		{ DRVMEM_VERIFY_HELD, "module loaded" }, { DRVMEM_VERIFY_OTHERS, "other devices" },
		{ DRVMEM_VERIFY_BUILTIN, "driver built in" },
	};
	size_t i;

	drvmem_json__key(w, "against");
	drvmem_json__begin_array(w);
	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (against & bits[i].bit)
			drvmem_json__str(w, bits[i].name);
	drvmem_json__end_array(w);
}

static int put_subject(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_verify *k,
		       const struct drvmem_verify_subject *u)
{
	_cleanup_strbuf_ struct drvmem_strbuf why = { 0 };
	uint32_t i;

	drvmem_verify__why(k, u, &why);
	if (drvmem_strbuf__error(&why))
		return -ENOMEM;
	drvmem_json__begin_object(w);
	put_identity(w, v, k, u);
	drvmem_json__kv_str(w, "verdict", drvmem_verify_verdict__name(u->verdict, u->device));
	drvmem_json__kv_str(w, "why", drvmem_strbuf__str(&why));
	put_against(w, u->against);
	drvmem_json__kv_bool(w, "in_total", u->asked);
	drvmem_json__kv_u64(w, "settled_ns", u->settled_ns);
	put_sum(w, "left", &u->leak);
	drvmem_json__kv_u64(w, "left_at_least", u->sure);
	put_sum(w, "held", &u->held);
	put_sum(w, "in_custody", &u->custody);
	drvmem_json__kv_i64(w, "live_objects", u->live_objects);
	drvmem_json__kv_i64(w, "live_bytes", u->live_bytes);
	drvmem_json__kv_i64(w, "mappings", u->live_mappings);
	drvmem_json__kv_i64(w, "mapped_bytes", u->mapped_bytes);
	drvmem_json__kv_i64(w, "rcu_pending", u->rcu_pending);
	drvmem_json__kv_i64(w, "rcu_pending_bytes", u->rcu_pending_bytes);
	drvmem_json__maybe(w, "peak_bytes", u->peak_bytes, u->device ? "no counter of a device" :
			   "this kernel keeps no peak");
	if (u->peak_bytes.st == DRVMEM_OK)
		drvmem_json__kv_bool(w, "peak_sampled", !v->s->meta.peak_exact);
	put_kinds(w, u);
	drvmem_json__key(w, "leftovers");
	drvmem_json__begin_array(w);
	for (i = 0; i < u->nr_sites; i++)
		put_leftover(w, v, &k->leftover[u->first_site + i], k->verdicts && k->verdicts->reader);
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
	return 0;
}

static void put_scan(struct drvmem_json *w, const struct drvmem_verify *k)
{
	const struct drvmem_verdicts *d = k->verdicts;

	if (!d || !d->reader) {
		drvmem_json__kv_missing(w, "reach", d && d->why_not ? d->why_not :
					!k->nr_leftovers ? "no load left anything" : "not asked for");
		return;
	}
	drvmem_json__key(w, "reach");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "lost", k->lost);
	drvmem_json__scan(w, d);
	drvmem_json__end_object(w);
}

int drvmem_json__verify(const struct drvmem_scope *v, const struct drvmem_verify *k, FILE *out)
{
	struct drvmem_json w;
	uint32_t i;
	int e = 0;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__session(&w, v);
	drvmem_json__kv_str(&w, "module", k->module);
	drvmem_json__kv_str(&w, "device", k->device ? k->device->name : NULL);
	drvmem_json__kv_str(&w, "driver", k->device && k->device->driver[0] ? k->device->driver : NULL);
	drvmem_json__kv_str(&w, "verdict", drvmem_verify_verdict__name(k->verdict, k->device != NULL));
	drvmem_json__kv_u64(&w, "grace_ns", k->grace_ns);
	drvmem_json__kv_u64(&w, "lost_frees", k->lost_frees);
	drvmem_json__kv_u64(&w, "left_at_least", k->sure);
	drvmem_json__checks(&w, k);
	put_scan(&w, k);
	drvmem_json__key(&w, "instances");
	drvmem_json__begin_array(&w);
	for (i = 0; i < k->nr_subjects && !e; i++)
		e = put_subject(&w, v, k, &k->subject[i]);
	drvmem_json__end_array(&w);
	drvmem_json__end_object(&w);
	putc('\n', out);
	return e;
}
