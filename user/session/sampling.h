/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Epochs of a session: when it takes every object and when it samples (bpf/sample.bpf.h), and
 * the gate, by which the programs know what they need not look at.
 */
#ifndef DRVMEM_SESSION_SAMPLING_H
#define DRVMEM_SESSION_SAMPLING_H

#include "session/session.h"

/* Objects the table is made for where only sampled ones come into it. */
#define DRVMEM_SAMPLING_TRACK 131072u

/* -EINVAL with err (exit 2): sample_bytes beyond DRVMEM_RATE_MIN .. DRVMEM_RATE_MAX. 0 is exact. */
DRVMEM_MUST_CHECK int drvmem_sampling__check(uint64_t bytes, struct drvmem_err *err);
/* Is there a sampler for each of so many possible CPUs? 0, not known: yes. */
bool drvmem_sampling__fits(uint32_t nr_cpus);
/* Independent random states for n samplers. -errno when the kernel gives no random numbers. */
DRVMEM_MUST_CHECK int drvmem_sampling__seed(struct drvmem_sampler *samplers, uint32_t n);
/* Tells the programs, after active, the epoch or what is left has changed. */
void drvmem_sampling__gate(volatile struct drvmem_ctl *ctl, const struct drvmem_session_info *info);
/* The first epoch, before programs run. */
void drvmem_sampling__start(volatile struct drvmem_ctl *ctl, struct drvmem_session_info *info,
			    uint64_t bytes, uint64_t now_ns);
/* The next epoch; as drvmem_session__sample(). */
DRVMEM_MUST_CHECK int drvmem_sampling__next(volatile struct drvmem_ctl *ctl,
					    struct drvmem_session_info *info, uint64_t bytes,
					    uint64_t now_ns);
/* Does the table hold an entry of an exact epoch? */
bool drvmem_sampling__exact_left(const volatile struct drvmem_bucket *table, uint32_t nr_buckets);

#endif /* DRVMEM_SESSION_SAMPLING_H */
