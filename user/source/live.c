// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "source/blind.h"
#include "source/gens.h"
#include "source/usage.h"

/* A snapshot under construction. */
struct build {
	struct drvmem_session *session;
	const struct drvmem_session_info *info;
	struct drvmem_session_maps m;
	struct drvmem_snapshot *snap;
	uint32_t *site_index;		/* BPF site id -> sites[] + 1 */
	uint64_t now_jiffies;
	int64_t entries;		/* of the table, by the sites' sums: sampled ones count 1 */
	uint32_t cap_objects;
	bool oom;
};

static const char *const self_names[DRVMEM_MOD_FIRST] = { "kernel", "drvmem", "unknown" };

static void read_loss(struct build *b)
{
	struct drvmem_loss *l = &b->snap->loss;
	uint64_t v[DRVMEM_STATS_PAD] = {};
	const struct drvmem_session_prog *progs;
	uint32_t cpu, i, n;

	for (cpu = 0; cpu < b->m.nr_cpus; cpu++)
		for (i = 0; i < DRVMEM_NR_STATS; i++)
			v[i] += ((const volatile struct drvmem_stats *)b->m.stats)[cpu].v[i];
	l->nest_refused = v[DRVMEM_STAT_NEST_REFUSED];
	l->table_full = v[DRVMEM_STAT_TABLE_FULL];
	l->insert_failed = v[DRVMEM_STAT_INSERT_FAILED];
	l->stack_missing = v[DRVMEM_STAT_STACK_MISSING];
	/* pages of a block that is given back in parts count like objects of a bulk free */
	l->bulk_truncated = v[DRVMEM_STAT_BULK_TRUNCATED] + v[DRVMEM_STAT_PAGE_PARTS_FULL];
	l->maps_cut = v[DRVMEM_STAT_MAPS_FULL] + v[DRVMEM_STAT_SG_CUT];
	l->site_full = v[DRVMEM_STAT_SITE_FULL];
	l->class_full = v[DRVMEM_STAT_CLASS_FULL] + v[DRVMEM_STAT_DEVICES_FULL] +
			v[DRVMEM_STAT_MEMPOOLS_FULL];
	l->module_full = v[DRVMEM_STAT_MODULE_FULL];
	l->stack_truncated = v[DRVMEM_STAT_STACK_TRUNCATED];
	l->stack_full = v[DRVMEM_STAT_STACK_FULL];
	l->unmatched_frees = v[DRVMEM_STAT_UNMATCHED_FREE];
	l->inferred_frees = v[DRVMEM_STAT_INFERRED_FREE];
	l->small_frees = v[DRVMEM_STAT_SMALL_FREE];
	l->pending_evicted = v[DRVMEM_STAT_PENDING_EVICTED];
	b->snap->walks = (struct drvmem_walks){
		.n = v[DRVMEM_STAT_WALKS] + v[DRVMEM_STAT_WALKS_CACHE] + v[DRVMEM_STAT_WALKS_OTHER],
		.fallback = v[DRVMEM_STAT_WALK_FALLBACK],
		.checked = v[DRVMEM_STAT_WALK_CHECKED],
		.untold = v[DRVMEM_STAT_WALK_UNTOLD],
		.mismatch = v[DRVMEM_STAT_WALK_MISMATCH],
		.rare = v[DRVMEM_STAT_WALKS_RARE],
		.own = b->m.ctl->walker != DRVMEM_WALKER_KERNEL,
		.why = b->info->own_walk ? "one of our walks differed from its" : b->info->walk_why,
	};
	b->snap->cost = (struct drvmem_own_cost){ b->info->cost_runs, b->info->cost_ns, b->info->cost_events,
						  b->info->cost_span_ns, b->info->cost_why };
	/* of others their frees are not counted: as many as their allocations */
	l->events = l->unmatched_frees + l->small_frees + 2 * v[DRVMEM_STAT_UNWANTED];
	for (i = 0; i < b->snap->nr_sites; i++)
		l->events += b->snap->sites[i].c.allocs + b->snap->sites[i].c.frees +
			     b->snap->sites[i].c.failures;
	l->recursion_misses.st = b->info->recursion_counted ? DRVMEM_OK : DRVMEM_ABSENT;
	progs = drvmem_session__progs(b->session, &n);
	for (i = 0; i < n && b->info->recursion_counted; i++)
		if (!progs[i].again)
			l->recursion_misses.v += progs[i].recursion_misses;
	l->made_up = v[DRVMEM_STAT_MADE_UP];
	if (l->made_up > l->recursion_misses.v)
		l->made_up = l->recursion_misses.v;
	l->recursion_misses.v -= l->made_up;
}

