/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forms of `drvmem report`: for each its name, what it can show, and the function that renders
 * a scope in it. A new form is a row of the table and a number here. Command layer.
 */
#ifndef DRVMEM_REPORT_OUT_H
#define DRVMEM_REPORT_OUT_H

#include "base/err.h"
#include "reporting.h"
#include "view/scope.h"

/* Values of common.format for report; the first two are those of enum drvmem_format. */
enum drvmem_report_form {
	DRVMEM_REPORT_TEXT = DRVMEM_FORMAT_TEXT,
	DRVMEM_REPORT_JSON = DRVMEM_FORMAT_JSON,
	DRVMEM_REPORT_CSV,
	DRVMEM_REPORT_FOLDED,
	DRVMEM_REPORT_SPEEDSCOPE,
	DRVMEM_REPORT_PPROF,
	DRVMEM_REPORT_HTML,
	DRVMEM_NR_REPORT_FORMS,
};

extern const char *const drvmem_report_form_names[];	/* in that order, NULL-terminated */
extern const char *const drvmem_weigh_names[];		/* of --weigh, NULL-terminated */

/*
 * Does the form go with the views and with INTERVAL (intervals: one was given)? -EINVAL with err
 * (exit 2).
 */
DRVMEM_MUST_CHECK int drvmem_report_out__check(const struct drvmem_reporting_opts *o, bool intervals,
					       struct drvmem_err *err);
/* What was traced, in the form asked for, to r->out; not --system. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_report_out__render(struct drvmem_reporting *r, struct drvmem_scope *v);

#endif /* DRVMEM_REPORT_OUT_H */
