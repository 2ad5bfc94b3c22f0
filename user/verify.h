/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `drvmem verify` does: traces one module, or one device, watches it come and go, waits for
 * what it left to settle, and judges. Command layer.
 */
#ifndef DRVMEM_VERIFY_H
#define DRVMEM_VERIFY_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/verify.h"
#include "checking.h"
#include "common.h"
#include "reachrun.h"
#include "source/devbind.h"

struct drvmem_verifying_opts {
	struct drvmem_common common;
	const char *device;		/* bus id; NULL = a module */
	uint64_t grace_ns, timeout_ns, cycles, top;	/* timeout 0 = none; cycles 0 = not given */
	int reach;			/* enum drvmem_reach_choice */
	struct drvmem_checking_opts checking;
};

/* What was seen so far of the module, or of the device. */
struct drvmem_verifying {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	struct drvmem_verifying_opts *o;
	struct drvmem_out out;
	char module[DRVMEM_NAME_LEN];	/* glob, '_' for '-' */
	bool command;
	struct drvmem_peaks peaks;
	struct drvmem_err err;		/* why watching ended early */
	uint64_t next_counts_ns;
	uint64_t ends;			/* unloads, or unbinds */
	uint64_t started_ns;		/* tracing, CLOCK_MONOTONIC */
	uint64_t watched_ns;		/* when those that were waited for were there; 0 = it was cut short */
	uint64_t last_end_ns;		/* of those */
	bool looked;
	uint32_t loads;
	struct drvmem_checking checking;
	uint32_t load_seq;		/* of the load that is there; 0 = none */
	uint64_t text_lo, text_hi, init_lo, init_hi;	/* its code, and that of its init function */
	/* of a device */
	char path[PATH_MAX], driver[DRVMEM_DEV_NAME], driver_module[DRVMEM_DEV_NAME];
	struct drvmem_verify_device device;
	uint64_t binding, look_ns;	/* at the last look */
	uint32_t looks;
	struct drvmem_reachrun reach;
	struct drvmem_err why_not;	/* of a scan that there was not */
	bool unscanned;			/* and it was asked for */
};

/* For drvmem_tracing.trace: 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_verifying__trace(struct drvmem_tracing *t, const struct drvmem_args *args,
					      int *ret_signal, struct drvmem_err *err);

#endif /* DRVMEM_VERIFY_H */