static const char *instance_name(struct build *b, uint32_t slot)
{
	char name[DRVMEM_NAME_LEN + 1] = "";

	if (slot < DRVMEM_MOD_FIRST)
		return drvmem_snapshot__str(b->snap, self_names[slot]);
	memcpy(name, b->m.modules[slot].name, DRVMEM_NAME_LEN);
	return drvmem_snapshot__str(b->snap, name);
}

static void read_instance(struct build *b, uint32_t slot)
{
	static const enum drvmem_owner_type types[] = { DRVMEM_OWNER_KERNEL, DRVMEM_OWNER_SELF,
							DRVMEM_OWNER_UNKNOWN };
	const struct drvmem_module *m = &b->m.modules[slot];
	struct drvmem_instance *in = &b->snap->instances[slot];

	in->name = instance_name(b, slot);
	in->type = slot < DRVMEM_MOD_FIRST ? types[slot] : DRVMEM_OWNER_MODULE;
	in->library = m->library;
	in->unloaded = m->state == 2;
	in->load_seq = m->load_seq;
	in->loaded_ns = m->load_ns;
	in->unloaded_ns = m->unload_ns;
	in->text_lo = m->text_lo;
	in->text_hi = m->text_hi;
	in->peak_bytes.v = m->peak_bytes;
	in->peak_bytes.st = b->info->peak_exact ? DRVMEM_OK : DRVMEM_ABSENT;
	b->oom |= !in->name;
}

static void read_instances(struct build *b)
{
	uint32_t i, n = b->m.ctl->next_module;

	if (n > DRVMEM_MAX_MODULES)
		n = DRVMEM_MAX_MODULES;
	b->snap->instances = calloc(n, sizeof(*b->snap->instances));
	b->oom |= !b->snap->instances;
	b->snap->nr_instances = b->oom ? 0 : n;
	for (i = 0; i < b->snap->nr_instances; i++)
		read_instance(b, i);
}

static const char *cache_name(struct build *b, const struct drvmem_class *c)
{
	char name[DRVMEM_CACHE_NAME_LEN + 16];

	bool device = c->kind == DRVMEM_CLASS_DMA || c->kind == DRVMEM_CLASS_DEVICE;

	if ((c->kind == DRVMEM_CLASS_CACHE || device) && c->name[0])
		snprintf(name, sizeof(name), "%.*s", (int)DRVMEM_CACHE_NAME_LEN, c->name);
	else if (c->kind == DRVMEM_CLASS_KMALLOC && !c->held)
		snprintf(name, sizeof(name), "kmalloc");	/* only failures */
	else if (c->kind == DRVMEM_CLASS_KMALLOC && c->held >= 1024 && !(c->held % 1024))
		snprintf(name, sizeof(name), "kmalloc-%uk", c->held / 1024);
	else if (c->kind == DRVMEM_CLASS_KMALLOC)
		snprintf(name, sizeof(name), "kmalloc-%u", c->held);
	else if (c->kind == DRVMEM_CLASS_VMALLOC)
		snprintf(name, sizeof(name), "vmalloc");
	else if (c->kind == DRVMEM_CLASS_PERCPU)
		snprintf(name, sizeof(name), "percpu");
	else if (c->kind == DRVMEM_CLASS_VMAP)
		snprintf(name, sizeof(name), "vmap");
	else if (c->kind == DRVMEM_CLASS_IOREMAP)
		snprintf(name, sizeof(name), "ioremap");
	else if (c->kind == DRVMEM_CLASS_PAGES)
		snprintf(name, sizeof(name), "order-%u", c->object_size);
	else if (c->kind == DRVMEM_CLASS_LARGE)
		snprintf(name, sizeof(name), "kmalloc-large-%uk", c->held / 1024);
	else
		snprintf(name, sizeof(name), "(unknown %s)", device ? "device" : "cache");
	return drvmem_snapshot__str(b->snap, name);
}

