/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report -f html: gathers the run's history while it goes, judges growth and reads the machine at its
 * end, and renders all into one page. Command layer.
 */
#ifndef DRVMEM_REPORT_HTML_H
#define DRVMEM_REPORT_HTML_H

#include "base/err.h"
#include "live.h"
#include "model/series.h"
#include "model/sysmem.h"
#include "model/timeline.h"
#include "out.h"
#include "view/scope.h"

struct drvmem_report_html {
	struct drvmem_timeline *timeline;
	struct drvmem_series series;
};

/* Makes the run, or the session that is read (recorded), give what the page shows. -ENOMEM with err. */
DRVMEM_MUST_CHECK int drvmem_report_html__start(struct drvmem_report_html *h, struct drvmem_live_opts *live,
						bool recorded, struct drvmem_err *err);
/* A snapshot of the run, the last one too. 0 or -errno with err. */
DRVMEM_MUST_CHECK int drvmem_report_html__add(struct drvmem_report_html *h, const struct drvmem_snapshot *s,
					      struct drvmem_err *err);
/* The page, after the last one. start: of the machine; NULL = was not read. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_report_html__render(const struct drvmem_report_html *h, struct drvmem_sysmem *const read[2],
						 struct drvmem_scope *v, FILE *out);
void drvmem_report_html__deinit(struct drvmem_report_html *h);

#endif /* DRVMEM_REPORT_HTML_H */
