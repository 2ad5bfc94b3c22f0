// SPDX-License-Identifier: GPL-2.0-or-later
#include "metering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/reconcile.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "numareading.h"
#include "source/modules.h"
#include "source/selfproc.h"
#include "source/sysmem.h"
#include "trace.h"

#ifndef DRVMEM_REVISION
#define DRVMEM_REVISION ""
#endif

enum { COLLECT_MEMORY, COLLECT_MODULES, NR_COLLECT };

/* What one exposition is made of, beside the snapshot. */
struct reading {
	struct drvmem_metrics_collector collector[NR_COLLECT];
	uint32_t nr_collectors;
	struct drvmem_ram_result ram;
	bool has_ram;
	struct drvmem_procmods *mods;
	struct drvmem_metrics_image *images;
	uint32_t nr_images;
	struct drvmem_metrics_probe *probes;
	uint32_t nr_probes;
	struct drvmem_numa *numa;
};

static int out_of_memory(struct drvmem_err *err)
{
	return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

int drvmem_metering__init(struct drvmem_metering *m, const struct drvmem_metrics_opts *o, struct drvmem_err *err)
{
	*m = (struct drvmem_metering){ .metrics = drvmem_metrics__new(o), .judged_unix = { 0, DRVMEM_ABSENT } };
	return m->metrics ? 0 : out_of_memory(err);
}

void drvmem_metering__deinit(struct drvmem_metering *m)
{
	drvmem_metrics__free(m->metrics);
	m->metrics = NULL;
	m->trace = NULL;
}

void drvmem_metering__started(void *arg, struct drvmem_trace *t)
{
	((struct drvmem_metering *)arg)->trace = t;
}

static void told(struct reading *r, const char *name, bool ok, uint64_t since_ns)
{
	r->collector[r->nr_collectors++] = (struct drvmem_metrics_collector){
		name, ok, (double)(drvmem_now_ns() - since_ns) / 1e9 };
}

static int read_memory(struct reading *r, const struct drvmem_snapshot *s)
{
	const uint64_t since = drvmem_now_ns();
	struct drvmem_sysmem *now;
	int err = drvmem_sysmem__load(&now);

	if (err)
		return err;
	drvmem_reconcile(now, s, &r->ram);
	r->has_ram = true;
	told(r, "memory", !now->err[DRVMEM_SYSFILE_MEMINFO], since);
	drvmem_sysmem__free(now);
	return 0;
}

/* A kernel without modules has no such file, which is no failure and no figure. */
static int read_modules(struct reading *r)
{
	const uint64_t since = drvmem_now_ns();
	int err = drvmem_procmods__load(&r->mods);
	size_t i;

	if (err == -ENOMEM)
		return err;
	if (err != -ENOENT)
		told(r, "modules", !err, since);
	if (err)
		return 0;
	r->images = calloc(r->mods->n + 1, sizeof(*r->images));
	if (!r->images)
		return -ENOMEM;
	for (i = 0; i < r->mods->n; i++)
		r->images[r->nr_images++] = (struct drvmem_metrics_image){ r->mods->v[i].name, r->mods->v[i].size };
	return 0;
}

/* Programs that drvmem runs itself are no probes. */
static int read_probes(struct reading *r, struct drvmem_trace *t)
{
	const struct drvmem_u64 absent = { 0, DRVMEM_ABSENT };
	const struct drvmem_session_prog *p;
	uint32_t n = 0, i;

	if (!t)
		return 0;
	p = drvmem_trace__progs(t, &n);
	r->probes = calloc((size_t)n + 1, sizeof(*r->probes));
	if (!r->probes)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!p[i].hook || !strcmp(p[i].hook, "run"))
			continue;
		r->probes[r->nr_probes++] = (struct drvmem_metrics_probe){
			.probe = p[i].name, .backend = p[i].hook, .attached = p[i].attached,
			.runs = p[i].run_count ? (struct drvmem_u64){ p[i].run_count, DRVMEM_OK } : absent,
			.ns = p[i].run_count ? (struct drvmem_u64){ p[i].run_ns, DRVMEM_OK } : absent };
	}
	return 0;
}

static double cpu_ratio(struct drvmem_trace *t)
{
	double share = t ? drvmem_trace__info(t)->cost_share : 0;

	return share > 0 ? share / (double)sysconf(_SC_NPROCESSORS_ONLN) : -1;
}

static int read_all(struct drvmem_metering *m, const struct drvmem_snapshot *s, struct reading *r)
{
	int err = read_memory(r, s);

	if (!err)
		err = read_modules(r);
	if (!err)
		err = read_probes(r, m->trace);
	if (!err && m->nodes)
		r->numa = drvmem_numareading(s);
	return err;
}

static void reading_deinit(struct reading *r)
{
	drvmem_procmods__free(r->mods);
	drvmem_numa__free(r->numa);
	free(r->images);
	free(r->probes);
}

static int build(struct drvmem_metering *m, struct drvmem_scope *v, const struct reading *r,
		 struct drvmem_exposition **ret)
{
	struct drvmem_metrics_self self = {
		.version = DRVMEM_VERSION, .revision = DRVMEM_REVISION, .libbpf = drvmem_session__libbpf_version(),
		.probes = r->probes, .nr_probes = r->nr_probes,
		.collectors = r->collector, .nr_collectors = r->nr_collectors,
		.cpu_ratio = cpu_ratio(m->trace),
	};
	const struct drvmem_metrics_input in = {
		.scope = v, .self = &self, .ram = r->has_ram ? &r->ram : NULL,
		.images = r->images, .nr_images = r->nr_images, .leaks = m->leaks, .nr_leaks = m->nr_leaks,
		.judged_unix = m->judged_unix, .numa = r->numa,
	};
	struct drvmem_selfproc p;

	drvmem_selfproc__read(&p);
	self.cpu_us = p.cpu_us;
	self.rss_bytes = p.rss_bytes;
	self.vsz_bytes = p.vsz_bytes;
	self.start_ms = p.start_ms;
	self.open_fds = p.open_fds;
	self.max_fds = p.max_fds;
	return drvmem_metrics__build(m->metrics, &in, ret);
}

int drvmem_metering__expose(struct drvmem_metering *m, struct drvmem_scope *v, struct drvmem_exposition **ret,
			    struct drvmem_err *err)
{
	struct reading r = { .nr_collectors = 0 };
	int e = read_all(m, v->s, &r);

	if (!e)
		e = build(m, v, &r, ret);
	reading_deinit(&r);
	return e ? out_of_memory(err) : 0;
}