static void read_caches(struct build *b)
{
	bool upper = !b->info->rcu_frees_seen || !b->info->bulk_frees_seen;
	uint32_t i;

	b->snap->caches = calloc(DRVMEM_MAX_CLASSES, sizeof(*b->snap->caches));
	b->oom |= !b->snap->caches;
	if (b->oom)
		return;
	b->snap->nr_caches = DRVMEM_MAX_CLASSES;
	for (i = 0; i < DRVMEM_MAX_CLASSES; i++) {
		const struct drvmem_class *c = &b->m.classes[i];
		struct drvmem_cache *o = &b->snap->caches[i];

		o->accounted.st = DRVMEM_ABSENT;
		if (i && !c->ready)
			continue;
		o->name = cache_name(b, c);
		o->held = c->held;
		o->object_size = c->kind == DRVMEM_CLASS_CACHE ? c->object_size : 0;
		o->kind = c->kind;
		o->destroyed = c->destroyed;
		/* what is freed in bulk or by kfree_rcu */
		o->upper_bound = upper && c->kind < DRVMEM_CLASS_PERCPU;
		b->oom |= !o->name;
	}
}

static void sum_cpu(struct drvmem_counts *c, const volatile struct drvmem_site_cpu *p, bool map)
{
	uint64_t v;
	uint32_t i;

	/* ends first, see the header */
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++) {
		v = p->life[i] + p->other_life[i];
		c->life_hist[i] += v;
		c->frees += v;
	}
	c->free_bytes += p->free_bytes + p->other_free_bytes;
	c->rcu_pending -= (int64_t)p->rcu_out;
	c->rcu_pending += (int64_t)p->rcu_in;
	c->rcu_pending_bytes += (int64_t)p->rcu_in_bytes - (int64_t)p->rcu_out_bytes;
	c->inferred += p->inferred;
	c->failures += p->failures;
	c->mismatched += map ? p->mismatched : 0;
	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++) {
		v = p->size[i];
		c->size_hist[i] += v;
		c->allocs += v;
	}
	c->alloc_bytes += p->alloc_bytes + (map ? 0 : p->grown_bytes);
	c->sampled_frees += p->sampled_frees;
	c->frees_var += (double)p->free_var;
	c->free_bytes_var += (double)p->free_bytes_var;
	c->sampled_allocs += p->sampled_allocs;
	c->allocs_var += (double)p->alloc_var;
	c->alloc_bytes_var += (double)p->alloc_bytes_var;
}

static void sum_rows(const struct build *b, const struct drvmem_site_cpu *rows, uint32_t id,
		     struct drvmem_counts *c)
{
	uint32_t cpu;

	for (cpu = 0; cpu < b->m.nr_cpus; cpu++)
		sum_cpu(c, &rows[(size_t)cpu * b->m.nr_sites + id],
			DRVMEM_IS_MAPPING(b->m.sites[id].allocator));
	c->live_objects = (int64_t)(c->allocs - c->frees);
	c->live_bytes = (int64_t)(c->alloc_bytes - c->free_bytes);
}

static int64_t whole(int64_t v, int64_t one)
{
	return (v < 0 ? v - one / 2 : v + one / 2) / one;
}

