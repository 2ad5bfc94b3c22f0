// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/pools.h"
#include "render/prom.h"
#include "render/prom_devices.h"
#include "render/prom_label.h"

#define OTHER "other"

/* All instances of one name: a series is a name, so they share it. */
struct module {
	const char *name;
	struct drvmem_counts by[DRVMEM_NR_USES];
	uint32_t allocators;		/* bit per allocator seen */
	int64_t live_bytes, waste_bytes;
	bool waste_known;
	struct drvmem_u64 peak_bytes;	/* highest of the instances; absent for "other" */
};

struct modules {
	struct module *v;
	uint32_t n;
	uint32_t folded;
};

static void put_label(const char *text, FILE *out)
{
	drvmem_prom__label(text, out);
}

static void put_head(const char *name, const char *type, const char *help, FILE *out)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static int cmp_name(const void *a, const void *b)
{
	const struct module *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/*
 * Rank for the limit on series: what matters most now or did at its peak. A module
 * that is called "other" is folded first: the name is taken.
 */
static double weight(const struct module *m)
{
	double live = (double)m->live_bytes;
	double peak = m->peak_bytes.st == DRVMEM_OK ? (double)m->peak_bytes.v : 0;

	if (!strcmp(m->name, OTHER))
		return -HUGE_VAL;
	return live > peak ? live : peak;
}

static int cmp_weight(const void *a, const void *b)
{
	double x = weight(a), y = weight(b);

	return x != y ? (x < y) - (x > y) : cmp_name(a, b);
}

static void add_module(struct module *dst, const struct module *src)
{
	uint16_t a;

	for (a = 0; a < DRVMEM_NR_USES; a++)
		drvmem_counts__add(&dst->by[a], &src->by[a]);
	dst->allocators |= src->allocators;
	dst->live_bytes += src->live_bytes;
	dst->waste_bytes += src->waste_bytes;
	dst->waste_known |= src->waste_known;
}

static void fill_module(struct drvmem_scope *v, const struct drvmem_owner_slice *o,
			struct module *m)
{
	const struct drvmem_sitesnap *t;
	struct drvmem_sum sum;
	uint32_t i;

	drvmem_scope__owner_sum(v, o, &sum);
	m->name = v->s->instances[o->owner].name;
	if (!m->name || !m->name[0])
		m->name = "?";
	m->live_bytes = sum.c.live_bytes;
	m->waste_bytes = sum.waste_bytes;
	m->waste_known = sum.waste_st == DRVMEM_OK;
	m->peak_bytes = sum.peak_bytes;
	m->allocators = sum.allocators;
	for (i = 0; i < o->nr; i++) {
		t = &v->s->sites[v->by_owner[o->first + i]];
		drvmem_counts__add(&m->by[t->allocator], &t->c);
	}
}

/* Sorted by name, so that equal names are side by side; merges them. */
static void merge_names(struct modules *m)
{
	uint32_t i, n = 0;

	qsort(m->v, m->n, sizeof(*m->v), cmp_name);
	for (i = 0; i < m->n; i++) {
		if (!n || strcmp(m->v[n - 1].name, m->v[i].name)) {
			m->v[n++] = m->v[i];
			continue;
		}
		add_module(&m->v[n - 1], &m->v[i]);
		if (m->v[i].peak_bytes.st != DRVMEM_OK)
			m->v[n - 1].peak_bytes.st = m->v[i].peak_bytes.st;
		else if (m->v[i].peak_bytes.v > m->v[n - 1].peak_bytes.v)
			m->v[n - 1].peak_bytes.v = m->v[i].peak_bytes.v;
	}
	m->n = n;
}

/* Sums everything beyond the limit into "other", which has no peak of its own. */
static void fold_rest(struct modules *m, uint32_t limit)
{
	struct module *other;
	uint32_t i;

	if (m->n <= limit)
		return;
	qsort(m->v, m->n, sizeof(*m->v), cmp_weight);
	other = &m->v[limit];
	other->name = OTHER;
	other->peak_bytes.st = DRVMEM_ABSENT;
	m->folded = m->n - limit;
	for (i = limit + 1; i < m->n; i++)
		add_module(other, &m->v[i]);
	m->n = limit + 1;
	qsort(m->v, limit, sizeof(*m->v), cmp_name);
}

static int collect(struct drvmem_scope *v, uint32_t limit, struct modules *ret)
{
	struct modules m = { .v = calloc(v->nr_owners ? v->nr_owners : 1, sizeof(*m.v)) };
	uint32_t i;

	if (!m.v)
		return -ENOMEM;
	for (i = 0; i < v->nr_owners; i++)
		fill_module(v, &v->owners[i], &m.v[m.n++]);
	merge_names(&m);
	fold_rest(&m, limit);
	*ret = m;
	return 0;
}

/* One metric with the labels module and allocator, or, of mappings, module and kind. */
struct family {
	const char *name, *type, *help;
	int64_t (*value)(const struct drvmem_counts *c);
};

static int64_t live_bytes(const struct drvmem_counts *c)
{
	return c->live_bytes;
}

static int64_t live_objects(const struct drvmem_counts *c)
{
	return c->live_objects;
}

static int64_t alloc_bytes(const struct drvmem_counts *c)
{
	return (int64_t)c->alloc_bytes;
}

static int64_t free_bytes(const struct drvmem_counts *c)
{
	return (int64_t)c->free_bytes;
}

static int64_t allocs(const struct drvmem_counts *c)
{
	return (int64_t)c->allocs;
}

static int64_t frees(const struct drvmem_counts *c)
{
	return (int64_t)c->frees;
}

static int64_t failures(const struct drvmem_counts *c)
{
	return (int64_t)c->failures;
}

static int64_t rcu_pending(const struct drvmem_counts *c)
{
	return c->rcu_pending;
}

static const struct family families[] = {
	{ "drvmem_module_live_bytes", "gauge",
	  "Bytes allocated since tracing began and not yet freed, by owning module.", live_bytes },
	{ "drvmem_module_live_objects", "gauge",
	  "Allocations made since tracing began and not yet freed, by owning module.",
	  live_objects },
	{ "drvmem_module_allocated_bytes_total", "counter", "Bytes allocated by the module.",
	  alloc_bytes },
	{ "drvmem_module_freed_bytes_total", "counter",
	  "Bytes freed that had been allocated by the module.", free_bytes },
	{ "drvmem_module_allocations_total", "counter",
	  "Successful allocations made by the module.", allocs },
	{ "drvmem_module_frees_total", "counter",
	  "Frees of allocations that had been made by the module.", frees },
	{ "drvmem_module_allocation_failures_total", "counter",
	  "Allocation attempts by the module that returned no memory.", failures },
	{ "drvmem_module_rcu_pending_objects", "gauge",
	  "Objects given up by the module through RCU whose memory is not yet known to be reused.",
	  rcu_pending },
};

static int64_t mismatched(const struct drvmem_counts *c)
{
	return (int64_t)c->mismatched;
}

static const struct family map_families[] = {
	{ "drvmem_module_mapped_bytes", "gauge",
	  "Bytes mapped since tracing began and not yet unmapped; counted elsewhere where they are memory.",
	  live_bytes },
	{ "drvmem_module_mappings", "gauge",
	  "Mappings made since tracing began and not yet ended, by owning module.", live_objects },
	{ "drvmem_module_maps_total", "counter", "Mappings made by the module.", allocs },
	{ "drvmem_module_unmaps_total", "counter", "Ends of mappings that the module had made.", frees },
	{ "drvmem_module_map_failures_total", "counter",
	  "Attempts of the module to map that failed.", failures },
	{ "drvmem_module_map_size_mismatches_total", "counter",
	  "Mappings that were unmapped with another size.", mismatched },
};

static double live_bytes_error(const struct drvmem_counts *c)
{
	return drvmem_error95(drvmem_counts__live_bytes_var(c));
}

static double live_objects_error(const struct drvmem_counts *c)
{
	return drvmem_error95(drvmem_counts__live_var(c));
}

static double alloc_bytes_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->alloc_bytes_var);
}

