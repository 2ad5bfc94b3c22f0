// SPDX-License-Identifier: GPL-2.0-or-later
/* What drvmem tells of itself, and of the whole machine. */
#include <math.h>

#include "view/epochs.h"
#include "view/metrics_parts.h"

static void put_known(struct drvmem_metrics_call *c, enum drvmem_metric m, const struct drvmem_u64 *v)
{
	if (v->st == DRVMEM_OK)
		drvmem_exposition__u64(c->x, m, v->v, NULL, NULL, NULL);
}

static void put_drop(struct drvmem_metrics_call *c, const char *reason, uint64_t n)
{
	drvmem_exposition__u64(c->x, DRVMEM_M_EVENTS_DROPPED, n, reason, NULL, NULL);
}

/* Kernels that do not count recursion misses (5.10) refuse nested events themselves. */
static void put_losses(struct drvmem_metrics_call *c)
{
	const struct drvmem_snapshot *s = c->in->scope->s;
	const struct drvmem_loss *l = &s->loss;
	bool counted = l->recursion_misses.st == DRVMEM_OK;

	put_drop(c, "map_full", l->table_full + l->insert_failed);
	if (counted || l->recursion_misses.st == DRVMEM_ABSENT)
		put_drop(c, "recursion", (counted ? l->recursion_misses.v : 0) + l->nest_refused);
	put_drop(c, "stack_lost", l->stack_missing);
	put_drop(c, "bulk_truncated", l->bulk_truncated);
	put_drop(c, "maps_cut", l->maps_cut);
	/* not told from frees of objects that were not sampled, or not asked for */
	if (!s->meta.sampled && !s->meta.only)
		drvmem_exposition__u64(c->x, DRVMEM_M_UNMATCHED_FREES, l->unmatched_frees, "all", NULL, NULL);
}

/* Allocations for one that was traced, of all that was sampled; the exact ones count too. */
static uint64_t sample_period(const struct drvmem_scope *v)
{
	double all = 0, taken = 0;
	uint32_t i;

	for (i = 0; i < v->s->nr_sites; i++) {
		all += (double)v->s->sites[i].c.allocs;
		taken += (double)v->s->sites[i].c.sampled_allocs;
	}
	return v->s->meta.sampled && taken > 0 && all > taken ? (uint64_t)llround(all / taken) : 1;
}

static void put_switches(struct drvmem_metrics_call *c)
{
	const struct drvmem_meta *m = &c->in->scope->s->meta;
	uint32_t n = drvmem_epochs__switches(m);
	uint64_t since = m->epoch[m->now_epoch].since_ns;

	drvmem_exposition__u64(c->x, DRVMEM_M_SAMPLING_SWITCHES, n, NULL, NULL, NULL);
	if (n)
		drvmem_exposition__u64(c->x, DRVMEM_M_SAMPLING_LAST_SWITCH,
				       m->taken_unix - (m->taken_ns > since ? (m->taken_ns - since) / 1000000000u : 0), NULL, NULL, NULL);
}

/*
 * Ours are all but the fallbacks, as long as ours is in use. Once it was switched off who walked is not counted:
 * ours are then as last known, and what came later counts as the kernel's.
 */
static void put_walks(struct drvmem_metrics_call *c)
{
	const struct drvmem_walks *w = &c->in->scope->s->walks;
	uint64_t own = w->own && w->n > w->fallback ? w->n - w->fallback : 0;

	if (own < c->m->own_walks)
		own = c->m->own_walks;
	c->m->own_walks = own = own < w->n ? own : w->n;
	drvmem_exposition__u64(c->x, DRVMEM_M_STACK_WALKS, own, "own", NULL, NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_STACK_WALKS, w->n - own + w->rare, "kernel", NULL, NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_STACK_WALKS_COMPARED, w->checked, NULL, NULL, NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_STACK_WALKS_UNCOMPARABLE, w->untold, NULL, NULL, NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_STACK_WALK_MISMATCHES, w->mismatch, NULL, NULL, NULL);
}