/* Sums of weights to objects and bytes. */
static void scale(struct drvmem_counts *c)
{
	uint64_t *const counts[] = { &c->allocs, &c->frees, &c->inferred };
	int64_t *const signed_counts[] = { &c->live_objects, &c->rcu_pending };
	uint64_t *const bytes[] = { &c->alloc_bytes, &c->free_bytes };
	int64_t *const signed_bytes[] = { &c->live_bytes, &c->rcu_pending_bytes };
	uint32_t i;

	for (i = 0; i < 3; i++)
		*counts[i] = (*counts[i] + DRVMEM_COUNT_ONE / 2) / DRVMEM_COUNT_ONE;
	for (i = 0; i < 2; i++) {
		*signed_counts[i] = whole(*signed_counts[i], DRVMEM_COUNT_ONE);
		*bytes[i] = (*bytes[i] + DRVMEM_BYTES_ONE / 2) / DRVMEM_BYTES_ONE;
		*signed_bytes[i] = whole(*signed_bytes[i], DRVMEM_BYTES_ONE);
	}
	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++)
		c->size_hist[i] = (c->size_hist[i] + DRVMEM_COUNT_ONE / 2) / DRVMEM_COUNT_ONE;
	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		c->life_hist[i] = (c->life_hist[i] + DRVMEM_COUNT_ONE / 2) / DRVMEM_COUNT_ONE;
	c->alloc_bytes_var *= DRVMEM_VAR_BYTES;
	c->free_bytes_var *= DRVMEM_VAR_BYTES;
}

static void sum_site(struct build *b, uint32_t id, struct drvmem_counts *c)
{
	struct drvmem_counts sampled = {};

	sum_rows(b, b->m.site_cpu, id, c);
	b->entries += c->live_objects;
	if (!b->m.sampled_cpu)
		return;
	sum_rows(b, b->m.sampled_cpu, id, &sampled);
	b->entries += (int64_t)(sampled.sampled_allocs - sampled.sampled_frees);
	scale(&sampled);
	drvmem_counts__add(c, &sampled);
}

static uint16_t known_instance(const struct build *b, uint16_t slot)
{
	return slot == DRVMEM_MOD_UNSET || slot < b->snap->nr_instances ? slot : DRVMEM_MOD_UNKNOWN;
}

static void read_site(struct build *b, uint32_t id)
{
	const struct drvmem_site *in = &b->m.sites[id];
	struct drvmem_sitesnap *o = &b->snap->sites[b->snap->nr_sites];
	bool overflow = id == DRVMEM_SITE_OVERFLOW;

	memset(o, 0, sizeof(*o));
	sum_site(b, id, &o->c);
	if (!o->c.allocs && !o->c.failures)
		return;
	o->id = id;
	o->allocator = in->allocator;
	o->cache = in->class_ < b->snap->nr_caches ? in->class_ : 0;
	o->owner = overflow ? DRVMEM_MOD_UNKNOWN : known_instance(b, in->owner);
	o->direct = overflow ? DRVMEM_MOD_UNSET : known_instance(b, in->direct);
	o->innermost = overflow ? DRVMEM_MOD_UNSET : known_instance(b, in->innermost);
	o->driver = overflow ? DRVMEM_MOD_UNSET : known_instance(b, in->driver);
	o->outermost = overflow ? DRVMEM_MOD_UNSET : known_instance(b, in->outermost);
	o->call_site = in->call_site;
	o->c.held_bytes = b->snap->caches[o->cache].held ?
		o->c.live_objects * (int64_t)b->snap->caches[o->cache].held : o->c.live_bytes;
	o->peak_bytes.v = in->peak_bytes;
	o->peak_bytes.st = b->info->peak_exact && !overflow ? DRVMEM_OK : DRVMEM_ABSENT;
	o->peak_sampled = o->c.sampled_allocs != 0;
	if (o->owner < b->snap->nr_instances)
		b->snap->instances[o->owner].used = true;
	b->site_index[id] = ++b->snap->nr_sites;
}

static void read_sites(struct build *b)
{
	uint32_t id;

	b->snap->sites = calloc(b->m.nr_sites, sizeof(*b->snap->sites));
	b->site_index = calloc(b->m.nr_sites, sizeof(*b->site_index));
	b->oom |= !b->snap->sites || !b->site_index;
	for (id = DRVMEM_SITE_OVERFLOW; id < b->m.nr_sites && !b->oom; id++) {
		if (id != DRVMEM_SITE_OVERFLOW && !*(volatile const uint16_t *)&b->m.sites[id].ready)
			continue;
		read_site(b, id);
	}
}

/* As many as the sites say are live, and some that come while we read. */
static uint32_t first_room(const struct build *b)
{
	int64_t live = 4096 + b->entries;

	return live > 4096 && live < INT32_MAX ? (uint32_t)live : 4096;
}