static double allocs_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->allocs_var);
}

static double free_bytes_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->free_bytes_var);
}

static double frees_error(const struct drvmem_counts *c)
{
	return drvmem_error95(c->frees_var);
}

static const struct error_family {
	const char *name, *help;
	double (*value)(const struct drvmem_counts *c);
} error_families[] = {
	{ "drvmem_module_live_bytes_error",
	  "Half of the 95 % interval of drvmem_module_live_bytes, from sampling.", live_bytes_error },
	{ "drvmem_module_live_objects_error",
	  "Half of the 95 % interval of drvmem_module_live_objects, from sampling.",
	  live_objects_error },
	{ "drvmem_module_allocated_bytes_error",
	  "Half of the 95 % interval of drvmem_module_allocated_bytes_total, from sampling.",
	  alloc_bytes_error },
	{ "drvmem_module_freed_bytes_error",
	  "Half of the 95 % interval of drvmem_module_freed_bytes_total, from sampling.",
	  free_bytes_error },
	{ "drvmem_module_allocations_error",
	  "Half of the 95 % interval of drvmem_module_allocations_total, from sampling.", allocs_error },
	{ "drvmem_module_frees_error",
	  "Half of the 95 % interval of drvmem_module_frees_total, from sampling.", frees_error },
};

static void put_module_labels(const char *family, const struct module *m, uint16_t a, FILE *out)
{
	fprintf(out, "%s{module=\"", family);
	put_label(m->name, out);
	fprintf(out, "\",%s=\"%s\"} ", DRVMEM_IS_MAPPING(a) ? "kind" : "allocator",
		drvmem_allocator_name(a));
}