static void put_limited(struct drvmem_metrics_call *c)
{
	drvmem_exposition__u64(c->x, DRVMEM_M_SERIES_LIMITED, c->folded_modules, "module", NULL, NULL);
	if (c->x->family[DRVMEM_M_SLAB_CACHE_BYTES].n)
		drvmem_exposition__u64(c->x, DRVMEM_M_SERIES_LIMITED, c->folded_caches, "cache", NULL, NULL);
	if (c->has_devices)
		drvmem_exposition__u64(c->x, DRVMEM_M_SERIES_LIMITED, c->folded_devices, "device", NULL, NULL);
	if (c->in->scope->pools)
		drvmem_exposition__u64(c->x, DRVMEM_M_SERIES_LIMITED, c->folded_pools, "pool", NULL, NULL);
	if (c->m->o.max_callsites)
		drvmem_exposition__u64(c->x, DRVMEM_M_SERIES_LIMITED, c->folded_callsites, "callsite", NULL, NULL);
}

static void put_probes(struct drvmem_metrics_call *c, const struct drvmem_metrics_self *self)
{
	const struct drvmem_metrics_probe *p;
	uint32_t i;

	for (i = 0; i < self->nr_probes; i++) {
		p = &self->probes[i];
		drvmem_exposition__u64(c->x, DRVMEM_M_PROBE_ATTACHED, p->attached, p->probe, p->backend, NULL);
		if (p->runs.st == DRVMEM_OK)
			drvmem_exposition__u64(c->x, DRVMEM_M_PROBE_RUNS, p->runs.v, p->probe, NULL, NULL);
		if (p->ns.st == DRVMEM_OK)
			drvmem_exposition__real(c->x, DRVMEM_M_PROBE_RUN_SECONDS, (double)p->ns.v / 1e9, p->probe,
						NULL, NULL);
	}
	if (self->cpu_ratio >= 0)
		drvmem_exposition__real(c->x, DRVMEM_M_PROBE_CPU_RATIO, self->cpu_ratio, NULL, NULL, NULL);
	for (i = 0; i < self->nr_collectors; i++) {
		const struct drvmem_metrics_collector *k = &self->collectors[i];

		drvmem_exposition__u64(c->x, DRVMEM_M_COLLECTOR_SUCCESS, k->ok, k->name, NULL, NULL);
		drvmem_exposition__real(c->x, DRVMEM_M_COLLECTOR_DURATION, k->seconds, k->name, NULL, NULL);
	}
}

static void put_process(struct drvmem_metrics_call *c, const struct drvmem_metrics_self *self)
{
	if (self->cpu_us.st == DRVMEM_OK)
		drvmem_exposition__real(c->x, DRVMEM_M_PROCESS_CPU, (double)self->cpu_us.v / 1e6, NULL, NULL, NULL);
	put_known(c, DRVMEM_M_PROCESS_RSS, &self->rss_bytes);
	put_known(c, DRVMEM_M_PROCESS_VSZ, &self->vsz_bytes);
	if (self->start_ms.st == DRVMEM_OK)
		/* %.10g keeps the seconds, whole and exact: rates are not taken of it */
		drvmem_exposition__u64(c->x, DRVMEM_M_PROCESS_START, self->start_ms.v / 1000, NULL, NULL, NULL);
	put_known(c, DRVMEM_M_PROCESS_OPEN_FDS, &self->open_fds);
	put_known(c, DRVMEM_M_PROCESS_MAX_FDS, &self->max_fds);
}

static void put_build(struct drvmem_metrics_call *c, const struct drvmem_metrics_self *self)
{
	drvmem_exposition__add(c->x, DRVMEM_M_BUILD_INFO, &(struct drvmem_metric_sample){
		.label = { self->version, self->revision, self->libbpf, c->in->scope->s->meta.arch },
		.value = { .whole = 1 } });
}