static void add_object(void *arg, uint64_t key, const struct drvmem_entry *e)
{
	struct build *b = arg;
	struct drvmem_object *o;
	uint32_t site = DRVMEM_W1_SITE(e->w1), cap;

	if (DRVMEM_W2_FLAGS(e->w2) & DRVMEM_F_RCU_PENDING || site >= b->m.nr_sites ||
	    !b->site_index[site] || b->oom)
		return;
	if (b->snap->nr_objects == b->cap_objects) {
		cap = b->cap_objects ? b->cap_objects + b->cap_objects / 2 : first_room(b);
		o = realloc(b->snap->objects, (size_t)cap * sizeof(*o));
		b->oom |= !o;
		if (!o)
			return;
		b->snap->objects = o;
		b->cap_objects = cap;
	}
	o = &b->snap->objects[b->snap->nr_objects++];
	*o = (struct drvmem_object){
		.inverted = key,
		/* 32-bit difference: an object older than 2^32 ticks shows that much less */
		.age_ns = (uint64_t)((uint32_t)b->now_jiffies - DRVMEM_W2_WHEN(e->w2)) *
			  (1000000000u / b->snap->meta.hz),
		.asked = DRVMEM_W1_ASKED(e->w1),
		.site = b->site_index[site] - 1,
		.cache = (uint16_t)DRVMEM_W2_CLASS(e->w2),
		.cpu = (uint16_t)DRVMEM_W1_CPU(e->w1),
		.mark = (uint8_t)DRVMEM_W2_MARK(e->w2),
		.flags = (uint8_t)DRVMEM_W2_FLAGS(e->w2),
		.epoch = (uint8_t)DRVMEM_W2_EPOCH(e->w2),
	};
	/* born after the clock was read: not older than nothing */
	if ((uint32_t)b->now_jiffies - DRVMEM_W2_WHEN(e->w2) > 0xf0000000u)
		o->age_ns = 0;
}

static void scan_buckets(struct build *b)
{
	uint32_t i, j;

	for (i = 0; i < b->m.nr_buckets; i++) {
		const volatile struct drvmem_bucket *k = &b->m.table[i];

		for (j = 0; j < DRVMEM_BUCKET_SLOTS; j++) {
			uint64_t key = k->key[j];
			struct drvmem_entry e;

			if (!key)
				continue;
			e.w1 = k->e[j].w1;
			e.w2 = k->e[j].w2;
			/* not while it is being filled, or after the slot went to another */
			if (e.w1 && k->key[j] == key && k->e[j].w1 == e.w1)
				add_object(b, key, &e);
		}
	}
}

static int read_objects(struct build *b)
{
	struct drvmem_snapshot *s = b->snap;
	int r = 0;

	if (b->m.table)
		scan_buckets(b);
	else
		r = drvmem_session__each_hashed(b->session, add_object, b);
	if (r || b->oom)
		return r ? r : -ENOMEM;
	return drvmem_snapshot__group_objects(s);
}

/* Where the caller's frames begin; 0 when the call site is not among them (tail calls). */
static uint32_t first_frame(const struct drvmem_stack *s, uint64_t call_site)
{
	uint32_t i;

	for (i = 0; i < s->nr && i < DRVMEM_STACK_DEPTH; i++)
		if (s->ip[i] == call_site)
			return i;
	return 0;
}

static void read_stacks(struct build *b)
{
	uint32_t i, j, first;

	b->snap->stacks = calloc(b->m.nr_stacks, sizeof(*b->snap->stacks));
	b->oom |= !b->snap->stacks;
	for (i = 0; i < b->m.nr_stacks && !b->oom; i++) {
		const struct drvmem_stack *in = &b->m.stacks[i];
		struct drvmem_stacksnap *o = &b->snap->stacks[b->snap->nr_stacks];

		if (!*(volatile const uint32_t *)&in->ready || in->site >= b->m.nr_sites ||
		    !b->site_index[in->site])
			continue;
		o->site = b->site_index[in->site] - 1;
		o->count = in->count;
		first = first_frame(in, b->snap->sites[o->site].call_site);
		if (first)
			b->snap->sites[o->site].via_ip = in->ip[first - 1];
		for (j = first; j < in->nr && j < DRVMEM_STACK_DEPTH; j++)
			o->ip[o->nr++] = in->ip[j];
		b->snap->nr_stacks++;
	}
}

