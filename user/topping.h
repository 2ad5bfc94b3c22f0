/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `drvmem top`: feeds the view (view/top.h) with snapshots and keys, and puts what it draws on the
 * terminal, or prints it in batches. Command layer.
 */
#ifndef DRVMEM_TOPPING_H
#define DRVMEM_TOPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "common.h"
#include "model/sysmem.h"
#include "model/timeline.h"
#include "model/verdicts.h"
#include "poolwatch.h"
#include "render/topscreen.h"

struct drvmem_topping_opts {
	struct drvmem_common common;
	int tab, sort;
	uint64_t count, top;
	bool batch;
};

struct drvmem_topping {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	const struct drvmem_topping_opts *o;
	struct drvmem_out out;		/* of batches */
	struct drvmem_top *top;
	struct drvmem_screen screen;
	struct drvmem_scope *scope;	/* of the snapshot that is shown; NULL before the first one */
	struct drvmem_ram_result ram;
	bool ram_known;
	struct drvmem_poolwatch pools;
	bool pools_known;		/* of this snapshot */
	uint64_t pools_ns;		/* when those of a recording were read; 0 = live */
	struct drvmem_series series;
	struct drvmem_live_viewer viewer;
	struct drvmem_trace *trace;	/* while it runs */
	char *health, *doctor;		/* texts of pages */
	uint64_t interval_ns;
	uint64_t past_ns;		/* when history was kept last while paused */
	uint64_t began_ns, began_cpu_ns;/* of this process, when tracing had begun */
	char recorded[64];		/* when the moment shown was recorded; "" = live */
	int earlier_later;		/* so many intervals of a recording back (below 0) or forth are asked for */
	int marks_on;			/* the same in its marks */
	struct drvmem_timeline *timeline;	/* for a report of the moment */
	struct drvmem_sysmem *machine;	/* as it was at the start; NULL = a recording */
	const struct drvmem_verdicts *verdicts;	/* on the objects of the snapshot; NULL = nobody looked who holds them */
	bool quit, at_once;		/* a snapshot is wanted before its time */
};

#define DRVMEM_TOPPING_SERIES_NS	1000000000ull

/* topact.c: what keys do beside looking; each tells on the screen what came of it. */
void drvmem_topping__save(struct drvmem_topping *r);
void drvmem_topping__html(struct drvmem_topping *r);
void drvmem_topping__copy(struct drvmem_topping *r);
/* t NULL: a recording, from the moment shown on. */
void drvmem_topping__mark(struct drvmem_topping *r, struct drvmem_trace *t);
/* The history for __html() begins. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_topping__start(struct drvmem_topping *r);

/* For drvmem_tracing.trace: 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_topping__trace(struct drvmem_tracing *t, const struct drvmem_args *args,
					    int *ret_signal, struct drvmem_err *err);

/* The next snapshot, live or recorded: shown, or printed. prev may be NULL. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_topping__take(struct drvmem_topping *r, const struct drvmem_snapshot *prev,
					   const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err);
/* The same moment again, with what was said since. */
void drvmem_topping__draw(struct drvmem_topping *r);
/* Nothing refers to a snapshot any more, and no moment is known. */
void drvmem_topping__forget(struct drvmem_topping *r);
/* For drvmem_live_viewer; arg is a struct drvmem_topping, t NULL for a recording. */
bool drvmem_topping__attend(void *arg, struct drvmem_trace *t, uint64_t *interval_ns);

#endif /* DRVMEM_TOPPING_H */
