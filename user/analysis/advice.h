/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to change in a driver, from what a session saw of it: rules, each with what it measured, what
 * it would bring and how sure that is. A rule that has too little to judge by says nothing. It
 * changes nothing. Pure.
 */
#ifndef DRVMEM_ANALYSIS_ADVICE_H
#define DRVMEM_ANALYSIS_ADVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/slub.h"
#include "base/err.h"
#include "model/laps.h"
#include "model/numa.h"
#include "model/pools.h"
#include "model/snapshot.h"

enum drvmem_level { DRVMEM_LEVEL_LOW = 0, DRVMEM_LEVEL_MEDIUM, DRVMEM_LEVEL_HIGH, DRVMEM_NR_LEVELS };

enum drvmem_advice_unit { DRVMEM_ADVICE_COUNT, DRVMEM_ADVICE_BYTES, DRVMEM_ADVICE_NS, DRVMEM_ADVICE_PERCENT,
			  DRVMEM_ADVICE_PER_SECOND };

/* A figure that was measured, or the threshold that it passed. */
struct drvmem_advice_value {
	const char *name;		/* "live_objects" */
	enum drvmem_advice_unit unit;
	double v;
	bool threshold;
};

#define DRVMEM_ADVICE_VALUES	12u

/* Bytes that memory will take: at least, likely, at most. */
struct drvmem_advice_bytes {
	uint64_t low, likely, high;
};

struct drvmem_advice_rule;

/* What a finding is about. */
enum drvmem_advice_subject { DRVMEM_ADVICE_SITE, DRVMEM_ADVICE_POOL };

struct drvmem_advice_finding {
	const struct drvmem_advice_rule *rule;
	enum drvmem_advice_subject subject;
	uint32_t index;			/* into sites[] of the snapshot, or v[] of the pools */
	int64_t second;			/* the other site of a pair; -1 */
	enum drvmem_level severity, confidence;
	bool has_saving;		/* of bytes; else of work, or of risk */
	uint64_t held_now, held_peak;	/* bytes, slack included, now and with the most objects that there were */
	struct drvmem_advice_bytes then_now, then_peak;	/* of the same objects after the change */
	struct drvmem_advice_value value[DRVMEM_ADVICE_VALUES];
	uint32_t nr_values;
	char why[320];			/* one sentence */
	char action[320];		/* the call to use */
	char risk[240];
	char doubt[200];		/* why no more confidence; "" */
};

/* Thresholds; defaults and reasons in drvmem_advice_defaults. */
struct drvmem_advice_opts {
	uint64_t min_saving;		/* bytes at the peak; below it is not worth a change */
	uint64_t min_saving_percent;	/* of what is held */
	uint64_t min_rate;		/* kmallocs in a second that are worth a cache of one's own kind; others a tenth */
	uint64_t min_objects;		/* fewer say nothing of a size */
	uint64_t pair_percent;		/* how often two sites come together to be one */
	uint64_t max_sizes;		/* of buffers, 1 to DRVMEM_BUFSIZE_MAX */
	uint64_t large_bytes;		/* a block is large from here on */
	uint64_t init_bytes;		/* taken at once when a driver starts */
	uint64_t min_time_ns;		/* a shorter run is not judged */
	bool kernel;			/* the kernel's own sites too */
};
extern const struct drvmem_advice_opts drvmem_advice_defaults;

struct drvmem_advice_in {
	const struct drvmem_snapshot *s;	/* with usage and objects */
	const uint32_t *site;		/* indices of those that are asked about */
	uint32_t nr_sites;
	const struct drvmem_laps *laps;	/* by site id */
	const struct drvmem_pools *pools;	/* of the machine, joined with the session; NULL = not read */
	const struct drvmem_numa *numa;		/* NULL = one node, or it cannot be told */
	const struct drvmem_slub_rules *slub;
	const struct drvmem_advice_opts *o;
};

/* A rule. applies: may it say something of this kernel and session at all; NULL: of any. */
struct drvmem_advice_ctx;
struct drvmem_advice_rule {
	const char *id, *title;
	const char *since;		/* kernel whose API the action needs */
	bool (*applies)(const struct drvmem_advice_in *in);
	void (*evaluate)(struct drvmem_advice_ctx *c);
};
extern const struct drvmem_advice_rule drvmem_advice_rules[];
extern const uint32_t drvmem_advice_nr_rules;

struct drvmem_advice {
	struct drvmem_advice_finding *v;	/* the most severe first, then by bytes saved */
	uint32_t n;
	uint32_t sites, pools;		/* that were judged */
	uint32_t skipped_kernel;	/* sites of the kernel's own, left out */
	uint32_t rules;			/* that apply */
	uint64_t traced_ns;
	bool too_short;			/* of a run shorter than min_time_ns: nothing was judged */
};

/* -EINVAL: the snapshot has no usage, or thresholds contradict; -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_advice(const struct drvmem_advice_in *in, struct drvmem_advice *ret);
void drvmem_advice__deinit(struct drvmem_advice *a);
/* Bytes that a finding saves at the peak, likely. */
uint64_t drvmem_advice__saved(const struct drvmem_advice_finding *f);

#endif /* DRVMEM_ANALYSIS_ADVICE_H */
