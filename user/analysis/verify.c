// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/reach.h"
#include "base/glob.h"

/* Whose a site is. */
enum member {
	MEMBER_NONE = 0,
	MEMBER_OWN,
	MEMBER_MODULE,	/* of a device: its module's memory */
};

struct build {
	const struct drvmem_snapshot *s;
	const struct drvmem_verify_opts *o;
	struct drvmem_verify *v;
	uint64_t tick_ns;	/* by so much an age may be off */
	uint64_t low_peak[DRVMEM_NR_USES], high_peak[DRVMEM_NR_USES];	/* bounds, of the subject at hand */
	bool high_known[DRVMEM_NR_USES];
};

uint64_t drvmem_loss__frees(const struct drvmem_loss *l)
{
	uint64_t n = l->nest_refused + l->bulk_truncated;

	/* a program that is passed over may have been one of an allocation: then there is no object */
	return l->recursion_misses.st == DRVMEM_OK ? n + l->recursion_misses.v : n;
}

/* Modules are known from a moment before the session on: one that was gone by then is not covered at all. */
static bool matches(const struct drvmem_snapshot *s, const struct drvmem_verify_opts *o,
		    const struct drvmem_instance *i)
{
	if (i->unloaded && i->unloaded_ns && i->unloaded_ns <= s->meta.started_ns)
		return false;
	return i->type == DRVMEM_OWNER_MODULE && i->name && drvmem_glob__match_module(o->module, i->name);
}

/* 0 = at a time that is not known. */
static bool is_before(const struct drvmem_snapshot *s, uint64_t begun_ns)
{
	return begun_ns < s->meta.started_ns;
}

/* Is the memory of the device's module the device's? */
static bool module_is_told(const struct drvmem_verify_device *d)
{
	return d->module[0] && strcmp(d->module, "kernel") && !d->others;
}

/* The instance of the device's module that came last. */
static uint32_t module_of(const struct drvmem_snapshot *s, const struct drvmem_verify_device *d)
{
	uint32_t i;

	for (i = s->nr_instances; i-- > 0;)
		if (s->instances[i].type == DRVMEM_OWNER_MODULE && s->instances[i].name &&
		    drvmem_glob__match_module(d->module, s->instances[i].name))
			return i;
	return DRVMEM_MOD_UNSET;
}

static enum member member_of(const struct drvmem_snapshot *s, const struct drvmem_verify_opts *o,
			     uint32_t instance, const struct drvmem_sitesnap *t)
{
	bool dma = t->allocator == DRVMEM_ALLOC_DMA || t->allocator == DRVMEM_MAP_DMA;

	if (!o->device)
		return t->owner == instance ? MEMBER_OWN : MEMBER_NONE;
	if (dma)
		return drvmem_site_is_of(s, t, o->device->name) ? MEMBER_OWN : MEMBER_NONE;
	return instance != DRVMEM_MOD_UNSET && t->owner == instance && module_is_told(o->device) ?
		MEMBER_MODULE : MEMBER_NONE;
}

/* Was it taken before the end, and, of a device's module, for the device? */
static bool is_of_life(const struct build *b, const struct drvmem_object *o, enum member m)
{
	const struct drvmem_verify_device *d = b->o->device;
	uint64_t born = b->s->meta.taken_ns > o->age_ns ? b->s->meta.taken_ns - o->age_ns : 0;

	if (o->flags & DRVMEM_F_RCU_PENDING)
		return false;
	if (!d)
		return true;
	if (d->again && born + b->tick_ns > d->unbound_ns)
		return false;
	return m == MEMBER_OWN || born + b->tick_ns >= d->bound_ns;
}

static bool is_unseen(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t)
{
	const struct drvmem_cache *c = &s->caches[t->cache];

	return c->upper_bound || (t->allocator == DRVMEM_MAP_DMA && s->meta.maps_upper);
}

/* A module that is gone holds nothing. */
static bool is_held(const struct build *b, const struct drvmem_verify_subject *k, enum member m)
{
	return m == MEMBER_MODULE && !b->s->instances[k->instance].unloaded;
}

/* What the scan said of an object: DRVMEM_REACH_UNKNOWN where nobody looked. */
static enum drvmem_reach_class reach_of(const struct build *b, uint32_t object)
{
	const struct drvmem_verdicts *d = b->o->verdicts;

	return d && d->reader && d->asked[object] != UINT32_MAX ?
		(enum drvmem_reach_class)d->v[d->asked[object]].class : DRVMEM_REACH_UNKNOWN;
}

