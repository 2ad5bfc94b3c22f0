/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `drvmem verify` has the kernel do beside: have a module's allocations fail (--faults), sample with
 * KFENCE (--kfence), and what its log says of memory errors. Command layer. Settings are restored
 * by whoever lives longest: this process, its guard, `drvmem restore`.
 */
#ifndef DRVMEM_CHECKING_H
#define DRVMEM_CHECKING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/checks.h"
#include "session/faults.h"
#include "session/settings.h"
#include "source/kmsg.h"

struct drvmem_checking {
	struct drvmem_settings settings;
	struct drvmem_faults faults;
	struct drvmem_kmsg *log;
	struct drvmem_kreports reports;
	struct drvmem_checks checks;	/* for the verdict; refers to reports */
	bool with_faults;
	uint32_t load_seq;		/* that failures were aimed at last */
};

struct drvmem_checking_opts {
	const char *faults;		/* --faults, NULL = not given */
	bool kfence;
	uint64_t kfence_ns;		/* interval */
};

/* Before /sys, /run and /dev: for tests, from the environment. "" as a rule. */
const char *drvmem_checking__root(void);
/*
 * Before a session is opened. The log is read from here on; where that cannot be it is an error only
 * when one of the two was asked for. 0, or -errno with err filled; then nothing is changed. To be ended either way.
 */
DRVMEM_MUST_CHECK int drvmem_checking__begin(struct drvmem_checking *c, const struct drvmem_checking_opts *o,
					     struct drvmem_err *err);
/* Reads the log. 0 or -ENOMEM; one that cannot be read any more is told in checks. */
DRVMEM_MUST_CHECK int drvmem_checking__look(struct drvmem_checking *c, bool last);
/* A load of the module with code in [lo, hi), 0 = none is there: what it allocates fails from now on. */
DRVMEM_MUST_CHECK int drvmem_checking__aim(struct drvmem_checking *c, uint32_t load_seq, uint64_t lo, uint64_t hi,
					   struct drvmem_err *err);
/* Restores the settings. 0, or -errno with err filled. What was read stays until __deinit. */
DRVMEM_MUST_CHECK int drvmem_checking__end(struct drvmem_checking *c, struct drvmem_err *err);
void drvmem_checking__deinit(struct drvmem_checking *c);

#endif /* DRVMEM_CHECKING_H */
