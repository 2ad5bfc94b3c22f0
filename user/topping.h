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
	struct drvmem_series series;
	struct drvmem_live_viewer viewer;
	struct drvmem_trace *trace;	/* while it runs */
	char *health, *doctor;		/* texts of pages */
	uint64_t interval_ns;
	uint64_t past_ns;		/* when history was kept last while paused */
	uint64_t began_ns, began_cpu_ns;/* of this process, when tracing had begun */
	char recorded[64];		/* when the moment shown was recorded; "" = live */
	int earlier_later;		/* so many intervals of a recording back (below 0) or forth are asked for */
	bool quit, at_once;		/* a snapshot is wanted before its time */
};

#define DRVMEM_TOPPING_SERIES_NS	1000000000ull

/* For drvmem_tracing.trace: 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_topping__trace(struct drvmem_tracing *t, const struct drvmem_args *args,
					    int *ret_signal, struct drvmem_err *err);

/* The next snapshot, live or recorded: shown, or printed. prev may be NULL. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_topping__take(struct drvmem_topping *r, const struct drvmem_snapshot *prev,
					   const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err);
/* Nothing refers to a snapshot any more, and no moment is known. */
void drvmem_topping__forget(struct drvmem_topping *r);
/* For drvmem_live_viewer; arg is a struct drvmem_topping, t NULL for a recording. */
bool drvmem_topping__attend(void *arg, struct drvmem_trace *t, uint64_t *interval_ns);

#endif /* DRVMEM_TOPPING_H */
