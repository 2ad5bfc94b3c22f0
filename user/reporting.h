/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `drvmem report` does with a session: one of its views for each snapshot, as text or JSON,
 * and the readings of the machine that some of them need beside it. Command layer.
 */
#ifndef DRVMEM_REPORTING_H
#define DRVMEM_REPORTING_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/inside.h"
#include "common.h"
#include "linelook.h"
#include "poolwatch.h"
#include "report_html.h"
#include "sysrun.h"

struct drvmem_reporting_opts {
	struct drvmem_common common;
	int by, sort;
	uint64_t top;
	bool system, pools, coverage, inside;	/* one at most: instead of the table of owners */
	bool baseline;		/* beside the table of owners */
	bool redact;		/* of -f html: no host name */
	int weigh;		/* folded: index into drvmem_weigh_names */
	int callers;		/* of profiles: enum drvmem_callers */
	struct drvmem_linelook_opts look;
};

struct drvmem_reporting {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	const struct drvmem_reporting_opts *o;
	struct drvmem_out out;
	struct drvmem_sysrun sys;
	struct drvmem_poolwatch pools;
	struct drvmem_report_html html;
	struct drvmem_inside inside;	/* of the window that is shown */
	uint32_t switches_told;		/* between ways to count, of a form that has no place for them */
	bool again;		/* not the first report of this run */
};

/* For drvmem_tracing.trace: 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_reporting__trace(struct drvmem_tracing *t, const struct drvmem_args *args,
					      int *ret_signal, struct drvmem_err *err);

#endif /* DRVMEM_REPORTING_H */