/* The tick rate, from two readings of both clocks: the configured rates lie far apart. */
static uint32_t tick_rate(uint64_t ticks, uint64_t ns)
{
	static const uint32_t rates[] = { 100, 250, 300, 1000 };
	double hz = ns ? (double)ticks * 1e9 / (double)ns : 0, best = 1e9;
	uint32_t i, r = 250;

	for (i = 0; i < 4; i++) {
		double ratio = hz > rates[i] ? hz / rates[i] : rates[i] / (hz > 0 ? hz : 1e-9);

		if (ratio < best) {
			best = ratio;
			r = rates[i];
		}
	}
	return r;
}

static int read_meta(struct build *b, struct drvmem_err *err)
{
	const struct drvmem_probe *p = drvmem_session__probe(b->session);
	struct drvmem_meta *m = &b->snap->meta;
	char host[128] = "";
	uint32_t i;
	int r;

	r = drvmem_session__clock(b->session, &b->now_jiffies, &m->taken_ns);
	if (r)
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "cannot read the kernel's clock (%s)",
				       drvmem_errno_name(r));
	gethostname(host, sizeof(host) - 1);
	m->kernel = drvmem_snapshot__str(b->snap, p->kernel);
	m->arch = drvmem_snapshot__str(b->snap, p->arch);
	m->hostname = drvmem_snapshot__str(b->snap, host);
	m->version = DRVMEM_VERSION;
	m->started_ns = b->info->started_ns;
	m->taken_unix = (uint64_t)time(NULL);
	m->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	m->nr_cpus = b->m.nr_cpus;
	m->hz = tick_rate(b->now_jiffies - b->info->first_jiffies, m->taken_ns - b->info->first_ns);
	m->owner_policy = b->info->opts.owner_policy;
	m->min_size = b->info->opts.min_size;
	m->max_size = b->info->opts.max_size ? b->info->opts.max_size : UINT64_MAX;
	m->table_slots = b->m.table ? (uint64_t)b->m.nr_buckets * DRVMEM_BUCKET_SLOTS :
				      b->info->opts.track_max;
	m->map_bytes = b->info->map_bytes;
	m->modules_supported = b->info->modules_supported;
	m->frees_rcu_seen = b->info->rcu_frees_seen;
	m->frees_bulk_seen = b->info->bulk_frees_seen;
	m->allocs_bulk_seen = b->info->bulk_allocs_seen;
	m->peak_exact = b->info->peak_exact;
	m->full_stacks = b->info->opts.stacks == DRVMEM_STACKS_FULL;
	for (i = 0; i < DRVMEM_EPOCHS; i++) {
		m->epoch[i] = (struct drvmem_epoch_meta){ b->info->epoch[i].since_ns,
							  b->info->epoch[i].sample_bytes };
		m->sampled |= b->info->epoch[i].sample_bytes != 0;
	}
	m->now_epoch = b->info->now_epoch;
	m->only = b->info->only;
	m->table_kind = b->m.table ? "buckets" : "hash";
	drvmem_blind__fill(p, b->info, m);
	b->oom |= !m->kernel || !m->arch || !m->hostname;
	return 0;
}

static void add_syncs(void *arg, const struct drvmem_dma_sync *d)
{
	struct build *b = arg;
	struct drvmem_snapshot *s = b->snap;
	char name[DRVMEM_CACHE_NAME_LEN + 1];

	if (s->nr_syncs == DRVMEM_SYNC_DEVICES)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)DRVMEM_CACHE_NAME_LEN, d->name);
	s->syncs[s->nr_syncs] = (struct drvmem_device_syncs){
		drvmem_snapshot__str(s, name[0] ? name : "?"), d->for_cpu, d->for_device };
	b->oom |= !s->syncs[s->nr_syncs++].device;
}