enum which { LEFT_ALL, LEFT_LOST, LEFT_NOT_LOST };

/* What a scan found to be free was freed unseen. */
static bool is_left(const struct build *b, uint32_t object, enum member m, enum which which)
{
	enum drvmem_reach_class class = reach_of(b, object);

	return is_of_life(b, &b->s->objects[object], m) && class != DRVMEM_REACH_FREED &&
	       (which == LEFT_ALL || (class >= DRVMEM_REACH_INDIRECTLY_LOST) == (which == LEFT_LOST));
}

static void count_left(struct build *b, const struct drvmem_sitesnap *t, enum member m, enum which which,
		       struct drvmem_leftover *l)
{
	struct drvmem_holder_vote vote = { 0 };
	uint32_t i, at;

	for (i = 0; i < t->nr_objects; i++) {
		at = t->first_object + i;
		if (!is_left(b, at, m, which))
			continue;
		b->v->left[b->v->nr_left++] = at;
		l->objects++;
		l->bytes += b->s->objects[at].asked;
		l->lost += reach_of(b, at) >= DRVMEM_REACH_INDIRECTLY_LOST;
		l->held += reach_of(b, at) == DRVMEM_REACH_REACHABLE;
		if (b->s->objects[at].age_ns > l->oldest_ns)
			l->oldest_ns = b->s->objects[at].age_ns;
		drvmem_holder_vote__add(&vote, drvmem_verdicts__holder(b->o->verdicts, at));
	}
	for (i = l->first; i < b->v->nr_left; i++)
		drvmem_holder_vote__count(&vote, drvmem_verdicts__holder(b->o->verdicts, b->v->left[i]));
	l->holder = vote.name;
	l->holder_objects = vote.objects;
}

static void add_row(struct build *b, struct drvmem_verify_subject *k, uint32_t site, enum member m,
		    enum drvmem_custody custody, enum which which)
{
	const struct drvmem_sitesnap *t = &b->s->sites[site];
	struct drvmem_leftover l = { .site = site, .unseen = is_unseen(b->s, t), .custody = custody,
				     .first = b->v->nr_left };
	struct drvmem_verify_sum *sum;

	count_left(b, t, m, which, &l);
	if (!l.objects)
		return;
	l.class = l.custody ? DRVMEM_LEFTOVER_CUSTODY :
		  is_held(b, k, m) ? DRVMEM_LEFTOVER_HELD : DRVMEM_LEFTOVER_LEAK;
	sum = l.class == DRVMEM_LEFTOVER_CUSTODY ? &k->custody :
	      l.class == DRVMEM_LEFTOVER_HELD ? &k->held : &k->leak;
	if (DRVMEM_IS_MAPPING(t->allocator)) {
		sum->mappings += l.objects;
		sum->mapped_bytes += l.bytes;
	} else {
		sum->objects += l.objects;
		sum->bytes += l.bytes;
	}
	if (l.class == DRVMEM_LEFTOVER_LEAK)
		k->lost += l.lost;
	b->v->leftover[b->v->nr_leftovers++] = l;
	k->nr_sites++;
}

/* What others may hold, and nobody does, is in nobody's custody. */
static void add_left(struct build *b, struct drvmem_verify_subject *k, uint32_t site, enum member m)
{
	enum drvmem_custody custody = drvmem_custody_of(b->s, &b->s->sites[site]);

	add_row(b, k, site, m, custody, custody ? LEFT_NOT_LOST : LEFT_ALL);
	if (custody)
		add_row(b, k, site, m, DRVMEM_CUSTODY_NONE, LEFT_LOST);
}

static void add_counts(struct build *b, struct drvmem_verify_subject *k, const struct drvmem_sitesnap *t)
{
	struct drvmem_verify_kind *kind = &k->kind[t->allocator];

	kind->succeeded += t->c.allocs;
	kind->failed.v += t->c.failures;
	kind->live_objects += t->c.live_objects;
	kind->live_bytes += t->c.live_bytes;
	kind->mismatched += t->c.mismatched;
	k->rcu_pending += t->c.rcu_pending;
	k->rcu_pending_bytes += t->c.rcu_pending_bytes;
	if (DRVMEM_IS_MAPPING(t->allocator)) {
		k->live_mappings += t->c.live_objects;
		k->mapped_bytes += t->c.live_bytes;
	} else {
		k->live_objects += t->c.live_objects;
		k->live_bytes += t->c.live_bytes;
	}
	if (t->peak_bytes.st != DRVMEM_OK || t->peak_sampled)
		b->high_known[t->allocator] = false;
	if (t->peak_bytes.st != DRVMEM_OK)
		return;
	/* one site's peak is reached by the kind, and the kind's is not above their sum */
	if (t->peak_bytes.v > b->low_peak[t->allocator])
		b->low_peak[t->allocator] = t->peak_bytes.v;
	b->high_peak[t->allocator] += t->peak_bytes.v;
}