static void put_error_family(const struct error_family *f, const struct modules *m, FILE *out)
{
	uint32_t i;
	uint16_t a;

	if (!m->n)
		return;
	put_head(f->name, "gauge", f->help, out);
	for (i = 0; i < m->n; i++) {
		for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++) {
			if (!(m->v[i].allocators & (1u << a)))
				continue;
			put_module_labels(f->name, &m->v[i], a, out);
			fprintf(out, "%.10g\n", f->value(&m->v[i].by[a]));
		}
	}
}

/* Of the uses [first, end). */
static void put_family(const struct family *f, const struct modules *m, uint16_t first, uint16_t end,
		       FILE *out)
{
	uint32_t i;
	uint16_t a;

	if (!m->n)
		return;
	put_head(f->name, f->type, f->help, out);
	for (i = 0; i < m->n; i++) {
		for (a = first; a < end; a++) {
			if (!(m->v[i].allocators & (1u << a)))
				continue;
			put_module_labels(f->name, &m->v[i], a, out);
			fprintf(out, "%" PRId64 "\n", f->value(&m->v[i].by[a]));
		}
	}
}

static void put_peaks(const struct modules *m, FILE *out)
{
	bool head = false;
	uint32_t i;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].peak_bytes.st != DRVMEM_OK)
			continue;
		if (!head)
			put_head("drvmem_module_peak_bytes", "gauge",
				 "Highest value of live bytes since tracing began.", out);
		head = true;
		fputs("drvmem_module_peak_bytes{module=\"", out);
		put_label(m->v[i].name, out);
		fprintf(out, "\"} %" PRIu64 "\n", m->v[i].peak_bytes.v);
	}
}

static void put_slack(const struct modules *m, FILE *out)
{
	bool head = false;
	uint32_t i;

	for (i = 0; i < m->n; i++) {
		if (!m->v[i].waste_known)
			continue;
		if (!head)
			put_head("drvmem_module_slack_bytes", "gauge",
				 "Live bytes handed out beyond the size requested (internal fragmentation).",
				 out);
		head = true;
		fputs("drvmem_module_slack_bytes{module=\"", out);
		put_label(m->v[i].name, out);
		fprintf(out, "\"} %" PRId64 "\n", m->v[i].waste_bytes);
	}
}

static void sum_allocators(const struct modules *m, struct drvmem_counts *ret)
{
	uint32_t i;
	uint16_t a;

	memset(ret, 0, DRVMEM_NR_ALLOCATORS * sizeof(*ret));
	for (i = 0; i < m->n; i++)
		for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++)
			drvmem_counts__add(&ret[a], &m->v[i].by[a]);
}

/*
 * Bucket i of size_hist holds [2^(i-1), 2^i), so its upper bound, inclusive as
 * Prometheus wants it, is 2^i - 1. Every second one is written, the last is open.
 */
