/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What drvmem measures as metrics: an exposition of one moment. The object lives across scrapes: it
 * remembers who has series of its own and what counters said (model/topn.h), so that no series flaps
 * and no counter goes down while it lives. No clock: the scope's snapshot says when it is.
 */
#ifndef DRVMEM_VIEW_METRICS_H
#define DRVMEM_VIEW_METRICS_H

#include "analysis/reconcile.h"
#include "model/avail.h"
#include "model/numa.h"
#include "model/pools.h"
#include "view/exposition.h"
#include "view/scope.h"

#define DRVMEM_METRICS_MODULES		64u
#define DRVMEM_METRICS_CACHES		40u
#define DRVMEM_METRICS_DEVICES		64u
#define DRVMEM_METRICS_POOLS		40u	/* of each kind */
#define DRVMEM_METRICS_COST		34u	/* series that a module may take, on average */

struct drvmem_metrics_opts {
	uint32_t max_modules;		/* 0 = all are in "other" */
	uint32_t max_caches, max_callsites;
	bool ages, errors;		/* families that are off by default */
};

#define DRVMEM_METRICS_OPTS_INIT { DRVMEM_METRICS_MODULES, DRVMEM_METRICS_CACHES, 0, false, false }

struct drvmem_metrics_image {
	const char *module;
	uint64_t bytes;
};

struct drvmem_metrics_leak {
	const char *module, *confidence;
	uint64_t bytes;
};

struct drvmem_metrics_probe {
	const char *probe, *backend;
	bool attached;
	struct drvmem_u64 runs, ns;	/* absent without BPF statistics */
};

struct drvmem_metrics_collector {
	const char *name;
	bool ok;
	double seconds;
};

/* Of drvmem itself. A number that is not known is absent. */
struct drvmem_metrics_self {
	const char *version, *revision, *libbpf;
	const struct drvmem_metrics_probe *probes;
	uint32_t nr_probes;
	const struct drvmem_metrics_collector *collectors;
	uint32_t nr_collectors;
	double cpu_ratio;		/* of all CPUs; below 0 = not measured */
	struct drvmem_u64 cpu_us, rss_bytes, vsz_bytes, start_ms, open_fds, max_fds;	/* start: since 1970 */
};

/* All but scope and self may be missing (NULL). */
struct drvmem_metrics_input {
	struct drvmem_scope *scope;	/* with its pools: their families too */
	const struct drvmem_metrics_self *self;
	const struct drvmem_ram_result *ram;
	const struct drvmem_metrics_image *images;
	uint32_t nr_images;
	const struct drvmem_metrics_leak *leaks;
	uint32_t nr_leaks;
	struct drvmem_u64 judged_unix;	/* s; absent: nobody judged */
	const struct drvmem_numa *numa;	/* of the scope's snapshot */
};

struct drvmem_metrics;
struct drvmem_outstanding;

/*
 * What a look for leaks judged of the scope's memory, for leaks[]: bytes that are lost (sure, by reachability), else
 * those of call sites that grow, with the confidence of that. Names are the snapshot's; the caller frees *ret.
 * 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_metrics_leaks(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
					   struct drvmem_metrics_leak **ret, uint32_t *ret_n);

/* NULL on ENOMEM. */
struct drvmem_metrics *drvmem_metrics__new(const struct drvmem_metrics_opts *o);
void drvmem_metrics__free(struct drvmem_metrics *m);
/* The caller frees *ret, which refers to nothing. 0 or -ENOMEM: nothing is returned, the next one misses nothing. */
DRVMEM_MUST_CHECK int drvmem_metrics__build(struct drvmem_metrics *m, const struct drvmem_metrics_input *in,
					    struct drvmem_exposition **ret);

#endif /* DRVMEM_VIEW_METRICS_H */