static uint64_t max3(uint64_t a, uint64_t b, int64_t c)
{
	if (b > a)
		a = b;
	return c > 0 && (uint64_t)c > a ? (uint64_t)c : a;
}

/*
 * Nothing counts the most of a kind: it is at least what any look saw, what is live now, and the
 * exact peak of any site; at most the sum of these, and the owner's. Where both agree it is known.
 */
static void judge_peak(struct build *b, struct drvmem_verify_subject *k, uint32_t no,
		       const struct drvmem_peak *seen)
{
	struct drvmem_verify_kind *kind = &k->kind[no];
	uint64_t objects = max3(seen->objects, 0, kind->live_objects);
	uint64_t bytes = max3(seen->bytes, b->low_peak[no], kind->live_bytes), high = b->high_peak[no];
	bool owner = !DRVMEM_IS_MAPPING(no) && k->peak_bytes.st == DRVMEM_OK && b->s->meta.peak_exact;

	if (owner && (!b->high_known[no] || k->peak_bytes.v < high))
		high = k->peak_bytes.v;
	kind->peak_bytes_exact = !kind->succeeded || ((owner || b->high_known[no]) && bytes == high);
	kind->peak_objects_exact = objects == kind->succeeded;
	kind->peak_bytes = kind->peak_objects = (struct drvmem_u64){ 0, DRVMEM_ABSENT };
	if (bytes || kind->peak_bytes_exact)
		kind->peak_bytes = drvmem_some(bytes);
	if (objects || kind->peak_objects_exact)
		kind->peak_objects = drvmem_some(objects);
}

static const struct drvmem_peak *peak_seen(const struct build *b, const struct drvmem_verify_subject *k,
					   uint32_t kind)
{
	static const struct drvmem_peak none;
	const struct drvmem_peaks *p = b->o->peaks;

	if (!p)
		return &none;
	if (k->device && (kind == DRVMEM_ALLOC_DMA || kind == DRVMEM_MAP_DMA))
		return &p->of_device[kind];
	return k->instance < p->nr ? &p->of_owner[k->instance][kind] : &none;
}

/* Kinds that nobody sees here have no figures; vmap and ioremap have no event when they fail. */
static void judge_kinds(struct build *b, struct drvmem_verify_subject *k)
{
	const bool lost = drvmem_loss__total(&b->s->loss) != 0;
	bool told = !k->device || (k->instance != DRVMEM_MOD_UNSET && module_is_told(b->o->device));
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_USES; i++) {
		k->kind[i].traced = b->s->meta.traced & 1u << i &&
				    (told || i == DRVMEM_ALLOC_DMA || i == DRVMEM_MAP_DMA);
		k->kind[i].not_tracked.st = lost ? DRVMEM_LOST : DRVMEM_OK;
		if (i == DRVMEM_MAP_VMAP || i == DRVMEM_MAP_IOREMAP)
			k->kind[i].failed.st = DRVMEM_ABSENT;
		judge_peak(b, k, i, peak_seen(b, k, i));
	}
}

/* Objects of what counts as leaked whose ends may not have been seen. */
static uint64_t count_unseen(const struct build *b, const struct drvmem_verify_subject *k)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < k->nr_sites; i++) {
		const struct drvmem_leftover *l = &b->v->leftover[k->first_site + i];

		n += l->class == DRVMEM_LEFTOVER_LEAK && l->unseen ? l->objects : 0;
	}
	return n;
}

