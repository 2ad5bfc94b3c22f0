/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report -f html: gathers the run's history while it goes, judges growth, asks the rules of advise and reads the
 * machine at its end, and renders all into one page. Command layer.
 */
#ifndef DRVMEM_REPORT_HTML_H
#define DRVMEM_REPORT_HTML_H

#include "analysis/slub.h"
#include "base/err.h"
#include "common.h"
#include "live.h"
#include "model/laps.h"
#include "model/phases.h"
#include "model/series.h"
#include "model/sysmem.h"
#include "model/timeline.h"
#include "out.h"
#include "view/scope.h"

struct drvmem_report_html {
	const struct drvmem_common *c;
	struct drvmem_timeline *timeline;
	struct drvmem_series series;
	bool from_top;			/* a page of the live view, which does not gather what follows */
	/* for the rules of advise */
	bool judges;			/* of a run: what they need was gathered */
	struct drvmem_laps laps;
	struct drvmem_phases phases;
	struct drvmem_slub_rules slub;
	/* of a recorded session */
	struct drvmem_replayed replayed;
	struct drvmem_replay_lacks lacks;
};

/*
 * Makes the run, or the session that is read (c->file), give what the page shows; pools of a session are put to
 * *pools, the machine at the begin and at the moment shown to machine[2]. -ENOMEM with err.
 */
DRVMEM_MUST_CHECK int drvmem_report_html__start(struct drvmem_report_html *h, const struct drvmem_common *c,
						struct drvmem_live_opts *live, struct drvmem_pools **pools,
						struct drvmem_sysmem **machine,
						struct drvmem_err *err);
/* A snapshot of the run, the last one too. 0 or -errno with err. */
DRVMEM_MUST_CHECK int drvmem_report_html__add(struct drvmem_report_html *h, const struct drvmem_snapshot *s,
					      struct drvmem_err *err);
/* The page, after the last one. read: of the machine at the begin and now, NULL = was not read; live, now is read here. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_report_html__render(struct drvmem_report_html *h, struct drvmem_sysmem *const read[2],
						 struct drvmem_scope *v, FILE *out);
void drvmem_report_html__deinit(struct drvmem_report_html *h);

#endif /* DRVMEM_REPORT_HTML_H */