static int read_syncs(struct build *b)
{
	b->snap->syncs = calloc(DRVMEM_SYNC_DEVICES, sizeof(*b->snap->syncs));
	b->oom |= !b->snap->syncs;
	return b->oom ? 0 : drvmem_session__each_sync(b->session, add_syncs, b);
}

static bool has_mempool(const struct drvmem_snapshot *s, uint64_t key)
{
	uint32_t i;

	for (i = 0; i < s->nr_mempools; i++)
		if (s->mempools[i].key == key)
			return true;
	return false;
}

/* A dip that goes on is as long as it is so far. */
static uint64_t longest_dip(const struct drvmem_snapshot *s, const struct drvmem_mempool *p)
{
	uint64_t since = p->dip_since_ns, now = s->meta.taken_ns;

	return since && now > since && now - since > p->longest_dip_ns ? now - since : p->longest_dip_ns;
}

static void add_mempool(void *arg, uint64_t key, const void *value)
{
	struct build *b = arg;
	const struct drvmem_mempool *p = value;
	struct drvmem_snapshot *s = b->snap;
	struct drvmem_mempoolsnap *o;
	char name[DRVMEM_CACHE_NAME_LEN + 1];

	if (s->nr_mempools == DRVMEM_MEMPOOLS || has_mempool(s, key))
		return;
	o = &s->mempools[s->nr_mempools++];
	snprintf(name, sizeof(name), "%.*s", (int)DRVMEM_CACHE_NAME_LEN, p->cache);
	*o = (struct drvmem_mempoolsnap){
		.key = key, .alloc_fn = p->alloc_fn, .data = p->data,
		.cache = drvmem_snapshot__str(s, name),
		.owner = known_instance(b, p->owner),
		.made = p->made, .reserve = p->min_nr, .low_water = p->low_water,
		.allocs = p->allocs, .failures = p->failures, .dips = p->dips, .in_use = p->in_use,
		.longest_dip_ns = longest_dip(s, p),
		.peak = { (uint64_t)p->peak, b->info->peak_exact && p->made ? DRVMEM_OK : DRVMEM_ABSENT },
	};
	memcpy(o->ip, p->ip, sizeof(o->ip));
	b->oom |= !o->cache;
}

static int read_mempools(struct build *b)
{
	if (!b->info->mempools_seen)
		return 0;
	b->snap->mempools_traced = true;
	b->snap->mempools = calloc(DRVMEM_MEMPOOLS, sizeof(*b->snap->mempools));
	b->oom |= !b->snap->mempools;
	if (!b->oom)
		drvmem_session__each_value(b->session, DRVMEM_HASH_MEMPOOLS, add_mempool, b);
	return 0;
}

static int read_all(struct build *b, bool with_objects, struct drvmem_err *err)
{
	int r = read_meta(b, err);

	if (r)
		return r;
	read_instances(b);
	read_caches(b);
	if (!b->oom)
		read_sites(b);
	b->oom |= !b->oom && drvmem_gens__read(&b->m, b->snap);
	if (with_objects)
		b->oom |= !b->oom && drvmem_usage__read(b->session, &b->m, b->site_index, b->snap);
	if (!b->oom && with_objects)
		r = read_objects(b);
	if (!b->oom && !r)
		read_stacks(b);
	if (!b->oom && !r)
		r = read_syncs(b);
	if (!b->oom && !r)
		r = read_mempools(b);
	read_loss(b);
	b->snap->meta.table_live = b->entries > 0 ? (uint64_t)b->entries : 0;
	if (b->oom)
		r = -ENOMEM;
	if (r)
		drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "cannot read the session (%s)",
				drvmem_errno_name(r));
	return r;
}

int drvmem_live__read(struct drvmem_session *s, bool with_objects, struct drvmem_snapshot **ret,
		      struct drvmem_err *err)
{
	struct build b = { .session = s, .info = drvmem_session__info(s) };
	int r;

	b.snap = drvmem_snapshot__new();
	if (!b.snap)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	drvmem_session__maps(s, &b.m);
	r = read_all(&b, with_objects, err);
	free(b.site_index);
	if (r) {
		drvmem_snapshot__free(b.snap);
		return r;
	}
	*ret = b.snap;
	return 0;
}