static void judge(struct build *b, struct drvmem_verify_subject *k)
{
	uint64_t left = k->leak.objects + k->leak.mappings, unseen = count_unseen(b, k);
	bool kept = left || k->held.objects || k->custody.objects;

	k->sure = left > unseen + b->v->lost_frees ? left - unseen - b->v->lost_frees : 0;
	/* what is lost is not free: no event that nobody saw explains it */
	if (k->sure < k->lost)
		k->sure = k->lost;
	if (left > unseen && k->asked && k->settled_ns >= b->o->grace_ns)
		b->v->sure += left - unseen;
	b->v->lost += k->asked ? k->lost : 0;
	if (left && !k->sure)
		k->against |= (unseen ? DRVMEM_VERIFY_UNSEEN : 0) | (b->v->lost_frees ? DRVMEM_VERIFY_LOST : 0);
	if (kept && k->settled_ns < b->o->grace_ns)
		k->against |= DRVMEM_VERIFY_GRACE;
	if (k->held.objects || k->held.mappings)
		k->against |= DRVMEM_VERIFY_HELD;
	if (!k->ended_ns)
		k->verdict = DRVMEM_VERIFY_IS_NOT_UNLOADED;
	else if (left)
		k->verdict = k->against & (DRVMEM_VERIFY_UNSEEN | DRVMEM_VERIFY_LOST | DRVMEM_VERIFY_GRACE) ?
			DRVMEM_VERIFY_IS_INCOMPLETE : DRVMEM_VERIFY_IS_LEAK;
	else if (k->against & (DRVMEM_VERIFY_HELD | DRVMEM_VERIFY_BEFORE))
		k->verdict = DRVMEM_VERIFY_IS_INCOMPLETE;
	else
		k->verdict = k->custody.objects ? DRVMEM_VERIFY_IS_CUSTODY : DRVMEM_VERIFY_IS_CLEAN;
}

static int cmp_leftover(const void *a, const void *b)
{
	const struct drvmem_leftover *x = a, *y = b;

	if (x->class != y->class)
		return (x->class > y->class) - (x->class < y->class);
	if (x->bytes != y->bytes)
		return (x->bytes < y->bytes) - (x->bytes > y->bytes);
	return (x->site > y->site) - (x->site < y->site);
}

static void add_subject(struct build *b, const struct drvmem_verify_subject *subject)
{
	struct drvmem_verify_subject *k = &b->v->subject[b->v->nr_subjects++];
	uint64_t taken = b->s->meta.taken_ns;
	enum member m;
	uint32_t i;

	*k = *subject;
	k->first_site = b->v->nr_leftovers;
	k->settled_ns = k->ended_ns && taken > k->ended_ns ? taken - k->ended_ns : 0;
	k->asked = k->ended_ns && (!b->o->watched_ns || k->ended_ns <= b->o->watched_ns);
	memset(b->low_peak, 0, sizeof(b->low_peak));
	memset(b->high_peak, 0, sizeof(b->high_peak));
	memset(b->high_known, true, sizeof(b->high_known));
	for (i = 0; i < b->s->nr_sites; i++) {
		m = member_of(b->s, b->o, k->instance, &b->s->sites[i]);
		if (m == MEMBER_NONE)
			continue;
		add_counts(b, k, &b->s->sites[i]);
		if (k->ended_ns)
			add_left(b, k, i, m);
	}
	qsort(b->v->leftover + k->first_site, k->nr_sites, sizeof(*b->v->leftover), cmp_leftover);
	judge_kinds(b, k);
	judge(b, k);
	b->v->count[k->verdict]++;
	if (k->asked && k->verdict > b->v->verdict)
		b->v->verdict = k->verdict;
}

static void add_instance(struct build *b, uint32_t i)
{
	const struct drvmem_instance *in = &b->s->instances[i];

	add_subject(b, &(struct drvmem_verify_subject){
		.instance = i, .begun_ns = in->loaded_ns, .peak_bytes = in->peak_bytes,
		/* a moment that is not known does not make it loaded */
		.ended_ns = in->unloaded ? in->unloaded_ns ? in->unloaded_ns : b->s->meta.started_ns : 0,
		.against = is_before(b->s, in->loaded_ns) ? DRVMEM_VERIFY_BEFORE : 0 });
}

static void add_device(struct build *b)
{
	const struct drvmem_verify_device *d = b->o->device;
	uint32_t against = is_before(b->s, d->bound_ns) ? DRVMEM_VERIFY_BEFORE : 0;

	if (d->others)
		against |= DRVMEM_VERIFY_OTHERS;
	else if (!module_is_told(d))
		against |= DRVMEM_VERIFY_BUILTIN;
	add_subject(b, &(struct drvmem_verify_subject){
		.instance = module_is_told(d) ? module_of(b->s, d) : DRVMEM_MOD_UNSET, .device = true,
		.begun_ns = d->bound_ns, .ended_ns = d->unbound_ns ? d->ended_ns : 0, .against = against,
		.peak_bytes = { 0, DRVMEM_ABSENT } });
}

