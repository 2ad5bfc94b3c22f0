/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run of `drvmem diff`: where its two sides come from, files or a live session. Command layer.
 */
#ifndef DRVMEM_DIFFRUN_H
#define DRVMEM_DIFFRUN_H

#include "common.h"
#include "diffing.h"
#include "poolwatch.h"
#include "replay.h"

struct drvmem_diffrun_opts {
	struct drvmem_common common;
	struct drvmem_diffing_opts d;
	uint64_t top, percent;
	bool pools;
};

struct drvmem_diffrun {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	struct drvmem_diffrun_opts *o;
	struct drvmem_replay_side a, b;	/* b: not of a live run */
	struct drvmem_poolwatch pools;
	struct drvmem_out out;
};

/* For drvmem_tracing.trace: 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_diffrun__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
					    struct drvmem_err *err);

#endif /* DRVMEM_DIFFRUN_H */
