/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of metrics, by family, as typed values: what render/prom.c writes and nothing decides any
 * more. Owns copies of the label texts. A sticky error: add freely, ask once at the end.
 */
#ifndef DRVMEM_VIEW_EXPOSITION_H
#define DRVMEM_VIEW_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "view/metric_list.h"

/* What a sample is of a histogram; of others it is the value. */
enum drvmem_sample_part { DRVMEM_SAMPLE_VALUE, DRVMEM_SAMPLE_BUCKET, DRVMEM_SAMPLE_SUM, DRVMEM_SAMPLE_COUNT };

struct drvmem_metric_value {
	bool real;			/* else whole */
	bool negative;			/* of a whole one */
	uint64_t whole;
	double d;
};

struct drvmem_metric_sample {
	const char *label[DRVMEM_METRIC_LABELS];	/* values; never NULL where the metric has the label */
	const char *le;			/* of a bucket: its upper bound, inclusive */
	enum drvmem_sample_part part;
	struct drvmem_metric_value value;
};

struct drvmem_metric_family {
	struct drvmem_metric_sample *v;
	uint32_t n, cap;
};

struct drvmem_arena;

struct drvmem_exposition {
	struct drvmem_metric_family family[DRVMEM_NR_METRICS];
	struct drvmem_arena *arena;
	bool oom;
};

/* NULL on ENOMEM. */
struct drvmem_exposition *drvmem_exposition__new(void);
void drvmem_exposition__free(struct drvmem_exposition *x);
/* Labels in the order of the metric list; NULL for those it does not have. */
void drvmem_exposition__u64(struct drvmem_exposition *x, enum drvmem_metric m, uint64_t v, const char *a,
			    const char *b, const char *c);
void drvmem_exposition__i64(struct drvmem_exposition *x, enum drvmem_metric m, int64_t v, const char *a,
			    const char *b, const char *c);
void drvmem_exposition__real(struct drvmem_exposition *x, enum drvmem_metric m, double v, const char *a,
			     const char *b, const char *c);
/* Any sample; the strings of s are copied. */
void drvmem_exposition__add(struct drvmem_exposition *x, enum drvmem_metric m,
			    const struct drvmem_metric_sample *s);
/* 0 or -ENOMEM: some are missing. */
DRVMEM_MUST_CHECK int drvmem_exposition__error(const struct drvmem_exposition *x);
/* Series of all families. */
uint32_t drvmem_exposition__count(const struct drvmem_exposition *x);

#endif /* DRVMEM_VIEW_EXPOSITION_H */