static void put_size_hist(uint16_t a, const struct drvmem_counts *c, FILE *out)
{
	static const char name[] = "drvmem_allocation_size_bytes";
	const char *alloc = drvmem_allocator_name(a);
	uint64_t below = 0;
	uint32_t i;

	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++) {
		below += c->size_hist[i];
		if (i >= 4 && i % 2 == 0 && i < DRVMEM_SIZE_BUCKETS - 1)
			fprintf(out, "%s_bucket{allocator=\"%s\",le=\"%" PRIu64 "\"} %" PRIu64 "\n",
				name, alloc, ((uint64_t)1 << i) - 1, below);
	}
	fprintf(out, "%s_bucket{allocator=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, alloc, below);
	fprintf(out, "%s_sum{allocator=\"%s\"} %" PRIu64 "\n", name, alloc, c->alloc_bytes);
	fprintf(out, "%s_count{allocator=\"%s\"} %" PRIu64 "\n", name, alloc, below);
}

/* Bucket 0: less than one jiffy; i: [2^(i-1), 2^i) jiffies. The sum is not measured: NaN. */
static void put_life_hist(uint16_t a, const struct drvmem_counts *c, uint32_t hz, FILE *out)
{
	static const char name[] = "drvmem_allocation_lifetime_seconds";
	const char *alloc = drvmem_allocator_name(a);
	uint64_t below = 0;
	uint32_t i;

	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++) {
		below += c->life_hist[i];
		if (i % 2 == 0 && i < DRVMEM_LIFE_BUCKETS - 1)
			fprintf(out, "%s_bucket{allocator=\"%s\",le=\"%.10g\"} %" PRIu64 "\n", name,
				alloc, (double)((uint64_t)1 << i) / hz, below);
	}
	fprintf(out, "%s_bucket{allocator=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, alloc, below);
	fprintf(out, "%s_sum{allocator=\"%s\"} NaN\n", name, alloc);
	fprintf(out, "%s_count{allocator=\"%s\"} %" PRIu64 "\n", name, alloc, below);
}

static void put_hists(const struct modules *m, uint32_t hz, FILE *out)
{
	struct drvmem_counts c[DRVMEM_NR_ALLOCATORS];
	uint32_t seen = 0, i;
	uint16_t a;

	sum_allocators(m, c);
	for (i = 0; i < m->n; i++)
		seen |= m->v[i].allocators;
	if (!seen)
		return;
	put_head("drvmem_allocation_size_bytes", "histogram", "Requested allocation sizes.", out);
	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++)
		if (seen & (1u << a))
			put_size_hist(a, &c[a], out);
	if (!hz)
		return;
	put_head("drvmem_allocation_lifetime_seconds", "histogram",
		 "Time between allocation and free of objects freed since tracing began.", out);
	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++)
		if (seen & (1u << a))
			put_life_hist(a, &c[a], hz, out);
}

static void put_events(const struct modules *m, FILE *out)
{
	struct drvmem_counts c[DRVMEM_NR_ALLOCATORS];
	uint32_t seen = 0, i;
	uint16_t a;

	sum_allocators(m, c);
	for (i = 0; i < m->n; i++)
		seen |= m->v[i].allocators;
	if (!seen)
		return;
	put_head("drvmem_events_total", "counter", "Allocation events processed in the kernel.", out);
	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++) {
		if (!(seen & (1u << a)))
			continue;
		fprintf(out, "drvmem_events_total{allocator=\"%s\",operation=\"alloc\"} %" PRIu64
			     "\ndrvmem_events_total{allocator=\"%s\",operation=\"free\"} %" PRIu64 "\n",
			drvmem_allocator_name(a), c[a].allocs, drvmem_allocator_name(a), c[a].frees);
	}
}

static void put_drop(const char *reason, uint64_t n, FILE *out)
{
	fprintf(out, "drvmem_events_dropped_total{reason=\"%s\"} %" PRIu64 "\n", reason, n);
}

/* Kernels that do not count recursion misses (5.10) refuse nested events themselves. */
static void put_losses(const struct drvmem_loss *l, bool sampled, FILE *out)
{
	bool counted = l->recursion_misses.st == DRVMEM_OK;

	put_head("drvmem_events_dropped_total", "counter",
		 "Events lost: map_full, ringbuf_full, recursion or stack_lost.", out);
	put_drop("map_full", l->table_full + l->insert_failed, out);
	if (counted || l->recursion_misses.st == DRVMEM_ABSENT)
		put_drop("recursion", (counted ? l->recursion_misses.v : 0) + l->nest_refused, out);
	put_drop("stack_lost", l->stack_missing, out);
	put_drop("bulk_truncated", l->bulk_truncated, out);
	put_drop("maps_cut", l->maps_cut, out);
	if (sampled)	/* not told from frees of objects that were not sampled */
		return;
	put_head("drvmem_unmatched_frees_total", "counter",
		 "Frees of objects allocated before tracing began or while not sampled.", out);
	fprintf(out, "drvmem_unmatched_frees_total{allocator=\"slab\"} %" PRIu64 "\n",
		l->unmatched_frees);
}