/* It was asked for, and not done: nothing is proven. */
static bool is_unchecked(const struct drvmem_checks *c)
{
	return (c->faults && !c->aimed) ||
	       ((c->faults || c->kfence_ms) && (!c->log || c->log->lost_records || c->log->unkept));
}

/* What the kernel said of errors: of those that differ too much to be kept nobody knows whom they name. */
static void judge_reports(struct build *b)
{
	const struct drvmem_checks *c = b->o->checks;
	struct drvmem_verify *v = b->v;
	uint64_t total = 0;
	uint32_t i;

	v->checks = c;
	if (c && is_unchecked(c) && v->verdict < DRVMEM_VERIFY_IS_INCOMPLETE)
		v->verdict = DRVMEM_VERIFY_IS_INCOMPLETE;
	if (!b->o->device)
		v->named_as = b->o->module;
	else if (b->o->device->module[0] && strcmp(b->o->device->module, "kernel"))
		v->named_as = b->o->device->module;
	if (!c || !c->log)
		return;
	for (i = 0; i < DRVMEM_KREPORT_INJECTED; i++)
		total += c->log->total[i];
	for (i = 0; i < c->log->n && v->named_as; i++)
		if (c->log->v[i].kind != DRVMEM_KREPORT_INJECTED && drvmem_kreport__names(&c->log->v[i], v->named_as))
			v->named += c->log->v[i].count;
	v->others = total - v->named;
	if (v->named && v->verdict < DRVMEM_VERIFY_IS_ERROR)
		v->verdict = DRVMEM_VERIFY_IS_ERROR;
}

static int alloc_parts(struct drvmem_verify *v, const struct drvmem_snapshot *s)
{
	v->subject = calloc((size_t)s->nr_instances + 1, sizeof(*v->subject));
	v->leftover = calloc(2 * (size_t)s->nr_sites + 1, sizeof(*v->leftover));
	v->left = calloc((size_t)s->nr_objects + 1, sizeof(*v->left));
	return v->subject && v->leftover && v->left ? 0 : -ENOMEM;
}

int drvmem_verify__new(const struct drvmem_snapshot *s, const struct drvmem_verify_opts *o,
		       struct drvmem_verify **ret)
{
	struct drvmem_verify *v = calloc(1, sizeof(*v));
	struct build b = { .s = s, .o = o, .v = v,
			   .tick_ns = s->meta.hz ? 1000000000u / s->meta.hz : 0 };
	uint32_t i;

	if (!v || alloc_parts(v, s)) {
		drvmem_verify__free(v);
		return -ENOMEM;
	}
	v->s = s;
	v->module = o->device ? NULL : o->module;
	v->device = o->device;
	v->grace_ns = o->grace_ns;
	v->verdicts = o->verdicts;
	v->lost_frees = drvmem_loss__frees(&s->loss);
	if (o->device)
		add_device(&b);
	for (i = 0; i < s->nr_instances && !o->device; i++)
		if (matches(s, o, &s->instances[i]))
			add_instance(&b, i);
	/* what was lost explains so many objects once, not those of each load again */
	v->sure = v->sure > v->lost_frees ? v->sure - v->lost_frees : 0;
	v->sure = v->sure < v->lost ? v->lost : v->sure;
	if (v->sure)
		v->verdict = DRVMEM_VERIFY_IS_LEAK;
	judge_reports(&b);
	*ret = v;
	return 0;
}

void drvmem_verify__free(struct drvmem_verify *v)
{
	if (!v)
		return;
	free(v->subject);
	free(v->leftover);
	free(v->left);
	free(v);
}

static uint64_t live_of(const struct drvmem_sitesnap *t)
{
	int64_t n = (t->c.live_objects > 0 ? t->c.live_objects : 0) + (t->c.rcu_pending > 0 ? t->c.rcu_pending : 0);

	return (uint64_t)n;
}

uint64_t drvmem_verify__unsettled(const struct drvmem_snapshot *s, const struct drvmem_verify_opts *o)
{
	uint32_t i, instance = o->device ? module_of(s, o->device) : 0;
	const struct drvmem_instance *in;
	uint64_t n = 0;

	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];

		if (t->owner >= s->nr_instances)
			continue;
		in = &s->instances[t->owner];
		if (o->device ? member_of(s, o, instance, t) != MEMBER_NONE :
		    in->unloaded && matches(s, o, in) && (!o->watched_ns || in->unloaded_ns <= o->watched_ns))
			n += live_of(t);
	}
	return n;
}
