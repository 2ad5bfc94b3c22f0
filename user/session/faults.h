/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures of allocations on purpose: failslab and fail_page_alloc of the kernel's fault injection
 * (Documentation/fault-injection), limited to stacks with a module's code. And KFENCE's sample
 * interval. What is set here is restored by session/settings.h.
 */
#ifndef DRVMEM_SESSION_FAULTS_H
#define DRVMEM_SESSION_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "probe/checkers.h"
#include "session/settings.h"

/* What fails; as the kernel's files of these names. */
struct drvmem_faults_spec {
	bool slab, page;
	uint64_t probability;		/* percent, 1 to 100 */
	uint64_t interval;		/* one of so many that could fail */
	int64_t times;			/* at most so many, each kind for each load; -1 = no limit */
	uint64_t space;			/* bytes of each kind that succeed first */
};

struct drvmem_faults {
	struct drvmem_faults_spec spec;
	uint64_t lo, hi;		/* code whose allocations fail; 0 = none now */
};

/*
 * "slab", "page" or "slab,page", and behind a colon what is not as by default: probability=10, interval=1,
 * times=-1, space=0. -EINVAL with err (exit 2).
 */
DRVMEM_MUST_CHECK int drvmem_faults__parse(const char *text, struct drvmem_faults_spec *ret, struct drvmem_err *err);
/* Can the kernel do it? -ENOTSUP or -EACCES with err (exit 3), naming what is missing. */
DRVMEM_MUST_CHECK int drvmem_faults__check(const struct drvmem_faults_spec *spec, const struct drvmem_checkers *c,
					   struct drvmem_err *err);
/* Adds the settings that it changes. -errno with err. */
DRVMEM_MUST_CHECK int drvmem_faults__add(const struct drvmem_faults_spec *spec, struct drvmem_settings *s,
					 struct drvmem_err *err);
/* All but the code and the probability, which is 0: nothing fails yet. After drvmem_settings__begin(). */
DRVMEM_MUST_CHECK int drvmem_faults__prepare(struct drvmem_faults *f, const struct drvmem_faults_spec *spec,
					     const struct drvmem_settings *s, struct drvmem_err *err);
/*
 * From now on allocations under code in [lo, hi) fail; 0, 0: none does. Nothing is written when that is so.
 * times and space begin anew with again, for another load.
 */
DRVMEM_MUST_CHECK int drvmem_faults__aim(struct drvmem_faults *f, const struct drvmem_settings *s, uint64_t lo,
					 uint64_t hi, bool again, struct drvmem_err *err);

/* KFENCE: adds its interval to the settings. -ENOTSUP, -EACCES with err (exit 3). */
DRVMEM_MUST_CHECK int drvmem_kfence__add(const struct drvmem_checkers *c, struct drvmem_settings *s,
					 struct drvmem_err *err);
/* A sample each ms milliseconds. -errno with err: before 5.17 it cannot be switched on after boot. */
DRVMEM_MUST_CHECK int drvmem_kfence__set(const struct drvmem_settings *s, uint64_t ms, struct drvmem_err *err);

#endif /* DRVMEM_SESSION_FAULTS_H */