void drvmem_metrics_self(struct drvmem_metrics_call *c)
{
	const struct drvmem_meta *m = &c->in->scope->s->meta;
	uint64_t ago = m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0;

	put_limited(c);
	put_losses(c);
	drvmem_exposition__u64(c->x, DRVMEM_M_SAMPLE_PERIOD, sample_period(c->in->scope), "all", NULL, NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_SAMPLE_DISTANCE, m->epoch[m->now_epoch].sample_bytes, "all", NULL, NULL);
	put_switches(c);
	put_walks(c);
	drvmem_exposition__u64(c->x, DRVMEM_M_MAP_ENTRIES, m->table_live, "objects", NULL, NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_MAP_MAX_ENTRIES, m->table_slots, "objects", NULL, NULL);
	drvmem_exposition__u64(c->x, DRVMEM_M_MAP_BYTES, m->map_bytes, "all", NULL, NULL);
	put_known(c, DRVMEM_M_LAST_LEAK_SCAN, &c->in->judged_unix);
	drvmem_exposition__u64(c->x, DRVMEM_M_TRACING_START, m->taken_unix - ago / 1000000000u, NULL, NULL, NULL);
	if (!c->in->self)
		return;
	put_probes(c, c->in->self);
	put_build(c, c->in->self);
	put_process(c, c->in->self);
}

static void put_classes(struct drvmem_metrics_call *c, const struct drvmem_ram_result *r)
{
	static const enum drvmem_ram kinds[] = {
		DRVMEM_RAM_SLAB_RECLAIMABLE, DRVMEM_RAM_SLAB_UNRECLAIMABLE, DRVMEM_RAM_VMALLOC,
		DRVMEM_RAM_PERCPU, DRVMEM_RAM_PAGE_TABLES, DRVMEM_RAM_SEC_PAGE_TABLES,
		DRVMEM_RAM_KERNEL_STACK, DRVMEM_RAM_MODULE_IMAGE, DRVMEM_RAM_PAGE_DIRECT, DRVMEM_RAM_DMA,
	};
	const struct drvmem_figure *f;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		f = &r->class[kinds[i]];
		if (f->bytes.st == DRVMEM_OK)
			drvmem_exposition__u64(c->x, DRVMEM_M_KERNEL_MEMORY, f->bytes.v,
					       drvmem_ram_classes[kinds[i]].key, NULL, NULL);
	}
	if (r->unaccounted_st == DRVMEM_OK)
		drvmem_exposition__i64(c->x, DRVMEM_M_KERNEL_MEMORY, r->unaccounted, "unaccounted", NULL, NULL);
	put_known(c, DRVMEM_M_MEMORY_TOTAL, &r->total.bytes);
}

static bool is_attributed(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t)
{
	return !DRVMEM_IS_MAPPING(t->allocator) && s->instances[t->owner].type != DRVMEM_OWNER_UNKNOWN;
}

/* Of what is held: an upper bound, for what is live and what is wasted vary together. */
static double attributed_error(const struct drvmem_scope *v)
{
	double live = 0, waste = 0;
	uint32_t i;

	for (i = 0; i < v->s->nr_sites; i++) {
		if (!is_attributed(v->s, &v->s->sites[i]))
			continue;
		live += drvmem_counts__live_bytes_var(&v->s->sites[i].c);
		waste += drvmem_scope__waste_var(v, i);
	}
	return drvmem_error95(live) + drvmem_error95(waste);
}

/* Held by objects of everybody but "unknown", and by the images of modules. */
void drvmem_metrics_machine(struct drvmem_metrics_call *c)
{
	const struct drvmem_snapshot *s = c->in->scope->s;
	uint64_t images = 0;
	int64_t held = 0;
	uint32_t i;

	/* without meminfo no class is known either */
	if (c->in->ram && c->in->ram->total.bytes.st == DRVMEM_OK)
		put_classes(c, c->in->ram);
	for (i = 0; i < s->nr_sites; i++)
		if (is_attributed(s, &s->sites[i]))
			held += s->sites[i].c.held_bytes;
	for (i = 0; i < c->in->nr_images; i++)
		images += c->in->images[i].bytes;
	if (s->nr_sites)
		drvmem_exposition__i64(c->x, DRVMEM_M_ATTRIBUTED, held, s->meta.sampled ? "estimated" : "traced",
				       NULL, NULL);
	if (s->nr_sites && s->meta.sampled && c->m->o.errors)
		drvmem_exposition__real(c->x, DRVMEM_M_ATTRIBUTED_ERROR, attributed_error(c->in->scope), "estimated", NULL, NULL);
	if (c->in->nr_images)
		drvmem_exposition__u64(c->x, DRVMEM_M_ATTRIBUTED, images, "static", NULL, NULL);
}
