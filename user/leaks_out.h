/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `drvmem leaks` does with the last snapshot of its session: what is outstanding, whether
 * that is a finding, and the report in the format asked for. Command layer.
 */
#ifndef DRVMEM_LEAKS_OUT_H
#define DRVMEM_LEAKS_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "common.h"
#include "linelook.h"
#include "marks.h"
#include "model/series.h"
#include "reachrun.h"
#include "store/store.h"

#define DRVMEM_OLDER_LEARNT	UINT64_MAX	/* older than is usual for the site */

struct drvmem_leaks_opts {
	struct drvmem_common common;
	uint64_t older_ns, top, fail_over;
	int reach;			/* enum drvmem_reach_choice */
	uint64_t max_addresses;		/* of a site; 0 = all */
	bool addresses;
	bool marks;			/* only what was allocated between two marks */
	struct drvmem_linelook_opts look;
};

struct drvmem_leaks_out {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	const struct drvmem_leaks_opts *o;
	struct drvmem_out out;
	struct drvmem_series series;
	struct drvmem_reachrun reach;
	struct drvmem_stored_verdicts judged;	/* of a recorded session */
	struct drvmem_marks marks;
	struct drvmem_err why_not;	/* of a scan that there was not */
};

/*
 * For drvmem_live_opts.examine: looks who holds what is outstanding, when asked to, or when a site
 * surely grows. arg is a struct drvmem_leaks_out.
 */
DRVMEM_MUST_CHECK int drvmem_leaks_out__examine(void *arg, struct drvmem_trace *t,
						const struct drvmem_snapshot *cur, struct drvmem_err *err);
void drvmem_leaks_out__deinit(struct drvmem_leaks_out *r);
/* For drvmem_live_opts: arg is a struct drvmem_leaks_out; leaves t.found and t.loss_ppm. */
DRVMEM_MUST_CHECK int drvmem_leaks_out__snapshot(void *arg, const struct drvmem_snapshot *prev,
						 const struct drvmem_snapshot *cur, bool last,
						 struct drvmem_err *err);

#endif /* DRVMEM_LEAKS_OUT_H */