static void put_gauge(const char *name, const char *labels, const char *help, uint64_t v, FILE *out)
{
	put_head(name, "gauge", help, out);
	fprintf(out, "%s%s %" PRIu64 "\n", name, labels, v);
}

static void put_build(const struct drvmem_prom_opts *o, const char *arch, FILE *out)
{
	put_head("drvmem_build_info", "gauge", "Always 1; build facts are in the labels.", out);
	fputs("drvmem_build_info{version=\"", out);
	put_label(o->version ? o->version : "", out);
	fputs("\",revision=\"", out);
	put_label(o->revision ? o->revision : "", out);
	fputs("\",libbpf=\"", out);
	put_label(o->libbpf ? o->libbpf : "", out);
	fputs("\",arch=\"", out);
	put_label(arch ? arch : "", out);
	fputs("\"} 1\n", out);
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

static void put_self(const struct drvmem_scope *v, const struct drvmem_prom_opts *o,
		     uint32_t folded, uint32_t devices_folded, uint32_t pools_folded, FILE *out)
{
	const struct drvmem_meta *m = &v->s->meta;
	uint64_t ago = m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0;

	put_gauge("drvmem_series_limited", "{family=\"module\"}",
		  "Label sets folded into the label value other because of a series limit.", folded,
		  out);
	if (devices_folded)
		fprintf(out, "drvmem_series_limited{family=\"device\"} %u\n", devices_folded);
	if (v->pools)
		fprintf(out, "drvmem_series_limited{family=\"pool\"} %u\n", pools_folded);
	put_losses(&v->s->loss, v->s->meta.sampled, out);
	put_gauge("drvmem_sample_period", "{allocator=\"slab\"}",
		  "One allocation in this many is traced; 1 is all of them.", sample_period(v), out);
	put_gauge("drvmem_sample_distance_bytes", "{allocator=\"slab\"}",
		  "Mean bytes between two sample points; 0 takes every object.",
		  m->epoch[m->now_epoch].sample_bytes, out);
	put_gauge("drvmem_bpf_map_entries", "{map=\"objects\"}", "Entries in use in the BPF map.",
		  m->table_live, out);
	put_gauge("drvmem_bpf_map_max_entries", "{map=\"objects\"}",
		  "Entries the BPF map has room for.", m->table_slots, out);
	put_gauge("drvmem_bpf_map_bytes", "{map=\"all\"}", "Memory charged for the BPF map.",
		  m->map_bytes, out);
	put_gauge("drvmem_tracing_start_timestamp_seconds", "",
		  "Unix time since which allocations are traced.",
		  m->taken_unix - ago / 1000000000u, out);
	put_build(o, m->arch, out);
}

int drvmem_prom__snapshot(struct drvmem_scope *v, const struct drvmem_prom_opts *o, FILE *out)
{
	uint32_t limit = o->max_modules ? o->max_modules : DRVMEM_PROM_MAX_MODULES;
	uint32_t pools_folded = 0, devices_folded = 0;
	struct modules m;
	unsigned int i;
	int err;

	err = collect(v, limit, &m);
	if (err)
		return err;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		put_family(&families[i], &m, 0, DRVMEM_NR_ALLOCATORS, out);
	for (i = 0; drvmem_scope__has_maps(v) && i < sizeof(map_families) / sizeof(map_families[0]); i++)
		put_family(&map_families[i], &m, DRVMEM_NR_ALLOCATORS, DRVMEM_NR_USES, out);
	for (i = 0; v->s->meta.sampled && i < sizeof(error_families) / sizeof(error_families[0]); i++)
		put_error_family(&error_families[i], &m, out);
	put_peaks(&m, out);
	put_slack(&m, out);
	put_hists(&m, v->s->meta.hz, out);
	put_events(&m, out);
	err = drvmem_prom__devices(v, &devices_folded, out);
	if (!err && v->pools)
		err = drvmem_prom__pools(v->pools, &pools_folded, out);
	put_self(v, o, m.folded, devices_folded, pools_folded, out);
	free(m.v);
	return err;
}
