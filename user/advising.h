/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `drvmem advise` does with a session: reads what the rules need, and renders them. Command layer. */
#ifndef DRVMEM_ADVISING_H
#define DRVMEM_ADVISING_H

#include "analysis/advice.h"
#include "common.h"
#include "linelook.h"
#include "poolwatch.h"
#include "simulating.h"

struct drvmem_advising_opts {
	struct drvmem_common common;
	struct drvmem_advice_opts rules;
	struct drvmem_simulating_opts sim;
	uint64_t top;
	struct drvmem_linelook_opts look;
	int fail_on;		/* enum drvmem_level + 1; 0 = never */
};

struct drvmem_advising {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	const struct drvmem_advising_opts *o;
	struct drvmem_out out;
	struct drvmem_poolwatch pools;
	struct drvmem_laps laps;
	struct drvmem_phases phases;
	struct drvmem_slub_rules slub;
};

/* For drvmem_tracing.trace: 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_advising__trace(struct drvmem_tracing *t, const struct drvmem_args *args,
					     int *ret_signal, struct drvmem_err *err);

/* -m kernel asks for the kernel's own as --kernel does. */
bool drvmem_advising__asks_for_kernel(const struct drvmem_strlist *owners);

#endif /* DRVMEM_ADVISING_H */
