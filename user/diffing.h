/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a comparison of two snapshots shows: text, JSON, CSV, or stacks with two values. Where the
 * snapshots come from is not known here. Command layer.
 */
#ifndef DRVMEM_DIFFING_H
#define DRVMEM_DIFFING_H

#include "base/err.h"
#include "linelook.h"
#include "model/filter.h"
#include "model/pools.h"
#include "out.h"
#include "replay.h"
#include "view/diffed.h"
#include "view/profile.h"

/* Profiles come last. Speedscope is refused, with what to use instead. */
enum drvmem_diff_form { DRVMEM_DIFF_TEXT = 0, DRVMEM_DIFF_JSON, DRVMEM_DIFF_CSV, DRVMEM_DIFF_HTML,
			DRVMEM_DIFF_FOLDED, DRVMEM_DIFF_PPROF, DRVMEM_DIFF_SPEEDSCOPE };

extern const char *const drvmem_diff_form_names[];	/* in that order, NULL-terminated */

struct drvmem_diffing_opts {
	enum drvmem_diff_form form;
	struct drvmem_diffed_opts diffed;
	struct drvmem_filter filter;	/* of both sides */
	uint32_t top;			/* rows of text and CSV; 0 = all */
	enum drvmem_profile_value weigh;/* of folded */
	enum drvmem_callers callers;
	bool redact;			/* of html: no names of hosts */
	struct drvmem_linelook_opts look;
	bool live;			/* b is of this machine, now */
	const struct drvmem_pools *pools_a, *pools_b;	/* both: these instead, in any form but profiles and html */
};

/* Options that fit together, before anything is read. -EINVAL with err (exit 2). */
DRVMEM_MUST_CHECK int drvmem_diffing__check(const struct drvmem_diffing_opts *o, bool pools, bool terminal,
					    struct drvmem_err *err);
/*
 * Two of a kind: moments or windows, and both have pools where these are wanted; b->s NULL: a live run.
 * -EINVAL with err (exit 2).
 */
DRVMEM_MUST_CHECK int drvmem_diffing__check_sides(const struct drvmem_replay_side *a, const struct drvmem_replay_side *b,
						  bool pools, struct drvmem_err *err);
/*
 * Renders what differs in b to out->f. 1: something grew beyond the tolerance, whatever the form;
 * 0: nothing did; or -errno with err filled, also where a pattern of the filter
 * fits neither side (exit 2). Neither snapshot is kept.
 */
DRVMEM_MUST_CHECK int drvmem_diffing__show(const struct drvmem_snapshot *a, const struct drvmem_snapshot *b,
					   const struct drvmem_diffing_opts *o, struct drvmem_out *out,
					   struct drvmem_err *err);

#endif /* DRVMEM_DIFFING_H */
